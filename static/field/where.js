// "Where is it?": how good the position is, the nearest addresses and corners, an address in words, the pin, the side.

import { crossStreets, faceOfNumber, nearestAddresses, nearestCorners, nearestFace, ofKind } from "./blocks.js";
import { chips, el, icon, keepTyped, typed } from "./dom.js";
import { GOOD_M, place, position } from "./place.js";
import { change } from "./records.js";
import { go, here } from "./shell.js";
import { gpsChip, placeWords, quality } from "./spot.js";
import { said, t } from "./words.js";

const mapOfWalk = () => here.walk.pack?.map;

/** Addresses and corners to tap: [{name, label, lat, lon, segment, side}]. Without a position: every corner. */
function candidates(at) {
  const map = mapOfWalk();
  const corners = at ? nearestCorners(at, map) : crossStreets(map);
  const avenue = here.walk.pack?.walk.corridor || "";
  const asChoice = (corner) => ({
    ...corner,
    name: [avenue, corner.name].filter(Boolean).join(" & "),
    label: t("corner_of", { street: corner.name }),
    segment: null,
    side: null,
  });
  return [...(at ? nearestAddresses(at, map) : []), ...corners.map(asChoice)];
}

/** A good GPS position stays beside a chosen address; a rough one or none gives way to the address's own point. */
function pointOf(choice, had) {
  if (had && had.source === "gps" && had.accuracy_m <= GOOD_M) return had;
  return { lat: choice.lat, lon: choice.lon, accuracy_m: null, source: "address" };
}

async function choose(record, choice) {
  const { name: address, segment = null, side = null } = choice;
  const body = { address, segment, side, position: pointOf(choice, record.body.position) };
  return change(record.id, body, { place_chosen: true });
}

async function typeAddress(record, address) {
  const face = faceOfNumber(address, mapOfWalk());
  const body = { address, segment: face?.segment.properties.id || null, side: face?.side || null };
  return change(record.id, body, { place_chosen: Boolean(address) });
}

async function backToGps(record) {
  return change(record.id, { position: position(), address: "", segment: null, side: null }, { place_chosen: false });
}

function nearest(record, update) {
  const choices = candidates(record.body.position);
  if (!choices.length) return null;
  const row = el("div", { class: "pick" });
  choices.forEach((choice, i) => {
    const input = el("input", { type: "radio", name: "near", value: i, checked: choice.name === record.body.address });
    input.addEventListener("change", async () => update(await choose(record, choice)));
    row.append(el("label", {}, input, el("span", {}, choice.label || choice.name)));
  });
  return row;
}

function addressField(record, update) {
  const field = typed({
    id: "address",
    label: t("address"),
    hint: t("address_hint"),
    value: record.body.address,
    maxlength: 200,
    autocomplete: "off",
    save: async (address) => update(await typeAddress(record, address), { quiet: true }),
  });
  const isOpen = record.body.address || !record.body.position;
  field.hidden = !isOpen;
  return field;
}

function buttons(record, field, update) {
  const other = el("button", { type: "button", class: "btn", "aria-expanded": String(!field.hidden) }, t("other_address"));
  other.addEventListener("click", () => {
    field.hidden = false;
    other.setAttribute("aria-expanded", "true");
    field.querySelector("input").focus();
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
  const map = mapOfWalk();
  const known = body.segment && ofKind(map, "segment").find(({ properties }) => properties.id === body.segment);
  if (known) return { segment: known, side: body.side };
  return body.position && nearestFace(body.position, map);
}

function sides(record, update) {
  const face = faceOf(record);
  if (!face?.segment.properties.sides) return null;
  const names = face.segment.properties.sides;
  const options = ["left", "right"].map((side) => [side, said(names[side])]);
  const segment = face.segment.properties.id;
  return chips({
    name: "side",
    legend: t("side"),
    options,
    chosen: [record.body.side || face.side],
    change: async ([side]) => update(await change(record.id, { side, segment }), { quiet: true }),
  });
}

function summary(record) {
  const face = faceOf(record);
  const place_words = face ? placeWords({ ...face, side: record.body.side || face.side }) : "";
  const plate = place_words && el("span", { class: "plate" }, place_words);
  const nowhere = !record.body.position && !record.body.address;
  return el(
    "div",
    { class: "where-now" },
    nowhere ? el("p", { class: "gps gps-so" }, icon("warning"), t("no_place_yet")) : [plate, gpsChip(quality(record.body.position))],
  );
}

/** The part of the sheet. `update(record, {quiet})` hands on what was saved; not quiet: this part is drawn again. */
export function wherePart(record, update) {
  const field = addressField(record, update);
  const row = nearest(record, update);
  return el(
    "div",
    { class: "stack", id: "where" },
    el(
      "fieldset",
      { class: "part" },
      el("legend", {}, t("where")),
      summary(record),
      row && !quality(record.body.position).good && el("p", { class: "hint" }, t("tap_nearest")),
      row,
    ),
    field,
    buttons(record, field, update),
    sides(record, update),
  );
}
