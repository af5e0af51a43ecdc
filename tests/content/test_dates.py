"""Days and hours as people say them, with the spaces that must not break."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from content import clock_time, day, day_and_time, reading_hours
from content.errors import NBSP

WEEKDAYS = {str(number): ["09:00", "18:00"] for number in range(1, 6)}


def spaced(words: str) -> str:
    return words.replace("_", NBSP)


@pytest.mark.parametrize(
    ("hour", "minute", "french", "english"),
    [
        (14, 30, "14_h_30", "14:30"),
        (9, 0, "9_h", "09:00"),
        (9, 5, "9_h_05", "09:05"),
        (0, 0, "0_h", "00:00"),
    ],
)
def test_an_hour(hour: int, minute: int, french: str, english: str) -> None:
    at = datetime(2025, 10, 14, hour, minute, tzinfo=UTC)
    assert clock_time(at) == spaced(french)
    assert clock_time(at, "en") == english


@pytest.mark.parametrize(
    ("of", "french", "english"),
    [
        (date(2025, 10, 14), "mardi_14_octobre", "Tuesday_14_October"),
        (date(2026, 2, 1), "dimanche_1er_février", "Sunday_1_February"),
        (date(2026, 8, 11), "mardi_11_août", "Tuesday_11_August"),
        (date(2026, 12, 21), "lundi_21_décembre", "Monday_21_December"),
    ],
)
def test_a_day(of: date, french: str, english: str) -> None:
    assert day(of) == spaced(french)
    assert day(of, "en") == spaced(english)


def test_a_day_of_another_year_tells_which_where_today_is_known() -> None:
    today, last_day = date(2026, 11, 25), datetime(2026, 12, 31, 9, tzinfo=UTC)
    assert day(date(2027, 1, 1), today=today) == spaced("vendredi_1er_janvier_2027")
    assert day(date(2027, 1, 1), "en", today=today) == spaced("Friday_1_January_2027")
    assert day_and_time(last_day, today=today) == spaced("jeudi_31_décembre à_9_h")
    after = date(2027, 1, 1)
    assert day_and_time(last_day, today=after) == spaced("jeudi_31_décembre_2026 à_9_h")


def test_a_day_and_its_hour_break_only_between_them() -> None:
    at = datetime(2025, 10, 14, 14, 30, tzinfo=UTC)
    assert day_and_time(at) == spaced("mardi_14_octobre à_14_h_30")
    assert day_and_time(at, "en") == spaced("Tuesday_14_October at_14:30")


def test_reading_hours_gather_the_days_that_follow() -> None:
    assert reading_hours(WEEKDAYS) == spaced("du lundi au vendredi, de 9_h à 18_h")
    assert reading_hours(WEEKDAYS, "en") == "Monday to Friday, 09:00 to 18:00"


def test_reading_hours_tell_apart_the_days_that_differ() -> None:
    hours = {
        "6": ["10:00", "12:30"],
        "1": ["09:00", "18:00"],
        "2": ["09:00", "18:00"],
        "4": ["09:00", "18:00"],
    }
    assert reading_hours(hours).replace(NBSP, " ").replace(" ;", ";").split("; ") == [
        "du lundi au mardi, de 9 h à 18 h",
        "le jeudi, de 9 h à 18 h",
        "le samedi, de 10 h à 12 h 30",
    ]


def test_no_reading_hours_are_no_words() -> None:
    assert reading_hours({}) == ""


def test_one_instant_is_another_day_in_another_zone() -> None:
    paris = datetime(2026, 11, 24, 2, 30, tzinfo=ZoneInfo("Europe/Paris"))
    there = paris.astimezone(ZoneInfo("America/Martinique"))
    assert paris == there
    assert "24" in day(paris)
    assert "23" in day(there)
