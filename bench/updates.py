"""Updates as Telegram writes them: what a phone does, before any contender has seen it."""

from collections.abc import Sequence
from typing import Any

BOT = {"id": 777001, "is_bot": True, "first_name": "Relais", "username": "relais_bench_bot"}
WHEN = 1_795_000_000
FIRST_UPDATE = 700_000_001
TAPPED_MESSAGE = 4_321

Keyboard = Sequence[Sequence[tuple[str, str]]]  # rows of buttons: what they say, what they carry


def tap(chat: int, nth: int, text: str, keyboard: Keyboard, data: str) -> dict[str, Any]:
    """A tap carries the whole message that it was made on."""
    buttons = [[{"text": label, "callback_data": own} for label, own in row] for row in keyboard]
    return {
        "callback_query": {
            "id": f"{chat}{nth:04}",
            "from": _person(chat),
            "chat_instance": "-1234567890",
            "data": data,
            "message": {
                "message_id": TAPPED_MESSAGE,
                "from": BOT,
                "chat": _place(chat),
                "date": WHEN,
                "text": text,
                "reply_markup": {"inline_keyboard": buttons},
            },
        }
    }


def words(chat: int, text: str) -> dict[str, Any]:
    return {
        "message": {
            "message_id": TAPPED_MESSAGE + 1,
            "from": _person(chat),
            "chat": _place(chat),
            "date": WHEN,
            "text": text,
        }
    }


def mixed(queues: Sequence[Sequence[dict[str, Any]]], order: Sequence[int]) -> list[dict[str, Any]]:
    """One stream out of many: `order` says whose turn it is; within a queue the order stays."""
    taken = [iter(queue) for queue in queues]
    return [
        {"update_id": FIRST_UPDATE + place} | next(taken[nth]) for place, nth in enumerate(order)
    ]


def _person(chat: int) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": "Ami", "language_code": "fr"}


def _place(chat: int) -> dict[str, Any]:
    return {"id": chat, "first_name": "Ami", "type": "private"}
