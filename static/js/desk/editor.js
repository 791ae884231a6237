// The rich text editor: Tiptap as django-prose-editor packs it, with a toolbar of our own (real buttons, Vietnamese
// names, arrow keys) and no style injected: the editor's CSS is part of admin.css. The textarea stays the form's field.

const COMMANDS = [
  [
    { name: "Đoạn văn", text: "¶", run: (chain) => chain.setParagraph(), on: (editor) => editor.isActive("paragraph") },
    {
      name: "Tít phụ lớn",
      text: "H2",
      run: (chain) => chain.toggleHeading({ level: 2 }),
      on: (editor) => editor.isActive("heading", { level: 2 }),
    },
    {
      name: "Tít phụ nhỏ",
      text: "H3",
      run: (chain) => chain.toggleHeading({ level: 3 }),
      on: (editor) => editor.isActive("heading", { level: 3 }),
    },
  ],
  [
    { name: "Chữ đậm", text: "B", style: "bold", run: (chain) => chain.toggleBold(), on: (editor) => editor.isActive("bold") },
    {
      name: "Chữ nghiêng",
      text: "I",
      style: "italic",
      run: (chain) => chain.toggleItalic(),
      on: (editor) => editor.isActive("italic"),
    },
    {
      name: "Gạch chân",
      text: "U",
      style: "underline",
      run: (chain) => chain.toggleUnderline(),
      on: (editor) => editor.isActive("underline"),
    },
    {
      name: "Gạch ngang chữ",
      text: "S",
      style: "strike",
      run: (chain) => chain.toggleStrike(),
      on: (editor) => editor.isActive("strike"),
    },
    { name: "Chỉ số dưới", text: "x₂", run: (chain) => chain.toggleSubscript(), on: (editor) => editor.isActive("subscript") },
    { name: "Chỉ số trên", text: "x²", run: (chain) => chain.toggleSuperscript(), on: (editor) => editor.isActive("superscript") },
  ],
  [
    { name: "Danh sách", text: "•", run: (chain) => chain.toggleBulletList(), on: (editor) => editor.isActive("bulletList") },
    {
      name: "Danh sách đánh số",
      text: "1.",
      run: (chain) => chain.toggleOrderedList(),
      on: (editor) => editor.isActive("orderedList"),
    },
    { name: "Trích dẫn", text: "❝", run: (chain) => chain.toggleBlockquote(), on: (editor) => editor.isActive("blockquote") },
    { name: "Đường kẻ ngang", text: "―", run: (chain) => chain.setHorizontalRule() },
  ],
  [
    { name: "Liên kết", text: "Liên kết", open: askForLink, on: (editor) => editor.isActive("link") },
    { name: "Bỏ liên kết", text: "Bỏ liên kết", run: (chain) => chain.extendMarkRange("link").unsetLink(), shown: (editor) => editor.isActive("link") },
  ],
  [
    {
      name: "Chèn bảng ba cột ba hàng",
      text: "Bảng",
      run: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
      shown: (editor) => !editor.isActive("table"),
    },
    { name: "Thêm hàng dưới", text: "+ hàng", run: (chain) => chain.addRowAfter(), shown: (editor) => editor.isActive("table") },
    { name: "Xóa hàng", text: "− hàng", run: (chain) => chain.deleteRow(), shown: (editor) => editor.isActive("table") },
    { name: "Thêm cột bên phải", text: "+ cột", run: (chain) => chain.addColumnAfter(), shown: (editor) => editor.isActive("table") },
    { name: "Xóa cột", text: "− cột", run: (chain) => chain.deleteColumn(), shown: (editor) => editor.isActive("table") },
    { name: "Ô tiêu đề", text: "ô tiêu đề", run: (chain) => chain.toggleHeaderCell(), shown: (editor) => editor.isActive("table") },
    { name: "Xóa bảng", text: "xóa bảng", run: (chain) => chain.deleteTable(), shown: (editor) => editor.isActive("table") },
  ],
  [
    { name: "Hoàn tác", text: "↶", run: (chain) => chain.undo(), can: (editor) => editor.can().undo() },
    { name: "Làm lại", text: "↷", run: (chain) => chain.redo(), can: (editor) => editor.can().redo() },
  ],
];

function element(tag, properties = {}, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// A link is asked for in a dialog of the page: an address, checked again by the server's sanitiser.
function askForLink(editor) {
  const field = element("input", { type: "url", id: "link-address", value: editor.getAttributes("link").href || "" });
  field.setAttribute("aria-describedby", "link-help");
  const help = element("p", { className: "help", id: "link-help", textContent: "Bắt đầu bằng https://, http://, mailto: hoặc tel:" });
  const form = element("form", { method: "dialog" }, [
    element("h2", { textContent: "Liên kết", id: "link-title" }),
    element("label", { htmlFor: "link-address", textContent: "Địa chỉ" }),
    field,
    help,
    element("div", { className: "bar-buttons" }, [
      element("button", { type: "submit", className: "main", textContent: "Đặt liên kết", value: "set" }),
      element("button", { type: "button", textContent: "Thôi", onclick: () => dialog.close() }),
    ]),
  ]);
  const dialog = element("dialog", { className: "desk-dialog" }, [form]);
  dialog.setAttribute("aria-labelledby", "link-title");
  form.addEventListener("submit", (event) => {
    const address = field.value.trim();
    if (address && !/^(https?:\/\/|mailto:|tel:)/i.test(address)) {
      event.preventDefault();
      help.classList.add("wrong");
      field.focus();
      return;
    }
    const chain = editor.chain().focus().extendMarkRange("link");
    if (!address) chain.unsetLink().run();
    else if (editor.state.selection.empty && !editor.isActive("link")) {
      chain.insertContent({ type: "text", text: address, marks: [{ type: "link", attrs: { href: address } }] }).run();
    } else chain.setLink({ href: address }).run();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    editor.commands.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  field.focus();
}

function toolbarFor(editor, label) {
  const toolbar = element("div", { className: "editor-tools" });
  toolbar.setAttribute("role", "toolbar");
  toolbar.setAttribute("aria-label", `Định dạng ${label.toLowerCase()}`);
  const buttons = [];
  for (const group of COMMANDS) {
    const holder = element("div", { className: "editor-group" });
    for (const command of group) {
      const button = element("button", { type: "button", textContent: command.text, title: command.name });
      button.setAttribute("aria-label", command.name);
      button.tabIndex = -1;
      if (command.style) button.dataset.style = command.style;
      if (command.on) button.setAttribute("aria-pressed", "false");
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") === "true") return;
        if (command.open) command.open(editor);
        else command.run(editor.chain().focus()).run();
      });
      buttons.push([button, command]);
      holder.append(button);
    }
    toolbar.append(holder);
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
    }
    const places = shown();
    if (!places.some((button) => button.tabIndex === 0) && places[0]) places[0].tabIndex = 0;
  };
  editor.on("transaction", refresh);
  refresh();
  return toolbar;
}

function extensionsFor(library, offered) {
  const core = ["Document", "Paragraph", "Text", "Dropcursor", "Gapcursor", "History"];
  const wanted = { ...Object.fromEntries(core.map((name) => [name, true])), ...offered };
  return Object.entries(wanted)
    .filter(([name, options]) => options && library[name])
    .map(([name, options]) => {
      let extension = library[name];
      // Their own dialogs and shortcuts for them have no place here; lists need no style of their own.
      if (name === "Link") {
        extension = extension.extend({ addKeyboardShortcuts: () => ({ "Mod-k": ({ editor }) => (askForLink(editor), true) }) });
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

async function start(textarea) {
  const library = await import(textarea.dataset.editorModule);
  const label = textarea.labels[0];
  const holder = element("div", { className: "editor" });
  const attributes = { class: "editor-text", role: "textbox", "aria-multiline": "true" };
  if (label) {
    label.id ||= `${textarea.id}_label`;
    attributes["aria-labelledby"] = label.id;
    label.addEventListener("click", () => editor.commands.focus());
  }
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (textarea.hasAttribute(name)) attributes[name] = textarea.getAttribute(name);
  }
  const editor = new library.Editor({
    element: holder,
    injectCSS: false,
    extensions: extensionsFor(library, JSON.parse(textarea.dataset.editor)),
    content: textarea.value,
    editorProps: { attributes },
    onUpdate: () => {
      textarea.value = editor.isEmpty ? "" : editor.getHTML();
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  textarea.after(holder);
  textarea.hidden = true;
  holder.prepend(toolbarFor(editor, label?.textContent.trim() || "nội dung"));
  holder.dataset.ready = "";
}

for (const textarea of document.querySelectorAll("textarea[data-editor]")) {
  start(textarea).catch((error) => {
    // The textarea stays as it is: one can go on writing in it.
    textarea.hidden = false;
    console.error(error);
  });
}
