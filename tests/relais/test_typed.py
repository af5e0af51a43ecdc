"""What people type is read the French way, and what does not exist is said so."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from records.errors import NotFound, Refused
from relais.command import UsageError, spaced
from relais.commands import structure_options as options
from relais.commands import typed
from relais.french_argparse import translated

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24 14:30",
        "2026-11-24T14:30",
        "2026-11-24 14h30",
        "24/11/2026 14:30",
        "24/11/2026 14h30",
        "24/11 14 h 30",
        "demain 14h30",
        "mardi à 14h30",
        "mardi 24 novembre à 14 h 30",
        "2026-11-24T14:30:00+01:00",
        "2026-11-24T13:30:00Z",
    ],
)
def test_a_moment_is_read_however_it_is_written(text: str) -> None:
    assert typed.moment(text, NOW) == datetime.fromisoformat("2026-11-24 14:30")


def test_an_hour_alone_is_today() -> None:
    assert typed.moment("14h30", NOW) == datetime.fromisoformat("2026-11-23 14:30")


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-31 10:00",
        "31/02/2027 10h",
        "2026-11-24 25:00",
        "bientôt",
        "",
        "lundi 24 novembre à 10h",
        "2026-13-01 10:00",
        "9999-12-31T23:59:00-11:00",
    ],
)
def test_a_moment_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="n'est pas un moment qui existe"):
        typed.moment(text, NOW)


def test_a_moment_too_far_away_is_refused() -> None:
    with pytest.raises(UsageError, match="trop loin"):
        typed.moment("2126-11-24 14:30", NOW)


def test_a_moment_of_another_century_is_past() -> None:
    with pytest.raises(Refused, match="in_the_past"):
        typed.moment("0001-01-01 00:00", NOW)


def test_now_is_never_past_in_the_hour_that_autumn_repeats() -> None:
    second_pass = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1)
    assert typed.wall_now(second_pass) == datetime.fromisoformat("2026-10-25 03:30")
    assert typed.wall_now(NOW) == datetime.fromisoformat("2026-11-23 11:00")


def test_a_day_may_have_been() -> None:
    assert typed.day("hier", NOW.date(), past=True) == date(2026, 11, 22)
    with pytest.raises(UsageError, match="n'est pas un jour qui existe"):
        typed.day("2026-02-30", NOW.date())


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2010-05", "2010-05"),
        ("2010-5", "2010-05"),
        ("05/2010", "2010-05"),
        (" 5/2010 ", "2010-05"),
    ],
)
def test_a_birth_month_is_read_both_ways(text: str, month: str) -> None:
    assert typed.birth_month(text) == month


@pytest.mark.parametrize("text", ["2010", "2010-13", "2010-00", "mai 2010", "2010-05-03", ""])
def test_a_birth_month_is_a_month_and_nothing_more(text: str) -> None:
    with pytest.raises(UsageError, match="n'est pas un mois de naissance"):
        typed.birth_month(text)


@pytest.mark.parametrize(
    "text", ["", "-1", "abc", "1.5", "99999999999999999999", "²", "١", "9" * 5000]
)
def test_a_forged_identifier_is_unknown(text: str) -> None:
    with pytest.raises(NotFound, match="message_unknown"):
        typed.identifier(text, "message_unknown")


@pytest.mark.parametrize(
    "text",
    [
        "lun-ven 9:00-18:00",
        "lundi-vendredi 9h-18h",
        "1-5 09:00-18:00",
        "mon-fri 9:00-18:00",
        "lun,mar,mer,jeu,ven 9 h - 18 h",
    ],
)
def test_reading_hours_take_french_and_iso_days(text: str) -> None:
    assert options.reading_hours([text]) == {str(d): ["09:00", "18:00"] for d in range(1, 6)}


def test_reading_hours_may_differ_by_day_or_be_none() -> None:
    assert options.reading_hours(["lun 9h-12h30", "sam 10h-12h"]) == {
        "1": ["09:00", "12:30"],
        "6": ["10:00", "12:00"],
    }
    assert options.reading_hours(["none"]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "lun-ven",
        "lun-ven 18:00-9:00",
        "ven-lun 9:00-18:00",
        "férié 9:00-18:00",
        "9:00-18:00",
        "lun-ven 9:00-25:00",
        "8 9:00-18:00",
        "",
        "lun-lun-mar 9:00-10:00",
    ],
)
def test_reading_hours_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        options.reading_hours([text])


def test_a_day_has_one_span_of_reading_hours() -> None:
    with pytest.raises(UsageError, match="une seule plage par jour"):
        options.reading_hours(["lun-ven 9:00-12:00", "ven 14:00-18:00"])


def test_a_ladder_is_a_list_of_rungs() -> None:
    assert options.ladder("now, 1d,3h,1d") == ["now", "1d", "3h"]
    assert options.ladder("none") == []
    with pytest.raises(Refused, match="ladder_rung"):
        options.ladder("1d,souvent")


def test_a_sentence_is_spaced_the_french_way() -> None:
    assert spaced("Non : « oui » ?") == "Non\u00a0: «\u00a0oui\u00a0»\u00a0?"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("the following arguments are required: CODE", "il manque : CODE"),
        (
            "argument --role: invalid choice: 'x' (choose from 'a', 'b')",
            "--role : « x » n'existe pas. Au choix : a, b",
        ),
        ("argument --port: invalid int value: 'x'", "--port : « x » ne va pas"),
        ("argument --at: expected one argument", "--at : il faut une valeur"),
        ("argument --json: ignored explicit argument 'x'", "--json ne prend pas de valeur"),
        ("unrecognized arguments: --foo", "je ne connais pas : --foo"),
    ],
)
def test_the_parser_speaks_french(english: str, french: str) -> None:
    assert translated(english).replace("\u00a0", " ") == french
