// The page a popup ends with: tells the form that opened it what was made, and closes.
const { dataset } = document.getElementById("popup-response");
const made = JSON.parse(dataset.popupResponse);
if (window.opener && !window.opener.closed) {
  window.opener.postMessage({ popup: window.name, ...made }, window.location.origin);
  window.close();
}
