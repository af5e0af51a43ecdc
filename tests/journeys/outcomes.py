"""Every way in which a message can wait or end, each brought about for real.

A scenario leaves one message behind and returns it. `SCENARIOS` is by state and reason code.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, get_args

from bot.channel import Later, Refused, Revoked, TakenOver, Uncertain
from bot.deliver import Deliverer
from records import (
    after_restore,
    appointment,
    closure,
    consent,
    contact,
    conversation,
    course_record,
    course_run,
    ending,
    message,
    outbox,
    outgoing,
    plan,
    reasons,
    structure,
    survey,
    youth,
)
from records.by_itself import SURVEY_AGAIN
from records.database import Database, Tx
from records.message import Draft, queue
from tests.admin.house import linked
from tests.bot.scripted import Scripted
from tests.cast import NOW, Cast
from tests.courses import step, wanted

Scenario = Callable[["World"], Awaitable[int]]
MONDAY = datetime(2026, 11, 23, 17, 30)
WEDNESDAY = datetime(2026, 11, 25, 14, 30)
IN_APRIL = datetime(2028, 4, 3, 17, 30)  # Sami is eighteen since the first
SATURDAY_ONLY = {"school_day": None, "weekday": None}


class World:
    """The records, delivery on a scripted channel, and a clock."""

    def __init__(self, database: Database, cast: Cast) -> None:
        self.database, self.cast = database, cast
        self.at = NOW
        self.channel = Scripted(cast.bot_id)
        self.deliverer = Deliverer(
            database,
            {cast.bot_id: self.channel},
            now=lambda: self.at,
            real_now=lambda: self.at,
            unlimited=True,
        )

    async def link(self, who: youth.Youth, *given: str, **how: Any) -> contact.Contact:
        phone = await linked(self.database, self.cast, who, *given, **how)
        await self.deliverer.until_idle()
        return phone

    async def do(self, verb: Callable[[Tx], Awaitable[Any]]) -> Any:
        async with self.database.write() as tx:
            return await verb(tx)

    async def change(self, **settings: Any) -> None:
        await self.do(lambda tx: structure.change(tx, self.cast.structure_id, **settings))

    async def text(self, who: youth.Youth, wall: datetime = MONDAY, **how: Any) -> int:
        async with self.database.write() as tx:
            of = await structure.get(tx, who.structure_id)
            return await outgoing.schedule_text(
                tx,
                self.at,
                structure_id=of.id,
                bot_id=of.bot_id,
                youth_id=who.id,
                text="On en parle",
                wall=wall,
                zone=of.zone,
                created_by=self.cast.nadia.id,
                **how,
            )

    async def offer(self, who: youth.Youth, script: str = "ma-meteo") -> int:
        async with self.database.write() as tx:
            return await outgoing.schedule_offer(
                tx,
                self.at,
                structure_id=who.structure_id,
                bot_id=self.cast.bot_id,
                youth_id=who.id,
                script=script,
                purpose="exercises",
                due_at=self.at,
            )

    async def meeting(self) -> tuple[appointment.Appointment, int]:
        """And its reminder, due on Tuesday."""
        async with self.database.write() as tx:
            made = await appointment.add(tx, self.at, self.cast.sami, WEDNESDAY)
            [reminder] = await outgoing.listed(tx, youth_id=self.cast.sami.id, kinds=["reminder"])
        return made, reminder.id

    async def deliver(self, wall: datetime = MONDAY) -> None:
        """All that is due at this time in Paris."""
        self.at = (wall - timedelta(hours=1)).replace(tzinfo=NOW.tzinfo)
        await self.deliverer.until_idle()


def _ends(outcome: Any) -> Scenario:
    """An educator's words whose sending ends so."""

    async def scenario(world: World) -> int:
        await world.link(world.cast.sami, "messages")
        which = await world.text(world.cast.sami)
        if isinstance(outcome, Exception):
            world.channel.failure = outcome
        else:
            world.channel.outcomes = [outcome]
        await world.deliver()
        return which

    return scenario


def _dropped(*given: str, **how: Any) -> Scenario:
    """Words to somebody with this phone and these consents."""

    async def scenario(world: World) -> int:
        await world.link(world.cast.sami, *given, **how)
        which = await world.text(world.cast.sami)
        await world.deliver()
        return which

    return scenario


def _then(verb: Callable[[Tx, World], Awaitable[Any]], deliver: bool = True) -> Scenario:
    """Words that were planned, and what happened before they left."""

    async def scenario(world: World) -> int:
        await world.link(world.cast.sami, "messages")
        which = await world.text(world.cast.sami)
        await world.do(lambda tx: verb(tx, world))
        if deliver:
            await world.deliver()
        return which

    return scenario


def _of_the_meeting(
    verb: Callable[[Tx, World, appointment.Appointment], Awaitable[Any]],
) -> Scenario:
    async def scenario(world: World) -> int:
        await world.link(world.cast.sami, "reminders")
        which, reminder = await world.meeting()
        await world.do(lambda tx: verb(tx, world, which))
        await world.deliver(datetime(2026, 11, 24, 17, 30))
        return reminder

    return scenario


def _withdraw(tx: Tx, world: World) -> Awaitable[Any]:
    return consent.record(
        tx,
        world.at,
        world.cast.sami,
        "messages",
        given=False,
        text_version=1,
    )


async def _close(tx: Tx, world: World) -> None:
    await closure.close(tx, world.at, world.cast.sami)


async def _lose(tx: Tx, world: World) -> None:
    [phone] = await contact.of_youth(tx, world.cast.sami.id)
    await contact.set_reachable(tx, phone.id, "blocked")


async def _quiet_hours(world: World) -> int:
    await world.link(world.cast.sami, "messages")
    which = await world.text(world.cast.sami, datetime(2026, 11, 29, 10, 0))  # a Sunday
    await world.deliver(datetime(2026, 11, 29, 10, 0))
    return which


def _over_budget(*, weekly: bool) -> Scenario:
    """Held for next week; what lives two days only is over by then."""

    async def scenario(world: World) -> int:
        await world.link(world.cast.sami, "messages")
        await world.change(weekly_budget=0)
        which = await world.text(world.cast.sami, weekly=weekly)
        await world.deliver()
        return which

    return scenario


async def _in_an_exercise(world: World) -> int:
    sami = world.cast.sami
    await world.link(sami, "exercises")
    await world.deliver()
    await world.do(
        lambda tx: conversation.begin(
            tx,
            world.at,
            youth_id=sami.id,
            structure_id=sami.structure_id,
            script="ma-meteo",
            version=1,
            state={},
        )
    )
    which = await world.offer(sami)
    await world.deliverer.until_idle()
    return which


async def _uncertain(world: World) -> int:
    """A reminder: it is repeated by itself, as soon as somebody answers."""
    await world.link(world.cast.sami, "reminders")
    _, reminder = await world.meeting()
    world.channel.outcomes, world.channel.away = [Uncertain()], True
    await world.deliver(datetime(2026, 11, 24, 17, 30))
    return reminder


async def _repeated(world: World) -> int:
    reminder = await _uncertain(world)
    world.channel.away = False
    async with asyncio.timeout(10):
        while len(world.channel.calls) < 3:  # the welcome, the reminder, and once more
            await asyncio.sleep(0.05)
            await world.deliverer.until_idle()
    return reminder


async def _no_bot(world: World) -> int:
    await world.link(world.cast.sami, "messages")
    async with world.database.write() as tx:
        await tx.run(structure.structure.update(), {"bot_id": None})
    return await world.text(world.cast.sami)


async def _expired(world: World) -> int:
    await world.link(world.cast.sami, "messages")
    which = await world.text(world.cast.sami)
    await world.deliver(MONDAY + outgoing.TURN)
    return which


async def _no_window(world: World) -> int:
    await world.link(world.cast.sami, "messages")
    await world.change(windows=SATURDAY_ONLY)
    which = await world.text(world.cast.sami, weekly=True)
    await world.deliver()
    return which


async def _unlinked(world: World) -> int:
    """The welcome of a phone that is unlinked before it left."""
    phone = await linked(world.database, world.cast, world.cast.sami, "messages")
    await world.do(lambda tx: contact.unlink(tx, world.at, phone))
    async with world.database.read() as tx:
        [welcome] = await outgoing.listed(
            tx, youth_id=world.cast.sami.id, kinds=["phrase"], states=["dropped"]
        )
    return welcome.id


async def _unrenderable(world: World) -> int:
    await world.link(world.cast.sami, "exercises")
    which = await world.offer(world.cast.sami, "un-exercice-retire")
    await world.deliver()
    return which


async def _interrupted(world: World) -> int:
    """The process dies between claim and settling; the next one finds the claim."""
    await world.link(world.cast.sami, "messages")
    which = await world.text(world.cast.sami)
    world.at = (MONDAY - timedelta(hours=1)).replace(tzinfo=NOW.tzinfo)
    await world.do(lambda tx: outbox.claim_due(tx, world.at, world.at, world.cast.bot_id, 10))
    await world.deliverer.recover(alone=True)
    return which


async def _left(world: World) -> int:
    which = await _ends(Uncertain())(world)
    await world.do(lambda tx: outgoing.decide_uncertain(tx, world.at, which, send_again=False))
    return which


async def _restored(world: World) -> int:
    """An offer that was due when the backup from before was restored."""
    await world.link(world.cast.sami, "exercises")
    which = await world.offer(world.cast.sami, "ma-meteo")
    await world.do(lambda tx: after_restore.let_overdue_go(tx, world.at + timedelta(days=1)))
    return which


async def _cancelled(world: World) -> int:
    await world.link(world.cast.sami, "messages")
    which = await world.text(world.cast.sami)
    await world.do(lambda tx: outgoing.cancel(tx, which))
    return which


async def _called_off(world: World) -> int:
    await world.link(world.cast.sami, "exercises")
    of = await world.do(lambda tx: structure.get(tx, world.cast.structure_id))
    draft = plan.remind(
        world.at,
        world.cast.sami,
        of,
        days=1,
        text="Si on insiste, alors je pars",
        purpose="exercises",
        occasion=7,
        turn="1",
    )
    [which] = await world.do(lambda tx: message.queue(tx, world.at, [draft]))
    await world.do(lambda tx: plan.call_off(tx, world.cast.sami.id, 7))
    return int(which)


def _later(reason: reasons.Held) -> Scenario:
    return _ends(Later(timedelta(minutes=1), reason, whole_bot=True))


async def _parental(world: World) -> int:
    await world.link(world.cast.leo, "messages")  # fourteen
    which = await world.text(world.cast.leo)
    await world.deliver()
    return which


async def _asked_again(world: World) -> int:
    """Sami turns eighteen between the yes and the words."""
    await world.link(world.cast.sami, "messages")
    which = await world.text(world.cast.sami, IN_APRIL)
    await world.deliver(IN_APRIL)
    return which


async def _nothing_to_ask(world: World) -> int:
    """The question of eighteen, for whoever was asked another way meanwhile."""
    await world.link(world.cast.sami, "messages")
    async with world.database.read() as tx:
        asked = await outgoing.listed(tx, youth_id=world.cast.sami.id, kinds=["again"])
    world.at = IN_APRIL.replace(tzinfo=NOW.tzinfo) - timedelta(hours=8)
    await world.do(
        lambda tx: consent.record(
            tx, world.at, world.cast.sami, "messages", given=True, text_version=1
        )
    )
    await world.deliver(IN_APRIL)
    return min(one.id for one in asked)


async def _already_answered(world: World) -> int:
    """A survey's one reminder, to somebody whose answer came in meanwhile."""
    await world.link(world.cast.sami, "messages", "surveys")
    draft = Draft(
        world.cast.structure_id,
        world.cast.bot_id,
        world.cast.sami.id,
        "offer",
        world.at,
        world.at + timedelta(days=2),
        {"script": "satisfaction", "wave": "2026-T4", "again": True},
        key=f"{SURVEY_AGAIN}satisfaction:2026-T4:{world.cast.sami.id}",
        purpose="surveys",
        unasked=True,
    )
    async with world.database.write() as tx:
        [which] = await queue(tx, world.at, [draft])
        await survey.hand_in(
            tx,
            youth_id=world.cast.sami.id,
            structure_id=world.cast.structure_id,
            instrument="satisfaction",
            version=1,
            wave="2026-T4",
            week="2026-W48",
            answers={},
        )
    await world.deliver()
    return which


async def _taken_up(world: World) -> int:
    """A nudge about a script that is not open any more."""
    await world.link(world.cast.sami, "exercises")
    draft = Draft(
        world.cast.structure_id,
        world.cast.bot_id,
        world.cast.sami.id,
        "nudge",
        world.at,
        world.at + timedelta(days=2),
        {"talk": 1, "script": "ma-meteo"},
        purpose="exercises",
        unasked=True,
    )
    async with world.database.write() as tx:
        [which] = await queue(tx, world.at, [draft])
    await world.deliver()
    return which


def _course(then: Callable[[Tx, World, course_record.Run], Awaitable[Any]]) -> Scenario:
    """The first step of a course, due on Tuesday, once something has happened on Monday."""

    async def scenario(world: World) -> int:
        await world.link(world.cast.sami, "messages", "exercises")
        second = step("second", needs={"done": "first"})
        small = wanted(steps=[step("first"), second])

        async def begin(tx: Tx) -> int:
            run = await course_run.start(tx, world.at, world.cast.sami, small)
            await then(tx, world, await course_record.get(tx, run.id))
            first = (await course_record.elements(tx, run.id))[0]
            return (await course_record.sent(tx, [first]))[first.key].id

        which = int(await world.do(begin))
        await world.deliver(MONDAY + timedelta(days=1, hours=1))
        return which

    return scenario


async def _ends_today(tx: Tx, world: World, _run: course_record.Run) -> None:
    await ending.move(tx, world.at, world.cast.sami, world.at.date())


async def _waits_for_another(tx: Tx, _world: World, run: course_record.Run) -> None:
    first = (await course_record.elements(tx, run.id))[0]
    which = course_record.course_element.update().where(
        course_record.course_element.c.id == first.id
    )
    await tx.run(which, {"needs": {"done": "second"}})


SCENARIOS: dict[tuple[str, str], Scenario] = {
    ("waiting", "quiet_hours"): _quiet_hours,
    ("waiting", "weekly_budget"): _over_budget(weekly=False),
    ("waiting", "one_thing_at_a_time"): _in_an_exercise,
    ("waiting", "uncertain"): _uncertain,
    ("waiting", "rate_limited"): _later("rate_limited"),
    ("waiting", "telegram_error"): _later("telegram_error"),
    ("waiting", "network"): _later("network"),
    ("waiting", "bot_revoked"): _ends(Revoked()),
    ("waiting", "bot_taken_over"): _ends(TakenOver()),
    ("waiting", "no_bot"): _no_bot,
    ("dropped", "expired"): _expired,
    ("dropped", "no_window_in_time"): _no_window,
    ("dropped", "weekly_budget"): _over_budget(weekly=True),
    ("dropped", "course_paused"): _course(
        lambda tx, world, run: course_run.pause(tx, world.at, run, "staff")
    ),
    ("dropped", "course_stopped"): _course(
        lambda tx, world, run: course_run.stop(tx, world.at, run, "staff")
    ),
    ("dropped", "moved_on"): _course(lambda tx, _world, run: course_run.skip(tx, run)),
    ("dropped", "condition_unmet"): _course(_waits_for_another),
    ("dropped", "after_end"): _course(_ends_today),
    ("dropped", "closed"): _then(_close),
    ("dropped", "paused"): _then(
        lambda tx, world: youth.change(tx, world.cast.sami.id, paused_at=world.at)
    ),
    ("dropped", "refused"): _dropped(refused=("messages",)),
    ("dropped", "not_asked"): _dropped("reminders"),
    ("dropped", "withdrawn"): _then(_withdraw),
    ("dropped", "to_ask_again"): _asked_again,
    ("dropped", "nothing_to_ask"): _nothing_to_ask,
    ("dropped", "taken_up"): _taken_up,
    ("dropped", "already_answered"): _already_answered,
    ("dropped", "parental_agreement_missing"): _parental,
    ("dropped", "no_phone"): _then(
        lambda tx, world: contact.unlink_all(tx, world.at, world.cast.sami.id)
    ),
    ("dropped", "unconfirmed"): _dropped("messages", confirmed=False),
    ("dropped", "unlinked"): _unlinked,
    ("dropped", "unreachable"): _then(_lose),
    ("dropped", "meeting_cancelled"): _of_the_meeting(
        lambda tx, world, which: appointment.cancel(tx, world.at, which)
    ),
    ("dropped", "meeting_moved"): _of_the_meeting(
        lambda tx, world, which: appointment.move(
            tx, world.at, which, WEDNESDAY + timedelta(hours=1)
        )
    ),
    ("dropped", "said_no"): _of_the_meeting(
        lambda tx, world, which: appointment.answer(tx, world.at, which, "no")
    ),
    ("dropped", "cancelled_by_staff"): _cancelled,
    ("dropped", "called_off"): _called_off,
    ("dropped", "left_uncertain"): _left,
    ("dropped", "restored"): _restored,
    ("refused", "unrenderable"): _unrenderable,
    ("uncertain", "no_reply"): _ends(Uncertain()),
    ("uncertain", "interrupted"): _interrupted,
    ("sent", "repeated"): _repeated,
} | {
    ("refused", code): _ends(Refused(code, phone_lost=code in get_args(reasons.Lost)))
    for code in get_args(reasons.Refused)
    if code != "unrenderable"
}
