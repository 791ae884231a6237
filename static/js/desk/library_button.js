// Beside each field that names a picture, a button that opens the library to choose by sight. Without this module the
// field takes a name or a number as before.

import { element } from "./editor/element.js";
import { chooseFigure, Library } from "./editor/library.js";

const FIELDS = 'input[data-pick$="/chon/anh/"]';
const body = document.querySelector("textarea[data-editor-figures]");

function dress(input, library) {
  if (input.dataset.hasLibrary) return;
  input.dataset.hasLibrary = "";
  const name = input.labels?.[0]?.textContent.trim() || "ảnh";
  const button = element("button", { type: "button", className: "pick-see", textContent: "Xem kho…", "aria-label": `Chọn trong kho ảnh cho ô ${name}` });
  button.addEventListener("click", () =>
    chooseFigure(
      "field",
      library,
      async ({ image }) => {
        const found = await library.get("picture", image);
        input.value = `${found.label} (số ${image})`;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.dispatchEvent(new Event("change", { bubbles: true }));
      },
      { back: () => button.focus() },
    ),
  );
  (input.parentElement.querySelector(":scope > .pick-list") || input).after(button);
}

if (body) {
  const { editorFigures, editorUpload, editorLibrary } = body.dataset;
  const library = new Library({ figures: editorFigures, upload: editorUpload, library: editorLibrary });
  const all = (root) => {
    for (const input of root.querySelectorAll(FIELDS)) dress(input, library);
  };
  all(document);
  document.addEventListener("rows:added", (event) => all(event.target));
}
