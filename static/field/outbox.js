// Sends what the phone keeps, in the page and in the service worker: one idempotent PUT a record, then one a photo.
// A record stays queued until the server acknowledged exactly this revision and every photo's hash.

import { Bad, Stop, postJson } from "./api.js";
import { isSure } from "./clock.js";
import { hear, tidy } from "./heard.js";
import { rejoin } from "./join.js";
import { PRACTICE, isUrgent } from "./kinds.js";
import { changed, forgetWalk, hasPlace, isUnsent, onChange, releaseAll } from "./records.js";
import { ForPage, hasCode, inPage, passes, sendBody, sendPhotos } from "./send.js";
import { settings } from "./settings.js";
import { all, get, update } from "./store.js";

const SHORTEST = 2000;
const LONGEST = 60000;
const LONGEST_ASKED = 600000; // what a server may ask for by Retry-After
const BREATH = 500;
const TURN = 3000; // while another tab sends
const DEAD = 300000; // a sender that said nothing for so long holds the lock in a frozen tab
const HEARTBEAT = 300000; // asks whether a backup has it, while somebody looks
const HEAD_START = 2;
const REJOIN = 600000; // at most once in that time

/** net: "idle", "sending", "signal" (no answer), "ended" (scan again), "revoked" (ask the walk lead).
 *  others: unsent records of other walks than this one. */
export const status = { net: "idle", others: 0 };

let pause = SHORTEST;
let notBefore = 0;
let timer = 0;
let timerAt = Infinity;
let running = null;
let wantsMore = false;
let lockedSince = 0;
const told = new Map(); // walk → {at, waiting}: the newest report
const rejoined = new Map(); // walk → when

// --- what is due ----------------------------------------------------------------------------------------------------------

const isReal = ({ walk, practice }) => walk !== PRACTICE && !practice;

/** Whether this record could be sent by this phone at all. */
const isSendable = (one, walks) =>
  one.state === "queued" && isReal(one) && hasPlace(one) && walks.has(one.walk) && (inPage || !one.for_page);

/** Due now; also where the clock was set back and the next try seems far away. */
const isTime = ({ next_at: at }, now) => !(at > now) || at > now + 2 * LONGEST;

/** What speaks of a concern that is on this phone only waits for it. */
function waitsForAnother({ body }, records) {
  const named = body?.concern && records.find((one) => one.id === body.concern);
  return Boolean(named && isUnsent(named) && !named.acked_rev);
}

/**
 * What is to be done, in turn: bodies before photos, urgent ones first. What stopped the queue before comes behind
 * all that the others need, so that one bad record blocks nobody.
 */
function steps(due) {
  const weight = (one) => (one.tries || 0) - (isUrgent(one) ? HEAD_START : 0);
  const bodies = due.map((one) => ({ one, order: [weight(one), 0, -isUrgent(one), one.made_at], send: sendBody }));
  const pictured = due.filter((one) => one.photos.length);
  const photos = pictured.map((one) => ({ one, order: [weight(one), 1, -isUrgent(one), one.made_at], send: sendPhotos }));
  return [...bodies, ...photos].sort((a, b) => byOrder(a.order, b.order));
}

const byOrder = (a, b) => a.map((n, i) => n - b[i]).find(Boolean) || 0;

async function shelves() {
  const records = await all("records");
  const walks = new Map((await all("walks")).filter((walk) => walk.token).map((walk) => [walk.id, walk]));
  return { records, walks, waiting: records.filter((one) => isSendable(one, walks) && !waitsForAnother(one, records)) };
}

/** Whether anything waits that this phone could send. */
export const isWaiting = async () => (await shelves()).waiting.length > 0;

// --- one pass -------------------------------------------------------------------------------------------------------------

/** The phone joined again meanwhile (another team, a new code): the old token's end means nothing. */
const hasNewToken = async ({ id, token }) => (await get("walks", id))?.token !== token;

/** Joins again by the kept code where the server doesn't know the token; a phone that was taken off stays off. */
async function renewToken(walk, { code }) {
  const since = Math.abs(Date.now() - (rejoined.get(walk.id) || 0));
  if (code !== "token_unknown" || !walk.invite || since < REJOIN) return;
  rejoined.set(walk.id, Date.now());
  await rejoin(walk).catch((error) => error instanceof Stop && rejoined.delete(walk.id));
}

function setBack(id, error) {
  return update("records", id, (row) => {
    if (!row) return null;
    const tries = (row.tries || 0) + 1;
    const next_at = Date.now() + Math.min(LONGEST, SHORTEST * 2 ** tries);
    if (error instanceof ForPage) return { ...row, for_page: true };
    if (!(error instanceof Bad)) return { ...row, tries, next_at };
    if (passes(error, tries)) return { ...row, tries, next_at, acked_rev: 0, rev: row.rev + hasCode(error, "rev_used") };
    if (row.deleted && !row.public_id) return { ...row, state: "closed" }; // the server never had it
    return { ...row, state: "refused", words: error.words, errors: error.errors };
  });
}

/** It stopped the queue: next time the others go first. */
const goBehind = (id) => update("records", id, (row) => row && { ...row, tries: (row.tries || 0) + 1, acked_rev: 0 });

async function stopped({ id, walk }, error, round) {
  if (error.why === "signal") {
    round.signal = true;
    round.seconds = error.seconds;
    await goBehind(id);
  } else {
    const used = round.walks.get(walk);
    await renewToken(used, error);
    const isOver = !(await hasNewToken(used));
    round.ended.set(walk, isOver ? error.why : "idle");
  }
}

/** Sends until the server is silent. A walk whose link has ended is left out. */
async function sendEach(due, round) {
  for (const { one, send } of steps(due)) {
    if (round.signal) return;
    if (round.ended.has(one.walk)) continue;
    try {
      await send(one.id, round.walks.get(one.walk).token);
      pause = SHORTEST;
    } catch (error) {
      const note = error instanceof Stop ? stopped(one, error, round) : setBack(one.id, error);
      await note.catch(() => {}); // a full disk mustn't keep the others from being sent
    }
    changed();
  }
}

function tellNet(net) {
  status.net = net;
  changed({ net });
}

async function pass() {
  const { walks, waiting } = await shelves();
  const now = Date.now();
  const due = waiting.filter((one) => isTime(one, now));
  const round = { walks, ended: new Map(), signal: false, seconds: 0, touched: new Set(due.map((one) => one.walk)) };
  if (due.length) tellNet("sending");
  await sendEach(due, round);
  await conclude(round);
}

/** Notes how the pass went and how long to wait; then reports and clears up. */
async function conclude(round) {
  const current = await get("meta", "current");
  const isHeld = round.signal || [...round.ended.values()].some((why) => why !== "idle");
  if (isHeld) {
    const asked = Math.min(LONGEST_ASKED, round.seconds * 1000);
    notBefore = Date.now() + Math.max(asked * (1 + Math.random() / 5), pause * (0.7 + Math.random() * 0.3));
    pause = Math.min(LONGEST, pause * 2);
  } else {
    notBefore = 0;
    pause = SHORTEST;
  }
  tellNet(round.ended.get(current) || (round.signal ? "signal" : "idle"));
  if (!round.signal) await report(round, current);
  await clearUp(current);
}

/** Tells the walk lead how many still wait: at most once a minute, at once when the last one has gone. */
async function report({ walks, ended, touched }, current) {
  const records = await all("records");
  for (const walk of walks.values()) {
    if (ended.has(walk.id) || (walk.id !== current && !touched.has(walk.id))) continue;
    const left = records.filter((one) => one.walk === walk.id && isUnsent(one));
    const { at = 0, waiting = 0 } = told.get(walk.id) || {};
    const isLast = waiting > 0 && !left.length;
    if (isLast || Math.abs(Date.now() - at) > LONGEST) await reportOne(walk, left);
  }
}

async function reportOne(walk, left) {
  told.set(walk.id, { at: Date.now(), waiting: left.length });
  const oldest = left.length ? new Date(Math.min(...left.map((one) => one.made_at))).toISOString() : null;
  const body = { waiting: left.length, oldest_at: oldest, app: settings.version };
  const answer = await postJson("status/", walk.token, body).catch(() => null);
  if (!answer) told.delete(walk.id);
  else await hear(answer.body);
}

/** A walk that was left with something waiting is forgotten once all of it is in. */
async function clearUp(current) {
  const records = await all("records");
  status.others = records.filter((one) => isUnsent(one) && one.walk !== current && !one.practice).length;
  for (const walk of await all("walks")) {
    if (walk.left && !records.some((one) => one.walk === walk.id && isUnsent(one))) await forgetWalk(walk.id);
  }
  if (clearUp.done || !isSure()) return;
  await tidy();
  clearUp.done = true;
}

// --- when -----------------------------------------------------------------------------------------------------------------

/** One sender a phone: tabs and the worker share a lock. Without locks each record's id keeps it from doubling. */
async function alone(work) {
  const { locks } = navigator;
  if (!locks) return work();
  const isDead = lockedSince && Date.now() - lockedSince > DEAD;
  return locks.request("saferoutes-outbox", isDead ? { steal: true } : { ifAvailable: true }, async (lock) => {
    if (lock) lockedSince = 0;
    else lockedSince ||= Date.now();
    return lock && work();
  });
}

async function run() {
  wantsMore = false;
  await alone(pass).catch(() => tellNet("signal"));
  await plan().catch(() => kick(LONGEST));
}

/** Sends what is due, then plans the next try while anything waits. Never throws. Resolves with {net, waiting}. */
export async function drain() {
  if (running) wantsMore = true;
  running ??= run().finally(() => {
    running = null;
    changed();
  });
  await running;
  const { waiting } = await shelves().catch(() => ({ waiting: [] }));
  return { net: status.net, waiting: waiting.length };
}

async function plan() {
  const { records, waiting } = await shelves();
  if (wantsMore) return kick(50);
  if (!waiting.length) return records.some(needsConfirming) && inPage && kick(HEARTBEAT);
  const soonest = Math.min(...waiting.map((one) => one.next_at || 0)) - Date.now();
  const least = lockedSince ? TURN : Math.max(BREATH, notBefore - Date.now());
  return kick(Math.min(Math.max(soonest, least), Math.max(LONGEST, least)));
}

const needsConfirming = ({ state, confirmed }) => state === "sent" && !confirmed;

/** Tries again in `wait` milliseconds, or sooner where that is planned already. */
export function kick(wait = 0) {
  if (timer && timerAt <= Date.now() + wait && timerAt > Date.now() - LONGEST) return;
  clearTimeout(timer);
  timerAt = Date.now() + wait;
  timer = setTimeout(() => {
    timer = 0;
    drain();
  }, wait);
}

/** Something changed for the better (signal back, page in front): try at once. */
function afresh() {
  pause = SHORTEST;
  notBefore = 0;
  kick(200);
}

/** "Send now": whatever waits is due, and the answer is known when this resolves. */
export async function sendNow() {
  afresh();
  await releaseAll();
  await running;
  return drain();
}

function hearTabs({ net, fresh, elsewhere }) {
  if (elsewhere && lockedSince) lockedSince = Date.now();
  if (elsewhere && net) status.net = net;
  if (fresh !== undefined) kick(fresh + 50);
}

export function start() {
  onChange(hearTabs);
  for (const event of ["online", "pageshow", "focus"]) addEventListener(event, afresh);
  document.addEventListener("visibilitychange", () => document.hidden || afresh());
  kick(500);
}
