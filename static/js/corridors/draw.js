// Draws a corridor's line and names its cross streets: by mouse, touch or keys. The form's own fields hold what was drawn.

import { createMap, drawFeatures, element } from "../map-kit.js";
import { lengthOf, pointAlong, projectOn, roomiestPlace } from "./line.js";
import { readStreets, writeStreets } from "./streets.js";

const L = window.L;
const STEP = 10; // metres that a cross street moves at one press
const NEAR = 22; // pixels beside the line in which a tap still means the line
// leaflet.draw ends a line after two taps: it takes one tap for a touch and for a click (its issue 789).
L.Draw.Polyline.prototype._onTouch = L.Util.falseFn;

function json(id) {
  const script = document.getElementById(id);
  return script ? JSON.parse(script.textContent) : null;
}

function fill(words, values) {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`%(${key})s`, value), words);
}

function button(words, action, className = "btn btn-s") {
  const made = element("button", className, words);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

class Drawing {
  constructor(holder) {
    this.input = holder.querySelector("[data-line-raw] textarea");
    this.streetsInput = document.getElementById(holder.dataset.streets);
    this.container = holder.querySelector("[data-line-map]");
    this.settings = json(`${this.container.id}-settings`);
    this.words = json("drawing-words");
    this.says = holder.querySelector("[data-line-says]");
    this.tools = holder.querySelector("[data-line-tools]");
    this.list = holder.querySelector("[data-line-streets]");
    this.points = [];
    this.streets = []; // {name, block, along, at, marker}
    this.show(holder);
    this.map = createMap(this.container, this.settings);
    this.container.append(element("div", "crosshair"));
    this.sheet = drawFeatures(this.map, json(`${this.container.id}-data`) || [], this.settings);
    this.marks = L.layerGroup().addTo(this.map);
    this.listen();
    this.read();
    this.container.dataset.ready = "yes";
  }

  show(holder) {
    holder.querySelector("[data-line-raw]").hidden = true;
    this.streetsInput.closest("[data-streets-raw]").hidden = true;
    for (const part of holder.querySelectorAll("[data-line-live]")) part.hidden = false;
  }

  length(metres) {
    if (this.settings.metric) return `${Math.round(metres)} m`;
    const feet = metres * 3.28084;
    return feet < 1320 ? `${Math.round(feet / 10) * 10} ft` : `${(feet / 5280).toFixed(2)} mi`;
  }

  tell(text) {
    this.says.textContent = text;
  }

  // --- reading and writing the form's fields ---

  read() {
    try {
      const shape = JSON.parse(this.input.value);
      const line = shape.geometry || shape.features?.[0]?.geometry || shape;
      this.points = line.coordinates.map(([lng, lat]) => L.latLng(lat, lng));
    } catch {
      this.points = [];
    }
    if (this.points.length < 2) {
      this.askForLine();
      return;
    }
    const total = lengthOf(this.points);
    const typed = readStreets(this.streetsInput.value);
    typed.forEach((street, i) => {
      const spot = street.at && projectOn(street.at, this.points);
      const along = spot ? spot.along : (total * (i + 1)) / (typed.length + 1);
      this.streets.push({ name: street.name, block: street.block, along });
    });
    this.showLine(true);
  }

  write() {
    const coordinates = this.points.map((point) => [Number(point.lng.toFixed(6)), Number(point.lat.toFixed(6))]);
    this.input.value = this.points.length > 1 ? JSON.stringify({ type: "LineString", coordinates }) : "";
    this.streetsInput.value = writeStreets(this.streets, this.words.unnamed);
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // --- drawing the line ---

  askForLine() {
    this.setTools([button(this.words.draw, () => this.startDrawing(), "btn")]);
    this.tell(this.words.start);
    this.drawList();
  }

  startDrawing() {
    this.forgetLine();
    this.handler = new L.Draw.Polyline(this.map, {
      allowIntersection: false,
      drawError: { color: "currentColor", message: this.words.crosses, timeout: 3000 },
      icon: new L.DivIcon({ iconSize: new L.Point(14, 14), className: "draw-corner" }),
      touchIcon: new L.DivIcon({ iconSize: new L.Point(22, 22), className: "draw-corner" }),
      shapeOptions: { className: "draw-line", weight: 6 },
      showLength: false,
      maxPoints: 2000,
    });
    this.handler.enable();
    this.container.classList.add("map-picking");
    this.setTools([
      button(this.words.finish, () => this.handler.completeShape(), "btn"),
      button(this.words.undo, () => this.handler.deleteLastVertex()),
      button(this.words.addHere, () => this.addHere()),
      button(this.words.cancel, () => this.stopDrawing()),
    ]);
    this.tell(`${this.words.start} ${this.words.keys}`);
    this.container.focus();
  }

  addHere() {
    this.handler.addVertex(this.map.getCenter());
    this.container.classList.add("is-aiming");
  }

  stopDrawing() {
    this.handler?.disable();
    this.handler = null;
    this.container.classList.remove("map-picking", "is-aiming");
    if (this.points.length < 2) this.askForLine();
  }

  drawnSoFar() {
    const corners = this.handler?._markers?.map((marker) => marker.getLatLng()) || [];
    this.tell(fill(this.words.onward, { n: corners.length, length: this.length(lengthOf(corners)) }));
  }

  finished(layer) {
    this.points = layer.getLatLngs();
    this.handler = null;
    this.container.classList.remove("map-picking", "is-aiming");
    const total = lengthOf(this.points);
    for (const street of this.streets) street.along = street.at ? projectOn(street.at, this.points).along : total / 2;
    this.showLine(false);
    this.write();
  }

  forgetLine() {
    this.line?.editing?.disable();
    this.line?.remove();
    this.casing?.remove();
    this.marks.clearLayers();
    this.line = null;
    this.points = [];
  }

  showLine(fit) {
    this.casing = L.polyline(this.points, { className: "corridor-casing", weight: 15, interactive: false }).addTo(this.map);
    this.line = L.polyline(this.points, { className: "draw-line", weight: 10 }).addTo(this.map);
    if (fit) this.map.fitBounds(this.line.getBounds(), { padding: [36, 36], maxZoom: 17, animate: false });
    this.restTools();
    this.tell(fill(this.words.drawn, { length: this.length(lengthOf(this.points)) }));
    this.placeStreets();
  }

  restTools() {
    this.setTools([
      button(this.words.addStreet, () => this.addStreetWithRoom(), "btn"),
      button(this.words.movePoints, () => this.movePoints()),
      button(this.words.drawAgain, () => this.startDrawing()),
    ]);
  }

  movePoints() {
    this.line.editing.enable();
    this.marks.clearLayers();
    this.setTools([button(this.words.movePointsDone, () => this.movedPoints(), "btn")]);
    this.tell(this.words.moving);
  }

  movedPoints() {
    this.line.editing.disable();
    this.points = this.line.getLatLngs();
    this.casing.setLatLngs(this.points);
    for (const street of this.streets) street.along = projectOn(street.at, this.points).along;
    this.restTools();
    this.placeStreets();
    this.write();
    this.tell(fill(this.words.drawn, { length: this.length(lengthOf(this.points)) }));
  }

  setTools(buttons) {
    const hadFocus = this.tools.contains(document.activeElement);
    this.tools.replaceChildren(...buttons);
    if (hadFocus) buttons[0]?.focus();
  }

  // --- cross streets ---

  addStreetWithRoom() {
    const alongs = this.streets.map((street) => street.along);
    this.addStreet(roomiestPlace(lengthOf(this.points), alongs));
  }

  addStreet(along) {
    const street = { name: "", block: "", along };
    this.streets.push(street);
    this.placeStreets();
    this.write();
    const n = this.streets.indexOf(street) + 1;
    this.tell(fill(this.words.streetAt, { n, at: this.length(along) }));
    const input = this.list.querySelectorAll("li")[n - 1]?.querySelector("input");
    input?.focus();
    input?.scrollIntoView({ block: "nearest" });
  }

  /** Puts every cross street where its metres say, in their order, on the map and in the list. */
  placeStreets() {
    const total = lengthOf(this.points);
    this.marks.clearLayers();
    for (const street of this.streets) {
      street.along = Math.max(0, Math.min(total, street.along));
      street.at = pointAlong(this.points, street.along);
    }
    this.streets.sort((a, b) => a.along - b.along);
    this.streets.forEach((street, i) => this.drawStreet(street, i));
    this.makeRoom();
    this.drawList();
  }

  /** Where numbers would cover each other, cross streets are dots. */
  makeRoom() {
    const placed = this.streets.filter((street) => street.at);
    const places = placed.map((street) => this.map.latLngToLayerPoint(street.at));
    const isDense = places.some((place, i) => i > 0 && place.distanceTo(places[i - 1]) < 24);
    this.container.classList.toggle("draw-dense", isDense);
  }

  drawStreet(street, i) {
    const html = element("span", "draw-street-number", String(i + 1));
    const icon = L.divIcon({ className: "draw-street", html, iconSize: [30, 30] });
    street.marker = L.marker(street.at, { icon, draggable: true, keyboard: false, title: street.name }).addTo(this.marks);
    street.marker.on("drag", () => {
      street.along = projectOn(street.marker.getLatLng(), this.points).along;
      street.marker.setLatLng(pointAlong(this.points, street.along));
    });
    street.marker.on("dragend", () => this.changed(street));
    street.marker.on("click", () => this.rowOf(street)?.querySelector("input").focus());
  }

  changed(street, control = "") {
    this.placeStreets();
    this.write();
    if (control) this.rowOf(street)?.querySelector(`[data-do="${control}"]`)?.focus();
  }

  rowOf(street) {
    return this.list.querySelectorAll("li")[this.streets.indexOf(street)];
  }

  drawList() {
    this.list.parentElement.hidden = this.points.length < 2;
    this.list.replaceChildren(...this.streets.map((street, i) => this.listRow(street, i)));
    if (!this.streets.length && this.points.length > 1) this.list.append(element("li", "quiet", this.words.noStreets));
  }

  listRow(street, i) {
    const row = element("li", "draw-row");
    const name = this.textInput(street, "name", fill(this.words.streetName, { n: i + 1 }), i);
    name.maxLength = 80;
    const block = this.textInput(street, "block", fill(this.words.block, { n: i + 1 }), i);
    block.inputMode = "numeric";
    block.maxLength = 6;
    block.placeholder = this.words.blockShort;
    block.classList.add("draw-block");
    const at = element("span", "quiet small nowrap", fill(this.words.at, { at: this.length(street.along) }));
    row.append(element("span", "draw-street-number", String(i + 1)), name, block, at, this.rowTools(street));
    row.addEventListener("focusin", () => street.marker?.getElement()?.classList.add("is-linked"));
    row.addEventListener("focusout", () => street.marker?.getElement()?.classList.remove("is-linked"));
    return row;
  }

  textInput(street, key, label) {
    const input = element("input", "input");
    input.type = "text";
    input.autocomplete = "off";
    input.value = street[key];
    input.setAttribute("aria-label", label);
    input.addEventListener("input", () => {
      street[key] = input.value;
      this.write();
      this.nameTools(street);
    });
    // Enter in a name goes on to the next one; it doesn't send the form half named.
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.rowOf(street)?.nextElementSibling?.querySelector("input")?.focus();
    });
    return input;
  }

  rowTools(street) {
    const box = element("span", "draw-row-tools");
    const move = (by, control) => {
      street.along += by;
      this.changed(street, control);
      this.tell(`${street.name} ${fill(this.words.at, { at: this.length(street.along) })}`.trim());
    };
    const tools = [
      ["back", "‹", this.words.toStart, () => move(-STEP, "back")],
      ["on", "›", this.words.toEnd, () => move(STEP, "on")],
      ["remove", "×", this.words.remove, () => this.removeStreet(street)],
    ];
    for (const [key, sign, words, action] of tools) {
      const made = button(sign, action, "btn btn-s btn-quiet");
      made.dataset.do = key;
      made.title = words;
      made.setAttribute("aria-label", this.toolLabel(words, street));
      box.append(made);
    }
    return box;
  }

  toolLabel(words, street) {
    return `${words}: ${street.name.trim() || this.words.unnamed}`;
  }

  nameTools(street) {
    const tools = this.rowOf(street).querySelectorAll("[data-do]");
    for (const tool of tools) tool.setAttribute("aria-label", this.toolLabel(tool.title, street));
  }

  removeStreet(street) {
    const i = this.streets.indexOf(street);
    this.streets.splice(i, 1);
    this.placeStreets();
    this.write();
    this.tell(fill(this.words.removed, { name: street.name || this.words.unnamed }));
    const rows = this.list.querySelectorAll("li input");
    (rows[Math.min(i, rows.length - 1)] || this.tools.querySelector("button"))?.focus();
  }

  // --- what happens on the map ---

  listen() {
    this.map.on("draw:created", (event) => this.finished(event.layer));
    this.map.on("draw:drawvertex", () => this.drawnSoFar());
    this.map.on("zoomend", () => this.makeRoom());
    this.map.on("click", (event) => this.tapped(event.latlng));
    this.container.addEventListener("keydown", (event) => this.key(event));
  }

  tapped(at) {
    if (this.handler || !this.line || this.line.editing.enabled()) return;
    const spot = projectOn(at, this.points);
    const apart = this.map.latLngToContainerPoint(at).distanceTo(this.map.latLngToContainerPoint(spot.at));
    if (apart <= NEAR) this.addStreet(spot.along);
  }

  key(event) {
    if (event.target !== this.container || event.ctrlKey || event.metaKey || event.altKey) return;
    const middle = this.map.getCenter();
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (this.handler) this.handler.addVertex(middle);
      else this.tapped(middle);
    } else if (event.key === "Backspace" && this.handler) {
      event.preventDefault();
      this.handler.deleteLastVertex();
    }
  }
}

function begin() {
  for (const holder of document.querySelectorAll("[data-line-pick]")) new Drawing(holder);
}

begin();
