// Who puts the mixed text in order means to take it.

const form = document.getElementById("conflict_form");
let isSent = false;
let isChanged = false;

form?.addEventListener("input", (event) => {
  isChanged = true;
  const part = event.target.closest("[data-conflict]");
  if (!part || !event.target.closest(".mixed")) return;
  const choice = part.querySelector("input[type=radio][value=mixed]");
  if (choice) choice.checked = true;
});
form?.addEventListener("submit", () => {
  isSent = true;
});
window.addEventListener("beforeunload", (event) => {
  if (isChanged && !isSent) event.preventDefault();
});
