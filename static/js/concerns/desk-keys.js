// Single keys of the desk. A key is declared where it acts: data-key="p" on a button (pressed), a field (focused) or a
// summary (its panel opens). Nothing here has no button: the keys only press them.

const REMEMBERED = "desk-keys";
const PLACE = "desk-keys-at";
const TYPING = "textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])";

function isOn() {
  try {
    return localStorage.getItem(REMEMBERED) !== "off";
  } catch {
    return true;
  }
}

function remember(on) {
  try {
    localStorage.setItem(REMEMBERED, on ? "on" : "off");
  } catch {
    // Where nothing can be remembered the choice counts for this page.
  }
}

/** Whether a key belongs to somebody else: a field, the map, a dialog, or the browser. */
function isTaken(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const at = event.target instanceof Element ? event.target : document.body;
  if (at.closest(`${TYPING}, [contenteditable], [data-map]`)) return true;
  return Boolean(document.querySelector("dialog[open]"));
}

/** The rows of the list: which one somebody is on, and moving among them. */
class Rows {
  constructor(form) {
    this.form = form;
    this.all = form ? [...form.querySelectorAll("[data-row]")] : [];
    this.last = -1;
    form?.addEventListener("focusin", (event) => {
      const i = this.all.indexOf(event.target.closest("[data-row]"));
      if (i >= 0) this.last = i;
    });
  }

  get here() {
    return this.all[this.last] ?? null;
  }

  link(row) {
    return row.querySelector(".line-head a");
  }

  go(i) {
    if (!this.all.length) return;
    this.last = Math.min(Math.max(i, 0), this.all.length - 1);
    const row = this.all[this.last];
    this.link(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  tick() {
    const box = this.here?.querySelector("input[name=concern]");
    box?.click();
  }

  /** What a button acts on: everything ticked, else the row one is on. Returns whether there is any. */
  choose() {
    const ticked = this.form.querySelector("input[name=concern]:checked, input[name=all]:checked");
    if (!ticked && this.here) this.tick();
    return Boolean(ticked || this.here);
  }

  /** After the page comes back, the focus stands where it stood: on what took the place of the row. */
  comeBack() {
    const key = `${PLACE} ${location.pathname}`;
    const was = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    if (was !== null) this.go(Number(was));
    this.form?.addEventListener("submit", () => sessionStorage.setItem(key, String(Math.max(this.last, 0))));
  }
}

function press(target, rows) {
  if ("needsTick" in target.dataset && !rows.choose()) return;
  if (target.matches("summary")) {
    const panel = target.parentElement;
    panel.open = true;
    (panel.querySelector("select, textarea, input:not([type=hidden]), button") || target).focus();
    return;
  }
  if (target.matches("label")) target = target.control;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (target.matches("input, select, textarea")) {
    target.focus();
    target.select?.();
    return;
  }
  // Merging is decided by looking at both: the key only leads there.
  if (target.dataset.key === "m" || !target.matches("button, a")) {
    target.focus();
    target.scrollIntoView({ block: "nearest" });
    return;
  }
  target.click();
}

function onKey(event, rows, keys) {
  if (isTaken(event) || !isOn()) return;
  const inList = rows.all.length > 0;
  const moves = {
    j: () => rows.go(rows.last + 1),
    k: () => rows.go(rows.last - 1),
    x: () => rows.tick(),
    o: () => rows.here && rows.link(rows.here).click(),
    m: () => rows.here && location.assign(`${rows.link(rows.here).href}#same`),
  };
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (event.key === "?" && keys) keys.showModal();
  else if (target) press(target, rows);
  else if (inList && moves[event.key]) moves[event.key]();
  else return;
  event.preventDefault();
}

function wireDialog(keys) {
  const toggle = keys.querySelector("[data-keys-on]");
  const show = () => {
    toggle.checked = isOn();
    for (const hint of document.querySelectorAll("[data-keys-hint]")) hint.hidden = false;
    document.documentElement.toggleAttribute("data-keys-off", !isOn());
    for (const one of document.querySelectorAll("[data-key]")) {
      if (isOn()) one.setAttribute("aria-keyshortcuts", one.dataset.key);
      else one.removeAttribute("aria-keyshortcuts");
    }
  };
  toggle.addEventListener("change", () => {
    remember(toggle.checked);
    show();
  });
  for (const button of document.querySelectorAll("[data-keys-open]")) button.addEventListener("click", () => keys.showModal());
  show();
}

const rows = new Rows(document.querySelector("[data-desk-list]"));
const keys = document.querySelector("[data-keys]");
document.addEventListener("keydown", (event) => onKey(event, rows, keys));
if (keys) wireDialog(keys);
rows.comeBack();
