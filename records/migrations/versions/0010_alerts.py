"""alerts"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def link(name: str, target: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f'{target}.id'), nullable=nullable)


def key() -> sa.Column:
    return sa.Column('id', IDENTIFIER, autoincrement=False, primary_key=True)


def upgrade() -> None:
    op.add_column(
        'structure',
        sa.Column('alert_minutes', sa.Integer(), nullable=False, server_default='30'),
    )
    op.create_table(
        'alert',
        key(),
        link('structure_id', 'structure'),
        link('youth_id', 'youth'),
        sa.Column('category', sa.LargeBinary()),
        sa.Column('raised_by', sa.String(4), nullable=False),
        sa.Column('question', sa.BigInteger(), nullable=False),
        sa.Column('raised_at', Instant(), nullable=False),
        sa.Column('seen_at', Instant()),
        link('seen_by', 'staff', nullable=True),
        sa.Column('taken_at', Instant()),
        link('taken_by', 'staff', nullable=True),
        sa.Column('next_at', Instant()),
        sa.Column('passed_on_at', Instant()),
        link('passed_on_to', 'staff', nullable=True),
        sa.Column('overdue_at', Instant()),
        sa.UniqueConstraint('question'),
    )
    op.create_index('ix_alert_youth', 'alert', ['youth_id', 'id'])
    op.create_index('ix_alert_passed_on', 'alert', ['passed_on_to'])
    some = sa.text('next_at IS NOT NULL')
    op.create_index('ix_alert_next', 'alert', ['next_at'], sqlite_where=some, postgresql_where=some)
    op.create_table(
        'question',
        key(),
        link('structure_id', 'structure'),
        link('youth_id', 'youth'),
        sa.Column('category', sa.LargeBinary()),
        sa.Column('warned', sa.Boolean(), nullable=False),
        sa.Column('card_at', Instant(), nullable=False),
        sa.Column('due_at', Instant(), nullable=False),
        sa.UniqueConstraint('youth_id'),
    )
    op.create_index('ix_question_due', 'question', ['due_at'])
    op.create_table(
        'standby',
        key(),
        link('structure_id', 'structure'),
        link('educator_id', 'staff', nullable=True),
        link('standby_id', 'staff'),
        sa.UniqueConstraint('educator_id'),
    )


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
