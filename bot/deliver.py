"""Deliver: what is due → claimed → its meaning checked again → rendered → sent → settled.

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
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from bot.channel import (
    Channel,
    Gone,
    Later,
    Outcome,
    Refused,
    Revoked,
    Sent,
    TakenOver,
    Uncertain,
    Unreachable,
)
from bot.pace import Pace, Permits
from content import screen_of
from records import outbox
from records.database import Database, Tx, is_trouble
from records.facts import Due
from records.outbox import Settled
from records.sending import Verdict, decide

log = logging.getLogger("relais.deliver")
IN_FLIGHT = 100
NAP = 1.0  # seconds: how late a clock that was set may be noticed, or another's settling
SHORT = 0.05  # seconds until a bot that another process is claiming for is tried again
DRAIN = 6.0  # seconds that what is in flight has to come back, once told to stop


class Deliverer:
    """Delivers for the bots of `channels`, by their identifier, and those that `serve` adds.

    `now` is the product's clock, `real_now` the machine's: claims are this process's own for
    `lease`, on the real clock. A send begins in the first half of it, and lasts no longer than
    the second. `changed` is called when another process changed something.
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
    ) -> None:
        self._database = database
        self._now, self._real_now, self._lease = now, real_now, lease
        self._unlimited, self._changed = unlimited, changed
        self._channels: dict[int, Channel] = {}
        self.permits: dict[int, Permits] = {}
        for channel in channels.values():
            self.serve(channel)
        self._flying: set[asyncio.Task[None]] = set()
        self._back: list[Settled] = []
        self._one_round = asyncio.Lock()
        self._woken = asyncio.Event()
        self._stopping = False
        self._look_for_the_dead_at = math.inf if database.is_sqlite else 0.0
        self.sent = 0

    def serve(self, channel: Channel) -> None:
        """Deliver through this channel from now on; it takes the place of one of the same bot."""
        bot_id = channel.bot_id
        self._channels[bot_id] = channel
        self.permits.setdefault(bot_id, Permits(self._database, bot_id, unlimited=self._unlimited))

    def lift_limits(self, *, lifted: bool) -> None:
        """Speak as fast as the server takes it: to a loopback server without limits only."""
        for permits in self.permits.values():
            permits.pace.unlimited = lifted

    def wake(self) -> None:
        """Something was queued, or came back: look now."""
        self._woken.set()

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
                await self._take_over()
                if not worked:
                    await self._rest()
            except Exception as failure:
                self._look_for_the_dead_later()  # others, too, have something to settle first
                if is_trouble(failure):
                    log.warning("the database is out of reach: %s", type(failure).__name__)
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
            freed = await outbox.recover(tx, self._real_now(), everything=alone)
        self._look_for_the_dead_later()
        if freed:
            log.warning("%d messages were on their way when another process ended", freed)

    def _look_for_the_dead_later(self) -> None:
        if not self._database.is_sqlite:
            self._look_for_the_dead_at = time.monotonic() + self._lease.total_seconds() / 2

    async def round(self) -> bool:
        """Settle and claim, in one commit. True when there was anything to do."""
        async with self._one_round:
            back, self._back = self._back, []
            begun_by = self._real_now() + self._lease / 2
            try:
                judged = await self._settle_and_claim(back)
            except BaseException:
                self._back = back + self._back  # nothing of it was committed
                raise
            for due, verdict in judged:
                if verdict.action == "send":
                    self._let_go(due, verdict, begun_by)
            return bool(back or judged)

    async def _settle_and_claim(self, back: list[Settled]) -> list[tuple[Due, Verdict]]:
        room = 0 if self._stopping else IN_FLIGHT - len(self._flying)
        judged: list[tuple[Due, Verdict]] = []
        async with self._database.write() as tx:
            await outbox.settle(tx, self._now(), back)
            for bot_id in await self._ready(tx, room):
                async with self.permits[bot_id].held(tx) as pace:
                    if pace is not None:
                        judged += await self._claim(tx, bot_id, pace, room - len(judged))
        return judged

    async def _ready(self, tx: Tx, room: int) -> list[int]:
        """The bots worth a look now, always in the same order."""
        moment, known = time.monotonic(), self.permits.items()
        news = [bot_id for bot_id, permits in known if permits.has_news(moment)]
        free = [bot_id for bot_id, permits in known if room and permits.pace.permits(moment)]
        if len(free) > 1:
            free = await outbox.with_something_due(tx, self._now(), free)
        return sorted({*news, *free})

    async def _claim(self, tx: Tx, bot_id: int, pace: Pace, room: int) -> list[tuple[Due, Verdict]]:
        """Claim, and judge at once: what does not leave now costs no permit, and is settled."""
        moment, now = time.monotonic(), self._now()
        at_most = min(room, pace.permits(moment))
        if at_most <= 0:
            return []
        due = await outbox.claim_due(
            tx,
            now,
            self._real_now(),
            bot_id,
            at_most,
            resting=pace.resting(moment),
            lease=self._lease,
        )
        judged = [(one, decide(one.facts, now)) for one in due]
        for one, verdict in judged:
            if verdict.action == "send":
                pace.take(one.youth.id, moment)
        await outbox.settle(tx, now, [_not_sent(*one) for one in judged if one[1].action != "send"])
        return judged

    def _let_go(self, due: Due, verdict: Verdict, begun_by: datetime) -> None:
        task = asyncio.ensure_future(self._send(due, verdict, begun_by))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _send(self, due: Due, verdict: Verdict, begun_by: datetime) -> None:
        if self._real_now() > begun_by:  # the machine was asleep, or its clock was set
            self._came_back(Settled(due, "later"))
            return
        try:
            outcome = await self._through_channel(due, verdict)
        except (Revoked, TakenOver, Unreachable) as failure:
            outcome = Later(timedelta(seconds=60), _trouble(failure), whole_bot=True)
        except Exception as failure:
            log.exception("a message of kind %s could not be made", due.kind, exc_info=failure)
            outcome = Refused("unrenderable")
        self._came_back(self._settled(due, outcome))

    async def _through_channel(self, due: Due, verdict: Verdict) -> Outcome:
        channel = self._channels[due.row.bot_id]
        screen = screen_of(due, self._now(), asks_consent=verdict.asks_consent)
        assert due.address is not None
        if due.edits is not None:
            outcome = await channel.edit(due.address, due.edits, screen)
            if not isinstance(outcome, Gone):
                return outcome
        return await channel.send(due.address, screen)

    def _settled(self, due: Due, outcome: Outcome) -> Settled:
        match outcome:
            case Sent(message_id):
                self.sent += 1
                return Settled(due, "sent", channel_id=message_id)
            case Later(wait, reason, whole_bot):
                if whole_bot:  # it keeps its due time, hence its place in its chat
                    self.permits[due.row.bot_id].stop(wait.total_seconds())
                    return Settled(due, "later", reason)
                return Settled(due, "later", reason, self._now() + wait)
            case Refused(reason, phone_lost):
                return Settled(due, "refused", reason[:32], lost=reason if phone_lost else None)
            case Uncertain(reason):
                return Settled(due, "uncertain", reason[:32])
        return Settled(due, "refused", "gone")

    def _came_back(self, settled: Settled) -> None:
        self._back.append(settled)
        self._woken.set()

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
        look = min(self._look_for_the_dead_at, *stops, math.inf)
        if any(permits.has_news(moment) for permits in self.permits.values()):
            look = moment + SHORT
        if due is None or due > self._now():
            return due, look
        # Something is due, and nothing could be claimed: a permit is missing, or its chat has a
        # message in flight, perhaps in another process.
        waits = [wait for bot_id in speaking if (wait := paces[bot_id].next_permit(moment)) > 0]
        return None, min(look, moment + min(waits, default=NAP))

    async def until_idle(self) -> None:
        """Work until nothing is due nor in flight: the demo's jumps, and tests."""
        while await self.round() or self._flying or self._back:
            if self._flying and not self._back:
                await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Claim nothing more; let what is in flight come back, and settle it."""
        self._stopping = True
        self._woken.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                async with self._one_round:
                    pass  # the round under way may let some more go
                while self._flying:
                    await asyncio.wait(self._flying)
        if self._back:
            await self.round()


def _not_sent(due: Due, verdict: Verdict) -> Settled:
    outcome = "later" if verdict.action == "later" else "dropped"
    return Settled(due, outcome, verdict.reason, verdict.at)


def _trouble(failure: Exception) -> str:
    if isinstance(failure, Revoked):
        return "bot_revoked"
    return "bot_taken_over" if isinstance(failure, TakenOver) else "network"
