// The article page, and what else is read at length: sharing, copying the link, forms fetched when they are opened, wide tables, one counted view. Each part
// stands alone and what it needs is absent or hidden without it. One file, since every request is a wait on a slow line.

// --- "Chia sẻ": the share sheet of the device, where there is one (on phones Zalo is among the choices) ---

if (typeof navigator.share === "function") {
  const url = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
  const title = document.querySelector('meta[property="og:title"]')?.content ?? document.title;
  for (const button of document.querySelectorAll("[data-share]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.share({ title, url });
      } catch {
        // The reader closed the sheet.
      }
    });
  }
}

// --- "Chép liên kết": the address of the article to the clipboard, and a word that it happened ---

if (navigator.clipboard) {
  const said = document.querySelector("[data-copy-said]");
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      let words = "Đã chép liên kết.";
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
      } catch {
        words = `Trình duyệt không cho chép. Liên kết: ${button.dataset.copy}`;
      }
      if (said) said.textContent = words;
    });
  }
}

// --- Forms: a link to a form's own page opens the form here; without this it is an ordinary link ---

function fragmentOf(text) {
  return new DOMParser().parseFromString(text, "text/html").querySelector("[data-fragment]");
}

function style(address) {
  if (document.querySelector(`link[href="${address}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
}

// The form for an article's first comment comes without the list; here it stands where the list's module looks for it.
function within(fragment) {
  const all = document.createElement("div");
  const place = document.createElement("div");
  all.className = "comments";
  all.dataset.comments = "";
  place.className = "comments__place";
  place.dataset.place = "";
  place.append(fragment);
  all.append(place);
  return all;
}

function put(place, fragment, source) {
  const isBare = place.id === "binh-luan" && !fragment.matches("[data-comments]");
  place.replaceChildren(document.adoptNode(isBare ? within(fragment) : fragment));
  // The form's own page has its title as the page's; here it stands under another.
  for (const title of place.querySelectorAll("h1")) {
    const lower = document.createElement(`h${place.dataset.level ?? 3}`);
    lower.className = title.className;
    lower.append(...title.childNodes);
    title.replaceWith(lower);
  }
  const first = place.querySelector('[role="alert"], .field--wrong :is(input, select, textarea)') ?? place.querySelector("h2, h3");
  if (first) {
    if (!first.matches("input, select, textarea")) first.tabIndex = -1;
    first.focus();
  }
  if (place.querySelector("[data-comments]")) return; // They have a module of their own.
  const form = place.querySelector("form");
  form?.addEventListener("submit", (event) => submit(event, place, source));
}

async function submit(event, place, source) {
  const form = event.target;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action || source, { method: "POST", body: new FormData(form, event.submitter) });
    const fragment = fragmentOf(await answer.text());
    if (!fragment) throw new Error("no form in the answer");
    put(place, fragment, source);
  } catch {
    form.removeAttribute("aria-busy");
    HTMLFormElement.prototype.submit.call(form); // The ordinary way.
  }
}

for (const link of document.querySelectorAll("a[data-open]")) {
  const place = document.getElementById(link.dataset.open);
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("aria-controls", place.id);
  let isLoaded = false;
  const toggle = async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy") === "true") return;
    if (isLoaded && place.dataset.source === link.href) {
      place.hidden = !place.hidden;
      link.setAttribute("aria-expanded", String(!place.hidden));
      return;
    }
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href);
      const fragment = answer.ok && fragmentOf(await answer.text());
      if (!fragment) throw new Error("no form in the answer");
      for (const address of link.dataset.style.split(" ")) style(address);
      if (link.dataset.module) await import(link.dataset.module);
      place.dataset.source = link.href;
      place.hidden = false;
      put(place, fragment, link.href);
      isLoaded = true;
      link.setAttribute("aria-expanded", "true");
    } catch {
      location.href = link.href;
    } finally {
      link.removeAttribute("aria-busy");
    }
  };
  link.addEventListener("click", toggle);
  // An address that ends in #binh-luan-12 opens the comments at that one.
  const named = link.dataset.open === "binh-luan" && location.hash.match(/^#binh-luan-(\d{1,18})$/);
  if (named) {
    const all = link.href.replace(/viet\/$/, "");
    link.href = `${all}${named[1]}/`;
    toggle(new MouseEvent("click", { cancelable: true })).then(() => {
      place.querySelector("[data-picked]")?.scrollIntoView({ block: "center" });
    });
  }
}

// --- "Báo lỗi chính tả": a passage picked in the text goes into the letter's form; a link from the desk opens at one ---

const texts = ".article__title, .article__lead, .article__body";
const report = document.querySelector("[data-report]");

if (report) {
  const link = document.querySelector('a[data-open="phan-hoi"]');
  const place = document.getElementById("phan-hoi");
  let picked = null;

  const pick = () => {
    const selection = getSelection();
    const words = selection.toString().trim();
    const within = selection.rangeCount && !selection.isCollapsed && selection.anchorNode.parentElement?.closest(texts);
    if (!within || !within.contains(selection.focusNode) || words.length < 2 || words.length > 300) return null;
    const range = selection.getRangeAt(0).cloneRange();
    range.setEnd(range.startContainer, range.startOffset);
    range.setStart(within, 0);
    return { words, before: range.toString().slice(-60) };
  };

  const fill = ({ words, before }) => {
    const fields = place.querySelector("form")?.elements;
    if (!fields?.passage_words) return false;
    fields.kind.value = "error";
    fields.passage_words.value = words;
    fields.passage_before.value = before;
    fields.body.value ||= "Đoạn này có lỗi chính tả.";
    fields.body.focus();
    return true;
  };

  document.addEventListener("selectionchange", () => {
    const found = pick();
    if (found) picked = found;
    report.hidden = !found;
  });
  report.addEventListener("pointerdown", (event) => event.preventDefault()); // What is picked stays picked.
  report.addEventListener("click", () => {
    const wanted = picked;
    report.hidden = true;
    if (!wanted) return;
    if (place.querySelector("form")) {
      if (place.hidden) link.click();
      fill(wanted);
      return;
    }
    new MutationObserver((_, observer) => {
      if (fill(wanted)) observer.disconnect();
    }).observe(place, { childList: true });
    link.click();
  });
}

function find(words, container) {
  const places = [];
  let text = "";
  const walker = document.createTreeWalker(container, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let at = 0; at < node.length; at += 1) {
      const letter = /\s/.test(node.data[at]) ? " " : node.data[at];
      if (letter === " " && text.endsWith(" ")) continue;
      text += letter;
      places.push([node, at]);
    }
    if (text && !text.endsWith(" ") && node.parentElement.matches("p, li, h2, h3, h4, td, th")) {
      text += " ";
      places.push([node, node.length - 1]);
    }
  }
  const start = text.indexOf(words);
  if (start < 0) return null;
  const range = new Range();
  range.setStart(...places[start]);
  const [last, at] = places[start + words.length - 1];
  range.setEnd(last, at + 1);
  return range;
}

const pointed = location.hash.match(/^#doan=([^:]{1,4000})/);
if (pointed) {
  let words = "";
  try {
    words = decodeURIComponent(pointed[1]).replace(/\s+/g, " ").trim().normalize("NFC");
  } catch {
    // Not an address of ours.
  }
  for (const container of words ? document.querySelectorAll(texts) : []) {
    const range = find(words, container);
    if (!range) continue;
    if (globalThis.CSS?.highlights) CSS.highlights.set("doan", new Highlight(range));
    else getSelection().addRange(range);
    range.startContainer.parentElement.scrollIntoView({ block: "center" });
    break;
  }
}

// --- A table wider than the text scrolls in a box of its own, which the keyboard reaches ---

const named = (table, number) => table.caption?.textContent.trim() || `Bảng ${number}`;

function wrap(table, number) {
  const box = document.createElement("div");
  box.className = "table-box";
  table.replaceWith(box);
  box.append(table);
  const watch = () => {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", named(table, number));
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  };
  new ResizeObserver(watch).observe(box);
}

document.querySelectorAll(":is(.article__body, .prose) table").forEach((table, index) => {
  if (!table.parentElement.closest("table")) wrap(table, index + 1);
});

// --- A view: once the page has been in sight for five seconds, one beacon with the number of the article, nothing else ---

const NEEDED = 5000;
const { article, beacon } = document.body.dataset;

if (article && beacon && typeof navigator.sendBeacon === "function") {
  let seen = 0;
  let since = 0;
  let timer = 0;

  const count = () => {
    document.removeEventListener("visibilitychange", watch);
    navigator.sendBeacon(beacon, new URLSearchParams({ bai: article }));
  };

  const watch = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") {
      since = performance.now();
      timer = setTimeout(count, NEEDED - seen);
    } else if (since) {
      seen = Math.min(NEEDED, seen + performance.now() - since);
      since = 0;
    }
  };

  document.addEventListener("visibilitychange", watch);
  watch();
}
