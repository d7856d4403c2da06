// The app's sentences. The page brings one language; the other is fetched once and kept, so that switching needs no signal.

import { settings } from "./settings.js";
import { get, set } from "./store.js";

const PATIENCE = 5000;
const written = settings.language; // the language of the page itself
let words = settings.words;
let language = written;
let brought = {};

/** The sentence for a key, with {name} filled in. */
export function t(key, fill = {}) {
  return (words[key] || said(brought[key]) || key).replace(/\{(\w+)\}/g, (hole, name) => fill[name] ?? hole);
}

/** Sentences that a walk's data brings, {key: {en, es}}: the page needn't carry what nobody can use without it. */
export function learn(texts) {
  brought = texts || {};
}

/** The text of data in the chosen language: {"en": "Light", "es": "Luz"}, or a plain string. */
export function said(texts) {
  if (!texts || typeof texts === "string") return texts || "";
  return texts[language] || texts.en || "";
}

export const currentLanguage = () => language;
export const otherLanguage = () => (language === "es" ? "en" : "es");

export function time(iso, zone) {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", timeZone: zone }).format(new Date(iso));
}

export function day(iso, zone) {
  const parts = { weekday: "short", day: "numeric", month: "short", timeZone: zone };
  return new Intl.DateTimeFormat(language, parts).format(new Date(iso));
}

/** Metres in the words people here use. */
export function distance(metres) {
  if (settings.units === "metres") {
    return metres < 1000 ? t("metres", { n: Math.round(metres) }) : t("kilometres", { n: (metres / 1000).toFixed(1) });
  }
  const feet = Math.round(metres / 0.3048);
  return feet < 1000 ? t("feet", { n: feet }) : t("miles", { n: (metres / 1609.344).toFixed(1) });
}

async function ask(wanted) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  try {
    const answer = await fetch(settings.wordsUrls[wanted], { credentials: "omit", signal: abort.signal });
    const body = await answer.json();
    if (!answer.ok || body.saferoutes !== 1) throw new Error("words");
    return body;
  } finally {
    clearTimeout(timer);
  }
}

async function load(wanted) {
  if (wanted === written) return settings.words;
  const kept = await get("meta", `words-${wanted}`);
  if (kept?.version === settings.version) return kept.words;
  const { version, words: fresh } = await ask(wanted);
  await set("meta", { version, words: fresh }, `words-${wanted}`);
  return fresh;
}

/** Fetches the language that the page doesn't bring, while there is signal. */
export async function keepOtherLanguage() {
  for (const code of Object.keys(settings.wordsUrls)) await load(code).catch(() => null);
}

/** The language that somebody chose earlier: the page that a phone keeps may be written in another one. */
export async function restoreLanguage(kept) {
  const asked = new URLSearchParams(location.search).get("lang");
  const cookie = document.cookie.match(new RegExp(`(?:^|; )${settings.languageCookie}=(\\w+)`))?.[1];
  const chosen = [asked, cookie, kept].find((code) => code in settings.wordsUrls) || written;
  if (chosen !== language) await switchLanguage(chosen);
  else await set("meta", language, "language"); // the worker asks in it, too
}

/** Puts the page into another language; throws where it can't be had. */
export async function switchLanguage(wanted) {
  words = await load(wanted);
  language = wanted;
  settings.language = wanted;
  await set("meta", wanted, "language");
  document.documentElement.lang = wanted;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${settings.languageCookie}=${wanted};path=/;max-age=31536000;samesite=lax${secure}`;
  for (const part of document.querySelectorAll("[data-t]")) part.textContent = t(part.dataset.t);
  for (const part of document.querySelectorAll("[data-t-label]")) part.setAttribute("aria-label", t(part.dataset.tLabel));
  document.title = t("app");
}
