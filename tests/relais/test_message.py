"""relais message: words and proposals, with the real time of sending and the reason for waiting."""

from datetime import UTC, datetime

import pytest

from records import message
from records.database import Tx
from tests.relais.conftest import CommandLine, link_phone
from tests.relais.test_appointment import AT, WEDNESDAY, coming


@pytest.fixture
def linked(cli: CommandLine, sami: str) -> str:
    link_phone(cli, sami)
    return sami


def test_words_are_planned_with_their_real_time_of_sending(cli: CommandLine, linked: str) -> None:
    made = cli.ok(
        "message", "schedule", linked, "Bravo pour la semaine", "--at", f"{WEDNESDAY} 18:00"
    )
    assert made["leaves_at"][:16] == made["due_at"][:16] == f"{WEDNESDAY}T18:00"
    assert (made["reason"], made["weekly"], made["kind"]) == (None, False, "text")
    assert made["text"] == "Nadia t'a écrit\n\nBravo pour la semaine"


def test_words_for_a_sunday_wait_for_the_next_open_hour(cli: CommandLine, linked: str) -> None:
    made = cli.ok("message", "schedule", linked, "Bravo", "--at", f"{coming(7)} 10:00")
    assert made["due_at"][:16] == f"{coming(7)}T10:00"
    assert made["leaves_at"][:10] > f"{coming(7)}"
    assert made["reason"] == "quiet_hours"
    text = cli.said("message", "list", linked)
    assert "ce n'est pas une heure d'envoi" in text
    assert "│ Bravo" in text


def test_words_leave_now_when_no_time_is_said(cli: CommandLine, linked: str) -> None:
    made = cli.ok("message", "schedule", linked, "Bonjour")
    gap = datetime.now(UTC) - datetime.fromisoformat(made["due_at"])
    assert 0 <= gap.total_seconds() < 120


def test_words_may_come_back_each_week(cli: CommandLine, linked: str) -> None:
    made = cli.ok("message", "schedule", linked, "Bonne semaine", "--at", AT, "--weekly")
    assert made["weekly"] is True
    assert "puis chaque semaine" in cli.said("message", "list")


def test_what_will_not_leave_says_why_and_what_to_do(cli: CommandLine, sami: str) -> None:
    made = cli.ok("message", "schedule", sami, "Bonjour", "--at", AT)
    assert (made["leaves_at"], made["reason"], made["text"]) == (None, "no_phone", None)
    assert "Donnez un lien" in made["sentence"]


def test_someone_who_refused_messages_is_told_of(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami, consents={"reminders": True, "messages": False})
    assert cli.ok("message", "schedule", sami, "Bonjour", "--at", AT)["reason"] == "refused"


def test_an_exercise_is_proposed_and_asks_for_its_own_consent(
    cli: CommandLine, linked: str
) -> None:
    made = cli.ok(
        "message", "schedule", linked, "--offer", "ma-meteo", "--at", f"{WEDNESDAY} 18:00"
    )
    assert made["kind"] == "offer"
    assert made["buttons"][0] == "Oui, d'accord"
    assert "Proposition : " in cli.said("message", "list")


def test_a_survey_is_offered_once_a_wave(cli: CommandLine, linked: str) -> None:
    cli.ok("message", "schedule", linked, "--offer", "satisfaction", "--at", AT)
    assert "déjà été proposé" in cli.refused(
        "message", "schedule", linked, "--offer", "satisfaction", "--at", AT
    )
    quarter = f"{WEDNESDAY.year}-T{(WEDNESDAY.month - 1) // 3 + 1}"
    assert "déjà été proposé" in cli.refused(
        "message", "schedule", linked, "--offer", "satisfaction", "--wave", quarter
    )
    cli.ok(
        "message",
        "schedule",
        linked,
        "--offer",
        "satisfaction",
        "--at",
        AT,
        "--wave",
        f"{WEDNESDAY.year + 1}-T2",
    )


def test_a_message_that_waits_can_be_taken_back(cli: CommandLine, linked: str) -> None:
    made = cli.ok("message", "schedule", linked, "Bonjour", "--at", AT)
    assert cli.ok("message", "cancel", made["id"])["state"] == "dropped"
    assert "déjà parti" in cli.refused("message", "cancel", made["id"])
    listed = cli.ok("message", "list", linked)
    assert listed["waiting"] == []


def test_how_recent_messages_ended_is_said_in_sentences(cli: CommandLine, linked: str) -> None:
    made = cli.ok("message", "schedule", linked, "Bonjour")
    cli.ok("message", "cancel", made["id"])
    [ended] = cli.ok("message", "list")["ended"]
    assert ended == ended | {
        "id": made["id"],
        "state": "dropped",
        "youth": linked,
        "reason": "cancelled_by_staff",
        "sent_at": None,
    }
    assert "Pas envoyé : vous l'avez annulé." in cli.said("message", "list")


def test_a_message_that_was_sent_is_listed_with_its_time(cli: CommandLine, linked: str) -> None:
    made = cli.ok("message", "schedule", linked, "Bonjour")

    async def send(tx: Tx) -> None:
        await tx.run(
            message.message.update().where(message.message.c.id == int(made["id"])),
            {"state": "sent", "sent_at": datetime.now(UTC)},
        )

    cli.look(send)
    [ended] = cli.ok("message", "list", linked)["ended"]
    assert ended["state"] == "sent"
    assert datetime.fromisoformat(ended["sent_at"]).tzinfo is not None
    assert "Envoyé." in cli.said("message", "list", linked)


def test_an_empty_list_says_so(cli: CommandLine) -> None:
    assert cli.ok("message", "list") == {"waiting": [], "ended": []}
    assert cli.said("message", "list").count("Rien.") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Donnez un texte"),
        (("Bonjour", "--offer", "ma-meteo"), "pas les deux"),
        (("",), "1 à 1000 caractères"),
        (("   ",), "1 à 1000 caractères"),
        (("x" * 1001,), "1 à 1000 caractères"),
        (("Le juge a appelé",), "« juge » parle de justice"),
        (("Passe au CSAPA",), "« CSAPA » parle de drogues"),
        (("Rendez-vous aux Passerelles",), "le nom de votre structure"),
        (("Bonjour", "--at", "hier 10h"), "déjà passé"),
        (("Bonjour", "--at", "2026-02-31 10:00"), "n'est pas un moment qui existe"),
        (("Bonjour", "--at", "2020-01-01 10:00"), "déjà passé"),
        (("Bonjour", "--wave", "2026-T4"), "--wave"),
        (("--offer", "enrolment"), "ne se propose pas"),
        (("--offer", "nulle-part"), "Au choix : "),
        (("--offer", "ma-meteo", "--weekly"), "--weekly"),
        (("--offer", "ma-meteo", "--wave", "2026-T4"), "--wave"),
        (("--offer", "satisfaction", "--wave", "automne"), "n'est pas une vague"),
        (("--offer", "satisfaction", "--wave", "2026-T5"), "n'est pas une vague"),
    ],
)
def test_a_message_that_cannot_be_is_refused_and_nothing_waits(
    cli: CommandLine, sami: str, arguments: tuple[str, ...], said: str
) -> None:
    assert said in cli.refused("message", "schedule", sami, *arguments)
    assert cli.ok("message", "list")["waiting"] == []


def test_the_same_words_at_the_same_minute_are_refused(cli: CommandLine, sami: str) -> None:
    cli.ok("message", "schedule", sami, "Bonjour", "--at", AT)
    assert "déjà prévu" in cli.refused("message", "schedule", sami, "Bonjour ", "--at", AT)


@pytest.mark.parametrize(
    "forged", ["abc", "1", "99999999999999999999999", "1; DROP TABLE message", "9" * 5000]
)
def test_a_forged_identifier_is_one_sentence(cli: CommandLine, forged: str) -> None:
    assert "Ce message n'existe pas" in cli.refused("message", "cancel", forged)


def test_a_reminder_goes_with_its_meeting_only(cli: CommandLine, linked: str) -> None:
    made = cli.ok("appointment", "add", linked, "--at", AT)
    assert "Ce message n'existe pas" in cli.refused("message", "cancel", made["messages"][0]["id"])


def test_an_unknown_code_or_structure_is_one_sentence(cli: CommandLine) -> None:
    assert "Aucun jeune ne correspond" in cli.refused("message", "schedule", "ZZZZZ", "Bonjour")
    assert "Aucun jeune ne correspond" in cli.refused("message", "list", "ZZZZZ")
    assert "Aucun jeune ne correspond" in cli.refused("message", "list", "")
    assert "Cette structure n'existe pas" in cli.refused("message", "list", "--structure", "X")
