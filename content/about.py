"""What the sentences of a screen may name: whom they are for, when, and which meeting they are about."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Protocol

from content.dates import reading_hours
from content.formal import spoken
from content.library import Library, filled, library
from dialogs.engine import Phrases


class Planned(Protocol):
    """What is asked of a planned message. It is a `records.due.Due`, which this package does
    not know: desk and bot both come here with one, and get the same words."""

    @property
    def kind(self) -> str: ...
    @property
    def params(self) -> dict[str, Any]: ...
    @property
    def youth(self) -> Any: ...
    @property
    def educator(self) -> str: ...
    @property
    def structure(self) -> Any: ...
    @property
    def meeting(self) -> Any: ...
    @property
    def repeated(self) -> bool: ...
    @property
    def entry(self) -> int | None: ...
    @property
    def worded(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class About:
    """What sentences may name. Datetimes are local to the youth's structure."""

    language: str = "fr"
    nickname: str = ""
    educator: str = ""
    now: datetime | None = None
    reading: dict[str, list[str]] = field(default_factory=dict)
    meeting: str = ""  # the appointment's identifier and revision, for its buttons
    revision: int = 0
    when: datetime | None = None
    place: str | None = None
    answer: str | None = None  # what the youth last said of this meeting
    repeated: bool = False
    asks_consent: bool = False
    invitation: int = 0  # which of several ways of proposing is read
    last_said: int | None = None  # of the purpose that is asked for: the ledger's last line

    @classmethod
    def of(cls, message: "Planned", at: datetime, *, asks_consent: bool) -> "About":
        """What a planned message may name, if it left at this instant."""
        meeting = message.meeting
        return cls(
            language=spoken(message.youth.language, message.youth.form, message.structure.form),
            nickname=message.youth.nickname,
            educator=message.educator,
            now=at.astimezone(message.structure.tz),
            reading=message.structure.reading_hours,
            meeting=str(meeting.id) if meeting else "",
            revision=meeting.revision if meeting else 0,
            when=meeting.local if meeting else None,
            place=meeting.place if meeting else None,
            answer=meeting.answer if meeting else None,
            repeated=message.repeated,
            asks_consent=asks_consent,
            last_said=message.entry,
        )

    def say(self, key: str, **facts: Any) -> str:
        """One sentence of the interface, with what everyone may name already filled in."""
        parts = library().parts(key, self.language)
        if len(parts) == 1:
            return parts[0]
        known: dict[str, Any] = {"educator": self.educator, "nickname": self.nickname}
        if "reading" in parts[1::2]:
            known["reading"] = self.reading_sentence
        return filled(parts, known | facts)

    @property
    def phrases(self) -> Phrases:
        """The words that scripts share; before free text, when somebody reads."""
        return _phrases(library(), self.language, self.reading_sentence)

    @property
    def reading_sentence(self) -> str:
        spans = tuple((day, tuple(span)) for day, span in self.reading.items())
        hours = _reading_hours(spans, self.language)
        key = "reading.hours" if hours else "reading.never"
        return library().phrase(key, self.language, hours=hours)


@cache
def _reading_hours(spans: tuple[tuple[str, tuple[str, ...]], ...], language: str) -> str:
    """The same few hours are said again and again: formatted once."""
    return reading_hours({day: list(span) for day, span in spans}, language)


@lru_cache(256)
def _phrases(of: Library, language: str, reading: str) -> Phrases:
    shared = of.phrases(language)
    return replace(shared, notice=f"{shared.notice} {reading}")
