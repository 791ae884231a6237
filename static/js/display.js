// What a reader has set on this device: text size, contrast, light or dark. Attributes of the root, and this browser's
// memory; the stylesheets do the rest. It never delays a page: whoever changed nothing sees nothing move.

const root = document.documentElement;
const KEYS = { textSize: "co-chu", contrast: "tuong-phan", theme: "nen" };
const ALLOWED = { textSize: ["-1", "1", "2", "3"], contrast: ["high"], theme: ["light", "dark"] };
const SMALLEST = -1;
const LARGEST = 3;

function remembered(name) {
  try {
    const value = localStorage.getItem(KEYS[name]) ?? "";
    return ALLOWED[name].includes(value) ? value : "";
  } catch {
    return ""; // Storage may be forbidden.
  }
}

function remember(name, value) {
  try {
    if (value) localStorage.setItem(KEYS[name], value);
    else localStorage.removeItem(KEYS[name]);
  } catch {
    // Then it holds for this page.
  }
}

const values = {};

function apply(name, value) {
  values[name] = value;
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
}

function mark() {
  const level = Number(values.textSize || "0");
  for (const button of document.querySelectorAll("[data-step]")) {
    const step = Number(button.dataset.step);
    const isAtEnd = (step < 0 && level <= SMALLEST) || (step > 0 && level >= LARGEST) || (step === 0 && level === 0);
    button.setAttribute("aria-disabled", String(isAtEnd));
  }
  for (const button of document.querySelectorAll("[data-set]")) {
    button.setAttribute("aria-pressed", String(values[button.dataset.set] === button.value));
  }
}

function choose(name, value) {
  apply(name, value);
  remember(name, value);
  mark();
}

function step(by) {
  const level = by === 0 ? 0 : Math.min(LARGEST, Math.max(SMALLEST, Number(values.textSize || "0") + by));
  choose("textSize", level === 0 ? "" : String(level));
}

function start() {
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => step(Number(button.dataset.step)));
  }
  for (const button of document.querySelectorAll("[data-set]")) {
    button.addEventListener("click", () => choose(button.dataset.set, button.value));
  }
  for (const panel of document.querySelectorAll("details.display")) {
    const close = (event) => {
      if (!panel.contains(event.target)) panel.open = false;
    };
    panel.addEventListener("toggle", () => {
      if (panel.open) document.addEventListener("pointerdown", close);
      else document.removeEventListener("pointerdown", close);
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !panel.open) return;
      panel.open = false;
      panel.querySelector("summary").focus();
    });
    panel.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !panel.contains(event.relatedTarget)) panel.open = false;
    });
  }
  mark();
  for (const control of document.querySelectorAll("[data-display]")) control.hidden = false;
}

for (const name of Object.keys(KEYS)) apply(name, remembered(name));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();

// --- What a reader with an account has not seen yet: asked only where somebody has been logged in on this device ---

async function tell(link) {
  try {
    if (!localStorage.getItem("tai-khoan")) return;
    const answer = await fetch(link.dataset.unread);
    if (answer.status === 204) localStorage.removeItem("tai-khoan");
    if (answer.status !== 200) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const number = page.querySelector("[data-fragment]");
    if (number) link.append(document.adoptNode(number));
  } catch {
    // Without it the page is what it is for everyone.
  }
}

const account = () => {
  const link = document.querySelector("a[data-unread]");
  if (link) tell(link);
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", account);
else account();
