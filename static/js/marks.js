// The symbols of concerns for maps. Twin of office/marks.py; both draw from marks-data.js.

import data from "./marks-data.js";

const SVG = "http://www.w3.org/2000/svg";

function path(layer, shape) {
  const element = document.createElementNS(SVG, "path");
  const classes = layer.as.split(" ").map((word) => `mark-${word}`);
  element.setAttribute("class", classes.join(" "));
  element.setAttribute("d", layer.path || shape[layer.on]);
  if (layer.path) element.setAttribute("transform", `translate(0 ${shape.middle})`);
  else if (layer.scale) {
    const { middle } = shape;
    element.setAttribute("transform", `translate(12 ${middle}) scale(${layer.scale}) translate(-12 -${middle})`);
  }
  if (layer.width) element.setAttribute("stroke-width", layer.width);
  if (layer.dash) element.setAttribute("stroke-dasharray", layer.dash);
  return element;
}

/**
 * The svg element of a kind (house, light, ground, way, plants, other, good) in a status. `late` is "late" (a flag at the
 * corner), "far" (two flags) or nothing.
 */
export function markElement(group, status, { halo = false, late = "" } = {}) {
  const shape = data.groups[group] || data.groups.other;
  const isGood = group === "good" && ["triaged", "open", undefined, ""].includes(status);
  const state = data.statuses[isGood ? "good" : status] || data.statuses.unknown;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `mark tone-${state.tone}`);
  svg.setAttribute("viewBox", "-1 -1 26 26");
  svg.setAttribute("aria-hidden", "true");
  if (halo) svg.append(path({ on: "shape", as: "halo", width: 6 }, shape));
  svg.append(...data.fills[state.fill].map((layer) => path(layer, shape)));
  if (shape.foot) svg.append(path({ on: "foot", as: "ink" }, shape));
  if (data.late[late]) svg.append(path({ on: "flag", as: "late" }, { flag: data.late[late] }));
  return svg;
}
