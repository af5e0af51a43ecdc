"""The event loop that every entry point runs on: uvloop, and asyncio's own where it is not made.

It halves what a call or a thread's answer costs (docs/decisions/0007-uvloop.md).
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

try:
    from uvloop import new_event_loop
except ImportError:  # Windows
    from asyncio import new_event_loop


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run`, on that loop."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)
