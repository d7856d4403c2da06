// Sends what the phone keeps: one idempotent PUT a record, then one a photo, in the order they were made.
// A record stays queued until the server acknowledged exactly this revision and every photo's hash.

import { Bad, Stop, postJson, putJson, putPhoto } from "./api.js";
import { bodyOf, changed, hasPlace, pathOf, photosOf, replacePhoto } from "./records.js";
import { settings } from "./settings.js";
import { all, get, remove, set, update } from "./store.js";

const SHORTEST = 2000;
const LONGEST = 60000;
const KEEP = 7 * 86400000;
// Refusals that mend themselves when the record is sent again.
const PASSING = new Set(["no_record", "not_listed", "hash", "incomplete"]);

/** net: "idle", "sending", "signal" (no answer), "ended" (scan again), "revoked" (ask the walk lead). */
export const status = { net: "idle" };

let pause = SHORTEST;
let timer = 0;
let running = null;
let toldAt = 0;

/** Due now; also where the clock was set back and the next try seems far away. What has no place yet waits for one. */
function isDue(record, now) {
  return record.state === "queued" && hasPlace(record) && (record.next_at <= now || record.next_at > now + 2 * LONGEST);
}

async function hear(answer) {
  const heard = (await get("meta", "server")) || {};
  const { epoch = heard.epoch, safe_until: safeUntil = heard.safe_until } = answer;
  if (heard.epoch && epoch !== heard.epoch) await offerAgain();
  if (epoch !== heard.epoch || safeUntil !== heard.safe_until) await set("meta", { epoch, safe_until: safeUntil }, "server");
  if (safeUntil && safeUntil !== heard.safe_until) await confirm(safeUntil);
}

/** The server came back from a backup: what it acknowledged since may be gone, so it gets everything again. */
async function offerAgain() {
  for (const { id } of await all("records")) {
    await update("records", id, (row) => row.state === "sent" && { ...row, state: "queued", confirmed: false, next_at: 0 });
  }
  for (const { id } of await all("photos")) {
    await update("photos", id, (row) => row.state === "held" && row.bytes && { ...row, state: "waiting" });
  }
}

const isSafe = (record, safeUntil) => record.state === "sent" && Date.parse(record.received_at) <= Date.parse(safeUntil);

/** Received before the last verified backup: the phone need not keep the photos any longer. */
async function confirm(safeUntil) {
  for (const { id, confirmed } of await all("records")) {
    if (confirmed) continue;
    const row = await update("records", id, (one) => isSafe(one, safeUntil) && { ...one, confirmed: true });
    if (row.confirmed) await dropBytes(row);
  }
}

async function dropBytes(record) {
  for (const id of record.photos) {
    await update("photos", id, (photo) => photo?.state === "held" && { ...photo, bytes: null });
  }
}

/** Forgets what was acknowledged a week ago. */
export async function tidy(now = Date.now()) {
  for (const record of await all("records")) {
    if (!["sent", "closed"].includes(record.state) || now - record.made_at < KEEP) continue;
    for (const photo of record.photos) await remove("photos", photo);
    await remove("records", record.id);
  }
}

const passes = (error) => error.errors.some(({ code }) => PASSING.has(code));

async function sendPhoto(record, photo, token) {
  try {
    const { body } = await putPhoto(`${pathOf(record)}photos/${photo.id}/`, token, photo);
    if (body.sha256 !== photo.sha256) throw new Stop("signal");
    await hear(body);
    await update("photos", photo.id, (row) => row && { ...row, state: "held" });
    return true;
  } catch (error) {
    if (!(error instanceof Bad) || passes(error)) throw error;
    if (error.status === 413 && !photo.shrunk_again && (await shrinkAgain(photo))) {
      return sendPhoto(record, await get("photos", photo.id), token);
    }
    // One unusable photo must not hold back the good ones or the report. Its bytes stay on the phone.
    await update("photos", photo.id, (row) => row && { ...row, state: "bad", words: error.words });
    return false;
  }
}

async function shrinkAgain(photo) {
  const { shrink } = await import("./photos.js");
  const smaller = await shrink(new Blob([photo.bytes], { type: photo.type }), { longest: 1000, quality: 0.6 });
  if (!smaller) return false;
  await replacePhoto(photo.id, smaller);
  return true;
}

/** Resolves with whether every photo is held. */
async function sendPhotos(record, held, token) {
  let all_held = true;
  const photos = new Map((await photosOf(record.id)).map((photo) => [photo.id, photo]));
  for (const id of record.photos) {
    const photo = photos.get(id);
    if (!photo || photo.state === "held") continue;
    if (held.some((one) => one.id === id && one.sha256 === photo.sha256)) {
      await update("photos", id, (row) => row && { ...row, state: "held" });
    } else if (photo.state === "bad" || !(await sendPhoto(record, photo, token))) {
      all_held = false;
    }
  }
  return all_held;
}

/** Marks the record as on its way; from here on taking it back needs a message to the server. */
const begin = (id) => update("records", id, (row) => row?.state === "queued" && { ...row, attempted: true });

async function sendRecord(id, token) {
  const record = await begin(id);
  if (record?.state !== "queued") return;
  const { body } = await putJson(pathOf(record), token, bodyOf(record));
  if (body.id !== id) throw new Stop("signal");
  const isOver = record.deleted || body.state === "closed";
  const complete = isOver || (await sendPhotos(record, body.photos || [], token));
  await update("records", id, (row) => {
    if (row.rev !== record.rev) return null; // changed meanwhile: the newer revision stays queued
    const state = body.state === "closed" ? "closed" : "sent";
    const { public_id: publicId, received_at: receivedAt } = body;
    return { ...row, state, review: body.state === "for_review", public_id: publicId, received_at: receivedAt, photo_refused: !complete };
  });
  await hear(body);
  if (isOver) await dropBytes(record);
}

async function setBack(id, error) {
  if (error instanceof Bad && !passes(error)) {
    await update("records", id, (row) => ({ ...row, state: "refused", words: error.words }));
    return;
  }
  await update("records", id, (row) => {
    const tries = (row.tries || 0) + 1;
    return { ...row, tries, next_at: Date.now() + Math.min(LONGEST, SHORTEST * 2 ** tries) };
  });
}

/** The phone joined again meanwhile (another team, a new code): the old token's end means nothing. */
const hasNewToken = async (id, token) => (await get("walks", id)).token !== token;

/** Sends one walk's records. Resolves with how it went: "idle", "signal", "ended" or "revoked". */
async function sendWalk(records, { id: walk, token }) {
  for (const { id } of records) {
    try {
      await sendRecord(id, token);
    } catch (error) {
      if (error instanceof Stop) {
        if (error.why === "ended" && (await hasNewToken(walk, token))) return "idle";
        pause = Math.max(pause, error.seconds * 1000);
        return error.why;
      }
      await setBack(id, error);
    }
    changed();
  }
  return "idle";
}

async function tellStatus(walk, waiting) {
  if (Date.now() - toldAt < 60000) return;
  toldAt = Date.now();
  const oldest = waiting.length ? new Date(Math.min(...waiting.map((one) => one.made_at))).toISOString() : null;
  const report = { waiting: waiting.length, oldest_at: oldest, app: settings.version };
  const told = await postJson("status/", walk.token, report).catch(() => null);
  if (told) await hear(told.body);
}

async function pass() {
  const now = Date.now();
  const records = (await all("records")).sort((a, b) => a.made_at - b.made_at);
  const walks = await all("walks");
  let worst = "idle";
  for (const walk of walks) {
    const due = records.filter((one) => one.walk === walk.id && isDue(one, now));
    if (!due.length) continue;
    status.net = "sending";
    changed();
    const how = await sendWalk(due, walk);
    if (how !== "idle") worst = how;
  }
  status.net = worst;
  const currentId = await get("meta", "current");
  const current = walks.find((walk) => walk.id === currentId);
  if (current && worst === "idle") await tellStatus(current, (await all("records")).filter((one) => one.state === "queued"));
}

/** One sender a phone: tabs share a lock. */
async function alone(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("saferoutes-outbox", { ifAvailable: true }, (lock) => lock && work());
}

/** Sends what is due, then plans the next try while anything waits. Never throws. */
export function drain() {
  running ??= alone(pass)
    .catch(() => (status.net = "signal"))
    .then(plan)
    .finally(() => {
      running = null;
      changed();
    });
  return running;
}

async function plan() {
  const waiting = (await all("records").catch(() => [])).filter((one) => one.state === "queued" && hasPlace(one));
  pause = status.net === "idle" ? SHORTEST : Math.min(LONGEST, pause * 2);
  if (!waiting.length) return;
  const soonest = Math.min(...waiting.map((one) => one.next_at)) - Date.now();
  const wait = status.net === "idle" ? Math.min(Math.max(soonest, 50), LONGEST) : pause * (0.7 + Math.random() * 0.6);
  kick(wait);
}

/** Tries again in `wait` milliseconds. */
export function kick(wait = 0) {
  clearTimeout(timer);
  timer = setTimeout(drain, wait);
}

/** Something changed for the better (signal back, page in front): try at once. */
function afresh() {
  pause = SHORTEST;
  kick(200);
}

export function start() {
  for (const event of ["online", "pageshow", "focus"]) addEventListener(event, afresh);
  document.addEventListener("visibilitychange", () => document.hidden || afresh());
  kick(500);
  tidy().catch(() => {});
}
