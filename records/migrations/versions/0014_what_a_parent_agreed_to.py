"""what a parent agreed to"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("parental_agreement", sa.Column("purpose", sa.String(length=16), nullable=True))
    op.add_column("parental_agreement", sa.Column("withdrawn_at", Instant(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
