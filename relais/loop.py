"""The event loop that every entry point runs on: uvloop, and asyncio's own where it is not made.

It halves what a call or a thread's answer costs (docs/decisions/0010-a-faster-loop.md).
"""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

new_event_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    from uvloop import new_event_loop
except ImportError:  # Windows
    from asyncio import new_event_loop


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run`, on that loop."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def spare_the_collector() -> None:
    """What was made until now stays until the end: the garbage collector need not look at it
    again, nor look as often at the many small objects of a busy batch, which end by themselves.
    It took a tenth of a message's time (docs/bench.md)."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
