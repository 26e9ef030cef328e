"""The methods side by side, and how each divides its false alerts over what it watches."""

from functools import partial

from detector.methods.scan import Scan
from judging import scans, series
from judging.contest import Method

_BY_SERIES = {"place": 0.5, "community": 0.5}
OURS = "ours"

METHODS = (
    Method("count threshold", partial(series.watch, series.threshold, series.THRESHOLD_DAYS), _BY_SERIES),
    Method("EARS C2", partial(series.watch, series.ears_c2, series.EARS_DAYS), _BY_SERIES),
    Method("Farrington", partial(series.watch, series.farrington, series.FARRINGTON_DAYS), _BY_SERIES),
    Method("DBSCAN", scans.density, {"place": 0.5, "place_community": 0.5}),
    Method("circles", partial(scans.scan, scans.CIRCLES), {"place": 1.0}, exact=True),
    Method(
        OURS, partial(scans.scan, Scan()), {family.value: share for family, share in Scan().family_shares.items()}, exact=True
    ),
)
