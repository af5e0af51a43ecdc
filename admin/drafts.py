"""What somebody was writing when they had to prove who they are: kept in the page itself, sealed
for them alone, so that it goes to nobody else and nothing is stored. Never a password or a code."""

import json
from base64 import b64decode, b64encode

from admin.forms import Form
from admin.visit import Desk
from records.errors import Unusable

LIMIT = 30_000  # bytes: the form that carries it must be able to
_FIELD = "session.draft"


def keep(desk: Desk, owner: int, form: Form) -> str:
    """Empty when there is too much of it."""
    written = json.dumps(form.draft, ensure_ascii=False)
    if len(written.encode()) > LIMIT:
        return ""
    return b64encode(desk.database.vault.seal(_FIELD, owner, written)).decode()


def reopen(desk: Desk, owner: int, kept: str) -> list[tuple[str, str]] | None:
    """None when it is not theirs, or not as we sealed it. Empty for a button without a field."""
    try:
        sealed = b64decode(kept, validate=True)
        written = json.loads(desk.database.vault.open(_FIELD, owner, sealed))
    except (ValueError, Unusable):
        return None
    return [(name, value) for name, value in written]
