// "Is it one of these?" on the sheet: things to check again that may be what was just tapped. Works without signal.

import { metresBetween, nearestFace } from "./blocks.js";
import { el, icon } from "./dom.js";
import { day, said } from "./words.js";

const FAMILIES = new Set(["house", "light"]); // kinds that people mix up, as the server has them
const MOST = 3;
const BEHIND = 1000; // of what only its block speaks for

const plain = (address) => address.toLowerCase().replace(/\W+/g, " ").trim();

/** Items of the pack that may be the same as a concern: by address, by the block's side, by the distance of its kind. */
export function sameItems({ body }, pack) {
  const kindOf = (code) => pack.categories.find((one) => one.code === code);
  const kind = kindOf(body.category);
  const face = body.segment ? body : body.position && nearestFace(body.position, pack.map);
  const block = face?.segment?.properties?.id || face?.segment;
  const rank = (item) => {
    const other = kindOf(item.category);
    if (other !== kind && !(FAMILIES.has(kind.group) && other?.group === kind.group)) return Infinity;
    const isKnown = body.address && item.address;
    if (isKnown && plain(body.address) === plain(item.address)) return -1;
    if (isKnown && kind.same_by === "address") return Infinity;
    const gap = body.position && item.lat ? metresBetween(body.position, item) : Infinity;
    if (gap <= kind.same_m) return gap;
    return kind.same_by === "block" && block && item.segment === block && item.side === face.side ? BEHIND : Infinity;
  };
  const near = kind?.same_m ? pack.looks.map((item) => [rank(item), item]).filter(([far]) => far < Infinity) : [];
  return near.sort(([a], [b]) => a - b).slice(0, MOST).map(([, item]) => item);
}

/** The part of the sheet, or nothing. `yes(item)` is called after one tap. */
export function samePart(record, pack, yes) {
  const items = pack?.same && record.state === "queued" && !record.body.danger_now ? sameItems(record, pack) : [];
  if (!items.length) return null;
  const row = (item) =>
    el(
      "li",
      { class: "stack", "data-same": item.id },
      el("span", {}, el("b", {}, item.address || said(item.place)), ` ${day(item.seen_at, pack.walk.time_zone)}`, item.note && ` · ${item.note}`),
      el("button", { type: "button", class: "btn", onclick: () => yes(item) }, icon("check"), said(pack.same.yes)),
    );
  return el("section", { class: "part", id: "same" }, el("h2", { class: "legend" }, said(pack.same.ask)), el("ul", { class: "stack" }, items.map(row)));
}
