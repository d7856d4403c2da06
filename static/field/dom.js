// Small helpers for making elements. Text always goes in as text.

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/** element("button", {class: "btn", "aria-label": "…", onclick: f, hidden: false}, child, "text", …). */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "checked" || name === "value") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function svg(tag, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

/** A symbol that stands in the page: icon("check"), icon("house"). */
export function icon(name, className = "i") {
  const made = svg("svg", { class: className, "aria-hidden": "true", viewBox: "0 0 24 24" });
  made.append(svg("use", { href: `#i-${name}` }));
  return made;
}

/**
 * A row of answers, one tap each. `options` is [[value, label]]; `chosen` a list; `change(list)` after each tap.
 * `clear`: tapping the chosen one again takes the answer back.
 */
export function chips({ name, legend, hint = "", options, chosen, many = false, clear = false, change }) {
  const box = el("fieldset", { class: "part" }, el("legend", {}, legend));
  if (hint) {
    box.append(el("p", { class: "hint", id: `hint-${name}` }, hint));
    box.setAttribute("aria-describedby", `hint-${name}`);
  }
  const type = many ? "checkbox" : "radio";
  const inputs = options.map(([value]) => el("input", { type, name, value, checked: chosen.includes(value) }));
  const tell = () => change(inputs.filter((input) => input.checked).map((input) => input.value));
  const row = el("div", { class: "pick" });
  row.append(...options.map(([, label], i) => el("label", {}, inputs[i], el("span", {}, label))));
  row.addEventListener("change", tell);
  if (clear && !many) letClear(inputs, tell);
  box.append(row);
  return box;
}

function letClear(inputs, tell) {
  let before = inputs.find((input) => input.checked);
  for (const input of inputs) {
    input.addEventListener("click", () => {
      const again = before === input;
      if (again) input.checked = false;
      before = again ? null : input;
      if (again) tell();
    });
  }
}

const typing = new Map();

/** A line or a box to type in; saved while typing and by `keepTyped()`. */
export function typed({ id, label, hint = "", value, long = false, save, ...attributes }) {
  const about = hint ? { "aria-describedby": `${id}-hint` } : {};
  const box = el(long ? "textarea" : "input", { id, class: "input", value, rows: long ? 2 : false, ...about, ...attributes });
  const flush = async () => {
    clearTimeout(timer);
    typing.delete(box);
    await save(box.value.trim());
  };
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    typing.set(box, flush);
    timer = setTimeout(flush, 400);
  });
  box.addEventListener("change", flush);
  const words = [el("label", { for: id }, label)];
  if (hint) words.push(el("p", { class: "hint", id: `${id}-hint` }, hint));
  return el("div", { class: "part" }, words, box);
}

/** Saves at once what was typed a moment ago. */
export const keepTyped = () => Promise.all([...typing.values()].map((flush) => flush()));

/** Says something to screen readers and shows it for a moment; `bad` words stay until the next one. */
export function say(text, { bad = false } = {}) {
  const box = $(bad ? "alert" : "said");
  const other = $(bad ? "said" : "alert");
  other.textContent = "";
  box.textContent = text;
  clearTimeout(say.timer);
  if (!bad) say.timer = setTimeout(() => (box.textContent = ""), 6000);
}
