// The day board refreshes itself: htmx asks, this decides what may be replaced without taking anything from anybody.
// A note that somebody is writing stays where it is; new calls for help are said aloud.

import { toast } from "./page.js";

const GIVE_UP_AFTER = 60_000;
const board = document.querySelector("[data-board]");
const stale = document.querySelector("[data-board-stale]");
const title = document.title;
let heardAt = Date.now();

const isWriting = (element) => element?.matches("input, textarea, select");

function isBeingWritten(alarm) {
  return Boolean(alarm.querySelector("[data-note]")?.value) || isWriting(alarm.querySelector(":focus"));
}

function tell(alarm) {
  const words = board.dataset.new.replace("%(what)s", alarm.dataset.says);
  const seen = toast(words, {
    label: board.dataset.see,
    action: () => {
      document.getElementById(alarm.id)?.scrollIntoView({ block: "center" });
      document.getElementById(alarm.id)?.focus({ preventScroll: true });
    },
  });
  seen.dataset.of = alarm.id;
}

// Puts what is new into the list beside what is there; what is being written stays, also where it is gone by now.
function mergeAlarms(now, fresh) {
  const list = now.querySelector("[data-alarms]");
  const wanted = [...fresh.querySelectorAll("[data-alarm]")];
  const ids = new Set(wanted.map((alarm) => alarm.id));
  for (const old of [...list.children]) {
    if (ids.has(old.id) || isBeingWritten(old)) continue;
    document.querySelector(`[data-of="${old.id}"]`)?.remove();
    old.remove();
  }
  let place = list.firstElementChild;
  for (const alarm of wanted) {
    const old = document.getElementById(alarm.id);
    if (!old) {
      list.insertBefore(alarm, place);
      tell(alarm);
      continue;
    }
    place = old.nextElementSibling;
    if (!isBeingWritten(old)) old.replaceWith(alarm);
  }
  for (const part of ["[data-alarms-head]", "[data-alarms-handled]"]) {
    now.querySelector(part).replaceWith(fresh.querySelector(part));
  }
}

function countInTitle() {
  const n = document.querySelectorAll("[data-alarm]").length;
  document.title = n ? `(${n}) ${title}` : title;
}

board.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.id === "alarms") {
    event.detail.shouldSwap = false;
    mergeAlarms(target, fragment.firstElementChild);
  } else if (target.contains(document.activeElement) && isWriting(document.activeElement)) {
    event.detail.shouldSwap = false;
  }
});

board.addEventListener("htmx:afterRequest", (event) => {
  // A page to sign in is an answer, too, but not ours.
  if (event.detail.successful && event.detail.xhr.responseText.includes('id="board-now"')) heardAt = Date.now();
  stale.hidden = Date.now() - heardAt < GIVE_UP_AFTER;
});

document.addEventListener("htmx:afterSettle", countInTitle);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) window.htmx?.trigger(board, "board:now");
});

// The map asks for its own data; when something came, it asks again.
document.addEventListener("saferoutes:map", ({ detail, target }) => {
  const url = target.dataset.urls;
  const logged = () => document.getElementById("board-now").dataset.logged;
  let drawn = logged();
  document.addEventListener("htmx:afterRequest", async () => {
    if (logged() === drawn) return;
    const answer = await fetch(url, { headers: { Accept: "application/geo+json" } });
    if (!answer.ok) return;
    drawn = logged();
    detail.sheet.clearConcerns();
    detail.sheet.draw(await answer.json());
  });
});

countInTitle();
document.getElementById("unsaved")?.focus();
document.querySelector("[data-note][aria-invalid]")?.focus();
