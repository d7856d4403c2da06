// Leaving the walk, or handing the phone to somebody else: nothing that only this phone has is ever lost by it.

import { postJson } from "./api.js";
import { $, icon, say } from "./dom.js";
import { saveFile } from "./export.js";
import { currentWalk } from "./join.js";
import { sendNow, status } from "./outbox.js";
import { forgetPictures } from "./pictures.js";
import { forgetWalk, onChange, recordsOf, unsentOf } from "./records.js";
import { go, here, useWalk } from "./shell.js";
import { remove, update } from "./store.js";
import { t } from "./words.js";

const NET_WORDS = { signal: "no_signal", ended: "scan_again", revoked: "ask_lead", sending: "sending" };

const hasBadPhoto = (one) => one.state === "sent" && one.photo_refused;

async function draw() {
  if (here.screen !== "leave") return;
  if (!here.walk) return go("log", "", { instead: true });
  const unsent = await unsentOf(here.walk.id);
  const photos = (await recordsOf(here.walk.id)).filter(hasBadPhoto);
  const refused = unsent.filter((one) => one.state === "refused").length;
  const words = unsent.length ? t("leave_waiting", { n: unsent.length }) : t("leave_all_in");
  $("leave-state").replaceChildren(icon(unsent.length ? "box" : "check"), words);
  $("leave-net").textContent = unsent.length ? [t(NET_WORDS[status.net] || "sending"), refused ? t("leave_refused", { n: refused }) : ""].join(" ") : "";
  $("leave-photos").textContent = photos.length ? t("leave_photos", { n: photos.length }) : "";
  $("leave-choices").hidden = !unsent.length;
  $("leave-save").hidden = !unsent.length && !photos.length;
  $("leave-now").hidden = unsent.length > 0;
  return undefined;
}

onChange(() => draw().catch(() => {}));

async function saveAll() {
  const records = (await recordsOf(here.walk.id)).filter((one) => hasBadPhoto(one) || one.state === "queued" || one.state === "refused");
  try {
    say(t("file_saved", { name: await saveFile(records) }));
  } catch {
    say(t("file_failed"), { bad: true });
  }
}

async function out(words) {
  await forgetPictures().catch(() => {});
  await useWalk(await currentWalk());
  say(words);
  go("join", "", { instead: true });
}

/** Ends this phone's token, where there is signal: nobody waits for it. */
const tellServer = (token) => Promise.race([postJson("devices/leave/", token, {}).catch(() => {}), new Promise((go_on) => setTimeout(go_on, 3000))]);

/** Everything is in: the walk leaves the phone. Looked at once more, because another tab may just have saved something. */
async function leaveNow() {
  if (here.walk.practice) return go("practice", "end", { instead: true });
  if ((await unsentOf(here.walk.id)).length) return draw();
  const { id, token } = here.walk;
  await tellServer(token);
  if ((await unsentOf(id)).length) return draw();
  await forgetWalk(id);
  return out(t("leave_done"));
}

/** Something waits: it stays sealed here with its token and goes by itself; the people and places of the walk go now. */
async function leaveLater() {
  if ((await unsentOf(here.walk.id)).length === 0) return leaveNow();
  await update("walks", here.walk.id, (row) => ({ ...row, left: true, pack: null, etag: null, ended: true }));
  await remove("meta", "current");
  return out(t("leave_sealed"));
}

async function sendFirst() {
  await sendNow();
  await draw();
}

export async function show() {
  $("leave-send").onclick = sendFirst;
  $("leave-save").onclick = saveAll;
  $("leave-later").onclick = leaveLater;
  $("leave-now").onclick = leaveNow;
  await draw();
}
