// What I logged, and how far each is: on this phone, sent, confirmed.

import { $, el, icon } from "./dom.js";
import { kick, status } from "./outbox.js";
import { hasPlace, onChange, recordsOf, stateOf } from "./records.js";
import { here } from "./shell.js";
import { said, t, time } from "./words.js";

const SYMBOLS = { queued: "box", sent: "up", confirmed: "check", refused: "warning", closed: "check" };

const kindOf = (code) => (here.walk.pack?.categories || []).find((one) => one.code === code);

function stateWords(record) {
  const state = stateOf(record);
  if (state === "sent" && record.photo_refused) return ["warning", t("state_bad_photo")];
  if (state === "sent" && record.review) return ["up", t("state_review")];
  return [SYMBOLS[state], t(`state_${state}`)];
}

function about(record) {
  if (record.kind === "concern") {
    const kind = kindOf(record.body.category);
    return { group: kind?.group || "other", title: said(kind?.name) || record.body.category, href: `#c=${record.id}` };
  }
  const item = here.walk.pack?.looks?.find((one) => one.id === record.body.concern);
  const kind = kindOf(item?.category);
  const title = `${said(kind?.name)}: ${t(`look_${record.body.result}`)}`;
  return { group: kind?.group || "other", title, href: "#again" };
}

function line(record) {
  const { group, title, href } = about(record);
  const state = stateOf(record);
  const [symbol, words] = stateWords(record);
  const when = time(record.made_at, here.walk.pack?.walk.time_zone);
  const more = [when, record.body.address, record.photos.length ? t("photos_n", { n: record.photos.length }) : ""];
  return el(
    "li",
    { "data-record": record.id, "data-state": state },
    el(
      "a",
      { class: "line", href },
      icon(group, "mark"),
      el("span", { class: "grow" }, el("b", {}, title), el("small", {}, more.filter(Boolean).join(" · "))),
      el("span", { class: `state state-${state}` }, icon(symbol), words),
    ),
    !hasPlace(record) && el("p", { class: "note note-lamp" }, icon("warning"), el("span", {}, t("no_place_yet"))),
    record.words && el("p", { class: "note note-danger" }, t("answer_refused", { why: record.words })),
  );
}

const NET_WORDS = { signal: "no_signal", ended: "scan_again", revoked: "ask_lead", sending: "sending" };

async function draw() {
  if (here.screen !== "mine") return;
  const records = await recordsOf(here.walk.id);
  const waiting = records.filter((one) => one.state === "queued").length;
  $("mine-list").replaceChildren(...records.map(line));
  $("mine-empty").hidden = records.length > 0;
  $("mine-explain").hidden = !records.length;
  $("mine-waiting").hidden = !waiting;
  $("mine-keep").textContent = t("mine_keep", { n: waiting });
  $("mine-net").textContent = waiting ? t(NET_WORDS[status.net] || "sending") : records.length ? t("all_sent") : "";
}

onChange(() => draw().catch(() => {}));

export async function show() {
  $("send-now").onclick = () => kick();
  await draw();
}
