"""The page at the root: what this service is, in Dutch and English, until the console takes its place."""

import base64
import hashlib
from typing import Final

_STYLE: Final = (
    "body{font-family:system-ui,sans-serif;line-height:1.5;max-width:42rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}a{color:#00418e}section{margin-block:2rem}"
)
START_PAGE: Final = f"""<!doctype html>
<html lang="nl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Patroonwacht</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>Patroonwacht</h1>
<section>
<h2>Wat dit is</h2>
<p>Patroonwacht ziet dat meldingen van discriminatie samen een patroon vormen, en vertelt dat de gemeente, zodat er een
aanpak kan worden afgesproken. Geen meldingen betekent niet dat er niets speelt.</p>
<p>De webpagina's voor consulenten en gemeenten volgen. Nu is er al:</p>
<ul>
<li><a href="/health">/health</a>: of de dienst werkt</li>
<li><a href="/metrics">/metrics</a>: cijfers over de werking, voor beheer</li>
<li><a href="/v1/openapi.json">/v1/openapi.json</a>: hoe u meldingen aanlevert</li>
</ul>
</section>
<section lang="en">
<h2>What this is</h2>
<p>Patroonwacht sees that reports of discrimination form a pattern, and tells the municipality, so that an approach can be
agreed. No reports does not mean that nothing is going on.</p>
<p>The web pages for case workers and municipalities will follow. Already here:</p>
<ul>
<li><a href="/health">/health</a>: whether the service works</li>
<li><a href="/metrics">/metrics</a>: figures on its working, for operators</li>
<li><a href="/v1/openapi.json">/v1/openapi.json</a>: how to hand in reports</li>
</ul>
</section>
</main>
</body>
</html>
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
START_PAGE_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"
