// Says something to who listens instead of looking: the page's one polite live region.

export function announce(words) {
  const place = document.querySelector("[data-announce]");
  if (place) place.textContent = words;
}
