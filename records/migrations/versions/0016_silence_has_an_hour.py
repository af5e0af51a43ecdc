"""silence has an hour"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# What was left open before this is put away at the first look, and nobody is nudged about it.
_LEFT = "UPDATE conversation SET nudged = true, wakes_at = touched_at WHERE status = 'open'"


def upgrade() -> None:
    op.add_column(
        "conversation",
        sa.Column("nudged", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("conversation", sa.Column("wakes_at", Instant(), nullable=True))
    op.execute(_LEFT)
    op.create_index(
        "ix_conversation_silent",
        "conversation",
        ["wakes_at"],
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
