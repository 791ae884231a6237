// The reader's text size: set on the root before the page is painted, remembered in this browser only.

const KEY = "co-chu";
const SMALLEST = -1;
const LARGEST = 3;
const root = document.documentElement;

function remembered() {
  try {
    const level = Number.parseInt(localStorage.getItem(KEY) ?? "0", 10);
    return level >= SMALLEST && level <= LARGEST ? level : 0;
  } catch {
    return 0; // Storage may be forbidden.
  }
}

function remember(level) {
  try {
    if (level === 0) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, String(level));
  } catch {
    // Then it holds for this page.
  }
}

let level = remembered();

function apply() {
  if (level === 0) delete root.dataset.textSize;
  else root.dataset.textSize = String(level);
}

function showControl() {
  const control = document.querySelector("[data-text-size-control]");
  if (!control) return;
  const buttons = [...control.querySelectorAll("[data-step]")];
  const mark = () => {
    for (const button of buttons) {
      const step = Number(button.dataset.step);
      const isAtEnd = (step < 0 && level <= SMALLEST) || (step > 0 && level >= LARGEST) || (step === 0 && level === 0);
      button.setAttribute("aria-disabled", String(isAtEnd));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const step = Number(button.dataset.step);
      level = step === 0 ? 0 : Math.min(LARGEST, Math.max(SMALLEST, level + step));
      remember(level);
      apply();
      mark();
    });
  }
  mark();
  control.hidden = false;
}

apply();
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", showControl);
else showControl();
