"""An alert at the desk: on top, in plain words, taken up once; and where it goes if nobody does."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from content.answers import in_own_words
from records import (
    alert,
    audit,
    closure,
    cover,
    inbox,
    notification,
    retention,
    standby,
    structure,
    unanswered,
)
from records.database import Database
from records.message import message
from records.youth import Youth
from tests.admin.house import NBSP, House, Visitor, linked, one, words
from tests.records.test_notification import reached

HALF_AN_HOUR = timedelta(minutes=30)


async def warn(
    house: House, who: Youth | None = None, *, heard: Sequence[str] = ("suicide",), by: str = "yes"
) -> int:
    """Raise an alert about Sami; its identifier."""
    who = who or house.cast.sami
    async with house.database.write() as tx:
        of = await structure.get(tx, house.cast.structure_id)
        await alert.raise_(tx, house.at, who, of, heard, by, int(house.at.timestamp()))
        found = await tx.value(select(alert.alert.c.id).order_by(alert.alert.c.id.desc()).limit(1))
        return int(found)


async def stand_by(house: House, *, everybody: bool = False) -> None:
    async with house.database.write() as tx:
        of = None if everybody else house.cast.nadia
        await standby.name(tx, house.cast.structure_id, of, house.cast.karim)


async def wait(house: House, by: timedelta) -> None:
    house.at += by
    async with house.database.write() as tx:
        await unanswered.pass_on(tx, house.at)


async def told(database: Database) -> list[str]:
    """What waits to be said to youths."""
    async with database.read() as tx:
        rows = await tx.rows(
            select(message).where(message.c.kind == "phrase").order_by(message.c.id)
        )
        return [tx.vault.open_data("message.params", r.id, r.params)["say"] for r in rows]


async def test_an_alert_stands_on_top_and_is_taken_up_once(house: House, nadia: Visitor) -> None:
    await linked(house.database, house.cast, house.cast.sami, "messages")
    which = await warn(house)
    page = words(await nadia.get("/"))
    assert page.index("Alertes") < page.index("Rendez-vous du jour")
    assert f"{NBSP}: idées suicidaires" in page
    assert "A dit oui pour vous prévenir." in page
    assert "Relais n'appelle personne." in page
    assert "<title>(1) Aujourd'hui" in page
    path = one(house.cast.sami, f"/alertes/{which}")
    for step, said in (("seen", "que vous avez vu"), ("taken", "que vous vous en occupez")):
        await nadia.post(path, step=step)
        answer = await nadia.post(path, step=step)
        assert said in words(await nadia.get(answer.headers["location"]))
    page = words(await nadia.get("/"))
    assert f"Nadia s'en occupe depuis lundi{NBSP}23{NBSP}novembre à{NBSP}11{NBSP}h." in page
    assert "<title>Aujourd'hui" in page
    assert await told(house.database) == ["welcome", "alert.seen", "alert.taken"]
    assert house.wakes == 4
    async with house.database.read() as tx:
        read = [(line.action, line.about) for line in await audit.readings(tx, house.cast.sami.id)]
        logged = [line.about for line in await audit.about_youth(tx, house.cast.sami.id)]
    assert {action for action, _ in read} == {audit.ALERT_SEEN, audit.ALERT_TAKEN}
    assert (which,) in logged, "the log says which alert"
    house.at += timedelta(hours=25)
    assert "Alertes" not in words(await nadia.get("/"))


async def test_the_rule_and_what_was_said_without_a_name_are_told_as_they_are(
    house: House, nadia: Visitor
) -> None:
    await warn(house, by="rule", heard=["debts", "street"])
    page = words(await nadia.get("/"))
    assert "Alerte donnée par la règle de votre structure" in page
    assert f"{NBSP}: dettes sous la menace{NBSP}; être à la rue" in page
    house.at += timedelta(minutes=1)
    await warn(house, house.cast.ines, heard=())
    assert f"{NBSP}: demande de l'aide" in words(await nadia.get("/"))


async def test_the_living_part_shows_a_new_alert(house: House, nadia: Visitor) -> None:
    live = {"HX-Request": "true", "HX-Trigger": "live"}
    assert "Alertes" not in (await nadia.get("/?vu=0", **live)).text
    await warn(house)
    assert "Alertes" in (await nadia.get("/?vu=0", **live)).text


async def test_nobody_else_sees_it_and_no_other_step_is_taken(house: House, nadia: Visitor) -> None:
    which = await warn(house)
    await nadia.get("/")
    path = one(house.cast.sami, f"/alertes/{which}")
    assert (await nadia.post(path, step="forget")).status_code == 404
    assert (
        await nadia.post(one(house.cast.ines, f"/alertes/{which}"), step="seen")
    ).status_code == 404
    async with await house.visitor("karim") as karim:
        page = words(await karim.get("/"))
        assert "Alertes" not in page
        assert (await karim.post(path, step="taken")).status_code == 404
    async with await house.visitor("claire") as claire:
        assert "alerte" not in words(await claire.get("/equipe"))


@pytest.mark.parametrize("everybody", [False, True])
async def test_what_nobody_takes_up_goes_to_whoever_stands_by_for_as_long_as_needed(
    house: House, everybody: bool
) -> None:
    await stand_by(house, everybody=everybody)
    await linked(house.database, house.cast, house.cast.sami, "messages")
    async with house.database.write() as tx:
        await inbox.add(
            tx,
            house.at,
            structure_id=house.cast.structure_id,
            youth_id=house.cast.sami.id,
            kind="words",
            text="jveu mourir",
        )
    which = await warn(house)
    page = one(house.cast.sami)
    async with await house.visitor("karim") as karim:
        await wait(house, HALF_AN_HOUR - timedelta(seconds=1))
        assert "Alertes" not in words(await karim.get("/"))
        assert (await karim.get(page)).status_code == 404
        await wait(house, timedelta(seconds=1))
        home = words(await karim.get("/"))
        assert "l'alerte vous est passée" in home
        shown = words(await karim.get(page))
        assert "Je m'en occupe" in shown
        assert "/rendez-vous/nouveau" not in shown, "nothing is offered that would be refused"
        assert "jveu mourir" in words(await karim.get(f"{page}/messages"))
        assert (await karim.get(f"{page}/reponses")).status_code == 404
        assert (await karim.get(one(house.cast.ines))).status_code == 404
        await karim.post(f"{page}/alertes/{which}", step="taken")
        house.at += timedelta(hours=23)
        assert (await karim.get(page)).status_code == 200
        house.at += timedelta(hours=1)
        assert (await karim.get(page)).status_code == 404


async def test_when_the_educator_takes_it_up_the_other_no_longer_sees_it(
    house: House, nadia: Visitor
) -> None:
    await stand_by(house)
    which = await warn(house)
    await wait(house, HALF_AN_HOUR)
    async with await house.visitor("karim") as karim:
        assert (await karim.get(one(house.cast.sami))).status_code == 200
        await nadia.get("/")
        await nadia.post(one(house.cast.sami, f"/alertes/{which}"), step="taken")
        assert (await karim.get(one(house.cast.sami))).status_code == 404


async def test_the_coordination_learns_of_an_unanswered_one_by_its_code_only(house: House) -> None:
    await stand_by(house)
    await warn(house)
    async with await house.visitor("claire") as claire:
        await wait(house, HALF_AN_HOUR)
        assert "alerte" not in words(await claire.get("/equipe"))
        await wait(house, HALF_AN_HOUR)
        page = words(await claire.get("/equipe"))
        assert "Une alerte attend une réponse" in page
        assert house.cast.sami.code in page
        assert "suicid" not in page
        assert "Sami" not in page


async def test_with_nobody_standing_by_the_coordination_learns_of_it_first(house: House) -> None:
    async with house.database.write() as tx:
        await standby.name(tx, house.cast.structure_id, None, house.cast.nadia)  # not for herself
    await warn(house)
    await wait(house, HALF_AN_HOUR)
    async with await house.visitor("claire") as claire:
        assert "Une alerte attend une réponse" in words(await claire.get("/equipe"))


async def test_the_clock_stops_at_night_and_for_a_youth_who_was_closed(house: House) -> None:
    await stand_by(house)
    house.at += timedelta(hours=8)  # 19 h
    await warn(house)
    await wait(house, timedelta(hours=14))
    async with await house.visitor("karim") as karim:
        assert "Alertes" not in words(await karim.get("/"))
        async with house.database.write() as tx:
            await closure.close(tx, house.at, house.cast.sami, forget_alerts=True)
        await wait(house, timedelta(days=2))
        assert "Alertes" not in words(await karim.get("/"))
        assert (await karim.get(one(house.cast.sami))).status_code == 404


async def test_each_is_told_by_e_mail_in_the_same_commit(house: House) -> None:
    await stand_by(house)
    for person in (house.cast.nadia, house.cast.karim, house.cast.claire):
        await reached(house.database, person.id)
    told_so_far: list[set[int]] = []
    await warn(house)
    for _ in range(3):
        async with house.database.read() as tx:
            rows = await tx.rows(select(notification.notification.c.staff_id))
        told_so_far.append({row.staff_id for row in rows})
        await wait(house, HALF_AN_HOUR)
    nadia, karim, claire = house.cast.nadia.id, house.cast.karim.id, house.cast.claire.id
    assert told_so_far == [{nadia}, {nadia, karim}, {nadia, karim, claire}]


async def test_whoever_covers_answers_what_waits_and_does_not_see_what_was_over_before(
    house: House,
) -> None:
    for category in ("street", "debts"):
        await warn(house, heard=[category])
        house.at += timedelta(minutes=1)
    cast, begins = house.cast, house.at.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None)
    async with house.database.write() as tx:
        found = await alert.waiting_for(tx, house.at, cast.nadia.id, [cast.sami.id])
        over = next(one for one in found if one.categories == ("debts",))
        await alert.take_up(tx, house.at - timedelta(seconds=30), over, cast.nadia.id)
        until = begins + timedelta(days=2)
        await cover.add(tx, house.at - timedelta(seconds=1), cast.nadia, cast.karim, begins, until)
    house.at += timedelta(minutes=5)
    async with await house.visitor("karim") as karim:
        for path in ("/", one(cast.sami)):
            page = words(await karim.get(path))
            assert "être à la rue" in page
            assert "dettes sous la menace" not in page


async def test_whoever_stands_by_sees_the_one_that_was_passed_on_and_no_other(
    house: House,
) -> None:
    await stand_by(house)
    await warn(house, heard=["street"])
    await wait(house, HALF_AN_HOUR)
    other = await warn(house, heard=["debts"])
    async with await house.visitor("karim") as karim:
        for path in ("/", one(house.cast.sami)):
            page = words(await karim.get(path))
            assert "être à la rue" in page
            assert "dettes sous la menace" not in page
        refused = await karim.post(one(house.cast.sami, f"/alertes/{other}"), step="taken")
        assert refused.status_code == 404


async def test_an_alert_is_forgotten_thirty_days_after_it_was_taken_up(
    house: House, nadia: Visitor
) -> None:
    which = await warn(house)
    await nadia.get("/")
    await nadia.post(one(house.cast.sami, f"/alertes/{which}"), step="taken")
    for days, left in ((29, 1), (2, 0)):
        house.at += timedelta(days=days)
        await retention.carry_out(house.database, house.at, in_own_words)
        async with house.database.read() as tx:
            assert len(await tx.rows(select(alert.alert.c.id))) == left
