"""${message}"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
