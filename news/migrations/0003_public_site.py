"""What the public site adds: places of the front page, answers to letters, stopped addresses, titles as set in type."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def restore_triggers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # SQLite adds a column with a default by rebuilding the table, which drops its triggers.
    if schema_editor.connection.vendor == "sqlite":
        import_module("news.migrations.0002_edition_one_visible").install(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("news", "0002_edition_one_visible"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedbackAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body", models.TextField(max_length=10000, verbose_name="lời đáp")),
                ("answered_at", models.DateTimeField(editable=False, verbose_name="trả lời lúc")),
            ],
            options={
                "verbose_name": "lời đáp",
                "verbose_name_plural": "lời đáp",
            },
        ),
        migrations.CreateModel(
            name="FrontPlace",
            fields=[
                ("number", models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name="vị trí")),
                (
                    "until",
                    models.DateTimeField(
                        blank=True, help_text="Bỏ trống: đến khi có người thay.", null=True, verbose_name="giữ đến"
                    ),
                ),
                ("placed_at", models.DateTimeField(verbose_name="xếp lúc")),
            ],
            options={
                "verbose_name": "vị trí trang nhất",
                "verbose_name_plural": "trang nhất",
            },
        ),
        migrations.CreateModel(
            name="MailStop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address_digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("stopped_at", models.DateTimeField(editable=False, verbose_name="từ lúc")),
            ],
            options={
                "verbose_name": "địa chỉ không nhận thư",
                "verbose_name_plural": "địa chỉ không nhận thư",
            },
        ),
        migrations.AddField(
            model_name="edition",
            name="title_set",
            field=models.CharField(
                blank=True,
                help_text="Tiêu đề với dấu cách không ngắt trong tên riêng và từ ghép; suy từ tiêu đề.",
                max_length=250,
                verbose_name="tiêu đề đã dàn chữ",
            ),
        ),
        migrations.AddField(
            model_name="editiondelegation",
            name="from_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="editiondelegation",
            name="search_key",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="editiondelegation",
            name="to_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="formats",
            field=models.CharField(
                default="webp,jpg", editable=False, max_length=40, verbose_name="định dạng các bản thu nhỏ"
            ),
        ),
        migrations.AddIndex(
            model_name="editiondelegation",
            index=models.Index(fields=["from_on", "to_on"], name="edition_delegation_days"),
        ),
        migrations.AddField(
            model_name="feedbackanswer",
            name="answered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người trả lời",
            ),
        ),
        migrations.AddField(
            model_name="feedbackanswer",
            name="feedback",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="answers",
                to="news.feedback",
                verbose_name="phản hồi",
            ),
        ),
        migrations.AddField(
            model_name="frontplace",
            name="article",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="front_place",
                to="news.article",
                verbose_name="bài viết",
            ),
        ),
        migrations.AddField(
            model_name="frontplace",
            name="placed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người xếp",
            ),
        ),
        migrations.AddIndex(
            model_name="feedbackanswer",
            index=models.Index(fields=["feedback", "id"], name="feedback_answer_in_order"),
        ),
        migrations.AddConstraint(
            model_name="feedbackanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("body", ""), _negated=True), name="feedback_answer_not_blank"
            ),
        ),
        migrations.AddConstraint(
            model_name="frontplace",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1), ("number__lte", 4)), name="front_place_known"
            ),
        ),
        migrations.RunPython(restore_triggers, migrations.RunPython.noop),
    ]
