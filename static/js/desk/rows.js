// "Thêm dòng" below a list of rows: copies the row that waits in its template.

for (const rows of document.querySelectorAll("[data-rows]")) {
  const template = rows.querySelector(":scope > template");
  const total = rows.querySelector(`[name="${rows.dataset.rows}-TOTAL_FORMS"]`);
  const button = rows.querySelector(":scope > .rows-add > [data-add-row]");
  if (!template || !total || !button) continue;
  button.parentElement.hidden = false;
  button.addEventListener("click", () => {
    const number = Number(total.value);
    const row = template.content.firstElementChild.cloneNode(true);
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const attribute of [...element.attributes]) {
        if (attribute.value.includes("__prefix__")) {
          element.setAttribute(attribute.name, attribute.value.replaceAll("__prefix__", number));
        }
      }
    }
    const legend = row.querySelector("legend");
    if (legend) legend.textContent = legend.textContent.replace("mới", String(number + 1));
    template.before(row);
    total.value = String(number + 1);
    row.dispatchEvent(new CustomEvent("rows:added", { bubbles: true }));
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
}
