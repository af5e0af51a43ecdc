"""Coordination sees codes and counts; evaluation nothing under five."""

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


def test_a_cell_that_looks_like_a_formula_stays_text() -> None:
    from admin.evaluation import as_text

    assert [as_text(cell) for cell in ("=1+1", "+33", "-1", "@x", "Oui")] == [
        "'=1+1",
        "'+33",
        "'-1",
        "'@x",
        "Oui",
    ]
