// The rich text editor: Tiptap as django-prose-editor packs it, with a toolbar of our own (real buttons, Vietnamese
// names, arrow keys) and no style injected: the editor's CSS is css/admin.css and css/desk/editor.css. The textarea stays
// the form's field. What the editor may make is said by the server's allow-list, in the textarea's data.

import { element } from "./editor/element.js";
import { boxExtension, figureExtension } from "./editor/figures.js";
import { Library } from "./editor/library.js";
import { askForLink } from "./editor/link.js";
import { cleanHtml } from "./editor/paste.js";
import { insertFigure, toolbarFor } from "./editor/toolbar.js";

const PICTURE = /^image\/(png|jpeg|webp)$/;

function extensionsFor(core, settings) {
  const always = ["Document", "Paragraph", "Text", "Dropcursor", "Gapcursor", "History"];
  const wanted = { ...Object.fromEntries(always.map((name) => [name, true])), ...settings.extensions };
  const ours = { Box: () => boxExtension(core), Figure: () => figureExtension(core, settings.library) };
  return Object.entries(wanted)
    .filter(([name, options]) => options && (ours[name] || core[name]))
    .map(([name, options]) => {
      if (ours[name]) return ours[name]();
      let extension = core[name];
      // Their own dialogs and shortcuts for them have no place here; lists need no style of their own.
      if (name === "Link") {
        extension = extension.extend({
          addKeyboardShortcuts: () => ({ "Mod-k": ({ editor }) => (askForLink(editor, settings), true) }),
          // A pasted link leads where it led, whatever its words look like.
          addPasteRules: () => [],
        });
      }
      if (name === "OrderedList") {
        extension = extension.extend({
          addAttributes: () => ({ start: { default: 1, parseHTML: (list) => Number(list.getAttribute("start")) || 1 } }),
          addNodeView: null,
        });
      }
      return typeof options === "object" ? extension.configure(options) : extension;
    });
}

// Pictures that were pasted or dropped go into the library, one after the other, and stand where the cursor is.
async function takePictures(editor, files, settings, say) {
  const told = [];
  for (const [place, file] of files.entries()) {
    say(`Đang tải ảnh lên kho (${place + 1} trong ${files.length})…`);
    try {
      const image = await settings.library.upload(file);
      insertFigure(editor, { image: String(image.id) });
    } catch (error) {
      told.push(files.length > 1 ? `${file.name || "Ảnh"}: ${error.message}` : error.message);
    }
  }
  say(told.join(" ") || (files.length > 1 ? `Đã chèn ${files.length} ảnh.` : "Đã chèn ảnh. Hãy ghi mô tả và nguồn của ảnh trong kho."), told.length > 0);
}

function pictureFiles(transfer) {
  return [...(transfer?.files ?? [])].filter((file) => PICTURE.test(file.type));
}

async function start(textarea) {
  const core = await import(textarea.dataset.editorModule);
  const { editorLinks, editorFigures, editorUpload, editorLibrary, editorRecordings } = textarea.dataset;
  const settings = { extensions: JSON.parse(textarea.dataset.editor), links: editorLinks };
  if (editorFigures) settings.library = new Library({ figures: editorFigures, upload: editorUpload, library: editorLibrary, recordings: editorRecordings });
  const label = textarea.labels[0];
  const holder = element("div", { className: "editor" });
  const said = element("p", { className: "editor-said", "aria-live": "polite" });
  const say = (message, isWrong = false) => {
    said.textContent = message;
    said.classList.toggle("wrong", isWrong);
  };
  const attributes = { class: "editor-text", role: "textbox", "aria-multiline": "true" };
  if (label) {
    label.id ||= `${textarea.id}_label`;
    attributes["aria-labelledby"] = label.id;
    label.addEventListener("click", () => editor.commands.focus());
  }
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (textarea.hasAttribute(name)) attributes[name] = textarea.getAttribute(name);
  }
  const editor = new core.Editor({
    element: holder,
    injectCSS: false,
    extensions: extensionsFor(core, settings),
    content: textarea.value,
    editorProps: {
      attributes,
      transformPastedText: (text) => text.normalize("NFC"),
      // What was copied in the editor itself is already clean, figures included.
      transformPastedHTML: (html) => {
        if (/ data-pm-slice=/.test(html)) return html;
        const { html: clean, images } = cleanHtml(html);
        say(images ? `Đã bỏ ${images} ảnh: hãy tải lên kho ảnh rồi chèn.` : "");
        return clean;
      },
      handlePaste: (_view, event) => {
        const files = pictureFiles(event.clipboardData);
        // Word puts a drawing of the text beside the text: pictures count only where there are no words.
        const html = event.clipboardData?.getData("text/html") || "";
        const words = event.clipboardData?.getData("text/plain").trim() || (html && cleanHtml(html).html);
        if (!files.length || words || !settings.library) return false;
        takePictures(editor, files, settings, say);
        return true;
      },
      handleDrop: (view, event, _slice, moved) => {
        const files = pictureFiles(event.dataTransfer);
        if (moved || !files.length || !settings.library) return false;
        event.preventDefault();
        const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (place) editor.commands.setTextSelection(place.pos);
        takePictures(editor, files, settings, say);
        return true;
      },
    },
    onUpdate: () => {
      textarea.value = editor.isEmpty ? "" : editor.getHTML();
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  textarea.after(holder);
  textarea.hidden = true;
  holder.prepend(toolbarFor(editor, label?.textContent.trim() || "nội dung", settings));
  holder.append(said);
  holder.dataset.ready = "";
}

for (const textarea of document.querySelectorAll("textarea[data-editor]")) {
  start(textarea).catch((error) => {
    // The textarea stays as it is: one can go on writing in it.
    textarea.hidden = false;
    console.error(error);
  });
}
