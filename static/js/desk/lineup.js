// The people of a picture: taken from a delegation's list without leaving the page, and put into words. Order, adding and
// taking out are rows.js; without this module "Lấy danh sách" opens the page anew with the list.

import { announce } from "./announce.js";

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

class Lineup {
  constructor(part) {
    this.part = part;
    this.rows = part.querySelector("[data-rows]");
    this.add = part.querySelector("[data-add-row]");
    this.from = part.querySelector("#lay-tu-doan");
    this.place = part.querySelector("[data-present]");
    this.composed = part.querySelector("[data-composed]");
    part.querySelector("[data-fetch-people]")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.fetchPeople();
    });
    this.from?.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.defaultPrevented) return;
      event.preventDefault();
      this.fetchPeople();
    });
    const tools = part.querySelector("[data-compose-tools]");
    tools.hidden = false;
    tools.querySelector("button").addEventListener("click", () => this.compose());
  }

  present() {
    return [...this.rows.querySelectorAll(":scope > [data-row]")].filter((row) => !row.querySelector("[name$='-DELETE']")?.checked);
  }

  field(row, name) {
    return row.querySelector(`[name$="-${name}"]`);
  }

  // --- From a delegation ---

  async fetchPeople() {
    const address = new URL(this.part.dataset.delegation, window.location);
    address.searchParams.set("doan", this.from.value);
    let answer;
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" } });
      answer = await response.json();
    } catch {
      answer = { errors: ["Không lấy được danh sách. Hãy thử lại."] };
    }
    if (!answer.people) return this.say(answer.errors?.join(" ") || "Không lấy được danh sách.");
    if (!answer.people.length) return this.say("Đoàn này chưa có ai trong thành phần tham dự.");
    this.offer(answer.people);
  }

  say(words) {
    this.place.hidden = false;
    this.place.replaceChildren(make("p", { className: "help wrong", textContent: words }));
    announce(words);
  }

  offer(people) {
    const boxes = make("div");
    for (const one of people) {
      const box = make("input", { type: "checkbox" });
      box.person = one;
      boxes.append(make("label", {}, box, make("span", { textContent: one.position ? `${one.name}, ${one.position}` : one.name })));
    }
    const button = make("button", { type: "button", textContent: "Đưa vào danh sách" });
    button.addEventListener("click", () => this.take([...boxes.querySelectorAll("input:checked")].map((box) => box.person)));
    const list = make("fieldset", { className: "choices present" }, make("legend", { textContent: "Chọn người có trong ảnh, theo thứ tự của đoàn; sau đó xếp lại từ trái sang." }), boxes, button);
    this.place.replaceChildren(list);
    this.place.hidden = false;
    boxes.querySelector("input").focus();
  }

  take(people) {
    const there = new Set(this.present().map((row) => this.field(row, "person").value));
    let count = 0;
    for (const one of people) {
      if (there.has(one.text)) continue;
      const row = this.emptyRow();
      if (!row) break;
      for (const [name, value] of [["person", one.text], ["name", one.name], ["position", one.position]]) {
        const field = this.field(row, name);
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
      count += 1;
    }
    for (const box of this.place.querySelectorAll("input:checked")) box.checked = false;
    announce(count ? `Đã đưa ${count} người vào danh sách.` : "Chưa chọn ai mới.");
    this.renumber();
  }

  emptyRow() {
    const isEmpty = (row) => !["person", "name", "position"].some((name) => this.field(row, name).value.trim());
    const found = this.present().find(isEmpty);
    if (found) return found;
    this.add.click();
    return this.present().find(isEmpty);
  }

  renumber() {
    let place = 0;
    for (const row of this.present()) {
      const order = this.field(row, "order");
      if (order && (this.field(row, "person").value.trim() || this.field(row, "name").value.trim())) order.value = String(place++);
    }
  }

  // --- In words ---

  async compose() {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    for (const row of this.present()) {
      const name = this.field(row, "name").value.trim() || this.field(row, "person").value.replace(/ \(số \d+\)$/, "").trim();
      if (!name) continue;
      body.append("name", name);
      body.append("position", this.field(row, "position").value);
    }
    let answer;
    try {
      const response = await fetch(this.part.dataset.compose, { method: "POST", body, headers: { Accept: "application/json" } });
      answer = await response.json();
    } catch {
      answer = {};
    }
    if (!answer.caption) {
      const said = make("p", { textContent: "Chưa soạn được: hãy điền tên người trong ảnh rồi thử lại." });
      this.composed.replaceChildren(said);
      this.composed.hidden = false;
      announce(said.textContent);
      return;
    }
    this.propose(answer);
  }

  propose(answer) {
    const lines = [["caption", "Chú thích", answer.caption], ["alt", "Mô tả", answer.alt]].map(([name, label, words]) => {
      const field = document.getElementById(`id_${name}`);
      const text = make("p", { textContent: words });
      const tools = make("p", { className: "composed-tools" });
      const put = (value) => {
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
        announce(`Đã ghi vào ô ${label.toLowerCase()}.`);
        field.focus();
      };
      const standing = field.value.trim();
      const offers = standing && standing !== words ? [[`Thay ${label.toLowerCase()} đang có`, words], [`Nối vào sau ${label.toLowerCase()} đang có`, `${standing.replace(/[.\s]*$/, ".")} ${words}`]] : [[`Đưa vào ô ${label.toLowerCase()}`, words]];
      for (const [word, value] of offers) {
        const button = make("button", { type: "button", textContent: word });
        button.addEventListener("click", () => put(value));
        tools.append(button);
      }
      return make("div", {}, make("p", { className: "label", textContent: label }), text, tools);
    });
    this.composed.replaceChildren(...lines);
    this.composed.hidden = false;
    this.composed.querySelector("button").focus();
  }
}

for (const part of document.querySelectorAll("[data-lineup]")) {
  if (part.querySelector("[data-add-row]")) new Lineup(part);
}
