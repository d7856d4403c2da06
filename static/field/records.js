// What was seen, as this phone keeps it. Each change is on the disk (one transaction) before its promise resolves.

import { KINDS, PRACTICE, isUrgent, reduced } from "./kinds.js";
import { all, done, get, keys, set, update, within } from "./store.js";

export const MAX_PHOTOS = 6;
const SETTLE = 4000; // an open sheet gathers a few taps before the record is sent
const LITTLE_ROOM = 40_000_000;
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("saferoutes-field") : null;
const listeners = new Set();

/** Calls `listener(news)` after every change, here or in another tab. `news.fresh`: to be sent in so many milliseconds. */
export function onChange(listener) {
  listeners.add(listener);
}

const tell = (news) => listeners.forEach((listener) => listener(news));

export function changed(news = {}) {
  channel?.postMessage(news);
  tell(news);
}

if (channel) channel.onmessage = ({ data }) => tell({ ...data, elsewhere: true });

export const newId = () => crypto.randomUUID();

/** 2026-11-22T18:04:05-06:00, by this phone's clock: what it claims is kept, and the server says where that can't be. */
export function localTime(date = new Date()) {
  const offset = -date.getTimezoneOffset();
  const two = (n) => String(Math.trunc(Math.abs(n))).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
  return new Date(date.getTime() + offset * 60000).toISOString().slice(0, 19) + zone;
}

// --- room on the disk -----------------------------------------------------------------------------------------------------

/** Gives up the bytes of photos that the server holds. */
async function makeRoom() {
  for (const id of await keys("photos")) {
    await update("photos", id, (photo) => photo?.state === "held" && photo.bytes && { ...photo, bytes: null });
  }
}

/** A write that the disk refused is tried once more after making room. */
export async function withRoom(write) {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    await makeRoom();
    return write();
  }
}

/** Once a phone: asks the browser to throw nothing away by itself. */
async function askToKeep() {
  if (askToKeep.asked || !globalThis.navigator?.storage?.persist) return;
  askToKeep.asked = true;
  if (await get("meta", "asked_to_keep")) return;
  await set("meta", true, "asked_to_keep");
  await navigator.storage.persist();
}

/** Whether the browser says that little room is left. It may be wrong both ways: only a failed write is the truth. */
export async function isShortOfRoom() {
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.().catch(() => null)) || {};
  return quota - usage < LITTLE_ROOM;
}

// --- writing --------------------------------------------------------------------------------------------------------------

const queued = (record, settle) => ({
  ...record,
  rev: record.rev + 1,
  state: "queued",
  confirmed: false,
  tries: 0,
  next_at: Date.now() + settle,
  words: "",
  errors: [],
});

const settling = (record, settle) => (isUrgent(record) ? 0 : settle);
const requeued = (record, settle) => queued(record, settling(record, settle));
const sendIn = (record) => changed({ fresh: Math.max(0, (record?.next_at || 0) - Date.now()) });

/** Keeps a new record. `kind` is one of KINDS. */
export async function add({ kind, walk, body, ...more }, { settle = SETTLE } = {}) {
  const fresh = { id: newId(), kind, walk, body, rev: 0, made_at: Date.now(), photos: [], answers: {}, ...more };
  if (walk === PRACTICE) fresh.practice = true;
  const record = requeued(fresh, settle);
  await withRoom(() => within(["records"], "readwrite", (shelf) => done(shelf("records").add(record))));
  askToKeep().catch(() => {});
  sendIn(record);
  return record;
}

/**
 * Changes fields of a record's body; other tabs' changes to other fields stay. Resolves with the record.
 * `patch` is an object, or a function of the row that answers one (or null: leave it as it is).
 */
export async function change(id, patch, { settle = SETTLE, ...more } = {}) {
  const record = await withRoom(() =>
    update("records", id, (row) => {
      const body = row && !row.reduced && (typeof patch === "function" ? patch(row) : patch);
      return body && requeued({ ...row, ...more, body: { ...row.body, ...body } }, settle);
    }),
  );
  sendIn(record);
  return record;
}

/** Answers one question of a category; an empty answer takes it away. */
export async function answer(id, category, question, value) {
  const record = await withRoom(() =>
    update("records", id, (row) => {
      const given = { ...row.answers[category], [question]: value };
      if (value === "" || value === null || value.length === 0) delete given[question];
      return requeued({ ...row, answers: { ...row.answers, [category]: given } }, SETTLE);
    }),
  );
  sendIn(record);
  return record;
}

/** Sends it without waiting for more taps. */
export async function release(id) {
  const record = await update("records", id, (row) => row && row.state === "queued" && { ...row, next_at: 0 });
  sendIn(record);
}

/** Sends a refused record once more, as it is. */
export async function resend(id) {
  const again = { state: "queued", words: "", errors: [], tries: 0, next_at: 0, acked_rev: 0 };
  const record = await update("records", id, (row) => row?.state === "refused" && { ...row, ...again });
  sendIn(record);
}

/** Everything that waits is due now. */
export async function releaseAll() {
  for (const { id, state } of await all("records")) {
    if (state === "queued") await update("records", id, (row) => row?.state === "queued" && { ...row, next_at: 0 });
  }
  changed({ fresh: 0 });
}

/** Never sent → it is forgotten; otherwise it is sent as deleted. */
async function drop(shelf, record) {
  if (record.attempted) return done(shelf("records").put(queued(reduced({ ...record, deleted: true }), 0)));
  for (const photo of record.photos) await done(shelf("photos").delete(photo));
  return done(shelf("records").delete(record.id));
}

/** Gives the photos of one record, as far as their bytes are here, to another under new ids. Resolves with these. */
async function handOver(shelf, from, to) {
  const ids = [];
  for (const photo of from.photos) {
    const row = await done(shelf("photos").get(photo));
    if (!row?.bytes) continue;
    ids.push(newId());
    await done(shelf("photos").add({ ...row, id: ids.at(-1), record: to, state: "waiting" }));
  }
  return ids;
}

/** Takes a record back. A look that something new had become is that again: resolves with the new record's id. */
export async function takeBack(id) {
  const back = await within(["records", "photos"], "readwrite", async (shelf) => {
    const record = await done(shelf("records").get(id));
    if (!record) return null;
    const again = record.was && { ...record.was, id: newId() };
    if (again) {
      again.photos = await handOver(shelf, record, again.id);
      await done(shelf("records").add(queued(again, SETTLE)));
    }
    await drop(shelf, record);
    return again?.id;
  });
  changed({ fresh: 0 });
  return back;
}

/** What was just noted is one of the things to check again: a look in its place, "still there". One transaction. */
export async function becomeLook(id, concern) {
  const turn = async (shelf) => {
    const from = await done(shelf("records").get(id));
    if (!from || from.deleted) return;
    const { walk, practice, kind, body, answers, made_at } = from;
    const mine = (await done(shelf("records").getAll())).find(
      (one) => one.kind === "look" && one.walk === walk && !one.deleted && one.body.concern === concern,
    );
    const was = { kind, walk, practice, body, answers, made_at, rev: 0 };
    const look = mine || { id: newId(), kind: "look", walk, practice, rev: 0, made_at: Date.now(), photos: [], answers: {}, was };
    const { lit, note, captured_at, position } = body;
    look.photos = [...look.photos, ...(await handOver(shelf, from, look.id))].slice(0, MAX_PHOTOS);
    look.body = { ...look.body, concern, result: "still_there", lit, note: note || look.body?.note || "", captured_at, position };
    await done(shelf("records").put(queued(look, SETTLE)));
    await drop(shelf, from);
  };
  await withRoom(() => within(["records", "photos"], "readwrite", turn));
  changed({ fresh: SETTLE });
}

/** Forgets a walk on this phone: its token, its pack, what was noted and photographed. The phone is on `next` then, or on
 *  none. One transaction. */
export async function forgetWalk(walk, next = "") {
  await within(["meta", "walks", "records", "photos"], "readwrite", async (shelf) => {
    for (const record of await done(shelf("records").getAll())) {
      if (record.walk !== walk) continue;
      for (const photo of record.photos) await done(shelf("photos").delete(photo));
      await done(shelf("records").delete(record.id));
    }
    await done(shelf("walks").delete(walk));
    if ((await done(shelf("meta").get("current"))) !== walk) return;
    await done(next ? shelf("meta").put(next, "current") : shelf("meta").delete("current"));
  });
  changed();
}

// --- photos ---------------------------------------------------------------------------------------------------------------

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keeps a photo together with its mention in the record. `photo` is {bytes: ArrayBuffer, type, thumb}. */
export async function addPhoto(id, { bytes, type, thumb }) {
  const photo = { id: newId(), record: id, bytes, type, thumb, sha256: await sha256(bytes), state: "waiting" };
  const keep = async (shelf) => {
    const record = await done(shelf("records").get(id));
    await done(shelf("photos").add(photo));
    const row = requeued({ ...record, photos: [...record.photos, photo.id] }, SETTLE);
    await done(shelf("records").put(row));
    return row;
  };
  sendIn(await withRoom(() => within(["records", "photos"], "readwrite", keep)));
  return photo;
}

/** New, smaller bytes for a photo the server found too large. */
export async function replacePhoto(id, { bytes, type }) {
  const hash = await sha256(bytes);
  const smaller = { bytes, type, sha256: hash, shrunk_again: true, too_large: false };
  return update("photos", id, (photo) => photo && { ...photo, ...smaller });
}

export async function removePhoto(id, photoId) {
  const record = await within(["records", "photos"], "readwrite", async (shelf) => {
    const row = await done(shelf("records").get(id));
    await done(shelf("photos").delete(photoId));
    const photos = row.photos.filter((one) => one !== photoId);
    const { [photoId]: _gone, ...states } = row.photo_states || {};
    const kept = requeued({ ...row, photos, photo_states: states }, SETTLE);
    await done(shelf("records").put(kept));
    return kept;
  });
  sendIn(record);
  return record;
}

/** Notes how far a photo is, in its own row and in its record: lists of records then needn't read any picture. */
export function markPhoto(record, photo, state, words = "") {
  return within(["records", "photos"], "readwrite", async (shelf) => {
    const kept = await done(shelf("photos").get(photo));
    if (kept) await done(shelf("photos").put({ ...kept, state, words }));
    const row = await done(shelf("records").get(record));
    const states = row && { ...row.photo_states, [photo]: { state, words } };
    if (row) await done(shelf("records").put({ ...row, photo_states: states }));
  });
}

export const photosOf = (id) =>
  within(["photos"], "readonly", (shelf) => done(shelf("photos").index("record").getAll(id)));

/** How far one photo of a record is: "waiting", "held" by the server, "bad" (not taken), "gone" (no longer here). */
export const photoState = (one, photo) => one.photo_states?.[photo]?.state || "waiting";

// --- reading --------------------------------------------------------------------------------------------------------------

export const record = (id) => get("records", id);

/** What somebody took back is gone from the lists, unless the server refused just that. */
export async function recordsOf(walk) {
  const shown = (one) => one.walk === walk && (!one.deleted || one.state === "refused");
  return (await all("records")).filter(shown).sort((a, b) => b.made_at - a.made_at);
}

/** Whether it is on this phone only, at least in its newest form. */
export const isUnsent = ({ state }) => state === "queued" || state === "refused";

/** What of a walk the server hasn't got; also what was taken back and not yet told. */
export const unsentOf = async (walk) => (await all("records")).filter((one) => one.walk === walk && isUnsent(one));

/** One of "queued", "sent", "confirmed", "refused", "closed": what the three counters show. */
export const stateOf = (one) => (one.state === "sent" && one.confirmed ? "confirmed" : one.state);

/** Whether anybody could find it: a concern needs a position or an address before it is sent. */
export const hasPlace = ({ kind, body, deleted }) =>
  Boolean(!KINDS[kind]?.needsPlace || deleted || body.position || body.address);

/** The body as the Field API wants it. */
export function bodyOf(one) {
  const { photos, answers } = KINDS[one.kind];
  const body = { rev: one.rev, walk: one.walk, ...one.body, deleted: Boolean(one.deleted) };
  if (photos) body.photos = one.photos;
  if (answers) body.answers = one.answers[one.body.category] || {};
  return body;
}

/** Its address below the Field API. */
export const pathOf = ({ kind, id }) => `${KINDS[kind].path}/${id}/`;
