"""What is kept, how long: the dry run of a night and that night's job are one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import (
    closure,
    consent,
    conversation,
    ending,
    erased,
    inbox,
    message,
    receipt,
    response,
    retention,
    survey,
    takeaway,
    youth,
)
from records.columns import new_id
from records.contact import channel_message, contact
from records.database import Database, Tx
from records.errors import Refused
from records.reception import accepted_update
from tests.cast import NOW, Cast, link_phone
from tests.records.every_table import fill, held

DAY = timedelta(days=1)


def is_comment(_instrument: str, _version: int, item: str) -> bool:
    return item == "words"


async def gone(database: Database, at: datetime) -> dict[str, int]:
    done, _ = await retention.carry_out(database, at, is_comment)
    return {going.name: going.count for going in done}


async def foreseen(database: Database, *nights: datetime) -> list[tuple[str, datetime, int]]:
    async with database.read() as tx:
        found = await retention.foresee(tx, nights, is_comment)
    return [(going.name, going.at, going.count) for going in found]


async def count(database: Database, table: sa.Table) -> int:
    async with database.read() as tx:
        return int(await tx.value(sa.select(sa.func.count()).select_from(table)))


async def a_life(tx: Tx, cast: Cast, who: youth.Youth, at: datetime, address: str) -> None:
    """A bit of everything that is kept for a time, all of it of one instant."""
    await link_phone(tx, at, cast, who, address)
    for kind in ("words", "held"):
        await inbox.add(
            tx, at, structure_id=who.structure_id, youth_id=who.id, kind=kind, text="Bonjour"
        )
    said = [
        response.Saved(who.structure_id, who.id, new_id(), "x", 1, "mood", value)
        for value in ("v1", "v2")
    ]
    await response.keep(tx, at, said)
    await response.share(tx, at, who.id, said[0].conversation_id)
    await takeaway.offer(tx, at, who.id)
    await receipt.give(tx, at, "corrected")
    await conversation.begin(
        tx, at, youth_id=who.id, structure_id=who.structure_id, script="x", version=1, state={},
        anonymous=True,
    )  # fmt: skip
    await tx.run(accepted_update.insert(), {"bot_id": cast.bot_id, "update_id": new_id(), "at": at})
    await tx.run(
        message.message.update().where(message.message.c.youth_id == who.id),
        {"state": "sent", "sent_at": at},
    )


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
async def test_what_the_dry_run_foresees_is_what_the_job_does(
    database: Database, cast: Cast, data: Any
) -> None:
    """Whatever was lived when, and whenever the two are asked."""
    begun = NOW + timedelta(minutes=new_id() % 1000)
    hours = st.integers(0, 24 * 420)
    async with database.write() as tx:
        who = await youth.add(
            tx, begun, structure_id=cast.structure_id, educator_id=cast.nadia.id,
            nickname="Tom", birth_month="2008-03",
        )  # fmt: skip
        at = begun + timedelta(hours=data.draw(hours, "lived"))
        await a_life(tx, cast, who, at, str(new_id()))
        if data.draw(st.booleans(), "closed"):
            await closure.close(tx, at + timedelta(hours=data.draw(hours, "closed")), who)
        elif data.draw(st.booleans(), "ends"):
            await youth.change(tx, who.id, support_ends_on=at.date())
    asked = at + timedelta(hours=data.draw(hours, "asked"))
    told = {name: number for name, _, number in await foreseen(database, asked)}
    assert await gone(database, asked) == told
    assert await foreseen(database, asked) == [], "and then there is nothing left to do"


async def test_each_night_is_told_with_its_own(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        for day in (0, 3):
            await inbox.add(
                tx, NOW + day * DAY, structure_id=cast.structure_id, youth_id=cast.sami.id,
                kind="words", text="Bonjour",
            )  # fmt: skip
    nights = [NOW + n * DAY for n in range(1, 40)]
    assert await foreseen(database, *nights) == [
        ("inbox", NOW + 30 * DAY, 1),
        ("inbox", NOW + 33 * DAY, 1),
    ]
    assert await count(database, inbox.inbox) == 2, "nothing went by being told"


@pytest.mark.parametrize(
    ("table", "kept"),
    [
        (accepted_update, timedelta(days=3)),
        (channel_message, timedelta(hours=48)),
        (inbox.inbox, timedelta(days=30)),
    ],
)
async def test_a_row_stays_to_the_end_of_its_period_and_not_beyond(
    database: Database, cast: Cast, table: sa.Table, kept: timedelta
) -> None:
    async with database.write() as tx:
        await a_life(tx, cast, cast.sami, NOW, "5001")
        await tx.run(inbox.inbox.delete().where(inbox.inbox.c.kind == "held"))
        phone = await tx.value(sa.select(contact.c.id))
        await tx.run(
            channel_message.insert(),
            {"id": 1, "structure_id": cast.structure_id, "bot_id": cast.bot_id,
             "contact_id": phone, "channel": "telegram", "channel_id": 7, "direction": "out",
             "at": NOW},
        )  # fmt: skip
    await gone(database, NOW + kept - timedelta(seconds=1))
    assert await count(database, table) == 1
    await gone(database, NOW + kept)
    assert await count(database, table) == 0


async def test_words_are_forgotten_and_that_they_were_sent_is_not(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        for state in ("sent", "uncertain", "waiting"):
            draft = message.Draft(
                cast.structure_id, cast.bot_id, cast.sami.id, "text", NOW, NOW + DAY,
                {"text": "Bravo"}, purpose="messages",
            )  # fmt: skip
            [row] = await message.queue(tx, NOW, [draft])
            await tx.run(
                message.message.update().where(message.message.c.id == row), {"state": state}
            )
    assert await gone(database, NOW + 30 * DAY) == {"words": 1, "undecided": 1}
    async with database.read() as tx:
        left = await tx.rows(sa.select(message.message).order_by(message.message.c.id))
    assert [(row.state, row.params is None) for row in left] == [
        ("sent", True),
        ("dropped", True),
        ("waiting", False),
    ]


async def test_at_closure_the_carnet_and_the_link_go_and_shown_answers_stay_for_six_months(
    database: Database, cast: Cast
) -> None:
    sami = cast.sami
    async with database.write() as tx:
        await a_life(tx, cast, sami, NOW, "5001")
        await closure.close(tx, NOW, sami)
        assert [answer.visibility for answer in await response.of_youth(tx, sami.id)] == [
            "educator"
        ]
        [phone] = await tx.rows(sa.select(contact.c.address, contact.c.state))
    assert tuple(phone) == (None, "unlinked")
    assert await count(database, takeaway.takeaway) == 0
    assert await count(database, conversation.conversation) == 0
    await gone(database, NOW + 183 * DAY - timedelta(seconds=1))
    assert await count(database, response.response) == 1
    done, receipts = await retention.carry_out(database, NOW + 183 * DAY, is_comment)
    assert {"answers", "person"} <= {going.name for going in done}
    async with database.read() as tx:
        assert set((await held(tx, sami.id)).values()) == {0}
        assert await erased.is_erased(tx, sami.id)
        assert [(await receipt.find(tx, code)).act for code in receipts] == ["erased_all"]


async def test_comments_go_six_months_after_their_wave_and_choices_stay(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await survey.hand_in(
            tx, structure_id=cast.structure_id, youth_id=cast.sami.id, instrument="satisfaction",
            version=1, wave="2026-T4", week="2026-W48", answers={"useful": "yes", "words": "Oui"},
        )  # fmt: skip
    over = datetime(2027, 1, 1, tzinfo=UTC) + 183 * DAY
    assert await gone(database, over - timedelta(seconds=1)) == {}
    assert await foreseen(database, over) == [("comments", over, 1)]
    assert await gone(database, over) == {"comments": 1}
    async with database.read() as tx:
        [left] = await tx.rows(sa.select(survey.survey_answer.c.item))
    assert left.item == "useful"
    assert await count(database, survey.survey_completion) == 0


async def test_a_row_of_every_table_survives_the_night_or_goes_without_a_broken_link(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await fill(tx, cast, cast.sami)
        await youth.change(tx, cast.sami.id, closed_at=NOW)
    await gone(database, NOW + 30 * DAY)
    assert "person" in await gone(database, NOW + 183 * DAY)


@pytest.mark.parametrize(("name", "days"), [("messages", 731), ("messages", 0), ("nothing", 3)])
async def test_a_period_is_held_to_two_years(
    database: Database, cast: Cast, name: str, days: int
) -> None:
    async with database.write() as tx:
        with pytest.raises(Refused, match="period_"):
            await retention.set_period(tx, name, days)
        with pytest.raises(Refused, match="period_unknown"):
            await retention.set_period(tx, "message_ids", 3)


def test_no_default_is_above_two_years() -> None:
    """But for the list of what was erased, which names nobody and must outlive every backup."""
    longer = {name for name, one in retention.PERIODS.items() if one.days > retention.CEILING}
    assert longer == {"erased"}
    assert retention.PERIODS["erased"].fixed


async def test_a_period_that_is_set_counts_at_once(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        await inbox.add(
            tx, NOW, structure_id=cast.structure_id, youth_id=cast.sami.id, kind="words", text="a"
        )
        await retention.set_period(tx, "messages", 5)
    assert await gone(database, NOW + 5 * DAY) == {"inbox": 1}


@given(ends=st.dates(date(2026, 1, 1), date(2028, 1, 1)), ahead=st.integers(-40, 60))
def test_the_end_is_prompted_thirty_and_seven_days_before(ends: date, ahead: int) -> None:
    told = ending.prompted(ends, ends - timedelta(days=ahead))
    expected = 0 if ahead <= 0 else 7 if ahead <= 7 else 30 if 23 < ahead <= 30 else None
    assert told == expected
    assert ending.prompted(None, ends) is None


async def test_the_end_closes_after_its_days_of_grace_and_is_said_on_the_eve(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await link_phone(tx, NOW, cast, cast.sami, "5001")
        await link_phone(tx, NOW, cast, cast.ines, "5002", messages=False)
        for who in (cast.sami, cast.ines):
            await ending.move(tx, NOW, who, NOW.date())
    assert await foreseen(database, *(NOW + n * DAY for n in range(1, 10))) == [
        ("closing", NOW + 7 * DAY, 2)
    ]
    for night in range(1, 7):
        await gone(database, NOW + night * DAY)
    async with database.read() as tx:
        said = await tx.rows(
            sa.select(message.message.c.youth_id, message.message.c.due_at).where(
                message.message.c.unique_key.like("closing:%")
            )
        )
    assert [tuple(row) for row in said] == [(cast.sami.id, NOW + 6 * DAY)]
    assert await gone(database, NOW + 7 * DAY) == {"closing": 2}
    async with database.read() as tx:
        assert (await youth.get(tx, cast.sami.id)).closed_at == NOW + 7 * DAY


async def test_an_end_that_is_moved_closes_nothing_and_unsays_what_was_planned(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await link_phone(tx, NOW, cast, cast.sami, "5001")
        await ending.move(tx, NOW, cast.sami, NOW.date())
    await gone(database, NOW + 6 * DAY)
    async with database.write() as tx:
        await ending.move(tx, NOW + 6 * DAY, cast.sami, None)
        said = message.message.c.unique_key.like("closing:%")
        assert await tx.value(sa.select(message.message.c.state).where(said)) == "dropped"
    await gone(database, NOW + 8 * DAY)
    async with database.write() as tx:
        who = await youth.get(tx, cast.sami.id)
        assert who.closed_at is None
        with pytest.raises(Refused, match="in_the_past"):
            await ending.move(tx, NOW + 8 * DAY, who, NOW.date())


async def test_nobody_is_told_of_their_end_without_a_yes(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        await link_phone(tx, NOW, cast, cast.sami, "5001")
        await consent.record(tx, NOW, cast.sami, "messages", False, text_version=1)
        await ending.move(tx, NOW, cast.sami, NOW.date())
        assert await ending.announce(tx, NOW + 6 * DAY, 7) == 0
