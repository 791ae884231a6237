// The reader's view of what stands in the form, beside it on wide screens, over it on others, and the checks with it:
// both come from the server, which renders the form as sent and keeps nothing.

import { announce } from "./announce.js";

const WAIT = 1500;
const WAIT_CLOSED = 4000;
const KEY = "desk-beside";
const DESKTOP = 1280;
const form = document.getElementById("article_form");
const pane = document.querySelector("[data-beside-pane]");
const toggle = document.querySelector("[data-beside-toggle]");
const isNew = form?.dataset.isNew === "1";
const isWide = window.matchMedia("(min-width: 93.75rem)");

const remembered = (name, fallback) => {
  try {
    return localStorage.getItem(`${KEY}-${name}`) ?? fallback;
  } catch {
    return fallback;
  }
};
const remember = (name, value) => {
  try {
    localStorage.setItem(`${KEY}-${name}`, value);
  } catch {
    // Private windows keep nothing.
  }
};

class Beside {
  constructor() {
    this.frame = pane.querySelector("iframe");
    this.view = pane.querySelector("[data-beside-view]");
    this.said = pane.querySelector("[data-beside-said]");
    this.asked = 0;
    this.isDue = true;
    toggle.hidden = false;
    toggle.addEventListener("click", () => (pane.open ? this.close(true) : this.open(true)));
    pane.querySelector("[data-beside-close]").addEventListener("click", () => this.close(true));
    pane.addEventListener("close", () => this.closed());
    for (const button of pane.querySelectorAll("[data-beside-width]")) {
      button.addEventListener("click", () => this.width(button.dataset.besideWidth));
    }
    for (const kind of ["input", "change", "rows:added"]) form.addEventListener(kind, () => this.later());
    isWide.addEventListener("change", () => pane.open && this.reopen());
    this.frame.addEventListener("load", () => this.loaded());
    new ResizeObserver(() => this.scale()).observe(this.view);
    this.width(remembered("width", "phone"));
    if (isWide.matches && remembered("open", "") === "1") this.open(false);
  }

  open(isAsked) {
    if (isWide.matches) {
      // Showing a dialog moves the cursor into it; here one goes on writing.
      const active = document.activeElement;
      pane.show();
      if (active && active !== document.body) active.focus({ preventScroll: true });
      else document.activeElement?.blur();
      if (isAsked) remember("open", "1");
      document.documentElement.classList.add("is-beside");
    } else {
      pane.showModal();
    }
    toggle.setAttribute("aria-pressed", "true");
    if (isAsked && isWide.matches) toggle.focus();
    this.ask();
  }

  close(isAsked) {
    pane.close();
    if (isAsked && isWide.matches) remember("open", "");
    toggle.focus();
  }

  closed() {
    // A dialog tells of its end a moment later: by then it may stand open again, in its other form.
    if (pane.open) return;
    toggle.setAttribute("aria-pressed", "false");
    document.documentElement.classList.remove("is-beside");
  }

  reopen() {
    pane.close();
    if (isWide.matches) this.open(false);
  }

  width(name) {
    this.view.dataset.besideView = name;
    for (const button of pane.querySelectorAll("[data-beside-width]")) {
      button.setAttribute("aria-pressed", String(button.dataset.besideWidth === name));
    }
    remember("width", name);
    this.scale();
  }

  // A desktop page in a narrow pane is shown smaller, not cut.
  scale() {
    const room = this.view.clientWidth;
    const factor = this.view.dataset.besideView === "desktop" && room ? Math.min(1, room / DESKTOP) : 1;
    this.view.style.setProperty("--beside-scale", String(factor));
  }

  later() {
    this.isDue = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pane.open ? WAIT : WAIT_CLOSED);
  }

  async ask() {
    clearTimeout(this.timer);
    if (!this.isDue && this.has) return;
    this.isDue = false;
    const asked = ++this.asked;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    this.said.textContent = "Đang dựng…";
    let answer;
    try {
      const response = await fetch(form.dataset.beside, { method: "POST", body: data, headers: { Accept: "application/json" } });
      if (!response.ok || response.redirected) throw new Error(response.status); // redirected: to the log-in
      answer = await response.json();
    } catch {
      if (asked === this.asked) this.said.textContent = "Chưa dựng được bản xem thử.";
      return;
    }
    if (asked !== this.asked) return;
    this.has = true;
    this.said.textContent = "Cả phần chưa lưu";
    if (pane.open) this.show(answer.html);
    else this.has = false;
    showChecks(answer.findings);
    document.dispatchEvent(new CustomEvent("beside:answer", { detail: answer }));
  }

  show(html) {
    const window = this.frame.contentWindow;
    this.place = [window?.scrollX || 0, window?.scrollY || 0];
    this.frame.srcdoc = html;
  }

  // Where one was reading; links of the page lead nowhere from here.
  loaded() {
    const page = this.frame.contentDocument;
    if (!page) return;
    if (this.place) this.frame.contentWindow.scrollTo(...this.place);
    page.addEventListener("click", (event) => {
      const link = event.target.closest?.("a");
      if (link && !link.getAttribute("href")?.startsWith("#")) event.preventDefault();
    });
    page.addEventListener("submit", (event) => event.preventDefault());
  }
}

// --- The checks ---------------------------------------------------------------------------------------------

const list = document.querySelector("[data-checks-list]");
const sum = document.querySelector("[data-checks-sum]");
let blockers = document.querySelectorAll(".finding.is-blocking").length;

function element(name, className, text) {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

function showChecks(findings) {
  if (!list || !sum) return;
  const blocking = findings.filter((finding) => finding.is_blocking).length;
  const advising = findings.length - blocking;
  sum.replaceChildren(blocking ? element("b", "checks-bad", `${blocking} lỗi phải sửa`) : element("b", "checks-good", "Đăng được"));
  const short = document.querySelector("[data-checks-short]");
  if (short) {
    short.textContent = blocking ? `${blocking} lỗi phải sửa` : "Đăng được";
    short.hidden = false;
    short.classList.toggle("checks-bad", blocking > 0);
  }
  if (advising) sum.append(` · ${advising} điều nên xem lại`);
  const focused = list.contains(document.activeElement) ? document.activeElement.textContent : "";
  list.replaceChildren(
    ...findings.map((finding) => {
      const item = element("li", `finding ${finding.is_blocking ? "is-blocking" : "is-advising"}`, "");
      const link = element("a", "", finding.message);
      link.href = `#${finding.target}`;
      link.dataset.goto = finding.target;
      item.append(element("span", "finding-kind", finding.is_blocking ? "Phải sửa" : "Nên xem"), " ", link);
      return item;
    }),
  );
  if (focused) [...list.querySelectorAll("a")].find((link) => link.textContent === focused)?.focus({ preventScroll: true });
  for (const place of document.querySelectorAll("[data-notes]")) {
    // What is not written yet in a new article stands in the list; beside the field it would only nag.
    const own = findings.filter(
      (finding) => finding.field === place.dataset.notes && !(isNew && finding.kind.startsWith("no_")),
    );
    place.replaceChildren(
      ...own.map((finding) => element("p", `finding-note ${finding.is_blocking ? "is-blocking" : "is-advising"}`, finding.message)),
    );
  }
  if (blocking !== blockers) announce(blocking ? `Kiểm tra: ${blocking} lỗi phải sửa.` : "Kiểm tra: đăng được.");
  blockers = blocking;
}

if (form && pane && toggle) new Beside();
