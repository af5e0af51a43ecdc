"""What people do in the random lives, and what a bystander notes of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import content
from dialogs.screen import Button
from records import (
    appointment,
    asking,
    closure,
    consent_text,
    contact,
    cover,
    erasure,
    invitation,
    outgoing,
    parental,
    response,
    staff,
    structure,
    transfer,
    youth,
)
from records.consent_text import PURPOSES
from tests.bot.oracle import Away, Life, Place
from tests.cast import RULE, hashed

if TYPE_CHECKING:
    from tests.bot.random_lives import Act, Bubble, World

SAID = (
    "Salut",
    "/start",
    "/stop",
    "/moi",
    "/exercice",
    "/rdv",
    "/pause",
    "/aide",
    "Un mot de plus",
)
SCRIPTS = {"exercises": "ma-meteo", "checkins": "humeur", "surveys": "satisfaction"}
AGES = (15, 14)  # of consent, in the two structures


async def settle_in(world: "World") -> None:
    async with world.database.write() as tx:
        await tx.run(consent_text.in_force.delete())  # of a life before this one
        await asking.put_in_force(tx, world.at, world.oracle.versions)
        places = []
        for zone, age in zip(world.plan.zones, AGES, strict=True):
            name = f"{zone} {world.plan.start.timestamp()} {id(world)}"[:80]
            made = await structure.add(
                tx,
                world.at,
                f"{age} {name}"[:80],
                "cjc",
                zone,
                alert_rule=RULE,
                telegram_minimum_age=12,
                consent_age=age,
                weekly_budget=50,
            )
            places.append((made, Place(name, zone, age)))
        world.educators = [
            await staff.add(
                tx,
                world.at,
                structure_id=places[which][0],
                login=f"{name}{places[which][0]}",
                name=name.title(),
                role=role,
                password=hashed(),
            )
            for name, which, role in (
                ("nadia", 0, "educator"),
                ("karim", 0, "educator"),
                ("zoe", 1, "educator"),
            )
        ]
        world.coordinator = await staff.add(
            tx,
            world.at,
            structure_id=places[0][0],
            login=f"claire{places[0][0]}",
            name="Claire",
            role="coordinator",
            password=hashed(),
        )
        for number, born in enumerate(world.plan.born):
            which = number // 2
            by = world.educators[2 * which]
            made_one = await youth.add(
                tx,
                world.at,
                structure_id=places[which][0],
                educator_id=by.id,
                nickname=f"Jeune {number}",
                birth_month=born,
            )
            world.oracle.lives.append(Life(made_one.id, born, places[which][1], by.id))


def local(world: "World", life: Life, ahead: timedelta) -> datetime:
    at = (world.at + ahead).astimezone(ZoneInfo(life.place.zone)).replace(tzinfo=None)
    return at.replace(second=0, microsecond=0)


# The youth ------------------------------------------------------------------------------------------


async def invite(world: "World", act: "Act") -> None:
    _life, who = await world.people(act.who)
    async with world.database.write() as tx:
        world.tokens[who.id] = (await invitation.invite(tx, world.at, who)).token


async def open_link(world: "World", act: "Act") -> None:
    life, _ = await world.people(act.who)
    token = world.tokens.get(life.id)
    if token is None or life.closed:
        return
    address = life.address or f"9{life.id}"
    if not life.address:
        life.address, life.confirmed, life.on_the_way_in = address, False, {}
        del world.tokens[life.id]
    await world.came(address, kind="start", text=token)


async def say(world: "World", act: "Act") -> None:
    life, _ = await world.people(act.who)
    if life.address:
        text = act.label or SAID[act.n % len(SAID)]
        if text == "/pause" and life.confirmed and not life.closed:
            life.paused = True
        await world.came(life.address, kind="start" if text == "/start" else "text", **_words(text))


def _words(text: str) -> dict[str, str]:
    return {} if text == "/start" else {"text": text}


async def press(world: "World", act: "Act") -> None:
    """Any button that was ever shown to this phone, the latest ones most of all."""
    life, _ = await world.people(act.who)
    bubbles = [b for b in world.phones.shown.get(life.address, []) if b.buttons]
    found = _found(bubbles, act)
    if found is None:
        return
    await _tap(world, life, *found)


async def walk(world: "World", act: "Act") -> None:
    """An exercise from its list to its end, shown or kept: agreed to if it is asked, the first
    answers given and the others passed."""
    life, _ = await world.people(act.who)
    if not life.address:
        return
    await world.came(life.address, kind="text", text="/exercice")
    for step in range(12):
        await world.deliverer.until_idle()
        bubble = world.phones.shown[life.address][-1]
        if not bubble.buttons:
            return
        if bubble.buttons[0].act[0] == "share":
            await _tap(world, life, bubble, bubble.buttons[(0, -1)[act.n % 2]])
            return
        passed = [x for x in bubble.buttons if x.label == "Passer"]
        which = act.n % len(bubble.buttons) if bubble.buttons[0].act[0] == "begin" else 0
        await _tap(world, life, bubble, passed[0] if passed and step > 4 else bubble.buttons[which])


async def _tap(world: "World", life: Life, bubble: "Bubble", button: Button) -> None:
    _note(world, life, bubble, button)
    refused = world.oracle.counts(life, "sharing", world.at) is False
    await world.came(
        life.address, kind="tap", act=button.act, tap_id=f"{bubble.id}", message_id=bubble.id
    )
    if button.act[0] in SHARING and life.confirmed and not life.closed:
        await _note_shown(world, life, button, refused=refused)


def _found(bubbles: "list[Bubble]", act: "Act") -> "tuple[Bubble, Button] | None":
    if not bubbles:
        return None
    if act.label:
        alike = [(b, x) for b in bubbles for x in b.buttons if act.label in x.label]
        return alike[-1 - act.n % len(alike)] if alike else None
    back = (0, 0, 0, 1, 1, 2, 3, 5, 8, 13)[act.n % 10]
    bubble = bubbles[-1 - min(back, len(bubbles) - 1)]
    return bubble, bubble.buttons[act.n // 10 % len(bubble.buttons)]


def _note(world: "World", life: Life, bubble: "Bubble", button: Button) -> None:
    """What the tap means, before the bot is told of it."""
    oracle, verb = world.oracle, button.act[0]
    purpose = world.asked_in(bubble.text)
    heard = life.confirmed and not life.closed
    if verb == "pause" and heard:
        life.paused = button.act[1] == "on"
    if verb == "step":
        _note_way_in(world, life, bubble, button, purpose)
    elif verb == "stop" and button.act[1] == "yes" and heard:
        for one in PURPOSES:
            world.takes_back(life, one)
    elif verb == "consent" and button.act[2] == "no" and heard:
        world.takes_back(life, button.act[1])
    elif verb == "decline" and heard:
        refused = content.library().script(button.act[1])
        world.takes_back(life, content.offered_purpose(refused.kind))
    elif _is_yes(button):
        purpose = button.act[1] if verb == "consent" else purpose
        version = bubble.versions.get(purpose, 0)
        if purpose and oracle.is_explicit(life, purpose, bubble.turn, version):
            world.explicit[life.id, purpose] = version


def _is_yes(button: Button) -> bool:
    """A button that carries which question it answers."""
    verb, *rest = button.act
    return (
        (verb == "consent" and rest[1] == "yes")
        or (verb == "begin" and len(rest) == 3)
        or (verb == "resume" and len(rest) == 2)
        or (verb in ("share", "choose", "answer") and len(rest) == 3)
    )


def _note_way_in(
    world: "World", life: Life, bubble: "Bubble", button: Button, purpose: str
) -> None:
    """The two questions of the way in: their answers are written down together at its end."""
    if purpose and "Question" in bubble.text:
        last = life.said.get(purpose)
        if button.label == "Oui, d'accord" and (last is None or bubble.turn > last.turn):
            world.on_the_way_in[life.id, purpose] = bubble.versions[purpose]
        else:
            world.on_the_way_in.pop((life.id, purpose), None)
        if purpose == "messages":
            for one in ("reminders", "messages"):
                if (life.id, one) in world.on_the_way_in:
                    world.explicit[life.id, one] = world.on_the_way_in[life.id, one]


SHARING = ("share", "choose", "answer", "erase", "carnet")


async def _note_shown(world: "World", life: Life, button: Button, *, refused: bool) -> None:
    """Who was shown what, answer by answer. Whoever had refused and says yes on one answer, or on
    those that are ticked, shows these alone."""
    verb, which, *rest = *button.act, ""
    await world.check_the_ledger()
    async with world.database.read() as tx:
        kept = {one.id: one for one in await response.of_youth(tx, life.id, limit=1000)}
    life.shown = {row: one for row, one in life.shown.items() if row in kept}
    if verb not in ("share", "choose", "answer"):
        return
    number, counts = int(which), bool(world.oracle.counts(life, "sharing", world.at))
    theirs = {
        row
        for row, one in kept.items()
        if number in (one.conversation_id, row) and one.visibility != response.ONLY_ME
    }
    if verb == "choose" and rest[0] != "done":
        _note_tick(life, number, rest, theirs, counts=counts)
        return
    ticked = life.ticks.get(number, set()) & theirs if verb == "choose" else theirs
    if rest[0] in ("no", "keep") or not ticked:
        opens: set[int] = set()
    elif not counts:
        return
    else:
        opens = ticked
    if opens and refused and verb != "share":
        life.shown.clear()
    for row in theirs - opens:
        life.shown.pop(row, None)
    for row in opens:
        life.shown.setdefault(row, (kept[row].conversation_id, world.at))


def _note_tick(life: Life, number: int, rest: list[str], theirs: set[int], *, counts: bool) -> None:
    """The list opens with what is shown now; a tick shows nothing yet."""
    ticks = life.ticks.get(number, set())
    if rest[0] == "on":
        ticks = ticks | {int(rest[1])}
    elif rest[0] == "off":
        ticks = ticks - {int(rest[1])}
    else:
        ticks = theirs & life.shown.keys() if counts else set()
    life.ticks[number] = ticks & theirs


async def block(world: "World", act: "Act") -> None:
    life, _ = await world.people(act.who)
    if life.address:
        await world.came(life.address, kind=("blocked", "unblocked")[act.n % 2])


# The professionals -----------------------------------------------------------------------------------


async def confirm(world: "World", act: "Act") -> None:
    life, _ = await world.people(act.who)
    async with world.database.write() as tx:
        await contact.confirm(tx, world.at, life.id)
    world.expects.add(life.address)
    life.confirmed = True
    for purpose, answer in life.on_the_way_in.items():
        last = life.said.get(purpose)
        if last is None or last.turn < answer.turn:
            life.said[purpose] = answer
    life.on_the_way_in = {}


async def meet(world: "World", act: "Act") -> None:
    life, who = await world.people(act.who)
    async with world.database.write() as tx:
        wall = local(world, life, timedelta(hours=20 + 9 * (act.n % 12)))
        await appointment.add(tx, world.at, who, wall, ladder=["1d", "3h"])


async def cancel(world: "World", act: "Act") -> None:
    life, _ = await world.people(act.who)
    async with world.database.write() as tx:
        planned = await appointment.listed(tx, youth_id=life.id, since=world.at)
        still = [one for one in planned if one.state == "planned"]
        if still:
            await appointment.cancel(tx, world.at, still[act.n % len(still)])


async def write(world: "World", act: "Act") -> None:
    life, who = await world.people(act.who)
    async with world.database.write() as tx:
        of = await structure.get(tx, who.structure_id)
        common: dict[str, Any] = {"structure_id": of.id, "bot_id": of.bot_id, "youth_id": who.id}
        if act.n % 2:
            await outgoing.reply(
                tx, world.at, **common, text="Bien reçu", created_by=who.educator_id
            )
        else:
            wall = local(world, life, timedelta(hours=1 + 7 * (act.n % 11)))
            await outgoing.schedule_text(
                tx, world.at, **common, text="Bon courage", wall=wall, zone=of.zone
            )


async def offer(world: "World", act: "Act") -> None:
    _life, who = await world.people(act.who)
    purpose = list(SCRIPTS)[act.n % 3]
    async with world.database.write() as tx:
        of = await structure.get(tx, who.structure_id)
        await outgoing.schedule_offer(
            tx,
            world.at,
            structure_id=of.id,
            bot_id=of.bot_id,
            youth_id=who.id,
            script=SCRIPTS[purpose],
            purpose=purpose,
            due_at=world.at + timedelta(hours=5 * (act.n % 7)),
            wave=f"{world.at.year}-T4" if purpose == "surveys" else None,
        )


async def parent(world: "World", act: "Act") -> None:
    life, who = await world.people(act.who)
    day = life.place.day(world.at - timedelta(days=act.n % 2))
    on = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(life.place.zone))
    async with world.database.write() as tx:
        await parental.record(tx, world.at, life.id, on, "de vive voix", who.educator_id)
    life.agreements.append(day)


async def hand_over(world: "World", act: "Act") -> None:
    life, who = await world.people(act.who)
    to = world.educators[act.n % 3]
    async with world.database.write() as tx:
        await transfer.one(tx, world.at, who, to)
    life.educator = to.id


async def begin_cover(world: "World", act: "Act") -> None:
    absent, covering = world.educators[act.n % 2], world.educators[1 - act.n % 2]
    life = world.oracle.lives[0]
    begins, ends = timedelta(hours=act.n % 5), timedelta(hours=12 + act.n % 90)
    async with world.database.write() as tx:
        walls = (local(world, life, begins), local(world, life, ends))
        made = await cover.add(tx, world.at, absent, covering, *walls)
    zone = ZoneInfo(life.place.zone)
    since, until = (wall.replace(tzinfo=zone) for wall in walls)
    world.oracle.away.append(Away(absent.id, covering.id, max(since, world.at), until))
    world.covers.append((made, world.oracle.away[-1]))


async def end_cover(world: "World", act: "Act") -> None:
    if world.covers:
        made, noted = world.covers[act.n % len(world.covers)]
        async with world.database.write() as tx:
            await cover.end(tx, world.at, await cover.get(tx, made.id))
        noted.until = min(noted.until, world.at)


async def close(world: "World", act: "Act") -> None:
    life, who = await world.people(act.who)
    async with world.database.write() as tx:
        await closure.close(tx, world.at, who)
    life.closed, life.confirmed, life.address = True, False, ""


async def erase_answers(world: "World", act: "Act") -> None:
    """All that was answered in one exercise, one answer after the other."""
    life, who = await world.people(act.who)
    async with world.database.write() as tx:
        kept = await response.of_youth(tx, who.id, limit=1000)
        talks = sorted({one.conversation_id for one in kept})
        which = talks[act.n % len(talks)] if talks else 0
        for one in kept:
            if one.conversation_id == which:
                await response.erase_one(tx, world.at, who.id, one.id)
                life.shown.pop(one.id, None)


async def erase(world: "World", act: "Act") -> None:
    life, who = await world.people(act.who)
    async with world.database.write() as tx:
        await erasure.erase_all(tx, world.at, who.id)
    life.erased = life.closed = True
    life.address, life.confirmed = "", False
    world.tokens.pop(life.id, None)


async def unlink(world: "World", act: "Act") -> None:
    life, _ = await world.people(act.who)
    async with world.database.write() as tx:
        await contact.unlink_all(tx, world.at, life.id)
    life.address, life.confirmed = "", False
    world.tokens.pop(life.id, None)


async def rewrite(world: "World", _act: "Act") -> None:
    """The program starts again with other words."""
    if not world.libraries:
        return
    content.Library.current = world.libraries.pop(0)
    newest = content.library().consents.newest
    async with world.database.write() as tx:
        await asking.put_in_force(tx, world.at, newest)
    for purpose, version in newest.items():
        if version != world.oracle.versions[purpose]:
            world.oracle.rewritten[purpose] = world.at
    world.oracle.versions.update(newest)
    await night(world, _act)


async def night(world: "World", _act: "Act") -> None:
    await asking.ask_whoever_must(world.database, world.at)


DOINGS: dict[str, Callable[["World", "Act"], Awaitable[None]]] = {
    "invite": invite,
    "open": open_link,
    "say": say,
    "press": press,
    "walk": walk,
    "block": block,
    "confirm": confirm,
    "meet": meet,
    "cancel": cancel,
    "write": write,
    "offer": offer,
    "parent": parent,
    "transfer": hand_over,
    "cover": begin_cover,
    "back": end_cover,
    "close": close,
    "erase an answer": erase_answers,
    "erase": erase,
    "unlink": unlink,
    "rewrite": rewrite,
    "night": night,
}
