"""The product's clock. Only entry points read it; the demo's can be set ahead, never back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    """The machine's time: leases, limits, sessions and one-time codes run on it, always."""
    return datetime.now(UTC)


class Clock:
    """The machine's time plus what the demo has jumped ahead."""

    def __init__(
        self, ahead: timedelta = timedelta(0), machine: Callable[[], datetime] = real_now
    ) -> None:
        self.ahead = ahead
        self._machine = machine

    def now(self) -> datetime:
        return self._machine() + self.ahead

    def set_ahead_to(self, at: datetime) -> None:
        """Jump to an instant; one in the past changes nothing."""
        self.ahead += max(at - self.now(), timedelta(0))
