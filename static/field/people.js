// People to call, words for the walk, the team, and how this phone shows the page.

import { $, chips, el, icon } from "./dom.js";
import { settings } from "./settings.js";
import { go, here, light } from "./shell.js";
import { said, t, time } from "./words.js";

function callLine({ kind, name, phone }) {
  const role = t(`call_${kind}`);
  const title = said(name) || role;
  const more = [title === role ? "" : role, phone].filter(Boolean).join(" · ");
  return el(
    "li",
    {},
    el("a", { class: `btn btn-l btn-wide${kind === "emergency" ? " btn-danger" : ""}`, href: `tel:${phone}` }, icon("phone"), [
      el("span", { class: "grow" }, el("b", {}, title), el("small", {}, more)),
    ]),
  );
}

export function show() {
  const { pack } = here.walk;
  const emergency = { kind: "emergency", name: "", phone: pack?.coalition?.emergency_number || settings.emergency };
  const people = (pack?.call || []).filter((one) => one.phone);
  const all = people.some((one) => one.kind === "emergency") ? people : [emergency, ...people];
  $("calls").replaceChildren(...all.map(callLine));
  $("safety").textContent = said(pack?.safety);
  $("safety-part").hidden = !said(pack?.safety);
  const zone = pack?.walk.time_zone;
  const at = (name) => time(pack.walk[name], zone);
  $("times").textContent = pack ? t("times", { meet: at("meet_at"), off: at("step_off_at"), end: at("end_at") }) : "";
  $("change-team").hidden = !pack?.teams?.length;
  $("change-team").onclick = () => go("crew");
  const options = [["", t("look_auto")], ["light", t("look_light")], ["dark", t("look_dark")]];
  $("theme").replaceChildren(
    chips({ name: "theme", legend: t("look_title"), options, chosen: [light()], change: ([theme]) => light(theme) }),
  );
}
