"""rights of a youth"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('receipt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('code', sa.LargeBinary(), nullable=False),
    sa.Column('act', sa.String(length=16), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('code', name=op.f('uq_receipt_code'))
    )
    op.create_table('takeaway',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('youth_id', sa.BigInteger(), nullable=False),
    sa.Column('token', sa.LargeBinary(), nullable=False),
    sa.Column('form', sa.String(length=8), nullable=False),
    sa.Column('expires_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['youth_id'], ['youth.id'], name=op.f('fk_takeaway_youth_id_youth')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_takeaway'))
    )
    op.create_index(op.f('ix_takeaway_expires_at'), 'takeaway', ['expires_at'])
    op.create_index(op.f('ix_takeaway_youth_id'), 'takeaway', ['youth_id'])
    shown = sa.text("visibility = 'educator'")
    op.create_index(
        'ix_response_shown', 'response', ['youth_id'], sqlite_where=shown, postgresql_where=shown
    )
    with op.batch_alter_table('set_aside', schema=None) as batch_op:
        batch_op.add_column(sa.Column('youth_id', sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f('ix_set_aside_youth_id'), ['youth_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_set_aside_youth_id_youth'), 'youth', ['youth_id'], ['id'])


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
