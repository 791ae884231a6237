// How long the texts are: characters and words below the fields marked `data-count` (the length readers' lists show
// whole), words and minutes below the body. Silent while one types; only crossing a limit is said aloud.

import { announce } from "./announce.js";

const WORDS_A_MINUTE = 220;
const wordsOf = (text) => text.split(/\s+/).filter(Boolean).length;
const number = (value) => value.toLocaleString("vi-VN");

for (const field of document.querySelectorAll("[data-count]")) {
  const limit = Number(field.dataset.count);
  const place = document.createElement("p");
  place.className = "count";
  place.id = `${field.id}_count`;
  field.after(place);
  let wasOver = null;
  const show = () => {
    const text = field.value.trim().normalize("NFC");
    const length = [...text].length;
    const isOver = length > limit;
    place.textContent = isOver
      ? `${length}/${limit} ký tự, dài hơn ${length - limit} ký tự · ${wordsOf(text)} từ`
      : `${length}/${limit} ký tự · ${wordsOf(text)} từ`;
    place.classList.toggle("is-over", isOver);
    if (wasOver !== null && wasOver !== isOver) {
      const name = field.labels[0]?.firstChild.textContent.trim() || "";
      announce(isOver ? `${name}: quá ${limit} ký tự.` : `${name}: trong ${limit} ký tự.`);
    }
    wasOver = isOver;
  };
  field.addEventListener("input", show);
  field.addEventListener("change", show);
  show();
}

const body = document.getElementById("id_body");
const counter = document.querySelector("[data-body-count]");
if (body && counter) {
  let timer = 0;
  body.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const page = new DOMParser().parseFromString(body.value.replaceAll("</", " </"), "text/html");
      const count = wordsOf(page.body.textContent);
      counter.textContent = `${number(count)} từ, khoảng ${Math.max(1, Math.ceil(count / WORDS_A_MINUTE))} phút đọc`;
    }, 400);
  });
}
