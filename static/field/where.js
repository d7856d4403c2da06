// "Where is it?": how good the position is, what is near to tap, an address in words, the pin, the side.

import { besideLine, faceOfNumber, metresBetween, nearestFace, ofKind, segmentOf } from "./blocks.js";
import { chips, el, icon, keepTyped, typed } from "./dom.js";
import { allChoices, faceChoice, nearChoices } from "./near.js";
import { GOOD_M, USELESS_M, asFix, asPosition, best, place, position } from "./place.js";
import { change } from "./records.js";
import { go, here } from "./shell.js";
import { gpsChip, placeWords, quality } from "./spot.js";
import { said, t } from "./words.js";

const AT_THE_SPOT = 40; // a good fix this near to the address that was tapped is the better point of the two

const mapOfWalk = () => here.walk.pack?.map;
let lastChosen = null; // where the phone can't say: the next thing is near the one before

// --- choosing -------------------------------------------------------------------------------------------------------------

/** The raw fix as a position. Records of an earlier page may not have kept it apart. */
function measured({ body }) {
  if (body.fix) return asPosition(body.fix);
  return body.position?.source === "gps" ? body.position : null;
}

/** A good fix stays the place where it agrees with what was chosen; otherwise the chosen thing's own point is. */
function pointOf(choice, fix) {
  const isGood = fix && fix.accuracy_m <= GOOD_M;
  return isGood && agrees(fix, choice) ? fix : { lat: choice.lat, lon: choice.lon, accuracy_m: null, source: "address" };
}

function agrees(fix, choice) {
  if (!choice.isBlock) return metresBetween(fix, choice) <= AT_THE_SPOT;
  return nearestFace(fix, mapOfWalk())?.segment.properties.id === choice.segment;
}

async function choose(record, choice) {
  const { name: address, segment = null, side = null } = choice;
  lastChosen = { lat: choice.lat, lon: choice.lon };
  const body = { address, segment, side, position: pointOf(choice, measured(record)) };
  return change(record.id, body, { place_chosen: true });
}

/** Typed words: a house number finds its block face; other words leave the place where it was measured. */
async function typeAddress(record, address) {
  const face = faceOfNumber(address, mapOfWalk());
  if (face) {
    const { segment, side, share } = face;
    const at = besideLine(segment.geometry.coordinates, side || "left", share);
    return choose(record, { name: address, ...rounded(at), segment: segment.properties.id, side, isBlock: true });
  }
  const had = record.body.position;
  const isFromAddress = had?.source === "address";
  const body = { address, segment: null, side: null, position: isFromAddress ? measured(record) : had };
  return change(record.id, body, { place_chosen: Boolean(address) || had?.source === "pin" });
}

const rounded = ({ lat, lon }) => ({ lat: Math.round(lat * 1e6) / 1e6, lon: Math.round(lon * 1e6) / 1e6 });

async function backToGps(record) {
  const body = { position: position(), fix: asFix(best()), address: "", segment: null, side: null };
  return change(record.id, body, { place_chosen: false });
}

async function chooseSide(record, face, side) {
  const isBlockChosen = record.body.address && record.body.address === placeWords({ ...face, side: record.body.side });
  if (isBlockChosen) return choose(record, faceChoice(face.segment, side));
  return change(record.id, { side, segment: face.segment.properties.id }, { place_chosen: true });
}

// --- what is near -----------------------------------------------------------------------------------------------------------

/** The middle of a line of the map. */
const middleOf = (feature) => feature && besideLine(feature.geometry.coordinates, "left", 0.5, 0);

/** From where "near" is reckoned: {point, isMeasured, isGood?}. Without a usable fix: the pin, the last place, the team's blocks. */
function anchor(record) {
  const fix = measured(record);
  if (fix && fix.accuracy_m <= USELESS_M) return { point: fix, isMeasured: true, isGood: fix.accuracy_m <= GOOD_M };
  const map = mapOfWalk();
  const pin = record.body.position?.source === "pin" && record.body.position;
  const block = segmentOf(map, here.walk.pack?.team?.segments[0]) || ofKind(map, "segment")[0];
  return { point: pin || lastChosen || middleOf(block), isMeasured: false };
}

function near(record, update) {
  const { point, ...known } = anchor(record);
  const choices = point ? nearChoices(point, here.walk.pack, known) : [];
  if (!choices.length) return null;
  const row = el("div", { class: "pick", id: "near" });
  choices.forEach((choice, i) => {
    const input = el("input", { type: "radio", name: "near", value: i, checked: choice.name === record.body.address });
    input.addEventListener("change", async () => update(await choose(record, choice)));
    row.append(el("label", {}, input, el("span", {}, choice.label, choice.away && el("small", {}, choice.away))));
  });
  return row;
}

/** Everything the pack has a name for, in walking order: nobody has to type. */
function fromTheList(record, update) {
  const groups = allChoices(here.walk.pack);
  const choices = groups.flatMap(({ choices: some }) => some);
  if (!choices.length) return null;
  const select = el("select", { class: "input", "aria-label": t("from_list") }, el("option", { value: "" }, t("from_list")));
  for (const group of groups) {
    const options = group.choices.map((choice) => el("option", { value: choices.indexOf(choice) }, choice.label));
    if (options.length) select.append(el("optgroup", { label: group.label }, options));
  }
  select.addEventListener("change", async () => select.value && update(await choose(record, choices[Number(select.value)])));
  return select;
}

// --- the part ---------------------------------------------------------------------------------------------------------------

const isUseless = ({ position: at }) => !at || (at.source === "gps" && at.accuracy_m > USELESS_M);

/** A list of all names, and a line to type in: shown when asked for, or where there is no usable place. */
function otherAddress(record, update) {
  const field = typed({
    id: "address",
    label: t("address"),
    hint: t("address_hint"),
    value: record.body.address,
    maxlength: 200,
    autocomplete: "off",
    save: async (address) => update(await typeAddress(record, address), { quiet: true }),
  });
  const box = el("div", { class: "stack", id: "elsewhere" }, ...[fromTheList(record, update), field].filter(Boolean));
  box.hidden = !(record.body.address || isUseless(record.body));
  return box;
}

function buttons(record, elsewhere, update) {
  const other = el("button", { type: "button", class: "btn", "aria-expanded": String(!elsewhere.hidden), "aria-controls": "elsewhere" });
  other.textContent = t("other_address");
  other.addEventListener("click", () => {
    elsewhere.hidden = false;
    other.setAttribute("aria-expanded", "true");
    elsewhere.querySelector("input, select").focus();
  });
  const pin = el("button", { type: "button", class: "btn" }, icon("pin"), t("move_pin"));
  pin.addEventListener("click", async () => {
    await keepTyped();
    go("pin", record.id);
  });
  const gps = el("button", { type: "button", class: "btn" }, t("use_gps"));
  gps.addEventListener("click", async () => update(await backToGps(record)));
  gps.hidden = !(record.place_chosen && place.state === "on");
  return el("p", { class: "row" }, other, pin, gps);
}

function faceOf({ body }) {
  const known = segmentOf(mapOfWalk(), body.segment);
  if (known) return { segment: known, side: body.side };
  return isUseless(body) ? null : nearestFace(body.position, mapOfWalk());
}

function sides(record, update) {
  const face = faceOf(record);
  if (!face?.segment.properties.sides) return null;
  const names = face.segment.properties.sides;
  return chips({
    name: "side",
    legend: t("side"),
    options: ["left", "right"].map((side) => [side, said(names[side])]),
    chosen: [record.body.side || face.side],
    change: async ([side]) => update(await chooseSide(record, face, side), { quiet: true }),
  });
}

function summary(record) {
  const { body } = record;
  if (!body.position && !body.address) {
    return el("div", { class: "where-now" }, el("p", { class: "gps gps-so" }, icon("warning"), t("no_place_yet")));
  }
  const face = faceOf(record);
  const isOff = !face && body.position && !isUseless(body);
  const words = face ? placeWords({ ...face, side: body.side || face.side }) : isOff ? t("off_corridor") : "";
  const plate = words && el("span", { class: "plate" }, words);
  return el("div", { class: "where-now" }, ...[plate, gpsChip(quality(body.position || { source: "address" }))].filter(Boolean));
}

/** What to do about the place, in one line; "" where it is good. */
function advice(record) {
  if (record.place_chosen) return "";
  if (isUseless(record.body)) return record.body.position ? t("place_far") : "";
  return quality(record.body.position).good ? "" : t("tap_nearest");
}

/** The part of the sheet. `update(record, {quiet})` hands on what was saved; not quiet: this part is drawn again. */
export function wherePart(record, update) {
  const elsewhere = otherAddress(record, update);
  const todo = advice(record);
  const fieldset = el("fieldset", { class: "part" }, el("legend", {}, t("where")), summary(record));
  fieldset.append(...[todo && el("p", { class: "hint" }, todo), near(record, update)].filter(Boolean));
  return el(
    "div",
    { class: "stack", id: "where" },
    fieldset,
    elsewhere,
    buttons(record, elsewhere, update),
    sides(record, update),
  );
}
