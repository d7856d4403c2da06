// The kinds of records a phone keeps and sends: where each goes and what belongs to its body.
// `secret`: parts of the body that leave the phone as soon as the server has them.

export const KINDS = {
  concern: { path: "concerns", photos: true, answers: true, needsPlace: true },
  look: { path: "looks", photos: true },
  pass: { path: "passes" },
  headcount: { path: "headcounts" },
  incident: { path: "incidents", urgent: true },
  team_back: { path: "team-backs", urgent: true },
  contact: { path: "contacts", secret: ["position", "needs", "consent", "note", "card", "landmark", "do_not_visit"] },
};

/** The walk that isn't one: what is noted for practice is kept under this id and never sent. */
export const PRACTICE = "practice";

/** The row without what must not stay on the phone once the server has it. `asked`: help was asked for with it. */
export function reduced(row) {
  const { secret } = KINDS[row.kind];
  if (!secret) return row;
  const body = Object.fromEntries(Object.entries(row.body).filter(([key]) => !secret.includes(key)));
  return { ...row, body, reduced: true, asked: row.asked || Boolean(row.body.consent) };
}

export const isUrgent = ({ kind, body }) => Boolean(KINDS[kind]?.urgent || body?.danger_now);
