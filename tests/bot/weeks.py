"""A youth's weeks, planned at random and lived through with the real Deliverer.

The channel only notes when a message leaves: what is looked at is the hour, not the way. The clock
stands still until it is moved from one due instant to the next, forwards or back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.channel import Incoming, Outcome, Sent
from bot.deliver import Deliverer
from dialogs.screen import Screen
from records import appointment, consent, contact, invitation, outbox, outgoing, structure, youth
from records.database import Database, Tx
from records.errors import Refused
from records.foreseen import foresee_all
from records.message import drop_waiting, message
from records.sending import Verdict
from tests.cast import Cast

AFTERWARDS = timedelta(days=17)  # past every expiry of what is planned in ten days


@dataclass(frozen=True)
class Act:
    """Something that an educator or the youth does, `after` the first instant of the plan."""

    after: timedelta
    what: str
    ahead: timedelta = timedelta(0)  # of the local time then
    which: int = 0
    ladder: tuple[str, ...] = ()
    weekly: bool = False
    purpose: str = ""


@dataclass(frozen=True)
class Plan:
    zone: str
    school_zone: str
    place: str
    school_aged: bool
    budget: int
    windows: dict[str, Any]
    start: datetime
    given: dict[str, bool]  # a purpose never asked is absent
    acts: tuple[Act, ...]


@dataclass
class Notebook:
    """A channel behind the port: whatever it is given, it has."""

    world: "World"
    bot_id: int
    name: str = "telegram"
    left: list[datetime] = field(default_factory=list)

    async def send(self, address: str, what: Screen) -> Outcome:
        assert address
        assert what.text
        self.left.append(self.world.at)
        return Sent(len(self.left))

    async def edit(self, address: str, message_id: int, what: Screen) -> Outcome:
        raise AssertionError("nothing is edited here")

    async def remove(self, address: str, message_ids: Sequence[int]) -> Outcome:
        raise AssertionError("nothing is removed here")

    async def fetch(self, confirm_before: int | None, wait: timedelta) -> Sequence[Incoming]:
        return []

    async def answer_tap(self, tap_id: str, text: str = "") -> None: ...

    async def leave(self, address: str) -> None: ...

    async def username(self) -> str:
        return "relais_bot"


class World:
    """One structure, one youth, one phone; what was promised, and what came of it."""

    def __init__(self, database: Database, cast: Cast, plan: Plan) -> None:
        self.database, self.cast, self.plan = database, cast, plan
        self.at = plan.start
        self.channel = Notebook(self, cast.bot_id)
        self.deliverer = Deliverer(
            database,
            {cast.bot_id: self.channel},
            now=lambda: self.at,
            real_now=lambda: self.at,
            unlimited=True,
        )
        self.meetings: list[appointment.Appointment] = []
        self.lives: dict[int, list[tuple[datetime, appointment.Appointment]]] = {}
        self.promised: dict[int, Verdict] = {}
        self.first_due: dict[int, datetime] = {}

    async def live(self) -> list[Any]:
        """Act by act, to the end; returns the youth's messages as they are then."""
        await self._settle_in()
        for act in sorted(self.plan.acts, key=lambda act: act.after):
            await self._until(self.plan.start + act.after)
            async with self.database.write() as tx:
                before = await self._dropped(tx)
                await self._do(tx, act)
                for which in await self._dropped(tx) - before:  # the act took it back
                    self.promised.pop(which, None)
            await self._promise()
        await self._until(self.plan.start + timedelta(days=10) + AFTERWARDS)
        async with self.database.write() as tx:
            mine = message.c.youth_id == self.who.id
            ended = await tx.rows(select(message).where(mine).order_by(message.c.id))
            await drop_waiting(tx, "closed", mine)  # or the next week lived would meet it
        return [row for row in ended if row.kind not in ("phrase", "again")]

    async def _settle_in(self) -> None:
        plan, at = self.plan, self.at
        async with self.database.write() as tx:
            await structure.change(
                tx,
                self.cast.structure_id,
                zone=plan.zone,
                school_zone=plan.school_zone,
                holidays=plan.place,
                windows=plan.windows,
                weekly_budget=plan.budget,
            )
            self.of = await structure.get(tx, self.cast.structure_id)
            self.who = await youth.add(
                tx,
                at,
                structure_id=self.of.id,
                educator_id=self.cast.nadia.id,
                nickname="Sami",
                birth_month=f"{at.year - 17}-03",
                school_aged=plan.school_aged,
            )
            made = await invitation.invite(tx, at, self.who)
            await contact.accept(
                tx, at, made.token, self.cast.bot_id, "telegram", f"9{self.who.id}"
            )
            await contact.confirm(tx, at, self.who.id)
            for purpose, given in plan.given.items():
                await self._say(tx, purpose, given)
        await self.deliverer.until_idle()
        self.channel.left.clear()

    async def _until(self, target: datetime) -> None:
        while True:
            await self.deliverer.until_idle()
            async with self.database.read() as tx:
                due = await outbox.next_due(tx)
            if due is None or due > target:
                self.at = target
                return
            self.at = max(self.at, due)

    async def _promise(self) -> None:
        """What the desk and the command line would show now."""
        async with self.database.read() as tx:
            waiting = await outbox.awaited(tx, self.at, youth_id=self.who.id)
        for due, verdict in foresee_all(waiting, self.at):
            if due.kind == "again":  # of an age that these weeks do not reach
                continue
            self.promised[due.id] = verdict
            self.first_due.setdefault(due.id, due.facts.due_at)

    async def _dropped(self, tx: Tx) -> set[int]:
        mine = message.c.youth_id == self.who.id
        rows = await tx.rows(select(message.c.id).where(mine, message.c.state == "dropped"))
        return {row.id for row in rows}

    # What may be done -------------------------------------------------------------------------

    async def _do(self, tx: Tx, act: Act) -> None:
        try:
            await getattr(self, f"_{act.what}")(tx, act)
        except Refused:
            return  # a wall time that the spring change skips, a meeting called off already

    def _wall(self, act: Act) -> datetime:
        """In whole minutes, so that the minute that has begun is already the past's."""
        local = (self.at + act.ahead).astimezone(ZoneInfo(self.plan.zone)).replace(tzinfo=None)
        return local.replace(second=0, microsecond=0)

    async def _meet(self, tx: Tx, act: Act) -> None:
        planned = await appointment.add(
            tx, self.at, self.who, self._wall(act), ladder=list(act.ladder)
        )
        self.meetings.append(planned)
        self.lives[planned.id] = [(self.at, planned)]

    async def _move(self, tx: Tx, act: Act) -> None:
        if self.meetings:
            which = self.meetings[act.which % len(self.meetings)]
            now_it_is = await appointment.get(tx, which.id)
            moved = await appointment.move(tx, self.at, now_it_is, self._wall(act))
            self.lives[which.id].append((self.at, moved))

    async def _cancel(self, tx: Tx, act: Act) -> None:
        if self.meetings:
            which = self.meetings[act.which % len(self.meetings)]
            await appointment.cancel(tx, self.at, await appointment.get(tx, which.id))
            self.lives[which.id].append((self.at, await appointment.get(tx, which.id)))

    async def _write(self, tx: Tx, act: Act) -> None:
        await outgoing.schedule_text(
            tx,
            self.at,
            structure_id=self.of.id,
            bot_id=self.of.bot_id,
            youth_id=self.who.id,
            text="Bon courage",
            wall=self._wall(act),
            zone=self.plan.zone,
            weekly=act.weekly,
        )

    async def _offer(self, tx: Tx, act: Act) -> None:
        script = {"exercises": "ma-meteo", "checkins": "humeur", "surveys": "satisfaction"}
        await outgoing.schedule_offer(
            tx,
            self.at,
            structure_id=self.of.id,
            bot_id=self.of.bot_id,
            youth_id=self.who.id,
            script=script[act.purpose],
            purpose=act.purpose,
            due_at=self.at + act.ahead,
            wave="2026-T4" if act.purpose == "surveys" else None,
        )

    async def _withdraw(self, tx: Tx, act: Act) -> None:
        await self._say(tx, act.purpose, given=False)

    async def _agree(self, tx: Tx, act: Act) -> None:
        await self._say(tx, act.purpose, given=True)

    async def _pause(self, tx: Tx, _: Act) -> None:
        await youth.change(tx, self.who.id, paused_at=self.at)

    async def _resume(self, tx: Tx, _: Act) -> None:
        await youth.change(tx, self.who.id, paused_at=None)

    async def _say(self, tx: Tx, purpose: str, given: bool) -> None:
        await consent.record(tx, self.at, self.who, purpose, given, text_version=1)
