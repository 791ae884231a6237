"""Indexing: the index rows of editions, made again from the sealed payloads."""

import json

from django.db import transaction

from news.models import Edition
from news.services import sealing
from news.text.segment import set_title

BATCH = 200


def rebuild(*, section_id: int | None = None) -> int:
    """Write the index rows and repeated columns of editions anew, a batch a transaction. Returns how many editions.

    `section_id`: only of the editions that belong to that section.
    """
    parents = sealing.section_parents()
    which = Edition.objects.all() if section_id is None else Edition.objects.filter(section_id=section_id)
    last, count = 0, 0
    while True:
        with transaction.atomic():
            editions = list(which.select_for_update().filter(pk__gt=last).order_by("pk")[:BATCH])
            if not editions:
                return count
            for table in sealing.INDEXES:
                table._default_manager.filter(edition__in=editions).delete()
            rows = []
            for edition in editions:
                if not edition.payload:
                    continue
                payload = json.loads(edition.payload)
                columns = sealing.projection(payload) | {"title_set": set_title(payload["content"]["title"])}
                for field, value in columns.items():
                    setattr(edition, field, value)
                edition.save(update_fields=list(columns))
                rows += sealing.index_rows(edition, payload["content"], parents)
            sealing.write_index(rows)
        last = editions[-1].pk
        count += len(editions)
