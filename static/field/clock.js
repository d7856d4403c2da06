// What time it is. A phone's clock may be days off: the server's word counts, and it is kept for when there is no signal.

import { get, set } from "./store.js";

const SLACK = 1500;
const UNEXPLAINED = 10 * 60000;

let skew = 0; // milliseconds from this phone's clock to the server's
let heard = null; // {server, tick} of the newest answer in this session; ticks don't jump when the clock is set

/** Resolves when the skew learned in earlier sessions is known. */
export const clockReady = get("meta", "clock")
  .then((kept) => {
    if (kept && !heard) skew = kept.skew;
  })
  .catch(() => {});

const passed = () => heard.server + performance.now() - heard.tick;

/** Milliseconds since 1970 by the server's clock, as well as this phone can tell. Never before the newest answer. */
export function serverNow() {
  const byClock = Date.now() + skew;
  return heard ? Math.max(byClock, passed()) : byClock;
}

/** Whether the server's word covers `serverNow()`: heard in this session, and no jump since that only a set clock explains. */
export const isSure = () => Boolean(heard) && serverNow() - passed() < UNEXPLAINED;

/** Takes the `server_time` of an answer. */
export function learn(serverTime) {
  const server = Date.parse(serverTime);
  if (!server) return;
  heard = { server, tick: performance.now() };
  const fresh = server - Date.now();
  if (Math.abs(fresh - skew) < SLACK) return;
  skew = fresh;
  set("meta", { skew }, "clock").catch(() => {});
}
