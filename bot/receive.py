"""Receive: one batch of what came in → one transaction → confirmed → answered.

Each update is accepted once (its identifier is a row), all its effects are committed with it, and
only then is it confirmed to the channel: a process killed anywhere in between loses nothing and
repeats nothing. A batch that fails is replayed one update a transaction; only bad data is set
aside, with its reason. Trouble with the database is retried, unconfirmed (design § 4).
"""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import content
from bot import reply
from bot.beside import Beside
from bot.channel import Channel, Incoming, Revoked, TakenOver, Unreachable
from bot.deliver import Deliverer
from bot.outage import Outage
from bot.visit import Aftermath, Visit, Writings
from records import contact, erasure, invitation, person, reception, youth
from records.database import Database, Tx, is_trouble
from records.errors import Refused, Unusable

log = logging.getLogger("relais.receive")
LONG_POLL = timedelta(seconds=25)
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0


class Receiver:
    """Receives for one bot. `outlet` is what delivers; `trouble` says how the bot's connection is:
    ok, unreachable, revoked or conflict."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        now: Callable[[], datetime],
        outlet: Deliverer,
        trouble: Callable[[str], None],
    ) -> None:
        self._database, self._channel = database, channel
        self._now, self._outlet, self._trouble = now, outlet, trouble
        self._beside = Beside(channel, outlet.permits[channel.bot_id], database.vault, outlet.wake)
        self._outage = Outage(log)
        self._commits: set[asyncio.Task[None]] = set()
        self.handled = 0
        content.heard("")  # its phrases are read now: the first words that come wait for nothing

    async def run(self, wait: timedelta = LONG_POLL) -> None:
        """Long polling, until cancelled. No stored offset: the channel knows what is confirmed."""
        confirm_before: int | None = None
        pause = FIRST_WAIT
        while True:
            try:
                batch = await self._channel.fetch(confirm_before, wait)
            except (Unreachable, TakenOver, Revoked) as failure:
                self._trouble(state_of(failure))
                await asyncio.sleep(max(pause, _asked_quiet(failure)))
                pause = min(pause * 2, LONGEST_WAIT)
                continue
            pause = FIRST_WAIT
            self._trouble("ok")
            if batch:
                await self.take(batch)
                last = max(came.update_id for came in batch)
                if last < 0:  # without a number nothing can be confirmed: it comes back at once
                    await asyncio.sleep(FIRST_WAIT)
                else:
                    confirm_before = last + 1

    async def take(self, batch: Sequence[Incoming]) -> None:
        """Handle a batch to its commit, whatever it takes; returns when it may be confirmed."""
        pause = FIRST_WAIT
        while True:
            try:
                await self._together_or_apart(batch)
                self._outage.over()
                return
            except Exception as failure:  # noqa: BLE001  what is left here is the database's own
                self._outage.goes_on(failure)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_WAIT)

    async def _together_or_apart(self, batch: Sequence[Incoming]) -> None:
        try:
            await self._commit(batch)
        except Exception as failure:
            if is_trouble(failure):
                raise
            log.warning("a batch of %d failed: %s", len(batch), type(failure).__name__)
            for came in batch:
                await self._alone(came)

    async def _alone(self, came: Incoming) -> None:
        try:
            await self._commit([came])
        except Exception as failure:
            if is_trouble(failure):
                raise
            log.warning("update set aside: %s", type(failure).__name__)
            async with self._database.write() as tx:
                if await reception.accept(tx, self._now(), self._channel.bot_id, [came.update_id]):
                    who = await self._whose(tx, came)
                    await self._set_aside(tx, came, type(failure).__name__, who)

    async def _whose(self, tx: Tx, came: Incoming) -> person.Person | None:
        """Nobody's, where what we keep of them is itself what cannot be read."""
        bot_id, name = self._channel.bot_id, self._channel.name
        with suppress(Unusable):
            return (await person.at(tx, self._now(), bot_id, name, {came.address})).get(
                came.address
            )
        return None

    async def _commit(self, batch: Sequence[Incoming]) -> None:
        """Whoever waits for it may be told to stop; it goes on to its end, for what is committed
        is on its way."""
        commit = asyncio.ensure_future(self._committed(batch))
        self._commits.add(commit)
        commit.add_done_callback(self._commits.discard)
        await asyncio.shield(commit)

    async def _committed(self, batch: Sequence[Incoming]) -> None:
        after = Aftermath()
        async with self._database.write() as tx:  # which may have had to wait for its turn
            writings = Writings(self._outlet.at_once(self._channel.bot_id))
            await self._answer_all(tx, batch, writings, after)
        self._outlet.take_back(after.withdrawn)
        self.handled += len(batch)
        self._outlet.let_go(writings.leaving)
        self._beside.send(after)
        if after.freed:
            wiping = asyncio.ensure_future(self._wiped())
            self._commits.add(wiping)
            wiping.add_done_callback(self._commits.discard)

    async def _wiped(self) -> None:
        """What cannot be overwritten now is overwritten at night."""
        try:
            await erasure.wipe(self._database)
        except Exception as failure:
            if not is_trouble(failure):
                raise
            log.warning("old pages are wiped later: %s", type(failure).__name__)

    async def _answer_all(
        self, tx: Tx, batch: Sequence[Incoming], writings: Writings, after: Aftermath
    ) -> None:
        now, bot_id, name = self._now(), self._channel.bot_id, self._channel.name
        fresh = await reception.accept(tx, now, bot_id, [came.update_id for came in batch])
        first = {c.update_id: c for c in reversed(batch) if c.update_id in fresh}
        came_in = [first[number] for number in sorted(first)]
        people = await person.at(tx, now, bot_id, name, {c.address for c in came_in if c.address})
        for came in came_in:
            who = people.get(came.address)
            if came.kind == "malformed":
                await self._set_aside(tx, came, came.text, who)
            elif came.kind == "joined":
                after.left.append(came.address)
            elif who is not None and await self._another_link(tx, now, came, who):
                await self._link(tx, now, came, people, writings, after)
            elif who is not None:
                await reply.to_known(Visit(tx, now, who, came, writings, after))
                if who.youth.id in after.erased:  # whatever phone of theirs comes next
                    people = {a: p for a, p in people.items() if p.youth.id != who.youth.id}
            elif came.kind == "start" and came.text:
                await self._link(tx, now, came, people, writings, after)
            else:
                reply.to_stranger(came, after)
        await writings.flush(tx, now)
        met = [(people[c.address], c) for c in came_in if c.address in people]
        await contact.keep_message_ids(
            tx,
            now,
            [(who.contact, c.message_id) for who, c in met if c.message_id and c.kind != "tap"],
        )
        await youth.mark_seen(
            tx, now, {who.youth.id for who, c in met if who.confirmed and c.kind != "blocked"}
        )

    async def _another_link(
        self, tx: Tx, now: datetime, came: Incoming, who: person.Person
    ) -> bool:
        """An unconfirmed phone that opens another good link scanned the wrong one before."""
        if came.kind != "start" or not came.text or who.contact.state != "unconfirmed":
            return False
        try:
            await invitation.opened(tx, now, came.text, self._channel.bot_id)
        except Refused:
            return False
        await contact.unlink(tx, now, who.contact)
        return True

    async def _link(
        self,
        tx: Tx,
        now: datetime,
        came: Incoming,
        people: dict[str, person.Person],
        writings: Writings,
        after: Aftermath,
    ) -> None:
        bot_id, name = self._channel.bot_id, self._channel.name
        try:
            await contact.accept(tx, now, came.text, bot_id, name, came.address)
        except Refused as refusal:
            reply.link_refused(came, refusal.code, after)
            return
        people |= await person.at(tx, now, bot_id, name, {came.address})
        await reply.enrol(Visit(tx, now, people[came.address], came, writings, after))

    async def _set_aside(
        self, tx: Tx, came: Incoming, reason: str, who: person.Person | None
    ) -> None:
        await reception.keep_aside(
            tx,
            self._now(),
            self._channel.bot_id,
            came.update_id,
            reason,
            _kept(came, who),
            who.youth.id if who is not None else None,
        )

    async def drain(self, within: float = 5.0) -> None:
        """Let what is on its way leave."""
        until = asyncio.get_running_loop().time() + within
        for on_their_way in (self._commits, self._beside.under_way):  # those make some of these
            if on_their_way:
                left = until - asyncio.get_running_loop().time()
                await asyncio.wait(on_their_way, timeout=max(0.0, left))
        for commit in self._commits:
            commit.cancel()


def _asked_quiet(failure: Exception) -> float:
    """The seconds that the channel asked for (429)."""
    return failure.wait.total_seconds() if isinstance(failure, Unreachable) else 0.0


def _kept(came: Incoming, who: person.Person | None) -> str:
    """Never a stranger's words, nor what was said in an anonymous survey: of
    these, and of what is nested too deeply to be written, only which fields came."""
    if who is not None and not (who.talk is not None and who.talk.anonymous):
        with suppress(RecursionError):
            return json.dumps(came.source)
    return json.dumps(sorted(came.source))


def state_of(failure: Exception) -> str:
    """The bot's state that a failure of its channel tells."""
    if isinstance(failure, Revoked):
        return "revoked"
    return "conflict" if isinstance(failure, TakenOver) else "unreachable"
