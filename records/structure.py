"""Structures (porteuses) and their bots: who speaks, in which zone, within which hours."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import JSON, Column, Integer, LargeBinary, String, Table, select

from records import by_itself, message
from records.calendars import PLACES, SCHOOL_ZONES
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound, Refused
from records.hours import DEFAULT_WINDOWS, LATE_CHANGE, Hours
from records.lines import one_line

KINDS = ("csapa", "caarud", "cjc", "prevention_specialisee", "autre")
CATEGORIES = (
    "suicide",
    "self_harm",
    "violence",
    "sexual_violence",
    "threats",
    "forced_work",
    "debts",
    "overdose",
    "street",
    "harm_to_others",
)
MINOR_AGES = ("under_15", "15_17")
SECOND_FACTOR = ("nobody", "not_educators", "all")  # who must have one to sign in
ALERT_CHOICES = ("ask", "tell")  # ask: nothing without a yes; tell: the educator is told
DEFAULT_LADDER = ("1d",)
DEFAULT_READING = {str(day): ["09:00", "18:00"] for day in range(1, 6)}  # ISO weekdays

bot = Table(
    "bot",
    metadata,
    key(),
    Column("username", String(64)),
    Column("token", LargeBinary, nullable=False),
    Column("token_index", LargeBinary, nullable=False, unique=True),
    Column("state", String(16), nullable=False),  # the states of `bot_state`
    Column("state_at", Instant, nullable=False),
)

structure = Table(
    "structure",
    metadata,
    key(),
    Column("name", String(80), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    link("bot_id", "bot", nullable=True),
    Column("zone", String(64), nullable=False),
    Column("school_zone", String(16), nullable=False),
    Column("holidays", String(16), nullable=False),
    Column("windows", JSON, nullable=False),
    Column("reading_hours", JSON, nullable=False),
    Column("alert_rule", JSON, nullable=False),
    Column("ladder", JSON, nullable=False),
    Column("weekly_budget", Integer, nullable=False),
    Column("telegram_minimum_age", Integer, nullable=False),
    Column("consent_age", Integer, nullable=False),
    Column("form", String(4), nullable=False),  # tu | vous
    Column(
        "alert_minutes", Integer, nullable=False
    ),  # of reading hours, until an alert goes further
    Column("created_at", Instant, nullable=False),
    Column("controller", JSON, nullable=False, server_default="{}"),  # who answers for the data
    Column("second_factor", String(16), nullable=False, server_default="all"),
    Column("checkins", JSON, nullable=False, server_default="{}"),  # that come by themselves
    Column("surveys", JSON, nullable=False, server_default="{}"),
)


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure's settings. Ages in years; `weekly_budget` in unasked messages a week."""

    id: int
    name: str
    kind: str
    bot_id: int | None
    zone: str
    school_zone: str
    holidays: str
    windows: dict[str, Any]
    reading_hours: dict[str, list[str]]
    alert_rule: dict[str, str]
    ladder: list[str]
    weekly_budget: int
    telegram_minimum_age: int
    consent_age: int
    form: str
    created_at: datetime
    controller: dict[str, str]
    second_factor: str
    alert_minutes: int
    checkins: dict[str, int | bool]
    surveys: dict[str, bool]

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def hours(self, school_aged: bool) -> Hours:
        """When unasked messages may leave for a youth of this structure."""
        return Hours(
            self.zone,
            self.school_zone,
            self.holidays,
            school_aged,
            json.dumps(self.windows, sort_keys=True) if self.windows else "{}",
        )

    @property
    def alert_rule_is_chosen(self) -> bool:
        """Every category and age has its rule: there is no default."""
        return all(
            f"{category}:{age}" in self.alert_rule for category in CATEGORIES for age in MINOR_AGES
        )


async def add(
    tx: Tx, now: datetime, name: str, kind: str, zone: str = "Europe/Paris", **settings: Any
) -> int:
    """Open a structure; everything but its name and kind has the field's usual default."""
    values = {
        "name": one_line(name),
        "kind": kind,
        "zone": zone,
        "bot_id": await first_bot(tx),
        "school_zone": "C",
        "holidays": "",
        "windows": {},
        "reading_hours": DEFAULT_READING,
        "alert_rule": {},
        "ladder": list(DEFAULT_LADDER),
        "weekly_budget": 5,
        "telegram_minimum_age": 18,
        "consent_age": 15,
        "form": "tu",
        "controller": {},
        "second_factor": "all",
        "alert_minutes": 30,
        "checkins": {},
        "surveys": {},
    } | settings
    check(values)
    if await tx.row(select(structure.c.id).where(structure.c.name == values["name"])):
        raise Refused("structure_exists", name=values["name"])
    values |= {"id": new_id(), "created_at": now}
    await tx.run(structure.insert(), values)
    return int(values["id"])


async def change(tx: Tx, structure_id: int, **settings: Any) -> None:
    check(settings)
    if "checkins" in settings:
        await _stop_checkins(tx, structure_id, settings["checkins"])
    if settings:
        await tx.run(structure.update().where(structure.c.id == structure_id), settings)
    if "alert_rule" in settings:  # what was still to be told of the one before is not so any more
        told = (message.message.c.structure_id == structure_id, message.message.c.kind == "rule")
        await message.drop_waiting(tx, "cancelled_by_staff", *told)
    if settings.get("bot_id"):
        mine = select(structure.c.id).where(structure.c.id == structure_id)
        await message.give_bot(tx, mine, settings["bot_id"])


async def _stop_checkins(tx: Tx, structure_id: int, chosen: dict[str, int | bool]) -> None:
    """What came by itself, and does no more, or on another day: what waits of it does not leave."""
    before = (await get(tx, structure_id)).checkins
    for name in (name for name, given in before.items() if chosen.get(name) != given):
        key = message.message.c.unique_key.startswith(f"{by_itself.CHECKIN}{name}:")
        theirs = message.message.c.structure_id == structure_id
        await message.drop_waiting(tx, "cancelled_by_staff", theirs, key)


async def get(tx: Tx, structure_id: int) -> Structure:
    row = await tx.row(select(structure).where(structure.c.id == structure_id))
    if row is None:
        raise NotFound("structure_unknown")
    return Structure(**row._mapping)


async def some(tx: Tx, ids: Iterable[int]) -> list[Structure]:
    """These structures, in no order."""
    rows = await tx.rows(select(structure).where(structure.c.id.in_(ids)))
    return [Structure(**row._mapping) for row in rows]


async def all_structures(tx: Tx) -> list[Structure]:
    rows = await tx.rows(select(structure).order_by(structure.c.name))
    return [Structure(**row._mapping) for row in rows]


def check(values: dict[str, Any]) -> None:
    """Refuse a setting that no structure could live with; `Refused` names it."""
    if "name" in values and not 1 <= len(one_line(values["name"])) <= 80:
        raise Refused("structure_name_length", limit=80)
    if "kind" in values and values["kind"] not in KINDS:
        raise Refused("structure_kind_unknown", kind=values["kind"], kinds=KINDS)
    if "zone" in values and values["zone"] not in available_timezones():
        raise Refused("zone_unknown", zone=values["zone"])
    if "school_zone" in values and values["school_zone"] not in SCHOOL_ZONES:
        raise Refused("school_zone_unknown", zone=values["school_zone"], zones=SCHOOL_ZONES)
    if values.get("holidays") and values["holidays"] not in PLACES:
        raise Refused("holidays_unknown", place=values["holidays"], places=tuple(PLACES))
    _check_numbers(values)
    by_itself.check(values)
    if "windows" in values:
        _check_windows(DEFAULT_WINDOWS | values["windows"])


def _check_numbers(values: dict[str, Any]) -> None:
    if not 0 <= values.get("weekly_budget", 5) <= 50:
        raise Refused("weekly_budget_range", low=0, high=50)
    if not 12 <= values.get("telegram_minimum_age", 18) <= 25:
        raise Refused("minimum_age_range", low=12, high=25)
    if not 12 <= values.get("consent_age", 15) <= 18:
        raise Refused("minimum_age_range", low=12, high=18)
    _check_second_factor(values.get("second_factor", "all"))
    if "windows" in values:
        _check_windows(DEFAULT_WINDOWS | values["windows"])
    if not 5 <= values.get("alert_minutes", 30) <= 480:
        raise Refused("alert_minutes_range", low=5, high=480)


def _check_second_factor(rule: str) -> None:
    if rule not in SECOND_FACTOR:
        raise Refused("second_factor_unknown", rule=rule, rules=SECOND_FACTOR)


def _check_windows(windows: dict[str, Any]) -> None:
    """Each window ends after it begins, none opens at night, and each kind of youth has a day to
    be written to."""
    earliest, latest = (f"{at:%H:%M}" for at in LATE_CHANGE)
    for name, span in windows.items():
        if name not in DEFAULT_WINDOWS:
            raise Refused("window_unknown", window=name, windows=tuple(DEFAULT_WINDOWS))
        if span is not None and not span[0] < span[1]:
            raise Refused("window_reversed", window=name)
        if span is not None and not (earliest <= span[0] and span[1] <= latest):
            raise Refused("window_at_night", window=name)
    if not windows["saturday"] and not (windows["school_day"] and windows["weekday"]):
        raise Refused("windows_never_open")


# The bots -------------------------------------------------------------------------------------


async def seed_bot(tx: Tx, now: datetime, token: str) -> int:
    """The bot with this token, made on first sight and given to every structure without one."""
    bot_id = await bot_with(tx, now, token)
    await tx.run(structure.update().where(structure.c.bot_id.is_(None)), {"bot_id": bot_id})
    await message.give_bot(tx, select(structure.c.id).where(structure.c.bot_id == bot_id), bot_id)
    return bot_id


async def bot_with(tx: Tx, now: datetime, token: str) -> int:
    """The bot with this token, made on first sight, its token sealed.

    The number before the colon is the bot's own: a token that BotFather renewed takes the place
    of the old one, and the phones linked to that bot stay linked.
    """
    number = token.partition(":")[0]
    same = next((b for b in await bots(tx) if b.token.partition(":")[0] == number), None)
    if same is not None and same.token == token:
        return same.id
    bot_id = same.id if same else new_id()
    values = {
        "token": tx.vault.seal("bot.token", bot_id, token),
        "token_index": tx.vault.index("bot.token", token),
        "state": "ok",
        "state_at": now,
    }
    if same:
        await tx.run(bot.update().where(bot.c.id == bot_id), values)
    else:
        await tx.run(bot.insert(), values | {"id": bot_id, "username": None})
    await tx.announce()  # programs that run take it up
    return bot_id


async def first_bot(tx: Tx) -> int | None:
    value = await tx.value(select(bot.c.id).order_by(bot.c.id).limit(1))
    return None if value is None else int(value)


@dataclass(frozen=True, slots=True)
class Bot:
    id: int
    username: str | None
    token: str
    state: str


async def bots(tx: Tx) -> list[Bot]:
    rows = await tx.rows(select(bot).order_by(bot.c.id))
    return [Bot(r.id, r.username, tx.vault.open("bot.token", r.id, r.token), r.state) for r in rows]


async def bot_states(tx: Tx) -> dict[int, str]:
    """How each bot is doing."""
    return {row.id: row.state for row in await tx.rows(select(bot.c.id, bot.c.state))}


async def set_bot_state(
    tx: Tx, now: datetime, bot_id: int, state: str, username: str | None = None
) -> None:
    values: dict[str, Any] = {"state": state, "state_at": now}
    if username:
        values["username"] = username
    await tx.run(bot.update().where(bot.c.id == bot_id), values)


async def bot_state(tx: Tx, bot_id: int) -> tuple[str, datetime]:
    """How a bot is doing, and since when (the real clock): ok, revoked, conflict, unreachable,
    or unheard (its webhook fails)."""
    row = await tx.row(select(bot.c.state, bot.c.state_at).where(bot.c.id == bot_id))
    if row is None:
        raise NotFound("no_bot")
    return row.state, row.state_at
