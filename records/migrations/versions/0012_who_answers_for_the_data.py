"""who answers for the data"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "structure", sa.Column("controller", sa.JSON(), nullable=False, server_default="{}")
    )


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
