"""consents are asked again"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LAST = """
SELECT {column} FROM consent
WHERE consent.youth_id = consent_standing.youth_id
AND consent.purpose = consent_standing.purpose
AND consent.given = consent_standing.given
AND consent.at = consent_standing.at
ORDER BY consent.id DESC LIMIT 1
"""


def upgrade() -> None:
    op.create_table(
        'consent_text',
        sa.Column('purpose', sa.String(length=16), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('since', Instant(), nullable=True),
        sa.Column('agreed_from', Instant(), nullable=True),
        sa.PrimaryKeyConstraint('purpose', name=op.f('pk_consent_text')),
    )
    op.add_column(
        'consent_standing',
        sa.Column('regime', sa.String(length=16), nullable=False, server_default='parental'),
    )
    op.add_column(
        'consent_standing', sa.Column('entry', sa.BigInteger(), nullable=False, server_default='0')
    )
    op.add_column('consent_standing', sa.Column('again_since', Instant(), nullable=True))
    for column, none in (('regime', "'parental'"), ('id', '0')):
        field = 'entry' if column == 'id' else column
        last = _LAST.format(column=column)
        op.execute(f'UPDATE consent_standing SET {field} = COALESCE(({last}), {none})')
    with op.batch_alter_table('consent_standing') as table:
        table.alter_column('regime', server_default=None)
        table.alter_column('entry', server_default=None)


def downgrade() -> None:
    raise NotImplementedError('revisions only go forward; restore a backup instead')
