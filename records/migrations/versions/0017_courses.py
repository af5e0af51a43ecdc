"""courses"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def link(name: str, target: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{target}.id"), nullable=nullable)


def key() -> sa.Column:
    return sa.Column("id", IDENTIFIER, autoincrement=False, primary_key=True)


def upgrade() -> None:
    op.create_table(
        "course_run",
        key(),
        link("structure_id", "structure"),
        link("youth_id", "youth"),
        link("started_by", "staff", nullable=True),
        link("appointment_id", "appointment", nullable=True),
        sa.Column("course", sa.String(48), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("hour", sa.String(5), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("anchor", sa.String(16), nullable=False),
        sa.Column("anchor_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("paused_by", sa.String(8)),
        sa.Column("paused_at", Instant()),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
    )
    op.create_index("ix_course_run_youth", "course_run", ["youth_id", "id"])
    some = sa.text("state IN ('active', 'paused')")
    op.create_index(
        "ix_course_run_under_way",
        "course_run",
        ["youth_id"],
        sqlite_where=some,
        postgresql_where=some,
    )
    op.create_table(
        "course_element",
        key(),
        link("youth_id", "youth"),
        link("run_id", "course_run"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("script", sa.String(48), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("anchor", sa.String(16), nullable=False),
        sa.Column("anchor_days", sa.Integer(), nullable=False),
        sa.Column("ages", sa.JSON(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("held", sa.String(24), nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("wave", sa.String(12)),
    )
    op.create_index("ix_course_element_run_id", "course_element", ["run_id"])
    op.create_index("ix_course_element_youth", "course_element", ["youth_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
