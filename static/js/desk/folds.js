// Parts of the form that fold, each as this browser last left it; on a phone only what every article needs is open.

import { goTo } from "./goto.js";

const KEY = "desk-folds";
const isNarrow = window.matchMedia("(max-width: 48rem)").matches;
const NEEDED = new Set(["chuyen-muc"]);

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

const known = kept();
for (const part of document.querySelectorAll("details[data-fold]")) {
  const name = part.dataset.fold;
  const hasTrouble = part.querySelector(".wrong, .finding-note.is-blocking, .errorlist");
  if (hasTrouble) part.open = true;
  else if (name in known) part.open = known[name];
  else if (isNarrow && !NEEDED.has(name)) part.open = false;
  part.querySelector("summary").addEventListener("click", () => {
    const now = kept();
    now[name] = !part.open; // the click opens or closes it right after
    try {
      localStorage.setItem(KEY, JSON.stringify(now));
    } catch {
      // Private windows keep nothing.
    }
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-goto]");
  if (link && goTo(link.dataset.goto)) event.preventDefault();
});
