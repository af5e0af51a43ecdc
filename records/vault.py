"""Sealing of fields: AES-GCM with a key kept outside the database.

A sealed value is `key id (4 bytes) | nonce (12) | ciphertext and tag`. Its associated data is the
field's name and the row's identifier, so that a value moved to another row or column no longer
opens. Channel addresses are found by a keyed hash (a blind index). One secret feeds both through
HKDF; several secrets may be given, so that keys can rotate: the first seals, all can open, and the
last, which never changes, makes the blind index.
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
        self._sealers = {
            _derived(s, b"key-id")[:_KEY_ID]: AESGCM(_derived(s, b"fields")) for s in secrets_
        }
        self._current = next(iter(self._sealers))
        self._index_key = _derived(secrets_[-1], b"blind-index")
        self._chain_key = _derived(secrets_[-1], b"chain")

    def seal(self, field: str, row: int, text: str) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed = self._sealers[self._current].encrypt(nonce, text.encode(), _bound(field, row))
        return self._current + nonce + sealed

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

    def index(self, field: str, value: str) -> bytes:
        """The keyed hash under which `value` is looked up; 16 bytes."""
        return hmac.digest(self._index_key, f"{field}\0{value}".encode(), "sha256")[:16]

    def chained(self, what: str, data: bytes) -> bytes:
        """What proves that `data` was written with this key, and is as it was; 32 bytes. It does
        not change when keys rotate."""
        return hmac.digest(self._chain_key, what.encode() + b"\0" + data, "sha256")


def hashed(token: str) -> bytes:
    """How a random link or session token is kept: only its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def _bound(field: str, row: int) -> bytes:
    return f"{field}/{row}".encode()


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"relais/" + use).derive(secret)


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
