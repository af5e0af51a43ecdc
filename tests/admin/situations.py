"""One youth in each state of the matrix (`records.access`), as Nadia stands to them, and in each life
the same secrets: from before a cover and since, each a word that is found nowhere else."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select

from records import (
    alert,
    appointment,
    closure,
    consent,
    contact,
    cover,
    inbox,
    invitation,
    outgoing,
    response,
    staff,
    structure,
    transfer,
    youth,
)
from records.database import Database, Tx, metadata
from records.staff import Staff
from records.youth import Youth
from tests.admin.house import ended, linked
from tests.cast import NOW, RULE, Cast, hashed

DAY = timedelta(days=1)
# The covers that are active began in between; what failed is told for three days.
BEFORE, SINCE = NOW - 2 * DAY - timedelta(hours=6), NOW - DAY
LOCAL = NOW.replace(tzinfo=None) + timedelta(hours=1)
_numbers = count(1)


@dataclass
class Life:
    """A youth, the rows that an address may name, and the secrets: `old` are from before a cover,
    `new` are since or were unread by then, `always` is what whoever sees the page may see."""

    who: Youth
    state: str
    rows: dict[str, int] = field(default_factory=dict)
    old: dict[str, str] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> set[str]:
        return {*self.old.values(), *self.new.values(), *self.always.values()}


async def settle(database: Database, cast: Cast) -> list[Life]:
    """Nadia covers for Karim now, for Lea from tomorrow on; she covered for Hugo and for Rosa until
    yesterday, and Paul never needed her."""
    async with database.write() as tx:
        people = {
            login: await _colleague(tx, cast, login) for login in "lea hugo rosa paul".split()
        }
        away = await structure.add(tx, NOW, "Ailleurs", "cjc", alert_rule=RULE)
        ana = await _colleague(tx, cast, "ana", away)
    keepers: list[tuple[str, Staff]] = [
        ("own", cast.nadia),
        ("own", cast.karim),  # and is handed over to Nadia
        ("own_withdrawn", cast.nadia),
        ("covered", cast.karim),
        ("covered_withdrawn", cast.karim),
        ("passed_on", people["paul"]),
        ("cover_to_come", people["lea"]),
        ("cover_ended", people["hugo"]),
        ("cover_ended", people["rosa"]),
        ("transferred", cast.nadia),
        ("colleague", people["paul"]),
        ("elsewhere", ana),
        ("closed", cast.nadia),
        ("erased", cast.nadia),
    ]
    lives = [await _lived(database, cast, state, keeper) for state, keeper in keepers]
    async with database.write() as tx:
        await transfer.one(tx, NOW - 3 * DAY, lives[1].who, cast.nadia)
        await transfer.one(tx, NOW - 3 * DAY, _the(lives, "transferred").who, people["paul"])
        await _cover(tx, cast, cast.karim, NOW - 2 * DAY, NOW + 4 * DAY)
        await _cover(tx, cast, people["lea"], NOW + DAY, NOW + 4 * DAY)
        await _cover(tx, cast, people["hugo"], NOW - 2 * DAY, NOW - timedelta(hours=1))
        called_off = await _cover(tx, cast, people["rosa"], NOW - 2 * DAY, NOW + DAY)
        await cover.end(tx, NOW - timedelta(hours=1), called_off)
        for life in lives:
            if life.state.endswith("_withdrawn"):
                await _consent(tx, life.who, given=False)
        await closure.close(tx, NOW, _the(lives, "closed").who, forget_alerts=True)
        await erase(tx, _the(lives, "erased").who.id)
    return lives


def _the(lives: list[Life], state: str) -> Life:
    return next(life for life in lives if life.state == state)


async def _colleague(tx: Tx, cast: Cast, login: str, place: int | None = None) -> Staff:
    return await staff.add(
        tx,
        NOW,
        structure_id=place or cast.structure_id,
        login=login,
        name=login.title(),
        role="educator",
        password=hashed(),
    )


async def _cover(
    tx: Tx, cast: Cast, absent: Staff, starts: datetime, ends: datetime
) -> cover.Cover:
    walls = [(at + timedelta(hours=1)).replace(tzinfo=None) for at in (starts, ends)]
    return await cover.add(tx, min(starts, NOW), absent, cast.nadia, walls[0], walls[1])


async def _consent(tx: Tx, who: Youth, *, given: bool) -> None:
    await consent.record(tx, NOW, who, "sharing", given, text_version=1)


async def _lived(database: Database, cast: Cast, state: str, keeper: Staff) -> Life:
    async with database.write() as tx:
        who = await youth.add(
            tx,
            NOW - 30 * DAY,
            structure_id=keeper.structure_id,
            educator_id=keeper.id,
            nickname=_secret("surnom"),
            birth_month="2008-01",
        )
    await linked(database, cast, who, "reminders", "messages", "sharing", at=NOW - 20 * DAY)
    async with database.write() as tx:  # and a new phone, which nobody has confirmed yet
        made = await invitation.invite(tx, NOW, who)
        await contact.accept(tx, NOW, made.token, cast.bot_id, "telegram", f"8{who.id}")
    life = Life(who, state, always={"nickname": who.nickname})
    await _met(database, life)
    await _written(database, cast, life, keeper)
    await _answered(database, life)
    await _warned(database, cast, life)
    return life


async def _met(database: Database, life: Life) -> None:
    places = {name: _secret("lieu") for name in ("past", "coming", "other")}
    life.old["past_place"], life.always["place"] = places["past"], places["coming"]
    life.always["other_place"] = places["other"]
    async with database.write() as tx:
        for name, at in (("past", -4), ("coming", 3), ("other", 8)):
            made = await appointment.add(
                tx, NOW - 6 * DAY, life.who, LOCAL + at * DAY, place=places[name]
            )
            life.rows[name] = made.id


async def _written(database: Database, cast: Cast, life: Life, keeper: Staff) -> None:
    """Words there and back, before a cover and since; one that nobody had read when it began."""
    for secrets, name, at in ((life.old, "words", BEFORE), (life.new, "words", SINCE)):
        secrets[name] = _secret("mots")
        item = await _addressed(database, life.who, at, secrets[name])
        if at is BEFORE:
            async with database.write() as tx:
                await inbox.see(tx, BEFORE, [item], keeper.id)
    life.new["unread"] = _secret("pas-lu")
    await _addressed(database, life.who, BEFORE, life.new["unread"])
    for secrets, name, at in (
        (life.old, "said_before", BEFORE),
        (life.new, "said_since", SINCE),
        (life.always, "planned", NOW + DAY),
    ):
        secrets[name] = _secret("texte")
        async with database.write() as tx:
            life.rows[name] = await outgoing.schedule_text(
                tx,
                min(at, NOW),
                structure_id=life.who.structure_id,
                bot_id=cast.bot_id,
                youth_id=life.who.id,
                text=secrets[name],
                wall=(at + timedelta(hours=1)).replace(tzinfo=None),
                zone="Europe/Paris",
                created_by=keeper.id,
            )
        if at < NOW:
            await ended(database, life.rows[name], "uncertain", "interrupted")


async def _warned(database: Database, cast: Cast, life: Life) -> None:
    """An alert about each; one of them was passed on to Nadia, who stands by."""
    async with database.write() as tx:
        of = await structure.get(tx, life.who.structure_id)
        await alert.raise_(tx, SINCE, life.who, of, ["suicide"], "yes", next(_numbers))
        theirs = alert.alert.c.youth_id == life.who.id
        life.rows["alert"] = await tx.value(select(alert.alert.c.id).where(theirs))
        if life.state == "passed_on":
            passed = {"passed_on_at": SINCE, "passed_on_to": cast.nadia.id}
            await tx.run(alert.alert.update().where(theirs), passed)


async def _addressed(database: Database, who: Youth, at: datetime, text: str) -> int:
    async with database.write() as tx:
        return await inbox.add(
            tx, at, structure_id=who.structure_id, youth_id=who.id, kind="words", text=text
        )


async def _answered(database: Database, life: Life) -> None:
    for secrets, at in ((life.old, BEFORE), (life.new, SINCE)):
        secrets["answer"], occasion = _secret("réponse"), next(_numbers)
        who, said = life.who, secrets["answer"]
        answer = response.Saved(who.structure_id, who.id, occasion, "ma-meteo", 1, "sentence", said)
        async with database.write() as tx:
            await response.keep(tx, at, [answer])
            await response.share(tx, at, who.id, occasion)


def _secret(of: str) -> str:
    return f"{of}-{next(_numbers):04}x"


async def erase(tx: Tx, youth_id: int) -> None:
    """Nothing of this youth is left, in any table that names one."""
    for table in reversed(metadata.sorted_tables):
        if "youth_id" in table.c:
            await tx.run(table.delete().where(table.c.youth_id == youth_id))
    await tx.run(youth.youth.delete().where(youth.youth.c.id == youth_id))
