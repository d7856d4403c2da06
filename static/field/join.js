// Joining a walk, the team, and what the walk brings along (the pack).

import { Stop, call, postJson } from "./api.js";
import { newId } from "./records.js";
import { get, set, update } from "./store.js";

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
  const change = (row) => ({ ...row, id: body.walk, token: body.token, invite, joined_at: Date.now() });
  await update("walks", body.walk, change);
  await set("meta", body.walk, "current");
  return body.walk;
}

/** The walk this phone is on: {id, token, pack, …}, or undefined. Forgets a pack that has expired. */
export async function currentWalk() {
  const id = await get("meta", "current");
  const walk = id && (await get("walks", id));
  const expires = walk?.pack && Date.parse(walk.pack.expires_at);
  if (!expires || Date.now() < expires) return walk;
  return update("walks", id, (row) => ({ ...row, pack: null, etag: null, ended: true }));
}

/** Fetches the pack where it changed. Resolves with the walk as it is then kept. */
export async function refreshPack(walk) {
  const headers = walk.etag && walk.pack ? { "If-None-Match": walk.etag } : {};
  const { status, body, etag } = await call("pack/", { token: walk.token, headers });
  if (status === 304) return walk;
  return update("walks", walk.id, (row) => ({ ...row, pack: body, etag, ended: false }));
}

/** Remembers that the team question was answered; `team` "" means "I don't know yet". */
export async function chooseTeam(walk, team) {
  const joined = team && walk.pack?.team?.id !== team;
  if (joined) await join(walk.invite, team);
  const kept = await update("walks", walk.id, (row) => ({ ...row, team_asked: true }));
  return joined ? refreshPack({ ...kept, etag: null }) : kept;
}

/** The invite out of the address, once; it stays neither in the address nor in the history. */
export function takeInvite() {
  const invite = new URLSearchParams(location.hash.slice(1)).get("i");
  if (invite) history.replaceState(null, "", location.pathname + location.search);
  return invite;
}

export const hasNoSignal = (error) => error instanceof Stop;
