// The phone app: which screen shows, the bar on top, the counters and tabs below. Each screen is a module of its own.

import { $, say } from "./dom.js";
import { currentWalk, hasNoSignal, join, takeInvite } from "./join.js";
import { start as startOutbox } from "./outbox.js";
import { startPlace } from "./place.js";
import { onChange } from "./records.js";
import { bringPack, counters, header, here, keepLook, light, useWalk } from "./shell.js";
import { currentLanguage, keepOtherLanguage, otherLanguage, switchLanguage, t } from "./words.js";

const SCREENS = {
  join: () => import("./welcome.js"),
  crew: () => import("./welcome.js"),
  log: () => import("./log.js"),
  kinds: () => import("./log.js"),
  c: () => import("./sheet.js"),
  pin: () => import("./pin.js"),
  again: () => import("./again.js"),
  mine: () => import("./mine.js"),
  people: () => import("./people.js"),
};
const TABS = { kinds: "log" };
const ALONE = new Set(["join", "crew", "c", "pin"]); // screens with their own bar instead of counters and tabs
const SHEETS = new Set(["c", "pin"]); // never drawn anew under somebody's fingers

let leave = null;

function wanted() {
  const [screen, argument = ""] = location.hash.slice(1).split("=");
  if (here.walk?.ended && screen === "mine") return ["mine", ""];
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

/** Shows the screen that the address names. Its content is there before it appears; the map alone needs its room first. */
async function show() {
  const [screen, argument] = wanted();
  const isNew = screen !== here.screen;
  await leave?.();
  leave = null;
  here.screen = screen;
  const module = await SCREENS[screen]();
  if (screen === "pin") reveal(screen);
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
  languageButton();
  header();
  await counters();
  await show();
}

async function enter() {
  const invite = takeInvite();
  if (invite) {
    try {
      await join(invite);
    } catch (error) {
      say(hasNoSignal(error) ? t("join_no_signal") : error.words, { bad: true });
    }
  }
  await useWalk(await currentWalk());
  if (!here.walk || here.walk.ended) return;
  if (here.walk.pack) bringPack().then(() => SHEETS.has(here.screen) || show());
  else await bringPack();
  startPlace();
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

/** While there is signal: the other screens and the other language, so that no tap waits for them later. */
function fetchTheRest() {
  for (const load of Object.values(SCREENS)) load().catch(() => {});
  keepOtherLanguage().catch(() => {});
}

async function begin() {
  wire();
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
