// Joining: six letters, then "Which team?".

import { $, el, say } from "./dom.js";
import { chooseTeam, hasNoSignal, join } from "./join.js";
import { isApp } from "./offline.js";
import { entered, go, here, useWalk } from "./shell.js";
import { t } from "./words.js";

async function joinByLetters(event) {
  event.preventDefault();
  const letters = $("letters").value.replace(/[\s-]/g, "").toUpperCase();
  if (letters.length !== 6) return refuse(t("letters_short"));
  const button = $("join-button");
  button.disabled = true;
  try {
    await join(letters);
    say("");
    await entered();
  } catch (error) {
    refuse(hasNoSignal(error) ? t("join_no_signal") : error.words);
  } finally {
    button.disabled = false;
  }
  return undefined;
}

function refuse(words) {
  say(words, { bad: true });
  $("letters").setAttribute("aria-invalid", "true");
  $("letters").focus();
}

async function pick(team) {
  try {
    await useWalk(await chooseTeam(here.walk, team));
  } catch (error) {
    say(hasNoSignal(error) ? t("team_no_signal") : error.words, { bad: true });
    return;
  }
  dispatchEvent(new Event("pack")); // with the token that came with the team
  go("log", "", { instead: true });
}

function teamButton({ id, number, name }) {
  const title = [t("team_n", { n: number }), name].filter(Boolean).join(", ");
  const chosen = here.walk.pack.team?.id === id;
  return el("button", { type: "button", class: "btn btn-l btn-wide", "aria-pressed": String(chosen), onclick: () => pick(id) }, title);
}

export function show(screen) {
  if (screen === "join") {
    $("join-form").onsubmit = joinByLetters;
    $("join-ended").hidden = !here.walk?.ended;
    $("join-app").hidden = Boolean(here.walk) || !isApp();
    return;
  }
  const none = el("button", { type: "button", class: "btn btn-l btn-wide", onclick: () => pick("") }, t("team_none"));
  $("crew").replaceChildren(...(here.walk.pack?.teams || []).map(teamButton), none);
}
