// Head count by age band: one record of this phone and day; every step is kept as its newer state.

import { $, el, icon } from "./dom.js";
import { button, heading, keep, savedLine, screenOf, stepper, takenBack, tap, tell } from "./parts.js";
import { add, change, localTime, onChange, recordsOf, stateOf } from "./records.js";
import { go, here } from "./shell.js";
import { labels } from "./titles.js";
import { t } from "./words.js";

let open = null; // today's record, once there is one
let counts = {};
let before = []; // earlier counts of this visit, for undo
let line = Promise.resolve(); // one write after the other: a quick thumb makes one record
const fields = new Map();

const isToday = ({ made_at: at }) => new Date(at).toDateString() === new Date().toDateString();
const todays = (records) => records.find((one) => one.kind === "headcount" && stateOf(one) !== "closed" && isToday(one));
const total = () => Object.values(counts).reduce((sum, n) => sum + n, 0);

async function write(body) {
  const kept = await keep(() => (open ? change(open.id, body) : add({ kind: "headcount", walk: here.walk.id, body })));
  if (kept) open = kept;
  drawState();
}

function save() {
  const body = { counted_at: localTime(), counts: { ...counts } };
  $("count-total").textContent = total();
  line = line.then(() => write(body));
  return line;
}

function step(band, n) {
  if (n === (counts[band] || 0)) return undefined;
  before.push({ ...counts });
  counts = { ...counts, [band]: n };
  return save();
}

async function undo() {
  await line;
  if (before.length) {
    counts = before.pop();
    for (const [band, field] of fields) field.put(counts[band] || 0);
    await save();
  } else if (open && (await takenBack(open.id))) {
    open = null;
    draw();
  }
}

function drawState() {
  $("count-undo").disabled = !open;
  if (!open) return tell("count-said", el("p", { class: "quiet" }, t("count_empty")));
  return tell("count-said", savedLine(open, here.walk.pack?.walk.time_zone, `${total()} ${t("count_total")}`));
}

function row([band, given]) {
  const label = band === "unknown" ? t("age_unknown") : given; // heads aren't asked what they would rather say
  const made = stepper({ id: `count-${band}`, label, value: counts[band] || 0, change: (n) => step(band, n) });
  fields.set(band, made);
  return made.box;
}

function draw() {
  fields.clear();
  counts = { ...open?.body.counts };
  before = [];
  screenOf("count").replaceChildren(
    el("div", { id: "count-said", role: "status" }),
    el(
      "div",
      { class: "body" },
      heading(t("count_title"), "people"),
      el("p", { class: "hint" }, t("count_hint")),
      el("div", { class: "steppers" }, labels(here.walk.pack, "age_bands").map(row)),
      el("p", { class: "total" }, el("b", { id: "count-total" }, total()), ` ${t("count_total")}`),
    ),
    el(
      "div",
      { class: "bar bar-2" },
      button({ class: "btn-l", id: "count-undo", onclick: tap(undo) }, icon("undo"), t("undo")),
      button({ class: "btn-l btn-go", id: "count-done", onclick: () => go("people") }, t("done")),
    ),
  );
  drawState();
}

async function refresh() {
  if (here.screen !== "count" || !open) return;
  open = todays(await recordsOf(here.walk.id)) || open;
  drawState();
}

onChange(() => refresh().catch(() => {}));

export async function show() {
  open = todays(await recordsOf(here.walk.id)) || null;
  draw();
  return () => line;
}
