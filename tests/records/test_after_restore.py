"""An older backup restored: nobody who was erased comes back, and nothing leaves twice."""

import io
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from records import (
    appointment,
    backup,
    closure,
    consent,
    contact,
    cover,
    erased,
    erasure,
    inbox,
    invitation,
    message,
    migrations,
    outgoing,
    response,
    restore,
    staff,
    transfer,
    youth,
)
from records.after_restore import Report
from records.database import Database, Tx
from records.errors import NotFound, Refused
from records.vault import Vault
from tests.cast import NOW, Cast, link_phone
from tests.conftest import KEY

# The verbs are the same on both databases: both are tried where a statement is of another kind.
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LATER = NOW + timedelta(days=2)
SINCE = NOW + timedelta(days=1)


@pytest.fixture
async def lived(database: Database, cast: Cast) -> Cast:
    """Sami and Inès have phones, said yes, answered, shared and wrote."""
    async with database.write() as tx:
        for who, address in ((cast.sami, "5001"), (cast.ines, "5002")):
            await link_phone(tx, NOW, cast, who, address)
            await consent.record(tx, NOW, who, "sharing", True, text_version=1)
            said = (cast.structure_id, who.id, 7, "ma-meteo", 1, "mood", "orage")
            await response.keep(tx, NOW, [response.Saved(*said)])
            await response.share(tx, NOW, who.id, 7)
            await inbox.add(
                tx, NOW, structure_id=cast.structure_id, youth_id=who.id, kind="words", text="dur"
            )
        await tx.run(message.message.update(), {"state": "sent", "sent_at": NOW})
    return cast


async def undone(
    database: Database,
    deed: Callable[[Tx], Awaitable[Any]],
    *,
    moved: bool = False,
    now: datetime = LATER,
) -> Report:
    """A backup; then the deed; then the backup restored over it."""
    await database.prove_key()
    source = io.BytesIO()
    async with database.snapshot() as tx:
        await backup.save(tx, NOW, source, revision=list(migrations.revisions())[-1])
    async with database.write() as tx:
        await deed(tx)
        lines = await erased.listed(tx)
    verified = backup.verify(source, database.vault)
    what = restore.Restoring(source, verified, lines, now, moved=moved)
    return await restore.into(database, what)


async def nothing(_tx: Tx) -> None:
    """Nothing happens between the backup and its restore."""


async def look(database: Database, verb: Callable[[Tx], Awaitable[Any]]) -> Any:
    again = Database(database.url.render_as_string(hide_password=False), Vault(KEY))
    try:
        async with again.write() as tx:
            return await verb(tx)
    finally:
        await again.close()


async def test_an_erased_youth_stays_erased_and_the_others_are_there(
    database: Database, lived: Cast
) -> None:
    report = await undone(database, lambda tx: erasure.erase_all(tx, SINCE, lived.sami.id))
    assert report.taken_back["youth"] == 1

    async def check(tx: Tx) -> None:
        with pytest.raises(NotFound):
            await youth.get(tx, lived.sami.id)
        for table in erasure.about_a_youth():
            mine = erasure.of_youth(tx, table, lived.sami.id)
            assert not await tx.rows(sa.select(table).where(mine)), table.name
        assert await erased.is_erased(tx, lived.sami.id)
        assert (await youth.get(tx, lived.ines.id)).nickname == "Inès"
        assert [r.value for r in await response.of_youth(tx, lived.ines.id)] == ["orage"]

    await look(database, check)


@ON_ONE
async def test_a_second_restore_of_the_same_backup_keeps_them_erased(
    database: Database, lived: Cast
) -> None:
    """The list is in the restored database again: it needs nobody's help."""
    await undone(database, lambda tx: erasure.erase_all(tx, SINCE, lived.sami.id))
    source = io.BytesIO()
    async with database.snapshot() as tx:
        await backup.save(tx, NOW, source, revision=list(migrations.revisions())[-1])
    verified = backup.verify(source, database.vault)
    await restore.into(database, restore.Restoring(source, verified, [], LATER))
    assert await look(database, lambda tx: erased.is_erased(tx, lived.sami.id))


@ON_ONE
async def test_one_answer_and_one_word_erased_stay_erased(database: Database, lived: Cast) -> None:
    async def erase_one(tx: Tx) -> None:
        [answer] = await response.of_youth(tx, lived.sami.id)
        [word] = await inbox.of_youth(tx, lived.sami.id)
        await erased.note_rows(tx, SINCE, "response", [answer.id])
        await erased.note_rows(tx, SINCE, "inbox", [word.id])

    assert (await undone(database, erase_one)).taken_back["row"] == 2
    assert await look(database, lambda tx: response.of_youth(tx, lived.sami.id)) == []
    assert await look(database, lambda tx: inbox.of_youth(tx, lived.sami.id)) == []
    assert len(await look(database, lambda tx: response.of_youth(tx, lived.ines.id))) == 1


@ON_ONE
async def test_an_answer_hidden_since_stays_hidden(database: Database, lived: Cast) -> None:
    report = await undone(database, lambda tx: response.keep_back(tx, SINCE, [(lived.sami.id, 7)]))
    assert report.taken_back == {"hidden": 1}
    shown = await look(
        database, lambda tx: response.of_youth(tx, lived.sami.id, visibility="educator")
    )
    assert shown == []


@ON_ONE
async def test_an_answer_hidden_and_shared_again_before_the_backup_stays_shared(
    database: Database, lived: Cast
) -> None:
    before = NOW - timedelta(hours=1)
    async with database.write() as tx:
        await response.keep_back(tx, before, [(lived.sami.id, 7)])
        await response.share(tx, NOW, lived.sami.id, 7)

    await undone(database, nothing)
    shown = await look(
        database, lambda tx: response.of_youth(tx, lived.sami.id, visibility="educator")
    )
    assert len(shown) == 1


async def test_a_consent_withdrawn_since_does_not_come_back(
    database: Database, lived: Cast
) -> None:
    """And what was planned for it, later than the restore, is dropped."""
    async with database.write() as tx:
        wall = (LATER + timedelta(days=3)).replace(tzinfo=None)
        await appointment.add(tx, NOW, lived.sami, wall)
    report = await undone(
        database,
        lambda tx: consent.record(tx, SINCE, lived.sami, "reminders", False, text_version=1),
    )
    assert report.taken_back == {"withdrawn": 1}
    stands = await look(database, lambda tx: consent.of(tx, lived.sami.id))
    assert not stands["reminders"].given
    assert stands["reminders"].at == SINCE
    assert stands["messages"].given
    [reminder] = await look(
        database,
        lambda tx: tx.rows(sa.select(message.message).where(message.message.c.kind == "reminder")),
    )
    assert (reminder.state, reminder.reason) == ("dropped", "withdrawn")


@ON_ONE
async def test_a_yes_said_again_before_the_backup_stands(database: Database, lived: Cast) -> None:
    async with database.write() as tx:
        for minute, given in ((1, False), (2, True)):
            at = NOW - timedelta(hours=1) + timedelta(minutes=minute)
            await consent.record(tx, at, lived.sami, "reminders", given, text_version=1)

    assert (await undone(database, nothing)).taken_back == {}
    stands = await look(database, lambda tx: consent.of(tx, lived.sami.id))
    assert stands["reminders"].given


@ON_ONE
async def test_a_phone_unlinked_since_stays_unlinked_and_its_address_is_gone(
    database: Database, lived: Cast
) -> None:
    await undone(database, lambda tx: contact.unlink_all(tx, SINCE, lived.sami.id))
    rows = await look(database, lambda tx: tx.rows(sa.select(contact.contact)))
    states = {row.youth_id: (row.state, row.address) for row in rows}
    assert states[lived.sami.id] == ("unlinked", None)
    assert states[lived.ines.id][0] == "confirmed"


@ON_ONE
async def test_an_accompaniment_and_an_account_closed_since_stay_closed(
    database: Database, lived: Cast
) -> None:
    async def close_both(tx: Tx) -> None:
        await closure.close(tx, SINCE, lived.sami)
        await staff.disable(tx, SINCE, lived.karim.id)

    report = await undone(database, close_both)
    assert report.taken_back["closed"] == report.taken_back["disabled"] == 1
    assert (await look(database, lambda tx: youth.get(tx, lived.sami.id))).closed_at == SINCE
    assert (await look(database, lambda tx: staff.get(tx, lived.karim.id))).disabled_at == SINCE


@ON_ONE
async def test_an_account_closed_and_opened_again_since_stays_open(
    database: Database, lived: Cast
) -> None:
    async def close_and_open(tx: Tx) -> None:
        await staff.disable(tx, SINCE, lived.karim.id)
        await staff.enable(tx, SINCE, lived.karim.id)

    report = await undone(database, close_and_open)
    assert report.taken_back["enabled"] == 1
    assert (await look(database, lambda tx: staff.get(tx, lived.karim.id))).disabled_at is None


async def _three_messages(tx: Tx, lived: Cast) -> dict[str, int]:
    """One of Nadia's, due before the restore; an offer, due too; a reminder, due after it."""
    plan: dict[str, Any] = {
        "structure_id": lived.structure_id,
        "bot_id": lived.bot_id,
        "youth_id": lived.sami.id,
    }
    text = await outgoing.reply(
        tx, NOW + timedelta(hours=1), text="courage", created_by=lived.nadia.id, **plan
    )
    offer = message.Draft(
        **plan,
        kind="offer",
        due_at=NOW + timedelta(hours=2),
        not_after=LATER + timedelta(days=9),
        params={"script": "ma-meteo"},
        purpose="exercises",
        priority=message.REST,
    )
    [offered] = await message.queue(tx, NOW, [offer])
    wall = (LATER + timedelta(days=3)).replace(tzinfo=None)
    await appointment.add(tx, NOW, lived.sami, wall)
    return {"text": text, "offer": offered}


@pytest.mark.parametrize("moved", [False, True])
async def test_what_may_have_left_since_is_not_sent_and_what_comes_later_is(
    database: Database, lived: Cast, moved: bool
) -> None:
    async with database.write() as tx:
        which = await _three_messages(tx, lived)

    report = await undone(database, nothing, moved=moved)
    rows = await look(database, lambda tx: tx.rows(sa.select(message.message)))
    became = {row.id: (row.state, row.reason) for row in rows}
    [reminder] = [row for row in rows if row.kind == "reminder"]
    assert reminder.state == "waiting"
    if moved:
        assert became[which["text"]] == became[which["offer"]] == ("waiting", None)
    else:
        assert became[which["text"]] == ("uncertain", "interrupted")
        assert became[which["offer"]] == ("dropped", "restored")
        assert (report.uncertain, report.dropped) == (1, 1)


@ON_ONE
async def test_a_weekly_message_goes_on_after_the_restore(database: Database, lived: Cast) -> None:
    async with database.write() as tx:
        await outgoing.schedule_text(
            tx,
            NOW,
            structure_id=lived.structure_id,
            bot_id=lived.bot_id,
            youth_id=lived.sami.id,
            text="bonne semaine",
            wall=datetime(2026, 11, 24, 14, 30),
            zone="Europe/Paris",
            weekly=True,
            created_by=lived.nadia.id,
        )

    await undone(database, nothing, now=NOW + timedelta(days=16))
    rows = await look(
        database,
        lambda tx: tx.rows(
            sa.select(message.message)
            .where(message.message.c.kind == "text")
            .order_by(message.message.c.due_at)
        ),
    )
    assert [(row.state, row.wall) for row in rows] == [
        ("uncertain", "2026-11-24T14:30"),
        ("waiting", "2026-12-15T14:30"),
    ]


@ON_ONE
async def test_a_link_not_used_yet_stops_working(database: Database, lived: Cast) -> None:
    async with database.write() as tx:
        token = (await invitation.invite(tx, NOW, lived.maya)).token

    assert (await undone(database, nothing)).links == 1

    async def use(tx: Tx) -> None:
        with pytest.raises(Refused, match="link_unknown"):
            await contact.accept(tx, LATER, token, lived.bot_id, "telegram", "5003")

    await look(database, use)


@ON_ONE
async def test_a_cover_that_was_ended_stays_ended(database: Database, lived: Cast) -> None:
    starts = datetime(2026, 11, 23, 12, 0)
    async with database.write() as tx:
        nadia = await staff.get(tx, lived.nadia.id)
        karim = await staff.get(tx, lived.karim.id)
        made = await cover.add(tx, NOW, nadia, karim, starts, starts + timedelta(days=9))
    report = await undone(database, lambda tx: cover.end(tx, SINCE, made))
    assert report.taken_back == {"cover_ended": 1}
    async with database.read() as tx:
        assert not (await cover.get(tx, made.id)).is_active(LATER)


@ON_ONE
async def test_who_handed_a_youth_on_does_not_get_them_back(
    database: Database, lived: Cast
) -> None:
    async def deed(tx: Tx) -> None:
        karim = await staff.get(tx, lived.karim.id)
        await transfer.one(tx, SINCE, lived.sami, karim)

    report = await undone(database, deed)
    assert report.taken_back == {"transferred": 1}
    async with database.read() as tx:
        assert (await youth.get(tx, lived.sami.id)).educator_id == lived.karim.id


@ON_ONE
async def test_a_password_that_was_changed_opens_nothing_again(
    database: Database, lived: Cast
) -> None:
    report = await undone(database, lambda tx: staff.set_password(tx, SINCE, lived.nadia.id, "-"))
    assert report.taken_back == {"password": 1}
    async with database.read() as tx:
        assert await staff.credentials(tx, LATER, "nadia") == (lived.nadia.id, "")
