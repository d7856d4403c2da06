// A better fix within half a minute of the tap improves what was just saved, until somebody chooses the place.

import { say } from "./dom.js";
import { asFix, asPosition, best, isElsewhere, onPlace } from "./place.js";
import { change } from "./records.js";
import { t } from "./words.js";

const IMPROVE = 30000;
const young = new Map(); // id → until when, on a clock that is never set

/** Lets better fixes improve this record for half a minute, on whatever screen. */
export function improveLater(id) {
  young.set(id, performance.now() + IMPROVE);
}

/** What a fix makes of a record: its new place, or null where it must stay as it is. */
export function improved({ place_chosen: isChosen, deleted, body }, fix) {
  const had = body.position;
  if (isChosen || deleted || (had && had.source !== "gps")) return null;
  if (had && (had.accuracy_m <= fix.accuracy_m || isElsewhere(had, fix))) return null;
  return { position: asPosition(fix), fix: asFix(fix) };
}

/** Decided inside the transaction: another tab may have chosen a place a moment ago. */
async function improve() {
  for (const [id, until] of young) {
    const fix = best();
    if (performance.now() > until) young.delete(id);
    else if (fix) await change(id, (row) => improved(row, fix));
  }
}

onPlace(() => improve().catch(() => say(t("not_saved"), { bad: true })));
