// A place and the light of the hour in words, the same on every screen.

import { serverNow } from "./clock.js";
import { el, icon } from "./dom.js";
import { GOOD_M } from "./place.js";
import { distance, said, t } from "./words.js";

/** By day, at dusk, after dark: from the sun at the walk's place. */
export function litNow(pack, now = serverNow()) {
  const { sunset_at: sunset, sunrise_at: sunrise } = pack?.walk || {};
  if (!sunset) return "day";
  const dusk = 30 * 60000;
  if (now > Date.parse(sunset) + dusk || now < Date.parse(sunrise) - dusk) return "dark";
  return now > Date.parse(sunset) || now < Date.parse(sunrise) ? "dusk" : "day";
}

/** The words for how good a position is: {words, good, symbol}. */
export function quality(at) {
  if (at?.source === "pin") return { words: t("place_pin"), good: true, symbol: "pin" };
  if (at?.source === "address") return { words: t("place_address"), good: true, symbol: "pin" };
  if (!at) return { words: t("place_missing"), good: false, symbol: "warning" };
  const good = at.accuracy_m <= GOOD_M;
  const words = t(good ? "place_good" : "place_rough", { distance: distance(at.accuracy_m) });
  return { words, good, symbol: good ? "pin" : "warning" };
}

export function gpsChip({ words, good, symbol }) {
  return el("span", { class: `gps ${good ? "gps-ok" : "gps-so"}` }, icon(symbol), words);
}

/** "4700 block, north side", or that one is off the corridor. */
export function placeWords(face) {
  if (!face) return t("off_corridor");
  const { name, name_es: es, sides } = face.segment.properties;
  const block = said({ en: name, es });
  const side = said(sides?.[face.side]).replace(/ \(.*\)$/, "");
  return side ? t("block_side", { block, side }) : block;
}
