// The preview of search results and shared cards follows the fields; pictures show as soon as they are picked.

const block = document.querySelector("[data-share-preview]");
const value = (id) => document.getElementById(id)?.value.trim().replace(/\s+/g, " ") || "";
const cut = (text, length) => ([...text].length > length ? `${[...text].slice(0, length - 1).join("").trimEnd()}…` : text);

// As the server makes addresses: letters without their marks, digits, hyphens.
function slug(text) {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

function put(name, text) {
  for (const place of block.querySelectorAll(`[data-share="${name}"]`)) {
    place.textContent = place.dataset.cut ? cut(text, Number(place.dataset.cut)) : text;
  }
}

function firstWords() {
  const page = new DOMParser().parseFromString((document.getElementById("id_body")?.value || "").replaceAll("</", " </"), "text/html");
  return page.body.textContent.trim().replace(/\s+/g, " ").slice(0, 200);
}

if (block) {
  const address = block.querySelector('[data-share="address"]');
  let timer = 0;
  const show = () => {
    const title = value("id_title");
    put("title", title || "Chưa có tiêu đề");
    put("description", value("id_lead") || firstWords());
    address.textContent = address.textContent.replace(/\/tin\/.*-(\d+|…)\/$/, (_, number) => `/tin/${slug(title) || "bai"}-${number}/`);
  };
  for (const id of ["id_title", "id_lead", "id_body"]) {
    document.getElementById(id)?.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, 300);
    });
  }
  document.addEventListener("beside:answer", (event) => {
    const share = event.detail.share;
    put("description", share.description);
    put("title", share.title);
    put("address", share.address);
  });
}

// --- Pictures ---------------------------------------------------------------------------------------------

const LIBRARY = new URL("chon/hinh/", new URL(document.querySelector(".top-name a")?.href || "/quan-tri/", window.location));

async function thumbnail(text) {
  const number = text.match(/\(số (\d+)\)\s*$/)?.[1] || text.match(/^#?(\d+)$/)?.[1];
  if (!number) return null;
  const address = new URL(LIBRARY);
  address.searchParams.set("anh", number);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) return null;
    const { results } = await answer.json();
    return results[0]?.address ? results[0] : null;
  } catch {
    return null;
  }
}

function picture(found, name) {
  const image = Object.assign(new Image(), { src: found.address, alt: found.label || "", className: name });
  if (found.width) [image.width, image.height] = [found.width, found.height];
  return image;
}

async function showBeside(input) {
  const asked = input.value;
  const found = await thumbnail(asked);
  if (asked !== input.value) return;
  const lead = document.querySelector(`[data-shows="${input.id}"]`);
  if (lead) {
    lead.replaceChildren(...(found ? [picture(found, "lead-picture")] : []));
    const card = block?.querySelector('[data-share="picture"]');
    if (card) {
      const none = Object.assign(document.createElement("p"), { className: "card-empty", textContent: "Chưa có ảnh chính: thẻ hiện không ảnh." });
      const image = found ? picture(found, "") : none;
      if (found) image.alt = "";
      card.replaceChildren(image);
    }
    return;
  }
  const field = input.closest(".field");
  field.querySelector(":scope > .row-picture")?.remove();
  if (found) field.prepend(picture(found, "row-picture"));
  field.classList.toggle("has-picture", Boolean(found));
}

const isPicture = (input) => input.matches?.('input[data-pick$="/chon/anh/"]');
document.addEventListener("change", (event) => isPicture(event.target) && showBeside(event.target));
for (const input of document.querySelectorAll('.rows-gallery [data-row] input[data-pick$="/chon/anh/"]')) {
  if (input.value) showBeside(input);
}
