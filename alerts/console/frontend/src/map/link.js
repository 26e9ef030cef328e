// A row and its shape belong together: whichever of the two has the pointer or the focus, both show it.
export function link(element, map, markers) {
  const buttons = new Map(markers.map((marker) => [marker.key, marker.element]));
  const rows = new Map([...document.querySelectorAll("[data-alert-row]")].map((row) => [row.dataset.alertRow, row]));
  let chosen = null;

  function choose(key) {
    if (key === chosen) return;
    for (const [one, on] of [[chosen, false], [key, true]]) {
      if (one === null) continue;
      map.setFeatureState({ source: "shapes", id: one }, { chosen: on });
      buttons.get(one)?.classList.toggle("pw-map__marker--chosen", on);
      rows.get(one)?.classList.toggle("pw-row--chosen", on);
    }
    chosen = key;
  }

  for (const [key, row] of rows) {
    if (!buttons.has(key)) continue;
    row.addEventListener("mouseenter", () => choose(key));
    row.addEventListener("focusin", () => choose(key));
    row.addEventListener("mouseleave", () => choose(null));
    row.addEventListener("focusout", () => choose(null));
  }
  for (const [key, button] of buttons) {
    button.addEventListener("mouseenter", () => choose(key));
    button.addEventListener("focus", () => choose(key));
    button.addEventListener("mouseleave", () => choose(null));
    button.addEventListener("blur", () => choose(null));
    button.addEventListener("click", () => {
      const row = rows.get(key);
      row?.scrollIntoView({ block: "nearest" });
      row?.querySelector("a")?.focus();
    });
  }
  map.on("mousemove", "shapes-fill", (event) => choose(event.features[0].id));
  map.on("mouseleave", "shapes-fill", () => choose(null));
  map.on("click", "shapes-fill", (event) => buttons.get(event.features[0].id)?.click());
}
