"""The structure's papers: filled with its own settings, what only it can say marked as missing."""

import re
from datetime import timedelta

import pytest

from admin.papers import NOTICES, PAPERS, paper
from records import retention, structure
from records.structure import CATEGORIES, MINOR_AGES, Structure
from tests.admin.house import NBSP, House, Visitor, words
from tests.cast import NOW, Cast

KEPT = {name: timedelta(days=period.days) for name, period in retention.PERIODS.items()}
CONTROLLER = {
    "name": "Association Les Deux Rives",
    "address": "1 place de l'Exemple, 00000 Exempleville",
    "contact": "donnees@exemple.invalid",
    "dpo": "dpo@exemple.invalid",
    "host": "Hébergeur d'exemple, France, certifié HDS",
}


async def _structure(house: House, **settings: object) -> Structure:
    async with house.database.write() as tx:
        await structure.change(tx, house.cast.structure_id, **settings)
        return await structure.get(tx, house.cast.structure_id)


@pytest.mark.parametrize("name", PAPERS)
async def test_a_paper_marks_what_the_structure_has_not_said(house: House, name: str) -> None:
    bare = paper(name, await _structure(house, controller={}), NOW.date(), KEPT)
    told = paper(name, await _structure(house, controller=CONTROLLER), NOW.date(), KEPT)
    assert told.missing < bare.missing
    assert CONTROLLER["name"] in told.html
    assert f"[à compléter{NBSP}:" in bare.html


@pytest.mark.parametrize("name", [*NOTICES.values(), "notice-parents"])
async def test_a_notice_is_whole_once_the_controller_is_told(house: House, name: str) -> None:
    assert (
        paper(name, await _structure(house, controller=CONTROLLER), NOW.date(), KEPT).missing == 0
    )


async def test_the_rule_for_minors_is_told_by_age(house: House) -> None:
    rule = {f"{category}:{age}": "ask" for category in CATEGORIES for age in MINOR_AGES}
    of = await _structure(
        house, telegram_minimum_age=13, alert_rule=rule | {"violence:under_15": "tell"}
    )
    younger, older = (paper(NOTICES[age], of, NOW.date(), KEPT).html for age in ("12-14", "15-25"))
    assert "même sans ton oui" in younger
    assert "même sans ton oui" not in older
    assert "on te demande avant" in older


async def test_too_young_for_telegram_nothing_of_a_phone_is_promised(house: House) -> None:
    for age, on_a_phone in ((13, True), (14, True), (15, False), (18, False)):
        of = await _structure(house, telegram_minimum_age=age)
        html = paper(NOTICES["12-14"], of, NOW.date(), KEPT).html
        for words_ in (
            "<strong>Moi</strong>",
            "Ton téléphone est relié",
            "Dans le bot",
            "/aide",
        ):
            assert (words_ in html) is on_a_phone, (age, words_)
        assert ("ça se passe au rendez-vous" in html) is not on_a_phone


@pytest.mark.parametrize("name", ["aipd", "registre"])
async def test_no_table_stands_in_another(house: House, name: str) -> None:
    html = paper(name, await _structure(house), NOW.date(), KEPT).html
    inside = 0
    for tag in re.findall(r"</?table>", html):
        inside += 1 if tag == "<table>" else -1
        assert inside in (0, 1)


async def test_a_parent_is_told_the_rule_of_both_ages_and_is_spoken_to_as_vous(
    house: House,
) -> None:
    rule = {f"{category}:{age}": "ask" for category in CATEGORIES for age in MINOR_AGES}
    of = await _structure(house, alert_rule=rule | {"violence:under_15": "tell"})
    html = paper("notice-parents", of, NOW.date(), KEPT).html
    younger, older = re.findall(r"<li>(?:Avant 15|De 15 à 17) ans[^<]*</li>", html)
    assert "même sans son oui" in younger
    assert "il ou elle dit oui" in older
    assert not re.search(r"\b(?:tu|tes|ton|ta|toi)\b|\bt'", html, re.IGNORECASE)


async def test_the_impact_assessment_tells_each_category_of_the_rule(house: House) -> None:
    rule = {f"{category}:{age}": "tell" for category in CATEGORIES for age in MINOR_AGES}
    of = await _structure(house, alert_rule=rule | {"debts:15_17": "ask"})
    html = paper("aipd", of, NOW.date(), KEPT).html
    row = re.search(r"<tr><td>dettes sous la menace</td><td>(.*?)</td><td>(.*?)</td>", html)
    assert row
    assert "est prévenu" in row[1]
    assert "rien sans le oui" in row[2]


@pytest.mark.parametrize("name", PAPERS)
async def test_a_paper_is_spaced_as_french_is(house: House, name: str) -> None:
    html = paper(name, await _structure(house), NOW.date(), KEPT).html
    text = re.sub(r"<style>.*?</style>|<[^>]+>", "", html, flags=re.DOTALL)
    assert not re.search(
        r"[ \w»][;!?](?!\w)|(?<![\u00a0\d/\w.])\u00bb|«(?!\u00a0)", _urls_out(text)
    )


def _urls_out(text: str) -> str:
    return re.sub(r"&\w+;", "", text).replace(f"{NBSP};", "").replace(f"{NBSP}?", "")


async def test_what_a_structure_says_is_never_taken_for_markup(house: House) -> None:
    of = await _structure(house, controller={"name": "<script>alert(1)</script>"})
    html = paper("notice-parents", of, NOW.date(), KEPT).html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("age", NOTICES)
async def test_the_notice_is_open_to_anyone(house: House, age: str) -> None:
    await _structure(house, controller=CONTROLLER)
    async with await house.visitor() as anyone:
        page = await anyone.get(f"/information/{house.cast.structure_id}/{age}")
    assert page.status_code == 200
    assert CONTROLLER["name"] in words(page)
    assert page.headers["cache-control"] == "no-store"
    assert "<style" not in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("path", ["1/12-14", f"{2**63}/12-14", "{id}/99", "{id}/aipd"])
async def test_there_is_no_other_notice(house: House, cast: Cast, path: str) -> None:
    async with await house.visitor() as anyone:
        page = await anyone.get(f"/information/{path.format(id=cast.structure_id)}")
    assert page.status_code == 404


async def test_the_notice_is_the_printed_paper(house: House, nadia: Visitor) -> None:
    of = await _structure(house, controller=CONTROLLER)
    page = await nadia.get(f"/information/{of.id}/12-14")
    printed = paper(NOTICES["12-14"], of, NOW.date(), KEPT).html
    assert _main(page.text) == _main(printed)


def _main(html: str) -> str:
    return html[html.index("<main") :]


async def test_how_long_is_what_is_in_force(house: House) -> None:
    of = await _structure(house)
    bare = paper("registre", of, NOW.date(), KEPT).html
    assert f"6{NBSP}mois après la fin du suivi" in bare
    async with house.database.write() as tx:
        await retention.set_period(tx, "answers", 90)
        await retention.set_period(tx, "log", 400)
        kept = await retention.periods(tx)
    html = paper("registre", of, NOW.date(), kept).html
    assert f"90{NBSP}jours après la fin du suivi" in html
    assert f"400{NBSP}jours" in html
