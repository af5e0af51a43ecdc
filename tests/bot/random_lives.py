"""Lives of three youths in two structures, lived with the real Receiver and the real Deliverer.

Only the channel is a notebook. After each thing that happens, what was sent, what the ledger says
and what each professional could read are held against the oracle (`tests.bot.oracle`).
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

import content
from bot.channel import Incoming, Outcome, Sent
from bot.deliver import Deliverer
from bot.receive import Receiver
from dialogs.screen import Button, Screen
from records import consent, cover, message, outbox, response, rights, sight, staff, youth
from records.database import Database
from records.errors import NotFound, Refused
from tests.bot import doings
from tests.bot.oracle import Answer, Away, Life, Oracle

HEARD = [  # the first line of what is sent unasked, or by staff
    (re.compile(r"RDV |Ton RDV change"), "reminders", False),
    (re.compile(r".* t'a écrit$"), "messages", False),
    (re.compile(r"Pendant l'absence|.* est de retour|Maintenant, c'est"), "messages", False),
    (re.compile(r".* te propose un exercice$"), "exercises", True),
    (re.compile(r".* prend de tes nouvelles$"), "checkins", True),
    (re.compile(r"Ton avis compte$"), "surveys", True),
    (re.compile(r"Une question pour toi$"), "again", False),
    (re.compile(r"C'est parti, à ton rythme|La suite, si tu veux"), "exercises", True),
    (re.compile(r"Ta place est gardée$"), "exercises", False),  # or check-ins: its title says
]
CHECK_IN = "Comment ça va"
IN_A_COURSE = "« Après le RDV »"  # a check-in among the steps of courses


@dataclass(frozen=True)
class Act:
    """Something that somebody does, `after` what came before. `label` picks a button by what it
    says; without it, and else, `n` picks one of what there is."""

    what: str
    who: int = 0
    n: int = 0
    label: str = ""
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class Plan:
    start: datetime
    zones: tuple[str, str]
    born: tuple[str, str, str]
    agrees: tuple[bool, ...]  # to reminders and messages, by youth
    acts: tuple[Act, ...]


@dataclass
class Bubble:
    """A screen on a phone, with all that an impatient thumb could still press."""

    id: int
    text: str
    buttons: list[Button]
    turn: int
    versions: dict[str, int]


@dataclass
class Phones:
    """A channel behind the port: whatever it is given, a phone shows."""

    world: "World"
    bot_id: int
    name: str = "telegram"
    shown: dict[str, list[Bubble]] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: count(1))

    async def send(self, address: str, what: Screen) -> Outcome:
        self.world.heard(address, what)
        return self._show(address, next(self._ids), what)

    async def edit(self, address: str, message_id: int, what: Screen) -> Outcome:
        return self._show(address, message_id, what)

    def _show(self, address: str, number: int, what: Screen) -> Sent:
        buttons = [button for row in what.rows for button in row]
        of = self.world
        bubble = Bubble(number, what.text, buttons, next(of.turns), dict(of.oracle.versions))
        self.shown.setdefault(address, []).append(bubble)
        return Sent(number)

    async def remove(self, address: str, message_ids: Sequence[int]) -> Outcome:
        raise AssertionError("nothing is removed here")

    async def fetch(self, confirm_before: int | None, wait: timedelta) -> Sequence[Incoming]:
        return []

    async def answer_tap(self, tap_id: str, text: str = "") -> None: ...

    async def leave(self, address: str) -> None: ...

    async def username(self) -> str:
        return "relais_bot"


_NUMBERS = count(1)  # one database for many lives: no two have an update in common


class _OnlyLooked(Exception):
    """Undoes what was written down about a look."""


class _Nobody(Exception):
    """Of whom everything was erased: nothing more can be done to them."""


class World:
    """Two structures, two educators in the first and one in the second, three youths."""

    def __init__(
        self, database: Database, bot_id: int, plan: Plan, libraries: Sequence[content.Library]
    ) -> None:
        self.database, self.plan, self.bot_id = database, plan, bot_id
        self.at = plan.start
        self.turns = count(1)
        self.updates = count(next(_NUMBERS) * 1_000_000)
        self.libraries = list(libraries)
        content.Library.current = self.libraries.pop(0)
        self.oracle = Oracle(dict(content.library().consents.newest))
        self.phones = Phones(self, bot_id)
        self.deliverer = Deliverer(
            database,
            {bot_id: self.phones},
            now=lambda: self.at,
            real_now=lambda: self.at,
            unlimited=True,
        )
        self.receiver = Receiver(
            database, self.phones, lambda: self.at, self.deliverer, lambda _: None
        )
        self.wrong: list[str] = []
        self.expects: set[str] = set()  # addresses that just did something
        self.explicit: dict[tuple[int, str], int] = {}  # youth, purpose → the version said yes to
        self.heard_of: dict[str, int] = {}
        self.read = 0
        self.tokens: dict[int, str] = {}
        self.on_the_way_in: dict[tuple[int, str], int] = {}
        self.covers: list[tuple[cover.Cover, Away]] = []
        self.educators: list[staff.Staff] = []
        self.coordinator: staff.Staff
        self._last_line = 0

    async def live(self) -> None:
        try:
            await self._settle_in()
            for act in self.plan.acts:
                await self._until(self.at + act.after)
                await self._done(act)
        finally:
            await self._leave()

    async def _leave(self) -> None:
        """Or the next lives in this database would hear of it."""
        theirs = [life.id for life in self.oracle.lives]
        async with self.database.write() as tx:
            await message.drop_waiting(tx, "closed", message.message.c.youth_id.in_(theirs))
            everyone = youth.youth.c.id.in_(theirs)
            await tx.run(youth.youth.update().where(everyone), {"closed_at": self.at})

    async def _done(self, act: Act, *, look: bool = True) -> None:
        self.expects.clear()
        self.explicit.clear()
        with suppress(
            Refused, _Nobody
        ):  # a link that is used, a cover that overlaps: nothing happened
            await doings.DOINGS[act.what](self, act)
        await self.deliverer.until_idle()
        await self.check_the_ledger()
        if look:
            await self._check_the_desk()
        assert not self.wrong, (act, self.wrong)

    async def _settle_in(self) -> None:
        await doings.settle_in(self)
        for who in range(3):
            yes = self.plan.agrees[2 * who : 2 * who + 2]
            await self._done(Act("invite", who), look=False)
            await self._done(Act("open", who), look=False)
            for label in ["Continuer"] * 3 + [
                "Oui, d'accord" if one else "Non merci" for one in yes
            ]:
                await self._done(Act("press", who, label=label), look=False)
            await self._done(Act("confirm", who))

    async def _until(self, target: datetime) -> None:
        self.expects.clear()
        while True:
            await self.deliverer.until_idle()
            async with self.database.read() as tx:
                due = await outbox.next_due(tx)
            if due is None or due > target:
                break
            self.at = max(self.at, due)
        self.at = target
        assert not self.wrong, self.wrong

    # What the phones hear -------------------------------------------------------------------------

    def heard(self, address: str, what: Screen) -> None:
        life = next((one for one in self.oracle.lives if one.address == address), None)
        first = what.first_line
        purpose, offer = next((k[1:] for k in HEARD if k[0].match(first)), ("reply", False))
        if purpose == "exercises" and not offer and CHECK_IN in what.text:
            purpose = "checkins"
        if offer and IN_A_COURSE in what.text.replace("\u00a0", " "):
            purpose = "checkins"
        if purpose == "reply":
            why = "" if address in self.expects else "nobody asked for it"
        elif life is None:
            why = "a stranger"
        else:
            why = self.oracle.may_hear(life, purpose, self.at, is_offer=offer)
        self.heard_of[purpose] = self.heard_of.get(purpose, 0) + 1
        if why:
            self.wrong.append(f"{self.at}: « {first} » was sent, though: {why}")

    # What the ledger says -------------------------------------------------------------------------

    async def check_the_ledger(self) -> None:
        """A yes is written only where somebody just said it, in the words and at the age of then."""
        ledger = consent.consent
        async with self.database.read() as tx:
            rows = await tx.rows(
                select(ledger).where(ledger.c.id > self._last_line).order_by(ledger.c.id)
            )
            lines = {
                row.id: row for row in rows if row.youth_id in {x.id for x in self.oracle.lives}
            }
        for row in rows:
            self._last_line = row.id
            if row.id in lines:
                self._write_down(row)

    def _write_down(self, row: Any) -> None:
        life = next(one for one in self.oracle.lives if one.id == row.youth_id)
        version = self.explicit.get((life.id, row.purpose))
        if row.given and version != row.text_version:
            self.wrong.append(f"a yes to {row.purpose} was written down, which nobody gave")
        if row.regime != life.law(self.at):
            self.wrong.append(f"{row.regime} was written down at the age of {life.law(self.at)}")
        where = life.said if life.confirmed else life.on_the_way_in
        where[row.purpose] = Answer(row.given, row.text_version, row.regime, next(self.turns))

    # What professionals could read ----------------------------------------------------------------

    async def _check_the_desk(self) -> None:
        """Nothing of this look is kept: the transaction is undone."""
        with suppress(_OnlyLooked):
            await self._look()

    async def _look(self) -> None:
        async with self.database.write() as tx:
            for reader in self.staff:
                opens = {one.who.id for one in await sight.caseload(tx, self.at, reader)}
                told = {x.id for x in self.oracle.lives if self.oracle.reads(reader.id, x, self.at)}
                if opens != told:
                    self.wrong.append(f"{reader.login} opens {opens}, and not {told}")
                for life in self.oracle.lives:
                    await self._check_reading(tx, reader, life)
            raise _OnlyLooked

    async def _check_reading(self, tx: Any, reader: staff.Staff, life: Life) -> None:
        if life.erased:
            left = [table.name for table in await rights.held(tx, life.id)]
            if left:
                self.wrong.append(f"{left} hold something of somebody who erased everything")
            return
        may = self.oracle.reads(reader.id, life, self.at) is not None
        who = await youth.get(tx, life.id)
        try:
            found = await response.read_by(tx, self.at, reader, who)
            await sight.of(tx, self.at, reader, "conversation.show", who)
            opened = True
        except NotFound:
            found, opened = [], False
        shown = {one.conversation_id for one in found}
        self.read += len(shown)
        if opened != may or shown != self.oracle.answers(reader.id, life, self.at):
            self.wrong.append(f"{reader.login} reads {shown} of {life.id}, opens: {opened}")

    def takes_back(self, life: Life, purpose: str) -> None:
        """A « non » counts at once, whatever is written down."""
        life.said[purpose] = Answer(False, 0, life.law(self.at), next(self.turns))

    # For the doings -------------------------------------------------------------------------------

    @property
    def staff(self) -> list[staff.Staff]:
        return [*self.educators, self.coordinator]

    async def came(self, life_or_address: str, **what: Any) -> None:
        self.expects.add(life_or_address)
        number = next(self.updates)
        await self.receiver.take([Incoming(number, address=life_or_address, **what)])

    async def people(self, who: int) -> tuple[Life, youth.Youth]:
        life = self.oracle.lives[who % len(self.oracle.lives)]
        if life.erased:
            raise _Nobody
        async with self.database.read() as tx:
            return life, await youth.get(tx, life.id)

    def asked_in(self, text: str) -> str:
        """The purpose that a screen asks for, by its very words."""
        for purpose, versions in content.library().consents.wordings.items():
            for said in versions.values():
                if any(_worded(words) in text for words in said.values()):
                    return purpose
        return ""


def _worded(words: str) -> str:
    """The part of a question that names nobody."""
    return max(re.split(r"\{[a-z]+\}", words.strip()), key=len).strip()
