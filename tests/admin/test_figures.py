"""Coordination sees codes and counts; evaluation nothing under five."""

import csv
import io
import re

from tests.admin.house import House, surveyed, words


async def test_coordination_sees_codes_and_counts_only(busy: House) -> None:
    async with await busy.visitor("claire") as claire:
        page = words(await claire.get("/equipe"))
    assert busy.cast.sami.code in page
    assert "4 jeunes accompagnés" in page
    for name in ("Sami", "Inès", "Maya"):
        assert name not in page


async def test_evaluation_shows_nothing_under_five(house: House) -> None:
    async with await house.visitor("omar") as omar:
        assert "Aucun résultat encore" in words(await omar.get("/evaluation"))
        await surveyed(house.database, house.cast, 23)
        page = words(await omar.get("/evaluation"))
        table = await omar.get("/evaluation.csv")
    assert "masqué" in page
    assert re.search(r"</meter>10<", page)
    assert not re.search(r"</meter>[0-4]<", page)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    lines = table.text.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("questionnaire;version;vague;question")
    assert any(line.endswith(";10") for line in lines)
    assert not any(line.endswith((";3", ";2", ";1")) for line in lines)


async def test_an_answer_that_nobody_chose_looks_like_one_that_four_chose(house: House) -> None:
    async with await house.visitor("omar") as omar:
        await surveyed(house.database, house.cast, 23)
        useful = _lines((await omar.get("/evaluation.csv")).text, "utile")
    assert [(line[5], line[6]) for line in useful] == [
        ("no", "masqué"),
        ("rather_no", "masqué"),
        ("rather_yes", "masqué"),
        ("yes", "10"),
    ]


async def test_a_question_that_too_few_answered_is_one_sentence_and_no_value(house: House) -> None:
    async with await house.visitor("omar") as omar:
        await surveyed(house.database, house.cast, 23, easy=4)
        page, table = words(await omar.get("/evaluation")), await omar.get("/evaluation.csv")
    assert page.count("Trop peu de réponses à cette question") == 5
    for question in ("facile", "rythme"):  # four answered one of them, nobody the other
        [line] = _lines(table.text, question)
        assert line[4:] == ["", "", "masqué"]


def _lines(table: str, about: str) -> list[list[str]]:
    rows = csv.reader(io.StringIO(table.removeprefix("\ufeff")), delimiter=";")
    return [row for row in rows if about in row[3]]


def test_a_cell_that_looks_like_a_formula_stays_text() -> None:
    from admin.evaluation import as_text

    assert [as_text(cell) for cell in ("=1+1", "+33", "-1", "@x", "Oui")] == [
        "'=1+1",
        "'+33",
        "'-1",
        "'@x",
        "Oui",
    ]
