// Parts that the screens of the day share: call buttons, a stepper, a scale, how far a record is, one tap that saves once.

import { $, el, icon, say } from "./dom.js";
import { kick } from "./outbox.js";
import { stateOf, takeBack } from "./records.js";
import { settings } from "./settings.js";
import { said, t, time } from "./words.js";

const BOUNCE = 700;
let quietUntil = 0;

/** A handler that ignores the second of a double tap, also where it falls on what has just appeared. */
export const tap = (work) => (event) => {
  const now = performance.now();
  if (now < quietUntil) return undefined;
  quietUntil = now + BOUNCE;
  return work(event);
};

/** Runs a change to what is kept and sends it in `wait` ms; what this phone can't keep is said aloud and answers null. */
export async function keep(work, { wait = 4000 } = {}) {
  try {
    const kept = await work();
    navigator.vibrate?.(40);
    kick(wait);
    return kept ?? true;
  } catch {
    say(t("not_saved"), { bad: true });
    return null;
  }
}

/** Takes a record back and says so. Answers whether this phone could. */
export async function takenBack(id) {
  const done = await keep(() => takeBack(id), { wait: 0 });
  if (done) say(t("undone"));
  return Boolean(done);
}

export const screenOf = (name) => document.querySelector(`[data-screen="${name}"]`);

export const heading = (words, symbol = "") =>
  el("h1", { tabindex: "-1", class: symbol && "kind-title" }, symbol && icon(symbol, "mark"), words);

/** A button of the bar below or of the page: button({class, onclick}, "words"). */
export const button = (attributes, ...children) =>
  el("button", { type: "button", ...attributes, class: `btn ${attributes.class || ""}` }, ...children);

const SYMBOLS = { queued: "box", sent: "up", confirmed: "check", refused: "warning", closed: "check" };

/** How far a record is and when it was made, with its own words first where there are any; green, amber where refused. */
export function savedLine(record, zone, words = "") {
  const state = stateOf(record);
  const waits = state === "queued";
  const how = waits ? t("saved") : t(`state_${state}`);
  const title = words || how;
  const when = [words && how, time(record.made_at, zone)].filter(Boolean).join(" · ");
  const more = record.words ? t("answer_refused", { why: record.words }) : when;
  return el(
    "div",
    { class: `saved saved-${state}`, "data-state": state },
    icon(waits ? "check" : SYMBOLS[state]),
    el("div", {}, el("b", {}, title), el("span", {}, more)),
  );
}

// --- people to call -------------------------------------------------------------------------------------------------------

/** Whom one can call, the emergency number first, also with no pack: [{kind, name, phone}]. */
export function peopleToCall(pack) {
  const number = pack?.coalition?.emergency_number || settings.emergency;
  const people = (pack?.call || []).filter((one) => one.phone);
  const emergency = people.find((one) => one.kind === "emergency") || { kind: "emergency", name: "", phone: number };
  return [emergency, ...people.filter((one) => one.kind !== "emergency")];
}

export function callButton({ kind, name, phone }) {
  const role = t(`call_${kind}`);
  const isEmergency = kind === "emergency";
  const title = isEmergency ? t("danger_call", { number: phone }) : said(name) || role;
  const number = el("span", { class: "number" }, phone);
  const more = isEmergency ? [role] : [title === role ? "" : `${role} · `, number];
  return el(
    "a",
    { class: `btn btn-l btn-wide call${isEmergency ? " btn-danger" : ""}`, href: `tel:${phone.replace(/[^\d+*#]/g, "")}` },
    icon("phone"),
    el("span", { class: "grow" }, el("b", {}, title), el("small", {}, ...more)),
  );
}

export const callList = (people) => el("ul", { class: "stack" }, people.map((one) => el("li", {}, callButton(one))));

// --- numbers --------------------------------------------------------------------------------------------------------------

/** A number with − and + and a field to type in. `change(n)` after each step. */
export function stepper({ id, label, value, min = 0, max = 999, change }) {
  const within = (n) => Math.min(max, Math.max(min, Number.isFinite(n) ? n : min));
  const field = el("input", { id, class: "input", value, inputmode: "numeric", autocomplete: "off", maxlength: 3 });
  const less = button({ class: "step", "aria-label": t("count_less", { what: label }) }, icon("minus"));
  const more = button({ class: "step", "aria-label": t("count_more", { what: label }) }, icon("plus"));
  const put = (n) => {
    const now = within(n);
    less.ariaDisabled = String(now <= min);
    more.ariaDisabled = String(now >= max);
    if (field.value !== String(now)) field.value = now;
    return now;
  };
  const to = (n) => change(put(n));
  const heard = el("span", { class: "sr", role: "status" });
  const by = (n) => () => {
    to(Number(field.value) + n);
    heard.textContent = field.value;
  };
  less.onclick = by(-1);
  more.onclick = by(1);
  field.oninput = () => /^\d+$/.test(field.value) && field.value === String(within(Number(field.value))) && to(Number(field.value));
  field.onchange = () => to(parseInt(field.value, 10));
  field.onfocus = () => field.select();
  put(value);
  const box = el("div", { class: "stepper" }, el("label", { for: id }, label), less, field, more, heard);
  return { box, put };
}

/** Bad · poor · fair · good · can't tell, in one row. `chosen` is "0"…"3", "none" or "". */
export function scale({ name, legend, chosen, change }) {
  const box = el("fieldset", { class: "part" }, el("legend", {}, legend));
  const row = el("div", { class: "pick scale" });
  for (const value of ["0", "1", "2", "3", "none"]) {
    const input = el("input", { type: "radio", name, value, checked: value === chosen });
    input.addEventListener("change", () => change(value));
    row.append(el("label", {}, input, el("span", {}, t(`rate_${value}`))));
  }
  box.append(row);
  return box;
}

/** Puts the words into a status box only when they changed, so that a screen reader says them once. */
export function tell(id, ...children) {
  const box = $(id);
  const words = children.map((child) => child?.textContent ?? child).join(" ");
  if (!box || box.dataset.told === words) return;
  box.dataset.told = words;
  box.replaceChildren(...children);
}
