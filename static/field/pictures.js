// The earlier photos of what is to be checked again: fetched while there is signal, kept for the street, forgotten with the pack.

import { settings } from "./settings.js";
import { here } from "./shell.js";
import { done, get, set, within } from "./store.js";

const PREFIX = "picture=";
const MOST = 60; // about 1.5 MB at 400 px
let running = null;

const keyOf = (photo) => PREFIX + photo;

async function keptKeys() {
  const keys = await within(["meta"], "readonly", (shelf) => done(shelf("meta").getAllKeys()));
  return keys.filter((key) => String(key).startsWith(PREFIX));
}

/** Forgets every kept picture whose photo isn't in `wanted`; by default all of them. */
export async function forgetPictures(wanted = new Set()) {
  const gone = (await keptKeys()).filter((key) => !wanted.has(key));
  if (!gone.length) return;
  await within(["meta"], "readwrite", (shelf) => Promise.all(gone.map((key) => done(shelf("meta").delete(key)))));
}

async function fetched(look, token) {
  const response = await fetch(`${settings.api}looks/${look.id}/photo/`, {
    headers: { Authorization: `Bearer ${token}` },
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
  });
  const type = response.headers.get("Content-Type") || "";
  // A login page of a strange network is no picture. Ours that is gone is left out; anything else waits for better signal.
  if (response.ok && type.startsWith("image/")) return response.arrayBuffer();
  if (response.status === 404) return null;
  throw new Error("no signal");
}

async function bring() {
  const { token, pack, practice } = here.walk || {};
  if (!token || practice) return 0;
  const looks = (pack?.looks || []).filter((look) => look.photo).slice(0, MOST);
  await forgetPictures(new Set(looks.map((look) => keyOf(look.photo))));
  const have = new Set(await keptKeys());
  const missing = looks.filter((one) => !have.has(keyOf(one.photo)));
  for (const look of missing) {
    const bytes = await fetched(look, token);
    if (bytes) await set("meta", bytes, keyOf(look.photo));
  }
  return missing.length;
}

/**
 * Fetches what isn't kept yet, one after the other; resolves with how many that were (0 where all was there, or where
 * signal or room ran out: the rest waits). Never throws.
 */
export function bringPictures() {
  running ??= bring()
    .catch(() => 0)
    .finally(() => (running = null));
  return running;
}

/** The bytes (JPEG) of an earlier photo, or undefined where this phone doesn't have it. */
export const pictureOf = (photo) => get("meta", keyOf(photo));

/** A pack that came while others were fetched may name more of them. */
addEventListener("pack", () => Promise.resolve(running).then(bringPictures));
addEventListener("online", bringPictures);
bringPictures(); // the pack may have come before this module
