"""Source profiles: found by name, refused where they make no sense, every key explained."""

from pathlib import Path

import pytest

from detector.ingest.errors import IntakeError
from detector.ingest.profile import FIXED_WORDS, ReportField, SourceProfile, load_profile, profile_from
from detector.problems.rows import RowReason

BASE: dict[str, object] = {"name": "made", "source": "made"}


@pytest.mark.parametrize("name", list(FIXED_WORDS))
def test_a_constant_that_would_refuse_every_row_is_refused_when_the_profile_loads(name: str) -> None:
    known = FIXED_WORDS[next(field for field in FIXED_WORDS if field == name)]
    with pytest.raises(IntakeError, match=f"constants.{name} is 'magic', which is none of: {', '.join(known)}"):
        profile_from(BASE | {"constants": {name: "magic"}}, "made.toml")
    for word in known:
        assert isinstance(profile_from(BASE | {"constants": {name: word.upper()}}, "made.toml"), SourceProfile)


def test_a_constant_may_be_a_word_that_the_profile_maps() -> None:
    keys = {"constants": {"kind": "Magic"}, "values": {"kind": {"magic": "mass"}}}
    assert profile_from(BASE | keys, "made.toml").constants[ReportField.KIND] == ("Magic",)
    with pytest.raises(IntakeError, match="kind is 'Magic'"):
        profile_from(BASE | keys | {"case_sensitive": True}, "made.toml")


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (
            {"columns": {"report_ids": "id"}},
            r"not right; .*\(columns\.report_ids: is no field of a report; did you mean report_id\? The fields",
        ),
        ({"values": {"Ground": {}}}, r"not right; .*\(values\.Ground: is no field of a report; did you mean grounds\?"),
        ({"constants": {"zzz": "a"}}, r"not right; .*\(constants\.zzz: is no field of a report; the fields are report_id,"),
        ({"area_code": {"prefixes": {"eight": "BU"}}}, r"not right; .*\(area_code\.prefixes\.eight: "),
    ],
)
def test_a_field_that_is_none_is_named_with_those_that_are(section: dict[str, object], says: str) -> None:
    with pytest.raises(IntakeError, match=says):
        profile_from(BASE | section, "made.toml")


def test_a_description_is_one_text_or_one_for_each_language() -> None:
    both = profile_from(BASE | {"description": {"nl": "Export", "en": "An export"}}, "made.toml")
    assert [both.described(language) for language in ("nl", "en")] == ["Export", "An export"]
    assert profile_from(BASE | {"description": "Export"}, "made.toml").described("en") == "Export"
    assert profile_from(BASE, "made.toml").described("nl") == ""
    with pytest.raises(IntakeError, match="description"):
        profile_from(BASE | {"description": {"de": "Export"}}, "made.toml")


def test_profiles_are_found_by_name_or_path(profiles: Path, tmp_path: Path) -> None:
    assert load_profile(str(profiles / "adv.toml"), []).source == "adv"
    for name in ("none", "../adv", "a@b"):
        with pytest.raises(IntakeError, match="there are: adv, patroonwacht, toronto"):
            load_profile(name, [profiles])
    (tmp_path / "mine.toml").write_text("source = ")
    with pytest.raises(IntakeError, match="cannot be read as TOML"):
        load_profile("mine", [tmp_path, profiles])


def test_every_key_and_reason_is_explained(profiles: Path) -> None:
    text = (profiles.parents[1] / "docs" / "intake.md").read_text(encoding="utf-8")
    assert [key for key in (*SourceProfile.model_fields, *ReportField) if f"`{key}`" not in text] == []
    assert sorted({reason.code for reason in RowReason if f"`{reason.code}`" not in text}) == []
