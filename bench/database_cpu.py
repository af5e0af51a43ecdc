"""What the database costs in CPU: SQLAlchemy in the main thread, SQLite in threads of its own.

SQLAlchemy's asynchronous side runs in greenlets that leave the main thread to others whenever they
wait: what is burnt between two switches, while one of them is at work, is its own. A switch that is
watched costs a microsecond more, so that only the runs that ask for it are watched.
"""

import threading
import time
from typing import Any

import greenlet


class DatabaseCpu:
    """Seconds since it was made, by the thread that made it and by the others."""

    def __init__(self) -> None:
        self.sqlalchemy, self._since = 0.0, time.thread_time()
        self._before = _other_threads()
        greenlet.settrace(self._switched)

    @property
    def sqlite(self) -> float:
        return _other_threads() - self._before

    def _switched(self, _event: str, ends: tuple[Any, Any]) -> None:
        now = time.thread_time()
        if getattr(ends[0], "__sqlalchemy_greenlet_provider__", False):
            self.sqlalchemy += now - self._since
        self._since = now


def _other_threads() -> float:
    """Of those that live; 0 where the system does not tell."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return 0.0
    others = (t.ident for t in threading.enumerate() if t is not threading.main_thread())
    return sum(time.clock_gettime(time.pthread_getcpuclockid(ident)) for ident in others if ident)
