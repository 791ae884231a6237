// Fields marked `data-pick` offer matches below them while one types: an editable combobox with a listbox (ARIA 1.2).
// Without this module they are plain text fields that take a name or a number.

const WAIT = 150;
const NUMBER = / \(số \d+\)$/;
let serial = 0;

// As the register compares names: without capitals, marks and double spaces.
function same(one, other) {
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/\s+/g, " ").trim();
  return plain(one) === plain(other);
}

// A button being pressed must not move away under the finger: what grows the page waits for the click that is under way.
let pressed = null;

function released() {
  return pressed?.done ?? Promise.resolve();
}

document.addEventListener("pointerdown", () => {
  const press = {};
  press.done = new Promise((resolve) => (press.end = resolve));
  pressed?.end();
  pressed = press;
}, true);
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    const press = pressed;
    pressed = null;
    setTimeout(() => press?.end());
  }, true);
}

class Pick {
  constructor(input) {
    this.input = input;
    this.many = input.dataset.pickMany || "";
    this.results = [];
    this.active = -1;
    this.wanted = 0;
    serial += 1;
    this.list = document.createElement("ul");
    this.list.className = "pick-list";
    this.list.id = `pick-list-${serial}`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", `Gợi ý cho: ${this.label()}`);
    this.list.hidden = true;
    input.after(this.list);
    if ("pickAdds" in input.dataset) this.tellsOfNew();
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.place));
    });
  }

  label() {
    return this.input.labels?.[0]?.textContent.trim() || this.input.name;
  }

  // A name that the list does not know is made when the form is saved: that is said before, beside the field.
  tellsOfNew() {
    const note = document.createElement("p");
    note.className = "help pick-new";
    note.setAttribute("aria-live", "polite");
    note.hidden = true;
    this.list.after(note);
    const check = async () => {
      const name = this.input.value.trim();
      let isNew = false;
      if (name && !NUMBER.test(name)) {
        try {
          isNew = !(await this.found(name)).some((result) => same(result.label, name));
        } catch {
          isNew = false;
        }
      }
      await released();
      if (name !== this.input.value.trim()) return;
      note.hidden = !isNew;
      note.textContent = isNew ? `“${name}” chưa có trong danh mục: khi lưu sẽ được thêm mới.` : "";
    };
    this.input.addEventListener("change", check);
    this.input.addEventListener("input", () => (note.hidden = true));
  }

  // What is being typed: all of the field, or the part behind the last separator.
  words() {
    const text = this.many ? this.input.value.split(this.many).pop() : this.input.value;
    return text.trim();
  }

  typed() {
    // A name that is being changed no longer is the one that was picked.
    if (!this.many && NUMBER.test(this.picked || "") && this.input.value !== this.picked) {
      this.input.value = this.input.value.replace(/ \(số \d*\)?$/, "");
      this.picked = "";
    }
    clearTimeout(this.timer);
    if (!this.words()) return this.close();
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const wanted = ++this.wanted;
    let results;
    try {
      results = await this.found(this.words());
    } catch {
      return this.close();
    }
    if (wanted !== this.wanted || document.activeElement !== this.input) return;
    this.show(results);
  }

  async found(words) {
    const address = new URL(this.input.dataset.pick, window.location);
    address.searchParams.set("q", words);
    address.searchParams.set("ngay", dayOfEvent(this.input));
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    return (await answer.json()).results;
  }

  show(results) {
    this.results = results;
    this.active = -1;
    this.list.replaceChildren(
      ...results.map((result, place) => {
        const option = document.createElement("li");
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.id = `${this.list.id}-${place}`;
        option.dataset.place = place;
        const name = document.createElement("b");
        name.textContent = result.label;
        option.append(name);
        if (result.note) {
          const note = document.createElement("span");
          note.textContent = ` ${result.note}`;
          option.append(note);
        }
        return option;
      }),
    );
    this.list.hidden = results.length === 0;
    // Right below the field, whatever else stands in its box.
    if (this.input.offsetParent === this.list.offsetParent) {
      this.list.style.setProperty("inset-block-start", `${this.input.offsetTop + this.input.offsetHeight}px`);
    }
    this.input.setAttribute("aria-expanded", String(results.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.wanted += 1;
    this.results = [];
    this.list.hidden = true;
    this.list.replaceChildren();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  move(step) {
    if (!this.results.length) return;
    const options = this.list.children;
    options[this.active]?.setAttribute("aria-selected", "false");
    this.active = (this.active + step + options.length) % options.length;
    options[this.active].setAttribute("aria-selected", "true");
    options[this.active].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", options[this.active].id);
  }

  key(event) {
    // Alt + arrow moves the row this field stands in.
    if (event.isComposing || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.results.length) this.move(event.key === "ArrowDown" ? 1 : -1);
      else if (event.key === "ArrowDown") this.ask();
    } else if (event.key === "Enter" && this.active >= 0 && this.results.length) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Enter" && this.results.length) {
      // Enter beside an open list means the list, never the whole form: the first match is marked, the next Enter takes it.
      event.preventDefault();
      this.move(1);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  choose(place) {
    const result = this.results[place];
    this.put(this.many ? result.label : result.text);
    fill(this.input, result);
    this.close();
    this.input.focus();
  }

  put(text) {
    if (this.many) {
      const names = this.input.value.split(this.many).slice(0, -1);
      this.input.value = [...names.map((name) => name.trim()), text, ""].join(`${this.many} `);
    } else {
      this.input.value = text;
      this.picked = text;
    }
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// The day of which posts are asked: the article's event, or the first day of the delegation the field stands in.
function dayOfEvent(input) {
  const form = input.closest("form");
  const own = input.closest("[data-block]")?.querySelector("[data-day-of-event]");
  const all = form ? [...form.querySelectorAll("[data-day-of-event]")] : [];
  const article = all.find((field) => !field.closest("[data-block]"));
  return article?.value || own?.value || "";
}

// A person picked brings the posts of that day into the empty field beside.
function fill(input, result) {
  const name = input.dataset.fills;
  if (!name) return;
  const row = input.closest(".row");
  const positions = row?.querySelector(`[name$="-${name}"]`);
  if (!positions) return;
  const known = (positions.dataset.filled || "").trim();
  if (!positions.value.trim() || positions.value.trim() === known) {
    positions.value = result.positions.join("\n");
    positions.dataset.filled = positions.value;
    positions.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const picks = new WeakMap();

function start(root) {
  for (const input of root.querySelectorAll("input[data-pick]")) {
    if (!picks.has(input) && !input.closest("template")) {
      const pick = new Pick(input);
      pick.picked = input.value;
      picks.set(input, pick);
    }
  }
}

// "Thêm …" opens the page where a new one is made, and puts it into the field.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.pick-add");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = new URL(link.href);
  address.searchParams.set("_popup", "1");
  const opened = window.open(address, link.dataset.for, "width=860,height=760,resizable=yes,scrollbars=yes");
  opened?.focus();
});

window.addEventListener("message", (event) => {
  if (event.origin !== window.location.origin || !event.data?.popup || !event.data.value) return;
  const input = document.getElementById(event.data.popup);
  const pick = input && picks.get(input);
  if (!pick) return;
  if (pick.many && input.value.trim() && !input.value.trim().endsWith(pick.many)) input.value += `${pick.many} `;
  pick.put(pick.many ? event.data.obj : `${event.data.obj} (số ${event.data.value})`);
  input.focus();
});

document.addEventListener("rows:added", (event) => start(event.target));
start(document);
