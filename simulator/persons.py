"""People and their phones: what a thumb can do.

Tests and the phone page drive the very same methods. What the real app would not allow raises
`PhoneError`, in French, because the page shows it.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from simulator import chats, text
from simulator.bubbles import Bubble, Button, bubble
from simulator.errors import PhoneError
from simulator.model import CallbackQuery, Chat, Json, Message
from simulator.screen import Screen

if TYPE_CHECKING:
    from simulator.telegram import Bot

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # core.telegram.org/bots/features#deep-linking
_LINK_HOSTS = ("t.me", "telegram.me")


class Person(Screen):
    """One user of the simulated Telegram, with a thumb."""

    @property
    def opened(self) -> list[str]:
        """The addresses that buttons led to, oldest first."""
        return self.user.opened

    def open(self, link: str) -> Bubble:
        """Follow an invitation: `https://t.me/<bot>?start=<payload>`."""
        parts = urlsplit(link if "://" in link else f"https://{link.strip()}")
        username = parts.path.strip("/")
        if parts.hostname not in _LINK_HOSTS or not username:
            raise PhoneError("Ce lien n'est pas un lien Telegram.")
        bot = next(
            (b for b in self.telegram.bots.values() if b.username.lower() == username.lower()),
            None,
        )
        if bot is None:
            raise PhoneError(f"Aucun bot ne s'appelle « {username} » ici.")
        payload = parse_qs(parts.query).get("start", [""])[0]
        return self.start(bot, payload)

    def start(self, bot: Bot | None = None, payload: str = "") -> Bubble:
        """Press « Démarrer » (which also unblocks), with what a link brought along."""
        if payload and not PAYLOAD.fullmatch(payload):
            raise PhoneError("Ce lien est abîmé : il contient des signes interdits.")
        self._bot = bot or self.bot
        if self.chat.blocked:
            self.unblock()
        self.chat.started = True
        return self.say(f"/start {payload}".strip())

    def say(self, words: str, chat: Chat | None = None) -> Bubble:
        if not words.strip():
            raise PhoneError("Il n'y a rien à envoyer.")
        if text.units(words) > text.MESSAGE_LENGTH:
            raise PhoneError("Ce message est trop long.")
        marks = text.found(words)
        return self._send({"text": words} | ({"entities": marks} if marks else {}), chat)

    def tap(self, label: str, message: Bubble | int | None = None) -> CallbackQuery | None:
        """Press a button: the newest under a message that reads so, else one of the keyboard.

        Returns the query if the button has one. Where a link leads is kept in `opened`.
        """
        wanted = message.id if isinstance(message, Bubble) else message
        for shown in reversed(self.messages):
            if wanted in (None, shown.id):
                for button in (b for row in shown.buttons for b in row):
                    if button.text == label:
                        return self._press(shown.id, button)
        if wanted is None and any(label in row for row in self.keyboard or ()):
            if self.chat.keyboard and self.chat.keyboard.get("one_time_keyboard"):
                self.chat.keyboard = self.chat.keyboard_from = None
            self.say(label)
            return None
        raise PhoneError(f"Pas de bouton « {label} » à l'écran.\n{self}")

    def press(self, message: Bubble | int, data: str) -> CallbackQuery:
        """Send any data for any message, even one that is gone: an old or a forged button."""
        number = message.id if isinstance(message, Bubble) else message
        telegram, bot = self.telegram, self.bot
        query = CallbackQuery(
            id=str(4_200_000_000_000 + telegram.next_serial()),
            bot_id=bot.id,
            user_id=self.id,
            chat_id=self.chat.id,
            message_id=number,
            data=data,
            asked_at=time.monotonic(),
        )
        telegram.keep_query(query)
        bot.updates.add("callback_query", self._query_api(query))
        telegram.changes.mark()
        return query

    def sticker(self, emoji: str = "👍") -> Bubble:
        content = {"type": "regular", "width": 512, "height": 512, "is_animated": False}
        return self._send(
            {"sticker": {**content, "is_video": False, "emoji": emoji, **self._file("sticker")}}
        )

    def photo(self, caption: str = "") -> Bubble:
        sizes = [{"width": 90 * n, "height": 120 * n, **self._file(f"photo{n}")} for n in (1, 4)]
        return self._send({"photo": sizes} | ({"caption": caption} if caption else {}))

    def voice(self, seconds: int = 4) -> Bubble:
        content = {"duration": seconds, "mime_type": "audio/ogg", **self._file("voice")}
        return self._send({"voice": content})

    def forward(self, words: str, author: str = "Quelqu'un") -> Bubble:
        stamp = int(self.telegram.now().timestamp())
        origin = {"type": "hidden_user", "sender_user_name": author, "date": stamp}
        return self._send({"forward_origin": origin, "text": words})

    def edit(self, message: Bubble | int, words: str) -> Bubble:
        number = message.id if isinstance(message, Bubble) else message
        found = self.chat.messages.get(number)
        if found is None or found.sender_id != self.id or "text" not in found.content:
            raise PhoneError("Ce message ne peut pas être modifié.")
        found.content = found.content | {"text": words, "entities": text.found(words)}
        found.edited_at = int(self.telegram.now().timestamp())
        api = self.telegram.message_api(self.chat, found)
        self.bot.updates.add("edited_message", api)
        self.telegram.changes.mark()
        return bubble(self.chat, found)

    def block(self) -> None:
        if not self.chat.blocked:
            chats.change_membership(
                self.telegram, self.bot, self.chat, "kicked", self.user.api, "member"
            )

    def unblock(self) -> None:
        if self.chat.blocked:
            chats.change_membership(
                self.telegram, self.bot, self.chat, "member", self.user.api, "kicked"
            )

    def delete_account(self) -> None:
        self.user.deactivated = True
        self.telegram.changes.mark()

    # Groups

    def add_bot_to_group(self, title: str = "Un groupe", bot: Bot | None = None) -> Chat:
        bot = bot or self.bot
        group = self.telegram.group(bot, title, [self.id])
        chats.change_membership(self.telegram, bot, group, "member", self.user.api, "left")
        self._send({"new_chat_members": [bot.api], "new_chat_member": bot.api}, group)
        return group

    def remove_bot_from(self, group: Chat) -> None:
        bot = self.telegram.bots[group.bot_id]
        chats.change_membership(self.telegram, bot, group, "kicked", self.user.api)

    # Inside

    def _press(self, message_id: int, button: Button) -> CallbackQuery | None:
        if button.data is not None:
            return self.press(message_id, button.data)
        url = button.url or ""
        if urlsplit(url).hostname in _LINK_HOSTS:
            self.open(url)
        else:
            self.user.opened.append(url)
        return None

    def _send(self, content: Json, chat: Chat | None = None) -> Bubble:
        target = chat or self.chat
        bot = self.telegram.bots[target.bot_id]
        if target.kind == "private":
            self._may_write(target)
        message = self.telegram.post(bot, target, self.id, content)
        target.read_up_to = message.id
        if _reaches(bot, target, content):
            bot.updates.add("message", self.telegram.message_api(target, message))
        return bubble(target, message)

    def _may_write(self, chat: Chat) -> None:
        if self.user.deactivated:
            raise PhoneError("Ce compte a été supprimé.")
        if not chat.started:
            raise PhoneError("Touche d'abord « Démarrer ».")
        if chat.blocked:
            raise PhoneError("Le bot est bloqué : débloque-le pour lui écrire.")

    def _query_api(self, query: CallbackQuery) -> Json:
        chat = self.chat
        message = chat.messages.get(query.message_id)
        shown = (
            self.telegram.message_api(chat, message)
            if isinstance(message, Message)
            else {"chat": self.telegram.chat_api(chat), "message_id": query.message_id, "date": 0}
        )
        return {
            "id": query.id,
            "from": self.user.api,
            "message": shown,
            "chat_instance": str(-(chat.id * 31 + chat.bot_id)),
            "data": query.data,
        }

    def _file(self, kind: str) -> dict[str, Any]:
        number = f"{kind}-{self.id}-{self.telegram.next_serial()}"
        return {"file_id": number, "file_unique_id": f"u{number}", "file_size": 2048}


def _reaches(bot: Bot, chat: Chat, content: Json) -> bool:
    """In groups a bot in privacy mode gets commands, mentions and what concerns itself."""
    words = content.get("text", "")
    return (
        chat.kind == "private"
        or "text" not in content
        or words.startswith("/")
        or f"@{bot.username}".lower() in words.lower()
    )
