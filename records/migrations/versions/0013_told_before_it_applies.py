"""told before it applies"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("question", sa.Column("shown_at", Instant()))


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
