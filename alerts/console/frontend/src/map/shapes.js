// Where things stand on the map: bounds, the middle of a shape, the names of districts, and a button for every pattern.
import { LngLatBounds, Marker } from "maplibre-gl";

function rings(geometry) {
  if (geometry.type === "Polygon") return [geometry.coordinates[0]];
  if (geometry.type === "MultiPolygon") return geometry.coordinates.map((polygon) => polygon[0]);
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(rings);
  return [];
}

export function boundsOf(features) {
  const bounds = new LngLatBounds();
  for (const feature of features) for (const ring of rings(feature.geometry)) for (const point of ring) bounds.extend(point);
  return bounds.isEmpty() ? null : bounds;
}

function middleOf(ring) {
  let [area, x, y] = [0, 0, 0];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
    area += cross;
    x += (ring[i][0] + ring[i + 1][0]) * cross;
    y += (ring[i][1] + ring[i + 1][1]) * cross;
  }
  return { size: Math.abs(area), point: area ? [x / (3 * area), y / (3 * area)] : ring[0] };
}

function middle(geometry) {
  return rings(geometry).map(middleOf).reduce((best, one) => (one.size > best.size ? one : best));
}

export function markerOf(shape) {
  const { key, band, count, title } = shape.properties;
  const element = document.createElement("button");
  element.type = "button";
  element.className = `pw-map__marker pw-map__marker--${band}`;
  element.dataset.alert = key;
  // What stands on it is part of its name, so that who speaks to the computer can say what they see.
  const more = document.createElement("span");
  more.className = "pw-hidden";
  more.textContent = ` ${title}`;
  element.append(count, more);
  return { key, element, at: middle(shape.geometry).point };
}

// Patterns with the same middle stand beside each other.
function spread(markers) {
  const places = new Map();
  for (const marker of markers) {
    const place = marker.at.map((value) => value.toFixed(4)).join(" ");
    places.set(place, [...(places.get(place) ?? []), marker]);
  }
  for (const group of places.values()) group.forEach((marker, index) => (marker.shift = (index - (group.length - 1) / 2) * 46));
}

// Where a name would lie over a count or over the name of a larger district it steps back; zooming in brings it out again.
function keepApart(map, names, markers) {
  const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  const place = () => {
    const taken = markers.map(({ element }) => element.getBoundingClientRect());
    for (const name of names) {
      const box = name.getBoundingClientRect();
      const free = !taken.some((other) => meet(box, other));
      name.classList.toggle("pw-map__name--away", !free);
      if (free) taken.push(box);
    }
  };
  map.on("moveend", place);
  map.on("resize", place);
  place();
}

export function labelPoints(map, areas, markers) {
  const districts = areas.features.filter((area) => area.properties.level === "district").map((area) => ({ area, ...middle(area.geometry) }));
  districts.sort((one, other) => other.size - one.size);
  const names = districts.map(({ area, point }) => {
    const element = document.createElement("span");
    element.className = "pw-map__name";
    element.setAttribute("aria-hidden", "true");
    element.textContent = area.properties.name;
    new Marker({ element, anchor: "bottom", offset: [0, -14] }).setLngLat(point).addTo(map);
    return element;
  });
  spread(markers);
  for (const { element, at, shift } of markers) {
    new Marker({ element, offset: [shift, 6] }).setLngLat(at).addTo(map);
    // MapLibre gives its markers a role and a tab stop of its own; this is a button and has both.
    element.removeAttribute("role");
    element.removeAttribute("tabindex");
    element.removeAttribute("aria-label");
  }
  keepApart(map, names, markers);
}
