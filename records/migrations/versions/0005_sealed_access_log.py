"""sealed access log"""

import sqlalchemy as sa
from alembic import op

from records.columns import Instant

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

# Lines are only added. What may change: a line gets its seal, once; a seal gets the proof that
# retention let its lines go, once; then, and only then, these lines may be deleted.
LINE = ('id', 'staff_id', 'action', 'youth_index', 'about', 'at')
SEAL = ('number', 'day', 'lines', 'since', 'until', 'at', 'digest', 'mark')
ONCE = {
    'access_log': ('seal', LINE),
    'access_seal': ('dropped', SEAL),
}
LET_GO = 'EXISTS (SELECT 1 FROM access_seal WHERE number = OLD.seal AND dropped IS NOT NULL)'


def upgrade() -> None:
    op.create_table('access_seal',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('since', Instant(), nullable=False),
    sa.Column('until', Instant(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('mark', sa.LargeBinary(), nullable=False),
    sa.Column('dropped', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_access_seal'))
    )
    op.create_index('ix_access_seal_day', 'access_seal', ['day'], unique=False)
    op.add_column('access_log', sa.Column('seal', sa.BigInteger(), nullable=True))
    op.create_index('ix_access_log_seal', 'access_log', ['seal', 'id'], unique=False)
    if op.get_bind().dialect.name == 'sqlite':
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    for table, (once, fixed) in ONCE.items():
        changed = ' OR '.join(f'NEW.{one} IS NOT OLD.{one}' for one in fixed)
        op.execute(
            f'CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} '
            f'WHEN OLD.{once} IS NOT NULL OR {changed} '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    for table, unless in (('access_log', LET_GO), ('access_seal', '0')):
        op.execute(
            f'CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} WHEN NOT {unless} '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _on_postgresql() -> None:
    op.execute(
        'CREATE FUNCTION access_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        'CREATE FUNCTION access_let_go() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        f"IF {LET_GO} THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table, (once, fixed) in ONCE.items():
        changed = ' OR '.join(f'NEW.{one} IS DISTINCT FROM OLD.{one}' for one in fixed)
        op.execute(
            f'CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} FOR EACH ROW '
            f'WHEN (OLD.{once} IS NOT NULL OR {changed}) EXECUTE FUNCTION access_append_only()'
        )
        op.execute(
            f'CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} '
            'EXECUTE FUNCTION access_append_only()'
        )
    for table, does in (('access_log', 'access_let_go'), ('access_seal', 'access_append_only')):
        op.execute(
            f'CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW '
            f'EXECUTE FUNCTION {does}()'
        )


def downgrade() -> None:
    raise NotImplementedError("revisions only go forward; restore a backup instead")
