// The service worker. It keeps one whole version of the app, so that the page opens without a network and with a dead
// server, and sends what waits when the browser wakes it. What is waiting lies in IndexedDB, which no update touches.
// A new version waits until no page is open: nobody's page changes on a walk.

import { drain, isWaiting } from "./outbox.js";
import { settings } from "./settings.js";
import { get } from "./store.js";

const PREFIX = "field-";
const TYPES = [
  [/\.js$/, "text/javascript"],
  [/\.css$/, "text/css"],
  [/\.svg$/, "image/svg+xml"],
  [/\.webmanifest$/, "application/manifest+json"],
  [/\/(words|rest)\/\w+\/$/, "application/json"],
];

// {version, page, api, words: {language: address}, files: [address], rest: {language: address}, later: [address],
//  named, language}
let app;
let ours; // every address that is answered from what is kept

/** Called by the server's script (field/offline.py) while it is first read: later the browser takes no listeners. */
export function serve(given) {
  app = given;
  ours = new Set([app.page, ...Object.values(app.words), ...app.files, ...app.later]);
  Object.assign(settings, { version: app.version, api: app.api, language: app.language });
  addEventListener("install", (event) => event.waitUntil(keepEverything()));
  addEventListener("activate", (event) => event.waitUntil(takeOver()));
  addEventListener("fetch", answer);
  addEventListener("sync", (event) => event.tag === "outbox" && event.waitUntil(sendAll()));
  addEventListener("message", (event) => event.data === "send" && event.waitUntil(send()));
}

const nameOf = (version) => PREFIX + version;

/** All or nothing: where one answer isn't what it should be, this version is not installed and the old one stays. */
async function keepEverything() {
  const page = await fetchWhole(app.page);
  const [, language] = (await page.clone().text()).match(/<html lang="(\w+)"/);
  const [rest, ...answers] = await Promise.all([fetchRest(app.rest[language]), ...app.files.map(fetchWhole)]);
  const cache = await caches.open(nameOf(app.version));
  await Promise.all([page, ...answers].map((answer, i) => cache.put([app.page, ...app.files][i], answer)));
  await Promise.all(Object.entries(rest).map(([address, text]) => cache.put(address, asAnswer(address, text))));
}

/** What the page doesn't name, in one answer: {address: text}. Half of it, or another version's, is none. */
async function fetchRest(address) {
  const { version, files } = await (await fetchWhole(address)).json();
  const isWhole = app.later.every((one) => typeof files[one] === "string");
  if (version !== app.version || !isWhole) throw new Error(`${address}: another version`);
  return files;
}

const typeOf = (address) => (TYPES.find(([pattern]) => pattern.test(address)) || [null, "text/html"])[1];

function asAnswer(address, text) {
  return new Response(text, { headers: { "Content-Type": `${typeOf(address)}; charset=utf-8` } });
}

/** Refused are: errors, redirects (to a sign-in), a page in a file's place (captive portal), another version's page. */
async function fetchWhole(address) {
  const isOwn = address.startsWith(app.page); // its address stays when it changes; others' tell their content
  const cache = app.named && !isOwn ? "default" : "no-cache";
  const response = await fetch(address, { cache, credentials: "same-origin", redirect: "error" });
  const type = response.headers.get("Content-Type") || "";
  if (response.status !== 200 || !type.includes(typeOf(address))) throw new Error(`${address}: ${response.status} ${type}`);
  const words = await response.clone().text();
  if (address === app.page && !words.includes(app.version)) throw new Error(`${address}: another version`);
  return response;
}

/** Older versions go; pages that were opened before there was a worker are looked after from now on. */
async function takeOver() {
  const mine = nameOf(app.version);
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== mine);
  await Promise.all(others.map((name) => caches.delete(name)));
  await clients.claim();
}

/** The page and its files come from what is kept; everything else (API, tiles, other pages) is the network's alone. */
function answer(event) {
  const { method, mode, url, headers } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin || pathname.startsWith(app.api) || headers.has("Range")) return;
  const isPage = mode === "navigate" && pathname === app.page;
  if (isPage || ours.has(pathname)) event.respondWith(kept(pathname, event.request));
}

async function kept(address, request) {
  const cache = await caches.open(nameOf(app.version));
  return (await cache.match(address, { ignoreVary: true })) || fetch(request);
}

async function send() {
  settings.language = (await get("meta", "language")) || app.language;
  await drain();
}

/** The browser tries again later, by itself, as long as this fails. */
async function sendAll() {
  await send();
  if (await isWaiting()) throw new Error("some wait");
}
