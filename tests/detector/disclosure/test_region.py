"""Where a pattern may be said to be."""

from town import TOWN, district, neighbourhood, town

from detector.disclosure import DisclosureSettings
from detector.disclosure.region import told_region, touches, wider
from detector.model import Level

SMALL, LARGE = neighbourhood(0, 0), neighbourhood(0, 1)
AREAS = town(small=(SMALL, district(3)))
SETTINGS = DisclosureSettings()


def told(*codes: str, least: Level = Level.NEIGHBOURHOOD, settings: DisclosureSettings = SETTINGS) -> tuple[str, ...]:
    return told_region(codes, least, AREAS, settings).codes


def test_a_neighbourhood_with_enough_inhabitants_is_told() -> None:
    assert told(LARGE) == (LARGE,)
    assert told(neighbourhood(1, 0), LARGE) == (LARGE, neighbourhood(1, 0))


def test_a_small_one_is_told_as_its_district_and_takes_the_others_along() -> None:
    assert told(SMALL) == (district(0),)
    assert told(SMALL, neighbourhood(1, 0)) == (district(0), district(1))


def test_a_small_district_is_told_as_the_municipality() -> None:
    assert told(district(3)) == (TOWN,)
    assert told(neighbourhood(3, 1), least=Level.DISTRICT) == (TOWN,)


def test_at_least_a_district_for_a_community() -> None:
    assert told(LARGE, least=Level.DISTRICT) == (district(0),)
    assert told(LARGE, least=Level.MUNICIPALITY) == (TOWN,)


def test_what_is_not_known_is_the_whole_municipality() -> None:
    assert told() == told("nowhere") == told(LARGE, "nowhere") == told(TOWN) == (TOWN,)


def test_many_areas_are_told_as_those_around_them() -> None:
    codes = [neighbourhood(1, n) for n in range(9)]
    assert told(*codes) == (district(1),)
    assert told(*codes, settings=DisclosureSettings(max_areas=9)) == tuple(codes)


def test_no_least_number_of_inhabitants() -> None:
    assert told(SMALL, settings=DisclosureSettings(min_inhabitants=0)) == (SMALL,)


def test_levels_and_touching() -> None:
    assert wider(Level.NEIGHBOURHOOD, Level.DISTRICT) is Level.DISTRICT
    assert touches([LARGE], [district(0)], AREAS)
    assert touches([TOWN], [LARGE], AREAS)
    assert not touches([LARGE], [SMALL, district(1)], AREAS)
