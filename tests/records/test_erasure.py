"""Erasing one person: nothing about them is left, in any table, now or in one added later."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from records import contact, erased, erasure, message, outbox, outgoing, receipt, settling, youth
from records.columns import key, link
from records.database import Database, metadata
from records.errors import NotFound
from tests.cast import NOW, Cast, link_phone
from tests.records.every_table import declared, fill, held


async def test_every_row_about_a_youth_goes_and_nobody_elses(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        before = await fill(tx, cast, cast.sami)
        others = await fill(tx, cast, cast.maya)
        assert min(before.values()) >= 1
        await erasure.erase_all(tx, NOW, cast.sami.id)
    await erasure.wipe(database)
    async with database.read() as tx:
        assert set((await held(tx, cast.sami.id)).values()) == {0}
        assert await held(tx, cast.maya.id) == others
        assert await erased.is_erased(tx, cast.sami.id)


async def test_the_receipt_names_nobody_and_is_known_again(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        given = await erasure.erase_all(tx, NOW, cast.sami.id)
        assert await receipt.find(tx, given.code.lower().replace("-", " ")) == given
        [row] = await tx.rows(sa.select(receipt.receipt))
        assert given.code.replace("-", "").encode() not in bytes(row.code)
        assert {row.act, row.given_on} == {"erased_all", NOW.date()}
        with pytest.raises(NotFound, match="receipt_unknown"):
            await receipt.find(tx, "AAAA-AAAA")


async def test_who_is_erased_already_is_unknown(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        await erasure.erase_all(tx, NOW, cast.sami.id)
        with pytest.raises(NotFound, match="youth_unknown"):
            await erasure.erase_all(tx, NOW, cast.sami.id)


async def test_a_table_added_later_is_erased_too(database: Database, cast: Cast) -> None:
    badge = sa.Table("badge", metadata, key(), link("youth_id", "youth"))
    look = sa.Table("badge_look", metadata, key(), link("badge_id", "badge", nullable=True))
    with declared(badge, look):
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all, [badge, look])
        async with database.write() as tx:
            before = await fill(tx, cast, cast.sami)
            assert before["badge"] == before["badge_look"] == 1
            await erasure.erase_all(tx, NOW, cast.sami.id)
            assert set((await held(tx, cast.sami.id)).values()) == {0}
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.drop_all, [badge, look])


def test_a_table_of_which_nobody_said_anything_is_refused() -> None:
    diary = sa.Table("diary", metadata, key(), sa.Column("person", sa.LargeBinary))
    with declared(diary), pytest.raises(erasure.UnknownTable, match="diary"):
        erasure.about_a_youth()


def test_what_stays_refers_to_nobody() -> None:
    personal = set(erasure.about_a_youth())
    for name in erasure.STAYS:
        of = metadata.tables.get(name)
        keys = of.foreign_keys if of is not None else ()
        assert not personal & {key.column.table for key in keys}, name


async def test_what_is_on_its_way_while_someone_is_erased_keeps_nobody_else_from_settling(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        for who, address in ((cast.sami, "5001"), (cast.ines, "5002")):
            await link_phone(tx, NOW, cast, who, address)
            await outgoing.schedule_text(
                tx,
                NOW,
                structure_id=cast.structure_id,
                bot_id=cast.bot_id,
                youth_id=who.id,
                text="Bravo",
                wall=datetime(2026, 11, 23, 18, 0),
                zone="Europe/Paris",
                weekly=True,
                created_by=cast.nadia.id,
            )
    then = NOW + timedelta(hours=8)
    async with database.write() as tx:
        await tx.run(message.message.delete().where(message.message.c.kind == "phrase"))
        due = await outbox.claim_due(tx, then, then, cast.bot_id, 10)
    assert {one.youth.id for one in due} == {cast.sami.id, cast.ines.id}
    async with database.write() as tx:
        await erasure.erase_all(tx, then, cast.sami.id)
    async with database.write() as tx:
        ended = [settling.Settled(one, "sent", channel_id=n) for n, one in enumerate(due, 1)]
        await settling.settle(tx, then, ended)
        shown = await tx.rows(sa.select(contact.channel_message.c.direction))
        assert [row.direction for row in shown] == ["out"]
        left = await tx.rows(sa.select(message.message.c.youth_id, message.message.c.state))
    assert {row.youth_id for row in left} == {cast.ines.id}
    assert sorted(row.state for row in left) == ["sent", "waiting"]


async def test_nothing_of_an_erased_youth_is_left_on_the_disk(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    """Neither in the file nor in its log: what was sealed, and the hash of their phone."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's files belong to its server")
    async with database.write() as tx:
        await link_phone(tx, NOW, cast, cast.sami, "5001")
        name = await tx.value(
            sa.select(youth.youth.c.nickname).where(youth.youth.c.id == cast.sami.id)
        )
        phone = await tx.value(sa.select(contact.contact.c.address_index))
    traces = (bytes(name), bytes(phone))
    assert all(trace in on_disk(tmp_path) for trace in traces)
    async with database.write() as tx:
        await erasure.erase_all(tx, NOW, cast.sami.id)
    await erasure.wipe(database)
    assert not any(trace in on_disk(tmp_path) for trace in traces)


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob("relais.db*")))
