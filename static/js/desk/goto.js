// Where a link of the checks or of the faults leads: folds above it open, the cursor goes into it.
export function goTo(id) {
  let target = document.getElementById(id) || document.querySelector(`[name="${CSS.escape(id.replace(/^id_/, ""))}"]`);
  if (!target && id.startsWith("phan-doan")) target = document.getElementById("phan-doan");
  if (!target) return false;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  if (target.matches("textarea[hidden]")) target = target.closest(".field")?.querySelector("[contenteditable=true]") || target;
  const isField = target.matches("input, textarea, select, button, [contenteditable=true]");
  const inside = [...target.querySelectorAll("input:not([type=hidden]), textarea, select, [contenteditable=true]")];
  const field = isField ? target : inside.find((found) => found.checkVisibility()) || target.querySelector("summary, a");
  (field || target).focus({ preventScroll: true });
  (field || target).scrollIntoView({ block: "center" });
  return true;
}
