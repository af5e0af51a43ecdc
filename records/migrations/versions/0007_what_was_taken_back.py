"""what was taken back"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'erased',
        sa.Column(
            'id',
            sa.BigInteger().with_variant(sa.Integer(), 'sqlite'),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column('kind', sa.String(length=12), nullable=False),
        sa.Column('about', sa.LargeBinary(), nullable=False),
        sa.Column('what', sa.LargeBinary(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_erased')),
    )
    op.create_index('ix_erased_about', 'erased', ['about'])


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
