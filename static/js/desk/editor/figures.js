// Figures and boxes in the text. A figure carries numbers of the library and a caption; what they show is asked of the
// desk and drawn around the caption, never stored.

import { element } from "./element.js";
import { chooseFigure } from "./library.js";

const NUMBER = /^[1-9]\d{0,17}$/;
const LINK = /^https?:\/\/[^\s"'<>\\`]+$/i;

// What a <figure> of stored HTML names; false for one that names nothing.
export function attributesOf(figure) {
  const read = (name) => (figure.getAttribute(name) || "").trim();
  const image = NUMBER.test(read("data-image")) ? read("data-image") : null;
  const numbers = read("data-images").split(/\s+/).filter(Boolean);
  const images = numbers.length && numbers.length <= 60 && numbers.every((one) => NUMBER.test(one)) ? numbers.join(" ") : null;
  const recording = NUMBER.test(read("data-recording")) ? read("data-recording") : null;
  const link = image && LINK.test(read("data-link")) ? read("data-link") : null;
  return image || images || recording ? { image, images, recording, link } : false;
}

function kindOf(attributes) {
  if (attributes.recording) return "recording";
  if (attributes.images) return "gallery";
  return attributes.link ? "embed" : "picture";
}

const NAMES = { picture: "Ảnh", gallery: "Chùm ảnh", recording: "Phim, âm thanh", embed: "Nhúng" };

// Where the figure or box around the selection stands: [position, node]; null for none.
export function blockAt(state, names) {
  const { selection } = state;
  if (selection.node && names.includes(selection.node.type.name)) return [selection.from, selection.node];
  for (let depth = selection.$from.depth; depth > 0; depth -= 1) {
    const node = selection.$from.node(depth);
    if (names.includes(node.type.name)) return [selection.$from.before(depth), node];
  }
  return null;
}

// Change places with the neighbour before (-1) or after (1); false when there is none.
export function moveBlock(editor, position, step) {
  const { state, view } = editor;
  const $place = state.doc.resolve(position);
  const node = $place.nodeAfter;
  const neighbour = step < 0 ? $place.nodeBefore : state.doc.resolve(position + node.nodeSize).nodeAfter;
  if (!node || !neighbour) return false;
  const target = step < 0 ? position - neighbour.nodeSize : position + neighbour.nodeSize;
  const transaction = state.tr.delete(position, position + node.nodeSize).insert(target, node);
  view.dispatch(transaction.scrollIntoView());
  return target;
}

export function removeBlock(editor, position) {
  const node = editor.state.doc.nodeAt(position);
  if (!node) return;
  editor.view.dispatch(editor.state.tr.delete(position, position + node.nodeSize).scrollIntoView());
  editor.commands.focus();
}

class FigureView {
  constructor({ node, editor, getPos }, library) {
    this.editor = editor;
    this.getPos = getPos;
    this.library = library;
    this.node = node;
    this.media = element("div", { className: "figure-media", contentEditable: "false" });
    this.contentDOM = element("div", { className: "figure-caption" });
    this.tools = element("div", { className: "figure-tools", contentEditable: "false", role: "group" });
    this.buttons = [
      ["Lên", "Đưa lên", () => this.move(-1)],
      ["Xuống", "Đưa xuống", () => this.move(1)],
      ["Chọn lại", "Chọn lại", () => this.chooseAnew()],
      ["Bỏ", "Bỏ", () => removeBlock(this.editor, this.getPos())],
    ].map(([text, name, run]) => {
      const button = element("button", { type: "button", textContent: text });
      button.dataset.name = name;
      button.addEventListener("click", run);
      return button;
    });
    this.tools.append(...this.buttons);
    this.dom = element("div", { className: "figure-view" }, [this.media, this.contentDOM, this.tools]);
    this.draw();
  }

  move(step) {
    const moved = moveBlock(this.editor, this.getPos(), step);
    if (moved === false) return;
    // The view may have been made anew: the same button stays under the finger.
    const place = step < 0 ? 0 : 1;
    const dom = this.editor.view.nodeDOM(moved);
    dom?.querySelectorAll?.(".figure-tools button")[place]?.focus();
  }

  // Other pictures, another order, another address: the caption and the place in the text stay.
  async chooseAnew() {
    const { attrs } = this.node;
    const kind = kindOf(attrs);
    const which = kind === "recording" ? "recording" : "picture";
    const ids = (attrs.recording || attrs.images || attrs.image).split(" ");
    let found;
    try {
      found = await Promise.all(ids.map((id) => this.library.get(which, id)));
    } catch {
      return; // the figure itself says that the library is away
    }
    const place = this.buttons.findIndex((button) => button.dataset.name === "Chọn lại");
    const position = this.getPos();
    chooseFigure(
      kind,
      this.library,
      (attributes) => {
        const { state, view } = this.editor;
        const node = state.doc.nodeAt(this.getPos());
        if (node) view.dispatch(state.tr.setNodeMarkup(this.getPos(), null, { ...node.attrs, ...attributes }));
      },
      {
        chosen: found.filter(Boolean),
        link: attrs.link || "",
        back: () => this.editor.view.nodeDOM(position)?.querySelectorAll?.(".figure-tools button")[place]?.focus(),
      },
    );
  }

  async draw() {
    const { attrs } = this.node;
    const kind = kindOf(attrs);
    this.dom.dataset.kind = kind;
    this.tools.setAttribute("aria-label", `${NAMES[kind]} trong bài`);
    const asked =
      kind === "recording" ? [["recording", attrs.recording]] : (attrs.images || attrs.image).split(" ").map((id) => ["picture", id]);
    for (const button of this.buttons) button.setAttribute("aria-label", `${button.dataset.name} ${NAMES[kind].toLowerCase()} số ${asked[0][1]}`);
    this.drawn = JSON.stringify(attrs);
    this.contentDOM.dataset.placeholder = "Chú thích";
    let found;
    try {
      found = await Promise.all(asked.map(([which, id]) => this.library.get(which, id)));
    } catch {
      this.media.replaceChildren(element("p", { className: "figure-note", textContent: `Chưa xem được ${NAMES[kind].toLowerCase()} lúc này.` }));
      return;
    }
    if (this.drawn !== JSON.stringify(this.node.attrs)) return;
    const pieces = found.map((result, place) => this.piece(result, asked[place], kind));
    if (attrs.link) pieces.push(element("p", { className: "figure-note", textContent: `Dẫn tới ${attrs.link}` }));
    this.media.replaceChildren(...pieces);
    if (kind !== "gallery" && found[0]?.caption) this.contentDOM.dataset.placeholder = `Theo kho: ${found[0].caption}`;
    else this.contentDOM.dataset.placeholder = kind === "gallery" ? "Chú thích chung cho chùm ảnh" : "Chú thích";
  }

  piece(result, [which, id], kind) {
    const name = which === "recording" ? "Phim, âm thanh" : "Ảnh";
    if (!result) return element("p", { className: "figure-note wrong", textContent: `${name} số ${id} không có trong kho.` });
    const note = kind === "recording" ? [element("p", { className: "figure-note", textContent: `${result.label} (${result.note})` })] : [];
    if (!result.address) return element("div", {}, note);
    const picture = element("img", { src: result.address, alt: result.label, width: result.width, height: result.height, draggable: false });
    picture.addEventListener("error", () => picture.replaceWith(element("p", { className: "figure-note", textContent: `Ảnh số ${id}: bản xem đang được làm.` })));
    return element("div", {}, [picture, ...note]);
  }

  update(node) {
    if (node.type !== this.node.type) return false;
    this.node = node;
    if (this.drawn !== JSON.stringify(node.attrs)) this.draw();
    this.contentDOM.classList.toggle("is-empty", node.content.size === 0);
    return true;
  }

  stopEvent(event) {
    return this.tools.contains(event.target);
  }

  ignoreMutation(mutation) {
    // Our own marks on the caption's element are no edit: reading them as one would draw the figure anew for ever.
    return mutation.type === "attributes" || (mutation.type !== "selection" && !this.contentDOM.contains(mutation.target));
  }
}

// The editor's extensions for what the allow-list calls "Figure" and "Box".
export function figureExtension(core, library) {
  return core.Node.create({
    name: "figure",
    group: "block",
    content: "inline*",
    isolating: true,
    defining: true,
    draggable: true,
    addAttributes: () =>
      Object.fromEntries(
        ["image", "images", "recording", "link"].map((name) => [
          name,
          { default: null, parseHTML: () => null, renderHTML: (attributes) => (attributes[name] ? { [`data-${name}`]: attributes[name] } : {}) },
        ]),
      ),
    parseHTML: () => [
      {
        tag: "figure",
        getAttrs: attributesOf,
        contentElement: (figure) => figure.querySelector("figcaption") || figure,
      },
    ],
    renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, ["figcaption", 0]],
    addNodeView: () => (properties) => {
      const view = new FigureView(properties, library);
      view.contentDOM.classList.toggle("is-empty", properties.node.content.size === 0);
      return view;
    },
    addCommands: () => ({
      insertFigure:
        (attributes) =>
        ({ chain, state }) => {
          const inside = blockAt(state, ["figure"]);
          const made = [{ type: "figure", attrs: { image: null, images: null, recording: null, link: null, ...attributes } }];
          // A figure does not stand in another one's caption: it comes behind.
          const place = inside ? inside[0] + inside[1].nodeSize : null;
          return (place === null ? chain().insertContent(made) : chain().insertContentAt(place, made)).run();
        },
    }),
    addKeyboardShortcuts: () => ({
      // Out of the caption, into the paragraph behind the figure.
      Enter: ({ editor }) => {
        const { selection } = editor.state;
        const found = blockAt(editor.state, ["figure"]);
        if (!found || (selection.node && selection.node.type.name !== "figure")) return false;
        const end = found[0] + found[1].nodeSize;
        return editor.chain().insertContentAt(end, { type: "paragraph" }).setTextSelection(end + 1).focus().run();
      },
      Backspace: ({ editor }) => emptyCaption(editor),
      Delete: ({ editor }) => emptyCaption(editor),
    }),
  });
}

// In an empty caption one press marks the whole figure; the next one takes it away, as with any marked block.
function emptyCaption(editor) {
  const found = blockAt(editor.state, ["figure"]);
  if (!found || editor.state.selection.node || found[1].content.size) return false;
  return editor.commands.setNodeSelection(found[0]);
}

export function boxExtension(core) {
  return core.Node.create({
    name: "box",
    group: "block",
    content: "block+",
    defining: true,
    parseHTML: () => [{ tag: "aside" }],
    renderHTML: () => ["aside", 0],
    // No landmark inside the field: a plain element on the screen, <aside> in the text.
    addNodeView: () => () => {
      const dom = element("div", { className: "box-view" });
      return { dom, contentDOM: dom };
    },
    addCommands: () => ({
      toggleBox:
        () =>
        ({ commands }) =>
          commands.toggleWrap("box"),
    }),
  });
}
