// The browser's own calendar beside fields of days, which are written day first whatever language the browser speaks.

const DAY = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})/;
const two = (number) => String(number).padStart(2, "0");

function iso(text) {
  const found = text.trim().match(DAY);
  return found ? `${found[3]}-${two(found[2])}-${two(found[1])}` : "";
}

function start(root) {
  for (const field of root.querySelectorAll("input[data-day], input[data-moment]")) {
    if (field.dataset.hasCalendar !== undefined || field.closest("template")) continue;
    const calendar = Object.assign(document.createElement("input"), { type: "date", tabIndex: -1 });
    if (!calendar.showPicker) return;
    field.dataset.hasCalendar = "";
    calendar.setAttribute("aria-hidden", "true");
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Lịch" });
    button.setAttribute("aria-label", "Mở lịch");
    const holder = Object.assign(document.createElement("div"), { className: "day" });
    field.replaceWith(holder);
    holder.append(field, button, calendar);
    button.addEventListener("click", () => {
      calendar.value = iso(field.value);
      calendar.showPicker();
    });
    calendar.addEventListener("change", () => {
      const [year, month, day] = calendar.value.split("-");
      if (!year) return;
      const time = field.dataset.moment === undefined ? "" : ` ${field.value.trim().split(/\s+/)[1] || "08:00"}`;
      field.value = `${day}/${month}/${year}${time}`;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

document.addEventListener("rows:added", (event) => start(event.target));
start(document);
