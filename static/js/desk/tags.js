// Tags as chips above the text field that holds them, separated by commas. The field stays what the form sends; one
// types in a field of its own, with the same suggestions. Comma or Enter adds, Backspace in the empty field takes back.

const fold = (text) => text.trim().replace(/\s+/g, " ").normalize("NFC").toLocaleLowerCase("vi");

class Tags {
  constructor(field) {
    this.field = field;
    this.separator = field.dataset.pickMany;
    this.typed = field.cloneNode();
    this.list = Object.assign(document.createElement("ul"), { className: "chips" });
    this.list.setAttribute("aria-label", "Từ khóa đã chọn");
    const label = field.labels[0];
    // The typing field takes over the name for the eye (label, id); the carrier keeps the one that is sent.
    this.typed.removeAttribute("name");
    this.typed.removeAttribute("value");
    this.typed.value = "";
    this.typed.placeholder = "Gõ để tìm, dấu phẩy để thêm";
    field.removeAttribute("id");
    delete field.dataset.pick;
    field.hidden = true;
    field.after(this.list, this.typed);
    if (label) label.htmlFor = this.typed.id;
    this.typed.addEventListener("keydown", (event) => this.key(event));
    this.typed.addEventListener("input", () => this.typed.value.includes(this.separator) && this.take());
    this.typed.addEventListener("change", () => this.typed.value.includes(this.separator) && this.take());
    this.typed.addEventListener("blur", () => setTimeout(() => document.activeElement !== this.typed && this.take(), 200));
    field.addEventListener("change", () => !this.isWriting && this.show(this.names()));
    field.form?.addEventListener("submit", () => this.take(), { capture: true });
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.fresh = new Set();
    this.show(this.names());
  }

  names() {
    return this.field.value.split(/[,\n]/).map((name) => name.trim()).filter(Boolean);
  }

  take() {
    const added = this.typed.value.split(/[,\n]/).map((name) => name.trim()).filter(Boolean);
    if (!added.length) {
      this.typed.value = "";
      return;
    }
    const names = this.names();
    const known = new Set(names.map(fold));
    for (const name of added) {
      if (known.has(fold(name))) continue;
      known.add(fold(name));
      names.push(name);
      this.look(name);
    }
    this.typed.value = "";
    this.write(names);
  }

  // A name that nobody has used yet is marked: it will be made when the article is saved.
  async look(name) {
    const address = new URL(this.typed.dataset.pick, window.location);
    address.searchParams.set("q", name);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { results } = await answer.json();
      if (results.some((result) => fold(result.label) === fold(name))) return;
    } catch {
      return;
    }
    this.fresh.add(fold(name));
    this.show(this.names());
  }

  write(names) {
    this.isWriting = true;
    this.field.value = names.join(`${this.separator} `);
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
    this.isWriting = false;
    this.show(names);
  }

  show(names) {
    this.list.hidden = names.length === 0;
    this.list.replaceChildren(
      ...names.map((name, place) => {
        const chip = Object.assign(document.createElement("li"), { className: "chip" });
        const words = Object.assign(document.createElement("span"), { textContent: name });
        const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
        remove.setAttribute("aria-label", `Bỏ từ khóa ${name}`);
        remove.dataset.place = place;
        chip.append(words);
        if (this.fresh.has(fold(name))) {
          chip.append(Object.assign(document.createElement("small"), { className: "chip-new", textContent: "mới" }));
        }
        chip.append(remove);
        return chip;
      }),
    );
  }

  clicked(event) {
    const remove = event.target.closest("button[data-place]");
    if (!remove) return;
    const names = this.names();
    names.splice(Number(remove.dataset.place), 1);
    this.write(names);
    this.typed.focus();
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Backspace" && !this.typed.value) {
      const names = this.names();
      if (!names.length) return;
      event.preventDefault();
      // Back into the field, so that a slip of the finger costs no word.
      this.typed.value = names.pop();
      this.write(names);
    } else if (event.key === "Enter" && !this.typed.getAttribute("aria-activedescendant")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.take();
    }
  }
}

for (const field of document.querySelectorAll("#article_form input[data-pick-many]")) new Tags(field);
