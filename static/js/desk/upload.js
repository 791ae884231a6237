// Uploads of pictures: dropped or chosen, two at a time, each with its progress, its refusal in words, cancel and retry;
// then a row per picture for what is said of it. Without this module the form sends all files at once.

const AT_ONCE = 2;
const ACCEPTED = /\.(jpe?g|jpe|jfif|png|webp)$/i;

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// A drop zone lights up while files hang over it; what falls beside it does not open in place of the page.
function receive(zone, take) {
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => hasFiles(event) && event.preventDefault());
  }
  zone.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    zone.classList.add("is-over");
  });
  zone.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) zone.classList.remove("is-over");
  });
  zone.addEventListener("drop", (event) => {
    depth = 0;
    zone.classList.remove("is-over");
    if (event.dataTransfer?.files.length) take([...event.dataTransfer.files]);
  });
}

class Uploads {
  constructor(form) {
    this.form = form;
    this.address = form.dataset.upload;
    this.token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    this.section = document.querySelector("[data-uploads]");
    this.list = this.section.querySelector("[data-uploads-list]");
    this.sum = this.section.querySelector("[data-uploads-sum]");
    this.describe = document.querySelector("[data-describe]");
    this.rows = this.describe.querySelector("[data-describe-rows]");
    this.template = this.describe.querySelector("template");
    this.waiting = [];
    this.running = new Set();
    this.good = 0;
    this.known = 0;
    this.bad = 0;
    this.input = form.querySelector("input[type=file]");
    this.input.multiple = true;
    this.input.addEventListener("change", () => {
      this.take([...this.input.files]);
      this.input.value = "";
    });
    receive(form.querySelector("[data-drop]"), (files) => this.take(files));
    this.describe.querySelector("[data-apply-credit]").addEventListener("click", () => this.applyCredit());
    window.addEventListener("beforeunload", (event) => {
      if (this.running.size || this.waiting.length || this.isUnsaved) event.preventDefault();
    });
    this.describe.addEventListener("input", () => { this.isUnsaved = true; });
    this.describe.addEventListener("submit", () => { this.isUnsaved = false; });
  }

  take(files) {
    this.section.hidden = false;
    for (const file of files) this.line(file);
    this.next();
  }

  line(file) {
    const item = make("li", { className: "upload" });
    const name = make("p", { className: "upload-name", textContent: file.name });
    const bar = make("progress", { max: 1, value: 0 });
    bar.setAttribute("aria-label", `Tải lên ${file.name}`);
    const words = make("p", { className: "upload-words", textContent: "Đang chờ" });
    const stop = make("button", { type: "button", textContent: "Hủy" });
    stop.setAttribute("aria-label", `Hủy ${file.name}`);
    const again = make("button", { type: "button", textContent: "Thử lại", hidden: true });
    again.setAttribute("aria-label", `Thử lại ${file.name}`);
    item.append(name, bar, words, stop, again);
    this.list.append(item);
    const line = { file, item, bar, words, stop, again };
    stop.addEventListener("click", () => this.cancel(line));
    again.addEventListener("click", () => {
      this.bad -= 1;
      this.wait(line);
      stop.focus();
      this.next();
    });
    if (!ACCEPTED.test(file.name) && !/^image\//.test(file.type)) {
      this.refuse(line, "Không phải ảnh JPEG, PNG hoặc WebP.", { forGood: true });
      return;
    }
    this.wait(line);
  }

  wait(line) {
    line.item.className = "upload";
    line.words.textContent = "Đang chờ";
    line.bar.value = 0;
    line.bar.hidden = line.stop.hidden = false;
    line.again.hidden = true;
    this.waiting.push(line);
  }

  next() {
    while (this.running.size < AT_ONCE && this.waiting.length) this.send(this.waiting.shift());
    this.tell();
  }

  send(line) {
    const request = new XMLHttpRequest();
    line.request = request;
    this.running.add(line);
    line.words.textContent = "Đang tải lên";
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      line.bar.value = event.loaded / event.total;
      line.words.textContent = event.loaded < event.total ? `${Math.round((100 * event.loaded) / event.total)}%` : "Đang kiểm tra ảnh";
    });
    request.addEventListener("load", () => this.answered(line, request));
    request.addEventListener("error", () => this.refuse(line, "Mất kết nối. Hãy thử lại."));
    request.addEventListener("loadend", () => {
      this.running.delete(line);
      this.next();
    });
    const body = new FormData();
    body.append("upload", line.file);
    request.open("POST", this.address);
    request.setRequestHeader("X-CSRFToken", this.token);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  }

  answered(line, request) {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // An error page: said in our own words below.
    }
    if (request.status !== 200 || !answer.id) {
      const unknown = request.status === 403 ? "Phiên làm việc đã đổi: hãy mở lại trang này." : "Máy chủ không nhận tệp này. Hãy thử lại.";
      this.refuse(line, answer.errors?.join(" ") || unknown, { forGood: [400, 413].includes(request.status) && Boolean(answer.errors) });
      return;
    }
    line.bar.hidden = line.stop.hidden = true;
    line.item.classList.add("is-done");
    if (answer.is_new) this.good += 1;
    else this.known += 1;
    line.words.textContent = answer.is_new ? `Xong: ảnh số ${answer.id}` : `Đã có trong kho: ảnh số ${answer.id}, dùng lại ảnh ấy.`;
    const link = make("a", { href: answer.page, textContent: "Mở ảnh" });
    link.setAttribute("aria-label", `Mở ảnh số ${answer.id}`);
    link.target = "_blank";
    line.item.append(link);
    this.row(answer);
  }

  // What the file itself is will not change: trying again is offered for everything else.
  refuse(line, words, { forGood = false } = {}) {
    this.bad += 1;
    line.item.className = "upload is-bad";
    line.words.textContent = words;
    line.bar.hidden = line.stop.hidden = true;
    line.again.hidden = forGood;
    this.tell();
  }

  cancel(line) {
    const neighbour = line.item.nextElementSibling?.querySelector("button:not([hidden])") || this.input;
    this.waiting = this.waiting.filter((other) => other !== line);
    line.request?.abort();
    line.item.remove();
    neighbour.focus();
    this.next();
  }

  tell() {
    const parts = [];
    const left = this.running.size + this.waiting.length;
    if (left) parts.push(`còn ${left} tệp đang tải`);
    if (this.good) parts.push(`${this.good} ảnh đã vào kho`);
    if (this.known) parts.push(`${this.known} ảnh đã có trong kho`);
    if (this.bad) parts.push(`${this.bad} tệp không nhận`);
    const words = parts.join(", ");
    const said = words ? `${words[0].toUpperCase()}${words.slice(1)}.` : "";
    if (this.sum.textContent !== said) this.sum.textContent = said;
  }

  // A row for what is said of the picture; one that was there and is described already needs none.
  row(picture) {
    const isTold = picture.alt && picture.caption && picture.credit;
    if ((isTold && !picture.is_new) || this.rows.querySelector(`[data-row="${picture.id}"]`)) return;
    const row = this.template.content.firstElementChild.cloneNode(true);
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const attribute of [...element.attributes]) {
        if (attribute.value.includes("__id__")) element.setAttribute(attribute.name, attribute.value.replaceAll("__id__", picture.id));
      }
    }
    row.querySelector("[data-number]").textContent = picture.id;
    row.querySelector("img").src = picture.address;
    for (const name of ["alt", "caption", "credit", "seen"]) row.querySelector(`[name="${picture.id}-${name}"]`).value = picture[name];
    if (!picture.is_new) row.dataset.known = "";
    this.rows.append(row);
    this.describe.hidden = false;
    this.isUnsaved ||= picture.is_new;
  }

  applyCredit() {
    const credit = this.describe.querySelector("[data-credit-for-all]").value;
    // What an older picture says of its author stays.
    const fields = [...this.rows.querySelectorAll("[name$='-credit']")].filter((field) => !field.value.trim() || !field.closest("[data-known]"));
    for (const field of fields) field.value = credit;
    this.isUnsaved = true;
    this.sum.textContent = `Đã ghi nguồn cho ${fields.length} ảnh.`;
  }
}

const form = document.getElementById("image_upload");
if (form?.dataset.upload) {
  form.querySelector("[data-drop-words]").hidden = false;
  for (const part of form.querySelectorAll("[data-single]")) part.hidden = true;
  new Uploads(form);
} else if (form) {
  // In a pop-up one picture is wanted: the dropped file goes into the field.
  form.querySelector("[data-drop-words]").hidden = false;
  const input = form.querySelector("input[type=file]");
  receive(form.querySelector("[data-drop]"), (files) => {
    const one = new DataTransfer();
    one.items.add(files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
