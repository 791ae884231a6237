// Links: an address typed, or an article found by its title. The server's sanitiser checks the address once more.

import { askJson, debounced, element, errorPlace, openDialog, sayBeside } from "./element.js";

const ALLOWED = /^(https?:\/\/[^\s]+|mailto:[^\s@]+@[^\s@]+|tel:\+?[\d ().-]+|\/(?!\/)[^\s]*)$/i;

// An address of this site is kept without the site: it stays right when the site moves.
function tidy(address) {
  const text = address.trim();
  if (/^https?:\/\//i.test(text)) {
    try {
      const url = new URL(text);
      if (url.origin === window.location.origin) return url.pathname + url.search + url.hash;
    } catch {
      return text;
    }
  }
  return /^www\.[^\s]+\.[^\s]+$/i.test(text) ? `https://${text}` : text;
}

export function askForLink(editor, settings) {
  const address = element("input", {
    type: "text", inputMode: "url", id: "link-address", value: editor.getAttributes("link").href || "",
    autocomplete: "off", spellcheck: false, "aria-describedby": "link-help",
  });
  const help = element("p", { className: "help", id: "link-help", textContent: "Bắt đầu bằng https://, http://, mailto:, tel: hoặc / (trang của báo này). Để trống là bỏ liên kết." });
  const error = errorPlace(address);
  const search = element("input", { type: "search", id: "link-search", autocomplete: "off", "aria-describedby": "link-found-said" });
  const said = element("p", { className: "help", id: "link-found-said", "aria-live": "polite" });
  const list = element("ul", { className: "link-found" });
  const { dialog, form } = openDialog(
    "Liên kết",
    [
      element("label", { htmlFor: "link-address", textContent: "Địa chỉ" }),
      address,
      help,
      error,
      element("label", { htmlFor: "link-search", textContent: "Hoặc tìm bài để dẫn tới" }),
      search,
      said,
      list,
      element("div", { className: "bar-buttons" }, [
        element("button", { type: "submit", className: "main", textContent: "Đặt liên kết", value: "set" }),
        element("button", { type: "button", textContent: "Thôi", onclick: () => dialog.close() }),
      ]),
    ],
    { then: () => editor.commands.focus() },
  );

  let wanted = 0;
  const find = async () => {
    const words = search.value.trim();
    wanted += 1;
    const own = wanted;
    if (!words) {
      list.replaceChildren();
      said.textContent = "";
      return;
    }
    let results;
    try {
      ({ results } = await askJson(settings.links, { q: words }));
    } catch {
      if (own === wanted) said.textContent = "Không tìm được lúc này. Hãy thử lại, hoặc ghi địa chỉ ở trên.";
      return;
    }
    if (own !== wanted) return;
    const open = results.filter((result) => result.address);
    said.textContent = results.length === 0 ? "Không có bài nào có các từ đó." : `${open.length} bài dẫn tới được trong ${results.length} bài tìm thấy.`;
    list.replaceChildren(...results.map((result) => found(result)));
  };
  const found = (result) => {
    const note = element("span", { className: "quiet", textContent: result.address ? ` ${result.note}` : ` ${result.note}: bạn đọc chưa xem được` });
    if (!result.address) return element("li", { className: "quiet" }, [result.label, note]);
    const button = element("button", { type: "button" }, [element("b", { textContent: result.label }), note]);
    button.addEventListener("click", () => {
      address.value = result.address;
      title = result.label;
      sayBeside(address, error, "");
      form.querySelector("[type=submit]").focus();
    });
    return element("li", {}, [button]);
  };
  let title = "";
  search.addEventListener("input", debounced(find));
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      find();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      list.querySelector("button")?.focus();
    }
  });
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const place = buttons.indexOf(document.activeElement);
    if (place < 0 || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    event.preventDefault();
    const next = place + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? search : buttons[Math.min(next, buttons.length - 1)]).focus();
  });
  form.addEventListener("submit", (event) => {
    const href = tidy(address.value);
    if (href && !ALLOWED.test(href)) {
      event.preventDefault();
      sayBeside(address, error, "Địa chỉ phải bắt đầu bằng https://, http://, mailto:, tel: hoặc /, và không có dấu cách.");
      address.focus();
      return;
    }
    const chain = editor.chain().focus().extendMarkRange("link");
    if (!href) chain.unsetLink().run();
    else if (editor.state.selection.empty && !editor.isActive("link")) {
      chain.insertContent({ type: "text", text: title || href, marks: [{ type: "link", attrs: { href } }] }).run();
    } else chain.setLink({ href }).run();
  });
  address.focus();
  address.select();
}
