// Where the phone is. Keeps the best fix of the last 20 seconds and says honestly how good it is.

import { metresBetween } from "./blocks.js";
import { localTime } from "./records.js";

const BEST_OF = 20000;
const STALE = 60000;
export const GOOD_M = 15; // this exact or better: green
export const USELESS_M = 250; // worse says hardly more than the part of town

/** state: "finding", "on", "denied" or "none". */
export const place = { state: "finding" };

const listeners = new Set();
let fixes = [];
let newest = null;
let started = false;
let watch = null;

export function onPlace(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

/** Milliseconds since a fix, by the clock that saw more: one may be set back, the other may stop while the phone sleeps. */
const age = (fix) => Math.max(Math.abs(Date.now() - fix.at), performance.now() - fix.tick);

function take({ coords }) {
  const { latitude: lat, longitude: lon, accuracy } = coords;
  if (![lat, lon, accuracy].every(Number.isFinite)) return;
  newest = { lat, lon, accuracy_m: Math.round(accuracy * 10) / 10, at: Date.now(), tick: performance.now() };
  fixes = [...fixes.filter((one) => age(one) < STALE), newest];
  place.state = "on";
  tell();
}

function miss(error) {
  if (error.code === error.PERMISSION_DENIED) place.state = "denied";
  else if (!best()) place.state = "none";
  tell();
}

/** Whether two fixes can't be of the same place: further apart than both of them may be wrong. */
export const isElsewhere = (one, other) => metresBetween(one, other) > one.accuracy_m + other.accuracy_m;

/**
 * The most exact fix of the last 20 s, of those that the newest doesn't show to be left behind; where the phone lies
 * still and reports nothing new, its last one of a minute. {lat, lon, accuracy_m, at (milliseconds)} or null.
 */
export function best() {
  const fresh = fixes.filter((one) => age(one) < BEST_OF && !isElsewhere(one, newest));
  const candidates = fresh.length ? fresh : fixes.filter((one) => age(one) < STALE).slice(-1);
  return candidates.reduce((a, b) => (a && a.accuracy_m <= b.accuracy_m ? a : b), null);
}

/** The newest fix, however old, or null. */
export const last = () => newest;

/** A fix as a position of the Field API, or null. */
export const asPosition = (fix) => fix && { lat: fix.lat, lon: fix.lon, accuracy_m: fix.accuracy_m, source: "gps" };

/** A fix as it was measured, for the Field API: kept whatever place is chosen later. Or null. */
export const asFix = (fix) =>
  fix && { lat: fix.lat, lon: fix.lon, accuracy_m: fix.accuracy_m, at: localTime(new Date(fix.at)) };

/** The position as the Field API wants it, or null. */
export const position = () => asPosition(best());

/** A phone that lies still may report nothing: ask once more when the last fix grows old. */
function askAgain() {
  if (document.hidden || place.state === "denied" || (newest && age(newest) < BEST_OF - 5000)) return;
  navigator.geolocation.getCurrentPosition(take, miss, { enableHighAccuracy: true, maximumAge: 0, timeout: 15000 });
}

function watchOn() {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = navigator.geolocation.watchPosition(take, miss, { enableHighAccuracy: true, maximumAge: 5000, timeout: 20000 });
}

/** Somebody may switch the position on or off in the browser's menu while the page is open. */
async function followPermission() {
  const permission = await navigator.permissions?.query({ name: "geolocation" });
  permission?.addEventListener("change", () => {
    if (permission.state === "denied") {
      place.state = "denied";
      tell();
      return;
    }
    if (place.state === "denied") place.state = "finding";
    watchOn();
    tell();
  });
}

export function startPlace() {
  if (started) return;
  started = true;
  if (!("geolocation" in navigator)) {
    place.state = "none";
    tell();
    return;
  }
  watchOn();
  setInterval(askAgain, 10000);
  document.addEventListener("visibilitychange", askAgain); // out of the pocket: it may have walked on
  followPermission().catch(() => {});
}
