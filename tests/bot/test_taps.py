"""The grammar of callback data: what a button says comes back word for word, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.taps import LIMIT, number, packed, unpacked
from dialogs.screen import Button
from records.columns import new_id, random_id

PARTS = st.one_of(
    st.text(st.characters(exclude_characters=":~", codec="utf-8"), max_size=20),
    st.integers(0, (1 << 63) - 1).map(str),
    st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9-]{1,20}", fullmatch=True),
    st.just(""),
)


@given(st.lists(PARTS, min_size=1, max_size=5).map(tuple))
def test_an_act_comes_back_as_it_was_or_is_refused_at_the_door(act: tuple[str, ...]) -> None:
    try:
        data = packed(Button("x", act))
    except ValueError:
        assert len(":".join(act).encode()) > LIMIT
        return
    assert len(data.encode()) <= LIMIT
    assert unpacked(data) == act


@given(st.text(max_size=80))
def test_no_callback_data_at_all_is_an_error(data: str) -> None:
    assert all(isinstance(part, str) for part in unpacked(data))


@pytest.mark.parametrize("part", ["a:b", "~z", ":"])
def test_a_part_that_would_come_back_as_another_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="act"):
        packed(Button("x", ("meeting", part)))


def test_the_longest_acts_of_the_bot_fit() -> None:
    for row in (new_id(), random_id(), (1 << 63) - 1):
        for act in (
            ("meeting", str(row), "9999", "coming"),
            ("slot", str(row), "9999", "none"),
            ("step", str(row), "9999", "off7"),
            ("held", str(row), "yes"),
            ("begin", "a" * 41, "2026-T4-abcd", "yes"),
            ("later", "a" * 41, "2026-T4-abcd"),
            ("decline", "a" * 41),
        ):
            assert unpacked(packed(Button("x", act))) == act


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("0", 0),
        ("12", 12),
        (str((1 << 63) - 1), (1 << 63) - 1),
        (str(1 << 63), None),
        ("", None),
        ("-1", None),
        ("1.0", None),
        ("٣", None),
        ("²", None),
        (" 1", None),
        ("1_0", None),
    ],
)
def test_an_identifier_is_one_that_a_row_could_have(part: str, found: int | None) -> None:
    assert number(part) == found
