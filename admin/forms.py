"""What was typed in a form, kept as typed, with one French sentence beside each wrong field."""

from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import parse_qsl

from admin.sentences import sentence
from records.errors import Refused

LIMIT = 64 * 1024  # bytes of a form's body: a thousand characters are the longest words asked
_MANNERS = ("csrf", "step", "seen", "revision", "once")  # how a form was sent, not what it says
_SECRETS = ("password", "new", "code")  # typed again, never kept

# Which field an error of the records is about.
_FIELDS = {
    "nickname_missing": "nickname",
    "nickname_length": "nickname",
    "birth_month_malformed": "birth_year",
    "age_outside": "birth_year",
    "in_the_past": "day",
    "too_far_ahead": "day",
    "agreement_before_birth": "day",
    "wall_time_skipped": "time",
    "duration_range": "minutes",
    "place_length": "place",
    "slots_count": "slots",
    "ladder_rung": "ladder",
    "text_length": "text",
    "rhythm_without_days": "weekday",
    "rhythm_never_open": "time",
    "course_without_end": "start",
    "course_without_meeting": "start",
    "course_under_way": "course",
    "referral_way_unknown": "way",
    "email_unreadable": "email",
    "email_proof_too_soon": "email",
    "email_hour_unknown": "unread_at",
    "email_hours_range": "unread_after",
    "email_quiet_range": "quiet",
}


class FormTooLarge(Exception):
    """More was posted than any form of the desk can hold."""


class FormTooSlow(Exception):
    """What was posted did not arrive in time."""


class NotAForm(Exception):
    """Something else than the fields of a form was posted: a file, JSON…"""


@dataclass
class Form:
    """Fields as they were typed, and what is wrong with each (`errors`; "" is the whole form)."""

    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, body: bytes) -> "Form":
        try:
            pairs = parse_qsl(
                body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200
            )
        except ValueError:
            raise FormTooLarge from None
        values: dict[str, list[str]] = {}
        for name, value in pairs:
            plain = value.replace("\r\n", "\n").replace("\0", "")
            values.setdefault(name, []).append(plain)
        return cls(values)

    @classmethod
    def filled(cls, **values: str | list[str]) -> "Form":
        """A form that opens with these values."""
        return cls(
            {name: [value] if isinstance(value, str) else value for name, value in values.items()}
        )

    def get(self, name: str, default: str = "") -> str:
        return self.values.get(name, [default])[0].strip()

    def secret(self, name: str) -> str:
        """Exactly as it was typed: the spaces around a password belong to it."""
        return self.values.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    @property
    def step(self) -> str:
        """Which button was pressed: preview, save, again (a draft that came back)…"""
        return self.get("step")

    @property
    def draft(self) -> list[tuple[str, str]]:
        """What was typed, without how it was sent: to survive an expired session."""
        return [
            (name, value)
            for name, values in self.values.items()
            if name not in _MANNERS + _SECRETS
            for value in values
        ]

    @property
    def digest(self) -> str:
        """Changes when anything typed changes: what was previewed is what is saved."""
        return blake2b(repr(sorted(self.draft)).encode(), digest_size=12).hexdigest()

    def wrong(self, name: str, code: str, /, **facts: object) -> None:
        """Note that a field is wrong; the first sentence about it stands."""
        self.errors.setdefault(name, sentence(code, **facts))

    def refuse(self, refusal: Refused) -> None:
        self.wrong(_FIELDS.get(refusal.code, ""), refusal.code, **refusal.facts)
