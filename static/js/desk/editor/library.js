// The library as the editor sees it: what a number stands for, the dialogs that choose from it, uploads into it.

import { askJson, debounced, element, errorPlace, number, openDialog, sayBeside } from "./element.js";

// What stands behind the numbers of figures. Questions asked in one moment go out as one.
export class Library {
  constructor(settings) {
    this.settings = settings;
    this.known = new Map();
    this.waiting = new Map();
  }

  // A promise of {kind, id, label, note, caption, address, width, height}; null for a number that is not there.
  get(kind, id) {
    const key = `${kind}-${id}`;
    if (!this.known.has(key)) {
      this.known.set(key, new Promise((resolve, reject) => this.waiting.set(key, { kind, id, resolve, reject })));
      if (this.waiting.size === 1) setTimeout(() => this.ask(), 10);
    }
    return this.known.get(key);
  }

  async ask() {
    const asked = [...this.waiting.entries()];
    this.waiting.clear();
    const ids = (kind) => asked.filter(([, want]) => want.kind === kind).map(([, want]) => want.id).slice(0, 100);
    try {
      const { results } = await askJson(this.settings.figures, { anh: ids("picture").join(","), phim: ids("recording").join(",") });
      const found = new Map(results.map((result) => [`${result.kind}-${result.id}`, result]));
      for (const [key, want] of asked) want.resolve(found.get(key) || null);
    } catch (error) {
      for (const [key, want] of asked) {
        this.known.delete(key); // asked again when it is next drawn
        want.reject(error);
      }
    }
  }

  learn(result) {
    this.known.set(`${result.kind}-${result.id}`, Promise.resolve(result));
  }

  // Put a picture file into the library. The promise fails with words for the screen.
  async upload(file) {
    const data = new FormData();
    data.append("upload", file, file.name || "anh-dan.png");
    const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
    let answer;
    let said;
    try {
      answer = await fetch(this.settings.upload, { method: "POST", body: data, headers: { "X-CSRFToken": token, Accept: "application/json" } });
      said = await answer.json();
    } catch {
      throw new Error(answer ? refusal(answer.status) : "Không tải ảnh lên được: mất kết nối. Hãy thử dán lại.");
    }
    const errors = [said?.errors ?? []].flat(2).map((error) => (typeof error === "string" ? error : Object.values(error).flat().join(" "))).filter(Boolean);
    if (!answer.ok || errors.length || !said?.id) throw new Error(errors.join(" ") || refusal(answer.status));
    return said;
  }
}

function refusal(status) {
  if (status === 403) return "Bạn không có quyền tải ảnh lên, hoặc phiên đăng nhập đã hết.";
  if (status === 413) return "Ảnh quá nặng.";
  return "Không tải ảnh lên được. Hãy thử tải ở kho ảnh.";
}

const WORDS = {
  picture: { title: "Chèn ảnh", search: "Tìm trong kho ảnh", source: "anh" },
  field: { title: "Chọn ảnh trong kho", search: "Tìm trong kho ảnh", source: "anh" },
  gallery: { title: "Chèn chùm ảnh", search: "Tìm trong kho ảnh", source: "anh" },
  recording: { title: "Chèn phim, âm thanh", search: "Tìm phim, âm thanh", source: "phim" },
  embed: { title: "Chèn nhúng (ảnh bìa + liên kết)", search: "Tìm ảnh bìa trong kho ảnh", source: "anh" },
};
const MOST = 60;

const UPLOAD = { anh: "Tải ảnh mới lên", phim: "Tải phim, âm thanh mới lên" };

// Ask which of the library to insert; `insert` gets the attributes of the figure. With `chosen` a figure that stands
// already is chosen anew.
export function chooseFigure(kind, library, insert, { back, chosen = [], link = "" } = {}) {
  const words = WORDS[kind];
  const done = chosen.length || kind === "field" ? "Chọn" : "Chèn";
  const many = kind === "gallery";
  const id = `library-${number()}`;
  const picked = new Map(chosen.map((result) => [result.id, result]));
  const search = element("input", { type: "search", id: `${id}-search`, autocomplete: "off" });
  const said = element("p", { className: "help", "aria-live": "polite" });
  const grid = element("ul", { className: "library-grid" });
  const more = element("button", { type: "button", textContent: "Xem thêm", hidden: true });
  const error = element("p", { className: "field-error", role: "alert", hidden: true });
  const order = element("p", { className: "help", "aria-live": "polite", hidden: !many });
  const row = element("ol", { className: "library-order", hidden: true });
  const address = element("input", { type: "text", inputMode: "url", id: `${id}-link`, value: link, autocomplete: "off", spellcheck: false });
  const addressError = errorPlace(address);
  const embed = kind === "embed" ? [element("label", { htmlFor: address.id, textContent: "Địa chỉ dẫn tới (https://…)" }), address, addressError] : [];
  const place = words.source === "phim" ? library.settings.recordings : library.settings.library;
  const newOne = place
    ? [element("p", {}, [element("a", { href: place, target: "_blank", textContent: UPLOAD[words.source] }, [element("span", { className: "visually-hidden", textContent: " (mở cửa sổ mới)" })])])]
    : [];
  const { dialog, form } = openDialog(
    words.title,
    [
      ...embed,
      element("label", { htmlFor: search.id, textContent: words.search }),
      search,
      said,
      grid,
      more,
      order,
      row,
      error,
      ...newOne,
      element("div", { className: "bar-buttons" }, [
        element("button", { type: "submit", className: "main", textContent: done }),
        element("button", { type: "button", textContent: "Thôi", onclick: () => dialog.close() }),
      ]),
    ],
    { className: "library-dialog", then: () => (window.removeEventListener("focus", again), back?.()) },
  );

  let wanted = 0;
  let last = null;
  const ask = async (before) => {
    wanted += 1;
    const own = wanted;
    let found;
    try {
      found = await askJson(library.settings.figures, { loai: words.source, q: search.value.trim(), ...(before ? { truoc: before } : {}) });
    } catch {
      if (own === wanted) said.textContent = "Không mở được kho lúc này. Hãy thử tìm lại.";
      return;
    }
    if (own !== wanted) return;
    const options = found.results.map((result) => option(result));
    if (before) {
      grid.append(...options);
      options[0]?.querySelector("input").focus();
    } else grid.replaceChildren(...options);
    last = found.results.at(-1)?.id ?? null;
    more.hidden = !found.is_full;
    const count = grid.children.length;
    const none = search.value.trim() ? "Kho không có mục nào như vậy." : "Kho chưa có mục nào: hãy tải lên trước.";
    said.textContent = count === 0 ? none : found.is_full ? `Đang hiện ${count} mục mới nhất.` : `${count} mục.`;
  };
  const option = (result) => {
    const input = element("input", { type: many ? "checkbox" : "radio", name: `${id}-pick`, value: String(result.id), checked: picked.has(result.id) });
    input.addEventListener("change", () => {
      if (!many) picked.clear();
      if (input.checked) picked.set(result.id, result);
      else picked.delete(result.id);
      error.hidden = true;
      tell();
    });
    const picture = result.address
      ? element("img", { src: result.address, alt: "", width: result.width, height: result.height, loading: "lazy" })
      : element("span", { className: "library-blank", textContent: "không có ảnh bìa" });
    const name = element("span", { className: "library-name", textContent: result.label });
    const note = element("span", { className: "quiet", textContent: `số ${result.id}, ${result.note}` });
    return element("li", {}, [element("label", {}, [input, picture, name, note])]);
  };
  const tell = () => {
    order.textContent = picked.size ? `Đã chọn ${picked.size} ảnh, theo thứ tự: ${[...picked.keys()].map((key) => `số ${key}`).join(", ")}.` : "Chọn các ảnh theo thứ tự muốn bày.";
    row.hidden = !many || picked.size === 0;
    if (many) row.replaceChildren(...[...picked.values()].map((result, at) => chosenOne(result, at)));
  };
  // One of a row of pictures: seen, moved, taken out.
  const chosenOne = (result, at) => {
    const buttons = [["←", "Đưa lên trước", at > 0, () => reorder(at, at - 1)], ["→", "Đưa ra sau", at < picked.size - 1, () => reorder(at, at + 1)], ["Bỏ", "Bỏ", true, () => leaveOut(result.id)]];
    const tools = buttons.map(([text, name, can, run]) => {
      const button = element("button", { type: "button", textContent: text, "aria-label": `${name} ảnh số ${result.id}` });
      button.disabled = !can;
      button.addEventListener("click", run);
      return button;
    });
    const picture = result.address ? [element("img", { src: result.address, alt: result.label, width: result.width, height: result.height })] : [];
    return element("li", {}, [...picture, element("span", { className: "quiet", textContent: `số ${result.id}` }), element("span", { className: "library-tools" }, tools)]);
  };
  const reorder = (from, to) => {
    const results = [...picked.values()];
    results.splice(to, 0, ...results.splice(from, 1));
    picked.clear();
    for (const result of results) picked.set(result.id, result);
    tell();
    const [before, after] = row.children[to].querySelectorAll("button");
    const same = to < from ? before : after;
    (same.disabled ? (same === before ? after : before) : same).focus();
  };
  const leaveOut = (gone) => {
    picked.delete(gone);
    const box = grid.querySelector(`input[value="${gone}"]`);
    if (box) box.checked = false;
    tell();
    (row.querySelector("button:not(:disabled)") || search).focus();
  };
  // Back from the window where a picture was uploaded: it is the newest one now.
  const again = () => ask();
  window.addEventListener("focus", again);
  search.addEventListener("input", debounced(() => ask()));
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      ask();
    }
  });
  more.addEventListener("click", () => ask(last));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const refuse = (message, field) => {
      error.textContent = message;
      error.hidden = false;
      field?.focus();
    };
    if (kind === "embed") {
      const href = address.value.trim();
      if (!/^https?:\/\/[^\s"'<>\\`]+\.[^\s"'<>\\`]+$/i.test(href)) {
        sayBeside(address, addressError, "Ghi địa chỉ đầy đủ, bắt đầu bằng https:// hoặc http://.");
        address.focus();
        return;
      }
      sayBeside(address, addressError, "");
    }
    if (picked.size === 0) {
      return refuse(many ? "Hãy chọn ít nhất một ảnh." : kind === "recording" ? "Hãy chọn một mục." : "Hãy chọn một ảnh.", grid.querySelector("input") || search);
    }
    if (picked.size > MOST) return refuse(`Nhiều ảnh quá: tối đa ${MOST}.`);
    const results = [...picked.values()];
    for (const result of results) library.learn(result);
    const ids = results.map((result) => String(result.id));
    dialog.close();
    insert(
      {
        picture: { image: ids[0] },
        field: { image: ids[0] },
        gallery: { images: ids.join(" ") },
        recording: { recording: ids[0] },
        embed: { image: ids[0], link: address.value.trim() },
      }[kind],
    );
  });
  tell();
  ask();
  (kind === "embed" ? address : search).focus();
}
