// Where the phone is. Keeps the best fix of the last 20 seconds and says honestly how good it is.

const BEST_OF = 20000;
const STALE = 60000;
const METRES_A_DEGREE = 111320;
export const GOOD_M = 15;

/** state: "finding", "on", "denied" or "none". */
export const place = { state: "finding" };

const listeners = new Set();
let fixes = [];
let started = false;

export function onPlace(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

function take({ coords }) {
  const now = Date.now();
  const fix = { lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.round(coords.accuracy * 10) / 10, at: now };
  fixes = [...fixes.filter((one) => now - one.at < STALE), fix];
  place.state = "on";
  tell();
}

function miss(error) {
  if (error.code === error.PERMISSION_DENIED) place.state = "denied";
  else if (!best()) place.state = "none";
  tell();
}

/** Whether two fixes can't be of the same place: further apart than both of them may be wrong. */
export function isElsewhere(one, other) {
  const north = (one.lat - other.lat) * METRES_A_DEGREE;
  const east = (one.lon - other.lon) * METRES_A_DEGREE * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(north, east) > one.accuracy_m + other.accuracy_m;
}

/**
 * The most exact fix of the last 20 s, of those that the newest doesn't show to be left behind; where the phone lies
 * still and reports nothing new, its last one. Or null.
 */
export function best(now = Date.now()) {
  const last = fixes.at(-1);
  const fresh = fixes.filter((one) => now - one.at < BEST_OF && !isElsewhere(one, last));
  const candidates = fresh.length ? fresh : fixes.filter((one) => now - one.at < STALE).slice(-1);
  return candidates.reduce((a, b) => (a && a.accuracy_m <= b.accuracy_m ? a : b), null);
}

/** The position as the Field API wants it, or null. */
export function position() {
  const fix = best();
  return fix && { lat: fix.lat, lon: fix.lon, accuracy_m: fix.accuracy_m, source: "gps" };
}

/** A phone that lies still may report nothing: ask once more when the last fix grows old. */
function askAgain() {
  const last = fixes.at(-1);
  if (document.hidden || place.state === "denied" || (last && Date.now() - last.at < BEST_OF - 5000)) return;
  navigator.geolocation.getCurrentPosition(take, miss, { enableHighAccuracy: true, maximumAge: 0, timeout: 15000 });
}

export function startPlace() {
  if (started) return;
  started = true;
  if (!("geolocation" in navigator)) {
    place.state = "none";
    tell();
    return;
  }
  navigator.geolocation.watchPosition(take, miss, { enableHighAccuracy: true, maximumAge: 5000, timeout: 20000 });
  setInterval(askAgain, 10000);
}
