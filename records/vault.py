"""Sealing of fields: AES-GCM with a key kept outside the database.

A sealed value is `key id (4 bytes) | nonce (12) | ciphertext and tag`. Its associated data is the
field's name and the row's identifier, so that a value moved to another row or column no longer
opens. Channel addresses are found by a keyed hash (a blind index). One secret feeds both through
HKDF; several secrets may be given, so that keys can rotate: the first seals and hashes, all can
open, and what was hashed with any of them is found. The few hashes that could never be made anew
(the sealed log, receipts of which only the youth has the code) come from a lasting secret: the
first key ever's, which the database keeps, sealed (docs/decisions/0012).
"""

import base64
import hashlib
import hmac
import os
import secrets
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from records.errors import Unusable

PREFIX = "rk1_"
_KEY_ID = 4
_NONCE = 12


def new_key() -> str:
    """A fresh secret for RELAIS_KEY: 256 random bits behind a recognisable prefix."""
    return PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


class Vault:
    """Seals and opens fields. `keys` holds one or more secrets, separated by commas.

    Raises `Unusable("key_malformed")` for a text that is not a key, and
    `Unusable("key_wrong")` when a value was sealed with a key that is not among these.
    """

    def __init__(self, keys: str) -> None:
        secrets_ = [_decoded(part.strip()) for part in keys.split(",") if part.strip()]
        if not secrets_:
            raise Unusable("key_malformed")
        self._secrets = {_derived(s, b"key-id")[:_KEY_ID]: s for s in secrets_}
        self._sealers = {
            named: AESGCM(_derived(s, b"fields")) for named, s in self._secrets.items()
        }
        self._index_keys = [_derived(s, b"blind-index") for s in self._secrets.values()]
        self.current = next(iter(self._sealers))
        self._lasting = _derived(secrets_[-1], b"lasting")

    @property
    def key_ids(self) -> tuple[str, ...]:
        """What the keys are called, the first first. A name tells nothing of its key."""
        return tuple(named.hex() for named in self._secrets)

    def seal(self, field: str, row: int, text: str) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed = self._sealers[self.current].encrypt(nonce, text.encode(), _bound(field, row))
        return self.current + nonce + sealed

    def open(self, field: str, row: int, value: bytes) -> str:
        sealer = self._sealers.get(value[:_KEY_ID])
        if sealer is None:
            raise Unusable("key_wrong")
        nonce, sealed = value[_KEY_ID : _KEY_ID + _NONCE], value[_KEY_ID + _NONCE :]
        try:
            return sealer.decrypt(nonce, sealed, _bound(field, row)).decode()
        except InvalidTag:
            raise Unusable("sealed_value_altered", field=field) from None

    def seal_data(self, field: str, row: int, data: Any) -> bytes:
        """Seal lists, dicts, texts and numbers, as JSON."""
        return self.seal(field, row, orjson.dumps(data).decode())

    def open_data(self, field: str, row: int, value: bytes) -> Any:
        return orjson.loads(self.open(field, row, value))

    def is_current(self, value: bytes) -> bool:
        """Whether the first key sealed this value; what others sealed is to be sealed again."""
        return value[:_KEY_ID] == self.current

    def index(self, field: str, value: str) -> bytes:
        """The keyed hash under which `value` is kept; 16 bytes."""
        return self.indexes(field, value)[0]

    def indexes(self, field: str, value: str) -> tuple[bytes, ...]:
        """The keyed hashes under which `value` may be found: one, or one a key while they rotate."""
        named = f"{field}\0{value}".encode()
        return tuple(hmac.digest(key, named, "sha256")[:16] for key in self._index_keys)

    def derived(self, key_id: str, use: str, salt: bytes) -> bytes:
        """A key of 32 bytes for one whole file. Raises `Unusable("key_wrong")`."""
        secret = self._secrets.get(bytes.fromhex(key_id))
        if secret is None:
            raise Unusable("key_wrong")
        return _derived(secret, use.encode(), salt)

    def lasting(self, field: str, value: str) -> bytes:
        """The keyed hash of what could not be hashed anew; it stays when keys rotate. 16 bytes."""
        return self.chained(field, value.encode())[:16]

    def chained(self, what: str, data: bytes) -> bytes:
        """What proves that `data` was written by a holder of the key, and is as it was; 32 bytes.
        It stays when keys rotate."""
        return hmac.digest(self._lasting, what.encode() + b"\0" + data, "sha256")

    def seal_lasting(self, field: str) -> bytes:
        return self.seal(field, 0, self._lasting.hex())

    def adopt_lasting(self, field: str, value: bytes) -> None:
        """From now on, the lasting secret is the one that a database kept."""
        self._lasting = bytes.fromhex(self.open(field, 0, value))


def hashed(token: str) -> bytes:
    """How a random link or session token is kept: only its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def _bound(field: str, row: int) -> bytes:
    return f"{field}/{row}".encode()


def _derived(secret: bytes, use: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"relais/" + use).derive(secret)


def _decoded(text: str) -> bytes:
    if not text.startswith(PREFIX):
        raise Unusable("key_malformed")
    try:
        secret = base64.urlsafe_b64decode(text.removeprefix(PREFIX) + "=")
    except ValueError:
        raise Unusable("key_malformed") from None
    if len(secret) != 32:
        raise Unusable("key_malformed")
    return secret
