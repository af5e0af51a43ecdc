"""A bot that is killed again and again while a crowd of phones is under way.

Reminders and offers fall due, an educator writes to anyone; each life ends at a random moment or
after a random number of steps, and the next one takes over at once. All that is drawn hangs on the
dice that are given.
"""

import asyncio
import itertools
import random
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from records import appointment, contact, outgoing, structure, youth
from records.database import Database
from records.vault import Vault
from simulator.persons import Person
from simulator.server import bot_api, serving
from tests.cast import NOW, TOKEN
from tests.conftest import KEY
from tests.journeys.crashing import COARSE, FINE
from tests.journeys.crowd import Done, Phone
from tests.journeys.lives import Lives, Scene, all_quiet
from tests.journeys.thumb import script
from tests.journeys.witness import Witness
from tests.town import Town

PARIS = ZoneInfo("Europe/Paris")
PHONES = 24
MINUTE = timedelta(minutes=1)  # what passes on the product's clock from one life to the next
AHEAD = 5  # hours between a reminder and its meeting: more than all lives together
AFTERWARDS = timedelta(minutes=40)  # what waited for the end of an exercise leaves, too
LONGEST = 0.5  # seconds that a life may last, once it is heard of
DEATHS: dict[tuple[str, ...], int] = {  # which steps count, and how many at most; none: a moment
    (): 0,
    COARSE: 120,
    FINE: 900,
    ("confirming",): 8,  # handled, and not yet confirmed: it comes again
    ("called",): 40,  # arrived, and not yet settled
}
BETWEEN_WORDS = 0.03  # seconds: the educator's


async def settle(town: Town, kills: int) -> None:
    """Phones linked; for each, reminders and offers that fall due in one life or another."""
    cast = town.cast
    of: dict[str, Any] = {"structure_id": cast.structure_id, "bot_id": cast.bot_id}
    dice = random.Random(kills)
    async with town.database.write() as tx:
        await structure.change(tx, cast.structure_id, weekly_budget=50)
    for nth in range(PHONES):
        async with town.database.write() as tx:
            who = await youth.add(
                tx,
                NOW,
                structure_id=cast.structure_id,
                educator_id=cast.nadia.id,
                nickname=f"Ami {nth}",
                birth_month="2006-05",
            )
        await town.linked(who)
        await town.agree(who, "exercises")
        async with town.database.write() as tx:
            for minute in sorted(dice.sample(range(1, kills + 1), k=max(3, kills // 16))):
                starts = NOW.astimezone(PARIS) + timedelta(hours=AHEAD, minutes=minute)
                await appointment.add(
                    tx, NOW, who, starts.replace(tzinfo=None), ladder=[f"{AHEAD}h"]
                )
                await outgoing.schedule_offer(
                    tx,
                    NOW,
                    **of,
                    youth_id=who.id,
                    script=script().name,
                    purpose="exercises",
                    due_at=NOW + minute * MINUTE,
                )


class Storm:
    """One database, one Telegram, and life after life."""

    def __init__(self, scene: Scene, lives: Lives, dice: random.Random) -> None:
        self.cast, self.lives, self.dice = scene.cast, lives, dice
        self.url = scene.copied()
        self.database = Database(self.url, Vault(KEY))
        self.saved = scene.folder / "telegram.json"
        self.at, self.nth, self.over, self.calm = NOW, 0, False, False
        self.done = Done()

    async def rage(self, kills: int) -> None:
        """Kill, again and again; then let everything come to its end."""
        youths = await self._linked()
        self.telegram = Witness(lambda: self.at, self.database, youths)
        self.telegram.load(self.saved)
        self.telegram.first_update = self.telegram.bot(TOKEN).updates.next_id
        self.api = bot_api(self.telegram)
        async with serving(self.api) as self.address, asyncio.TaskGroup() as under_way:
            writing = under_way.create_task(self._educator(list(youths.values())))
            phones = [
                under_way.create_task(self._phone(one).live(lambda: self.over))
                for one in self.telegram.persons
            ]
            for _ in range(kills):
                await self._a_short_life()
            self.over = True
            await self._a_life_until(asyncio.gather(*phones))
            writing.cancel()
            self.at += AFTERWARDS
            await self._a_life_until(all_quiet(self.database, self.telegram))
            self.calm = True
            await self.telegram.close()

    async def _linked(self) -> dict[int, int]:
        """The chats, and whose they are."""
        async with self.database.read() as tx:
            phones = [
                phone
                for who in await youth.listed(tx)
                for phone in await contact.of_youth(tx, who.id)
            ]
        return {int(phone.address or 0): phone.youth_id for phone in phones}

    def _phone(self, person: Person) -> Phone:
        dice = random.Random(self.dice.random())
        return Phone(person, self.cast.bot_id, self.telegram, dice, self.done)

    async def _educator(self, youths: list[int]) -> None:
        """Words to anyone, at any moment; and a look at what is uncertain."""
        dice = random.Random(self.dice.random())
        for nth in itertools.count(1):
            await asyncio.sleep(BETWEEN_WORDS)
            await self.telegram.note_what_will_not_come()
            if not self.over:
                async with self.database.write() as tx:
                    await outgoing.reply(
                        tx,
                        self.at,
                        structure_id=self.cast.structure_id,
                        bot_id=self.cast.bot_id,
                        youth_id=dice.choice(youths),
                        text=f"Parole {nth}.",
                        created_by=self.cast.nadia.id,
                    )

    async def _a_short_life(self) -> None:
        """Until a step that is drawn, or until a moment after it was first heard of."""
        steps, most = self.dice.choice(list(DEATHS.items()))
        kill_at = self.dice.randint(1, most) if steps else 0
        seconds = LONGEST if steps else self.dice.uniform(0, LONGEST)
        self.telegram.heard.clear()
        ended = await self._begin(kill_at=kill_at, steps=steps)
        heard = asyncio.create_task(self.telegram.heard.wait())
        await asyncio.wait([ended, heard], return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        await asyncio.wait([ended], timeout=seconds)
        self.lives.kill()
        assert await ended, "this life ended by itself"
        await self._nothing_on_the_wire()
        await self.telegram.note_a_death()

    async def _a_life_until(self, end: Awaitable[object]) -> None:
        ended = await self._begin()
        await end
        self.lives.tell_to_stop()
        assert not await ended
        assert not await self.telegram.on_their_way(), "a life told to stop left something behind"

    async def _begin(self, **how: Any) -> "asyncio.Task[bool]":
        self.nth += 1
        self.at += MINUTE
        await self.lives.begin(
            self.nth,
            **how,
            database=self.url,
            api=self.address,
            bot_id=self.cast.bot_id,
            now=self.at.isoformat(),
        )
        return asyncio.create_task(self.lives.ended())

    async def _nothing_on_the_wire(self) -> None:
        """What a process had said before it died has been heard."""
        server = self.api.state.server.server_state
        while server.connections or self.telegram.arriving:  # noqa: ASYNC110  (sockets tell nobody)
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.005)
