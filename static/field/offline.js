// The page's side of the service worker: registering it, asking it to send, and the app on the home screen.

import { $ } from "./dom.js";
import { settings } from "./settings.js";

const BEFORE_WALK = 2 * 3600000; // nobody is asked to install anything from then until the walk's end

let registration = null;
let syncRefused = false;
let offered = null; // the browser's own question, kept until somebody taps "Install"
let walk = null;

/** Whether the browser sends what waits after the page was closed. Otherwise people are asked to keep it open. */
export const canSendAlone = () => Boolean(registration?.active && registration.sync && !syncRefused);

/** Lets the browser wake the worker as soon as there is signal. */
export async function askToSend() {
  if (!canSendAlone()) return;
  try {
    await registration.sync.register("outbox");
  } catch {
    syncRefused = true; // switched off in the browser's settings
  }
}

/** Opened from the home screen, as an app of its own. On iPhones it doesn't see what the browser kept. */
export const isApp = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

/** On the Team screen: whether a new version waits, and the install button unless a walk is near or going on. */
export function showApp(current = walk) {
  walk = current;
  const { meet_at: meet, end_at: end } = walk?.pack?.walk || {};
  const now = Date.now();
  const isWalking = meet && now >= Date.parse(meet) - BEFORE_WALK && now <= Date.parse(end);
  $("app-update").hidden = !registration?.waiting;
  $("app-install").hidden = !offered || isApp() || Boolean(isWalking);
}

async function install() {
  const question = offered;
  offered = null;
  showApp();
  await question.prompt();
}

function watchUpdates() {
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", () => showApp());
  });
  showApp();
}

/** An earlier visit's worker is there at once; registering waits for the server where an update is being looked for. */
async function register(workers) {
  const options = { type: "module", scope: settings.page, updateViaCache: settings.named ? "imports" : "none" };
  return (await workers.getRegistration(settings.page)) || workers.register(settings.worker, options);
}

/**
 * Keeps the app on the phone. `changed` is called when what canSendAlone() says may have changed.
 * Resolves when the app opens without a network; never in browsers that can't.
 */
export async function keepApp(changed) {
  const workers = navigator.serviceWorker;
  registration = workers && (await register(workers));
  if (!registration) return;
  watchUpdates();
  changed();
  await workers.ready;
  if (!workers.controller) await new Promise((resolve) => workers.addEventListener("controllerchange", resolve, { once: true }));
  document.body.dataset.offlineReady = settings.version;
  changed();
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offered = event;
  showApp();
});
addEventListener("appinstalled", () => {
  offered = null;
  showApp();
});
// What still waits when the page goes is sent by the worker, as long as the browser lets it live.
addEventListener("pagehide", () => navigator.serviceWorker?.controller?.postMessage("send"));
$("app-install").addEventListener("click", install);
