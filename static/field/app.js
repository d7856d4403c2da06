// The phone app: which screen shows, the bar on top, the counters and tabs below. Each screen is a module of its own.

import { $, say } from "./dom.js";
import { currentWalk, hasNoSignal, join, takeInvite } from "./join.js";
import { keepApp } from "./offline.js";
import { start as startOutbox } from "./outbox.js";
import { startPlace } from "./place.js";
import { onChange } from "./records.js";
import { bringPack, counters, header, here, keepLook, light, useWalk } from "./shell.js";
import { currentLanguage, keepOtherLanguage, otherLanguage, restoreLanguage, switchLanguage, t } from "./words.js";

const SCREENS = {
  join: () => import("./welcome.js"),
  crew: () => import("./welcome.js"),
  log: () => import("./log.js"),
  kinds: () => import("./log.js"),
  c: () => import("./sheet.js"),
  pin: () => import("./pin.js"),
  map: () => import("./map.js"),
  again: () => import("./again.js"),
  mine: () => import("./mine.js"),
  leave: () => import("./leave.js"),
  practice: () => import("./practice.js"),
  people: () => import("./people.js"),
  help: () => import("./help.js"),
  walked: () => import("./walked.js"),
  talk: () => import("./talk.js"),
  count: () => import("./count.js"),
  back: () => import("./back.js"),
};
const TABS = { kinds: "log", map: "log" };
const MAPS = new Set(["pin", "map"]); // need their room on the screen before they draw
const ALONE = new Set(["join", "crew", "c", "pin", "help", "talk", "count", "back", "leave", "practice"]); // their own bar, no tabs
const SHEETS = new Set(["c", "pin", "map", "help", "walked", "talk", "count", "back", "leave", "practice"]); // never drawn anew under somebody's fingers

const JOINING = 10000; // ms
const LOADING = 4000;

let leave = null;

function wanted() {
  const [screen, argument = ""] = location.hash.slice(1).split("=");
  if (here.walk && screen === "help") return ["help", argument]; // no question stands before it
  if (screen === "practice") return [screen, argument];
  if (here.walk?.ended && (screen === "mine" || screen === "leave")) return [screen, ""];
  if (!here.walk || here.walk.ended) return ["join", ""];
  if (here.walk.pack?.teams?.length && !here.walk.team_asked && !here.walk.pack.team) return ["crew", ""];
  return screen in SCREENS && screen !== "join" ? [screen, argument] : ["log", ""];
}

function reveal(screen) {
  for (const section of document.querySelectorAll("[data-screen]")) section.hidden = section.dataset.screen !== screen;
  document.body.dataset.on = screen;
  for (const bar of document.querySelectorAll("[data-common]")) bar.hidden = ALONE.has(screen);
  for (const link of $("tabs").children) {
    if (link.hash === `#${TABS[screen] || screen}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** The signal went before the rest of the app had come. What was tapped is saved all the same. */
async function notHereYet(screen) {
  history.replaceState(null, "", "#log");
  if (screen !== "log") await show();
  const words = [screen === "c" && `${t("saved")}.`, t("part_missing")];
  say(words.filter(Boolean).join(" "), { bad: true });
}

/** Shows the screen that the address names. Its content is there before it appears; maps alone need their room first. */
async function show() {
  const [screen, argument] = wanted();
  const isNew = screen !== here.screen;
  await leave?.();
  leave = null;
  here.screen = screen;
  const module = await SCREENS[screen]().catch(() => null);
  if (!module) return notHereYet(screen);
  if (MAPS.has(screen)) reveal(screen);
  if (here.screen === screen) leave = (await module.show(screen, argument)) || null;
  if (here.screen !== screen) return; // it sent us on
  reveal(screen);
  if (!isNew) return;
  const section = document.querySelector(`[data-screen="${screen}"]`);
  section.scrollTop = $("sheet").scrollTop = 0;
  if (show.again) section.querySelector('[tabindex="-1"]')?.focus({ preventScroll: true });
  show.again = true;
}

function nextTextSize() {
  const root = document.documentElement;
  const size = (Number(root.dataset.size) + 1) % 3;
  root.dataset.size = size;
  keepLook({ size });
  say(t(`text_size_${size}`));
}

function languageButton() {
  const other = otherLanguage();
  $("language").textContent = other.toUpperCase();
  $("language").lang = other;
  $("language").setAttribute("aria-label", `${other.toUpperCase()}, ${t("to_other_language")}`);
}

async function otherLanguageNow() {
  try {
    await switchLanguage(otherLanguage());
  } catch {
    say(t("no_words"), { bad: true });
    return;
  }
  keepLook({ language: currentLanguage() });
  languageButton();
  header();
  await counters();
  await show();
}

/** What the walk brings, and the screen drawn with it. */
async function news() {
  if (!here.walk || here.walk.ended) return;
  await bringPack();
  if (here.screen && !SHEETS.has(here.screen)) await show();
}

/** Joins by a scanned code. A phone that is on this walk already needs no answer to go on. */
async function joinBy(invite, isKnown) {
  try {
    await join(invite);
    say("");
  } catch (error) {
    if (!hasNoSignal(error)) say(error.words, { bad: true });
    else if (!isKnown) say(t("join_no_signal"), { bad: true });
    return;
  }
  await useWalk(await currentWalk());
}

const atMost = (wait, promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, wait))]);

/** The network is waited for only where there is nothing to show without it, and never long: a dead server doesn't answer. */
async function enter() {
  const invite = takeInvite();
  await useWalk(await currentWalk());
  const isKnown = Boolean(here.walk && here.walk.invite === invite);
  const joining = invite ? joinBy(invite, isKnown) : Promise.resolve();
  if (invite && !isKnown) {
    say(t("joining"));
    await atMost(JOINING, joining);
  }
  const coming = joining.then(news);
  if (here.walk && !here.walk.pack) await atMost(LOADING, coming);
  if (here.walk && !here.walk.ended) startPlace();
}

function wire() {
  $("size").addEventListener("click", nextTextSize);
  $("language").addEventListener("click", otherLanguageNow);
  addEventListener("hashchange", async () => {
    if (location.hash.startsWith("#i=")) await enter(); // a second code scanned while the page is open
    else $("alert").textContent = "";
    await show();
  });
  addEventListener("unhandledrejection", () => say(t("broken"), { bad: true }));
  onChange(counters);
  setInterval(() => light(), 60000);
}

/** While there is signal: all that the app needs without it, so that no tap waits for it later. */
function fetchTheRest() {
  for (const load of Object.values(SCREENS)) load().catch(() => {});
  SCREENS.practice().then(({ keepPack }) => keepPack()).catch(() => {});
  keepOtherLanguage().catch(() => {});
  keepApp(counters).catch(() => {}); // no service workers here, or this version is refused: the page goes on as it is
}

async function begin() {
  wire();
  await restoreLanguage(keepLook({}).language).catch(() => {});
  languageButton();
  if (!window.isSecureContext) return say(t("needs_https"), { bad: true });
  try {
    await enter();
  } catch {
    return say(t("no_storage"), { bad: true });
  }
  await show();
  startOutbox();
  document.body.dataset.ready = currentLanguage();
  return (window.requestIdleCallback || setTimeout)(fetchTheRest);
}

begin();
