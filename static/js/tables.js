// A table wider than the text scrolls in a box of its own, which the keyboard reaches.

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

document.querySelectorAll(".article__body table").forEach((table, index) => {
  if (!table.parentElement.closest("table")) wrap(table, index + 1);
});
