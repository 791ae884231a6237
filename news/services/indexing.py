"""Indexing: the index rows of editions, made again from the sealed payloads."""

import json

from django.db import transaction

from news.models import Edition
from news.services import sealing
from news.services.publishing import section_parents

BATCH = 200


def rebuild() -> int:
    """Write every edition's index rows and repeated columns anew, a batch a transaction. Returns how many editions."""
    parents = section_parents()
    last, count = 0, 0
    while True:
        with transaction.atomic():
            editions = list(Edition.objects.select_for_update().filter(pk__gt=last).order_by("pk")[:BATCH])
            if not editions:
                return count
            for table in sealing.INDEXES:
                table._default_manager.filter(edition__in=editions).delete()
            rows = []
            for edition in editions:
                if not edition.payload:
                    continue
                payload = json.loads(edition.payload)
                for field, value in sealing.projection(payload).items():
                    setattr(edition, field, value)
                edition.save(update_fields=list(sealing.projection(payload)))
                rows += sealing.index_rows(edition, payload["content"], parents)
            sealing.write_index(rows)
        last = editions[-1].pk
        count += len(editions)
