// Comments, on their own page and fetched into the article's: what a link leads to (a form, the next page, a thread) is
// fetched and put beside it. Each link is an ordinary link without this.

const fragmentOf = (text) => new DOMParser().parseFromString(text, "text/html").querySelector("[data-fragment]");

async function get(address, options) {
  const answer = await fetch(address, options);
  const fragment = fragmentOf(await answer.text());
  if (!fragment) throw new Error("nothing to show in the answer");
  return document.adoptNode(fragment);
}

// A page's own title stands here below another one.
function lowered(fragment) {
  for (const title of fragment.querySelectorAll("h1")) {
    const lower = document.createElement("h3");
    lower.className = title.className;
    lower.append(...title.childNodes);
    title.replaceWith(lower);
  }
  return fragment;
}

function focusOn(element) {
  if (!element) return;
  if (!element.matches("a, button, input, select, textarea")) element.tabIndex = -1;
  element.focus();
}

function replaceAll(from, fragment) {
  const all = from.closest("[data-comments]");
  const isInArticle = Boolean(all.closest(".fetched"));
  all.replaceWith(isInArticle ? lowered(fragment) : fragment);
  const picked = fragment.querySelector("[data-picked]");
  picked?.scrollIntoView({ block: "center" });
  focusOn(picked ?? fragment.querySelector("[data-list] .comment a, .comments__say, .tools a"));
}

function put(place, fragment) {
  if (fragment.matches("[data-comments]")) {
    replaceAll(place, fragment);
    return;
  }
  const withdrawn = "withdrawn" in fragment.dataset && place.closest(".comment");
  if (withdrawn) {
    withdrawn.classList.remove("comment--waiting");
    withdrawn.replaceChildren(place); // Its words are gone: only what is said of that stands there.
  }
  if ("sent" in fragment.dataset) place.closest("[data-comments]").querySelector("[data-none]")?.remove();
  place.replaceChildren(lowered(fragment));
  place.hidden = false;
  const first = place.querySelector('[role="alert"]') ?? place.querySelector("textarea") ?? place.querySelector("h3.letter__title");
  focusOn(first);
}

const placeOf = (link) => (link.closest(".comment") ?? link.closest("[data-comments]")).querySelector("[data-place]");

const PARTS = {
  async page(link) {
    replaceAll(link, await get(link.href));
  },

  async form(link) {
    const place = placeOf(link);
    if (!place.hidden && place.dataset.source === link.href) {
      place.hidden = true;
      return;
    }
    const fragment = await get(link.href);
    place.dataset.source = link.href;
    put(place, fragment);
  },

  close(link) {
    const place = link.closest("[data-place]");
    const opener = place.parentElement.querySelector('a[data-part="form"]');
    if (!opener) return PARTS.page(link); // A form that was opened without the list.
    place.hidden = true;
    place.replaceChildren();
    focusOn(opener);
  },

  // The next page's threads go below these; the link goes on from there.
  async more(link) {
    const all = link.closest("[data-comments]");
    const fragment = await get(link.href);
    const list = all.querySelector("[data-list]");
    const added = [...(fragment.querySelector("[data-list]")?.children ?? [])];
    list.append(...added);
    const older = fragment.querySelector("[data-older]");
    const old = link.closest("[data-older]");
    if (older) old.replaceWith(older);
    else old.remove();
    focusOn(added[0]?.querySelector(".comment"));
  },

  async like(link) {
    const asked = await get(link.href);
    const form = asked.querySelector("form");
    const answer = form ? await get(form.getAttribute("action"), { method: "POST", body: new FormData(form) }) : asked;
    if (answer.dataset.likes === undefined) {
      put(placeOf(link), answer);
      return;
    }
    const isLiked = "liked" in answer.dataset;
    const count = document.createElement("span");
    count.className = "num";
    count.textContent = `(${answer.dataset.likes})`;
    const named = link.querySelector(".visually-hidden");
    link.replaceChildren(isLiked ? "Đã thích" : "Thích", ...(answer.dataset.likes === "0" ? [] : [" ", count]), named);
    link.toggleAttribute("data-liked", isLiked);
  },
};

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-comments] a[data-part]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const part = PARTS[link.dataset.part];
  if (!part || (link.dataset.part === "close" && !link.closest("[data-place]"))) return;
  event.preventDefault();
  if (link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  try {
    await part(link);
  } catch {
    location.href = link.href; // The ordinary way.
  } finally {
    link.removeAttribute("aria-busy");
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const place = form.closest?.("[data-comments] [data-place]");
  if (!place) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  try {
    put(place, await get(form.action, { method: "POST", body: new FormData(form) }));
  } catch {
    HTMLFormElement.prototype.submit.call(form);
  } finally {
    form.removeAttribute("aria-busy");
  }
});

const picked = document.querySelector("main [data-picked]");
if (picked && location.hash === `#${picked.id}`) picked.focus();
