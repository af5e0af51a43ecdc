"""relais retention: what will go and when, then the same for good; and the end that is foreseen."""

from datetime import UTC, datetime, timedelta

from records import inbox, youth
from records.database import Tx
from tests.relais.conftest import CommandLine, add_sami

TODAY = datetime.now(UTC).date()


def wrote(line: CommandLine, code: str, days_ago: int) -> None:
    async def write(tx: Tx) -> None:
        who = await youth.by_code(tx, code)
        await inbox.add(
            tx,
            datetime.now(UTC) - timedelta(days=days_ago),
            structure_id=who.structure_id,
            youth_id=who.id,
            kind="words",
            text="Bonjour",
        )

    line.look(write)


def test_it_says_what_will_go_and_when_and_deletes_nothing(cli: CommandLine, sami: str) -> None:
    wrote(cli, sami, 20)
    assert cli.ok("retention", "--days", "5") == []
    [going] = cli.ok("retention")
    assert (going["what"], going["count"]) == ("inbox", 1)
    at = datetime.fromisoformat(going["at"])
    assert at.hour == 3
    assert timedelta(days=9) < at - datetime.now(UTC) < timedelta(days=12)
    text = cli.said("retention")
    assert "messages et demandes des jeunes" in text
    assert "Rien n'a été effacé" in text
    assert cli.ok("retention") == [going]


def test_now_does_what_was_told(cli: CommandLine, sami: str) -> None:
    wrote(cli, sami, 31)
    [going] = cli.ok("retention", "--days", "1")
    done = cli.ok("retention", "--now")
    assert [(one["what"], one["count"]) for one in done["gone"]] == [(going["what"], 1)]
    assert cli.ok("retention", "--days", "1") == []
    assert "rien à effacer" in cli.said("retention", "--now")


def test_a_closed_accompaniment_is_erased_whole_with_its_receipt(
    cli: CommandLine, sami: str
) -> None:
    cli.ok("youth", "close", sami)

    async def long_ago(tx: Tx) -> None:
        who = await youth.by_code(tx, sami)
        await youth.change(tx, who.id, closed_at=datetime.now(UTC) - timedelta(days=184))

    cli.look(long_ago)
    [code] = cli.ok("retention", "--now")["receipts"]
    assert cli.ok("youth", "receipt", code)["act"] == "erased_all"
    assert "Aucun jeune" in cli.refused("youth", "show", sami)


def test_periods_are_shown_and_set_up_to_two_years(cli: CommandLine, sami: str) -> None:
    wrote(cli, sami, 10)
    kept = {one["name"]: one["days"] for one in cli.ok("retention", "--periods")}
    assert kept["messages"] == 30
    cli.ok("retention", "--set", "messages=7")
    assert [one["what"] for one in cli.ok("retention", "--days", "1")] == ["inbox"]
    assert "de 1 à 730 jours" in cli.refused("retention", "--set", "messages=731")
    assert "ne se règle pas" in cli.refused("retention", "--set", "message_ids=3")
    assert "par exemple" in cli.refused("retention", "--set", "messages")
    assert "de 1 à 800" in cli.refused("retention", "--days", "0")


def test_an_end_is_foreseen_moved_and_taken_away(cli: CommandLine) -> None:
    ends = TODAY + timedelta(days=20)
    code = add_sami(cli, **{"support-ends-on": f"{ends}"})
    assert cli.ok("youth", "show", code)["closes_on"] == f"{ends + timedelta(days=7)}"
    later = ends + timedelta(days=30)
    moved = cli.ok("youth", "change", code, "--support-ends-on", f"{later}")
    assert moved["support_ends_on"] == f"{later}"
    assert "sera clos le" in cli.said("youth", "change", code, "--support-ends-on", f"{ends}")
    assert cli.ok("retention", "--days", "40")[-1]["what"] == "closing"
    none = cli.ok("youth", "change", code, "--support-ends-on", "none")
    assert (none["support_ends_on"], none["closes_on"]) == (None, None)
    assert cli.ok("retention", "--days", "40") == []
    past = f"{TODAY - timedelta(days=2)}"
    assert "passé" in cli.refused("youth", "change", code, "--support-ends-on", past)


def test_closing_gives_a_receipt(cli: CommandLine, sami: str) -> None:
    closed = cli.ok("youth", "close", sami)
    assert cli.ok("youth", "receipt", closed["receipt"])["act"] == "closed"
