"""What is on its way: one claimed message → rendered → through its channel → how it ended.

A message leaves only if its bot may speak, and comes back in one of the outcomes of `bot.channel`.
What a whole bot must wait for (429, a token refused, no network) stops that bot, in every process.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from dataclasses import replace
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
from bot.countdown import Countdowns, Shown
from bot.doubt import Doubt
from bot.pace import Pace, Permits
from bot.wiping import wipe
from content import screen_of
from content.wordings import invitation
from dialogs.screen import Screen
from records.database import Database
from records.due import Due
from records.reasons import Held, Twice
from records.sending import Verdict
from records.settling import REPEATABLE, Settled

log = logging.getLogger("relais.deliver")
IN_FLIGHT = 400  # messages, over all bots
REMEMBERED = 600.0  # seconds: longer than anything that was claimed waits for its turn
TROUBLE = timedelta(seconds=5)  # until a bot that cannot speak tries one message again


class Flight:
    """Sends for the bots that it serves. `came_back` is told how each message ended, `wake` that a
    bot was told to be quiet; `second` is how long a countdown's lasts, for tests."""

    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], datetime],
        real_now: Callable[[], datetime],
        came_back: Callable[[Settled], None],
        wake: Callable[[], None],
        unlimited: bool = False,
        second: float = 1.0,
    ) -> None:
        self._database, self._unlimited = database, unlimited
        self.countdowns = Countdowns(database, wake, second=second)
        self._now, self._real_now, self._came_back = now, real_now, came_back
        self._channels: dict[int, Channel] = {}
        self._doubts: dict[int, Doubt] = {}
        self.permits: dict[int, Permits] = {}
        self.under_way: set[asyncio.Task[None]] = set()
        self._withdrawn: dict[tuple[int, str | None], float] = {}  # when, on the monotonic clock
        self.sent = 0

    def serve(self, channel: Channel) -> None:
        """Send through this channel from now on; it takes the place of one of the same bot."""
        bot_id = channel.bot_id
        self._channels[bot_id] = channel
        permits = Permits(self._database, bot_id, unlimited=self._unlimited)
        self.permits.setdefault(bot_id, permits)
        self._doubts[bot_id] = Doubt(channel.username, self.permits[bot_id].stop)

    @property
    def room(self) -> int:
        """How many more may leave."""
        return IN_FLIGHT - len(self.under_way)

    def at_most(self, bot_id: int, pace: Pace, moment: float) -> int:
        """How many more may leave for one bot."""
        return min(self.room, pace.permits(moment), self._doubts[bot_id].at_most())

    def let_go(self, due: Due, verdict: Verdict, begun_by: datetime, claimed_at: float) -> None:
        """Send what was claimed at this moment of the monotonic clock, if its turn comes before
        `begun_by`, on the real one."""
        self._doubts[due.bot_id].risk()
        task = asyncio.ensure_future(self._send(due, verdict, begun_by, claimed_at))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    def take_back(self, withdrawn: Collection[tuple[int, str]]) -> None:
        """These youths have just withdrawn these purposes: what was claimed before, and has not
        left, is given back, to be judged anew."""
        if withdrawn:
            moment = time.monotonic()
            lately = {w: at for w, at in self._withdrawn.items() if at > moment - REMEMBERED}
            self._withdrawn = lately | dict.fromkeys(withdrawn, moment)

    async def landed(self) -> None:
        """Once everything has come back, what comes meanwhile included."""
        while self.under_way:
            await asyncio.wait(self.under_way)

    async def ended(self) -> None:
        """The same, and the frames that are on their way: no more begin."""
        self.countdowns.stop()
        await self.landed()
        await self.countdowns.landed()

    def stop(self) -> None:
        self.countdowns.give_up()
        for doubt in self._doubts.values():
            doubt.stop()

    async def _send(
        self, due: Due, verdict: Verdict, begun_by: datetime, claimed_at: float
    ) -> None:
        outcome, removed = self._too_late(due, begun_by, claimed_at), list[int]()
        try:
            if outcome is None and due.kind == "wipe":
                outcome, removed = await wipe(self._database, self._channels[due.bot_id], due)
            outcome = outcome or await self._through_channel(due, verdict)
        except (Revoked, TakenOver, Unreachable) as failure:
            outcome = Later(TROUBLE, _trouble(failure), whole_bot=True)
        except Exception as failure:
            log.exception("a message of kind %s could not be made", due.kind, exc_info=failure)
            outcome = Refused("unrenderable")
        settled = self._settled(due, outcome)
        self._came_back(replace(settled, removed=tuple(removed)) if removed else settled)

    def _too_late(self, due: Due, begun_by: datetime, claimed_at: float) -> Outcome | None:
        """Something happened between the claim and this moment: it is given back."""
        if self._withdrawn.get((due.youth.id, due.facts.purpose), 0.0) >= claimed_at:
            return Later(timedelta(0), None, whole_bot=True)
        if self.permits[due.bot_id].pace.stopped_until > time.monotonic():
            return Later(timedelta(0), "rate_limited", whole_bot=True)  # quiet was asked for
        if self._real_now() > begun_by:  # the machine was asleep, or its clock was set
            return Later(timedelta(0), None, whole_bot=True)
        return None

    async def _through_channel(self, due: Due, verdict: Verdict) -> Outcome:
        channel = self._channels[due.bot_id]
        screen = due.screen or screen_of(due, self._now(), asks_consent=verdict.asks_consent)
        assert due.address is not None
        if due.edits is not None:
            outcome = await channel.edit(due.address, due.edits, screen)
            if not isinstance(outcome, Gone):
                return self._counting(due, screen, outcome)
        return self._counting(due, screen, await channel.send(due.address, screen))

    def _counting(self, due: Due, screen: Screen, outcome: Outcome) -> Outcome:
        if screen.frames and isinstance(outcome, Sent):
            channel, permits, at = (
                self._channels[due.bot_id],
                self.permits[due.bot_id],
                time.monotonic(),
            )
            shown = Shown(channel, permits, due, screen, outcome.message_id, at)
            self.countdowns.begin(shown)
        return outcome

    def _settled(self, due: Due, outcome: Outcome) -> Settled:
        self._doubts[due.bot_id].learn(outcome)
        match outcome:
            case Sent(message_id):
                self.sent += 1
                twice: Twice | None = "repeated" if due.repeated else None
                _place, worded = invitation(due) or (0, "")
                return Settled(due, "sent", twice, channel_id=message_id, worded=worded)
            case Later():
                return self._put_off(due, outcome)
            case Refused(reason, phone_lost):
                return Settled(due, "refused", reason, lost=reason if phone_lost else None)
            case Uncertain(reason):
                return Settled(due, "uncertain", reason)
        return Settled(due, "refused", "message_refused")

    def _put_off(self, due: Due, said: Later) -> Settled:
        """What waits with its whole bot keeps its due time, hence its place in its chat."""
        if not said.whole_bot:
            return Settled(due, "later", said.reason, self._now() + said.wait)
        self.permits[due.bot_id].stop(said.wait.total_seconds())
        if said.perhaps_sent and due.kind not in REPEATABLE:
            return Settled(due, "uncertain", "no_reply")
        return Settled(due, "later", said.reason, repeated=said.perhaps_sent)


def _trouble(failure: Exception) -> Held:
    if isinstance(failure, Revoked):
        return "bot_revoked"
    return "bot_taken_over" if isinstance(failure, TakenOver) else "network"
