"""indexes without replies"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, columns, which in (
        ('ix_message_youth', ['youth_id', 'id'], ['purpose']),
        ('ix_message_week', ['youth_id', 'sent_at'], ['purpose', 'sent_at']),
        ('ix_message_appointment', ['appointment_id'], ['appointment_id']),
    ):
        some = sa.text(' AND '.join(f'{column} IS NOT NULL' for column in which))
        op.drop_index(name, 'message')
        op.create_index(name, 'message', columns, sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
