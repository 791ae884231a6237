// Elements made in one call, and dialogs of the page.

export function element(tag, properties = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

let serial = 0;

export function number() {
  serial += 1;
  return serial;
}

// A modal dialog that lives until it is closed; `then` runs after that.
export function openDialog(title, children, { className = "", then = () => {} } = {}) {
  const id = `dialog-title-${number()}`;
  const form = element("form", { method: "dialog", noValidate: true }, [element("h2", { id, textContent: title }), ...children]);
  const dialog = element("dialog", { className: `desk-dialog ${className}`.trim(), "aria-labelledby": id }, [form]);
  dialog.addEventListener("close", () => {
    dialog.remove();
    then();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, form };
}

// A message beside a field: said by the field itself, read out when it appears; "" takes it away.
export function sayBeside(field, place, message) {
  place.textContent = message;
  place.hidden = !message;
  if (message) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

export function errorPlace(field) {
  const place = element("p", { className: "field-error", id: `${field.id}-error`, role: "alert", hidden: true });
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), place.id].filter(Boolean).join(" "));
  return place;
}

export async function askJson(address, parameters) {
  const asked = new URL(address, window.location);
  for (const [name, value] of Object.entries(parameters)) asked.searchParams.set(name, value);
  const answer = await fetch(asked, { headers: { Accept: "application/json" } });
  if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) throw new Error(`answered ${answer.status}`);
  return answer.json();
}

// Calls come at most once in `wait` milliseconds; the last one counts.
export function debounced(run, wait = 200) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
}
