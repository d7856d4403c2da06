// What every answer says about the server: which life of its database this is, and up to when a backup holds it.

import { serverNow } from "./clock.js";
import { photoState } from "./records.js";
import { all, done, get, set, update, within } from "./store.js";

const KEEP = 7 * 86400000;

const server = async () => (await get("meta", "server")) || {};

/** To be heard before anything is noted as acknowledged: another life of the database undoes what was. */
export async function hearEpoch({ epoch }) {
  const heard = await server();
  if (!epoch || epoch === heard.epoch) return;
  if (heard.epoch) await offerAgain();
  await set("meta", { ...heard, epoch }, "server");
}

export async function hear(answer) {
  await hearEpoch(answer);
  const { safe_until: safeUntil } = answer;
  const heard = await server();
  if (!safeUntil || safeUntil === heard.safe_until) return;
  await set("meta", { ...heard, safe_until: safeUntil }, "server");
  await confirm(safeUntil);
}

/**
 * The server came back from a backup: what it acknowledged since may be gone, so it gets everything again. Photos are
 * asked after anew, also those whose bytes are no longer here; of what must not stay on a phone only a remnant is left.
 */
async function offerAgain() {
  const fresh = { state: "queued", confirmed: false, tries: 0, next_at: 0, acked_rev: 0, photo_states: {} };
  const isAffected = (row) => (row?.state === "sent" && !row.reduced) || (row?.state === "queued" && row.acked_rev);
  for (const { id } of await all("records")) {
    const record = await update("records", id, (row) => isAffected(row) && { ...row, ...fresh });
    if (record?.state !== "queued") continue;
    for (const photo of record.photos) {
      await update("photos", photo, (row) => row?.state === "held" && { ...row, state: "waiting" });
    }
  }
}

const isSafe = (row, safeUntil) => row?.state === "sent" && Date.parse(row.acked_at || row.received_at) <= Date.parse(safeUntil);

/** Acknowledged before the last verified backup: the phone need not keep the photos any longer. */
async function confirm(safeUntil) {
  for (const { id, confirmed } of await all("records")) {
    if (confirmed) continue;
    const row = await update("records", id, (one) => isSafe(one, safeUntil) && { ...one, confirmed: true });
    if (row?.confirmed) await dropBytes(row);
  }
}

/** Photos the server holds leave only their small picture here. */
async function dropBytes(record) {
  for (const id of record.photos) {
    if (photoState(record, id) !== "held") continue;
    await update("photos", id, (photo) => photo?.state === "held" && { ...photo, bytes: null });
  }
}

/** What was taken back or closed leaves no picture here. */
export async function dropPhotos(record) {
  for (const id of record.photos) await update("photos", id, (photo) => photo && { ...photo, bytes: null, thumb: null });
}

/** Forgets what was acknowledged a week ago, by the server's clock. */
export async function tidy(now = serverNow()) {
  const isOld = ({ state, received_at: at }) => ["sent", "closed"].includes(state) && now - Date.parse(at) > KEEP;
  for (const record of (await all("records")).filter(isOld)) {
    await within(["records", "photos"], "readwrite", async (shelf) => {
      for (const photo of record.photos) await done(shelf("photos").delete(photo));
      await done(shelf("records").delete(record.id));
    });
  }
}
