"""Secrets and seals: readers' details encrypted with a key ring, digests for look-up, canonical JSON, signatures."""

import base64
import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from news.text.normalize import nfc


class Undecryptable(Exception):
    """None of the keys in the ring opens this text."""


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(details: dict[str, str]) -> str:
    """`details` as text that only the key ring (READER_KEYS, newest first) opens."""
    return _ring(tuple(settings.READER_KEYS)).encrypt(canonical(details).encode()).decode()


def decrypt(token: str) -> dict[str, str]:
    """What `encrypt` was given. Raises `Undecryptable`."""
    try:
        opened: dict[str, str] = json.loads(_ring(tuple(settings.READER_KEYS)).decrypt(token.encode()))
    except InvalidToken as error:
        raise Undecryptable from error
    return opened


def reencrypt(token: str) -> str:
    """The same details under the newest key of the ring. Raises `Undecryptable`."""
    try:
        return _ring(tuple(settings.READER_KEYS)).rotate(token.encode()).decode()
    except InvalidToken as error:
        raise Undecryptable from error


def digest(value: str) -> str:
    """A keyed digest (HMAC-SHA256, hex) by which an address or number is found again; "" for an empty value."""
    value = nfc(value).strip().casefold()
    if not value:
        return ""
    return hmac.new(settings.READER_LOOKUP_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()


def canonical(value: Any) -> str:
    """JSON text that is the same for equal values: keys sorted, no spaces, characters as they are."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sha256(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=4)
def _signer(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(key))


def sign(text: str) -> str:
    """An Ed25519 signature of the text with LEDGER_KEY, 128 hex digits."""
    return _signer(settings.LEDGER_KEY).sign(text.encode()).hex()


def is_signed(text: str, signature: str) -> bool:
    """Whether `signature` is LEDGER_KEY's own of that text."""
    try:
        _signer(settings.LEDGER_KEY).public_key().verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
