// What can be tapped as a place: addresses, landmarks, block faces and corners, each as
// {name (what is kept as the address), label, away, lat, lon, segment, side, isBlock}.

import { besideLine, blocksByDistance, crossStreets, nearestAddresses, nearestCorners, nearestLandmarks, ofKind, shortStreet } from "./blocks.js";
import { placeWords } from "./spot.js";
import { distance, t } from "./words.js";

const MOST = 6;
const ENOUGH = 4; // where the fix is good, nobody needs more
const NEAR_BLOCK = 250;
const TEN_FEET = 3.048;

/** Metres as people say them: no more exact than ten feet. */
const about = (metres) => distance(Math.max(TEN_FEET, Math.round(metres / TEN_FEET) * TEN_FEET));

const spot = ({ name, lat, lon, segment = null, side = null }) => ({ name, label: name, lat, lon, segment, side });

function corner(place, pack) {
  const name = [pack.walk.corridor, place.name].filter(Boolean).join(" & ");
  return { ...spot(place), name, label: t("corner_of", { street: shortStreet(place.name) }) };
}

/** One side of a block: the place is the middle of its sidewalk. */
export function faceChoice(segment, side) {
  const { lat, lon } = besideLine(segment.geometry.coordinates, side);
  const words = placeWords({ segment, side });
  const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
  return { name: words, label: words, lat: round(lat), lon: round(lon), segment: segment.properties.id, side, isBlock: true };
}

const bothSides = ({ segment }) => (segment.properties.sides ? ["left", "right"].map((side) => faceChoice(segment, side)) : []);

/** The nearest side first. */
const facesOf = (block) => bothSides(block).sort((a, b) => (b.side === block.side) - (a.side === block.side));

/**
 * At most six places near a point: some of each sort first, then more of what is nearest.
 * `isMeasured`: the point is where the phone is, so each says how far away it is. `isGood`: and that is exact.
 */
export function nearChoices(point, pack, { isMeasured = true, isGood = false } = {}) {
  const { map } = pack;
  const far = (places, make) => places.map((place) => ({ ...make(place, pack), away: isMeasured ? about(place.gap) : "" }));
  const addresses = far(nearestAddresses(point, map), spot);
  const landmarks = far(nearestLandmarks(point, map), spot);
  const corners = far(nearestCorners(point, map), corner);
  const faces = blocksByDistance(point, map).filter(({ gap }) => gap <= NEAR_BLOCK).slice(0, 2).flatMap(facesOf);
  const first = [...addresses.slice(0, 2), ...landmarks.slice(0, 1), ...faces.slice(0, 2), ...corners.slice(0, 1)];
  const more = [...corners.slice(1), ...addresses.slice(2), ...landmarks.slice(1), ...faces.slice(2)];
  return [...first, ...more].slice(0, isGood ? ENOUGH : MOST);
}

/** Every place that the pack has a name for, in walking order: [{label, choices}]. */
export function allChoices(pack) {
  if (!pack) return [];
  const landmarks = ofKind(pack.map, "landmark").map(({ properties, geometry: { coordinates } }) =>
    spot({ name: properties.name, lon: coordinates[0], lat: coordinates[1] }),
  );
  return [
    { label: t("list_blocks"), choices: ofKind(pack.map, "segment").flatMap((segment) => bothSides({ segment })) },
    { label: t("list_corners"), choices: crossStreets(pack.map).map((place) => corner(place, pack)) },
    { label: t("list_landmarks"), choices: landmarks },
  ];
}
