// Counts a view: once the page has been in sight for five seconds, one beacon with the number of the article, nothing else.

const NEEDED = 5000;
const { article, beacon } = document.body.dataset;

if (article && beacon && typeof navigator.sendBeacon === "function") {
  let seen = 0;
  let since = 0;
  let timer = 0;

  const count = () => {
    document.removeEventListener("visibilitychange", watch);
    navigator.sendBeacon(beacon, new URLSearchParams({ bai: article }));
  };

  const watch = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") {
      since = performance.now();
      timer = setTimeout(count, NEEDED - seen);
    } else if (since) {
      seen = Math.min(NEEDED, seen + performance.now() - since);
      since = 0;
    }
  };

  document.addEventListener("visibilitychange", watch);
  watch();
}
