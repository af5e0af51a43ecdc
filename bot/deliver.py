"""Deliver: what is due → claimed → its meaning checked again → rendered → sent → settled.

Each round is one commit: it settles what has come back and claims what may leave. Nothing is sent
inside a transaction. A message is claimed only when the bot and its chat have a permit, and the
first due message of a chat only when none of that chat is in flight: order is kept, and a killed
process leaves at most one uncertain message a chat (design § 4).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

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
from bot.doubt import Doubt
from bot.outage import Outage
from bot.pace import AtOnce, Pace
from content import screen_of
from records import outbox
from records.database import Database, Tx, is_trouble
from records.due import Due
from records.outbox import Settled
from records.reasons import Held, Twice
from records.sending import SEND, Verdict, decide

log = logging.getLogger("relais.deliver")
IN_FLIGHT = 400
BATCH = 200  # outcomes that one commit waits for, while that many are on their way…
BREATH = 0.03  # …and no longer than this, in seconds
NAP = 1.0  # seconds: how long a change made by another process may go unseen
DRAIN = 6.0  # seconds that what is in flight has to come back, once told to stop
LAST = 1.5  # seconds that the last commit may take
TAKE_OVER = 30.0  # seconds between two looks for claims whose lease is over


class Deliverer:
    """Delivers for the bots of `channels`, by their identifier.

    `now` is the product's clock, `real_now` the machine's (leases), `seconds_until` how long until
    an instant of the product's clock.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[int, Channel],
        *,
        now: Callable[[], datetime],
        real_now: Callable[[], datetime],
        unlimited: bool = False,
    ) -> None:
        self._database, self._channels = database, channels
        self._alone = database.is_sqlite
        self._now, self._real_now = now, real_now
        self.paces = {bot_id: Pace(unlimited) for bot_id in channels}
        self._doubts = {
            bot_id: Doubt(channel.username, partial(self._hush, bot_id))
            for bot_id, channel in channels.items()
        }
        self._outage = Outage(log)
        self._flying: set[asyncio.Task[None]] = set()
        self._back: list[Settled] = []
        self._one_round = asyncio.Lock()
        self._woken, self._enough = asyncio.Event(), asyncio.Event()
        self._seen_version = -1
        self._stopping = False
        self._recovered_at = time.monotonic()
        self.sent = 0

    def lift_limits(self, *, lifted: bool) -> None:
        """Speak as fast as the server takes it: to a loopback server without limits only."""
        for pace in self.paces.values():
            pace.unlimited = lifted

    def wake(self) -> None:
        """Something was queued, or came back: look now."""
        self._woken.set()

    def at_once(self, bot_id: int) -> AtOnce:
        """What may be sent for a bot without waiting for a round. Only a process that is alone
        may: others would not see that a chat's turn was taken."""
        moment, pace = time.monotonic(), self.paces[bot_id]
        room = IN_FLIGHT - len(self._flying) if self._alone and not self._stopping else 0
        until = self._real_now() + outbox.LEASE
        permits = min(room, pace.permits(moment), self._doubts[bot_id].at_most())
        return AtOnce(permits, set(pace.resting(moment)), until)

    def let_go(self, leaving: Iterable[Due]) -> None:
        """Send what was claimed in the commit that queued it, and look for the rest."""
        for due in leaving:
            self._let_go(due, SEND)
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`; trouble with the database is waited out, claims kept by their lease."""
        while not self._stopping:
            try:
                worked = await self.round()  # what is known here is settled before any taking over
                self._outage.over()
                await self._take_over()
                if worked:
                    await self._come_back_together()
                else:
                    await self._rest()
            except Exception as failure:
                if is_trouble(failure):
                    self._outage.goes_on(failure)
                else:
                    log.exception("a round of delivery failed", exc_info=failure)
                await asyncio.sleep(NAP)

    async def _take_over(self) -> None:
        """Now and then: what a worker that died had claimed, once its lease is over."""
        if time.monotonic() - self._recovered_at > TAKE_OVER:
            await self.recover(alone=False)

    async def recover(self, *, alone: bool) -> None:
        """What a dead process had claimed is uncertain. `alone`: at start, and nobody else is."""
        self._recovered_at = time.monotonic()
        async with self._database.write() as tx:
            freed = await outbox.recover(tx, self._real_now(), everything=alone)
        if freed:
            log.warning("%d messages were on their way when the last process ended", freed)

    async def round(self) -> bool:
        """Settle and claim, in one commit. True when there was anything to do."""
        async with self._one_round:
            self._woken.clear()
            back, self._back = self._back, []
            try:
                judged = await self._settle_and_claim(back)
            except BaseException:
                self._back = back + self._back  # nothing of it was committed
                raise
            for due, verdict in judged:
                if verdict.action == "send":
                    self._let_go(due, verdict)
            return bool(back or judged)

    async def _settle_and_claim(self, back: list[Settled]) -> list[tuple[Due, Verdict]]:
        """What came back is settled; what is due is claimed, and judged at this very moment."""
        room = 0 if self._stopping else IN_FLIGHT - len(self._flying)
        claimed: list[Due] = []
        async with self._database.write() as tx:
            await outbox.settle(tx, self._now(), back)
            for bot_id, pace in self.paces.items():
                claimed += await self._claim(tx, bot_id, pace, room - len(claimed))
            judged = [(due, decide(due.facts, self._now())) for due in claimed]
            kept = [_not_sent(due, v) for due, v in judged if v.action != "send"]
            await outbox.settle(tx, self._now(), kept)
        return judged

    async def _claim(self, tx: Tx, bot_id: int, pace: Pace, room: int) -> list[Due]:
        moment = time.monotonic()
        at_most = min(room, pace.permits(moment), self._doubts[bot_id].at_most())
        if at_most <= 0:
            return []
        return await outbox.claim_due(
            tx, self._now(), self._real_now(), bot_id, at_most, resting=pace.resting(moment)
        )

    def _let_go(self, due: Due, verdict: Verdict) -> None:
        self.paces[due.bot_id].take(due.youth.id, time.monotonic())
        self._doubts[due.bot_id].risk()
        task = asyncio.ensure_future(self._send(due, verdict))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _send(self, due: Due, verdict: Verdict) -> None:
        if self.paces[due.bot_id].stopped_until > time.monotonic():
            # Telegram asked for quiet while this one was being claimed.
            self._came_back(self._settled(due, Later(timedelta(0), "rate_limited", whole_bot=True)))
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
        channel = self._channels[due.bot_id]
        screen = screen_of(due, self._now(), asks_consent=verdict.asks_consent)
        assert due.address is not None
        if due.edits is not None:
            outcome = await channel.edit(due.address, due.edits, screen)
            if not isinstance(outcome, Gone):
                return outcome
        return await channel.send(due.address, screen)

    def _hush(self, bot_id: int, seconds: float) -> None:
        self.paces[bot_id].stop(seconds, time.monotonic())

    def _settled(self, due: Due, outcome: Outcome) -> Settled:
        self._doubts[due.bot_id].learn(outcome)
        match outcome:
            case Sent(message_id):
                self.sent += 1
                twice: Twice | None = "repeated" if due.repeated else None
                return Settled(due, "sent", twice, channel_id=message_id)
            case Later(wait, reason, whole_bot):
                if whole_bot:  # it keeps its due time, hence its place in its chat
                    self._hush(due.bot_id, wait.total_seconds())
                    return Settled(due, "later", reason)
                return Settled(due, "later", reason, self._now() + wait)
            case Refused(reason, phone_lost):
                return Settled(due, "refused", reason, lost=reason if phone_lost else None)
            case Uncertain(reason):
                return Settled(due, "uncertain", reason)
        return Settled(due, "refused", "message_refused")

    def _came_back(self, settled: Settled) -> None:
        self._back.append(settled)
        self._woken.set()
        if self._are_enough():
            self._enough.set()

    def _are_enough(self) -> bool:
        return len(self._back) >= min(BATCH, len(self._flying))

    async def _come_back_together(self) -> None:
        """A commit costs the same for one outcome as for many."""
        self._enough.clear()
        if not self._are_enough():
            with suppress(TimeoutError):
                async with asyncio.timeout(BREATH):
                    await self._enough.wait()

    async def _rest(self) -> None:
        """Sleep until the next due time, a wake, or a change made by another process."""
        async with self._database.read() as tx:
            due = await outbox.next_due(tx)
        moment = time.monotonic()
        wait = min((pace.next_permit(moment) for pace in self.paces.values()), default=0.0)
        until = moment + wait
        while not self._woken.is_set() and not self._stopping:
            if due is not None:  # the clock is asked again at each nap: it may be set
                wait = max(until - time.monotonic(), (due - self._now()).total_seconds())
            nap = NAP if due is None else min(NAP, max(wait, 0.005))
            with suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await self._woken.wait()
            if (due is not None and wait <= nap) or await self._changed_elsewhere():
                return

    async def _changed_elsewhere(self) -> bool:
        version = await self._database.watch()
        changed, self._seen_version = version != self._seen_version, version
        return changed or not self._database.is_sqlite

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
                await self._all_came_back()
        for doubt in self._doubts.values():
            doubt.stop()
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

    async def _all_came_back(self) -> None:
        async with self._one_round:
            pass  # a round under way has let go of what it claimed
        if self._flying:
            await asyncio.wait(self._flying)


def _not_sent(due: Due, verdict: Verdict) -> Settled:
    outcome = "later" if verdict.action == "later" else "dropped"
    return Settled(due, outcome, verdict.reason or None, verdict.at)


def _trouble(failure: Exception) -> Held:
    if isinstance(failure, Revoked):
        return "bot_revoked"
    return "bot_taken_over" if isinstance(failure, TakenOver) else "network"
