"""Privacy: what is done with readers' details as a whole."""

from django.db import transaction
from django.db.models import Model

from news import crypto
from news.models import Outbox, ReaderContact
from news.services import second_factors

BATCH = 200


def rotate_keys() -> int:
    """Encrypt readers' details, mail that waits and second factors' secrets with the newest key. Returns how many.

    Afterwards older keys may go. Raises `crypto.Undecryptable` when the ring lacks a key that is still in use: what was
    done until then stays.
    """
    return _rotate(ReaderContact, "details") + _rotate(Outbox, "recipient", "message") + second_factors.rotate_keys()


def _rotate(model: type[Model], *columns: str) -> int:
    """The columns of every row that has something in them."""
    last, count = 0, 0
    while True:
        with transaction.atomic():
            filled = model._default_manager.filter(pk__gt=last).exclude(**dict.fromkeys(columns, ""))
            rows = list(filled.select_for_update().only(*columns).order_by("pk")[:BATCH])
            if not rows:
                return count
            for row in rows:
                for column in columns:
                    setattr(row, column, crypto.reencrypt(getattr(row, column)))
            model._default_manager.bulk_update(rows, columns)
        last = rows[-1].pk
        count += len(rows)
