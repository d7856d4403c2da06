// What every page does: focus the error summary, close toasts and menus, say "busy" on a pressed button.

function focusErrors(root) {
  const box = root.querySelector("[data-error-summary]");
  if (!box) return;
  box.focus();
  box.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.closest(".field, fieldset")?.scrollIntoView({ block: "center" });
  });
}

function wireToasts(root) {
  for (const toast of root.querySelectorAll("[data-toast]")) {
    const close = toast.querySelector("[data-toast-close]");
    if (!close) continue;
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
  }
}

function wireMenu(menu) {
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

function wireDoubleSubmit(event) {
  const form = event.target;
  // Held back by its own script (a report waits for its proof): it isn't sent yet, and will be submitted once more.
  if (event.defaultPrevented) return;
  if (form.method !== "post" || form.hasAttribute("data-again")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
}

/** Shows a toast; `undo` (optional) is {label, action}. Returns the element. */
export function toast(words, undo) {
  const holder = document.querySelector("[data-toasts]");
  const box = document.createElement("div");
  box.className = "toast";
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text);
  if (undo) {
    const button = document.createElement("button");
    button.className = "btn btn-s";
    button.type = "button";
    button.textContent = undo.label;
    button.addEventListener("click", () => {
      box.remove();
      undo.action();
    });
    box.append(button);
  }
  holder.append(box);
  return box;
}

function start(root) {
  focusErrors(root);
  wireToasts(root);
  root.querySelectorAll("[data-menu]").forEach(wireMenu);
  for (const button of root.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
}

/** Sideways only: the page stays where it is. */
function showCurrent(row) {
  const current = row.querySelector("[aria-current]");
  if (current) row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}

start(document);
document.querySelectorAll(".switch-long, .rail ul").forEach(showCurrent);
document.addEventListener("submit", wireDoubleSubmit);
// A page that comes back from the browser's own cache must not keep its buttons locked.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) start(event.detail.elt);
});
