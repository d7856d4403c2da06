// What the screens share: the walk this phone is on, the bar on top, the counters below, and how to get elsewhere.

import { serverNow } from "./clock.js";
import { $, el, icon, say } from "./dom.js";
import { currentWalk, refreshPack } from "./join.js";
import { askToSend, canSendAlone, showApp } from "./offline.js";
import { kick, status as outbox } from "./outbox.js";
import { startPlace } from "./place.js";
import { hasPlace, recordsOf, stateOf } from "./records.js";
import { settings } from "./settings.js";
import { day, learn, t, time } from "./words.js";

/** The walk this phone is on and the screen that shows. */
export const here = { walk: null, screen: "" };

/** Goes to a screen: go("c", id). `instead` leaves no step back. */
export function go(screen, argument = "", { instead = false } = {}) {
  const hash = `#${screen}${argument ? `=${argument}` : ""}`;
  if (!instead && location.hash !== hash) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, "", hash);
  dispatchEvent(new Event("hashchange"));
}

export function header() {
  const { pack } = here.walk || {};
  const who = pack?.team ? [t("team_n", { n: pack.team.number }), pack.team.name].filter(Boolean).join(", ") : "";
  $("who").textContent = pack ? who || pack.walk.title : t("app");
  const zone = pack?.walk.time_zone;
  const words = pack
    ? [el("span", { class: "wide-only" }, `${day(pack.walk.step_off_at, zone)} · `), t("back_by", { time: time(pack.walk.end_at, zone) })]
    : [settings.name];
  $("when").replaceChildren(...words);
}

/** Remembers how this phone likes the page; read again by early.js. */
export function keepLook(change) {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem("field") || "{}");
    kept = { ...kept, ...change };
    localStorage.setItem("field", JSON.stringify(kept));
  } catch {
    kept = { ...kept, ...change };
  }
  return kept;
}

/** Light by day, dark after sunset, unless somebody chose. Say `theme` ("", "light", "dark") to choose. */
export function light(theme) {
  const sun = here.walk?.pack?.walk || {};
  const times = sun.sunset_at ? { sunset: Date.parse(sun.sunset_at), sunrise: Date.parse(sun.sunrise_at) } : {};
  const kept = keepLook({ ...times, ...(theme === undefined ? {} : { theme }) });
  const now = serverNow();
  const isNight = kept.sunset ? now > kept.sunset || now < kept.sunrise : document.documentElement.dataset.theme === "dark";
  document.documentElement.dataset.theme = kept.theme || (isNight ? "dark" : "light");
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = paper;
  return kept.theme || "";
}

const SOON = 4000; // what is sent within that time makes nothing jump under the thumb
const WHY_WAITING = { signal: "no_answer", ended: "link_ended", revoked: "phone_off" };
const NOT_LET_IN = { ended: "scan_again", revoked: "ask_lead" };

function counter(symbol, n, words, name) {
  return el("span", { "data-count": name, "data-n": n }, icon(symbol), el("b", {}, n), ` ${words}`);
}

/** On this phone, sent, confirmed, and what needs a look; beside it why nothing goes out. */
export async function counters() {
  const count = { queued: 0, sent: 0, confirmed: 0, refused: 0, closed: 0 };
  const records = here.walk ? await recordsOf(here.walk.id) : [];
  for (const one of records) count[stateOf(one)] += 1;
  const attention = count.refused + records.filter((one) => !hasPlace(one) || (one.photo_refused && one.state === "sent")).length;
  $("counts").replaceChildren(
    counter("box", count.queued, t("on_phone"), "queued"),
    counter("up", count.sent, t("sent"), "sent"),
    counter("check", count.confirmed, t("confirmed"), "confirmed"),
    ...(attention ? [counter("warning", attention, t("attention"), "attention")] : []),
  );
  showApp(here.walk);
  letInAgain();
  standing(records.filter((one) => stateOf(one) === "queued" && !one.practice));
  document.body.dataset.net = outbox.net;
}

/** The walk lead let this phone back in, or a code was scanned: what said otherwise goes. */
function letInAgain() {
  if (outbox.net in NOT_LET_IN) letInAgain.shut = true;
  if (!letInAgain.shut || outbox.net !== "idle") return;
  letInAgain.shut = false;
  if (Object.values(NOT_LET_IN).some((key) => $("alert").textContent === t(key))) say("");
}

/** Stands as long as something is only on this phone: why, and what to leave alone until it is sent. */
function standing(waiting) {
  const n = waiting.length;
  if (n > standing.n) askToSend();
  standing.n = n;
  clearTimeout(standing.timer);
  const trouble = WHY_WAITING[outbox.net];
  const isNew = n && Date.now() - Math.min(...waiting.map((one) => one.made_at)) < SOON;
  if (isNew) standing.timer = setTimeout(counters, SOON);
  const isShut = outbox.net in NOT_LET_IN; // one sentence is enough: what to do. "My list" says the rest
  const lines = [trouble && t(trouble), !isShut && (trouble || !isNew) && t(canSendAlone() ? "waiting_alone" : "waiting_open", { n })];
  $("net").textContent = n ? lines.filter(Boolean).join(" ") : "";
}
standing.n = 0;

/** Takes over a walk that was joined or changed. */
export async function useWalk(walk) {
  here.walk = walk;
  learn(walk?.pack?.help?.words);
  document.body.toggleAttribute("data-practice", Boolean(walk?.practice));
  header();
  light();
  await counters();
}

/** Fetches the pack; without signal the kept one stays. */
export async function bringPack() {
  try {
    await useWalk(await refreshPack(here.walk));
    dispatchEvent(new Event("pack")); // screens that fetch more (earlier photos) listen for this
  } catch (error) {
    if (error.why in NOT_LET_IN) say(t(NOT_LET_IN[error.why]), { bad: true });
  }
}

/** After joining: fetch what the walk brings, start the watch, go on. */
export async function entered() {
  await useWalk(await currentWalk());
  await bringPack();
  startPlace();
  kick();
  go("log", "", { instead: true });
}
