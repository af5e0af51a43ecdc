"""A sealed file of any length, written and read in pieces: what a backup travels in.

The file is a first line that says what it is, a line of facts in clear (no word about anybody), and
pieces. Each piece is its length (4 bytes) and AES-GCM of compressed bytes under a key made for this
file alone: from a secret of RELAIS_KEY, and a salt in the facts. A piece is bound to its place, to
the facts, and to whether it is the last one; so a file that is cut, altered, or put together from
two does not open. (The construction is STREAM: Hoang, Reyhanitabar, Rogaway, Vizár, 2015.)
"""

import os
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.errors import Unusable
from records.vault import Vault

MAGIC = b"relais-backup 1\n"
PIECE = 1 << 18  # bytes, before sealing
_LONGEST_FACTS = 1 << 16
_TAG = 16


class Writer:
    """Seals what it is given, piece by piece, into `out`; `close` ends the file."""

    def __init__(self, out: BinaryIO, vault: Vault, facts: dict[str, Any]) -> None:
        salt = os.urandom(16)
        [key_id, *_others] = vault.key_ids
        line = orjson.dumps(facts | {"key": key_id, "salt": salt.hex()}) + b"\n"
        self._out, self._head = out, MAGIC + line
        self._sealer = AESGCM(vault.derived(key_id, "backup", salt))
        self._packer, self._held, self._number = zlib.compressobj(1), bytearray(), 0
        out.write(self._head)

    def write(self, data: bytes) -> None:
        self._held += self._packer.compress(data)
        while len(self._held) > PIECE:  # one piece is always kept back: it may be the last
            self._seal(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]

    def close(self) -> None:
        self._held += self._packer.flush()
        while len(self._held) > PIECE:
            self._seal(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        self._seal(bytes(self._held), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        sealed = self._sealer.encrypt(_nonce(self._number, last), piece, self._head)
        self._out.write(len(sealed).to_bytes(4) + sealed)
        self._number += 1


def facts_of(source: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """What a file says of itself, with the bytes that said it; its pieces begin behind them.

    Raises `Unusable` with backup_not_one or backup_altered.
    """
    if source.readline(len(MAGIC)) != MAGIC:
        raise Unusable("backup_not_one")
    line = source.readline(_LONGEST_FACTS)
    try:
        facts = orjson.loads(line)
        bytes.fromhex(facts["key"]), bytes.fromhex(facts["salt"])
    except (ValueError, TypeError, KeyError):
        raise Unusable("backup_altered") from None
    return facts, MAGIC + line


def opened(source: BinaryIO, vault: Vault) -> Iterator[bytes]:
    """The content, in order. Nothing that was read may be believed before the end is reached.

    Raises `Unusable` with backup_key_wrong, backup_cut or backup_altered.
    """
    facts, head = facts_of(source)
    try:
        key = vault.derived(facts["key"], "backup", bytes.fromhex(facts["salt"]))
    except Unusable:
        raise Unusable("backup_key_wrong") from None
    unpacker = zlib.decompressobj()
    for piece in _pieces(source, AESGCM(key), head):
        yield unpacker.decompress(piece)
    yield unpacker.flush()


def lines(content: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of a content that comes in any pieces."""
    rest = b""
    for data in content:
        *whole, rest = (rest + data).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _pieces(source: BinaryIO, sealer: AESGCM, head: bytes) -> Iterator[bytes]:
    number, last = 0, False
    while not last:
        sealed = _next(source)
        try:
            piece = sealer.decrypt(_nonce(number, last=False), sealed, head)
        except InvalidTag:
            try:
                piece, last = sealer.decrypt(_nonce(number, last=True), sealed, head), True
            except InvalidTag:
                raise Unusable("backup_altered") from None
        yield piece
        number += 1
    if source.read(1):
        raise Unusable("backup_altered")


def _next(source: BinaryIO) -> bytes:
    length = source.read(4)
    if len(length) < 4:
        raise Unusable("backup_cut")
    wanted = int.from_bytes(length)
    if not _TAG <= wanted <= PIECE + _TAG:
        raise Unusable("backup_altered")
    sealed = source.read(wanted)
    if len(sealed) < wanted:
        raise Unusable("backup_cut")
    return sealed


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])
