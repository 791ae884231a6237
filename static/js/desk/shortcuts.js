// Keys for what is done all day. None is taken while a dialog is open, none by itself while one types but those with
// Ctrl, ⌘ or Alt + Shift. Saving by key brings the cursor back to where it was; a save that was refused leads to why.

import { goTo } from "./goto.js";

const KEY = "desk-place";
const FRESH = 60_000;
const form = document.getElementById("article_form");
const help = document.getElementById("phim-tat");
const opener = document.querySelector("[data-shortcuts-open]");

// --- The place of the cursor ------------------------------------------------------------------------------------

function textOffset(root) {
  const selection = window.getSelection();
  if (!selection.rangeCount || !root.contains(selection.focusNode)) return null;
  const range = document.createRange();
  range.selectNodeContents(root);
  range.setEnd(selection.focusNode, selection.focusOffset);
  return range.toString().length;
}

function putCaret(root, offset) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let left = offset;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) {
      window.getSelection().collapse(node, left);
      return;
    }
    left -= node.length;
  }
}

function keepPlace() {
  const active = document.activeElement;
  const prose = active?.closest?.("[contenteditable=true]");
  const field = prose ? prose.closest(".field")?.querySelector("textarea") : active;
  const place = {
    at: Date.now(),
    name: field?.name || "",
    id: field?.id || "",
    offset: prose ? textOffset(prose) : null,
    start: !prose && "selectionStart" in (active || {}) ? active.selectionStart : null,
    x: window.scrollX,
    y: window.scrollY,
  };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // Private windows keep nothing.
  }
}

async function restorePlace() {
  let place;
  try {
    place = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
  } catch {
    return;
  }
  if (!place || Date.now() - place.at > FRESH) return;
  const errors = document.querySelector(".errornote");
  if (errors || !document.querySelector(".message.success")) {
    errors?.focus();
    return;
  }
  const field = document.getElementById(place.id) || (place.name && form.elements.namedItem(place.name));
  let target = field;
  if (place.offset !== null && field) {
    // The editor comes a moment later than the page.
    for (let tries = 0; tries < 40 && !(target = field.closest(".field")?.querySelector("[contenteditable=true]")); tries += 1) {
      await new Promise((done) => setTimeout(done, 50));
    }
    target ||= field;
  }
  for (let fold = target?.closest?.("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  target?.focus?.({ preventScroll: true });
  if (target && place.offset !== null) {
    const length = target.textContent.length;
    // The editor is deaf to carets for a moment after it gets the cursor; who types at once is left alone.
    await new Promise((done) => setTimeout(done, 100));
    if (target.textContent.length === length) putCaret(target, place.offset);
  }
  else if (target && place.start !== null && target.setSelectionRange && target.type !== "checkbox") {
    try {
      target.setSelectionRange(place.start, place.start);
    } catch {
      // Fields of days and numbers have no caret to set.
    }
  }
  window.scrollTo(place.x, place.y);
}

// --- The keys -------------------------------------------------------------------------------------------------------

const isTyping = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]");
const press = (selector) => {
  const button = form.querySelector(selector);
  if (!button) return false;
  keepPlace();
  form.requestSubmit(button);
  return true;
};

const WITH_ALT_SHIFT = {
  KeyP: () => document.querySelector("[data-beside-toggle]")?.click(),
  KeyG: () => press('[name="_step"][value="submit"], [name="_step"][value="pass"]'),
  KeyK: () => {
    const first = document.querySelector("[data-checks-list] a");
    if (first) first.focus();
    else goTo("kiem-tra");
  },
};

if (form) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat || document.querySelector("dialog:modal")) return;
    const isSave = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.code === "KeyS";
    if (isSave) {
      event.preventDefault();
      press('[name="_save"]');
    } else if (event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey && WITH_ALT_SHIFT[event.code]) {
      event.preventDefault();
      WITH_ALT_SHIFT[event.code]();
    } else if (event.key === "?" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
      event.preventDefault();
      help?.showModal();
    }
  });
  restorePlace();
}

if (opener && help) {
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
  help.querySelector("[data-shortcuts-close]").addEventListener("click", () => help.close());
}
