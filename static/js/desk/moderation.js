// The moderators' queue by keyboard: j and k move, a letter decides, reasons have numbers. Each key presses a button that is
// there without this.

const form = document.getElementById("moderation");
const help = document.getElementById("phim-tat");
const reasons = document.getElementById("ly-do");
const opener = document.querySelector("[data-keys-open]");
const PLACE = "moderation-place";

if (form && reasons && help) {
  const cards = [...form.querySelectorAll("[data-card]")];
  const STEPS = { d: "approve", a: "hide", r: "spam", h: "restore", n: "keep", l: "block" };
  const NEED_REASON = new Set(["hide", "spam", "block"]);
  let current = -1;
  let waiting = null;

  const show = (index) => {
    cards[current]?.removeAttribute("data-current");
    current = Math.max(0, Math.min(index, cards.length - 1));
    const card = cards[current];
    card.setAttribute("data-current", "");
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };

  const submit = (button) => {
    sessionStorage.setItem(PLACE, String(current));
    form.requestSubmit(button);
  };

  const decide = (button, step) => {
    const said = form.elements.namedItem("own_reason").value.trim() || form.elements.namedItem("reason").value;
    if (!NEED_REASON.has(step) || said) {
      submit(button);
      return;
    }
    waiting = button;
    const days = form.elements.namedItem("days");
    const length = step === "block" ? ` ${days.selectedOptions[0].text}` : "";
    reasons.querySelector("h2").textContent = `${button.dataset.act}${length && ` trong${length}`}`;
    reasons.querySelector("[data-press]").textContent = `${button.dataset.press}${length}`;
    reasons.querySelector("input").value = "";
    reasons.showModal();
    reasons.querySelector("[data-reason]").focus();
  };

  const goOn = (reason) => {
    const button = waiting;
    waiting = null;
    if (!button || !reason.trim()) return;
    form.elements.namedItem("own_reason").value = reason;
    submit(button);
  };

  reasons.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-reason]");
    if (!chosen) return;
    reasons.close();
    goOn(chosen.dataset.reason);
  });
  reasons.addEventListener("keydown", (event) => {
    if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = reasons.querySelectorAll("[data-reason]")[Number(event.key) - 1];
    if (!/^[1-9]$/.test(event.key) || !chosen) return;
    event.preventDefault();
    chosen.click();
  });
  reasons.querySelector("form").addEventListener("submit", (event) => {
    if (event.submitter?.value === "ok") goOn(reasons.querySelector("input").value);
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-step]");
    if (!button || event.detail === 0) return;
    const card = button.closest("[data-card]");
    current = cards.indexOf(card);
    if (!NEED_REASON.has(button.dataset.step)) {
      sessionStorage.setItem(PLACE, String(current));
      return;
    }
    event.preventDefault();
    decide(button, button.dataset.step);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog:modal")) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select")) return;
    const card = cards[current];
    const step = STEPS[event.key.toLowerCase()];
    if (event.key === "j") show(current + 1);
    else if (event.key === "k") show(current - 1);
    else if (event.key === "?") help.showModal();
    else if (event.key === "x" && card) card.querySelector('[name="chon"]').click();
    else if (event.key === "t" && card) {
      const answer = card.querySelector("[data-answer]");
      if (!answer) return;
      answer.click();
    } else if (event.key === "Enter" && card && event.target === card) card.querySelector(".queue-name a").click();
    else if (step && card) {
      const button = card.querySelector(`button[data-step="${step}"]`);
      if (!button) return;
      decide(button, step);
    } else return;
    event.preventDefault();
  });

  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place !== null) show(Number(place));
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
  }
}
