// What is typed into the article's form is kept on the server every few seconds, as the form would send it: every
// field, every row. While the server is away it is kept in this browser. `lock.js` looks after the session; the two
// speak by events of the document: "desk:session-lost", "desk:alive".

const WAIT = 2000;
const LONGEST_WAIT = 10_000;
const LOOK = 400;
const PATIENCE = 8000;
const KEEPALIVE_LIMIT = 60_000; // bytes a browser still sends when its page is gone
const LOCAL_LIMIT = 2_000_000;
const OLD = 180 * 24 * 3600 * 1000;

const holder = document.getElementById("guard");
const form = document.getElementById("article_form");
if (holder && form) start(JSON.parse(holder.dataset.guard));

function start(page) {
  const line = document.querySelector("[data-kept]");
  const field = form.elements.namedItem("window");
  const room = `ban-go:${page.user}:${page.article ?? "moi"}:`;
  let sequence = page.sequence;
  let acknowledged = 0;
  let kept = page.unsaved && !page.sequence ? null : stateNow();
  let seen = kept;
  let isTouched = false;
  let isSubmitting = false;
  let isWaiting = false;
  let underway = null;
  let firstChange = 0;
  let failures = 0;
  let timer;
  let lookTimer;

  function stateNow() {
    const pairs = [];
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken" && !name.startsWith("_")) pairs.push([name, value]);
    }
    return JSON.stringify(pairs);
  }

  function say(text) {
    if (line && line.textContent !== text) line.textContent = text;
    line?.classList.remove("is-wrong");
  }

  function warn(text) {
    say(text);
    line?.classList.add("is-wrong");
  }

  const isUnkept = () => seen !== kept;

  // --- In this browser -------------------------------------------------------------------------

  function keepHere() {
    if (seen === null || seen.length > LOCAL_LIMIT) return false;
    try {
      const copy = { at: Date.now(), sequence: sequence + 1, version: page.version, state: seen };
      localStorage.setItem(room + field.value, JSON.stringify(copy));
      return true;
    } catch {
      return false; // full, or switched off
    }
  }

  function forgetHere(key) {
    try {
      localStorage.removeItem(room + key);
    } catch {
      // switched off: nothing was kept
    }
  }

  function copiesHere() {
    const found = [];
    try {
      for (let place = localStorage.length - 1; place >= 0; place -= 1) {
        const name = localStorage.key(place);
        if (!name?.startsWith(room)) continue;
        const key = name.slice(room.length);
        const copy = JSON.parse(localStorage.getItem(name));
        const there = key === page.window ? page.sequence : page.kept[key];
        if (!copy?.state || there >= copy.sequence || Date.now() - copy.at > OLD) localStorage.removeItem(name);
        else found.push({ key, ...copy });
      }
    } catch {
      // not readable: as if there were none
    }
    return found.sort((one, other) => other.at - one.at);
  }

  // --- On the server ---------------------------------------------------------------------------

  // One state at a time. Answers "kept", "away", "expired", "other" (another account), "unsendable" or "refused".
  async function send(lasts = false) {
    while (underway) await underway;
    look();
    if (!isUnkept()) return "kept";
    const state = seen;
    sequence += 1;
    const own = sequence;
    const body = `{"article":${JSON.stringify(page.article)},"window":${JSON.stringify(field.value)},"writer":${page.user},"version":${page.version},"sequence":${own},"state":${state}}`;
    const keepalive = lasts && new Blob([body]).size < KEEPALIVE_LIMIT;
    underway = post(page.keep, body, keepalive).then((answer) => settle(answer, state, own));
    const outcome = await underway;
    underway = null;
    if (outcome === "again") return send(lasts);
    return outcome;
  }

  function settle({ status, data }, state, own) {
    clearTimeout(timer);
    timer = undefined;
    if (status === 200) {
      kept = state;
      acknowledged = own;
      failures = 0;
      firstChange = 0;
      if (isUnkept()) plan();
      else forgetHere(field.value);
      say(`Đã giữ bản đang gõ lúc ${data.at}`);
      return "kept";
    }
    if (status === 409) {
      if (own < acknowledged) return "kept";
      // Another window writes under this key (the same draft opened twice): this one goes on under its own.
      forgetHere(field.value);
      const before = field.value;
      field.value = newKey();
      document.dispatchEvent(new CustomEvent("desk:renamed", { detail: before }));
      sequence = 0;
      look();
      return "again";
    }
    keepHere();
    if (status === 401 || (status === 403 && !data)) {
      warn("Phiên đăng nhập đã hết: bản đang gõ được giữ trong máy này");
      document.dispatchEvent(new CustomEvent("desk:session-lost"));
      return "expired";
    }
    if (status === 0 || status >= 500) {
      failures += 1;
      warn("Mất kết nối: bản đang gõ được giữ trong máy này, sẽ gửi khi có mạng");
      timer = setTimeout(send, Math.min(30_000, 1000 * 2 ** failures));
      return "away";
    }
    warn(data?.message || "Chưa giữ được bản đang gõ trên máy chủ. Hãy bấm Lưu.");
    if (data?.unsendable) return "unsendable";
    return data?.other ? "other" : "refused";
  }

  async function post(address, body, keepalive) {
    try {
      const answer = await fetch(address, {
        method: "POST",
        body,
        keepalive,
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
        signal: AbortSignal.timeout(PATIENCE),
      });
      const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
      return { status: answer.status, data: isJson ? await answer.json() : null };
    } catch {
      return { status: 0, data: null };
    }
  }

  const token = () => form.elements.namedItem("csrfmiddlewaretoken").value;

  // --- When ------------------------------------------------------------------------------------

  function look() {
    const now = stateNow();
    if (now === seen) return;
    seen = now;
    if (isUnkept()) {
      keepHere();
      plan();
    } else {
      forgetHere(field.value);
    }
  }

  function plan() {
    if (failures) return; // the next try is planned already
    firstChange ||= Date.now();
    clearTimeout(timer);
    const left = firstChange + LONGEST_WAIT - Date.now();
    timer = setTimeout(send, Math.max(0, Math.min(WAIT, left)));
  }

  // What scripts put into the form while it loads is nobody's typing.
  function touched() {
    if (isTouched) return;
    isTouched = true;
    if (kept !== null && seen === kept) kept = seen = stateNow();
  }

  function soon() {
    if (!isTouched) return;
    clearTimeout(lookTimer);
    lookTimer = setTimeout(look, LOOK);
  }

  for (const type of ["focusin", "pointerdown", "keydown"]) form.addEventListener(type, touched, true);
  for (const type of ["input", "change", "click", "keyup", "drop", "rows:added"]) {
    form.addEventListener(type, () => {
      touched();
      soon();
    });
  }
  setInterval(() => {
    if (isTouched) look();
  }, 5000);
  if (kept === null) {
    isTouched = true;
    seen = stateNow();
    plan();
  }

  function leave() {
    if (isSubmitting || !isTouched) return;
    look();
    if (!isUnkept()) return;
    keepHere();
    if (!underway) send(true);
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leave();
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isSubmitting = isWaiting = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isSubmitting || !isTouched) return;
    look();
    if (isUnkept()) event.preventDefault();
  });
  function again() {
    failures = 0;
    clearTimeout(timer);
    if (isUnkept()) send();
  }
  window.addEventListener("online", again);
  document.addEventListener("desk:alive", again);

  // --- Sending the form ------------------------------------------------------------------------

  // First it is made sure that there is a server, and that it knows us: a form is never sent into the void.
  form.addEventListener("submit", async (event) => {
    if (isSubmitting) return;
    event.preventDefault();
    if (isWaiting) return;
    isWaiting = true;
    const button = event.submitter;
    touched();
    const outcome = await ready();
    isWaiting = false;
    if (outcome === "away") {
      warn("Mất kết nối: chưa lưu được. Bản đang gõ được giữ trong máy này, hãy bấm Lưu lại khi có mạng");
      return;
    }
    if (outcome === "expired" || outcome === "other") {
      document.dispatchEvent(new CustomEvent("desk:session-lost"));
      return;
    }
    if (outcome === "unsendable") return; // saving would be refused too: it is said what to do
    isSubmitting = true;
    if (button) form.requestSubmit(button);
    else form.requestSubmit();
  });

  async function ready() {
    look();
    if (isUnkept() || underway) {
      const outcome = await send();
      if (outcome !== "kept") return outcome;
    }
    try {
      const answer = await fetch(page.beat, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status === 401) return "expired";
      if (!answer.ok) return answer.status >= 500 ? "away" : "refused";
      const data = await answer.json();
      if (data.user !== page.user) return "other";
      form.elements.namedItem("csrfmiddlewaretoken").value = data.token;
      return "kept";
    } catch {
      return "away";
    }
  }

  // --- What an earlier window left here -----------------------------------------------------------

  offer();

  async function offer() {
    const open = await openWindows();
    for (const copy of copiesHere()) {
      if (!open.has(room + copy.key)) show(copy);
    }
    // While this window is open, its copy is nobody else's business.
    navigator.locks?.request(room + field.value, () => new Promise(() => {}));
  }

  async function openWindows() {
    const found = await navigator.locks?.query();
    return new Set((found?.held ?? []).map((lock) => lock.name));
  }

  function show(copy) {
    const template = holder.querySelector("[data-local]");
    const note = template.content.firstElementChild.cloneNode(true);
    const pairs = JSON.parse(copy.state);
    const title = pairs.find(([name]) => name === "title")?.[1] || "Bài chưa có tiêu đề";
    const time = new Date(copy.at).toLocaleString("vi-VN", { hour: "2-digit", minute: "2-digit", day: "numeric", month: "numeric" });
    note.querySelector("[data-local-text]").textContent = `Máy này còn giữ một bản gõ lúc ${time}, chưa gửi lên máy chủ: “${title}”.`;
    note.querySelector("[data-local-open]").addEventListener("click", () => open(copy, pairs, note));
    note.querySelector("[data-local-drop]").addEventListener("click", () => {
      if (!window.confirm("Bỏ bản còn trong máy này? Bỏ rồi thì không lấy lại được.")) return;
      forgetHere(copy.key);
      note.remove();
    });
    template.before(note);
  }

  async function open(copy, pairs, note) {
    const body = (key) =>
      JSON.stringify({ article: page.article, window: key, writer: page.user, version: copy.version, sequence: copy.sequence, state: pairs });
    let key = copy.key;
    let answer = await post(page.keep, body(key), false);
    if (answer.status === 409) {
      key = newKey();
      answer = await post(page.keep, body(key), false);
    }
    if (answer.status !== 200) {
      note.querySelector("[data-local-text]").textContent = answer.data?.message || "Chưa gửi được. Hãy thử lại khi có mạng.";
      if (answer.status === 401) document.dispatchEvent(new CustomEvent("desk:session-lost"));
      return;
    }
    forgetHere(copy.key);
    window.location.assign(`${page.open}?nhap=${encodeURIComponent(key)}`);
  }
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(11)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
