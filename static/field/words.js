// The app's sentences. The page brings one language; the other is fetched once and kept, so that switching needs no signal.

import { settings } from "./settings.js";
import { get, set } from "./store.js";

let words = settings.words;
let language = settings.language;

/** The sentence for a key, with {name} filled in. */
export function t(key, fill = {}) {
  return (words[key] || key).replace(/\{(\w+)\}/g, (hole, name) => fill[name] ?? hole);
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
  if (settings.units === "metres") return t("metres", { n: Math.round(metres) });
  return t("feet", { n: Math.round(metres / 0.3048) });
}

async function load(wanted) {
  const kept = await get("meta", `words-${wanted}`);
  if (kept?.version === settings.version) return kept.words;
  const answer = await fetch(settings.wordsUrls[wanted], { credentials: "omit" });
  const body = await answer.json();
  if (!answer.ok || body.saferoutes !== 1) throw new Error("words");
  await set("meta", { version: settings.version, words: body.words }, `words-${wanted}`);
  return body.words;
}

/** Fetches the other language while there is signal. */
export async function keepOtherLanguage() {
  await set("meta", { version: settings.version, words: settings.words }, `words-${settings.language}`);
  await load(otherLanguage()).catch(() => null);
}

/** Puts the page into another language; throws where it can't be had. */
export async function switchLanguage(wanted) {
  words = await load(wanted);
  language = wanted;
  settings.language = wanted;
  document.documentElement.lang = wanted;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${settings.languageCookie}=${wanted};path=/;max-age=31536000;samesite=lax${secure}`;
  for (const part of document.querySelectorAll("[data-t]")) part.textContent = t(part.dataset.t);
  for (const part of document.querySelectorAll("[data-t-label]")) part.setAttribute("aria-label", t(part.dataset.tLabel));
  document.title = t("app");
}
