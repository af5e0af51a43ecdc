"""What a phone shows: bubbles with their buttons, and the line that a locked screen betrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from simulator.model import Chat, Json, Message

NOTIFICATION_LENGTH = 120
_WITHOUT_TEXT = {
    "sticker": "Autocollant",
    "photo": "Photo",
    "voice": "Message vocal",
    "document": "Fichier",
    "service": "",
}


@dataclass(frozen=True)
class Button:
    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Bubble:
    """One message as the person sees it now. `mine` says that the person wrote it."""

    id: int
    text: str
    kind: str
    mine: bool
    date: datetime
    entities: tuple[Json, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    edited: bool = False
    protected: bool = False
    silent: bool = False
    file: Json | None = None

    @property
    def labels(self) -> list[str]:
        """The words on its buttons, in reading order."""
        return [button.text for row in self.buttons for button in row]

    @property
    def first_line(self) -> str:
        """What the notification shows on a locked screen."""
        line = self.text.strip().partition("\n")[0] or _WITHOUT_TEXT.get(self.kind, "")
        if len(line) <= NOTIFICATION_LENGTH:
            return line
        return line[: NOTIFICATION_LENGTH - 1] + "…"

    def __str__(self) -> str:
        who = "→" if self.mine else "←"
        keys = f"  [{' | '.join(self.labels)}]" if self.buttons else ""
        return f"{who} {self.text or self.kind}{keys}"


def bubble(chat: Chat, message: Message) -> Bubble:
    content = message.content
    return Bubble(
        id=message.id,
        text=content.get("text") or content.get("caption") or "",
        kind=message.kind,
        mine=message.sender_id != chat.bot_id,
        date=datetime.fromtimestamp(message.date, UTC),
        entities=tuple(content.get("entities") or content.get("caption_entities") or ()),
        buttons=_buttons(message.markup),
        edited=message.edited_at is not None,
        protected=message.protected,
        silent=message.silent,
        file=content.get("document"),
    )


def _buttons(markup: Json | None) -> tuple[tuple[Button, ...], ...]:
    rows = (markup or {}).get("inline_keyboard", ())
    return tuple(
        tuple(Button(b["text"], b.get("callback_data"), b.get("url")) for b in row) for row in rows
    )
