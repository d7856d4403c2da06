// What a kept record is called: a symbol, a title and where it opens. Pure: no page, no storage.

import { ofKind } from "./blocks.js";
import { placeWords } from "./spot.js";
import { said, t } from "./words.js";

// The labels that a pack brings, and the words that stand in until it comes: [prefix of the words, codes].
const USUAL = {
  incident_kinds: ["incident", ["hurt", "threat", "lost", "stuck", "other"]],
  contact_kinds: ["contact", ["business", "resident", "passer_by", "door"]],
  contact_results: [
    "result",
    ["talked", "left_material", "no_one", "declined", "language", "closed", "inaccessible"],
  ],
  age_bands: ["age", ["under_13", "13_17", "18_24", "25_34", "35_54", "55_64", "65_plus", "unknown"]],
  ratings: ["rating", ["light", "feeling"]],
  needs: ["need", []],
};

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** [[code, words]] of one list of the pack ("needs", "ratings", …), each beginning with a capital letter. */
export function labels(pack, name) {
  const given = pack?.labels?.[name];
  if (given?.length) return given.map(({ code, label }) => [code, capital(said(label) || code)]);
  const [prefix, codes] = USUAL[name];
  return codes.map((code) => [code, capital(t(`${prefix}_${code}`))]);
}

export function labelOf(pack, name, code) {
  return labels(pack, name).find(([one]) => one === code)?.[1] || code;
}

/** "3500 block, north side" of a record that names a block, or "". */
export function blockWords(pack, { segment, side }) {
  const found = segment && ofKind(pack?.map, "segment").find(({ properties }) => properties.id === segment);
  return found ? placeWords({ segment: found, side }) : "";
}

const kindOf = (pack, code) => (pack?.categories || []).find((one) => one.code === code);

function concern({ id, body }, pack) {
  const kind = kindOf(pack, body.category);
  return { symbol: kind?.group || "other", title: said(kind?.name) || body.category, more: body.address, href: `#c=${id}` };
}

function look({ body }, pack) {
  const item = pack?.looks?.find((one) => one.id === body.concern);
  const kind = kindOf(pack, item?.category);
  const title = [said(kind?.name), t(`look_${body.result}`)].filter(Boolean).join(": ");
  return { symbol: kind?.group || "eye", title, more: item?.address || said(item?.place), href: "#again" };
}

const pass = ({ body }, pack) => ({
  symbol: "blocks",
  title: blockWords(pack, body) || t("walked_title"),
  more: t(`walked_${body.lit}`),
  href: `#walked=${body.segment}`,
});

function headcount({ body }) {
  const n = Object.values(body.counts).reduce((sum, one) => sum + one, 0);
  return { symbol: "people", title: `${t("count_title")}: ${n}`, more: "", href: "#count" };
}

const incident = ({ id, body }, pack) => ({
  symbol: "warning",
  title: `${t("help_title")}: ${labelOf(pack, "incident_kinds", body.kind)}`,
  more: body.place,
  href: `#help=${id}`,
});

const backWords = ({ n_back: n, n_out: max }) => (n === max ? t("back_all", { n }) : t("back_some", { n, max }));

const team_back = ({ body }) => ({ symbol: "people", title: backWords(body), more: body.note, href: "#back" });

const contact = ({ id, body, asked }, pack) => ({
  symbol: "speech",
  title: asked || body.consent ? t("yes_asked") : labelOf(pack, "contact_results", body.result),
  more: labelOf(pack, "contact_kinds", body.kind),
  href: `#talk=${id}`,
});

const ABOUT = { concern, look, pass, headcount, incident, team_back, contact };

/** {symbol, title, more, href} of any record; `more` may be "". */
export const about = (record, pack) => ABOUT[record.kind](record, pack);
