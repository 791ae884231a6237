"""Privacy: what is done with readers' details as a whole."""

from django.db import transaction

from news import crypto
from news.models import ReaderContact

BATCH = 200


def rotate_keys() -> int:
    """Encrypt every reader's details with the newest key of the ring; afterwards older keys may go. Returns how many.

    Raises `crypto.Undecryptable` when the ring lacks a key that is still in use: what was done until then stays.
    """
    last, count = 0, 0
    while True:
        with transaction.atomic():
            rows = list(ReaderContact.objects.select_for_update().filter(pk__gt=last).order_by("pk")[:BATCH])
            if not rows:
                return count
            for row in rows:
                row.details = crypto.reencrypt(row.details)
            ReaderContact.objects.bulk_update(rows, ["details"])
        last = rows[-1].pk
        count += len(rows)
