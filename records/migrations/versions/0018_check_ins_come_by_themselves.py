"""check-ins and surveys come by themselves, in other words each time; objectives are followed"""

import sqlalchemy as sa
from alembic import op

from records.columns import Identifier, Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("checkins", "surveys"):
        column = sa.Column(name, sa.JSON(), nullable=False, server_default="{}")
        op.add_column("structure", column)
    op.create_table(
        "wording",
        sa.Column("id", Identifier, autoincrement=False, nullable=False),
        sa.Column("youth_id", sa.BigInteger(), nullable=False),
        sa.Column("script", sa.String(length=48), nullable=False),
        sa.Column("moment", sa.String(length=8), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["youth_id"], ["youth.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("youth_id", "script", "moment"),
    )
    op.create_table(
        "objective",
        sa.Column("id", Identifier, autoincrement=False, nullable=False),
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("youth_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"]),
        sa.ForeignKeyConstraint(["youth_id"], ["youth.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    is_open = sa.text("ended_on IS NULL")
    op.create_index(
        "ix_objective_open",
        "objective",
        ["youth_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_objective_youth", "objective", ["youth_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
