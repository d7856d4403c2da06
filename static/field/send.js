// Sends one record: its body, then its photos one by one. Throws Stop, Bad, or ForPage.

import { Bad, Stop, putJson, putPhoto } from "./api.js";
import { dropPhotos, hear, hearEpoch } from "./heard.js";
import { reduced } from "./kinds.js";
import { bodyOf, markPhoto, pathOf, photoState, replacePhoto, withRoom } from "./records.js";
import { get, update } from "./store.js";

/** A photo must be made smaller, and only a page can draw. */
export class ForPage extends Error {}

export const inPage = Boolean(globalThis.document);
const MOST_TRIES = 12;

// Refusals that mend themselves when the record is sent again.
const PASSING = new Set(["no_record", "not_listed", "hash", "incomplete", "rev_used"]);

export const hasCode = (error, ...codes) => error.errors.some(({ code }) => codes.includes(code));
export const passes = (error, tries) => tries < MOST_TRIES && hasCode(error, ...PASSING);

/** Marks the record as on its way; from here on taking it back needs a message to the server. */
const begin = (id) => update("records", id, (row) => row?.state === "queued" && !row.practice && { ...row, attempted: true });

/** Sends the body of what is queued and not yet acknowledged. */
export async function sendBody(id, token) {
  const record = await begin(id);
  if (record?.state !== "queued" || record.practice || record.acked_rev === record.rev) return;
  const { body } = await putJson(pathOf(record), token, bodyOf(record));
  if (body.id !== id) throw new Stop("signal");
  await hearEpoch(body);
  const kept = await withRoom(() => update("records", id, (row) => row && acknowledged(row, record, body)));
  if (kept?.state === "closed" || (kept?.state === "sent" && kept.deleted)) await dropPhotos(kept);
  await hear(body);
}

/** The row after its body's revision was acknowledged. Changed meanwhile: the newer revision stays queued. */
function acknowledged(row, sent, body) {
  const known = { ...row, public_id: body.public_id, received_at: body.received_at };
  if (row.rev !== sent.rev) return known;
  const held = new Map((body.photos || []).map((photo) => [photo.id, photo.sha256]));
  const states = Object.fromEntries(row.photos.filter((id) => held.has(id)).map((id) => [id, { state: "held", sha256: held.get(id) }]));
  const acked = { ...known, acked_rev: sent.rev, acked_at: body.server_time, review: body.state === "for_review" };
  if (body.state === "closed") return reduced({ ...acked, state: "closed" });
  if (row.deleted || !row.photos.length) return reduced({ ...acked, state: "sent", photo_refused: false, code: body.code });
  return { ...acked, photo_states: { ...row.photo_states, ...states } };
}

/** Sends what the server lacks of the photos of an acknowledged record; then the record is sent. */
export async function sendPhotos(id, token) {
  const record = await get("records", id);
  if (record?.state !== "queued" || record.practice || record.acked_rev !== record.rev) return;
  for (const photo of await inTurn(record)) await sendPhoto(record, photo, token);
  await withRoom(() => update("records", id, (row) => row?.rev === record.rev && row.acked_rev === row.rev && complete(row)));
}

function complete(row) {
  const refused = row.photos.some((id) => photoState(row, id) !== "held");
  return { ...row, state: "sent", photo_refused: refused, for_page: false };
}

/** The photos still to go: those that stopped the queue before come last. */
async function inTurn(record) {
  const rows = await Promise.all(record.photos.map((id) => get("photos", id)));
  const photos = record.photos.map((id, i) => ({ id, tries: rows[i]?.tries || 0, isHere: Boolean(rows[i]?.bytes) }));
  return photos.sort((a, b) => a.tries - b.tries);
}

async function sendPhoto(record, { id, isHere, tries }, token) {
  const known = record.photo_states?.[id];
  if (known?.state === "bad") return;
  const photo = await get("photos", id);
  if (known?.state === "held" && (!photo || photo.sha256 === known.sha256 || photo.state === "held")) {
    await markPhoto(record.id, id, "held");
    return;
  }
  if (!isHere) {
    await markPhoto(record.id, id, "gone");
    return;
  }
  try {
    await uploadPhoto(record, photo, token);
  } catch (error) {
    await refusedPhoto(error, record, photo, tries);
  }
}

async function uploadPhoto(record, kept, token) {
  const photo = kept.too_large ? await shrunk(kept) : kept;
  try {
    const { body } = await putPhoto(`${pathOf(record)}photos/${photo.id}/`, token, photo);
    if (body.sha256 !== photo.sha256) throw new Stop("signal");
    await withRoom(() => markPhoto(record.id, photo.id, "held"));
    await update("records", record.id, (row) => row && { ...row, acked_at: body.server_time });
    await hear(body);
  } catch (error) {
    if (error.status !== 413 || photo.shrunk_again) throw error;
    await update("photos", photo.id, (row) => row && { ...row, too_large: true });
    await uploadPhoto(record, { ...photo, too_large: true }, token);
  }
}

async function shrunk(photo) {
  if (!inPage) throw new ForPage();
  const { shrink } = await import("./photos.js");
  const smaller = await shrink(new Blob([photo.bytes], { type: photo.type }), { longest: 1000, quality: 0.6 });
  if (!smaller) return { ...photo, too_large: false, shrunk_again: true };
  await replacePhoto(photo.id, smaller);
  return get("photos", photo.id);
}

/** One unusable photo must not hold back the good ones or the report. Its bytes stay on the phone. */
async function refusedPhoto(error, record, photo, tries) {
  if (error instanceof Bad && !passes(error, tries)) {
    await markPhoto(record.id, photo.id, "bad", error.words);
    return;
  }
  await update("photos", photo.id, (row) => row && { ...row, tries: tries + 1 });
  throw error;
}
