// What I logged, and how far each is: on this phone, sent, confirmed. What was refused is mended here, or saved to a file.

import { $, el, icon, say } from "./dom.js";
import { saveFile } from "./export.js";
import { sendNow, status } from "./outbox.js";
import { hasPlace, isShortOfRoom, isUnsent, onChange, photoState, recordsOf, resend, stateOf, takeBack } from "./records.js";
import { here } from "./shell.js";
import { all } from "./store.js";
import { about } from "./titles.js";
import { currentLanguage, t, time } from "./words.js";

const SYMBOLS = { queued: "box", sent: "up", confirmed: "check", refused: "warning", closed: "check" };
const NET_WORDS = { signal: "no_signal", ended: "scan_again", revoked: "ask_lead", sending: "sending" };

const packOf = () => here.walk?.pack;

/** A record this version can't name is still a line that can be saved. */
function titled(record) {
  try {
    return about(record, packOf());
  } catch {
    return { symbol: "other", title: record.kind, more: "", href: "#mine" };
  }
}

function stateWords(record) {
  const state = stateOf(record);
  if (record.practice) return ["box", t("state_practice")];
  if (state === "sent" && record.photo_refused) return ["warning", t("state_bad_photo")];
  if (state === "sent" && record.review) return ["up", t("state_review")];
  return [SYMBOLS[state], t(`state_${state}`)];
}

/** "1 of 2 photos": how many of them the server holds. */
function photoWords(record) {
  const max = record.photos.length;
  const n = record.photos.filter((id) => photoState(record, id) === "held").length;
  return max && t("photos_of", { n, max });
}

// --- what went wrong ------------------------------------------------------------------------------------------------------

/** "position.lat" → "Place"; a field without a name of its own keeps the server's. */
function fieldName(name) {
  const key = `field_${name.split(/[.[]/)[0]}`;
  return t(key) === key ? name : t(key);
}

function fault({ field, message }) {
  return el("li", {}, field && el("b", {}, `${fieldName(field)}: `), message);
}

async function act(work, words) {
  try {
    say((await work()) || words);
  } catch {
    say(t("not_saved"), { bad: true });
  }
}

async function save(records) {
  try {
    say(t("file_saved", { name: await saveFile(records) }));
  } catch {
    say(t("file_failed"), { bad: true });
  }
}

const button = (words, symbol, onclick) => el("button", { type: "button", class: "btn", onclick }, icon(symbol), words);

function hrefOf({ kind, id, body }, { href }) {
  if (kind === "look") return `#again=${body.concern}`;
  return href.includes("=") ? href : `${href}=${id}`;
}

/** What is wrong, in the server's words, and what can be done about it. */
function refusal(record, title) {
  const faults = record.errors?.length ? record.errors : [{ message: record.words }];
  const open = el("a", { class: "btn btn-go", href: hrefOf(record, title) }, t("refused_correct"));
  const away = () => act(() => takeBack(record.id), t("undone"));
  return el(
    "div",
    { class: "note note-danger refusal" },
    el("p", {}, icon("warning"), t("refused_lead")),
    el("ul", {}, faults.map(fault)),
    el(
      "div",
      { class: "row" },
      !record.deleted && !record.reduced && open,
      button(t("send_again"), "up", () => act(() => resend(record.id), t("sending"))),
      button(t("save_file"), "box", () => save([record])),
      !record.deleted && button(t("delete"), "cross", away),
    ),
  );
}

/** Photos that were not taken, each by its number and the server's sentence. */
function badPhotos(record) {
  const names = record.photos.flatMap((id, i) => {
    const { state, words } = record.photo_states?.[id] || {};
    return state === "bad" || state === "gone" ? [el("li", {}, t(`photo_was_${state}`, { n: i + 1, why: words || "" }))] : [];
  });
  if (!names.length) return null;
  const keep = button(t("save_file"), "box", () => save([record]));
  return el("div", { class: "note note-lamp" }, el("ul", {}, names), el("div", { class: "row" }, keep));
}

// --- the list -------------------------------------------------------------------------------------------------------------

function line(record) {
  const title = titled(record);
  const state = stateOf(record);
  const [symbol, words] = stateWords(record);
  const when = time(record.made_at, packOf()?.walk.time_zone);
  const more = [when, title.more, photoWords(record), record.deleted && t("undone")];
  return el(
    "li",
    { "data-record": record.id, "data-state": state },
    el(
      "a",
      { class: "line", href: title.href },
      icon(title.symbol, "mark"),
      el("span", { class: "grow" }, el("b", {}, title.title), el("small", {}, more.filter(Boolean).join(" · "))),
      el("span", { class: `state state-${state}` }, icon(symbol), words),
    ),
    !hasPlace(record) && el("p", { class: "note note-lamp" }, icon("warning"), el("span", {}, t("no_place_yet"))),
    state === "refused" && refusal(record, title),
    badPhotos(record),
  );
}

function netWords(waiting, records) {
  if (here.walk?.practice) return t("practice_bar");
  if (waiting) return t(NET_WORDS[status.net] || "will_send");
  return records.length && !records.some((one) => one.state === "refused") ? t("all_sent") : "";
}

const othersUnsent = async () =>
  (await all("records")).filter((one) => isUnsent(one) && one.walk !== here.walk?.id && !one.practice);

/** What an earlier walk left here: it goes by itself where its link still counts, and can be saved. */
async function drawOthers() {
  const n = (await othersUnsent()).length;
  $("mine-others").hidden = !n || Boolean(here.walk?.practice);
  $("mine-others-words").textContent = t("mine_others", { n });
}

async function draw() {
  if (here.screen !== "mine") return;
  const records = await recordsOf(here.walk.id);
  const waiting = records.filter((one) => one.state === "queued").length;
  const isReal = !here.walk.practice;
  arrange($("mine-list"), records.map(lineOf));
  $("mine-empty").hidden = records.length > 0;
  $("mine-explain").hidden = !records.length;
  $("mine-waiting").hidden = !waiting || !isReal;
  $("mine-keep").textContent = t("mine_keep", { n: waiting });
  $("mine-net").textContent = netWords(waiting, records);
  $("mine-room").hidden = !(await isShortOfRoom());
  await drawOthers();
}

const drawn = new Map(); // record → {sign, node}: a line that says the same stays, and so does the focus in it

function lineOf(record) {
  const sign = JSON.stringify([record, currentLanguage(), Boolean(packOf())]);
  const had = drawn.get(record.id);
  const kept = had?.sign === sign ? had : { sign, node: line(record) };
  drawn.set(record.id, kept);
  return kept.node;
}

/** Puts the lines in place without touching those that stand right. */
function arrange(list, nodes) {
  for (const node of [...list.children]) if (!nodes.includes(node)) node.remove();
  nodes.forEach((node, i) => list.children[i] === node || list.insertBefore(node, list.children[i] || null));
}

let drawing = null;

/** Many changes come at once while the queue drains: one drawing at a time, and one more for what came meanwhile. */
function redraw() {
  drawing = (drawing || Promise.resolve()).then(draw).catch(() => {});
}

onChange(redraw);

const unsentHere = async () => (await recordsOf(here.walk.id)).filter(isUnsent);

async function sendAll() {
  $("mine-net").textContent = t("sending");
  const { net, waiting } = await sendNow();
  say(waiting ? t(NET_WORDS[net] || "sending") : t("all_sent"), { bad: Boolean(waiting) && net !== "sending" && net !== "idle" });
}

export async function show() {
  $("send-now").onclick = () => sendAll();
  $("save-waiting").onclick = async () => save(await unsentHere());
  $("save-others").onclick = async () => save(await othersUnsent());
  await draw();
}
