// The sheet after a tap: it is saved already; everything here is extra, one tap each.

import { $, chips, el, icon, keepTyped, say, typed } from "./dom.js";
import { saysWho } from "./doubt.js";
import { kick } from "./outbox.js";
import { MAX_PHOTOS, answer, becomeLook, change, onChange, photosOf, record as load, release, removePhoto, stateOf, takeBack } from "./records.js";
import { keepPhoto } from "./photos.js";
import { samePart } from "./same.js";
import { settings } from "./settings.js";
import { go, here } from "./shell.js";
import { said, t, time } from "./words.js";
import { wherePart } from "./where.js";

let open = null; // the record on the sheet
let urls = [];

/** Runs a change to the open record; a phone that can't keep it is said aloud. */
async function keep(work) {
  try {
    const record = await work;
    if (record) open = record;
    kick(4000);
    return record;
  } catch {
    say(t("not_saved"), { bad: true });
    return null;
  }
}

const set = (body) => keep(change(open.id, body));
const kindOf = (code) => (here.walk.pack?.categories || []).find((one) => one.code === code);

function banner() {
  const state = stateOf(open);
  const said_of_it = state === "refused" ? "refused_title" : state === "queued" ? "saved" : `state_${state}`;
  $("saved-words").textContent = t(said_of_it);
  const bar = document.querySelector("[data-screen=c] .saved");
  bar.dataset.state = state;
  bar.querySelector("use").setAttribute("href", state === "refused" ? "#i-warning" : "#i-check");
  const when = time(open.made_at, here.walk.pack?.walk.time_zone);
  $("saved-more").textContent = open.words ? t("answer_refused", { why: open.words }) : t("saved_more", { time: when });
}

// --- the parts ------------------------------------------------------------------------------------------------------------

function heading(kind) {
  return el("h1", { class: "kind-title" }, icon(kind?.group || "other", "mark"), said(kind?.name) || open.body.category);
}

function safety(kind) {
  const words = said(kind?.safety);
  return words && el("p", { class: "note note-lamp" }, icon("warning"), el("span", {}, words));
}

async function toKind(category) {
  await set({ category });
  draw();
  $("sheet").querySelector("input:checked")?.focus();
}

function kinds(kind) {
  const group = (here.walk.pack?.categories || []).filter((one) => one.group === kind?.group);
  const others = (here.walk.pack?.categories || []).filter((one) => one.group !== kind?.group);
  const select = el("select", { class: "input", "aria-label": t("other_kind") }, el("option", { value: "" }, t("other_kind")));
  select.append(...others.map((one) => el("option", { value: one.code }, said(one.name))));
  select.addEventListener("change", () => select.value && toKind(select.value));
  if (group.length < 2) return el("div", { class: "part" }, select);
  const box = chips({
    name: "category",
    legend: t("kind"),
    options: group.map((one) => [one.code, said(one.name)]),
    chosen: [open.body.category],
    change: ([code]) => toKind(code),
  });
  box.append(select);
  return box;
}

function danger() {
  const number = here.walk.pack?.coalition?.emergency_number || settings.emergency;
  const call = el("a", { class: "btn btn-danger", href: `tel:${number}` }, icon("phone"), t("danger_call", { number }));
  const words = el("div", { class: "note note-danger", role: "alert" });
  const warn = () => {
    words.hidden = !open.body.danger_now;
    const help = el("a", { class: "btn", href: "#help" }, icon("warning"), t("need_help"));
    words.replaceChildren(...(open.body.danger_now ? [el("p", {}, t("danger_text", { number })), call, help] : []));
  };
  const box = chips({
    name: "danger",
    legend: t("danger"),
    options: [["no", t("danger_no")], ["yes", t("danger_yes")]],
    chosen: [open.body.danger_now ? "yes" : "no"],
    change: async ([value]) => {
      await set({ danger_now: value === "yes" });
      warn();
      if ($("same")) $("same").hidden = open.body.danger_now; // a danger is never only one more look
    },
  });
  warn();
  box.append(words);
  return box;
}

const given = (question) => open.answers[open.body.category]?.[question.code] ?? "";
const give = (question, value) => keep(answer(open.id, open.body.category, question.code, value));

function choice(question) {
  const many = question.kind === "many";
  return chips({
    name: `q-${question.code}`,
    legend: said(question.label),
    options: question.options.map((option) => [option.code, said(option)]),
    chosen: [given(question)].flat(),
    many,
    clear: true,
    change: (values) => give(question, many ? values : values[0] || ""),
  });
}

function matches(pattern, value) {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return true; // a hint never stands in the way
  }
}

function words(question) {
  const isNumber = question.kind === "number";
  const doubt = el("p", { class: "hint", role: "status" });
  const part = typed({
    id: `q-${question.code}`,
    label: said(question.label),
    value: given(question),
    maxlength: 200,
    inputmode: isNumber ? "numeric" : false,
    autocapitalize: question.hint ? "characters" : false,
    autocomplete: "off",
    save: (value) => {
      doubt.textContent = question.hint && value && !matches(question.hint, value) ? t("hint_pattern") : "";
      return give(question, isNumber && value ? Number(value) || value : value);
    },
  });
  part.append(doubt);
  return part;
}

function note() {
  const doubt = el("p", { class: "hint hint-doubt", role: "status" });
  const look = (value) => (doubt.textContent = saysWho(value) ? t("note_person") : "");
  const part = typed({
    id: "note",
    label: t("note"),
    hint: t("note_hint"),
    value: open.body.note,
    long: true,
    maxlength: 2000,
    save: (value) => {
      look(value);
      return set({ note: value });
    },
  });
  look(open.body.note);
  part.append(doubt);
  return part;
}

const pickOne = (name, legend, values, prefix) =>
  chips({
    name,
    legend,
    options: values.map((value) => [value, t(`${prefix}_${value}`)]),
    chosen: [open.body[name]],
    change: ([value]) => set({ [name]: value }),
  });

function cityCase() {
  const city = here.walk.pack?.coalition?.city_number_name || settings.city;
  const hint = t("city_case_hint", { city });
  const save = (value) => set({ city_case: value });
  return typed({ id: "city-case", label: t("city_case"), hint, value: open.body.city_case, maxlength: 60, autocomplete: "off", save });
}

// --- photos ---------------------------------------------------------------------------------------------------------------

const PHOTO_WORDS = { waiting: "photo_kept", held: "photo_sent", bad: "photo_bad" };

function tile(photo, i) {
  const n = i + 1;
  const words = t(PHOTO_WORDS[photo.state], { n, max: MAX_PHOTOS });
  let picture = icon("camera", "no-thumb");
  if (photo.thumb) {
    const url = URL.createObjectURL(new Blob([photo.thumb], { type: "image/jpeg" }));
    urls.push(url);
    picture = el("img", { src: url, alt: t("photo_n", { n }) });
  }
  const away = el("button", { type: "button", class: "tile-x", "aria-label": t("photo_remove", { n }) }, icon("cross"));
  away.addEventListener("click", async () => {
    await keep(removePhoto(open.id, photo.id));
    await photoTiles();
  });
  return el("li", { class: "tile", "data-photo": photo.state }, picture, el("small", {}, words), away);
}

async function photoTiles() {
  const box = $("photos");
  if (!box) return;
  open = (await load(open.id)) || open;
  const kept = new Map((await photosOf(open.id)).map((photo) => [photo.id, photo]));
  const photos = open.photos.map((id) => kept.get(id)).filter(Boolean);
  urls.splice(0).forEach((url) => URL.revokeObjectURL(url));
  box.replaceChildren(...photos.map(tile));
  $("camera-label").hidden = $("photo-part-add").hidden = open.photos.length >= MAX_PHOTOS;
}

function photoPart() {
  const add = el("label", { class: "btn tile-add", id: "photo-part-add", for: "camera" }, icon("camera"), t("photo_add"));
  return el(
    "section",
    { class: "part", "aria-labelledby": "photo-title" },
    el("h2", { class: "legend", id: "photo-title" }, t("photo")),
    el("p", { class: "hint" }, t("photos_hint")),
    el("div", { class: "tiles" }, el("ul", { id: "photos", class: "tiles" }), add),
  );
}

/** Photos from the camera join the record they were taken for, whatever is on the sheet by then. */
async function takePhotos(event) {
  const { id } = open;
  const input = event.target;
  say(t("photo_working"));
  for (const file of input.files) {
    const { words, bad, full } = await keepPhoto(id, file);
    say(t(words), { bad });
    if (full) break;
  }
  input.value = "";
  kick(4000);
  if (open?.id === id) await photoTiles();
}

// --- the sheet ------------------------------------------------------------------------------------------------------------

function where() {
  const part = wherePart(open, (record, { quiet = false } = {}) => {
    if (!record) return;
    open = record;
    kick(4000);
    if (!quiet) $("where").replaceWith(where());
  });
  return part;
}

function draw() {
  const kind = kindOf(open.body.category);
  const questions = kind?.questions || [];
  const isChoice = (question) => question.kind === "one" || question.kind === "many";
  const parts = [
    heading(kind),
    safety(kind),
    samePart(open, here.walk.pack, sameAs),
    kinds(kind),
    where(),
    danger(),
    ...questions.filter(isChoice).map(choice),
    photoPart(),
    ...questions.filter((question) => !isChoice(question)).map(words),
    note(),
    pickOne("told_by", t("told_by"), ["seen", "resident", "business", "passer_by"], "told"),
    pickOne("lit", t("lit"), ["day", "dusk", "dark"], "lit"),
    cityCase(),
  ];
  $("sheet").replaceChildren(...parts.filter(Boolean));
  banner();
  photoTiles();
}

/** Something else changed it: sent meanwhile, a better position, another tab. */
async function refresh() {
  if (here.screen !== "c" || !open) return;
  const now = await load(open.id);
  if (!now) return;
  const moved = JSON.stringify(now.body.position) !== JSON.stringify(open.body.position);
  const answered = now.state !== open.state;
  open = now;
  banner();
  if (moved && !$("where").contains(document.activeElement)) $("where").replaceWith(where());
  if (answered) await photoTiles();
}

onChange(() => refresh().catch(() => {}));

/** Back to the six buttons, unless somebody went elsewhere while it was being kept. */
function backFrom(sheet, how) {
  if (location.hash === sheet) go("log", "", how);
}

async function undo() {
  const sheet = location.hash;
  await keep(takeBack(open.id));
  kick();
  backFrom(sheet, { instead: true });
  say(t("undone"));
}

/** It is one of the things to check again, and still there: one look instead of a second record. */
async function sameAs(item) {
  await keepTyped();
  try {
    await becomeLook(open.id, item.id);
  } catch {
    return say(t("not_saved"), { bad: true });
  }
  kick(4000);
  say(`${t("look_still_there")}. ${t("saved")}`);
  return go("again", item.id, { instead: true });
}

async function finish() {
  const sheet = location.hash;
  await keepTyped();
  await keep(release(open.id));
  kick();
  backFrom(sheet);
}

export async function show(screen, id) {
  const record = await load(id);
  if (!record || record.deleted || record.kind !== "concern") return go("log", "", { instead: true });
  open = record;
  draw();
  $("undo").onclick = undo;
  $("done").onclick = finish;
  $("camera").onchange = takePhotos;
  return async () => {
    await keepTyped();
    urls.splice(0).forEach((url) => URL.revokeObjectURL(url));
  };
}

addEventListener("pagehide", keepTyped);
