// Practice: the whole app on made-up notes. Nothing of it is ever sent, and ending it leaves nothing behind.

import { $, say } from "./dom.js";
import { currentWalk, endPractice, hasNoSignal, practicePack, startPractice } from "./join.js";
import { entered, go, here, useWalk } from "./shell.js";
import { t } from "./words.js";

async function begin() {
  try {
    await startPractice();
  } catch (error) {
    say(hasNoSignal(error) ? t("practice_no_signal") : t("not_saved"), { bad: true });
    return;
  }
  await entered();
}

async function end() {
  await endPractice();
  await useWalk(await currentWalk());
  say(t("practice_ended"));
  go("log", "", { instead: true });
}

/** While there is signal: what a phone without a walk practises with. */
export const keepPack = () => (here.walk ? Promise.resolve() : practicePack());

export async function show(screen, argument) {
  if (argument === "end") return end();
  const isOn = Boolean(here.walk?.practice);
  $("practice-start").hidden = isOn;
  $("practice-stop").hidden = !isOn;
  $("practice-start").onclick = begin;
  return undefined;
}
