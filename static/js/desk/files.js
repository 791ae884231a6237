// A chosen file goes up at once and is held by the server; the form carries only its token. Without this script the
// file goes along with the form.

function say(held, text, isWrong) {
  const said = held.querySelector("[data-held-said]");
  said.textContent = text;
  said.classList.toggle("wrong", Boolean(isWrong));
}

function put(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function nameAfter(input, name) {
  const scope = input.closest(".row") || input.form;
  const field = scope?.querySelector("[data-named-by-file]");
  if (field && !field.value.trim()) put(field, name);
}

const going = new WeakMap();

function stop(input) {
  going.get(input)?.abort();
  going.delete(input);
}

function send(input) {
  const held = input.closest("[data-held]");
  const file = input.files[0];
  stop(input);
  if (!file) return;
  const most = Number(input.dataset.most);
  if (most && file.size > most) {
    input.value = "";
    say(held, `Tệp quá nặng: tối đa ${Math.floor(most / 1024 / 1024)} MB.`, true);
    return;
  }
  const data = new FormData();
  data.append("csrfmiddlewaretoken", input.form.elements.csrfmiddlewaretoken.value);
  data.append("loai", input.dataset.kinds);
  data.append("tep", file);
  const line = held.querySelector("[data-held-going]");
  const progress = line.querySelector("progress");
  const request = new XMLHttpRequest();
  going.set(input, request);
  progress.value = 0;
  line.hidden = false;
  input.setAttribute("aria-busy", "true");
  say(held, `Đang tải lên: ${file.name}`);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
    if (event.loaded === event.total) say(held, `Đang kiểm tra: ${file.name}`);
  });
  request.addEventListener("loadend", () => {
    if (going.get(input) !== request) return;
    going.delete(input);
    line.hidden = true;
    input.removeAttribute("aria-busy");
    answer(input, held, request);
  });
  request.open("POST", input.dataset.hold);
  request.setRequestHeader("Accept", "application/json");
  request.send(data);
}

function answer(input, held, request) {
  let found = {};
  try {
    found = JSON.parse(request.responseText);
  } catch {
    // a page of words, or nothing at all: told below
  }
  if (request.status === 200 && found.token) {
    input.value = "";
    put(held.querySelector("[data-held-token]"), found.token);
    nameAfter(input, found.name);
    say(held, `Đã nhận tệp ${found.words}.`);
  } else if (found.message) {
    input.value = "";
    say(held, found.message, true);
  } else {
    // The file stays chosen: it goes along when the form is sent.
    say(held, "Chưa tải lên được (mất mạng hoặc đã đăng xuất). Tệp vẫn được chọn và sẽ gửi cùng khi bạn lưu.", true);
  }
}

// The browser's own "no file chosen" would contradict what stands below it.
function start(root) {
  for (const held of root.querySelectorAll("[data-held]")) held.dataset.live = "";
}

start(document);
document.addEventListener("rows:added", (event) => start(event.target));

document.addEventListener("change", (event) => {
  if (event.target.matches?.("input[type=file][data-hold]")) send(event.target);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-held-stop]");
  if (!button) return;
  const held = button.closest("[data-held]");
  const input = held.querySelector("input[type=file]");
  stop(input);
  input.value = "";
  input.removeAttribute("aria-busy");
  held.querySelector("[data-held-going]").hidden = true;
  say(held, "Đã dừng tải lên.");
  input.focus();
});

// A form that is sent while a file is still going up takes the file along itself.
document.addEventListener("submit", (event) => {
  for (const input of event.target.querySelectorAll("input[type=file][data-hold]")) stop(input);
});
