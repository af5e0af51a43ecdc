"""relais queue: what waits everywhere, why, and when it really goes out; and what to decide."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from records import message, outbox, structure, youth
from records.database import Tx
from records.sending import decide
from relais.commands.queue import AT_MOST
from tests.relais.conftest import CommandLine, add_sami, link_phone
from tests.relais.test_appointment import WEDNESDAY, coming

TABLE = message.message
SECRET = "Entre nous"


@pytest.fixture
def linked(cli: CommandLine, sami: str) -> str:
    link_phone(cli, sami)
    cli.look(nothing_waits)  # the welcome has left
    return sami


async def nothing_waits(tx: Tx) -> None:
    await tx.run(TABLE.delete())


def queued(cli: CommandLine, *options: str) -> list[dict[str, Any]]:
    [place] = cli.ok("queue", *options)
    return list(place["messages"])


def plan(cli: CommandLine, code: str, at: str) -> int:
    return int(cli.ok("message", "schedule", code, SECRET, "--at", at)["id"])


def changed(which: int, **values: Any) -> Callable[[Tx], Any]:
    async def change(tx: Tx) -> None:
        await tx.run(TABLE.update().where(TABLE.c.id == which), values)

    return change


def bot_is(state: str) -> Callable[[Tx], Any]:
    async def change(tx: Tx) -> None:
        [bot] = await structure.bots(tx)
        await structure.set_bot_state(tx, datetime.now(UTC), bot.id, state)

    return change


def test_the_real_time_is_the_one_of_delivery_with_what_holds_it_back(
    cli: CommandLine, linked: str
) -> None:
    plan(cli, linked, f"{coming(7)} 10:00")  # a Sunday
    cli.ok("appointment", "add", linked, "--at", f"{WEDNESDAY} 14:30")
    reminder, words = queued(cli)
    assert reminder["kind"] == "reminder"
    assert reminder["leaves_at"] == reminder["due_at"]
    assert words["leaves_at"] > words["due_at"]
    assert (words["reason"], words["next"]) == (
        "quiet_hours",
        "Il partira de lui-même à l'heure dite.",
    )
    text = cli.said("queue")
    assert "Les Passerelles — @relais_test_bot" in text
    assert "Ce qui attend (2)" in text
    assert "Ce n'est pas une heure d'envoi." in text


def test_the_times_are_those_at_which_delivery_then_sends(cli: CommandLine, linked: str) -> None:
    plan(cli, linked, f"{coming(7)} 10:00")
    [words] = queued(cli)
    at = datetime.fromisoformat(words["leaves_at"]).astimezone(UTC)

    async def claims(tx: Tx) -> list[bool]:
        [bot] = await structure.bots(tx)
        found = []
        for now in (at - timedelta(seconds=1), at):
            due = await outbox.claim_due(tx, now, now, bot.id, 10)
            found.append([decide(one.facts, now).action for one in due] == ["send"])
            await tx.run(TABLE.update(), {"state": "waiting"})
        return found

    assert cli.look(claims) == [False, True]


def test_neither_words_nor_names_are_shown(cli: CommandLine, linked: str) -> None:
    plan(cli, linked, f"{WEDNESDAY} 18:00")
    for said in (cli.said("queue"), str(cli.ok("queue"))):
        assert linked in said
        assert SECRET not in said
        assert "Sami" not in said


def test_what_the_bot_answers_to_a_youth_is_all_alike(cli: CommandLine, linked: str) -> None:
    async def answer(tx: Tx) -> None:
        who, now = await youth.by_code(tx, linked), datetime.now(UTC)
        [bot] = await structure.bots(tx)
        drafts = [
            message.Draft(who.structure_id, bot.id, who.id, kind, now, now + timedelta(days=1), {})
            for kind in ("phrase", "card")
        ]
        await message.queue(tx, now, drafts)

    cli.look(answer)
    assert [m["kind"] for m in queued(cli)] == ["answer", "answer"]
    text = cli.said("queue")
    assert text.count("Réponse du bot") == 2
    assert "card" not in text


def test_what_leaves_in_another_year_tells_which(cli: CommandLine, linked: str) -> None:
    this_year = datetime.now(UTC).year
    ines = add_sami(cli, nickname="Inès", born=f"{this_year - 20}-01")
    link_phone(cli, ines, address="5002")
    cli.look(nothing_waits)
    plan(cli, ines, f"{this_year + 1}-12-01 18:00")
    plan(cli, linked, f"{WEDNESDAY} 18:00")
    lines = [line for line in cli.said("queue").splitlines() if line.endswith("Message")]
    assert [f"1er décembre {this_year + 1} à 18 h" in line for line in lines] == [False, True]
    assert f"{this_year} à" not in lines[0]


def test_a_question_to_ask_again_is_named(cli: CommandLine, linked: str) -> None:
    async def ask_again(tx: Tx) -> None:
        who, now = await youth.by_code(tx, linked), datetime.now(UTC)
        [bot] = await structure.bots(tx)
        at, why = now + timedelta(days=400), {"why": "text"}
        draft = message.Draft(who.structure_id, bot.id, who.id, "again", at, at, why)
        await message.queue(tx, now, [draft])

    cli.look(ask_again)
    assert [m["kind"] for m in queued(cli)] == ["again"]
    assert "Question à reposer" in cli.said("queue")


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("revoked", "bot_revoked", "Telegram ne reconnaît plus le bot"),
        ("unreachable", "network", "Telegram n'est pas joignable"),
    ],
)
def test_what_is_due_waits_for_its_bot_and_what_is_not_keeps_its_hour(
    cli: CommandLine, linked: str, state: str, reason: str, said: str
) -> None:
    due, later = plan(cli, linked, f"{WEDNESDAY} 18:00"), plan(cli, linked, f"{WEDNESDAY} 18:30")
    cli.look(changed(due, due_at=datetime.now(UTC), unasked=False))
    cli.look(bot_is(state))
    held, planned = queued(cli)
    assert (held["id"], held["reason"], held["leaves_at"]) == (str(due), reason, None)
    assert (planned["id"], planned["reason"]) == (str(later), None)
    assert planned["leaves_at"] is not None
    text = cli.said("queue")
    assert said in text
    assert "Perd son sens" in text
    assert cli.ok("queue")[0]["trouble"]


@pytest.mark.parametrize("held", ["rate_limited", "telegram_error", "bot_taken_over"])
def test_what_delivery_met_when_it_tried_is_said(cli: CommandLine, linked: str, held: str) -> None:
    which = plan(cli, linked, f"{WEDNESDAY} 18:00")
    cli.look(changed(which, due_at=datetime.now(UTC), unasked=False, held_by=held))
    [waiting] = queued(cli)
    assert (waiting["reason"], waiting["leaves_at"], waiting["leaves"]) == (held, None, True)


def test_what_waits_for_a_bot_that_does_not_exist_yet_says_so(
    cli: CommandLine, linked: str
) -> None:
    which = plan(cli, linked, f"{WEDNESDAY} 18:00")
    cli.look(changed(which, bot_id=None))
    [waiting] = queued(cli)
    assert (waiting["reason"], waiting["leaves_at"]) == ("no_bot", None)
    assert "aucun bot n'est relié" in waiting["sentence"]


def test_what_will_not_leave_says_so(cli: CommandLine, sami: str) -> None:
    plan(cli, sami, f"{WEDNESDAY} 18:00")
    [stopped] = queued(cli)
    assert (stopped["reason"], stopped["leaves"]) == ("no_phone", False)
    assert "ne partira pas" in cli.said("queue")


def test_what_is_under_way_is_there(cli: CommandLine, linked: str) -> None:
    which = plan(cli, linked, f"{WEDNESDAY} 18:00")
    cli.look(changed(which, state="claimed", claim=1))
    [flying] = queued(cli)
    assert (flying["state"], flying["sentence"]) == ("claimed", "En train de partir.")
    assert "En train de partir (1)" in cli.said("queue")


@pytest.mark.parametrize(("verb", "state"), [("resend", "waiting"), ("leave", "dropped")])
def test_what_nobody_is_sure_of_comes_first_and_is_decided_here(
    cli: CommandLine, linked: str, verb: str, state: str
) -> None:
    which = plan(cli, linked, f"{WEDNESDAY} 18:00")
    cli.look(changed(which, state="uncertain", reason="no_reply"))
    [unsure] = queued(cli)
    assert (unsure["state"], unsure["reason"]) == ("uncertain", "no_reply")
    text = cli.said("queue")
    assert text.index("À décider (1)") < text.index(f"relais message {verb} {which}")
    assert cli.ok("message", verb, str(which))["state"] == state
    assert "déjà réglé" in cli.refused("message", verb, str(which))
    assert "À décider" not in cli.said("queue")


def test_a_message_is_shown_with_what_became_of_it(cli: CommandLine, linked: str) -> None:
    which = plan(cli, linked, f"{WEDNESDAY} 18:00")
    assert cli.ok("message", "show", str(which))["leaves_at"][:16] == f"{WEDNESDAY}T18:00"
    cli.look(changed(which, state="refused", reason="blocked"))
    shown = cli.ok("message", "show", str(which))
    assert (shown["state"], shown["reason"]) == ("refused", "blocked")
    assert shown["sentence"].endswith(shown["next"])
    assert "ce jeune a bloqué le bot" in cli.said("message", "show", str(which))


def test_one_structure_or_one_youth_can_be_asked_for(cli: CommandLine, linked: str) -> None:
    cli.ok("structure", "add", "Le Phare", "--kind", "cjc")
    other = add_sami(cli, nickname="Inès")
    plan(cli, linked, f"{WEDNESDAY} 18:00")
    plan(cli, other, f"{WEDNESDAY} 18:00")
    assert [place["structure"] for place in cli.ok("queue")] == ["Le Phare", "Les Passerelles"]
    [only] = cli.ok("queue", "--structure", "Le Phare")
    assert (only["structure"], only["messages"]) == ("Le Phare", [])
    assert "Rien n'attend." in cli.said("queue", "--structure", "le phare")
    [mine] = cli.ok("queue", "--youth", linked)
    assert [m["youth"] for m in mine["messages"]] == [linked]
    assert "Aucun jeune" in cli.refused("queue", "--youth", "ZZZZZ")
    assert "n'existe pas" in cli.refused("queue", "--structure", "Nulle part")


def test_a_long_queue_says_that_there_is_more(cli: CommandLine, linked: str) -> None:
    async def many(tx: Tx) -> None:
        who, now = await youth.by_code(tx, linked), datetime.now(UTC)
        [bot] = await structure.bots(tx)
        later = now + timedelta(days=1)
        draft = message.Draft(who.structure_id, bot.id, who.id, "phrase", later, later, {})
        await message.queue(tx, now, [draft] * (AT_MOST + 1))

    cli.look(many)
    [place] = cli.ok("queue")
    assert (len(place["messages"]), place["more"]) == (AT_MOST, True)


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal(
    cli: CommandLine, linked: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    which = plan(cli, linked, f"{coming(7)} 10:00")
    cli.ok("message", "schedule", linked, "--offer", "ma-meteo", "--at", f"{WEDNESDAY} 18:00")
    cli.ok("appointment", "add", linked, "--at", f"{WEDNESDAY} 14:30")
    cli.look(changed(which, due_at=datetime.now(UTC), unasked=False))
    cli.look(bot_is("revoked"))
    assert max(map(len, cli.said("queue").splitlines())) <= columns


def test_an_empty_installation_has_nothing_that_waits(empty: CommandLine) -> None:
    assert empty.ok("queue") == []
    assert "Rien n'attend." in empty.said("queue")
