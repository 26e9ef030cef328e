import * as maplibregl from "maplibre-gl"; window.m = maplibregl;
