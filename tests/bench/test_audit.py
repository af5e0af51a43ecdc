"""The audit refuses a figure as soon as one message is missing, doubled or not settled."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bench import audit, caseload, handout
from bench.beside import Ledger, Place
from records.database import Database
from records.message import message
from records.vault import Vault, new_key

PEOPLE = 3


def _ledger(sent: Counter[Place]) -> Ledger:
    return Ledger(Counter(sendMessage=sent.total()), sent, Counter(), [], unconfirmed=0, cpu=0.0)


@pytest.fixture
async def told(tmp_path: Path) -> tuple[Path, str, Counter[Place]]:
    """Reminders as if they had been delivered, and what the server would say of them."""
    path, key = tmp_path / "bench.db", new_key()
    async with caseload.filled(path, key) as database:
        await caseload.migrate(database)
        linked = await caseload.settle_in(database, PEOPLE)
        await caseload.remind(database, linked)
        async with database.write() as tx:
            for place, one in enumerate(linked, 1):
                await tx.run(
                    message.update().where(message.c.youth_id == one.who.id),
                    {"state": "sent", "attempts": 1, "channel_message_id": place},
                )
    return path, key, Counter({(one.chat, place): 1 for place, one in enumerate(linked, 1)})


async def _audit(path: Path, key: str, ledger: Ledger) -> audit.Found:
    database = Database(caseload.url(path), Vault(key))
    try:
        return await audit.after_sending(database, ledger, PEOPLE)
    finally:
        await database.close()


async def test_what_both_sides_tell_alike_is_confirmed(
    told: tuple[Path, str, Counter[Place]],
) -> None:
    path, key, sent = told
    assert (await _audit(path, key, _ledger(sent))).messages == PEOPLE


async def test_a_message_that_the_server_never_saw_is_missing(
    told: tuple[Path, str, Counter[Place]],
) -> None:
    path, key, sent = told
    sent.pop(next(iter(sent)))
    with pytest.raises(audit.NotDurable, match="missing"):
        await _audit(path, key, _ledger(sent))


async def test_a_message_that_the_server_saw_twice_is_doubled(
    told: tuple[Path, str, Counter[Place]],
) -> None:
    path, key, sent = told
    sent[caseload.FIRST_CHAT, 99] += 1
    with pytest.raises(audit.NotDurable, match="doubled"):
        await _audit(path, key, _ledger(sent))


async def test_a_message_that_was_never_settled_is_told(
    told: tuple[Path, str, Counter[Place]],
) -> None:
    path, key, sent = told
    database = Database(caseload.url(path), Vault(key))
    async with database.write() as tx:
        await tx.run(
            message.update().where(message.c.channel_message_id == 1), {"state": "claimed"}
        )
    await database.close()
    with pytest.raises(audit.NotDurable, match="states"):
        await _audit(path, key, _ledger(sent))


@pytest.mark.parametrize("wrong", ["lost", "twice", "marked otherwise"])
async def test_a_peer_is_held_to_the_same(tmp_path: Path, wrong: str) -> None:
    path, key = tmp_path / "bench.db", new_key()
    async with caseload.filled(path, key) as database:
        await caseload.migrate(database)
        linked = await caseload.settle_in(database, PEOPLE)
        await caseload.remind(database, linked)
        await handout.reminders(database, tmp_path / "peer.db")
    sent = Counter({(one.chat, place): 1 for place, one in enumerate(linked, 1)})
    assert audit.peer_sent(tmp_path / "peer.db", _ledger(sent), PEOPLE).messages == PEOPLE
    if wrong == "lost":
        sent.pop(next(iter(sent)))
    elif wrong == "twice":
        sent[linked[0].chat, 99] += 1
    else:
        with closing(sqlite3.connect(tmp_path / "peer.db")) as rows:
            rows.execute("UPDATE reminder SET message_id = 77")
            rows.commit()
    with pytest.raises(audit.NotDurable):
        audit.peer_sent(tmp_path / "peer.db", _ledger(sent), PEOPLE)
