// Which shop it is, and how it wants to be visited: whether at all comes before anything else.

import { metresBetween } from "./blocks.js";
import { chips, el, icon } from "./dom.js";
import { labelOf } from "./titles.js";
import { currentLanguage, t } from "./words.js";

const NEAREST = 15;

const nearest = (shops, at) => (at ? [...shops].sort((a, b) => metresBetween(at, a) - metresBetween(at, b)).slice(0, NEAREST) : shops);

const nameOf = (language) => new Intl.DisplayNames(currentLanguage(), { type: "language" }).of(language);

function facts(pack, { do_not_visit, hours, language, best_time, call_back_on, last_on, last, answer }) {
  const lines = [
    hours,
    language && t("shop_language", { language: nameOf(language) }),
    best_time && t("shop_best", { time: best_time }),
    last && t("shop_last", { day: last_on, result: labelOf(pack, "contact_results", last) }),
    call_back_on && t("shop_call", { day: call_back_on }),
    answer && t("shop_tell", { answer }),
  ];
  return [
    do_not_visit && el("p", { class: "note note-danger shop-off", role: "alert" }, icon("warning"), el("b", {}, t("shop_off"))),
    el("ul", {}, lines.filter(Boolean).map((line) => el("li", {}, line))),
  ];
}

/** `chosen` is {landmark, do_not_visit}; `change` gets what of it is new. */
export function shopPart(pack, at, chosen, change) {
  const shops = pack?.shops || [];
  if (!shops.length) return null;
  const shown = el("div", {});
  const draw = () => {
    const shop = shops.find(({ id }) => id === chosen.landmark);
    const wish = () =>
      chips({
        name: "no-visit",
        legend: shop.name,
        options: [["yes", t("shop_no_visit")]],
        chosen: chosen.do_not_visit ? ["yes"] : [],
        many: true,
        change: ([yes]) => change({ do_not_visit: Boolean(yes) }),
      });
    shown.replaceChildren(...(shop ? [...facts(pack, shop), wish()].filter(Boolean) : []));
  };
  const select = el("select", { id: "shop", class: "input" }, el("option", { value: "" }, "—"));
  const rows = nearest(shops, at);
  const kept = shops.find(({ id }) => id === chosen.landmark);
  if (kept && !rows.includes(kept)) rows.push(kept);
  for (const { id, name, do_not_visit } of rows) {
    select.append(el("option", { value: id }, do_not_visit ? `${name}: ${t("shop_off")}` : name));
  }
  select.value = chosen.landmark || "";
  select.onchange = () => {
    chosen = { landmark: select.value || null, do_not_visit: false };
    change(chosen);
    draw();
  };
  draw();
  return el("div", { class: "part" }, el("label", { for: "shop" }, t("shop")), select, shown);
}
