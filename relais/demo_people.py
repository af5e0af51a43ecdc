"""The demo's people: all invented. Their phones do what a youth would do, on the real path."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import content
from dialogs.script import End, Say, Script
from records import (
    appointment,
    contact,
    invitation,
    outgoing,
    passwords,
    staff,
    structure,
    survey,
    youth,
)
from records.database import Database, Tx
from simulator.persons import Person
from simulator.telegram import Telegram

PASSWORD = "relais-demo-2026"  # noqa: S105  (shown on the page, loopback only)
LOGINS = [
    ("Nadia", "éducatrice", "nadia", PASSWORD),
    ("Karim", "éducateur", "karim", PASSWORD),
    ("Claire", "coordination", "claire", PASSWORD),
    ("Omar", "évaluation", "omar", PASSWORD),
]
ROLES = {
    "éducatrice": "educator",
    "éducateur": "educator",
    "coordination": "coordinator",
    "évaluation": "evaluator",
}
TOKEN = "424242:demo-only-token-never-leaves-loopback"  # noqa: S105  (loopback, fictional)
PHONES = ("Sami", "Inès", "Lina")
WAVE = "2026-T3"
ZONE = ZoneInfo("Europe/Paris")


async def seed(database: Database, now: datetime) -> bool:
    """A structure, four colleagues, seven youths; False when they are there already."""
    async with database.write() as tx:
        if await structure.all_structures(tx):
            return False
        rule = {
            f"{category}:{age}": "tell" if age == "under_15" else "ask"
            for category in structure.CATEGORIES
            for age in structure.MINOR_AGES
        }
        place = await structure.add(
            tx,
            now,
            "Les Passerelles",
            "prevention_specialisee",
            alert_rule=rule,
            telegram_minimum_age=14,
            school_zone="C",
            second_factor="nobody",  # the page shows the passwords: a code would protect nothing
        )
        bot = await structure.seed_bot(tx, now, TOKEN)
        await structure.set_bot_state(tx, now, bot, "ok", "relais_demo_bot")
        await structure.change(tx, place, bot_id=bot)
        password = await asyncio.to_thread(passwords.hash_password, PASSWORD)
        team = {
            login: await staff.add(
                tx,
                now,
                structure_id=place,
                login=login,
                name=name,
                role=ROLES[role],
                password=password,
            )
            for name, role, login, _ in LOGINS
        }
        await _seed_youths(tx, now, place, team)
        await _seed_survey(tx, place)
    await survey.shuffle(database)
    return True


async def _seed_youths(tx: Tx, now: datetime, place: int, team: dict[str, staff.Staff]) -> None:
    """Ages are counted from today, so that the demo does not grow old."""
    for nickname, age, educator, way in (
        ("Sami", 16, "nadia", "worker"),
        ("Inès", 19, "nadia", "justice"),
        ("Lina", 17, "nadia", "worker"),
        ("Yanis", 14, "nadia", "worker"),
        ("Tom", 22, "nadia", "prison"),
        ("Maya", 15, "karim", "worker"),
        ("Enzo", 20, "karim", "justice"),
    ):
        await youth.add(
            tx,
            now,
            structure_id=place,
            educator_id=team[educator].id,
            nickname=nickname,
            birth_month=f"{now.year - age - 1}-11",
            way=way,
        )


async def _seed_survey(tx: Tx, place: int) -> None:
    """Last quarter's satisfaction, so that the evaluator's page has something to say."""
    script = content.library().script("satisfaction")
    for number in range(23):
        answers = _one_opinion(script, number)
        await survey.hand_in(
            tx,
            structure_id=place,
            youth_id=-number - 1,
            instrument=script.name,
            version=script.version,
            wave=WAVE,
            week="2026-W38",
            answers=answers,
        )


_OPINIONS = (  # of the 23: how many chose each point, from « pas du tout » to « tout à fait »
    (0, 0, 9, 14),
    (0, 6, 8, 9),
    (1, 6, 10, 6),
    (0, 0, 5, 18),
    (5, 5, 6, 7),
    (0, 2, 12, 9),
)


def _one_opinion(script: Script, number: int) -> dict[str, str]:
    """A made-up answer to each item: some with everything to read, some partly masked."""
    items = [
        (str(getattr(step, "save", "")), script.options_of(name))
        for name, step in script.steps.items()
        if script.options_of(name) and not isinstance(step, Say | End)
    ]
    found = {}
    for (item, options), spread in zip(items, _OPINIONS, strict=True):
        points = [point for point, count in enumerate(spread) for _ in range(count)]
        found[item] = options[points[number]].value
    return found


async def tell_the_story(database: Database, telegram: Telegram, program: Any) -> None:
    """Three phones open their link, answer, and are confirmed; then a meeting and a message."""
    now = program.clock.now
    for name in PHONES:
        await _link(database, telegram, program, name)
    async with database.write() as tx:
        who = {y.nickname: y for y in await youth.listed(tx)}
        nadia = await staff.by_login(tx, "nadia")
        later = _next_weekday(now(), 3)
        await appointment.add(
            tx,
            now(),
            who["Sami"],
            later.replace(hour=14, minute=30),
            place="au local",
            slots=(later.replace(hour=17, minute=0), later.replace(hour=18, minute=0)),
            created_by=nadia.id,
        )
        await _meet_today(tx, now(), who["Lina"], nadia.id)
        await appointment.add(
            tx, now(), who["Inès"], later.replace(hour=11, minute=0), created_by=nadia.id
        )
        await outgoing.schedule_text(
            tx,
            now(),
            structure_id=nadia.structure_id,
            bot_id=await structure.first_bot(tx),
            youth_id=who["Sami"].id,
            wall=later.replace(hour=17, minute=30),
            text="Bravo pour la semaine. On se voit bientôt.",
            zone="Europe/Paris",
            created_by=nadia.id,
        )
    telegram.person("Inès").say("Salut, je peux venir un peu plus tôt la prochaine fois ?")
    await _until(lambda: "Transmis" in str(telegram.person("Inès").messages[-1].text))
    program.deliverer.wake()


async def _meet_today(tx: Tx, now: datetime, who: youth.Youth, by: int) -> None:
    """Something on today's page, unless the day is nearly over."""
    start = (now.astimezone(ZONE).replace(tzinfo=None) + timedelta(hours=2)).replace(
        minute=0, second=0, microsecond=0
    )
    if 9 <= start.hour < 21 and start.date() == now.astimezone(ZONE).date():
        await appointment.add(tx, now, who, start, place="au local", created_by=by)


async def _link(database: Database, telegram: Telegram, program: Any, name: str) -> None:
    async with database.write() as tx:
        who = next(y for y in await youth.listed(tx) if y.nickname == name)
        made = await invitation.invite(tx, program.clock.now(), who)
    bots = list(telegram.bots.values())
    phone = telegram.person(name)
    phone.start(bots[0], made.token)
    while True:
        await _until(
            lambda: bool(phone.messages and phone.messages[-1].buttons) or _has_words(phone)
        )
        if _has_words(phone):
            break
        shown = phone.messages[-1]
        phone.tap(shown.buttons[0][0].text)
        await _until(lambda seen=shown: phone.messages[-1].text != seen.text)
    async with database.write() as tx:
        await contact.confirm(tx, program.clock.now(), who.id)
    program.deliverer.wake()
    await _until(lambda: phone.keyboard is not None)


def _has_words(phone: Person) -> bool:
    return any(
        "deux mots" in shown.text.lower() and not shown.buttons for shown in phone.messages[-1:]
    )


async def _until(true: Any, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  (watches a simulated phone)
            await asyncio.sleep(0.02)


def _next_weekday(now: datetime, days: int) -> datetime:
    """A local working day, at least so many days ahead, as wall time."""
    local = now.astimezone(ZONE).replace(tzinfo=None, second=0, microsecond=0)
    day = local + timedelta(days=days)
    while day.isoweekday() >= 6:
        day += timedelta(days=1)
    return day
