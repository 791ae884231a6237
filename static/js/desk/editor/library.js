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
  gallery: { title: "Chèn chùm ảnh", search: "Tìm trong kho ảnh", source: "anh" },
  recording: { title: "Chèn phim, âm thanh", search: "Tìm phim, âm thanh", source: "phim" },
  embed: { title: "Chèn nhúng (ảnh bìa + liên kết)", search: "Tìm ảnh bìa trong kho ảnh", source: "anh" },
};
const MOST = 60;

// Ask which of the library to insert; `insert` gets the attributes of the figure.
export function chooseFigure(kind, library, insert, { back, chosen = [], link = "" } = {}) {
  const words = WORDS[kind];
  const many = kind === "gallery";
  const id = `library-${number()}`;
  const picked = new Map(chosen.map((result) => [result.id, result]));
  const search = element("input", { type: "search", id: `${id}-search`, autocomplete: "off" });
  const said = element("p", { className: "help", "aria-live": "polite" });
  const grid = element("ul", { className: "library-grid" });
  const more = element("button", { type: "button", textContent: "Xem thêm", hidden: true });
  const error = element("p", { className: "field-error", role: "alert", hidden: true });
  const order = element("p", { className: "help library-order", "aria-live": "polite", hidden: !many });
  const address = element("input", { type: "text", inputMode: "url", id: `${id}-link`, value: link, autocomplete: "off", spellcheck: false });
  const addressError = errorPlace(address);
  const embed = kind === "embed" ? [element("label", { htmlFor: address.id, textContent: "Địa chỉ dẫn tới (https://…)" }), address, addressError] : [];
  const newOne = kind === "recording" || !library.settings.library
    ? []
    : [element("p", {}, [element("a", { href: library.settings.library, target: "_blank", textContent: "Tải ảnh mới lên" }, [element("span", { className: "visually-hidden", textContent: " (mở cửa sổ mới)" })])])];
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
      error,
      ...newOne,
      element("div", { className: "bar-buttons" }, [
        element("button", { type: "submit", className: "main", textContent: "Chèn" }),
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
    said.textContent = count === 0 ? "Kho không có mục nào như vậy." : found.is_full ? `Đang hiện ${count} mục mới nhất.` : `${count} mục.`;
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
