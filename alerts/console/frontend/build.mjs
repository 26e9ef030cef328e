// Builds what the pages load into ../static: names with a hash of the content, and manifest.json, which tells them apart.
// One bundle of styles and one script serve every page; the map has its own, which only the pages with a map load.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "static");
const scratch = path.join(here, "..", `.static-${process.pid}`);
const require = createRequire(import.meta.url);

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  loader: { ".woff2": "file", ".svg": "file" },
  assetNames: "[name]-[hash]",
  entryNames: "[name]-[hash]",
  legalComments: "linked",
  logLevel: "warning",
  outdir: scratch,
};

// The design tokens define some 2,800 properties, of which the pages use a few hundred: only those that something refers to,
// directly or through another property, go along.
function usedTokens(tokens, styles) {
  const defined = new Map();
  for (const [, name, value] of tokens.matchAll(/^\s*(--[\w-]+):\s*([^;]+);/gm)) defined.set(name, value);
  const used = new Set();
  const visit = (css) => {
    for (const [, name] of css.matchAll(/var\(\s*(--[\w-]+)/g)) {
      if (used.has(name)) continue;
      used.add(name);
      if (defined.has(name)) visit(defined.get(name));
    }
  };
  visit(styles);
  const lines = [...defined].filter(([name]) => used.has(name)).map(([name, value]) => `  ${name}: ${value};`);
  return `.voorbeeld-theme {\n${lines.join("\n")}\n}\n`;
}

async function bundledStyles() {
  const once = { entryPoints: ["src/console.css"], write: false, minify: false, legalComments: "none" };
  const { outputFiles } = await build({ ...common, ...once, plugins: [tokensPlugin("")] });
  return outputFiles.find((file) => file.path.endsWith(".css")).text;
}

function tokensPlugin(contents) {
  return {
    name: "design-tokens",
    setup(bundler) {
      bundler.onResolve({ filter: /^design-tokens$/ }, () => ({ path: "design-tokens", namespace: "tokens" }));
      bundler.onLoad({ filter: /.*/, namespace: "tokens" }, () => ({ contents, loader: "css" }));
    },
  };
}

async function main() {
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  const theme = await readFile(require.resolve("@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css"), "utf8");
  const tokens = usedTokens(theme, await bundledStyles());

  const { metafile } = await build({
    ...common,
    entryPoints: [
      ...["console.css", "console.js", "map.css", "map.js"].map((name) => ({ in: `src/${name}`, out: path.parse(name).name })),
      // MapLibre's worker is a file of our own, so that no page makes a worker from a string.
      { in: "maplibre-gl/dist/maplibre-gl-worker.mjs", out: "map-worker" },
    ],
    format: "esm",
    metafile: true,
    plugins: [tokensPlugin(tokens)],
  });
  const manifest = {};
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    manifest[path.basename(file).replace(/-[A-Z0-9]{8}(?=\.)/, "")] = path.basename(file);
  }
  for (const name of ["favicon.svg"]) {
    const content = await readFile(path.join(here, "src", name));
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
    const { name: stem, ext } = path.parse(name);
    manifest[name] = `${stem}-${hash}${ext}`;
    await writeFile(path.join(scratch, manifest[name]), content);
  }
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  await writeFile(path.join(scratch, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
  for (const name of await readdir(scratch)) {
    if (!/\.(css|js|svg)$/.test(name)) continue;
    await writeFile(path.join(scratch, `${name}.gz`), gzipSync(await readFile(path.join(scratch, name)), { level: 9 }));
  }
  await rm(out, { recursive: true, force: true });
  await rename(scratch, out);
}

try {
  await main();
} catch (error) {
  await rm(scratch, { recursive: true, force: true });
  console.error(error.message ?? error);
  process.exitCode = 1;
}
