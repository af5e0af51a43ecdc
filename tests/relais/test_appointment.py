"""relais appointment: what the youth will see, and when, is said before it leaves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from content import day_and_time
from records import appointment
from records.calendars import is_public_holiday
from records.database import Tx
from tests.relais.conftest import CommandLine, add_sami, link_phone

PARIS = ZoneInfo("Europe/Paris")


def coming(weekday: int, weeks: int = 2) -> date:
    """A day to come, with no public holiday on it nor on the day before."""
    today = datetime.now(PARIS).date()
    found = today + timedelta(days=(weekday - today.isoweekday()) % 7 + 7 * weeks)
    while is_public_holiday(found, "") or is_public_holiday(found - timedelta(days=1), ""):
        found += timedelta(days=7)
    return found


WEDNESDAY = coming(3)
AT = f"{WEDNESDAY} 14:30"


@pytest.fixture
def linked(cli: CommandLine, sami: str) -> str:
    link_phone(cli, sami)
    return sami


def test_a_meeting_is_planned_with_what_the_youth_will_see(cli: CommandLine, linked: str) -> None:
    made = cli.ok(
        "appointment",
        "add",
        linked,
        "--at",
        AT,
        "--minutes",
        "30",
        "--place",
        " au\nlocal\x1b ",
        "--slot",
        f"{coming(4)} 17h",
        "--slot",
        f"{coming(5)} 18h30",
    )
    assert made["starts_at"] == datetime.fromisoformat(AT).replace(tzinfo=PARIS).isoformat()
    assert (made["minutes"], made["place"], made["ladder"]) == (30, "au local", ["1d"])
    assert [slot[:16] for slot in made["slots"]] == [f"{coming(4)}T17:00", f"{coming(5)}T18:30"]
    [reminder] = made["messages"]
    leaves = datetime.fromisoformat(reminder["leaves_at"])
    assert (leaves.date(), f"{leaves:%H:%M}") == (WEDNESDAY - timedelta(days=1), "17:30")
    assert reminder["text"].startswith("RDV demain, mercredi")
    assert "au local" in reminder["text"]
    assert reminder["buttons"] == ["J'y serai", "En retard", "Changer", "Je ne peux pas"]
    assert reminder["appointment"] == made["id"]


def test_a_person_reads_the_same_in_words(cli: CommandLine, linked: str) -> None:
    text = cli.said("appointment", "add", linked, "--at", AT)
    when = day_and_time(datetime.fromisoformat(AT))
    assert f"Rendez-vous prévu : {when}".replace("\u00a0", " ") in text
    assert "Ce que Sami verra :" in text
    assert "Rappel du rendez-vous. Part mardi" in text
    assert "│ RDV demain" in text
    assert "│ [J'y serai] [En retard]" in text


def test_without_a_phone_the_reason_is_said_once(cli: CommandLine, sami: str) -> None:
    text = cli.said("appointment", "add", sami, "--at", AT, "--ladder", "now,1d,3h")
    assert text.count("aucun téléphone n'est relié") == 1
    made = cli.ok("appointment", "list", sami)
    assert made[0]["ladder"] == ["now", "1d", "3h"]
    assert "Rien ne partira vers Sami" in cli.said(
        "appointment", "add", sami, "--at", f"{coming(4)} 10h", "--ladder", "none"
    )


def test_a_meeting_moves_and_the_change_is_announced(cli: CommandLine, linked: str) -> None:
    made = cli.ok("appointment", "add", linked, "--at", AT)
    moved = cli.ok("appointment", "move", made["id"], "--at", f"{coming(5)} 10:00")
    assert (moved["id"], moved["revision"]) == (made["id"], 2)
    assert moved["starts_at"].startswith(f"{coming(5)}T10:00")
    kinds = {m["kind"] for m in moved["messages"]}
    assert kinds == {"changed", "reminder"}
    text = next(m["text"] for m in moved["messages"] if m["kind"] == "changed")
    assert text.startswith("Ton RDV change")
    ended = cli.ok("message", "list", linked)["ended"]
    assert [(m["kind"], m["state"], m["reason"]) for m in ended] == [
        ("reminder", "dropped", "meeting_moved")
    ]


def test_a_meeting_is_called_off_and_the_youth_is_told(cli: CommandLine, linked: str) -> None:
    made = cli.ok("appointment", "add", linked, "--at", AT)
    off = cli.ok("appointment", "cancel", made["id"])
    assert off["state"] == "cancelled"
    assert [m["kind"] for m in off["messages"]] == ["cancelled"]
    assert "déjà annulé" in cli.refused("appointment", "cancel", made["id"])
    assert "déjà annulé" in cli.refused(
        "appointment", "move", made["id"], "--at", f"{coming(5)} 10:00"
    )
    assert "annulé" in cli.said("appointment", "list", linked)


def test_a_code_is_enough_when_there_is_one_meeting_to_come(cli: CommandLine, linked: str) -> None:
    assert "n'a pas de rendez-vous" in cli.refused("appointment", "cancel", linked)
    cli.ok("appointment", "add", linked, "--at", AT)
    cli.ok("appointment", "move", linked, "--at", f"{coming(4)} 11h")
    cli.ok("appointment", "add", linked, "--at", f"{coming(5)} 11h")
    assert "2 rendez-vous à venir" in cli.refused("appointment", "cancel", linked)


def test_meetings_are_listed_by_youth_and_by_day(cli: CommandLine, sami: str) -> None:
    maya = add_sami(cli, nickname="Maya", educator="karim")
    cli.ok("appointment", "add", sami, "--at", f"{coming(5)} 11h")
    cli.ok("appointment", "add", maya, "--at", AT)
    assert [m["youth"] for m in cli.ok("appointment", "list")] == [maya, sami]
    assert [m["youth"] for m in cli.ok("appointment", "list", sami)] == [sami]
    since = cli.ok("appointment", "list", "--since", str(coming(4)))
    assert [m["youth"] for m in since] == [sami]
    text = cli.said("appointment", "list")
    assert "Maya" in text
    assert "pas encore de réponse" in text


def test_the_first_day_of_all_time_is_a_beginning_like_another(cli: CommandLine, sami: str) -> None:
    cli.ok("appointment", "add", sami, "--at", AT)
    assert len(cli.ok("appointment", "list", "--since", "0001-01-01")) == 1
    assert "trop loin" in cli.refused("appointment", "list", "--since", "9999-12-31")


def test_an_answer_and_the_slot_that_was_chosen_are_listed(cli: CommandLine, sami: str) -> None:
    made = cli.ok("appointment", "add", sami, "--at", AT, "--slot", f"{coming(4)} 17h")

    async def answer(tx: Tx) -> None:
        which = await appointment.get(tx, int(made["id"]))
        await appointment.answer(tx, datetime.now(UTC), which, "change", which.slots[0])

    cli.look(answer)
    [listed] = cli.ok("appointment", "list", sami)
    assert listed["answer"] == "change"
    assert listed["wish"].startswith(f"{coming(4)}T17:00")
    assert datetime.fromisoformat(listed["answered_at"]).tzinfo is not None
    assert "veut changer, plutôt jeudi" in cli.said("appointment", "list", sami)


def skipped_hour() -> str:
    """Half past two on the last Sunday of March to come."""
    now = datetime.now(PARIS)
    for year in (now.year, now.year + 1):
        last = date(year, 3, 31)
        sunday = last - timedelta(days=last.isoweekday() % 7)
        if sunday > now.date():
            return f"{sunday} 02:30"
    raise AssertionError


@pytest.mark.parametrize(
    ("typed", "example"),
    [
        (("move", "12", "--at", "demain 14h30"), "relais appointment move K7M2P --at"),
        (("cancel", "abc"), "relais appointment cancel K7M2P"),
    ],
)
def test_what_is_neither_a_meeting_nor_a_code_is_told_with_an_example(
    cli: CommandLine, typed: tuple[str, ...], example: str
) -> None:
    said = cli.refused("appointment", *typed)
    assert f"« {typed[1]} » n'est ni l'identifiant d'un rendez-vous, ni le code d'un jeune" in said
    assert example in said


@pytest.mark.parametrize("day", ["demain", f"{WEDNESDAY}", "mercredi"])
def test_a_day_without_its_hour_asks_for_the_hour(cli: CommandLine, sami: str, day: str) -> None:
    said = cli.refused("appointment", "add", sami, "--at", day)
    assert f"Il manque l'heure : « {day} » dit seulement le jour" in said
    assert f"« {day} 14h30 »" in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"at": "2026-02-31 10:00"}, "n'est pas un moment qui existe"),
        ({"at": "jamais"}, "n'est pas un moment qui existe"),
        ({"at": "2020-01-01 10:00"}, "déjà passé"),
        ({"at": skipped_hour()}, "Cette heure n'existe pas ce jour-là"),
        ({"at": "2999-01-01 10:00"}, "trop loin"),
        ({"minutes": "2"}, "de 5 à 600 minutes"),
        ({"minutes": "une heure"}, "« une heure » ne va pas"),
        ({"place": "x" * 81}, "80 caractères"),
        ({"place": "au tribunal"}, "« tribunal » parle de justice"),
        ({"place": "Les Passerelles"}, "le nom de votre structure"),
        ({"slot": "2020-01-01 10:00"}, "déjà passé"),
        ({"slot": "31/02 10h"}, "n'est pas un moment qui existe"),
        ({"slot": skipped_hour()}, "Cette heure n'existe pas ce jour-là"),
        ({"ladder": "1d,100h"}, "Ce rappel n'existe pas : 100h"),
        ({"structure": "Nulle part"}, "Cette structure n'existe pas"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_and_nothing_is_kept(
    cli: CommandLine, sami: str, changed: dict[str, str], said: str
) -> None:
    typed: dict[str, Any] = {"at": AT} | changed
    arguments = [part for name, value in typed.items() for part in (f"--{name}", value)]
    assert said in cli.refused("appointment", "add", sami, *arguments)
    assert cli.ok("appointment", "list") == []


def test_five_slots_are_too_many(cli: CommandLine, sami: str) -> None:
    slots = [part for hour in range(9, 14) for part in ("--slot", f"{coming(4)} {hour}h")]
    assert "4 autres moments" in cli.refused("appointment", "add", sami, "--at", AT, *slots)


def test_the_same_meeting_twice_is_refused(cli: CommandLine, sami: str) -> None:
    made = cli.ok("appointment", "add", sami, "--at", AT)
    assert "déjà prévu" in cli.refused("appointment", "add", sami, "--at", AT)
    assert "C'est déjà le jour et l'heure" in cli.refused(
        "appointment", "move", made["id"], "--at", AT
    )


@pytest.mark.parametrize(
    "forged", ["123456789012", "99999999999999999999999", "00000000000", "9" * 5000]
)
def test_a_forged_identifier_is_one_sentence(cli: CommandLine, forged: str) -> None:
    assert "Ce rendez-vous n'existe pas" in cli.refused("appointment", "cancel", forged)
    assert "Ce rendez-vous n'existe pas" in cli.refused("appointment", "move", forged, "--at", AT)


def test_an_unknown_code_is_one_sentence(cli: CommandLine) -> None:
    for arguments in (("add", "ZZZZZ", "--at", AT), ("cancel", "ZZZZZ"), ("list", "")):
        assert "Aucun jeune ne correspond" in cli.refused("appointment", *arguments)


def test_wall_times_are_those_of_the_structure(empty: CommandLine) -> None:
    empty.ok("structure", "add", "Ti Kaz", "--kind", "cjc", "--zone", "Indian/Reunion")
    empty.ok("staff", "add", "nadia", "--name", "Nadia", "--role", "educator")
    made = empty.ok("appointment", "add", add_sami(empty), "--at", AT)
    assert made["starts_at"] == f"{WEDNESDAY}T14:30:00+04:00"


def test_planning_is_the_same_on_both_databases(either: CommandLine) -> None:
    code = add_sami(either)
    link_phone(either, code)
    made = either.ok("appointment", "add", code, "--at", AT)
    moved = either.ok("appointment", "move", made["id"], "--at", f"{coming(5)} 10:00")
    assert len(moved["messages"]) == 2
    either.ok("appointment", "cancel", code)
    assert [m["state"] for m in either.ok("appointment", "list")] == ["cancelled"]
    assert either.ok("message", "list", code)["waiting"][0]["kind"] == "cancelled"
