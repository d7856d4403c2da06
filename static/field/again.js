// Check again: what earlier walks saw, in walking order, with five answers each.

import { $, el, icon, say } from "./dom.js";
import { kick } from "./outbox.js";
import { keepPhoto } from "./photos.js";
import { bringPictures, pictureOf } from "./pictures.js";
import { position } from "./place.js";
import { MAX_PHOTOS, add, change, localTime, onChange, photosOf, recordsOf, stateOf, takeBack } from "./records.js";
import { go, here } from "./shell.js";
import { litNow } from "./spot.js";
import { blockWords } from "./titles.js";
import { day, said, t, time } from "./words.js";

const LARGE = ["fixed", "still_there"];
const SMALL = ["worse", "cannot_tell", "gone"];
const SYMBOLS = { fixed: "check", still_there: "full" };

const TONES = { claimed_fixed: ["half", "claimed"], monitoring: ["eye", "watch"] };

const urls = []; // of the pictures that show

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
  if (!file) return;
  say(t("photo_working"));
  const { words, bad } = await keepPhoto(look.id, file);
  say(t(words), { bad });
  kick(4000);
  await draw();
}

function camera(look) {
  const id = `camera-${look.id}`;
  const input = el("input", { type: "file", accept: "image/*", capture: "environment", class: "sr", id });
  input.addEventListener("change", () => takePhoto(look, input.files[0]));
  const count = look.photos.length ? ` · ${t("photos_n", { n: look.photos.length })}` : "";
  return [input, el("label", { class: "btn", for: id }, icon("camera"), t("look_photo") + count)];
}

// --- then and now ---------------------------------------------------------------------------------------------------------

function picture(bytes, alt) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
  urls.push(url);
  return el("img", { src: url, alt });
}

const empty = (words) => el("p", { class: "pair-none" }, icon("camera"), words);

function thenFigure(item, bytes) {
  const zone = here.walk.pack.walk.time_zone;
  const when = [day(item.seen_at, zone), item.lit && t(`lit_${item.lit}`)].filter(Boolean).join(", ");
  return el("figure", {}, bytes ? picture(bytes, t("again_then_photo")) : empty(t("again_then_later")), el("figcaption", {}, t("again_then", { when })));
}

function nowFigure(look, thumb) {
  if (!look) return el("figure", {}, empty(t("again_now_hint")), el("figcaption", {}, t("again_now")));
  const mine = thumb ? picture(thumb, t("again_now_photo")) : look.photos.length ? empty(t("photos_n", { n: look.photos.length })) : null;
  return el("figure", {}, mine || el("div", { class: "pair-none" }, camera(look)), el("figcaption", {}, t("again_now")));
}

/** The earlier photo beside mine: {then, thumb} are bytes or nothing. */
function pair(item, look, { then, thumb }) {
  if (!item.photo && !look?.photos.length) return null;
  const figures = [item.photo && thenFigure(item, then), nowFigure(look, thumb)];
  return el("div", { class: "pair" }, figures.filter(Boolean));
}

async function picturesOf(item, look) {
  const then = item.photo ? await pictureOf(item.photo).catch(() => null) : null;
  const photos = look?.photos.length ? await photosOf(look.id) : [];
  const newest = photos.find((photo) => photo.id === look.photos.at(-1));
  return { then, thumb: newest?.thumb };
}

// --- the cards ------------------------------------------------------------------------------------------------------------

async function undo(item, look) {
  try {
    const back = await takeBack(look.id);
    say(t("undone"));
    if (back) return go("c", back);
  } catch {
    say(t("not_saved"), { bad: true });
  }
  kick();
  await draw();
  document.querySelector(`[data-item="${item.id}"] button`)?.focus();
}

function answeredWords(look) {
  const when = time(look.made_at, here.walk.pack.walk.time_zone);
  return `${t(`look_${look.body.result}`)}, ${when}, ${t(`state_${stateOf(look)}`)}`;
}

function answered(item, look) {
  const back = el("button", { type: "button", class: "btn", onclick: () => undo(item, look) }, icon("undo"), t("undo"));
  const n = look.photos.length;
  const again = (n || !item.photo) && n < MAX_PHOTOS ? el("div", {}, camera(look)) : null;
  return [el("p", { class: "answered" }, icon("check"), el("b", {}, answeredWords(look))), el("div", { class: "row" }, again, back)];
}

function badge({ status, since_on: since }) {
  const [symbol, tone] = TONES[status] || ["full", "open"];
  const when = since && el("span", { class: "quiet" }, ` ${t("look_since", { day: day(`${since}T12:00:00Z`, "UTC") })}`);
  return el("p", {}, el("span", { class: `badge tone-${tone}` }, icon(symbol), t(`look_${status}`)), when);
}

function card(item, i, look, pictures) {
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
    pair(item, look, pictures),
    el("div", { class: "two" }, LARGE.map((result) => button(item, look, result))),
    el("div", { class: "three" }, SMALL.map((result) => button(item, look, result))),
    look && answered(item, look),
  );
}

const forgetUrls = () => urls.splice(0).forEach((url) => URL.revokeObjectURL(url));

/** The name of the block above its first card, or nothing. */
function headOf(items, i) {
  const name = blockWords(here.walk.pack, { segment: items[i].segment });
  const before = i && blockWords(here.walk.pack, { segment: items[i - 1].segment });
  return name && name !== before ? el("li", { class: "rule" }, name) : null;
}

async function looksByItem() {
  const looks = (await recordsOf(here.walk.id)).filter((one) => one.kind === "look");
  return new Map(looks.map((look) => [look.body.concern, look]));
}

/** Sent or refused meanwhile: the words change, the card stays under the thumb. */
async function refresh() {
  if (here.screen !== "again" || !here.walk?.pack) return;
  const lookAt = await looksByItem();
  for (const words of document.querySelectorAll("#again-list .answered b")) {
    const look = lookAt.get(words.closest("[data-item]").dataset.item);
    if (look) words.textContent = answeredWords(look);
  }
}

onChange(() => refresh().catch(() => {}));

async function draw() {
  const items = here.walk.pack?.looks || [];
  const lookAt = await looksByItem();
  const pictures = await Promise.all(items.map((item) => picturesOf(item, lookAt.get(item.id))));
  forgetUrls();
  $("again-list").replaceChildren(...items.flatMap((item, i) => [headOf(items, i), card(item, i, lookAt.get(item.id), pictures[i])]).filter(Boolean));
  const n = items.filter((item) => lookAt.has(item.id)).length;
  $("again-count").textContent = items.length ? t("again_done", { n, max: items.length }) : t("again_empty");
  const isDark = litNow(here.walk.pack) === "dark";
  $("again-lit").replaceChildren(...(isDark ? [icon("moon"), t("again_dark")] : []));
}

/** `#again=<concern id>` comes from the map: its card moves into view. */
function toCard(id) {
  const card = document.querySelector(`[data-item="${CSS.escape(id)}"]`);
  card?.scrollIntoView({ block: "start" });
  card?.querySelector("button")?.focus({ preventScroll: true });
}

export async function show(screen, id = "") {
  await draw();
  if (id) requestAnimationFrame(() => toCard(id)); // after the screen has appeared
  bringPictures().then((n) => n && here.screen === "again" && draw());
  return forgetUrls;
}
