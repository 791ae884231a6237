// "Chép liên kết": the address of the article to the clipboard, and a word that it happened.

if (navigator.clipboard) {
  const said = document.querySelector("[data-copy-said]");
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      let words = "Đã chép liên kết.";
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
      } catch {
        words = `Trình duyệt không cho chép. Liên kết: ${button.dataset.copy}`;
      }
      if (said) said.textContent = words;
    });
  }
}
