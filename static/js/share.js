// "Chia sẻ": the share sheet of the device, where there is one (on phones Zalo is among the choices).

if (typeof navigator.share === "function") {
  const url = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
  const title = document.querySelector("h1")?.textContent.trim() ?? document.title;
  for (const button of document.querySelectorAll("[data-share]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.share({ title, url });
      } catch {
        // The reader closed the sheet.
      }
    });
  }
}
