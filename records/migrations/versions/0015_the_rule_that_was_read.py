"""the rule that was read"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever is here already has read the rule as it stands: nobody could be told of another."""
    op.add_column("youth", sa.Column("told_rule", sa.String(length=800), nullable=True))
    places = op.get_bind().execute(sa.text("SELECT id, alert_rule FROM structure")).all()
    for row, rule in places:
        kept = json.loads(rule) if isinstance(rule, str) else rule
        cells = kept.items() if isinstance(kept, dict) else ()
        told = " ".join(sorted(cell for cell, choice in cells if choice == "tell"))
        read = sa.text("UPDATE youth SET told_rule = :told WHERE structure_id = :row")
        op.get_bind().execute(read, {"told": told, "row": row})


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
