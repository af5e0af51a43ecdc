"""Deliver: what is due → claimed → its meaning checked again → let go (`bot.flight`) → settled.

Each round is one commit: it settles what has come back and claims what may leave. Nothing is sent
inside a transaction. A message is claimed only when the bot and its chat have a permit, and the
first due message of a chat only when none of that chat is in flight: order is kept, and a killed
process leaves at most one uncertain message a chat (design § 4).

Any number of processes may deliver on PostgreSQL: a bot's permits are one row, locked by whoever
claims for it (`bot.pace`), and the claims of a process that died are taken over.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from bot.channel import Channel
from bot.clocks import Clocks
from bot.flight import Flight
from bot.outage import Outage
from bot.pace import AtOnce, Pace, Permits
from records import outbox, settling
from records.database import Database, Tx, is_trouble
from records.due import Due
from records.sending import SEND, Verdict, decide
from records.settling import Settled

log = logging.getLogger("relais.deliver")
BATCH = 200  # outcomes that one commit waits for, while that many are on their way…
BREATH = 0.03  # …and no longer than this, in seconds
NAP = 1.0  # seconds: how late a clock that was set may be noticed, or another's settling
SHORT = 0.05  # seconds until a bot that another process is claiming for is tried again
DRAIN = 6.0  # seconds that what is in flight has to come back, once told to stop
LAST = 1.5  # seconds that the last commit may take


class Deliverer:
    """Delivers for the bots of `channels`, by their identifier, and those that `serve` adds.

    `now` is the product's clock, `real_now` the machine's: claims are this process's own for
    `lease`, on the real clock. A send begins in the first half of it, and lasts no longer than
    the second. `changed` is called when another process changed something. A countdown's second
    lasts `second` real ones.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[int, Channel],
        *,
        now: Callable[[], datetime],
        real_now: Callable[[], datetime],
        unlimited: bool = False,
        lease: timedelta = outbox.LEASE,
        changed: Callable[[], None] = lambda: None,
        second: float = 1.0,
    ) -> None:
        self._database, self._alone = database, database.is_sqlite
        self._now, self._real_now, self._lease = now, real_now, lease
        self._changed = changed
        self._flight = Flight(
            database,
            now=now,
            real_now=real_now,
            came_back=self._came_back,
            wake=self.wake,
            unlimited=unlimited,
            second=second,
        )
        self._outage = Outage(log)
        self.clocks = Clocks(database, now)
        self._back: list[Settled] = []
        self._one_round = asyncio.Lock()
        self._woken, self._enough = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._look_for_the_dead_at = math.inf if self._alone else 0.0
        for channel in channels.values():
            self.serve(channel)

    def serve(self, channel: Channel) -> None:
        """Deliver through this channel from now on; it takes the place of one of the same bot."""
        self._flight.serve(channel)
        self.wake()  # what is due for it was passed over until now

    @property
    def permits(self) -> dict[int, Permits]:
        return self._flight.permits

    @property
    def sent(self) -> int:
        return self._flight.sent

    def lift_limits(self, *, lifted: bool) -> None:
        """Speak as fast as the server takes it: to a loopback server without limits only."""
        for permits in self.permits.values():
            permits.pace.unlimited = lifted

    def wake(self) -> None:
        """Something was queued, or came back: look now."""
        self._woken.set()

    def at_once(self, bot_id: int) -> AtOnce:
        """What may be sent for a bot without waiting for a round. Only a process that is alone
        may: others would not see that a chat's turn was taken."""
        moment, pace = time.monotonic(), self.permits[bot_id].pace
        may = self._alone and not self._stopping
        permits = self._flight.at_most(bot_id, pace, moment) if may else 0
        return AtOnce(permits, set(pace.resting(moment)), self._real_now() + self._lease)

    def take_back(self, withdrawn: Collection[tuple[int, str]]) -> None:
        """A withdrawal was committed: (youth, purpose). What was claimed before it is looked at
        once more before it leaves, without asking the database."""
        self._flight.take_back(withdrawn)

    def let_go(self, leaving: Iterable[Due]) -> None:
        """Send what was claimed in the commit that queued it, and look for the rest."""
        for due in leaving:
            self.permits[due.bot_id].pace.take(due.youth.id, time.monotonic())
            begun_by, moment = self._real_now() + self._lease / 2, time.monotonic()
            self._flight.let_go(due, SEND, begun_by, moment)
        self.wake()

    async def run(self) -> None:
        """Work until `stop`; trouble with the database is waited out, claims kept by their lease."""
        async with asyncio.TaskGroup() as both:
            watching = both.create_task(self._database.watch(self._changed_elsewhere))
            await self._work()
            watching.cancel()

    def _changed_elsewhere(self) -> None:
        self.wake()
        self._changed()

    async def _work(self) -> None:
        while not self._stopping:
            self._woken.clear()  # here alone: a round of somebody else must not take our wake
            try:
                worked = await self.round()  # first what is known here, then what others left
                self._outage.over()
                await self._take_over()
                worked = await self.clocks.run(busy=worked) or worked
                if worked:
                    await self._come_back_together()
                else:
                    await self._rest()
            except Exception as failure:
                self._look_for_the_dead_later()  # others, too, have something to settle first
                if is_trouble(failure):
                    self._outage.goes_on(failure)
                else:
                    log.exception("a round of delivery failed", exc_info=failure)
                await asyncio.sleep(NAP)

    async def _take_over(self) -> None:
        """Now and then, where there may be others: what a worker that died had claimed. A claim
        is announced to nobody, so this is the one look that no due time asks for."""
        if time.monotonic() >= self._look_for_the_dead_at:
            await self.recover(alone=False)

    async def recover(self, *, alone: bool) -> None:
        """What a dead process had claimed is uncertain. `alone`: at start, and nobody else is."""
        async with self._database.write() as tx:
            freed = await settling.recover(tx, self._real_now(), everything=alone)
        self._look_for_the_dead_later()
        if freed:
            log.warning("%d messages were on their way when another process ended", freed)

    def _look_for_the_dead_later(self) -> None:
        if not self._alone:
            self._look_for_the_dead_at = time.monotonic() + self._lease.total_seconds() / 2

    async def round(self) -> bool:
        """Settle and claim, in one commit. True when there was anything to do."""
        async with self._one_round:
            back, self._back = self._back, []
            begun_by, claimed_at = self._real_now() + self._lease / 2, time.monotonic()
            try:
                judged = await self._settle_and_claim(back)
            except BaseException:
                self._back = back + self._back  # nothing of it was committed
                raise
            for due, verdict in judged:
                if verdict.action == "send":
                    self._flight.let_go(due, verdict, begun_by, claimed_at)
            return bool(back or judged)

    async def _settle_and_claim(self, back: list[Settled]) -> list[tuple[Due, Verdict]]:
        judged: list[tuple[Due, Verdict]] = []
        async with self._database.write() as tx:
            await settling.settle(tx, self._now(), back)
            for bot_id in await self._ready(tx):
                async with self.permits[bot_id].held(tx) as pace:
                    if pace is not None:
                        judged += await self._claim(tx, bot_id, pace, len(judged))
        return judged

    async def _ready(self, tx: Tx) -> list[int]:
        """The bots worth a look now, always in the same order."""
        moment, known = time.monotonic(), self.permits.items()
        news = [bot_id for bot_id, permits in known if permits.has_news(moment)]
        free = [bot_id for bot_id, p in known if not self._stopping and p.pace.permits(moment)]
        if len(free) > 1:
            free = await outbox.with_something_due(tx, self._now(), free)
        return sorted({*news, *free})

    async def _claim(
        self, tx: Tx, bot_id: int, pace: Pace, leaving: int
    ) -> list[tuple[Due, Verdict]]:
        """Claim, and judge at once: what does not leave now costs no permit, and is settled."""
        moment, now = time.monotonic(), self._now()
        at_most = min(self._flight.at_most(bot_id, pace, moment), self._flight.room - leaving)
        if at_most <= 0 or self._stopping:
            return []
        resting = pace.resting(moment)
        due = await outbox.claim_due(
            tx, now, self._real_now(), bot_id, at_most, resting=resting, lease=self._lease
        )
        judged = [(one, decide(one.facts, now)) for one in due]
        for one, verdict in judged:
            if verdict.action == "send":
                pace.take(one.youth.id, moment)
        await settling.settle(
            tx, now, [_not_sent(*one) for one in judged if one[1].action != "send"]
        )
        return judged

    def _came_back(self, settled: Settled) -> None:
        self._back.append(settled)
        self._woken.set()
        if self._are_enough():
            self._enough.set()

    def _are_enough(self) -> bool:
        return len(self._back) >= min(BATCH, len(self._flight.under_way))

    async def _come_back_together(self) -> None:
        """A commit costs the same for one outcome as for many."""
        self._enough.clear()
        if not self._are_enough():
            with suppress(TimeoutError):
                async with asyncio.timeout(BREATH):
                    await self._enough.wait()

    async def _rest(self) -> None:
        """Sleep until the next due time or permit, or a wake; between two, nothing is read."""
        due, look = await self._next_look()
        while not self._woken.is_set() and not self._stopping:
            wait = look - time.monotonic()
            if due is not None:  # the clock is asked again at each nap: it may be set
                wait = min(wait, (due - self._now()).total_seconds())
            if wait <= 0:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(min(wait, NAP)):
                    await self._woken.wait()

    async def _next_look(self) -> tuple[datetime | None, float]:
        """When there may be something to do: on the product's clock, and on the monotonic one."""
        moment, paces = time.monotonic(), {i: p.pace for i, p in self.permits.items()}
        speaking = [bot_id for bot_id, pace in paces.items() if pace.stopped_until <= moment]
        stops = [pace.stopped_until for pace in paces.values() if pace.stopped_until > moment]
        async with self._database.read() as tx:
            due = await outbox.next_due(tx, speaking)
            clock = await self.clocks.next_due(tx)
        look = min(self._look_for_the_dead_at, *stops, math.inf)
        if any(permits.has_news(moment) for permits in self.permits.values()):
            look = moment + SHORT
        if due is None or due > self._now():
            return min((at for at in (due, clock) if at is not None), default=None), look
        # Something is due, and nothing could be claimed: a permit is missing, or its chat has a
        # message in flight, perhaps in another process.
        waits = [wait for bot_id in speaking if (wait := paces[bot_id].next_permit(moment)) > 0]
        return None, min(look, moment + min(waits, default=NAP))

    async def until_idle(self) -> None:
        """Work until nothing is due nor in flight: the demo's jumps, and tests."""
        flying = self._flight.under_way
        # The round is asked last: what it saw still holds when flights are looked at.
        while await self.clocks.run_now() or await self.round() or flying or self._back:
            if flying and not self._back:
                await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Claim nothing more; let what is in flight come back, and settle it."""
        self._stopping = True
        self._flight.countdowns.stop()
        self._woken.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                async with self._one_round:
                    pass  # the round under way may let some more go
                await self._flight.ended()
        self._flight.stop()
        if self._back:
            await self._last_round()

    async def _last_round(self) -> None:
        """What cannot be written now is uncertain for the next process, as after a crash."""
        try:
            async with asyncio.timeout(LAST):
                await self.round()
        except Exception as failure:
            if not is_trouble(failure):
                raise
            self._outage.goes_on(failure)


def _not_sent(due: Due, verdict: Verdict) -> Settled:
    outcome = "later" if verdict.action == "later" else "dropped"
    return Settled(due, outcome, verdict.reason or None, verdict.at)
