// Picks one point: by click or tap, or with the crosshair, arrow keys and Enter. The value is a GeoJSON Point.

import { createMap, drawFeatures, element } from "./map-kit.js";

const L = window.L;

function read(input) {
  try {
    const { coordinates } = JSON.parse(input.value);
    return L.latLng(coordinates[1], coordinates[0]);
  } catch {
    const [lat, lng] = input.value.split(",").map(Number);
    return Number.isFinite(lat) && Number.isFinite(lng) ? L.latLng(lat, lng) : null;
  }
}

function write(input, at) {
  const coordinates = [Number(at.lng.toFixed(6)), Number(at.lat.toFixed(6))];
  input.value = JSON.stringify({ type: "Point", coordinates });
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function pinIcon() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 30 40");
  svg.setAttribute("class", "pin");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M15 38C8 28 3 21 3 14a12 12 0 0 1 24 0c0 7-5 14-12 24Z");
  const hole = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  hole.setAttribute("cx", 15);
  hole.setAttribute("cy", 14);
  hole.setAttribute("r", 4);
  svg.append(path, hole);
  return L.divIcon({ className: "map-pin", html: svg, iconSize: [30, 40], iconAnchor: [15, 38] });
}

function start(holder) {
  const input = holder.querySelector("[data-pick-raw] textarea, [data-pick-raw] input");
  const container = holder.querySelector("[data-pick-map]");
  const says = holder.querySelector("[data-pick-says]");
  const settings = JSON.parse(document.getElementById(`${container.id}-settings`).textContent);
  const data = document.getElementById(`${container.id}-data`);
  container.hidden = false;
  holder.querySelector("[data-pick-raw]").hidden = true;
  const map = createMap(container, settings);
  container.classList.add("map-picking");
  container.append(element("div", "crosshair"));
  drawFeatures(map, data ? JSON.parse(data.textContent) : [], settings);

  let pin = null;
  const tell = (at) => {
    says.textContent = settings.words.picked.replace("%(lat)s", at.lat.toFixed(5)).replace("%(lon)s", at.lng.toFixed(5));
  };
  const put = (at) => {
    if (!pin) {
      pin = L.marker(at, { icon: pinIcon(), draggable: true, keyboard: false, autoPan: true }).addTo(map);
      pin.on("dragend", () => put(pin.getLatLng()));
    }
    pin.setLatLng(at);
    write(input, at);
    tell(at);
  };
  const first = read(input);
  if (first) {
    put(first);
    map.setView(first, Math.max(map.getZoom(), 16), { animate: false });
  }
  map.on("click", (event) => put(event.latlng.wrap()));
  container.addEventListener("keydown", (event) => {
    if (event.target !== container || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    put(map.getCenter().wrap());
  });
  const button = holder.querySelector("[data-pick-here]");
  button.hidden = false;
  button.addEventListener("click", () => put(map.getCenter().wrap()));
  button.addEventListener("focus", () => container.classList.add("is-aiming"));
  button.addEventListener("blur", () => container.classList.remove("is-aiming"));
  // A place chosen elsewhere on the page (a landmark, an address) moves the pin too.
  holder.addEventListener("pick:place", (event) => {
    const at = L.latLng(event.detail.lat, event.detail.lng);
    put(at);
    map.setView(at, Math.max(map.getZoom(), 16), { animate: false });
  });
  container.dataset.ready = "yes";
}

for (const holder of document.querySelectorAll("[data-map-pick]")) start(holder);
