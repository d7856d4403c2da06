// The service worker. It keeps one whole version of the app, so that the page opens without a network and with a dead
// server, and sends what waits when the browser wakes it. What is waiting lies in IndexedDB, which no update touches.
// A new version waits until no page is open: nobody's page changes on a walk.

import { drain, isWaiting } from "./outbox.js";
import { settings } from "./settings.js";
import { get } from "./store.js";

const PREFIX = "field-";
const TYPES = [
  [/\.js$/, "javascript"],
  [/\.css$/, "text/css"],
  [/\.svg$/, "image/svg"],
  [/\.webmanifest$/, "manifest+json"],
  [/\/words\//, "application/json"],
];

let app; // {version, page, api, words: {language: address}, files: [address], named, language}
let ours; // every address that is answered from what is kept

/** Called by the server's script (field/offline.py) while it is first read: later the browser takes no listeners. */
export function serve(given) {
  app = given;
  ours = new Set([app.page, ...Object.values(app.words), ...app.files]);
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
  const [, brought] = (await page.clone().text()).match(/<html lang="(\w+)"/);
  const words = Object.keys(app.words).filter((language) => language !== brought);
  const addresses = [...words.map((language) => app.words[language]), ...app.files];
  const answers = await Promise.all(addresses.map(fetchWhole));
  const cache = await caches.open(nameOf(app.version));
  await Promise.all([page, ...answers].map((answer, i) => cache.put([app.page, ...addresses][i], answer)));
}

/** Refused are: errors, redirects (to a sign-in), a page in a file's place (captive portal), another version's page. */
async function fetchWhole(address) {
  const isOwn = address.startsWith(app.page); // its address stays when it changes; others' tell their content
  const cache = app.named && !isOwn ? "default" : "no-cache";
  const response = await fetch(address, { cache, credentials: "same-origin", redirect: "error" });
  const type = response.headers.get("Content-Type") || "";
  const [, expected] = TYPES.find(([pattern]) => pattern.test(address)) || [null, "text/html"];
  if (response.status !== 200 || !type.includes(expected)) throw new Error(`${address}: ${response.status} ${type}`);
  const words = await response.clone().text();
  const isMarked = address === app.page || address.includes("/words/");
  if (isMarked && !words.includes(app.version)) throw new Error(`${address}: another version`);
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
