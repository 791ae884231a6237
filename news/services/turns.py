"""Turns: inside a transaction, one at a time for whatever bears the same name, where no row is there to lock yet."""

import hashlib

from django.db import connection
from django.db.transaction import TransactionManagementError


def take(name: str) -> None:
    """Wait until no other transaction has the turn of that name; it ends with this transaction. One query at most.

    On SQLite whoever began a transaction has the one write lock already (`transaction_mode` in `config/settings.py`).
    Raises `TransactionManagementError` outside of a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A turn is taken inside a transaction.")
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
