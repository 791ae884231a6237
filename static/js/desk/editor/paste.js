// What comes from the clipboard (Word, Word online, LibreOffice, Google Docs, Outlook, Zalo, web pages), made plain:
// headings, lists, tables, emphasis, links and their words stay, everything else goes. This is comfort, not the defence:
// the server's sanitiser reads the same allow-list and has the last word.

const DROPPED = new Set(
  ("head meta link title style script noscript template xml iframe object embed applet svg math canvas audio video " +
    "button input select option textarea nav dialog o:officedocumentsettings w:worddocument w:latentstyles").split(" "),
);
const PICTURES = new Set(["img", "picture", "v:imagedata", "v:shape"]);
const BLOCKS = new Set(
  ("p div section article main header footer aside address center form fieldset figure figcaption details summary " +
    "h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre hr table thead tbody tfoot tr td th caption colgroup body html").split(" "),
);
const MARKS = ["strong", "em", "u", "s", "sub", "sup"];
const TAG_MARKS = { b: "strong", strong: "strong", i: "em", em: "em", u: "u", s: "s", strike: "s", del: "s", sub: "sub", sup: "sup" };
const HREF = /^(https?:\/\/[^\s]+|mailto:[^\s]+|tel:[^\s]+)$/i;

// {html, images}: the clean HTML, and how many pictures were left out.
export function cleanHtml(source) {
  const parsed = new DOMParser().parseFromString(unstyled(source.normalize("NFC")), "text/html");
  const cleaner = new Cleaner(parsed.body);
  const holder = document.implementation.createHTMLDocument("").createElement("div");
  cleaner.document = holder.ownerDocument;
  holder.append(...cleaner.blocks(parsed.body, new Context()));
  return { html: holder.innerHTML, images: cleaner.images };
}

// A parsed document stands under this page's policy, which reports every style and handler in it: these attributes are
// read under another name, style elements not at all. The result is made anew from what is read, so nothing rides on this.
function unstyled(source) {
  return source
    .replace(/<style\b[\s\S]*?<\/style\s*>/gi, "")
    .replace(/<[a-z](?:[^"'<>]|"[^"]*"|'[^']*')*>/gi, (tag) =>
      tag.replace(/(\s)style(\s*=)/gi, "$1data-look$2").replace(/([\s"'/])on([a-z]+\s*=)/gi, "$1data-on-$2"),
    );
}

const nameOf = (node) => node.localName || node.nodeName.toLowerCase();
const styleOf = (node) => node.getAttribute("data-look") || "";
const property = (node, name) =>
  new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`, "i").exec(styleOf(node))?.[1].trim().toLowerCase() || "";

// What surrounds a piece of text: its marks and its link.
class Context {
  constructor(marks = new Set(), href = "", plain = false) {
    this.marks = marks;
    this.href = href;
    this.plain = plain; // bold says nothing here: a heading, a header cell
  }

  within(node) {
    const marks = new Set(this.marks);
    const own = TAG_MARKS[nameOf(node)];
    const weight = property(node, "font-weight");
    const lines = `${property(node, "text-decoration")} ${property(node, "text-decoration-line")}`;
    const raised = property(node, "vertical-align");
    if (own) marks.add(own);
    if (/^(bold|bolder|[6-9]00)$/.test(weight)) marks.add("strong");
    if (/^(normal|lighter|[1-4]00)$/.test(weight)) marks.delete("strong");
    const slant = property(node, "font-style");
    if (/^(italic|oblique)/.test(slant)) marks.add("em");
    if (slant === "normal") marks.delete("em");
    if (/underline/.test(lines)) marks.add("u");
    if (/line-through/.test(lines)) marks.add("s");
    if (raised === "super") marks.add("sup");
    if (raised === "sub") marks.add("sub");
    const href = nameOf(node) === "a" ? addressOf(node) : "";
    if (this.plain) marks.delete("strong");
    return new Context(marks, href || this.href, this.plain);
  }
}

// Where a link leads, without the detours that Google and Facebook put before it; "" for one that leads nowhere safe.
function addressOf(link) {
  const href = (link.getAttribute("href") || "").trim();
  if (!HREF.test(href)) return "";
  try {
    const url = new URL(href);
    const behind =
      (/(^|\.)google\.[a-z.]+$/.test(url.hostname) && url.pathname === "/url" && (url.searchParams.get("q") || url.searchParams.get("url"))) ||
      (/^lm?\.facebook\.com$/.test(url.hostname) && url.searchParams.get("u"));
    if (behind) return HREF.test(behind) ? withoutTraces(behind) : "";
    return withoutTraces(href);
  } catch {
    return "";
  }
}

function withoutTraces(href) {
  const url = new URL(href);
  if (!url.searchParams.has("fbclid")) return href;
  url.searchParams.delete("fbclid");
  return url.href;
}

class Cleaner {
  constructor(body) {
    this.images = 0;
    // A text with a first-level heading moves down one level: that level is the article's own title.
    this.shift = body.querySelector("h1, p[class*='MsoHeading1' i], p[class*='MsoTitle' i], [role=heading][aria-level='1']") ? 1 : 0;
  }

  make(tag, children = []) {
    const made = this.document.createElement(tag);
    made.append(...children);
    return made;
  }

  isDropped(node) {
    if (node.nodeType === 8 || node.nodeType === 7) return true;
    if (node.nodeType !== 1) return false;
    const name = nameOf(node);
    const known = node.getAttribute("class") || "";
    const style = styleOf(node);
    return (
      DROPPED.has(name) ||
      (name === "del" && (node.hasAttribute("cite") || node.hasAttribute("datetime") || /msoDel/i.test(known))) ||
      /\bmsoDel\b|MsoCommentReference|MsoCommentText/i.test(known) ||
      /mso-element:\s*comment|display:\s*none|mso-hide:\s*all/i.test(style) ||
      node.hidden ||
      /^#_msocom/i.test(node.getAttribute("href") || "")
    );
  }

  // A picture on the way: counted, unless it is the sign that an emoji is drawn with, which becomes its character.
  picture(node) {
    const sign = node.getAttribute("alt") || "";
    if (sign && sign.length <= 8 && /\p{Extended_Pictographic}/u.test(sign)) return sign;
    if (nameOf(node) === "v:shape" || Number(node.getAttribute("width")) === 1) return "";
    this.images += 1;
    return "";
  }

  hasBlocks(node) {
    return [...node.querySelectorAll("*")].some((inner) => BLOCKS.has(nameOf(inner)));
  }

  // --- Lines: text with marks, flat, so that spaces and repeated marks are easy to see ---

  pieces(node, context, found = []) {
    for (const child of node.childNodes) {
      if (this.isDropped(child)) continue;
      if (child.nodeType === 3) {
        found.push({ text: child.data.replace(/[\s\u00a0\u200b\ufeff]+/g, " "), context });
        continue;
      }
      if (child.nodeType !== 1) continue;
      const name = nameOf(child);
      if (name === "br") found.push({ isBreak: true });
      else if (PICTURES.has(name)) {
        const sign = this.picture(name === "picture" ? child.querySelector("img") || child : child);
        if (sign) found.push({ text: sign, context });
      } else this.pieces(child, context.within(child), found);
    }
    return found;
  }

  // The elements of one line: spaces collapsed, ends trimmed, neighbours of one look in one element.
  line(pieces) {
    const kept = [];
    for (const piece of pieces) {
      const last = kept.at(-1);
      if (piece.isBreak) {
        if (last && !last.isBreak) last.text = last.text.trimEnd();
        kept.push(piece);
        continue;
      }
      let { text } = piece;
      if (!last || last.isBreak || last.text.endsWith(" ")) text = text.trimStart();
      if (!text) continue;
      const look = lookOf(piece.context);
      if (last && !last.isBreak && last.look === look) last.text += text;
      else if (last && !last.isBreak && !text.trim()) last.text += " ";
      else kept.push({ text, look, context: piece.context });
    }
    while (kept.length && (kept.at(-1).isBreak || !kept.at(-1).text.trim())) kept.pop();
    if (kept.length) kept.at(-1).text = kept.at(-1).text.trimEnd();
    while (kept.length && kept[0].isBreak) kept.shift();
    return kept.flatMap((piece) => {
      if (piece.isBreak) return [this.make("br")];
      const marks = MARKS.filter((name) => piece.context.marks.has(name) && !(name === "u" && piece.context.href));
      const [, before, words, after] = /^( ?)(.*?)( ?)$/.exec(piece.text);
      if (!words) return [" "];
      let made = this.document.createTextNode(words);
      for (const name of marks.reverse()) made = this.make(name, [made]);
      if (piece.context.href) {
        made = this.make("a", [made]);
        made.setAttribute("href", piece.context.href);
      }
      return [before, made, after].filter(Boolean);
    });
  }

  // Paragraphs of a run of pieces: two breaks part them, nothing but space makes none.
  paragraphs(pieces, tag = "p") {
    const runs = [[]];
    for (let place = 0; place < pieces.length; place += 1) {
      const next = pieces.slice(place + 1).findIndex((piece) => piece.isBreak || piece.text.trim());
      if (pieces[place].isBreak && next >= 0 && pieces[place + 1 + next].isBreak) {
        runs.push([]);
        place += next;
      } else runs.at(-1).push(pieces[place]);
    }
    return runs.map((run) => this.line(run)).filter((line) => line.length).map((line) => this.make(tag, line));
  }

  // --- Blocks ---

  blocks(parent, context) {
    const made = [];
    let run = [];
    let items = [];
    const endRun = () => {
      const found = this.paragraphs(run);
      run = [];
      if (found.length) endItems();
      made.push(...found);
    };
    const endItems = () => {
      if (items.length) made.push(...this.lists(items));
      items = [];
    };
    for (const child of parent.childNodes) {
      if (this.isDropped(child)) continue;
      if (child.nodeType === 3) {
        run.push({ text: child.data.replace(/[\s\u00a0\u200b\ufeff]+/g, " "), context });
        continue;
      }
      if (child.nodeType !== 1) continue;
      const name = nameOf(child);
      if (!BLOCKS.has(name) && !this.hasBlocks(child)) {
        const only = child.ownerDocument.createElement("span");
        child.replaceWith(only);
        only.append(child);
        run.push(...this.pieces(only, context));
        continue;
      }
      endRun();
      const item = this.wordItem(child, context);
      if (item) {
        items.push(item);
        continue;
      }
      const online = this.onlineItems(child, context);
      if (online) {
        items.push(...online);
        continue;
      }
      const found = this.block(child, name, context);
      if (found.length) endItems();
      made.push(...found);
    }
    endRun();
    endItems();
    return made;
  }

  block(node, name, context) {
    const inner = context.within(node);
    const level = this.headingLevel(node, name);
    if (level && !this.hasBlocks(node)) {
      const own = new Context(new Set([...inner.marks].filter((mark) => mark !== "strong")), inner.href, true);
      return this.paragraphs(this.pieces(node, own), `h${level}`);
    }
    if (name === "p" && !this.hasBlocks(node)) return this.paragraphs(this.pieces(node, inner));
    if (name === "hr") return [this.make("hr")];
    if (name === "ul" || name === "ol") return this.list(node, name, inner);
    if (name === "blockquote") {
      const blocks = this.blocks(node, inner);
      return blocks.length ? [this.make("blockquote", blocks)] : [];
    }
    if (name === "table") return this.table(node, inner);
    if (name === "pre") {
      const lines = node.textContent.split(/\r?\n/).map((text) => ({ text: text.replace(/[\s\u00a0]+/g, " "), context: inner }));
      return lines.flatMap((piece) => this.paragraphs([piece]));
    }
    return this.blocks(node, inner);
  }

  headingLevel(node, name) {
    const known = node.getAttribute("class") || "";
    const outline = /mso-outline-level:\s*([1-9])/i.exec(styleOf(node))?.[1];
    const own =
      /^h([1-6])$/.exec(name)?.[1] ||
      /MsoHeading([1-9])/i.exec(known)?.[1] ||
      (/\bMsoTitle\b/i.test(known) && "1") ||
      (node.getAttribute("role") === "heading" && (node.getAttribute("aria-level") || "2")) ||
      (name === "p" && outline);
    return own ? Math.min(4, Math.max(2, Number(own) + this.shift)) : 0;
  }

  // --- Lists ---

  list(node, name, context) {
    const list = this.make(name);
    const start = Number(node.getAttribute("start"));
    if (name === "ol" && Number.isInteger(start) && start > 1) list.setAttribute("start", String(start));
    for (const child of node.childNodes) {
      if (this.isDropped(child)) continue;
      const inner = nameOf(child);
      // A list right inside a list (Google Docs, LibreOffice) belongs to the item before it.
      if (inner === "ul" || inner === "ol") {
        const nested = this.list(child, inner, context);
        if (list.lastChild) list.lastChild.append(...nested);
        else for (const one of nested) list.append(...one.childNodes);
      } else {
        const blocks = child.nodeType === 1 ? this.item(child, context.within(child)) : this.paragraphs(this.textPieces(child, context));
        if (blocks.length) list.append(this.make("li", blocks));
      }
    }
    return list.childNodes.length ? [list] : [];
  }

  textPieces(node, context) {
    return node.nodeType === 3 && node.data.trim() ? [{ text: node.data.replace(/[\s\u00a0]+/g, " "), context }] : [];
  }

  // What stands in a list item: headings are but words here, and a paragraph comes first.
  item(node, context) {
    const blocks = this.blocks(node, context).map((block) => (/^h[2-4]$/.test(block.localName) ? this.make("p", [...block.childNodes]) : block));
    if (blocks.length && blocks[0].localName !== "p") blocks.unshift(this.make("p"));
    return blocks;
  }

  // A paragraph that Word shows as an item of a list: {level, isOrdered, start, blocks}; null for any other.
  wordItem(node, context) {
    const name = nameOf(node);
    if (name !== "p" && name !== "div") return null;
    const known = node.getAttribute("class") || "";
    const told = /mso-list:\s*(?:\S+\s+)?level(\d+)/i.exec(styleOf(node));
    const marker = [...node.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(styleOf(span)));
    if ((!told && !(marker && /MsoListParagraph/i.test(known))) || this.headingLevel(node, name)) return null;
    const sign = marker?.textContent.replace(/[\s\u00a0]+/g, "") || "";
    marker?.remove();
    const counted = /^\(?(?:(\d{1,4})|[a-zđ]{1,2}|[ivxlc]{1,6})(?:\.\d+)*[.)]?$/i.exec(sign);
    const isOrdered = Boolean(counted) && !/^[o§·]$/i.test(sign);
    const blocks = this.paragraphs(this.pieces(node, context.within(node)));
    if (!blocks.length) return null;
    return { level: told ? Number(told[1]) : 1, isOrdered, start: isOrdered && counted[1] ? Number(counted[1]) : 1, blocks };
  }

  // Word online wraps every item in a list of its own and says the level beside it.
  onlineItems(node, context) {
    const list = /\bListContainerWrapper\b/.test(node.getAttribute("class") || "") ? node.querySelector("ul, ol") : null;
    if (!list) return null;
    return [...node.querySelectorAll("li")]
      .map((item) => ({
        level: Number(item.getAttribute("data-aria-level") || item.getAttribute("aria-level")) || 1,
        isOrdered: nameOf(item.parentElement) === "ol",
        start: Number(item.parentElement.getAttribute("start")) || 1,
        blocks: this.item(item, context.within(item)),
      }))
      .filter((item) => item.blocks.length);
  }

  // Items with levels as nested lists.
  lists(items) {
    const made = [];
    const open = []; // [{level, list}], the outermost first
    for (const item of items) {
      while (open.length && open.at(-1).level > item.level) open.pop();
      let top = open.at(-1);
      const tag = item.isOrdered ? "ol" : "ul";
      if (top && top.level === item.level && top.list.localName !== tag) {
        open.pop();
        top = open.at(-1);
      }
      if (!top || top.level < item.level) {
        const list = this.make(tag);
        if (item.isOrdered && item.start > 1) list.setAttribute("start", String(item.start));
        if (top) top.list.lastChild.append(list);
        else made.push(list);
        open.push({ level: item.level, list });
      }
      open.at(-1).list.append(this.make("li", item.blocks));
    }
    return made;
  }

  // --- Tables ---

  table(node, context) {
    const own = (selector) => [...node.querySelectorAll(selector)].filter((found) => found.closest("table") === node);
    const rows = own("tr").filter((row) => row.getAttribute("height") !== "0"); // Word's help for old programs
    const before = own("caption").flatMap((caption) => this.paragraphs(this.pieces(caption, context)));
    const cells = rows.flatMap((row) => [...row.children].filter((cell) => /^t[dh]$/.test(nameOf(cell))));
    const isInner = node.parentElement?.closest("table");
    // A table of one cell, or inside another one, only sets a frame: its words stand without it.
    if (cells.length <= 1 || isInner) return [...before, ...cells.flatMap((cell) => this.blocks(cell, context))];
    const isBold = (cell) => {
      const pieces = this.pieces(cell, context.within(cell)).filter((piece) => !piece.isBreak && piece.text.trim());
      return pieces.length > 0 && pieces.every((piece) => piece.context.marks.has("strong"));
    };
    const images = this.images; // looking for bold counts no picture
    const firstCells = [...rows[0].children].filter((cell) => /^t[dh]$/.test(nameOf(cell)));
    const isBoldRow = rows.length > 1 && firstCells.every(isBold);
    this.images = images;
    const body = this.make("tbody");
    for (const row of rows) {
      const isHead = nameOf(row.parentElement) === "thead" || (isBoldRow && row === rows[0]);
      const made = this.make("tr");
      for (const cell of row.children) {
        if (!/^t[dh]$/.test(nameOf(cell)) || this.isDropped(cell)) continue;
        const tag = isHead || nameOf(cell) === "th" ? "th" : "td";
        const within = context.within(cell);
        if (tag === "th") within.marks.delete("strong");
        const inner = this.blocks(cell, new Context(within.marks, "", tag === "th")).map((block) =>
          /^h[2-4]$/.test(block.localName) ? this.make("p", [...block.childNodes]) : block,
        );
        const copy = this.make(tag, inner.length ? inner : [this.make("p")]);
        for (const name of ["colspan", "rowspan"]) {
          const count = Number(cell.getAttribute(name));
          if (Number.isInteger(count) && count > 1 && count <= 50) copy.setAttribute(name, String(count));
        }
        made.append(copy);
      }
      if (made.childNodes.length) body.append(made);
    }
    return [...before, this.make("table", [body])];
  }
}

function lookOf(context) {
  return `${MARKS.filter((name) => context.marks.has(name)).join(" ")}|${context.href}`;
}
