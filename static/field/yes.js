// "They want help": the words that are read out, to what they said yes, and how to reach them. What is filled in here
// is on this page alone until "Save": nothing of it is kept where somebody changes their mind.

import { cardPart } from "./card.js";
import { chips, el, say } from "./dom.js";
import { button, tap } from "./parts.js";
import { currentLanguage, t } from "./words.js";

const LANGUAGES = [["en", "English"], ["es", "Español"]];
const SCOPES = ["call_me", "named", "need_only", "nothing"];
const HOWS = ["spoken", "ticked", "signed"];
const NOBODY = { name: "", phone: "", email: "", wants_mail: false, best_time: "", note: "" };
const FRESH = { scope: "", how: "", organization: null, taken: false, ...NOBODY };

const words = (prefix, codes) => codes.map((code) => [code, t(`${prefix}_${code}`)]);

/** What is still missing, as the key of its words, or "". */
function lacking(needs, { scope, how, organization, phone, email }) {
  if (!needs.length) return "talk_needs";
  if (!scope) return "yes_scope";
  if (!how) return "yes_how";
  if (scope === "named" && !organization) return "yes_org";
  return scope === "call_me" && !phone && !email ? "yes_phone" : "";
}

/** `needsNow()` answers the needs chosen by then; `save({consent, card})` keeps it, `close()` forgets it. */
export function yesPart({ body, pack, needsNow, save, close }) {
  const { version, text, organizations } = pack.help;
  const said = { ...FRESH, language: currentLanguage(), ...body.consent };
  let card = body.card || "";

  const spoken = el("blockquote", { class: "note" });
  const one = (name, legend, options, after) =>
    chips({
      name: `yes-${name}`,
      legend: t(legend),
      options,
      chosen: [said[name]],
      change: ([value]) => {
        said[name] = value;
        after?.();
      },
    });
  const type = (name) => ({ target }) => {
    said[name] = target.value.trim();
    draw();
  };
  const line = (name, { tag = "input", ...more } = {}) =>
    el(
      "div",
      { class: "part" },
      el("label", { for: `yes-${name}` }, t(`yes_${name}`)),
      el(tag, { id: `yes-${name}`, class: "input", value: said[name], maxlength: 120, autocomplete: "off", oninput: type(name), ...more }),
    );
  const tick = (name, legend, words) =>
    chips({ name: `yes-${name}`, legend: t(legend), options: [["yes", t(words)]], chosen: said[name] ? ["yes"] : [], many: true, change: ([yes]) => (said[name] = Boolean(yes)) });
  const called = ({ id, name, walled }) => el("option", { value: id }, walled ? `${name} (${t("yes_walled")})` : name);
  const select = el("select", { id: "yes-org", class: "input", onchange: () => (said.organization = select.value || null) }, el("option", { value: "" }, "—"), organizations.map(called));
  select.value = said.organization || "";
  const whom = el(
    "div",
    { class: "part stack" },
    el("label", { for: "yes-org" }, t("yes_org")),
    select,
    tick("taken", "yes_here", "yes_taken"),
  );
  const email = line("email", { type: "email", maxlength: 254, pattern: ".+@.+[.].+" });
  const news = tick("wants_mail", "yes_news", "yes_wants_mail");
  const own = line("note", { tag: "textarea", rows: 3, maxlength: 500 });
  const who = el("div", { class: "stack" }, line("name"), line("phone", { type: "tel", maxlength: 40 }), email, news, line("best_time"), own);
  const draw = () => {
    spoken.textContent = text[said.language] || text.en;
    spoken.lang = said.language;
    whom.hidden = said.scope !== "named";
    who.hidden = said.scope !== "named" && said.scope !== "call_me";
    news.hidden = !said.email;
  };
  draw();

  const done = () => {
    const lack = lacking(needsNow(), said);
    if (lack) return say(t("yes_lacks", { what: t(lack) }), { bad: true });
    if (!who.hidden && !email.lastChild.checkValidity()) return say(t("yes_email_wrong"), { bad: true });
    const named = whom.hidden ? { organization: null, taken: false } : {};
    const mail = news.hidden ? { wants_mail: false } : {};
    return save({ consent: { ...said, ...mail, ...(who.hidden && NOBODY), ...named, wording_version: version }, card });
  };
  const scopes = SCOPES.filter((code) => code !== "named" || organizations.length);
  return el(
    "section",
    { class: "yes stack", "aria-labelledby": "yes-title" },
    el("h2", { id: "yes-title", tabindex: "-1" }, t("yes_read")),
    one("language", "yes_language", LANGUAGES, draw),
    spoken,
    one("scope", "yes_scope", words("scope", scopes), draw),
    whom,
    who,
    one("how", "yes_how", words("how", HOWS)),
    cardPart(card, (typed) => (card = typed)),
    el("p", { class: "hint" }, t("yes_forgets")),
    button({ class: "btn-l btn-wide btn-go", id: "yes-save", onclick: tap(done) }, t("yes_save")),
    button({ class: "btn-wide", onclick: tap(close) }, t("close")),
  );
}
