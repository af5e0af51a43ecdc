"""What waits is foreseen together: the budget that one message takes is not there for the next."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from records import appointment, outbox, outgoing, structure, youth
from records.database import Database, Tx
from records.due import Due
from records.foreseen import foresee_all
from records.message import message
from records.sending import Verdict
from tests.admin.house import linked
from tests.cast import NOW, RULE, Cast
from tests.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TUESDAY = datetime(2026, 11, 24, 18, 0)


async def plan(database: Database, cast: Cast, walls: list[datetime], **how: Any) -> None:
    async with database.write() as tx:
        for number, wall in enumerate(walls):
            await outgoing.schedule_text(
                tx,
                NOW,
                structure_id=cast.structure_id,
                bot_id=cast.bot_id,
                youth_id=cast.sami.id,
                text=f"mot {number}",
                wall=wall,
                zone="Europe/Paris",
                **how,
            )


async def awaited(database: Database, cast: Cast) -> list[tuple[Due, Verdict]]:
    """What staff planned for Sami, and what becomes of it."""
    async with database.read() as tx:
        waiting = await outbox.awaited(tx, NOW, youth_id=cast.sami.id)
    return [one for one in foresee_all(waiting, NOW) if one[0].kind in outgoing.STAFF_KINDS]


async def foreseen(database: Database, cast: Cast) -> list[tuple[str, str, str]]:
    return [
        (due.params.get("text", due.kind), verdict.action, verdict.reason)
        for due, verdict in await awaited(database, cast)
    ]


async def budget(database: Database, cast: Cast, messages: int) -> None:
    async with database.write() as tx:
        await structure.change(tx, cast.structure_id, weekly_budget=messages)


async def test_the_one_too_many_of_a_week_is_foreseen_as_delivery_will_treat_it(
    database: Database, cast: Cast
) -> None:
    await linked(database, cast, cast.sami, "messages", "reminders")
    await budget(database, cast, 2)
    await plan(database, cast, [TUESDAY + timedelta(minutes=at) for at in (2, 0, 1)])
    assert await foreseen(database, cast) == [
        ("mot 1", "send", ""),
        ("mot 2", "send", ""),
        ("mot 0", "send", "weekly_budget"),
    ]
    [*_first, (_due, last)] = await awaited(database, cast)
    assert last.at == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # the next Monday's window


async def test_a_reminder_counts_and_is_never_held_back(database: Database, cast: Cast) -> None:
    await linked(database, cast, cast.sami, "messages", "reminders")
    await budget(database, cast, 1)
    async with database.write() as tx:
        await appointment.add(tx, NOW, cast.sami, TUESDAY + timedelta(days=1), ladder=["2d", "1d"])
    await plan(database, cast, [TUESDAY], weekly=True)
    assert await foreseen(database, cast) == [
        ("reminder", "send", ""),
        ("reminder", "send", ""),
        ("mot 0", "drop", "weekly_budget"),
    ]


async def test_each_week_has_its_own_budget(database: Database, cast: Cast) -> None:
    await linked(database, cast, cast.sami, "messages")
    await budget(database, cast, 1)
    await plan(database, cast, [TUESDAY, TUESDAY + timedelta(days=7)])
    assert [action for _text, action, _why in await foreseen(database, cast)] == ["send", "send"]


async def test_what_is_said_every_week_takes_from_the_budget_of_weeks_to_come(
    database: Database, cast: Cast
) -> None:
    await linked(database, cast, cast.sami, "messages")
    await budget(database, cast, 1)
    await plan(database, cast, [TUESDAY], weekly=True)
    await plan(database, cast, [TUESDAY + timedelta(days=7, hours=1)])
    assert [verdict.at for _due, verdict in await awaited(database, cast)] == [
        datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
        datetime(2026, 12, 7, 16, 0, tzinfo=UTC),
    ]


async def test_what_comes_back_next_week_stands_behind_what_waits_for_the_same_minute(
    town: Town,
) -> None:
    """Its row is made only once it has left: the other one is older, and takes the last place."""
    phone = await town.linked(town.cast.sami)
    await budget(town.database, town.cast, 1)
    await plan(town.database, town.cast, [TUESDAY], weekly=True)
    await plan(town.database, town.cast, [TUESDAY + timedelta(days=7)])
    [_weekly, (_due, alone)] = await awaited(town.database, town.cast)
    assert alone.at == datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
    await town.pass_time(days=9)
    assert [m.date for m in phone.received[-2:]] == [alone.at - timedelta(days=7), alone.at]


async def test_who_turns_fifteen_meanwhile_is_foreseen_as_they_will_be(
    database: Database, cast: Cast
) -> None:
    await linked(database, cast, cast.leo, "messages")  # fourteen until the end of February 2027
    async with database.write() as tx:
        for day in ("2027-02-28", "2027-03-01"):
            await outgoing.schedule_text(
                tx,
                NOW,
                structure_id=cast.structure_id,
                bot_id=cast.bot_id,
                youth_id=cast.leo.id,
                text=day,
                wall=datetime.fromisoformat(f"{day}T18:00"),
                zone="Europe/Paris",
            )
        waiting = await outbox.awaited(tx, NOW, youth_id=cast.leo.id)
    told = {due.params.get("text"): verdict for due, verdict in foresee_all(waiting, NOW)}
    assert told["2027-02-28"].reason == "parental_agreement_missing"
    assert told["2027-03-01"].reason == "to_ask_again", "it is their own to give now"


async def offer(tx: Tx, cast: Cast, who: youth.Youth, script: str, purpose: str) -> None:
    await outgoing.schedule_offer(
        tx,
        NOW,
        structure_id=who.structure_id,
        bot_id=cast.bot_id,
        youth_id=who.id,
        script=script,
        purpose=purpose,
        due_at=NOW,
    )


async def test_each_budget_counts_from_its_own_monday(database: Database, cast: Cast) -> None:
    """It is Monday in Nouméa; in Papeete the week of what left on Saturday is not over."""
    monday_there = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
    async with database.write() as tx:
        far = await structure.add(
            tx, NOW, "Papeete", "cjc", "Pacific/Tahiti", alert_rule=RULE, telegram_minimum_age=13
        )
        await structure.change(tx, cast.structure_id, zone="Pacific/Noumea")
        hina = await youth.add(
            tx,
            NOW,
            structure_id=far,
            educator_id=cast.nadia.id,
            nickname="Hina",
            birth_month="2008-01",
        )
        for who in (cast.sami, hina):
            await offer(tx, cast, who, "ma-meteo", "exercises")
        left = monday_there - timedelta(hours=30)  # Saturday in Papeete, Sunday in Nouméa
        await tx.run(message.update().values(state="sent", sent_at=left))
        for who in (cast.sami, hina):
            await offer(tx, cast, who, "humeur", "checkins")
        waiting = await outbox.awaited(tx, monday_there)
    counted = {due.youth.nickname: due.facts.sent_this_week for due in waiting}
    assert counted == {"Sami": 0, "Hina": 1}


async def test_what_is_foreseen_for_a_full_week_is_what_leaves(town: Town) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    await budget(town.database, town.cast, 2)
    await plan(town.database, town.cast, [TUESDAY + timedelta(minutes=at) for at in range(5)])
    promised = [
        due.params["text"]
        for due, verdict in await awaited(town.database, town.cast)
        if verdict.at and verdict.at < NOW + timedelta(days=9)
    ]
    already = len(phone.received)
    await town.pass_time(days=9)
    came = [word for m in phone.received[already:] for word in promised if word in m.text]
    assert len(promised) == 4  # two a week
    assert came == promised
