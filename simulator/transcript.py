"""What every bot asked of the simulated Telegram, and what became of it.

Tests compare the product's database with it: nothing was sent that is not recorded, nothing is
recorded as sent that never arrived.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from simulator.errors import ApiError
from simulator.faults import OK, Fault
from simulator.model import Json

Outcome = Literal["accepted", "refused", "unreached"]


@dataclass(frozen=True)
class Call:
    """One line of the transcript: what a bot asked, and what became of it.

    `unreached` is a call that a planned fault kept from Telegram. `fault` names the accident,
    also when the call was accepted and only its reply was lost.
    """

    at: datetime
    bot_id: int
    method: str
    chat_id: int | None
    message_id: int | None
    outcome: Outcome
    code: int = 200
    description: str = ""
    parameters: Json = field(default_factory=dict)
    fault: str = ""


class Transcript(deque[Call]):
    """The newest calls, oldest first. Polls that succeed are left out: they would drown the rest."""

    def accepted(self, method: str, chat_id: int | None = None) -> list[Call]:
        """The calls of a method that took effect, in one chat or in all."""
        return [
            call
            for call in self
            if (call.outcome, call.method) == ("accepted", method)
            and chat_id in (None, call.chat_id)
        ]

    def write(
        self,
        at: datetime,
        bot_id: int,
        method: str,
        given: Mapping[str, Any],
        outcome: Outcome,
        fault: Fault = OK,
        *,
        result: Any = None,
        error: ApiError | None = None,
    ) -> None:
        if (method, outcome) == ("getUpdates", "accepted"):
            return
        message_id = result.get("message_id") if isinstance(result, dict) else None
        self.append(
            Call(
                at=at,
                bot_id=bot_id,
                method=method,
                chat_id=number(given.get("chat_id")),
                message_id=message_id or number(given.get("message_id")),
                outcome=outcome,
                code=error.code if error else 200,
                description=error.description if error else "",
                parameters={key: value for key, value in given.items() if value is not None},
                fault="" if fault is OK else fault.kind,
            )
        )


def number(value: Any) -> int | None:
    """An identifier, however the client wrote it."""
    with contextlib.suppress(TypeError, ValueError):
        return int(value)
    return None
