// How the map is painted: colours come from the styles of the page, so that a theme and the dark hold here too.
const BANDS = ["1", "2", "3"];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--pw-${name}`).trim();
}

function paints() {
  const byBand = ["match", ["get", "band"], ...BANDS.flatMap((band) => [band, colour(`band-${band}`)]), colour("band-unknown")];
  const chosen = ["boolean", ["feature-state", "chosen"], false];
  return {
    "areas-fill": { "fill-color": colour("map-land"), "fill-opacity": 1 },
    "areas-line": { "line-color": colour("map-line") },
    "shapes-fill": { "fill-color": byBand, "fill-opacity": ["case", chosen, 0.8, 0.5] },
    "shapes-line": { "line-color": ["case", chosen, colour("focus"), colour("seen")], "line-width": ["case", chosen, 4, 2] },
  };
}

export function baseStyle(areas, shapes) {
  const paint = paints();
  const width = ["match", ["get", "level"], "municipality", 2, "district", 1.2, 0.5];
  return {
    version: 8,
    sources: {
      areas: { type: "geojson", data: areas },
      shapes: { type: "geojson", data: shapes, promoteId: "key" },
    },
    layers: [
      { id: "areas-fill", type: "fill", source: "areas", filter: ["==", ["get", "level"], "municipality"], paint: paint["areas-fill"] },
      { id: "areas-line", type: "line", source: "areas", paint: { ...paint["areas-line"], "line-width": width } },
      { id: "shapes-fill", type: "fill", source: "shapes", paint: paint["shapes-fill"] },
      { id: "shapes-line", type: "line", source: "shapes", paint: paint["shapes-line"] },
    ],
  };
}

// The background comes when the map stands there already: where its host is slow or does not answer, the map is as without.
export function underlay(map, tiles) {
  map.addSource("tiles", { type: "raster", tiles: [tiles.url], tileSize: 256 });
  const paint = { "raster-saturation": -1, "raster-opacity": 0.7 };
  map.addLayer({ id: "tiles", type: "raster", source: "tiles", paint }, "areas-line");
}

export function repaint(map) {
  for (const [layer, values] of Object.entries(paints())) {
    if (!map.getLayer(layer)) continue;
    for (const [name, value] of Object.entries(values)) map.setPaintProperty(layer, name, value);
  }
}
