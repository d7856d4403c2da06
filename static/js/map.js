// Starts every <div data-map>: draws its data, links it with its list, answers to the keyboard.

import { createMap, drawFeatures, element, legend } from "./map-kit.js";

function json(id) {
  const script = document.getElementById(id);
  return script ? JSON.parse(script.textContent) : null;
}

async function load(url) {
  const answer = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

async function collectionsOf(container) {
  const inline = [json(`${container.id}-data`) || []].flat();
  const urls = (container.dataset.urls || "").split(" ").filter(Boolean);
  return [...inline, ...(await Promise.all(urls.map(load)))];
}

function showLegend(container, sheet) {
  const box = container.parentElement.querySelector("[data-map-key]");
  if (!box || container.dataset.legend === "none" || !sheet.concerns.length) return;
  box.replaceChildren(legend(sheet));
  box.hidden = false;
  box.classList.toggle("map-key-on", container.dataset.legend === "on");
}

// "Next item" steps through what the map shows in the order of the list, says it aloud and opens its popup.
function addStepping(container, map, sheet, words) {
  const news = container.closest(".map-panel").querySelector("[data-map-news]");
  let current = -1;
  const step = (by) => {
    const all = sheet.items.length;
    if (!all) return;
    if (current >= 0) sheet.light(sheet.items[current % all].properties.id, false);
    current = (Math.max(current, by > 0 ? -1 : 0) + by + all) % all;
    const entry = sheet.items[current];
    const at = typeof entry.at === "function" ? entry.at() : entry.at;
    if (!map.getBounds().pad(-0.1).contains(at)) map.setView(at, map.getZoom(), { animate: false });
    sheet.light(entry.properties.id, true);
    entry.layer.openPopup?.();
    const { name, status, kind } = entry.properties;
    const place = words.of.replace("%(n)s", current + 1).replace("%(all)s", all);
    news.textContent = [place, name, kind === "concern" && words.statuses[status]].filter(Boolean).join(". ");
  };
  const button = element("button", "", "›");
  button.type = "button";
  button.title = words.next;
  button.setAttribute("aria-label", words.next);
  button.addEventListener("click", () => step(1));
  map.tools.append(button);
  container.addEventListener("keydown", (event) => {
    if (event.target !== container || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") step(1);
    if (event.key === "p") step(-1);
  });
}

function linkList(sheet) {
  const meant = (event) => event.target.closest?.("[data-feature]")?.dataset.feature;
  const turn = (isOn) => (event) => {
    const id = meant(event);
    if (id && sheet.byId.has(id)) sheet.light(id, isOn, "map");
  };
  document.addEventListener("pointerover", turn(true));
  document.addEventListener("pointerout", turn(false));
  document.addEventListener("focusin", turn(true));
  document.addEventListener("focusout", turn(false));
}

function followMoves(container, map, sheet) {
  const { movingUrl } = container.dataset;
  if (!movingUrl) return;
  let waiting;
  let asked = 0;
  const refresh = async () => {
    asked += 1;
    const mine = asked;
    const url = new URL(movingUrl, location.href);
    url.searchParams.set("bbox", map.getBounds().toBBoxString());
    const collection = await load(url);
    if (mine !== asked) return;
    sheet.clearConcerns();
    sheet.draw(collection);
    showLegend(container, sheet);
  };
  map.on("moveend", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => refresh().catch(console.error), 250);
  });
  refresh().catch(console.error);
}

async function start(container) {
  const settings = json(`${container.id}-settings`);
  const map = createMap(container, settings, { tiles: !("noTiles" in container.dataset) });
  let collections = [];
  try {
    collections = await collectionsOf(container);
  } catch (error) {
    console.error(error);
    container.closest(".map-panel").append(element("p", "note note-lamp", settings.words.failed));
  }
  const sheet = drawFeatures(map, collections, settings);
  showLegend(container, sheet);
  addStepping(container, map, sheet, settings.words);
  linkList(sheet);
  followMoves(container, map, sheet);
  container.dataset.ready = "yes";
  container.dispatchEvent(new CustomEvent("saferoutes:map", { bubbles: true, detail: { map, sheet, settings } }));
}

for (const container of document.querySelectorAll("[data-map]")) start(container);
