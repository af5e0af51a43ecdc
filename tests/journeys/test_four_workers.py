"""Four processes for three bots on one PostgreSQL: killed at random, their connections cut.

Afterwards the database is compared with what Telegram saw. A message that was sent is there once,
or twice if its row was marked as repeated, which only happens to what was uncertain; one that is
not there is one whose row says that its fate is unknown.
"""

import asyncio
import random
import re
import signal
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.pace import BOT_RATE, CHAT_BURST, CHAT_RATE
from dialogs.screen import Screen
from records import inbox, outgoing, staff, structure, youth
from records.database import Database, Tx
from records.message import OPEN, REPLY_LIFE, Draft, message, queue
from records.reception import set_aside
from relais.clock import real_now
from simulator import faults
from simulator.model import Chat
from simulator.persons import Person
from simulator.server import bot_api, serving
from simulator.telegram import Bot, Telegram
from tests.cast import RULE, link
from tests.conftest import KEY
from tests.journeys.working import Workers, workers

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]
BOTS, YOUTHS = 3, 40  # youths of each bot: more than it may write to at once
ON_THE_WAY = 0.15  # seconds that Telegram takes to answer, so that kills find something in flight
LATE = 1.5  # seconds from a permit to the arrival, on a machine that does much else
CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5"
)


@dataclass(frozen=True)
class Line:
    """A youth, their phone, and their chat with their structure's bot."""

    who: youth.Youth
    bot_id: int
    phone: Person
    chat: Chat


@dataclass
class Region:
    """Three structures with a bot each, and what was asked of them."""

    database: Database
    telegram: Telegram
    lines: list[Line] = field(default_factory=list)
    queued: dict[int, int] = field(default_factory=dict)  # message → its number, which it says
    said: int = 0

    async def settle(self) -> None:
        async with self.database.write() as tx:
            for number in range(BOTS):
                token = f"77700{number}:test-token-on-loopback-only"
                await self._structure(tx, number, self.telegram.bot(token, f"bot_{number}"), token)

    async def _structure(self, tx: Tx, number: int, simulated: Bot, token: str) -> None:
        now = real_now()
        bot_id = await structure.bot_with(tx, now, token)
        place = await structure.add(
            tx,
            now,
            f"Structure {number}",
            "cjc",
            alert_rule=RULE,
            telegram_minimum_age=13,
            bot_id=bot_id,
        )
        nadia = await staff.add(
            tx,
            now,
            structure_id=place,
            login=f"nadia{number}",
            name="Nadia",
            role="educator",
            password="-",
        )
        for nth in range(YOUTHS):
            who = await youth.add(
                tx,
                now,
                structure_id=place,
                educator_id=nadia.id,
                nickname=f"Jeune {nth}",
                birth_month=f"{now.year - 20}-01",
            )
            phone = self.telegram.person(f"Jeune {number}.{nth}")
            chat = self.telegram.chat(simulated, phone.user)
            chat.started = True
            await link(tx, now, who, bot_id, str(phone.id))
            self.lines.append(Line(who, bot_id, phone, chat))

    async def write(self) -> None:
        """One more message for everybody: by turns an educator's words, and a screen."""
        now = real_now()
        async with self.database.write() as tx:
            for line in self.lines:
                number = len(self.queued)
                words = f"mot {number}."
                if number % 2:
                    made = await outgoing.reply(
                        tx,
                        now,
                        structure_id=line.who.structure_id,
                        bot_id=line.bot_id,
                        youth_id=line.who.id,
                        text=words,
                        created_by=line.who.educator_id,
                    )
                else:
                    [made] = await queue(tx, now, [_screen(line, now, words)])
                self.queued[made] = number

    def say(self, few: random.Random) -> None:
        """Some of them write to their educator."""
        for line in few.sample(self.lines, 6):
            line.phone.say(f"parole {self.said}.", line.chat)
            self.said += 1

    async def quiet(self) -> None:
        """Until nothing waits, nothing is on its way and every update is confirmed."""
        bots = self.telegram.bots.values()
        while any(b.updates.pending for b in bots) or await self._open():  # noqa: ASYNC110  (others work)
            await asyncio.sleep(0.1)

    async def _open(self) -> bool:
        async with self.database.read() as tx:
            open_ = select(message.c.id).where(message.c.state.in_(OPEN)).limit(1)
            return await tx.row(open_) is not None

    async def cut(self) -> None:
        """End about half of the connections to this database, whoever holds them."""
        async with self.database.engine.connect() as connection:
            await connection.execute(CUT)


def _screen(line: Line, now: datetime, words: str) -> Draft:
    return Draft(
        line.who.structure_id,
        line.bot_id,
        line.who.id,
        "screen",
        now,
        now + REPLY_LIFE,
        Screen(words).to_json(),
    )


async def story(database: Database, url: str, *, waves: int, accidents: int) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    telegram = Telegram(real_now, limits=False)
    region = Region(database, telegram)
    await region.settle()
    telegram.faults.always("sendMessage", faults.delay(ON_THE_WAY))
    async with serving(bot_api(telegram)) as api:
        settings = {"RELAIS_KEY": KEY, "RELAIS_DATABASE": url, "RELAIS_TELEGRAM_API": api}
        async with workers(settings) as crew:
            for _ in range(4):
                await crew.begin()
            for _ in range(waves):
                await region.write()
                await happening(region, crew, chance, accidents)
            async with asyncio.timeout(60):
                await region.quiet()
            endings = [await crew.end(worker, signal.SIGTERM) for worker in list(crew.alive)]
        await telegram.close()
    assert endings == [0] * 4, "each ends by itself when told to"
    await nothing_lost_nothing_doubled_unmarked(region)
    nobody_is_rushed(region)


async def happening(region: Region, crew: Workers, chance: random.Random, accidents: int) -> None:
    for _ in range(accidents):
        region.say(chance)
        await asyncio.sleep(chance.uniform(0.1, 0.7))
        if chance.random() < 0.3:
            await region.cut()
        else:
            await crew.end(chance.choice(crew.alive), signal.SIGKILL)
            await crew.begin()


async def nothing_lost_nothing_doubled_unmarked(region: Region) -> None:
    seen: dict[int, int] = defaultdict(int)
    order: dict[Any, list[int]] = defaultdict(list)
    for call in region.telegram.transcript.accepted("sendMessage"):
        if found := re.search(r"mot (\d+)\.", call.parameters["text"]):
            number = int(found[1])
            seen[number] += 1
            if seen[number] == 1:
                order[call.bot_id, call.chat_id].append(number)
    async with region.database.read() as tx:
        rows = await tx.rows(select(message).where(message.c.id.in_(region.queued)))
        heard = [
            str(item.text)
            for line in region.lines
            for item in await inbox.of_youth(tx, line.who.id)
        ]
        assert not await tx.rows(select(set_aside))
    assert len(rows) == len(region.queued)
    for row in rows:
        times = seen[region.queued[row.id]]
        assert row.state in ("sent", "uncertain"), (row.state, row.reason)
        assert times >= (row.state == "sent"), f"lost, and its row says {row.state}"
        assert times <= 1 + row.repeated, "sent twice, and not marked"
        assert not (row.repeated and row.kind == "text"), "an educator's words are their own"
    assert all(numbers == sorted(numbers) for numbers in order.values()), "out of order in a chat"
    assert sorted(heard) == sorted(f"parole {n}." for n in range(region.said))
    doubled = sum(times > 1 for times in seen.values())
    unknown = sum(row.state == "uncertain" for row in rows)
    print(f"{len(rows)} messages, {doubled} sent twice, {unknown} of unknown fate")


def nobody_is_rushed(region: Region) -> None:
    """Whatever process sends: at most thirty a second a bot and one a second a chat, after the
    bursts; as seen from Telegram, where some arrive later than others."""
    arrivals: dict[tuple[float, float, Any], list[float]] = defaultdict(list)
    for call in region.telegram.transcript.accepted("sendMessage"):
        at = call.at.timestamp()
        arrivals[BOT_RATE, BOT_RATE, call.bot_id].append(at)
        arrivals[CHAT_RATE, CHAT_BURST, (call.bot_id, call.chat_id)].append(at)
    for (rate, burst, whose), times in arrivals.items():
        for first, since in enumerate(times):
            for count, at in enumerate(times[first:], 1):
                assert count <= burst + rate * (at - since + LATE), f"{whose} was rushed"


async def test_killed_workers_and_cut_connections_lose_and_double_nothing(
    database: Database, database_url: str
) -> None:
    await story(database, database_url, waves=3, accidents=3)


@pytest.mark.prove
async def test_the_same_for_a_long_time(database: Database, database_url: str) -> None:
    await story(database, database_url, waves=25, accidents=8)
