// The picture's focal point and its crops, set on the picture itself: by mouse, pen or finger, and by keys. The number
// fields stay what is sent; this module reads and writes them.

import { announce } from "./announce.js";

const STEP = 10;
const FAR = 50;
const NARROWEST = 50;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const percent = (value) => `${Math.round(value / 10)}%`;

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

class Stage {
  constructor(stage, part, facts) {
    this.stage = stage;
    this.facts = facts;
    this.focal = { x: document.getElementById("id_focal_x"), y: document.getElementById("id_focal_y") };
    this.active = "";
    this.crops = facts.crops.map((crop) => this.crop(crop));
    this.point = make("button", { type: "button", className: "stage-point" });
    this.point.addEventListener("keydown", (event) => this.pointKey(event));
    stage.append(this.point, ...this.crops.map((crop) => crop.frame));
    stage.classList.add("is-live");
    stage.querySelector("img").draggable = false;
    stage.addEventListener("pointerdown", (event) => this.grab(event));
    this.tools(part);
    this.previews(part.querySelector("[data-previews]"));
    for (const field of part.querySelectorAll("input[type=number]")) field.addEventListener("input", () => this.show());
    this.choose("");
    this.show();
  }

  crop(facts) {
    const fields = Object.fromEntries(["left", "top", "width"].map((part) => [part, document.getElementById(`id_crop_${facts.name}_${part}`)]));
    const frame = make("div", { className: "stage-frame", tabIndex: 0, hidden: true });
    frame.setAttribute("role", "group");
    frame.append(make("span", { className: "stage-corner" }));
    frame.lastChild.setAttribute("aria-hidden", "true");
    const crop = { ...facts, fields, frame };
    frame.addEventListener("keydown", (event) => this.frameKey(event, crop));
    return crop;
  }

  tools(part) {
    const tools = part.querySelector("[data-crops-tools]");
    const group = make("div", { className: "stage-choices" });
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Sửa gì trên ảnh");
    this.buttons = new Map();
    for (const [name, label] of [["", "Điểm nhấn"], ...this.crops.map((crop) => [crop.name, crop.label])]) {
      const button = make("button", { type: "button", textContent: label });
      button.addEventListener("click", () => this.choose(name, true));
      this.buttons.set(name, button);
      group.append(button);
    }
    const reset = make("button", { type: "button", textContent: "Đặt lại" });
    reset.addEventListener("click", () => this.reset());
    this.help = make("p", { className: "help", id: "stage-help" });
    tools.append(group, reset, this.help);
    tools.hidden = false;
    // Beside the picture, where it is looked for.
    this.stage.closest("figure").after(tools);
    this.point.setAttribute("aria-describedby", "stage-help");
    for (const crop of this.crops) crop.frame.setAttribute("aria-describedby", "stage-help");
  }

  previews(place) {
    const source = this.stage.querySelector("img");
    place.replaceChildren(
      ...this.crops.map((crop) => {
        crop.preview = make("img", { alt: "", src: source.src });
        const window_ = make("div", { className: "preview-window" }, crop.preview);
        window_.style.aspectRatio = String(crop.ratio);
        return make("figure", { className: "preview" }, window_, make("figcaption", { textContent: crop.label }));
      }),
    );
  }

  // --- Numbers ---

  number(field, otherwise) {
    const value = Number.parseInt(field.value, 10);
    return Number.isNaN(value) ? otherwise : value;
  }

  height(crop, width) {
    return (width * this.facts.width) / (crop.ratio * this.facts.height);
  }

  widest(crop) {
    return Math.min(1000, Math.round((1000 * crop.ratio * this.facts.height) / this.facts.width));
  }

  box(crop) {
    const [left, top, width] = ["left", "top", "width"].map((part) => this.number(crop.fields[part], null));
    if (left === null || top === null || width === null) {
      const across = this.widest(crop);
      const down = Math.min(1000, this.height(crop, across));
      return {
        left: clamp(this.number(this.focal.x, 500) - across / 2, 0, 1000 - across),
        top: clamp(this.number(this.focal.y, 500) - down / 2, 0, 1000 - down),
        width: across,
        height: down,
        isOwn: false,
      };
    }
    return { left, top, width, height: Math.min(1000, this.height(crop, width)), isOwn: true };
  }

  put(field, value) {
    field.value = value === "" ? "" : String(Math.round(value));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  setPoint(x, y) {
    this.put(this.focal.x, clamp(x, 0, 1000));
    this.put(this.focal.y, clamp(y, 0, 1000));
  }

  setBox(crop, { left, top, width }) {
    const across = clamp(Math.round(width), Math.min(NARROWEST, this.widest(crop)), this.widest(crop));
    const down = Math.min(1000, this.height(crop, across));
    this.put(crop.fields.left, clamp(Math.round(left), 0, 1000 - across));
    this.put(crop.fields.top, clamp(Math.round(top), 0, Math.max(0, Math.floor(1000 - down))));
    this.put(crop.fields.width, across);
  }

  // --- What is shown ---

  show() {
    const x = clamp(this.number(this.focal.x, 500), 0, 1000);
    const y = clamp(this.number(this.focal.y, 500), 0, 1000);
    this.point.style.insetInlineStart = `${x / 10}%`;
    this.point.style.insetBlockStart = `${y / 10}%`;
    this.point.setAttribute("aria-label", `Điểm nhấn: ngang ${percent(x)}, dọc ${percent(y)}`);
    for (const crop of this.crops) {
      const box = this.box(crop);
      Object.assign(crop.frame.style, {
        insetInlineStart: `${box.left / 10}%`,
        insetBlockStart: `${box.top / 10}%`,
        inlineSize: `${box.width / 10}%`,
        blockSize: `${box.height / 10}%`,
      });
      crop.frame.setAttribute("aria-label", `${this.words(crop, box)}`);
      Object.assign(crop.preview.style, {
        inlineSize: `${100000 / box.width}%`,
        insetInlineStart: `${(-100 * box.left) / box.width}%`,
        insetBlockStart: `${(-100 * box.top) / box.height}%`,
      });
    }
  }

  words(crop, box) {
    const whose = box.isOwn ? "" : ", theo điểm nhấn";
    return `Khung ${crop.label}: trái ${percent(box.left)}, trên ${percent(box.top)}, rộng ${percent(box.width)}${whose}`;
  }

  choose(name, isAsked) {
    this.active = name;
    for (const [key, button] of this.buttons) button.setAttribute("aria-pressed", String(key === name));
    for (const crop of this.crops) crop.frame.hidden = crop.name !== name;
    this.point.hidden = name !== "";
    this.help.textContent = name
      ? "Kéo khung để dời, kéo góc để đổi cỡ. Phím mũi tên dời khung, Shift và mũi tên đổi cỡ."
      : "Bấm hoặc kéo trên ảnh. Phím mũi tên dời điểm nhấn, thêm Shift để dời xa.";
    if (isAsked) (name ? this.crops.find((crop) => crop.name === name).frame : this.point).focus();
  }

  reset() {
    if (!this.active) {
      this.setPoint(500, 500);
      announce("Điểm nhấn về giữa ảnh.");
    } else {
      const crop = this.crops.find((one) => one.name === this.active);
      for (const field of Object.values(crop.fields)) this.put(field, "");
      announce("Khung cắt lại theo điểm nhấn.");
    }
    this.show();
  }

  // --- Keys ---

  arrow(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return null;
    return { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || null;
  }

  pointKey(event) {
    const arrow = this.arrow(event);
    if (!arrow) return;
    event.preventDefault();
    const far = event.shiftKey ? FAR : STEP;
    this.setPoint(this.number(this.focal.x, 500) + arrow[0] * far, this.number(this.focal.y, 500) + arrow[1] * far);
    this.show();
    announce(this.point.getAttribute("aria-label"));
  }

  frameKey(event, crop) {
    const arrow = this.arrow(event);
    if (!arrow) return;
    event.preventDefault();
    const box = this.box(crop);
    if (event.shiftKey) {
      // Right and up make it larger, left and down smaller, about its middle.
      const width = box.width + (arrow[0] - arrow[1]) * 2 * STEP;
      const across = clamp(width, NARROWEST, this.widest(crop));
      const left = box.left - (across - box.width) / 2;
      this.setBox(crop, { left, top: box.top - (this.height(crop, across) - box.height) / 2, width: across });
    } else {
      this.setBox(crop, { left: box.left + arrow[0] * STEP, top: box.top + arrow[1] * STEP, width: box.width });
    }
    this.show();
    announce(this.words(crop, this.box(crop)));
  }

  // --- Mouse, pen, finger ---

  place(event) {
    const edges = this.stage.querySelector("img").getBoundingClientRect();
    return { x: (1000 * (event.clientX - edges.left)) / edges.width, y: (1000 * (event.clientY - edges.top)) / edges.height };
  }

  grab(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const start = this.place(event);
    let move;
    if (!this.active) {
      move = (at) => this.setPoint(at.x, at.y);
      move(start);
      this.point.focus({ preventScroll: true });
    } else {
      const crop = this.crops.find((one) => one.name === this.active);
      const box = this.box(crop);
      crop.frame.focus({ preventScroll: true });
      if (event.target.closest(".stage-corner")) {
        move = (at) => {
          const room = Math.min(1000 - box.left, (1000 - box.top) / this.height(crop, 1));
          this.setBox(crop, { ...box, width: Math.min(box.width + at.x - start.x, Math.floor(room)) });
        };
      } else if (event.target.closest(".stage-frame")) {
        move = (at) => this.setBox(crop, { ...box, left: box.left + at.x - start.x, top: box.top + at.y - start.y });
      } else return;
    }
    this.show();
    this.stage.setPointerCapture(event.pointerId);
    const drag = (moving) => {
      move(this.place(moving));
      this.show();
    };
    const drop = () => {
      this.stage.removeEventListener("pointermove", drag);
      this.stage.removeEventListener("pointerup", drop);
      this.stage.removeEventListener("pointercancel", drop);
    };
    this.stage.addEventListener("pointermove", drag);
    this.stage.addEventListener("pointerup", drop);
    this.stage.addEventListener("pointercancel", drop);
  }
}

const stage = document.querySelector("[data-stage]");
const part = document.querySelector("[data-crops]");
const facts = document.getElementById("stage-data");
if (stage && part && facts && document.getElementById("id_focal_x")) new Stage(stage, part, JSON.parse(facts.textContent));
