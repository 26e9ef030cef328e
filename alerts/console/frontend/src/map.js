// The map beside a list of alerts, or of one alert. It shows what the page says in words already, and nothing more; the page
// hands it its data as JSON, and it fetches the outlines of the areas from the console itself.
import { AttributionControl, Map as Maplibre, setWorkerUrl } from "maplibre-gl";
import { labelPoints, boundsOf, markerOf } from "./map/shapes.js";
import { baseStyle, repaint, underlay } from "./map/style.js";
import { link } from "./map/link.js";

const SCHEME = window.matchMedia("(prefers-color-scheme: dark)");
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

async function areasFrom(urls) {
  const answers = await Promise.all(urls.map((url) => fetch(url, { headers: { Accept: "application/geo+json" } })));
  const collections = await Promise.all(answers.filter((answer) => answer.ok).map((answer) => answer.json()));
  return { type: "FeatureCollection", features: collections.flatMap((collection) => collection.features) };
}

function tools(element, map, bounds) {
  const act = {
    in: () => map.zoomIn({ animate: !CALM.matches }),
    out: () => map.zoomOut({ animate: !CALM.matches }),
    all: () => map.fitBounds(bounds, { padding: 28, animate: !CALM.matches }),
  };
  element.querySelector("[data-map-tools]").hidden = false;
  for (const button of element.querySelectorAll("[data-map-tool]")) button.addEventListener("click", act[button.dataset.mapTool]);
}

async function show(element) {
  const data = JSON.parse(element.querySelector("[data-map-data]").textContent);
  const canvas = element.querySelector("[data-map-canvas]");
  const areas = await areasFrom(data.areas);
  const shapes = { type: "FeatureCollection", features: data.shapes };
  const bounds = boundsOf(data.fit === "shapes" && data.shapes.length ? shapes.features : [...areas.features, ...shapes.features]);
  if (!bounds) throw new Error("nothing to show");
  setWorkerUrl(new URL(data.worker, document.baseURI).href);
  const map = new Maplibre({
    container: canvas,
    style: baseStyle(areas, shapes),
    bounds,
    fitBoundsOptions: { padding: 28 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: false,
    scrollZoom: false, // the page scrolls; the map zooms by its buttons, by + and -, or by two fingers
    locale: { "Map.Title": data.title },
  });
  map.touchZoomRotate.disableRotation();
  if (data.tiles) map.addControl(new AttributionControl({ compact: false, customAttribution: data.tiles.attribution }));
  tools(element, map, bounds);
  SCHEME.addEventListener("change", () => repaint(map));
  await new Promise((resolve, reject) => {
    map.once("load", resolve);
    map.on("error", ({ error }) => reject(error)); // once the map is there, a tile that does not come changes nothing
  });
  if (data.tiles) underlay(map, data.tiles);
  const markers = shapes.features.map((shape) => markerOf(shape));
  labelPoints(map, areas, markers);
  link(element, map, markers);
  element.dataset.mapReady = "yes";
}

for (const element of document.querySelectorAll("[data-map]")) {
  show(element).catch((error) => {
    // No WebGL here, or no areas: the list beside says the same.
    console.warn(`The map cannot be shown: ${error.message}`);
    element.querySelector("[data-map-frame]").hidden = true;
    element.querySelector("[data-map-failed]").hidden = false;
    element.dataset.mapReady = "failed";
  });
}
