// What the phone keeps as one file: a page that anybody can read, its photos inside, and the records as data for a program.
// Nothing in it runs: every text is escaped, and the page itself forbids scripts.

import { PRACTICE } from "./kinds.js";
import { bodyOf, pathOf, photoState } from "./records.js";
import { here } from "./shell.js";
import { all, get } from "./store.js";
import { about } from "./titles.js";
import { currentLanguage, day, t, time } from "./words.js";

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const escaped = (text) => String(text ?? "").replace(/[&<>"']/g, (one) => ENTITIES[one]);

/** JSON that can stand inside a page: no text in it ends the element or the line. */
export const dataText = (value) =>
  JSON.stringify(value, null, 1).replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;color:#1b1d22;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:0}article{border-top:1px solid #999;padding:1rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.5rem 0}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
img{max-width:100%;height:auto;display:block;margin:.5rem 0}
@media(prefers-color-scheme:dark){body{color:#eee;background:#15171b}dt{color:#aaa}}`;

function dataUrl(bytes, type) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(new Blob([bytes], { type }));
  });
}

/** A kept type, or one under which no browser runs anything. */
const safeType = (type) => (/^image\/(jpeg|png|webp|gif|avif|heic|heif)$/.test(type) ? type : "application/octet-stream");

async function picture(record, id, i) {
  const photo = await get("photos", id);
  const n = i + 1;
  const { words } = record.photo_states?.[id] || {};
  const state = t(`file_photo_${photoState(record, id)}`, { n, why: words || "" });
  if (!photo?.bytes) return `<p>${escaped(state)}</p>`;
  const type = safeType(photo.type);
  const url = await dataUrl(photo.bytes, type);
  const name = `photo-${n}.${type.split("/")[1]}`;
  return `<p>${escaped(state)} <a download="${escaped(name)}" href="${escaped(url)}">${escaped(name)}</a></p>
<img alt="${escaped(t("photo_n", { n }))}" src="${escaped(url)}">`;
}

const isSaid = (value) => value !== "" && value !== null && value !== undefined && value !== false && !(Array.isArray(value) && !value.length);
const asText = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** The body line by line, in the names that the server uses: exact rather than pretty. */
function lines(record) {
  const { walk, deleted, photos, rev, ...body } = bodyOf(record);
  const answers = Object.entries(body.answers || {});
  const rest = Object.entries(body).filter(([name, value]) => name !== "answers" && isSaid(value));
  return [...rest, ...answers].map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(asText(value))}</dd>`).join("\n");
}

async function article(record, pack) {
  const { title, more } = about(record, pack);
  const zone = pack?.walk?.time_zone;
  const when = `${day(record.made_at, zone)}, ${time(record.made_at, zone)}`;
  const refused = record.words && `<p><b>${escaped(t("answer_refused", { why: record.words }))}</b></p>`;
  const undone = record.deleted ? `<p><b>${escaped(t("undone"))}</b></p>` : "";
  const pictures = [];
  for (const [i, id] of record.photos.entries()) pictures.push(await picture(record, id, i));
  return `<article>
<h2>${escaped(title)}</h2>
<p>${escaped([when, more, t(`state_${record.state}`)].filter(Boolean).join(" · "))}</p>
${refused || ""}${undone}
<dl>
${lines(record)}
</dl>
${pictures.join("\n")}
</article>
`;
}

/** What a program needs to send it by hand: the call, its body, and which picture of the page is which photo. */
const asData = (record) => ({
  kind: record.kind,
  path: pathOf(record),
  body: bodyOf(record),
  made_at: new Date(record.made_at).toISOString(),
  state: record.state,
  refused: record.errors || [],
});

/** The page as parts of a Blob, so that many photos never make one giant string. */
export async function pageParts(records, packOf) {
  const title = t("file_title", { n: records.length });
  const csp = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  const head = `<!DOCTYPE html>
<html lang="${escaped(currentLanguage())}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${escaped(t("file_lead"))}</p>
`;
  const parts = [head];
  for (const record of records) parts.push(new Blob([await article(record, packOf(record.walk))]));
  parts.push(`<script type="application/json" id="records">${dataText(records.map(asData))}</script>\n</body>\n</html>\n`);
  return parts;
}

export function fileName(n, date = new Date()) {
  const two = (number) => String(number).padStart(2, "0");
  const on = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `safe-routes-${on}-${two(date.getHours())}${two(date.getMinutes())}-${n}.html`;
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** Hands these records to the browser as one file; resolves with its name. Practice leaves no file. */
export async function saveFile(records) {
  const real = records.filter((one) => one.walk !== PRACTICE).sort((a, b) => a.made_at - b.made_at);
  const packs = new Map((await all("walks")).map((walk) => [walk.id, walk.pack]));
  const parts = await pageParts(real, (walk) => packs.get(walk) || here.walk?.pack);
  const name = fileName(real.length);
  download(new Blob(parts, { type: "text/html" }), name);
  return name;
}
