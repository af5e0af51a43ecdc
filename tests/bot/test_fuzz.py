"""Twenty thousand updates that no client would send: each is accepted, kindly refused or set aside,
none stops the stream, none touches anybody else, and an honest person among them is answered."""

import itertools
import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from yarl import URL

from bot.channel import Incoming
from bot.deliver import Deliverer
from bot.receive import Receiver
from bot.taps import packed
from bot.telegram_chat import TelegramChat
from bot.telegram_http import AiohttpRequest
from bot.telegram_updates import parsed
from dialogs.screen import Button
from records import appointment, consent, conversation, inbox, youth
from records.database import Database, Tx, metadata
from records.reception import accepted_update, set_aside
from tests.bot.odd_updates import SIZE, VICTIM, as_sent, made, recipes
from tests.cast import NOW, TOKEN, Cast, link_phone
from tests.journeys.thumb import rows_of, script, wall

WANTED = 20_000
BATCH = 100  # the most that one fetch brings
SECRET_PLACE = "le banc bleu"
STRANGER, HONEST = 900, 901
ATTACKERS = range(1001, 1025)
REMEMBERED = ("appointment", "conversation", "inbox")  # the victim has a row in each


class Taking(AiohttpRequest):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, dict[str, Any]]] = []

    async def post_json(self, url: URL, body: bytes, timeout: float) -> tuple[int, bytes]:
        self.sent.append((url.name, json.loads(body)))
        return 200, b'{"ok":true,"result":{"message_id":%d}}' % len(self.sent)


class Wire(TelegramChat):
    """The real channel, with a Telegram behind it that takes everything and keeps it."""

    def __init__(self, bot_id: int) -> None:
        super().__init__(bot_id, TOKEN)
        self._http = self.taking = Taking()

    @property
    def sent(self) -> list[tuple[str, dict[str, Any]]]:
        return self.taking.sent


class Crowd:
    """The bot at work, the people around it, and what it was handed so far."""

    def __init__(self, database: Database, cast: Cast) -> None:
        self.database, self.cast, self.wire = database, cast, Wire(cast.bot_id)
        self.deliverer = Deliverer(
            database,
            {cast.bot_id: self.wire},
            now=lambda: NOW,
            real_now=lambda: NOW,
            unlimited=True,
        )
        self.receiver = Receiver(
            database, self.wire, lambda: NOW, self.deliverer, lambda _state: None
        )
        self.meeting = ""  # the honest person's
        self.untouched: dict[str, list[Any]] = {}  # every row about the victim
        self.theirs: list[str] = []  # identifiers of the rows of these two
        self.chats: dict[int, int] = {}  # of the attackers, by youth
        self.own: dict[int, list[str]] = {}  # the newest rows of each attacker
        self.number, self.odd = 500_000_000, 0
        self.seen: set[int] = set()
        self.last: dict[int, Incoming] = {}  # of the last batch: the first of each number

    def next_number(self) -> int:
        self.number += 1
        return self.number

    async def hand_over(self, updates: Sequence[Any]) -> list[tuple[str, dict[str, Any]]]:
        """One batch, to its last answer; what was said meanwhile."""
        before = len(self.wire.sent)
        came = [parsed(as_sent(update)) for update in updates]
        self.last = {c.update_id: c for c in reversed(came) if c.update_id not in self.seen}
        self.seen |= self.last.keys()
        await self.receiver.take(came)
        await self.receiver.drain()
        await self.deliverer.until_idle()
        return self.wire.sent[before:]

    async def learn(self) -> None:
        """What attackers may know of rows that were made meanwhile, theirs and others'."""
        self.own = {chat: [] for chat in (STRANGER, *self.chats.values())}
        async with self.database.read() as tx:
            for table in (appointment.appointment, inbox.inbox, conversation.conversation):
                which = select(table.c.id, table.c.youth_id).order_by(table.c.id.desc()).limit(60)
                for row in await tx.rows(which):
                    if row.youth_id in self.chats:
                        self.own[self.chats[row.youth_id]].append(str(row.id))

    def says(self, chat: int, text: str) -> dict[str, Any]:
        return {"update_id": self.next_number(), "message": message_of(chat) | {"text": text}}

    def taps(self, chat: int, *act: str) -> dict[str, Any]:
        query = {
            "id": str(self.number),
            "from": {"id": chat},
            "message": message_of(chat),
            "data": packed(Button("", act)),
        }
        return {"update_id": self.next_number(), "callback_query": query}


def message_of(chat: int) -> dict[str, Any]:
    return {"message_id": 5, "chat": {"id": chat, "type": "private"}, "from": {"id": chat}}


async def gathered(database: Database, cast: Cast) -> Crowd:
    """The honest person, the victim in the middle of things, a stranger, and the attackers:
    most of them confirmed."""
    crowd = Crowd(database, cast)
    async with database.write() as tx:
        crowd.meeting = await settled(tx, cast, cast.sami, HONEST, "2026-11-25 14:30")
        await settled(tx, cast, cast.ines, VICTIM, "2026-11-26 15:30", SECRET_PLACE)
        for chat in ATTACKERS:
            who = await youth.add(
                tx,
                NOW,
                structure_id=cast.structure_id,
                educator_id=cast.karim.id,
                nickname=f"N{chat}",
                birth_month="2008-01",
            )
            await settled(tx, cast, who, chat, "2026-11-27 10:30")
            crowd.chats[who.id] = chat
    began = script()
    await crowd.hand_over([crowd.taps(VICTIM, "begin", began.name)])
    await crowd.hand_over([crowd.says(VICTIM, "/aide un secret")])
    crowd.untouched = await all_of(crowd, cast.ines)
    assert all(crowd.untouched[name] for name in REMEMBERED)
    crowd.theirs = [
        crowd.meeting,
        *(str(row.id) for name in REMEMBERED for row in crowd.untouched[name]),
    ]
    await crowd.learn()
    return crowd


async def settled(
    tx: Tx, cast: Cast, who: youth.Youth, chat: int, at: str, place: str | None = None
) -> str:
    """Linked and willing (some attackers only linked), with a meeting: its identifier."""
    await link_phone(tx, NOW, cast, who, str(chat), confirmed=chat % 6 != 0 or chat < 1000)
    await consent.record(tx, NOW, who, "exercises", True, text_version=1)
    return str((await appointment.add(tx, NOW, who, wall(at), place=place)).id)


async def all_of(crowd: Crowd, who: youth.Youth) -> dict[str, list[Any]]:
    """Every row about somebody; but what came from their own chat and could not be read is set
    aside under their name, and does nothing."""
    found = {"youth": await rows_of(crowd.database, youth.youth, youth.youth.c.id == who.id)}
    for table in metadata.sorted_tables:
        if "youth_id" in table.c and table is not set_aside:
            found[table.name] = await rows_of(crowd.database, table, table.c.youth_id == who.id)
    return found


async def tried(crowd: Crowd, drawn: bytes, log: pytest.LogCaptureFixture) -> None:
    """One batch of them, with an honest text, tap and text in between."""
    turn, batch = crowd.number, []
    rows = [*crowd.theirs, *itertools.chain(*crowd.own.values())]
    answer = ("coming", "late")[crowd.odd // BATCH % 2]
    crowd.odd += BATCH
    for place, recipe in enumerate(recipes(drawn)):
        if place == 20:
            batch.append(crowd.says(HONEST, f"avant {turn}"))
        elif place == 50:
            batch.append(crowd.taps(HONEST, "meeting", crowd.meeting, "1", answer))
        elif place == 80:
            batch.append(crowd.says(HONEST, f"après {turn}"))
        batch.append(made(recipe, crowd.next_number(), crowd.own, rows))
    said = await crowd.hand_over(batch)
    assert [record.getMessage() for record in log.records if record.levelno > logging.INFO] == []
    assert await all_of(crowd, crowd.cast.ines) == crowd.untouched
    await crowd.learn()
    await each_is_accepted_once_and_set_aside_if_it_cannot_be_read(crowd)
    await the_honest_are_answered_in_order(crowd, said, turn, answer)
    nobody_else_is_spoken_to(said)


async def each_is_accepted_once_and_set_aside_if_it_cannot_be_read(crowd: Crowd) -> None:
    last = crowd.last
    accepted = await rows_of(crowd.database, accepted_update, accepted_update.c.update_id.in_(last))
    aside = await rows_of(crowd.database, set_aside, set_aside.c.update_id.in_(last))
    assert sorted(row.update_id for row in accepted) == sorted(last)
    assert sorted((row.update_id, row.reason) for row in aside) == sorted(
        (number, came.text) for number, came in last.items() if came.kind == "malformed"
    )


async def the_honest_are_answered_in_order(
    crowd: Crowd, said: Sequence[tuple[str, dict[str, Any]]], turn: int, answer: str
) -> None:
    async with crowd.database.read() as tx:
        kept = await inbox.of_youth(tx, crowd.cast.sami.id, limit=10)
        meeting = await appointment.get(tx, int(crowd.meeting))
    words = [item.text for item in kept if item.kind == "words"][:2]
    assert words == [f"après {turn}", f"avant {turn}"]
    assert meeting.answer == answer
    to_them = [body["text"] for method, body in said if body.get("chat_id") == HONEST]
    assert ["Transmis" in text for text in to_them] == [True, False, True]


def nobody_else_is_spoken_to(said: Sequence[tuple[str, dict[str, Any]]]) -> None:
    for method, body in said:
        assert method == "leaveChat" or body.get("chat_id") != VICTIM
        assert SECRET_PLACE not in str(body)
        assert "un secret" not in str(body)


@pytest.fixture
async def crowd(database: Database, cast: Cast) -> Crowd:
    return await gathered(database, cast)


EXAMPLES = st.binary(min_size=BATCH * SIZE, max_size=BATCH * SIZE)
# One crowd lives through all the examples of a test, so that none can be shrunk by itself.
fuzzed = settings(
    phases=[Phase.generate],
    report_multiple_bugs=False,
    verbosity=Verbosity.quiet,  # bytes say less than the assertion that failed
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(fuzzed, max_examples=WANTED // BATCH)
@given(EXAMPLES)
async def test_twenty_thousand_updates_that_no_client_would_send(
    crowd: Crowd, caplog: pytest.LogCaptureFixture, drawn: bytes
) -> None:
    await tried(crowd, drawn, caplog)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@settings(fuzzed, max_examples=40)
@given(EXAMPLES)
async def test_the_same_on_postgresql(
    crowd: Crowd, caplog: pytest.LogCaptureFixture, drawn: bytes
) -> None:
    await tried(crowd, drawn, caplog)
