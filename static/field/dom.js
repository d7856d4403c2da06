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

/** A row of answers, one tap each. `options` is [[value, label]]; `chosen` a list; `change(list)` after each tap. */
export function chips({ name, legend, hint = "", options, chosen, many = false, change }) {
  const box = el("fieldset", { class: "part" }, el("legend", {}, legend));
  const hintId = `hint-${name}`;
  if (hint) {
    box.append(el("p", { class: "hint", id: hintId }, hint));
    box.setAttribute("aria-describedby", hintId);
  }
  const row = el("div", { class: "pick" });
  for (const [value, label] of options) {
    const input = el("input", { type: many ? "checkbox" : "radio", name, value, checked: chosen.includes(value) });
    row.append(el("label", {}, input, el("span", {}, label)));
  }
  row.addEventListener("change", () => change([...row.querySelectorAll("input:checked")].map((input) => input.value)));
  box.append(row);
  return box;
}

/** Says something to screen readers and shows it for a moment; `bad` words stay until the next one. */
export function say(text, { bad = false } = {}) {
  const box = $(bad ? "alert" : "said");
  const other = $(bad ? "said" : "alert");
  other.textContent = "";
  box.textContent = text;
  clearTimeout(say.timer);
  if (!bad) say.timer = setTimeout(() => (box.textContent = ""), 6000);
}
