// A reader's own pages: this device knows from now on that somebody has an account here, so that other pages may ask what
// is new (js/display.js). Nothing of who it is.

try {
  localStorage.setItem("tai-khoan", "1");
} catch {
  // Storage may be forbidden; then the number is on the account's own pages only.
}

// On a narrow screen the links are a strip: the page one is on is brought into sight.
document.querySelector(".own__nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
