"""The small named cast of every test. All invented."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from argon2 import PasswordHasher

from records import (
    alert,
    consent,
    contact,
    invitation,
    outgoing,
    staff,
    structure,
    told_rule,
    youth,
)
from records.database import Tx

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday, 11 h in Paris, a school day
PASSWORD = "mot-de-passe-de-test"
TOKEN = "777000:test-token-on-loopback-only"
RULE = {
    f"{category}:{age}": "ask" for category in structure.CATEGORIES for age in structure.MINOR_AGES
}


@dataclass(slots=True)
class Cast:
    """Nadia follows Sami (16), Inès (19), Léo (14); Karim follows Maya (17)."""

    bot_id: int
    structure_id: int
    nadia: staff.Staff
    karim: staff.Staff
    claire: staff.Staff
    omar: staff.Staff
    sami: youth.Youth
    ines: youth.Youth
    leo: youth.Youth
    maya: youth.Youth


async def settle_in(tx: Tx, now: datetime) -> Cast:
    bot_id = await structure.seed_bot(tx, now, TOKEN)
    place = await structure.add(
        tx,
        now,
        "Structure d'essai",
        "cjc",
        alert_rule=RULE,
        telegram_minimum_age=13,
        second_factor="nobody",
    )
    people: dict[str, Any] = {}
    for name, role in (
        ("nadia", "educator"),
        ("karim", "educator"),
        ("claire", "coordinator"),
        ("omar", "evaluator"),
    ):
        people[name] = await staff.add(
            tx, now, structure_id=place, login=name, name=name.title(), role=role, password=hashed()
        )
    for name, nickname, born, by in (
        ("sami", "Sami", "2010-03", "nadia"),
        ("ines", "Inès", "2007-05", "nadia"),
        ("leo", "Léo", "2012-02", "nadia"),
        ("maya", "Maya", "2009-08", "karim"),
    ):
        people[name] = await youth.add(
            tx,
            now,
            structure_id=place,
            educator_id=people[by].id,
            nickname=nickname,
            birth_month=born,
        )
    return Cast(bot_id, place, **people)


def hashed(password: str = PASSWORD) -> str:
    """Slow on purpose is for attackers: a hash carries its own cost, and who verifies follows it."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


async def link(tx: Tx, now: datetime, who: youth.Youth, bot_id: int, address: str) -> None:
    """A confirmed phone, and a yes to messages, without walking the way in."""
    token = (await invitation.invite(tx, now, who)).token
    await contact.accept(tx, now, token, bot_id, "telegram", address)
    await contact.confirm(tx, now, who.id)
    await has_read_the_rule(tx, who)
    await consent.record(tx, now, who, "messages", True, text_version=1)


async def has_read_the_rule(tx: Tx, who: youth.Youth) -> None:
    """The rule for minors as it stands, as enrolment shows it."""
    of = await structure.get(tx, who.structure_id)
    await told_rule.has_read(tx, [who.id], alert.rule_of(of))


async def write(
    tx: Tx, now: datetime, cast: Cast, who: youth.Youth, text: str, *, bot_id: int | None = None
) -> int:
    """Nadia's words, to be sent at once."""
    return await outgoing.reply(
        tx,
        now,
        structure_id=cast.structure_id,
        bot_id=bot_id or cast.bot_id,
        youth_id=who.id,
        text=text,
        created_by=cast.nadia.id,
    )


async def link_phone(
    tx: Tx,
    now: datetime,
    cast: Cast,
    who: youth.Youth,
    address: str,
    *,
    confirmed: bool = True,
    reminders: bool = True,
    messages: bool = True,
) -> None:
    """A phone that went the whole way in, or up to its two words, without walking."""
    made = await invitation.invite(tx, now, who)
    await contact.accept(tx, now, made.token, cast.bot_id, "telegram", address)
    if not confirmed:
        return
    await contact.confirm(tx, now, who.id)
    await has_read_the_rule(tx, who)
    for purpose, given in (("reminders", reminders), ("messages", messages)):
        await consent.record(tx, now, who, purpose, given, text_version=1)
