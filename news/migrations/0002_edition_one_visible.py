"""No two editions of an article are visible at one time: said in the database, on PostgreSQL and on SQLite.

PostgreSQL: an exclusion constraint; ranges over the article's number need no extension. SQLite has no such constraint, so
two triggers refuse the row; transactions there begin IMMEDIATE, so no second writer can slip between. Rebuilding the table
(as SQLite does for some schema changes) drops triggers: a later migration that alters `news_edition` must run this again, and
the system check `news.E001` says so if it was forgotten.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CONSTRAINT = "edition_one_visible_at_a_time"
OVERLAP = """
    NEW.visible_from < NEW.visible_until AND EXISTS (
        SELECT 1 FROM news_edition AS other
        WHERE other.article_id = NEW.article_id AND other.id <> NEW.id
          AND other.visible_from < other.visible_until
          AND other.visible_from < NEW.visible_until AND NEW.visible_from < other.visible_until
    )
"""


def install(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"""
            ALTER TABLE news_edition ADD CONSTRAINT {CONSTRAINT} EXCLUDE USING gist (
                int8range(article_id, article_id, '[]') WITH &&, tstzrange(visible_from, visible_until) WITH &&
            )
            """
        )
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(
            f"""
            CREATE TRIGGER {CONSTRAINT}_{event.lower()} AFTER {event} ON news_edition
            WHEN {OVERLAP}
            BEGIN SELECT RAISE(ABORT, '{CONSTRAINT}'); END
            """
        )


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE news_edition DROP CONSTRAINT {CONSTRAINT}")
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(f"DROP TRIGGER {CONSTRAINT}_{event.lower()}")


class Migration(migrations.Migration):
    dependencies = [("news", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
