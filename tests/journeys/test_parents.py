"""A parent's agreement counts purpose by purpose, and is withdrawn at once."""

from datetime import timedelta

import pytest

from records import after_restore, appointment, erased, message, parental
from records.consent_text import PURPOSES
from records.database import Database
from records.errors import Refused
from tests.admin.house import House, one, words
from tests.cast import NOW, Cast
from tests.journeys.thumb import rows_of, wall
from tests.town import Town


async def agree(database: Database, cast: Cast, *purposes: str) -> None:
    async with database.write() as tx:
        await parental.record(tx, NOW, cast.leo.id, NOW, "entretien", cast.nadia.id, purposes)


async def counts(database: Database, cast: Cast) -> set[str]:
    async with database.read() as tx:
        return {p for p in PURPOSES if await parental.agreed(tx, [cast.leo.id], p)}


async def withdraw(database: Database, cast: Cast, *purposes: str) -> int:
    async with database.write() as tx:
        return await parental.withdraw(tx, NOW, cast.leo.id, purposes)


async def test_it_counts_for_the_purposes_that_were_ticked(database: Database, cast: Cast) -> None:
    await agree(database, cast, "reminders", "sharing")
    assert await counts(database, cast) == {"reminders", "sharing"}


async def test_for_nothing_is_no_agreement(database: Database, cast: Cast) -> None:
    with pytest.raises(Refused, match="agreement_for_nothing"):
        await agree(database, cast)


async def test_one_noted_for_everything_is_withdrawn_in_part(
    database: Database, cast: Cast
) -> None:
    await agree(database, cast, "reminders")
    async with database.write() as tx:  # as it was noted before there were boxes
        await tx.run(parental.agreement.update(), {"purpose": None})
    assert await counts(database, cast) == set(PURPOSES)
    assert await withdraw(database, cast, "messages", "surveys") == 2
    assert await counts(database, cast) == set(PURPOSES) - {"messages", "surveys"}


async def test_given_again_later_it_counts_again(database: Database, cast: Cast) -> None:
    await agree(database, cast, *PURPOSES)
    await withdraw(database, cast, *PURPOSES)
    assert await counts(database, cast) == set()
    await agree(database, cast, "messages")
    assert await counts(database, cast) == {"messages"}


async def test_a_withdrawal_stops_what_was_planned_at_once(town: Town) -> None:
    leo, phone = town.cast.leo, await town.linked(town.cast.leo)
    await agree(town.database, town.cast, *PURPOSES)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), leo, wall("2026-11-26 14:30"))
        await parental.withdraw(tx, town.now(), leo.id, ["reminders"])
    [reminder] = await rows_of(town.database, message.message, message.message.c.kind == "reminder")
    assert (reminder.state, reminder.reason) == ("dropped", "parental_agreement_missing")
    seen = len(phone.received)
    await town.pass_time(days=4)
    assert not [m for m in phone.received[seen:] if m.text.startswith("RDV")]


async def test_at_fifteen_a_parent_s_withdrawal_stops_nothing(town: Town) -> None:
    sami = town.cast.sami  # sixteen: the law asks for no parent
    await town.linked(sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), sami, wall("2026-11-26 14:30"))
        await parental.withdraw(tx, town.now(), sami.id, PURPOSES)
    [reminder] = await rows_of(town.database, message.message, message.message.c.kind == "reminder")
    assert reminder.state == "waiting"


async def test_an_older_backup_does_not_bring_the_agreement_back(
    database: Database, cast: Cast
) -> None:
    await agree(database, cast, *PURPOSES)
    later = NOW + timedelta(hours=1)
    async with database.write() as tx:  # as if restored: the list alone knows of the withdrawal
        await erased.note_disagreed(tx, later, cast.leo.id, "messages")
        done = await after_restore.take_back_again(tx, NOW)
    assert done == {"disagreed": 1}
    assert await counts(database, cast) == set(PURPOSES) - {"messages"}


async def test_the_desk_notes_and_withdraws_it_by_purpose(database: Database, cast: Cast) -> None:
    leo = cast.leo
    async with House(database, cast).open() as house, await house.visitor("nadia") as nadia:
        await nadia.get(one(leo, "/accord"))
        empty = await nadia.post(one(leo, "/accord"), day="hier", means="signé au local")
        assert "Cochez au moins un usage" in words(empty)
        fields = {"day": "hier", "means": "signé au local", "purpose": ["reminders", "messages"]}
        await nadia.post(one(leo, "/accord"), **fields)
        page = await nadia.get(one(leo, "/accord/retrait"))
        assert page.text.count('name="purpose"') == 2
        done = await nadia.post(one(leo, "/accord/retrait"), purpose="messages")
        shown = await nadia.get(done.headers["location"])
    assert "Le retrait est noté" in words(shown)
    assert await counts(database, cast) == {"reminders"}
