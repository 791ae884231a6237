// The window says every twenty seconds that it is open. The answer tells whether somebody else has the article, whether
// a newer version was saved, and whether we are still logged in; it renews the token with which the form is sent.

const BEAT = 20_000;
const ASK_AGAIN = 3000;
const LEFT = "cua-so-vua-roi";

const holder = document.getElementById("guard");
const form = document.getElementById("article_form");
if (holder && form) start(JSON.parse(holder.dataset.guard));

function start(page) {
  const note = holder.querySelector("[data-lock]");
  const newer = holder.querySelector("[data-newer]");
  const dialog = holder.querySelector("[data-expired]");
  const field = form.elements.namedItem("window");
  let hadIt = false;
  let isLost = false;
  let timer;
  let last = 0;

  const token = () => form.elements.namedItem("csrfmiddlewaretoken").value;
  // The key under which this window was known: the page before it was loaded anew, or before it was renamed.
  let before = sessionStorage.getItem(LEFT) || "";
  sessionStorage.removeItem(LEFT);

  async function ask(method, address, data, keepalive = false) {
    try {
      const answer = await fetch(address, {
        method,
        keepalive,
        body: data && JSON.stringify(data),
        headers: { Accept: "application/json", ...(data && { "Content-Type": "application/json", "X-CSRFToken": token() }) },
      });
      const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
      return { status: answer.status, data: isJson ? await answer.json() : null };
    } catch {
      return { status: 0, data: null };
    }
  }

  async function beat() {
    clearTimeout(timer);
    last = Date.now();
    const said = { article: page.article, window: field.value, before, writer: page.user };
    let answer = await ask("POST", page.beat, said);
    if (answer.status === 403 && !answer.data) {
      // A log-in in another window made the token old: fetch the new one.
      answer = await ask("GET", page.beat);
      if (answer.status === 200) {
        renew(answer.data.token);
        if (answer.data.user === page.user) answer = await ask("POST", page.beat, said);
      }
    }
    hear(answer);
    timer = setTimeout(beat, isLost ? ASK_AGAIN : BEAT);
  }

  function hear({ status, data }) {
    if (status === 401) return lose("Đăng nhập lại trong cửa sổ mới rồi quay lại đây: không chữ nào mất.");
    if (!data || status !== 200) return undefined; // the server is away, or has nothing to say: the text is kept elsewhere
    if (data.user !== page.user) {
      return lose(`Bạn đã đăng nhập bằng tài khoản ${data.name}, nhưng bài này do tài khoản khác đang gõ. Hãy đăng nhập lại bằng tài khoản trước; không chữ nào mất.`);
    }
    renew(data.token);
    if (isLost) {
      isLost = false;
      dialog.close();
      document.dispatchEvent(new CustomEvent("desk:alive"));
    }
    tellOfLock(data);
    tellOfNewer(data);
    return undefined;
  }

  function renew(value) {
    for (const hidden of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) hidden.value = value;
  }

  function lose(text) {
    dialog.querySelector("[data-expired-text]").textContent = text;
    if (!isLost && !dialog.open) dialog.showModal();
    isLost = true;
  }

  function tellOfLock({ lock, refusal }) {
    if (!note) return;
    const text = note.querySelector("[data-lock-text]");
    const tools = note.querySelector("[data-take-over]");
    let words = "";
    if (refusal) words = `${refusal} Bản bạn đang gõ vẫn được giữ.`;
    else if (lock?.mine) hadIt = true;
    else if (lock?.own) words = `Bạn đang mở bài này ở một cửa sổ khác từ ${lock.since}.`;
    else if (lock && hadIt) {
      words = `${lock.name} đã nhận sửa bài lúc ${lock.since}. Bản của bạn được giữ nguyên; khi bạn lưu, chỗ nào hai bên sửa khác nhau sẽ được hỏi lại.`;
    } else if (lock) words = `${lock.name} đang sửa bài này từ ${lock.since} (còn mở ${lock.beat}). Hai người cùng lưu thì phải chọn lại từng chỗ khác nhau.`;
    tools.hidden = Boolean(refusal);
    tools.href = `${page.takeOver}?cua-so=${encodeURIComponent(field.value)}`;
    if (words && text.textContent !== words) text.textContent = words;
    note.hidden = !words;
  }

  function tellOfNewer({ saved, step }) {
    const words = [];
    if (saved?.number > page.save) words.push(`${saved.told}, mới hơn bản bạn đang sửa. Khi bạn lưu, chỗ nào hai bên sửa khác nhau sẽ được hỏi lại.`);
    if (step?.number > page.step) words.push(`${step.told}.`);
    if (!words.length) return;
    const text = newer.querySelector("[data-newer-text]");
    if (text.textContent !== words.join(" ")) text.textContent = words.join(" ");
    newer.hidden = false;
  }

  dialog.querySelector("[data-expired-close]").addEventListener("click", () => dialog.close());
  document.addEventListener("desk:renamed", ({ detail }) => {
    before = detail;
  });
  document.addEventListener("desk:session-lost", () => {
    if (isLost && !dialog.open) dialog.showModal();
    beat();
  });
  for (const type of ["focus", "online"]) {
    window.addEventListener(type, () => {
      if (Date.now() - last > 1000) beat();
    });
  }
  window.addEventListener("pagehide", () => {
    sessionStorage.setItem(LEFT, field.value);
    if (page.article) ask("POST", page.leave, { article: page.article, window: field.value }, true);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) beat();
  });
  beat();
}
