// The toolbar: real buttons with Vietnamese names, one stop of the Tab key, arrow keys between them.

import { element } from "./element.js";
import { blockAt, moveBlock, removeBlock } from "./figures.js";
import { chooseFigure } from "./library.js";
import { askForLink } from "./link.js";

const mark = (name, text, type, style) => ({
  name,
  text,
  style,
  needs: type,
  run: (chain) => chain.toggleMark(type),
  on: (editor) => editor.isActive(type),
});
const heading = (name, text, level) => ({
  name,
  text,
  needs: "heading",
  run: (chain) => chain.toggleHeading({ level }),
  on: (editor) => editor.isActive("heading", { level }),
});
const inTable = (name, text, command) => ({
  name,
  text,
  needs: "table",
  run: (chain) => chain[command](),
  shown: (editor) => editor.isActive("table"),
});
const figure = (kind, name, text) => ({
  name,
  text,
  needs: "figure",
  open: (editor, settings) =>
    chooseFigure(kind, settings.library, (attributes) => insertFigure(editor, attributes), {
      back: () => editor.commands.focus(),
    }),
});
const BLOCKS = ["figure", "box"];
const onBlock = (name, text, run) => ({
  name,
  text,
  needs: "figure",
  open: (editor) => {
    const found = blockAt(editor.state, BLOCKS);
    if (found) run(editor, found[0]);
    editor.commands.focus();
  },
  shown: (editor) => blockAt(editor.state, BLOCKS) !== null,
});

const COMMANDS = [
  [
    { name: "Đoạn văn", text: "¶", run: (chain) => chain.setParagraph(), on: (editor) => editor.isActive("paragraph") },
    heading("Tít phụ lớn", "H2", 2),
    heading("Tít phụ nhỏ", "H3", 3),
  ],
  [
    mark("Chữ đậm", "B", "bold", "bold"),
    mark("Chữ nghiêng", "I", "italic", "italic"),
    mark("Gạch chân", "U", "underline", "underline"),
    mark("Gạch ngang chữ", "S", "strike", "strike"),
    mark("Chỉ số dưới", "x₂", "subscript"),
    mark("Chỉ số trên", "x²", "superscript"),
  ],
  [
    { name: "Danh sách", text: "•", run: (chain) => chain.toggleBulletList(), on: (editor) => editor.isActive("bulletList") },
    { name: "Danh sách đánh số", text: "1.", run: (chain) => chain.toggleOrderedList(), on: (editor) => editor.isActive("orderedList") },
    { name: "Trích dẫn", text: "❝", run: (chain) => chain.toggleBlockquote(), on: (editor) => editor.isActive("blockquote") },
    { name: "Hộp", text: "Hộp", needs: "box", run: (chain) => chain.toggleBox(), on: (editor) => editor.isActive("box") },
    { name: "Đường kẻ ngang", text: "―", run: (chain) => chain.setHorizontalRule() },
  ],
  [
    { name: "Liên kết", text: "Liên kết", open: askForLink, on: (editor) => editor.isActive("link") },
    { name: "Bỏ liên kết", text: "Bỏ liên kết", run: (chain) => chain.extendMarkRange("link").unsetLink(), shown: (editor) => editor.isActive("link") },
  ],
  [
    figure("picture", "Chèn ảnh", "Ảnh"),
    figure("gallery", "Chèn chùm ảnh", "Chùm ảnh"),
    figure("recording", "Chèn phim, âm thanh", "Phim, âm thanh"),
    figure("embed", "Chèn nhúng (ảnh bìa và liên kết)", "Nhúng"),
    onBlock("Đưa khối lên", "↑ khối", (editor, position) => moveBlock(editor, position, -1)),
    onBlock("Đưa khối xuống", "↓ khối", (editor, position) => moveBlock(editor, position, 1)),
    onBlock("Bỏ khối", "bỏ khối", removeBlock),
  ],
  [
    {
      name: "Chèn bảng ba cột ba hàng",
      text: "Bảng",
      needs: "table",
      run: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
      shown: (editor) => !editor.isActive("table"),
    },
    inTable("Thêm hàng dưới", "+ hàng", "addRowAfter"),
    inTable("Xóa hàng", "− hàng", "deleteRow"),
    inTable("Thêm cột bên phải", "+ cột", "addColumnAfter"),
    inTable("Xóa cột", "− cột", "deleteColumn"),
    inTable("Ô tiêu đề", "ô tiêu đề", "toggleHeaderCell"),
    inTable("Xóa bảng", "xóa bảng", "deleteTable"),
  ],
  [
    { name: "Hoàn tác", text: "↶", run: (chain) => chain.undo(), can: (editor) => editor.can().undo() },
    { name: "Làm lại", text: "↷", run: (chain) => chain.redo(), can: (editor) => editor.can().redo() },
  ],
];

// Put a figure where the cursor is, and the cursor into its caption.
export function insertFigure(editor, attributes) {
  const seen = new Set();
  editor.state.doc.descendants((node) => void (node.type.name === "figure" && seen.add(node)));
  editor.chain().focus().insertFigure(attributes).run();
  let made = null;
  editor.state.doc.descendants((node, position) => {
    if (made === null && node.type.name === "figure" && !seen.has(node)) made = position;
  });
  if (made !== null) editor.chain().setTextSelection(made + 1).focus().scrollIntoView().run();
}

export function toolbarFor(editor, label, settings) {
  const toolbar = element("div", { className: "editor-tools", role: "toolbar", "aria-label": `Định dạng ${label.toLowerCase()}` });
  const buttons = [];
  const known = (name) => !name || editor.schema.nodes[name] || editor.schema.marks[name];
  for (const group of COMMANDS) {
    const holder = element("div", { className: "editor-group" });
    for (const command of group.filter(({ needs }) => known(needs))) {
      const button = element("button", { type: "button", textContent: command.text, title: command.name, "aria-label": command.name });
      button.tabIndex = -1;
      if (command.style) button.dataset.style = command.style;
      if (command.on) button.setAttribute("aria-pressed", "false");
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") === "true") return;
        if (command.open) command.open(editor, settings);
        else command.run(editor.chain().focus()).run();
      });
      buttons.push([button, command]);
      holder.append(button);
    }
    if (holder.children.length) toolbar.append(holder);
  }
  const shown = () => buttons.map(([button]) => button).filter((button) => !button.hidden);
  toolbar.addEventListener("keydown", (event) => {
    const places = shown();
    const place = places.indexOf(document.activeElement);
    const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: places.length - 1 }[event.key];
    if (place < 0 || next === undefined) return;
    event.preventDefault();
    places[place].tabIndex = -1;
    const target = places[(next + places.length) % places.length];
    target.tabIndex = 0;
    target.focus();
  });
  const refresh = () => {
    for (const [button, command] of buttons) {
      if (command.shown) button.hidden = !command.shown(editor);
      if (command.on) button.setAttribute("aria-pressed", String(command.on(editor)));
      if (command.can) button.setAttribute("aria-disabled", String(!command.can(editor)));
      if (button.hidden) button.tabIndex = -1;
    }
    const places = shown();
    if (!places.some((button) => button.tabIndex === 0) && places[0]) places[0].tabIndex = 0;
  };
  editor.on("transaction", refresh);
  refresh();
  return toolbar;
}
