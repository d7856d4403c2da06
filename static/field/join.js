// Joining a walk, the team, and what the walk brings along (the pack).

import { Stop, call, postJson } from "./api.js";
import { clockReady, isSure, serverNow } from "./clock.js";
import { hear } from "./heard.js";
import { PRACTICE } from "./kinds.js";
import { forgetWalk, newId, unsentOf } from "./records.js";
import { all, get, keys, remove, set, update } from "./store.js";

const GRACE = 7 * 86400000; // how far a clock that no server confirmed must be past the end before a pack is wiped

/** This phone's own name and secret, made once. The secret lets only this phone join again as itself. */
async function phone() {
  const kept = await get("meta", "phone");
  if (kept) return kept;
  const secret = [...crypto.getRandomValues(new Uint8Array(32))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const made = { device: newId(), secret };
  await set("meta", made, "phone");
  return made;
}

/** Enrols by a signed invite or six letters. Resolves with the walk's id; throws Stop (no signal) or Bad (refused). */
export async function join(invite, team = null) {
  const { device, secret } = await phone();
  const chosen = team ? { team } : {};
  const { body } = await postJson("devices/", null, { invite, device, secret, ...chosen });
  const change = (row) => ({ ...row, id: body.walk, token: body.token, invite, joined_at: Date.now(), left: false });
  await update("walks", body.walk, change);
  await endPractice();
  await set("meta", body.walk, "current");
  return body.walk;
}

/** The token is no longer known though nobody took this phone off: an answer got lost. Joins again by the kept code. */
export async function rejoin({ id, invite }) {
  const { device, secret } = await phone();
  const { body } = await postJson("devices/", null, { invite, device, secret });
  if (body.walk === id) await update("walks", id, (row) => row && { ...row, token: body.token });
}

/** Over: by the server's clock, or so long ago that no wrong clock explains it. */
function isOver({ pack }) {
  const since = serverNow() - Date.parse(pack?.expires_at);
  return since >= 0 && (isSure() || since > GRACE);
}

/** The earlier photos of what was to be checked again (pictures.js keeps them). */
async function forgetPictures() {
  for (const key of await keys("meta")) if (String(key).startsWith("picture=")) await remove("meta", key);
}

/** Takes the pack off the phone: names, numbers, addresses, earlier photos. What was noted stays until it is sent. */
async function wipePack(id) {
  const kept = await update("walks", id, (row) => row && { ...row, pack: null, etag: null, ended: true });
  await forgetPictures().catch(() => {});
  return kept;
}

async function wipeExpired() {
  const current = await get("meta", "current");
  for (const walk of await all("walks")) {
    if (isOver(walk)) await (walk.practice ? endPractice() : wipePack(walk.id));
    else if (walk.ended && walk.id !== current && !(await unsentOf(walk.id)).length) await forgetWalk(walk.id);
  }
}

/** The walk this phone is on: {id, token, pack, …}, or undefined. Forgets packs that have expired. */
export async function currentWalk() {
  await clockReady;
  await wipeExpired();
  const id = await get("meta", "current");
  return id && get("walks", id);
}

/** Fetches the pack where it changed. Resolves with the walk as it is then kept. */
export async function refreshPack(walk) {
  if (walk.practice) return walk;
  const headers = walk.etag && walk.pack ? { "If-None-Match": walk.etag } : {};
  try {
    const { status, body, etag } = await call("pack/", { token: walk.token, headers });
    if (status === 304) return walk;
    await hear(body);
    return await update("walks", walk.id, (row) => ({ ...row, pack: body, etag, ended: false }));
  } catch (error) {
    if (error.code !== "walk_closed") throw error;
    return wipePack(walk.id);
  }
}

/** Remembers that the team question was answered; `team` "" means "I don't know yet". */
export async function chooseTeam(walk, team) {
  if (walk.practice) return practiseWith(walk, team);
  const joined = team && walk.pack?.team?.id !== team;
  if (joined) await join(walk.invite, team);
  const kept = await update("walks", walk.id, (row) => ({ ...row, team_asked: true }));
  return joined ? refreshPack({ ...kept, etag: null }) : kept;
}

function practiseWith({ id }, team) {
  return update("walks", id, (row) => {
    const chosen = row.pack?.teams?.find((one) => one.id === team) || null;
    return { ...row, team_asked: true, pack: { ...row.pack, team: chosen } };
  });
}

/** The invite out of the address, once; it stays neither in the address nor in the history. */
export function takeInvite() {
  const invite = new URLSearchParams(location.hash.slice(1)).get("i");
  if (invite) history.replaceState(null, "", location.pathname + location.search);
  return invite;
}

export const hasNoSignal = (error) => error instanceof Stop;

// --- practice: a walk that isn't one, whose notes are never sent ----------------------------------------------------------

/** Something to practise with: kept from earlier, or fetched. Throws Stop without signal. */
export async function practicePack() {
  const kept = await get("meta", "practice_pack");
  const asked = call("practice/", {}).then(async ({ body }) => {
    await set("meta", body, "practice_pack");
    return body;
  });
  if (!kept) return asked;
  asked.catch(() => {});
  return kept;
}

/** Puts the phone into practice: on this walk's pack, or without a walk on a made-up one. Throws Stop, Bad. */
export async function startPractice() {
  const walk = await currentWalk();
  if (walk?.practice) return;
  const pack = walk?.pack || (await practicePack());
  await set("walks", { id: PRACTICE, practice: true, token: null, team_asked: true, pack });
  await set("meta", walk?.id || "", "before_practice");
  await set("meta", PRACTICE, "current");
}

/** Forgets what was noted for practice and goes back to the walk there was. */
export async function endPractice() {
  if (!(await get("walks", PRACTICE))) return;
  await forgetWalk(PRACTICE, await get("meta", "before_practice"));
}
