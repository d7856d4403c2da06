// The kinds of records a phone keeps and sends: where each goes and what belongs to its body.

export const KINDS = {
  concern: { path: "concerns", photos: true, answers: true, needsPlace: true },
  look: { path: "looks", photos: true },
  pass: { path: "passes" },
  headcount: { path: "headcounts" },
  incident: { path: "incidents", urgent: true },
  team_back: { path: "team-backs", urgent: true },
  contact: { path: "contacts" },
};
