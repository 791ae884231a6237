"""Fill what 0003 added from the sealed payloads: the days and words of delegations, titles as set in type."""

import json
from datetime import date

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from news.text.normalize import fold
from news.text.segment import set_title


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Edition = apps.get_model("news", "Edition")
    for pk, title in Edition.objects.filter(title_set="").values_list("pk", "title").iterator(chunk_size=500):
        Edition.objects.filter(pk=pk).update(title_set=set_title(title))
    rows = apps.get_model("news", "EditionDelegation").objects.select_related("edition")
    for row in rows.iterator(chunk_size=200):
        content = json.loads(row.edition.payload or "{}").get("content", {})
        for item in content.get("delegations", ()):
            if item["id"] == row.delegation_id:
                row.from_on, row.to_on = (
                    date.fromisoformat(item[k]) if item[k] else None for k in ("from_on", "to_on")
                )
                sides = [side["name"] for side in (item["visiting"], item["host"]) if side]
                people = [line["name"] for line in item["attendees"] if line["name"]]
                row.to_on = row.to_on or row.from_on
                row.search_key = fold(" ".join([item["name"], *sides, *item["places"], *people]))
                row.save(update_fields=["from_on", "to_on", "search_key"])


class Migration(migrations.Migration):
    dependencies = [("news", "0003_public_site")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
