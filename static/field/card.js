// The code of a leave-behind card: typed, or read from its QR code where the browser can.

import { el, icon, say } from "./dom.js";
import { t } from "./words.js";

const CODE = /[0-9a-z]{4}([-\s]?[0-9a-z]{4}){3}(?=\W*$)/i;

/** The sixteen letters and digits at the end of what a QR code says, or "". */
export const codeIn = (text) => CODE.exec(text)?.[0] || "";

async function scan(event) {
  const picture = await createImageBitmap(event.target.files[0]);
  const [found] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
  return codeIn(found?.rawValue || "");
}

export function cardPart(value, change) {
  const field = el("input", { id: "card", class: "input letters", value, maxlength: 40, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
  field.oninput = () => change(field.value.trim());
  const read = async (event) => {
    field.value = (await scan(event).catch(() => "")) || field.value;
    if (!field.value) say(t("card_none"), { bad: true });
    change(field.value);
  };
  const camera = el("input", { class: "sr", type: "file", accept: "image/*", capture: "environment", onchange: read });
  const button = "BarcodeDetector" in globalThis && el("label", { class: "btn" }, icon("camera"), camera, t("card_scan"));
  return el("div", { class: "part" }, el("label", { for: "card" }, t("card")), field, button);
}
