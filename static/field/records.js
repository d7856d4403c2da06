// What was seen, as this phone keeps it. Each change is on the disk (one transaction) before its promise resolves.

import { KINDS } from "./kinds.js";
import { all, done, get, update, within } from "./store.js";

export const MAX_PHOTOS = 6;
const SETTLE = 4000; // an open sheet gathers a few taps before the record is sent
const channel = "BroadcastChannel" in window ? new BroadcastChannel("saferoutes-field") : null;
const listeners = new Set();

/** Calls `listener` after every change to a record, here or in another tab. */
export function onChange(listener) {
  listeners.add(listener);
}

export function changed() {
  channel?.postMessage("changed");
  for (const listener of listeners) listener();
}

if (channel) channel.onmessage = () => listeners.forEach((listener) => listener());

export const newId = () => crypto.randomUUID();

/** 2026-11-22T18:04:05-06:00, by this phone's clock. */
export function localTime(date = new Date()) {
  const offset = -date.getTimezoneOffset();
  const two = (n) => String(Math.trunc(Math.abs(n))).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
  return new Date(date.getTime() + offset * 60000).toISOString().slice(0, 19) + zone;
}

const queued = (record, settle) => ({
  ...record,
  rev: record.rev + 1,
  state: "queued",
  confirmed: false,
  tries: 0,
  next_at: Date.now() + settle,
  words: "",
});

/** Keeps a new record. `kind` is one of KINDS. */
export async function add({ kind, walk, body, ...more }, { settle = SETTLE } = {}) {
  const fresh = { id: newId(), kind, walk, body, rev: 0, made_at: Date.now(), photos: [], answers: {}, ...more };
  const record = queued(fresh, settle);
  await within(["records"], "readwrite", (shelf) => done(shelf("records").add(record)));
  changed();
  return record;
}

/** Changes fields of a record's body; other tabs' changes to other fields stay. Resolves with the record. */
export async function change(id, body, { settle = SETTLE, ...more } = {}) {
  const record = await update("records", id, (row) => row && queued({ ...row, ...more, body: { ...row.body, ...body } }, settle));
  changed();
  return record;
}

/** Answers one question of a category; an empty answer takes it away. */
export async function answer(id, category, question, value) {
  const record = await update("records", id, (row) => {
    const given = { ...row.answers[category], [question]: value };
    if (value === "" || value === null || value.length === 0) delete given[question];
    return queued({ ...row, answers: { ...row.answers, [category]: given } }, SETTLE);
  });
  changed();
  return record;
}

/** Sends it without waiting for more taps. */
export async function release(id) {
  await update("records", id, (row) => row && row.state === "queued" && { ...row, next_at: 0 });
  changed();
}

/** Takes a record back: never sent → it is forgotten; otherwise it is sent as deleted. */
export async function takeBack(id) {
  await within(["records", "photos"], "readwrite", async (shelf) => {
    const record = await done(shelf("records").get(id));
    if (!record) return;
    if (record.attempted) {
      await done(shelf("records").put(queued({ ...record, deleted: true }, 0)));
      return;
    }
    for (const photo of record.photos) await done(shelf("photos").delete(photo));
    await done(shelf("records").delete(id));
  });
  changed();
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keeps a photo together with its mention in the record. `photo` is {bytes: ArrayBuffer, type, thumb}. */
export async function addPhoto(id, { bytes, type, thumb }) {
  const photo = { id: newId(), record: id, bytes, type, thumb, sha256: await sha256(bytes), state: "waiting" };
  await within(["records", "photos"], "readwrite", async (shelf) => {
    const record = await done(shelf("records").get(id));
    await done(shelf("photos").add(photo));
    await done(shelf("records").put(queued({ ...record, photos: [...record.photos, photo.id] }, SETTLE)));
  });
  changed();
  return photo;
}

/** New, smaller bytes for a photo the server found too large. */
export async function replacePhoto(id, { bytes, type }) {
  const hash = await sha256(bytes);
  return update("photos", id, (photo) => photo && { ...photo, bytes, type, sha256: hash, shrunk_again: true });
}

export async function removePhoto(id, photoId) {
  await within(["records", "photos"], "readwrite", async (shelf) => {
    const record = await done(shelf("records").get(id));
    await done(shelf("photos").delete(photoId));
    const photos = record.photos.filter((one) => one !== photoId);
    await done(shelf("records").put(queued({ ...record, photos }, SETTLE)));
  });
  changed();
}

export const photosOf = (id) =>
  within(["photos"], "readonly", (shelf) => done(shelf("photos").index("record").getAll(id)));

export const record = (id) => get("records", id);

export async function recordsOf(walk) {
  const records = (await all("records")).filter((one) => one.walk === walk && !one.deleted);
  return records.sort((a, b) => b.made_at - a.made_at);
}

/** One of "queued", "sent", "confirmed", "refused", "closed": what the three counters show. */
export const stateOf = (one) => (one.state === "sent" && one.confirmed ? "confirmed" : one.state);

/** Whether anybody could find it: a concern needs a position or an address before it is sent. */
export const hasPlace = ({ kind, body, deleted }) =>
  Boolean(!KINDS[kind].needsPlace || deleted || body.position || body.address);

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
