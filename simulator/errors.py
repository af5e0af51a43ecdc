"""How the simulated Telegram says no.

The texts are those of the real Bot API server (its source, and replies recorded from the live
one), because the product decides by them whether a refusal is for good.
"""

from __future__ import annotations


class ApiError(Exception):
    """One refusal, as the Bot API words it.

    `retry_after` is in seconds; `migrate_to` is the identifier of the supergroup that a group
    has become. Both travel in the reply's `parameters`.
    """

    def __init__(
        self,
        code: int,
        description: str,
        retry_after: int | None = None,
        migrate_to: int | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to

    @property
    def body(self) -> dict[str, object]:
        """The reply's JSON object."""
        reply: dict[str, object] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        parameters = {
            name: value
            for name, value in (
                ("retry_after", self.retry_after),
                ("migrate_to_chat_id", self.migrate_to),
            )
            if value is not None
        }
        return reply | ({"parameters": parameters} if parameters else {})


class PhoneError(Exception):
    """A person tried what their phone would not let them do; `str()` says it in French."""


def bad_request(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    return ApiError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after)


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized")


def not_found(reason: str = "") -> ApiError:
    return ApiError(404, f"Not Found: {reason}" if reason else "Not Found")


def conflict(reason: str) -> ApiError:
    return ApiError(409, f"Conflict: {reason}")
