"""Alembic's entry: runs revisions on the connection that `records.migrations` hands over."""

from typing import Any, Literal

from alembic import context

from records.columns import Instant
from records.database import metadata


def _rendered(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    return "Instant()" if kind == "type" and isinstance(thing, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=True,
    render_item=_rendered,
)
with context.begin_transaction():
    context.run_migrations()
