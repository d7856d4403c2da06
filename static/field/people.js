// The team's day (back, head count, talks), people to call, words for the walk, and how this phone shows the page.

import { $, chips, el, icon } from "./dom.js";
import { callButton, peopleToCall } from "./parts.js";
import { recordsOf, stateOf } from "./records.js";
import { go, here, light } from "./shell.js";
import { about } from "./titles.js";
import { said, t, time } from "./words.js";

const DAY = [
  ["back", "people", "back_title"],
  ["count", "plus", "count_title"],
  ["talk", "speech", "talk_open"],
  ["help", "warning", "help_title"],
];

function dayLink([screen, symbol, key]) {
  return el("a", { class: screen === "help" ? "btn btn-help" : "btn", href: `#${screen}` }, icon(symbol), t(key));
}

/** The last thing told about everybody being back and about heads: "All 5 are back, 6:10 PM". */
async function told(kind) {
  const last = (await recordsOf(here.walk.id)).find((one) => one.kind === kind && stateOf(one) !== "closed");
  if (!last) return null;
  const words = `${about(last, here.walk.pack).title}, ${time(last.made_at, here.walk.pack?.walk.time_zone)}`;
  return el("p", { class: "done-line" }, icon("check"), el("span", {}, `${words}, ${t(`state_${stateOf(last)}`)}`));
}

async function day() {
  const lines = [await told("team_back"), await told("headcount")].filter(Boolean);
  $("team-day").replaceChildren(el("div", { class: "day-links" }, DAY.map(dayLink)), ...lines);
}

export async function show() {
  const { pack } = here.walk;
  await day();
  $("calls").replaceChildren(...peopleToCall(pack).map((one) => el("li", {}, callButton(one))));
  $("safety").textContent = said(pack?.safety);
  $("safety-part").hidden = !said(pack?.safety);
  const zone = pack?.walk.time_zone;
  const at = (name) => time(pack.walk[name], zone);
  $("times").textContent = pack ? t("times", { meet: at("meet_at"), off: at("step_off_at"), end: at("end_at") }) : "";
  $("change-team").hidden = !pack?.teams?.length;
  $("change-team").onclick = () => go("crew");
  const options = [["", t("look_auto")], ["light", t("look_light")], ["dark", t("look_dark")]];
  $("theme").replaceChildren(
    chips({ name: "theme", legend: t("look_title"), options, chosen: [light()], change: ([theme]) => light(theme) }),
  );
}
