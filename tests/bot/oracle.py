"""What may be said and read in the random lives, worked out a second time and otherwise.

It knows who tapped « oui » or « non », under which words and at which age, who accompanies and who
covers; from that alone it says whether a message may be heard, a yes may be written down, a page
may open. It asks nothing of `records.consent`, `records.sending`, `records.sight`: it would agree
with whatever they do wrong.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

LAWS = ["parental", "minor", "adult"]


@dataclass(frozen=True)
class Place:
    name: str
    zone: str
    consent_age: int

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()


@dataclass
class Answer:
    """A yes or a no; `turn` is its place among all that was tapped and shown."""

    given: bool
    version: int
    law: str
    turn: int


@dataclass
class Life:
    """One youth, as a bystander would note it down."""

    id: int
    born: str
    place: Place
    educator: int
    address: str = ""  # of a phone that is linked, confirmed or not
    confirmed: bool = False
    closed: bool = False
    erased: bool = False  # all of it, and closed with it
    paused: bool = False
    said: dict[str, Answer] = field(default_factory=dict)
    on_the_way_in: dict[str, Answer] = field(default_factory=dict)  # until the two words are seen
    agreements: list[date] = field(default_factory=list)
    # Answers shown: of which exercise, and since when; and what is ticked before « C'est bon ».
    shown: dict[int, tuple[int, datetime]] = field(default_factory=dict)
    ticks: dict[int, set[int]] = field(default_factory=dict)

    def law(self, at: datetime) -> str:
        """Birthdays are counted as if everybody were born on the last day of their month."""
        day, (year, month) = self.place.day(at), map(int, self.born.split("-"))
        months = (day.year - year) * 12 + day.month - month - 1
        if months < self.place.consent_age * 12:
            return "parental"
        return "minor" if months < 18 * 12 else "adult"


@dataclass
class Away:
    """Somebody reads for a colleague, from one instant to another."""

    absent: int
    covering: int
    since: datetime
    until: datetime


class Oracle:
    """`versions` are the texts asked now, `rewritten` when each was last changed."""

    def __init__(self, versions: dict[str, int]) -> None:
        self.versions = versions
        self.rewritten: dict[str, datetime] = {}
        self.lives: list[Life] = []
        self.away: list[Away] = []

    # Consent --------------------------------------------------------------------------------------

    def counts(self, life: Life, purpose: str, at: datetime) -> bool | None:
        """Yes, no, or nothing that counts today."""
        last = life.said.get(purpose)
        if last is None:
            return None
        if not last.given:
            return False
        of_now = last.version == self.versions[purpose]
        return True if of_now and LAWS.index(last.law) >= LAWS.index(life.law(at)) else None

    def parent_agrees(self, life: Life, purpose: str, at: datetime) -> bool:
        """Under the age, somebody has agreed to the words of now: on that day or after it."""
        if life.law(at) != "parental":
            return True
        changed = self.rewritten.get(purpose)
        if changed is None:
            return bool(life.agreements)
        return any(day >= life.place.day(changed) for day in life.agreements)

    def is_explicit(self, life: Life, purpose: str, asked_at: int, version: int) -> bool:
        """Whether a « oui » gives something: the question was put in the words of now, after the
        last answer."""
        last = life.said.get(purpose)
        put_since = last is None or asked_at > last.turn
        return (
            life.confirmed and not life.closed and put_since and self.versions[purpose] == version
        )

    def to_ask_again(self, life: Life, at: datetime) -> list[str]:
        return [p for p, last in life.said.items() if last.given and not self.counts(life, p, at)]

    # What may be heard ----------------------------------------------------------------------------

    def may_hear(self, life: Life, purpose: str, at: datetime, *, is_offer: bool) -> str:
        """Why not; empty when it may."""
        if not life.confirmed or life.closed:
            return "nobody may write to them"
        if life.paused and purpose != "reminders":
            return "paused"
        if purpose == "again":
            return "" if self.to_ask_again(life, at) else "nothing is to be asked"
        if not self.parent_agrees(life, purpose, at):
            return "no parent has agreed"
        counts = self.counts(life, purpose, at)
        if is_offer and counts is None:  # it is the question itself
            counts = self.counts(life, "messages", at)
        return "" if counts else f"no consent to {purpose}"

    # What may be read -----------------------------------------------------------------------------

    def reads(self, reader: int, life: Life, at: datetime) -> datetime | None:
        """From when on this reader may see this youth; None when they may not."""
        if life.closed:
            return None
        if life.educator == reader:
            return datetime.min.replace(tzinfo=at.tzinfo)
        return next(
            (
                one.since
                for one in self.away
                if (one.absent, one.covering) == (life.educator, reader)
                and one.since <= at < one.until
            ),
            None,
        )

    def answers(self, reader: int, life: Life, at: datetime) -> set[int]:
        """The exercises whose answers this reader may read."""
        since = self.reads(reader, life, at)
        shares = self.counts(life, "sharing", at) and self.parent_agrees(life, "sharing", at)
        if since is None or not shares:
            return set()
        return {which for which, shown in life.shown.values() if shown >= since}
