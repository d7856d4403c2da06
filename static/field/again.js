// Check again: what earlier walks saw, in walking order, with five answers each.

import { $, el, icon, say } from "./dom.js";
import { kick } from "./outbox.js";
import { readPhoto } from "./photos.js";
import { position } from "./place.js";
import { add, addPhoto, change, localTime, recordsOf, stateOf, takeBack } from "./records.js";
import { here } from "./shell.js";
import { litNow } from "./spot.js";
import { day, said, t, time } from "./words.js";

const LARGE = ["fixed", "still_there"];
const SMALL = ["worse", "cannot_tell", "gone"];
const SYMBOLS = { fixed: "check", still_there: "full" };

const TONES = { claimed_fixed: ["half", "claimed"], monitoring: ["eye", "watch"] };

const kindOf = (code) => (here.walk.pack?.categories || []).find((one) => one.code === code);

async function answer(item, look, result) {
  const body = { concern: item.id, result, lit: litNow(here.walk.pack), note: "", captured_at: localTime(), position: position() };
  try {
    if (look) await change(look.id, { result, lit: body.lit });
    else await add({ kind: "look", walk: here.walk.id, body });
    navigator.vibrate?.(40);
    say(`${t(`look_${result}`)}. ${t("saved")}`);
  } catch {
    say(t("not_saved"), { bad: true });
  }
  kick(4000);
  await draw();
  document.querySelector(`[data-item="${item.id}"] [aria-pressed="true"]`)?.focus();
}

function button(item, look, result) {
  const pressed = String(look?.body.result === result);
  const symbol = SYMBOLS[result] && icon(SYMBOLS[result]);
  const press = () => answer(item, look, result);
  return el("button", { type: "button", class: "btn", "aria-pressed": pressed, onclick: press }, symbol, t(`look_${result}`));
}

async function takePhoto(look, file) {
  try {
    const photo = file && (await readPhoto(file));
    if (file && !photo) return say(t("photo_unreadable"), { bad: true });
    if (photo) await addPhoto(look.id, photo);
    say(t("photo_saved"));
  } catch {
    say(t("photo_not_saved"), { bad: true });
  }
  kick(4000);
  return draw();
}

function camera(look) {
  const id = `camera-${look.id}`;
  const input = el("input", { type: "file", accept: "image/*", capture: "environment", class: "sr", id });
  input.addEventListener("change", () => takePhoto(look, input.files[0]));
  const count = look.photos.length ? ` · ${t("photos_n", { n: look.photos.length })}` : "";
  return el("div", {}, input, el("label", { class: "btn", for: id }, icon("camera"), t("look_photo") + count));
}

async function undo(item, look) {
  try {
    await takeBack(look.id);
    say(t("undone"));
  } catch {
    say(t("not_saved"), { bad: true });
  }
  kick();
  await draw();
  document.querySelector(`[data-item="${item.id}"] button`)?.focus();
}

function answered(item, look) {
  const when = time(look.made_at, here.walk.pack.walk.time_zone);
  const words = `${t(`look_${look.body.result}`)}, ${when}, ${t(`state_${stateOf(look)}`)}`;
  const back = el("button", { type: "button", class: "btn", onclick: () => undo(item, look) }, icon("undo"), t("undo"));
  return [el("p", { class: "answered" }, icon("check"), el("b", {}, words)), el("div", { class: "row" }, camera(look), back)];
}

function badge({ status, since_on: since }) {
  const [symbol, tone] = TONES[status] || ["full", "open"];
  const when = since && el("span", { class: "quiet" }, ` ${t("look_since", { day: day(`${since}T12:00:00Z`, "UTC") })}`);
  return el("p", {}, el("span", { class: `badge tone-${tone}` }, icon(symbol), t(`look_${status}`)), when);
}

function card(item, i, look) {
  const kind = kindOf(item.category);
  const byDay = kind?.needs_dark && litNow(here.walk.pack) === "day";
  return el(
    "li",
    { class: `card${look ? " card-done" : ""}`, "data-item": item.id },
    el(
      "div",
      { class: "card-head" },
      icon(kind?.group || "other", "mark"),
      el("div", { class: "grow" }, el("h2", {}, `${i + 1} · ${said(kind?.name)}`), el("p", { class: "quiet" }, item.address || said(item.place))),
    ),
    badge(item),
    item.note && el("p", {}, item.note),
    said(kind?.safety) && el("p", { class: "quiet" }, said(kind.safety)),
    byDay && el("p", { class: "gps gps-so" }, icon("sun"), t("again_day")),
    el("div", { class: "two" }, LARGE.map((result) => button(item, look, result))),
    el("div", { class: "three" }, SMALL.map((result) => button(item, look, result))),
    look && answered(item, look),
  );
}

async function draw() {
  const items = here.walk.pack?.looks || [];
  const looks = (await recordsOf(here.walk.id)).filter((one) => one.kind === "look");
  const lookAt = new Map(looks.map((look) => [look.body.concern, look]));
  $("again-list").replaceChildren(...items.map((item, i) => card(item, i, lookAt.get(item.id))));
  const n = items.filter((item) => lookAt.has(item.id)).length;
  $("again-count").textContent = items.length ? t("again_done", { n, max: items.length }) : t("again_empty");
  const isDark = litNow(here.walk.pack) === "dark";
  $("again-lit").replaceChildren(...(isDark ? [icon("moon"), t("again_dark")] : []));
}

export const show = () => draw();
