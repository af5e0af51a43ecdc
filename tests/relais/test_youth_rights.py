"""relais youth export, erase, erase-answer, erase-words, correct and receipt: rights by command."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from records import audit, inbox, response, youth
from records.database import Tx
from tests.relais.conftest import CommandLine, add_sami, link_phone
from tests.relais.test_responses import answered

YEAR = datetime.now(UTC).year


def wrote(line: CommandLine, code: str, text: str) -> None:
    async def write(tx: Tx) -> None:
        who = await youth.by_code(tx, code)
        await inbox.add(
            tx,
            datetime.now(UTC),
            structure_id=who.structure_id,
            youth_id=who.id,
            kind="words",
            text=text,
        )

    line.look(write)


def exported(
    line: CommandLine, code: str, name: str = "tout.json"
) -> dict[str, list[dict[str, str]]]:
    made = line.ok("youth", "export", code, "--format", "json", "--out", name)
    facts = json.loads(Path(made["file"]).read_text("utf-8"))
    stored: dict[str, list[dict[str, str]]] = facts["stored"]
    return stored


def test_the_file_holds_everything_for_its_owner_alone(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami)
    answered(cli, sami, shared=False)
    wrote(cli, sami, "Je serai là")
    made = cli.ok("youth", "export", sami, "--format", "json", "--as", "nadia")
    path = Path(made["file"])
    assert path.name == f"{sami}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    facts = json.loads(path.read_text("utf-8"))
    assert facts["code"] == sami
    assert facts["stored"]["youth"][0]["nickname"] == "Sami"
    assert {one["value"] for one in facts["stored"]["response"]} == {"v3", "ça va"}
    assert facts["stored"]["inbox"][0]["text"] == "Je serai là"
    assert facts["stored"]["contact"][0]["address"] == "5001"
    assert facts["receipt"] == made["receipt"]
    assert "existe déjà" in cli.refused("youth", "export", sami, "--format", "json")


def test_who_hands_it_over_is_noted(cli: CommandLine, sami: str) -> None:
    cli.ok("youth", "export", sami, "--as", "nadia")

    async def lines(tx: Tx) -> list[str]:
        return [x.action for x in await audit.about_youth(tx, (await youth.by_code(tx, sami)).id)]

    assert cli.look(lines) == ["exported"]
    again = cli.ok("youth", "export", sami, "--format", "json", "--out", "encore.json")
    [seen] = json.loads(Path(again["file"]).read_text("utf-8"))["read_by"]
    assert (seen["by"], seen["kind"]) == ("Nadia", "exported"), "and the youth can see it"


def test_the_page_stands_alone_and_is_neutral_on_top(cli: CommandLine, sami: str) -> None:
    answered(cli, sami)
    page = Path(cli.ok("youth", "export", sami)["file"]).read_text("utf-8")
    assert "<title>À toi</title>" in page
    assert "ça va" in page
    assert "Les Passerelles" not in page.partition("<h2>")[0]
    for outside in ("<script", "<img", "<link", "http:", "https:", "url("):
        assert outside not in page


def test_markup_in_words_is_shown_as_it_was_written(cli: CommandLine, sami: str) -> None:
    wrote(cli, sami, "<script>alert(1)</script>")
    page = Path(cli.ok("youth", "export", sami)["file"]).read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page


def test_erasing_everything_asks_for_the_code_twice_and_gives_a_receipt(
    cli: CommandLine, sami: str
) -> None:
    answered(cli, sami)
    assert "les deux codes diffèrent" in cli.refused("youth", "erase", sami, "--confirm", "ZZZZZ")
    assert cli.ok("youth", "show", sami)["code"] == sami
    gone = cli.ok("youth", "erase", sami, "--confirm", sami.lower())
    assert "Aucun jeune ne correspond" in cli.refused("youth", "show", sami)
    proved = cli.ok("youth", "receipt", gone["receipt"].lower())
    assert proved["act"] == "erased_all"
    assert sami not in cli.said("youth", "receipt", gone["receipt"])
    assert "Aucun reçu" in cli.refused("youth", "receipt", "AAAA-AAAA")

    async def left(tx: Tx) -> int:
        return len(await tx.rows(select(response.response)))

    assert cli.look(left) == 0


def test_one_answer_goes_from_the_desk_and_from_later_exports(cli: CommandLine, sami: str) -> None:
    answered(cli, sami)
    one, other = exported(cli, sami)["response"]
    gone = cli.ok("youth", "erase-answer", sami, one["id"])
    assert cli.ok("youth", "receipt", gone["receipt"])["act"] == "erased_answer"
    [left] = cli.ok("responses", "--as", "nadia", sami)
    assert left["id"] == other["id"]
    assert exported(cli, sami, "apres.json")["response"] == [other]
    assert "n'existe pas" in cli.refused("youth", "erase-answer", sami, one["id"])


def test_nobody_elses_answer_is_erased(cli: CommandLine, sami: str) -> None:
    answered(cli, sami)
    one = exported(cli, sami)["response"][0]["id"]
    other = add_sami(cli, nickname="Inès")
    assert "n'existe pas" in cli.refused("youth", "erase-answer", other, one)
    assert len(cli.ok("responses", "--as", "nadia", sami)) == 2


def test_words_are_taken_back(cli: CommandLine, sami: str) -> None:
    wrote(cli, sami, "Pas ce que je voulais dire")
    [said] = exported(cli, sami)["inbox"]
    cli.ok("youth", "erase-words", sami, said["id"])
    assert "inbox" not in exported(cli, sami, "apres.json")
    assert "n'existe plus" in cli.refused("youth", "erase-words", sami, said["id"])


def test_what_was_written_down_wrongly_is_corrected(cli: CommandLine, sami: str) -> None:
    made = cli.ok(
        "youth", "correct", sami, "--nickname", " Samy ", "--born", f"{YEAR - 13}-02",
        "--school-aged", "no", "--language", "en", "--form", "vous",
    )  # fmt: skip
    assert made == made | {
        "nickname": "Samy",
        "born": f"{YEAR - 13}-02",
        "school_aged": False,
        "language": "en",
        "form": "vous",
        "regime": "parental",
    }
    assert cli.ok("youth", "receipt", made["receipt"])["act"] == "corrected"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ((), "Dites quoi corriger"),
        (("--nickname", " "), "prénom"),
        (("--born", f"{YEAR - 40}-02"), "ans"),
        (("--language", "xx"), "n'est pas une langue"),
    ],
)
def test_a_correction_is_held_to_the_same_rules(
    cli: CommandLine, sami: str, typed: tuple[str, ...], sentence: str
) -> None:
    assert sentence in cli.refused("youth", "correct", sami, *typed)
    assert cli.ok("youth", "show", sami)["nickname"] == "Sami"


def test_rights_are_the_same_on_both_databases(either: CommandLine) -> None:
    code = add_sami(either)
    answered(either, code)
    assert len(exported(either, code)["response"]) == 2
    either.ok("youth", "erase", code, "--confirm", code)
    assert "Aucun jeune" in either.refused("youth", "export", code)
