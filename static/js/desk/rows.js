// Lists of rows (byline, gallery, attendees …): add, take out and take back, order by drag (mouse, pen, finger), by
// buttons and by Alt + arrow. Without this module the numbers in "thứ tự" and the boxes "Bỏ dòng này" do the same.

import { announce } from "./announce.js";

const FILLABLE = "input:not([type=hidden], [type=checkbox], [type=date]), textarea";
const FIELD = "input:not([type=hidden], [type=checkbox], [type=date]), select, textarea, [contenteditable=true]";

function button(text, label, name) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, className: `row-${name}` });
  made.setAttribute("aria-label", label);
  made.title = label;
  made.dataset.act = name;
  return made;
}

// Whether the server still takes the form with one row more.
function fits(form, row) {
  const most = Number(form?.dataset.mostFields || Number.POSITIVE_INFINITY);
  return [...new FormData(form)].length + row.querySelectorAll("[name]").length <= most;
}

class Rows {
  constructor(element) {
    this.element = element;
    this.prefix = element.dataset.rows;
    this.name = element.dataset.rowName || "Dòng";
    this.template = element.querySelector(":scope > template");
    this.total = element.querySelector(`[name="${this.prefix}-TOTAL_FORMS"]`);
    this.most = Number(element.querySelector(`[name="${this.prefix}-MAX_NUM_FORMS"]`)?.value || 1000);
    this.adder = element.querySelector(":scope > .rows-add");
    if (!this.template || !this.total || !this.adder) return;
    element.classList.add("is-live");
    for (const head of element.querySelectorAll(":scope > .rows-head")) head.hidden = false;
    this.adder.hidden = false;
    this.adder.querySelector("[data-add-row]").addEventListener("click", () => this.add());
    element.addEventListener("click", (event) => this.clicked(event));
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("input", () => this.isOrdered && this.number());
    element.addEventListener("pointerdown", (event) => this.grab(event));
    for (const row of this.all()) this.dress(row);
    this.spare();
    this.label();
  }

  // Empty lines that wait for who has no script: one stays in an empty list, the others show when they are asked for.
  spare() {
    const blanks = this.all().filter((row) => !this.title(row) && !row.querySelector(".wrong, .errorlist"));
    const isEmpty = blanks.length === this.all().length;
    for (const [place, row] of blanks.entries()) row.classList.toggle("is-spare", !isEmpty || place > 0);
  }

  all() {
    return [...this.element.querySelectorAll(":scope > [data-row]")];
  }

  present() {
    return this.all().filter((row) => !row.matches(".is-gone, .is-spare"));
  }

  // What stands in the row, in a word: the name picked or typed.
  title(row) {
    for (const field of row.querySelectorAll(FILLABLE)) {
      if (field.name && !field.name.endsWith("-order") && field.value.trim()) {
        return field.value.trim().split("\n")[0].replace(/ \(số \d+\)$/, "").slice(0, 60);
      }
    }
    return "";
  }

  dress(row) {
    if (row.querySelector(":scope > .row-tools")) return;
    const tools = document.createElement("div");
    tools.className = "row-tools";
    const handle = document.createElement("span");
    handle.className = "row-handle";
    handle.setAttribute("aria-hidden", "true");
    handle.title = "Kéo để đổi chỗ";
    tools.append(handle, button("↑", "Lên", "up"), button("↓", "Xuống", "down"), button("Bỏ", "Bỏ", "remove"));
    row.append(tools);
    const gone = row.querySelector("[name$='-DELETE']");
    if (gone?.checked) this.remove(row);
  }

  // Names for who listens instead of looking: "Lên: đại biểu 3".
  label() {
    const rows = this.present();
    for (const [place, row] of rows.entries()) {
      const what = `${this.name.toLowerCase()} ${place + 1}`;
      for (const [act, word] of [["up", "Lên"], ["down", "Xuống"], ["remove", "Bỏ"]]) {
        const found = row.querySelector(`:scope > .row-tools > [data-act=${act}]`);
        if (!found) continue;
        found.setAttribute("aria-label", `${word}: ${what}`);
        if (act === "up") found.toggleAttribute("disabled", place === 0);
        if (act === "down") found.toggleAttribute("disabled", place === rows.length - 1);
      }
      const legend = row.querySelector(":scope > legend");
      if (legend) legend.textContent = `${this.name} ${place + 1}`;
    }
  }

  add() {
    const spare = this.element.querySelector(":scope > .is-spare");
    if (spare) {
      // It comes after whatever was moved meanwhile.
      this.template.before(spare);
      spare.classList.remove("is-spare");
      return this.begin(spare);
    }
    const number = Number(this.total.value);
    if (number >= this.most) return this.refuse(`Nhiều nhất ${this.most} dòng.`);
    const row = this.template.content.firstElementChild.cloneNode(true);
    if (!fits(this.element.closest("form"), row)) {
      return this.refuse("Bài đã có nhiều dòng hết mức máy chủ nhận trong một lần: hãy lưu, rồi thêm phần còn lại ở bài khác.");
    }
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const attribute of [...element.attributes]) {
        if (attribute.value.includes("__prefix__")) {
          element.setAttribute(attribute.name, attribute.value.replaceAll("__prefix__", number));
        }
      }
    }
    this.template.before(row);
    this.total.value = String(number + 1);
    this.dress(row);
    row.dispatchEvent(new CustomEvent("rows:added", { bubbles: true }));
    return this.begin(row);
  }

  refuse(words) {
    const place = this.adder.querySelector("[role=status]") ?? document.createElement("span");
    place.setAttribute("role", "status");
    place.className = "help";
    this.adder.append(place);
    place.textContent = words;
  }

  begin(row) {
    const last = this.present().at(-2);
    // A list of one party goes on with the same party.
    for (const kind of ["side", "kind"]) {
      const before = last?.querySelector(`select[name$="-${kind}"]`);
      const here = row.querySelector(`select[name$="-${kind}"]`);
      if (before && here) here.value = before.value;
    }
    this.label();
    row.querySelector(FIELD)?.focus();
    return row;
  }

  clicked(event) {
    const act = event.target.closest("[data-act]");
    const row = act?.closest("[data-row]");
    if (!row || row.parentElement !== this.element) return;
    if (act.dataset.act === "up") this.move(row, -1, act);
    if (act.dataset.act === "down") this.move(row, 1, act);
    if (act.dataset.act === "remove") this.remove(row, true);
    if (act.dataset.act === "restore") this.restore(row);
  }

  key(event) {
    const row = event.target.closest?.("[data-row]");
    if (!row || row.parentElement !== this.element || event.isComposing || event.defaultPrevented) return;
    const isSelect = event.target.tagName === "SELECT";
    if (event.altKey && !event.ctrlKey && !event.shiftKey && !isSelect && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      this.move(row, event.key === "ArrowUp" ? -1 : 1, event.target);
    } else if (event.key === "Enter" && event.target.matches("input:not([type=checkbox], [type=file])")) {
      // Enter never sends the whole form from a row: it goes on to the next line.
      event.preventDefault();
      const rows = this.present();
      const next = rows[rows.indexOf(row) + 1];
      if (next) next.querySelector(FIELD)?.focus();
      else if (this.title(row)) this.add();
    }
  }

  move(row, step, focused) {
    const rows = this.present();
    const place = rows.indexOf(row);
    const other = rows[place + step];
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    this.moved(row);
    if (focused?.disabled) row.querySelector(":scope > .row-tools > :not([disabled], .row-handle)")?.focus();
    else focused?.focus();
    row.scrollIntoView({ block: "nearest" });
  }

  moved(row) {
    this.isOrdered = true;
    this.label();
    this.number();
    const place = this.present().indexOf(row) + 1;
    announce(`${this.title(row) || this.name}: nay ở vị trí ${place} trên ${this.present().length}.`);
  }

  // The numbers follow the places; an empty line has none, so that it stays an empty line.
  number() {
    let place = 0;
    let changed = null;
    for (const row of this.all()) {
      const order = row.querySelector("[name$='-order']");
      if (!order) continue;
      const value = this.title(row) ? String(place++) : "";
      if (order.value !== value) {
        order.value = value;
        changed = order;
      }
    }
    changed?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  remove(row, isAsked) {
    const box = row.querySelector("[name$='-DELETE']");
    if (!box) return;
    box.checked = true;
    row.classList.add("is-gone");
    const strip = document.createElement("p");
    strip.className = "row-gone";
    const words = document.createElement("span");
    const title = this.title(row);
    words.textContent = title ? `Đã bỏ: ${title}` : "Đã bỏ dòng trống";
    strip.append(words, button("Hoàn lại", "Hoàn lại", "restore"));
    const back = strip.lastElementChild;
    back.setAttribute("aria-label", `Hoàn lại: ${title || "dòng trống"}`);
    row.append(strip);
    this.label();
    if (!isAsked) return;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    back.focus();
    announce(`${words.textContent}. Lưu bài thì dòng này mất hẳn; bấm Hoàn lại để giữ.`);
  }

  restore(row) {
    const box = row.querySelector("[name$='-DELETE']");
    box.checked = false;
    row.classList.remove("is-gone");
    row.querySelector(":scope > .row-gone")?.remove();
    this.label();
    box.dispatchEvent(new Event("change", { bubbles: true }));
    row.querySelector(FIELD)?.focus();
    announce("Đã hoàn lại dòng.");
  }

  grab(event) {
    const handle = event.target.closest(".row-handle");
    const row = handle?.closest("[data-row]");
    if (!row || row.parentElement !== this.element || event.button !== 0) return;
    event.preventDefault();
    const before = this.present().indexOf(row);
    row.classList.add("is-dragged");
    const drag = (moving) => {
      if (moving.pointerId !== event.pointerId) return;
      for (const other of this.present()) {
        if (other === row) continue;
        const box = other.getBoundingClientRect();
        if (moving.clientY < box.top || moving.clientY > box.bottom) continue;
        const isBelow = row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
        // Past the middle only, or two rows of different height would change places for ever.
        if (isBelow && moving.clientY > box.top + box.height / 2) other.after(row);
        else if (!isBelow && moving.clientY < box.top + box.height / 2) other.before(row);
        break;
      }
      if (moving.clientY < 70) window.scrollBy(0, -14);
      else if (moving.clientY > window.innerHeight - 110) window.scrollBy(0, 14);
    };
    const drop = () => {
      row.classList.remove("is-dragged");
      document.removeEventListener("pointermove", drag);
      document.removeEventListener("pointerup", drop);
      document.removeEventListener("pointercancel", drop);
      if (this.present().indexOf(row) !== before) this.moved(row);
    };
    // On the document: an element that moves in the tree loses whatever pointer it had captured.
    document.addEventListener("pointermove", drag);
    document.addEventListener("pointerup", drop);
    document.addEventListener("pointercancel", drop);
  }
}

for (const element of document.querySelectorAll("[data-rows]")) new Rows(element);
