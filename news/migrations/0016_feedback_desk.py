"""The feedback desk: deadlines, threads, files, forwards, merging, ratings, what is printed under the article."""

import datetime

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

import news.models.feedback
from news.text.workdays import add_working_days, kept_calendar

DAYS = {"claim": 2, "opinion": 10, "question": 10, "error": 2, "tip": 5}
LAST = datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC)
ANSWERS = [
    {
        "name": "Đã sửa chỗ sai",
        "body": (
            "Chào anh/chị,\n\nTòa soạn cảm ơn anh/chị đã báo. Chỗ sai trong bài đã được kiểm tra và sửa.\n\n"
            "Mong tiếp tục nhận được ý kiến của anh/chị."
        ),
        "order": 1,
    },
    {
        "name": "Đang xác minh",
        "body": (
            "Chào anh/chị,\n\nTòa soạn đã nhận được thư và đang xác minh. Khi có kết quả, tòa soạn sẽ trả lời anh/chị"
            " theo địa chỉ này.\n\nCảm ơn anh/chị đã tin cậy."
        ),
        "order": 2,
    },
    {
        "name": "Đã chuyển cơ quan có trách nhiệm",
        "body": (
            "Chào anh/chị,\n\nNội dung anh/chị nêu thuộc trách nhiệm của [cơ quan]. Tòa soạn đã chuyển thư tới cơ quan"
            " này và sẽ theo dõi việc trả lời.\n\nCảm ơn anh/chị."
        ),
        "order": 3,
    },
]


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    term = apps.get_model("news", "FeedbackTerm")
    for kind, days in DAYS.items():
        term.objects.get_or_create(kind=kind, defaults={"working_days": days})
    template = apps.get_model("news", "ReplyTemplate")
    for row in ANSWERS:
        template.objects.get_or_create(name=row["name"], defaults=row)
    calendar = kept_calendar()

    def ends(since: datetime.datetime, kind: str) -> datetime.datetime:
        day = add_working_days(timezone.localtime(since).date(), DAYS[kind], calendar)
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time(17, 0)))

    note = apps.get_model("news", "FeedbackNote")
    for row in apps.get_model("news", "Feedback").objects.order_by("pk").iterator(chunk_size=500):
        if row.internal_note.strip():
            note.objects.create(
                feedback=row, body=row.internal_note, written_by_id=row.owner_id, written_at=row.received_at
            )
        row.waits_since, row.claim_by = row.received_at, ends(row.received_at, "claim")
        row.due_by_hand = row.due_at is not None
        row.due_at = row.due_at or ends(row.received_at, row.kind)
        row.queue_at = row.due_at if row.status in {"new", "open"} else LAST + (LAST - row.received_at)
        # What was late before there was a clock is told to nobody.
        row.reminded_at = row.alarmed_at = row.unclaimed_told_at = timezone.now()
        row.save()
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def give_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The notes of a letter as the one text they were; who wrote which, and when, is lost."""
    for note in apps.get_model("news", "FeedbackNote").objects.select_related("feedback").order_by("pk").iterator():
        letter = apps.get_model("news", "Feedback").objects.get(pk=note.feedback_id)
        letter.internal_note = f"{letter.internal_note}\n\n{note.body}".strip()
        letter.save(update_fields=["internal_note"])


class Migration(migrations.Migration):
    dependencies = [
        ("news", "0015_consent_wordings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="ngày")),
                ("name", models.CharField(max_length=120, verbose_name="tên")),
                (
                    "kind",
                    models.CharField(
                        choices=[("off", "Nghỉ"), ("work", "Làm việc (làm bù)")],
                        default="off",
                        max_length=4,
                        verbose_name="là ngày",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        blank=True, help_text="Số văn bản, thông báo.", max_length=200, verbose_name="căn cứ"
                    ),
                ),
            ],
            options={
                "verbose_name": "ngày nghỉ, ngày làm bù",
                "verbose_name_plural": "lịch làm việc",
            },
        ),
        migrations.CreateModel(
            name="Exchange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.TextField(max_length=5000, verbose_name="câu hỏi")),
                ("answer", models.TextField(max_length=10000, verbose_name="trả lời")),
                ("published_at", models.DateTimeField(editable=False, verbose_name="đăng lúc")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="gỡ lúc")),
            ],
            options={
                "verbose_name": "hỏi và đáp đã đăng",
                "verbose_name_plural": "hỏi và đáp đã đăng",
            },
        ),
        migrations.CreateModel(
            name="FeedbackAddition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body", models.TextField(max_length=5000, verbose_name="lời viết thêm")),
                ("added_at", models.DateTimeField(editable=False, verbose_name="viết lúc")),
            ],
            options={
                "verbose_name": "lời viết thêm",
                "verbose_name_plural": "lời viết thêm",
            },
        ),
        migrations.CreateModel(
            name="FeedbackFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file_name", models.CharField(editable=False, max_length=120, verbose_name="tệp")),
                ("content_type", models.CharField(editable=False, max_length=60, verbose_name="kiểu")),
                ("byte_count", models.PositiveIntegerField(editable=False, verbose_name="dung lượng")),
                ("content_sha256", models.CharField(editable=False, max_length=64, verbose_name="mã băm")),
                ("received_at", models.DateTimeField(editable=False, verbose_name="nhận lúc")),
            ],
            options={
                "verbose_name": "tệp gửi kèm phản hồi",
                "verbose_name_plural": "tệp gửi kèm phản hồi",
            },
        ),
        migrations.CreateModel(
            name="FeedbackForward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipient", models.CharField(max_length=254, verbose_name="nơi nhận")),
                ("words", models.TextField(blank=True, max_length=5000, verbose_name="lời nhắn")),
                ("with_sender", models.BooleanField(default=False, verbose_name="kèm thông tin người gửi")),
                ("forwarded_at", models.DateTimeField(editable=False, verbose_name="chuyển lúc")),
            ],
            options={
                "verbose_name": "lần chuyển phản hồi",
                "verbose_name_plural": "lần chuyển phản hồi",
            },
        ),
        migrations.CreateModel(
            name="FeedbackNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body", models.TextField(max_length=5000, verbose_name="ghi chú")),
                ("written_at", models.DateTimeField(editable=False, verbose_name="ghi lúc")),
            ],
            options={
                "verbose_name": "ghi chú nội bộ",
                "verbose_name_plural": "ghi chú nội bộ",
            },
        ),
        migrations.CreateModel(
            name="FeedbackTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("claim", "Tiếp nhận mọi loại thư"),
                            ("opinion", "Trả lời: góp ý"),
                            ("question", "Trả lời: hỏi"),
                            ("error", "Trả lời: báo lỗi, sai sót"),
                            ("tip", "Trả lời: tin báo"),
                        ],
                        editable=False,
                        max_length=8,
                        unique=True,
                        verbose_name="việc",
                    ),
                ),
                (
                    "working_days",
                    models.PositiveSmallIntegerField(
                        help_text="Từ 1 đến 60; tính từ ngày hôm sau, không tính ngày nghỉ.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="số ngày làm việc",
                    ),
                ),
                (
                    "ends_at",
                    models.TimeField(
                        default=datetime.time(17, 0), help_text="Giờ hết giờ làm việc.", verbose_name="hết hạn lúc"
                    ),
                ),
            ],
            options={
                "verbose_name": "thời hạn xử lý phản hồi",
                "verbose_name_plural": "thời hạn xử lý phản hồi",
            },
        ),
        migrations.CreateModel(
            name="ReplyTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="tên")),
                ("body", models.TextField(max_length=5000, verbose_name="lời đáp")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="thứ tự")),
                ("is_offered", models.BooleanField(default=True, verbose_name="đang dùng")),
            ],
            options={
                "verbose_name": "lời đáp mẫu",
                "verbose_name_plural": "lời đáp mẫu",
            },
        ),
        migrations.AlterModelOptions(
            name="feedback",
            options={
                "permissions": [("report_feedback", "Xem báo cáo phản hồi")],
                "verbose_name": "phản hồi",
                "verbose_name_plural": "phản hồi của bạn đọc",
            },
        ),
        migrations.RemoveConstraint(
            model_name="feedback",
            name="feedback_status_known",
        ),
        migrations.AddField(
            model_name="feedback",
            name="account",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="alarmed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="báo quá hạn lúc"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="claim_by",
            field=models.DateTimeField(editable=False, null=True, verbose_name="hạn tiếp nhận"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="due_by_hand",
            field=models.BooleanField(default=False, editable=False, verbose_name="hạn do tòa soạn đặt"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="merged_into",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="news.feedback",
                verbose_name="gộp vào",
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="passage",
            field=models.CharField(blank=True, editable=False, max_length=600, verbose_name="đoạn được báo lỗi"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="passage_after",
            field=models.CharField(blank=True, editable=False, max_length=120, verbose_name="ngay sau đoạn"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="passage_before",
            field=models.CharField(blank=True, editable=False, max_length=120, verbose_name="ngay trước đoạn"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="passage_key",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="feedback",
            name="queue_at",
            field=models.DateTimeField(
                default=news.models.feedback.behind_the_queue, editable=False, verbose_name="thứ tự chờ"
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="rated_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="chấm lúc"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="rating",
            field=models.PositiveSmallIntegerField(
                editable=False,
                null=True,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)],
                verbose_name="điểm",
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="rating_words",
            field=models.TextField(blank=True, editable=False, max_length=1000, verbose_name="nhận xét"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="reminded_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="nhắc lúc"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="unclaimed_told_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="nhắc tiếp nhận lúc"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="waits_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="chờ từ lúc"),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="status",
            field=models.CharField(
                choices=[
                    ("new", "Mới nhận"),
                    ("open", "Đang xử lý"),
                    ("answered", "Đã trả lời"),
                    ("closed", "Kết thúc"),
                    ("spam", "Thư rác"),
                    ("merged", "Đã gộp"),
                ],
                default="new",
                max_length=8,
                verbose_name="tình trạng",
            ),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["queue_at", "id"], name="feedback_queue"),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["received_at"], name="feedback_by_reception"),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(fields=["account", "-id"], name="feedback_of_account"),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(
                condition=models.Q(("passage_key", ""), _negated=True),
                fields=["article", "passage_key"],
                name="feedback_by_passage",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["new", "open", "answered", "closed", "spam", "merged"])),
                name="feedback_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating", None), ("rating__range", (1, 5)), _connector="OR"),
                name="feedback_rating_1_to_5",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("status", "merged")),
                    models.Q(models.Q(("status", "merged"), _negated=True), ("merged_into__isnull", True)),
                    _connector="OR",
                ),
                name="feedback_merged_has_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["off", "work"])), name="calendar_day_kind_known"
            ),
        ),
        migrations.AddField(
            model_name="exchange",
            name="article",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exchanges",
                to="news.article",
                verbose_name="bài viết",
            ),
        ),
        migrations.AddField(
            model_name="exchange",
            name="feedback",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exchange",
                to="news.feedback",
                verbose_name="phản hồi",
            ),
        ),
        migrations.AddField(
            model_name="exchange",
            name="published_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người đăng",
            ),
        ),
        migrations.AddField(
            model_name="feedbackaddition",
            name="feedback",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="additions",
                to="news.feedback",
                verbose_name="phản hồi",
            ),
        ),
        migrations.AddField(
            model_name="feedbackfile",
            name="feedback",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="files",
                to="news.feedback",
                verbose_name="phản hồi",
            ),
        ),
        migrations.AddField(
            model_name="feedbackforward",
            name="feedback",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="forwards",
                to="news.feedback",
                verbose_name="phản hồi",
            ),
        ),
        migrations.AddField(
            model_name="feedbackforward",
            name="forwarded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người chuyển",
            ),
        ),
        migrations.AddField(
            model_name="feedbacknote",
            name="feedback",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notes",
                to="news.feedback",
                verbose_name="phản hồi",
            ),
        ),
        migrations.AddField(
            model_name="feedbacknote",
            name="written_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người ghi",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbackterm",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["claim", "opinion", "question", "error", "tip"])),
                name="feedback_term_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbackterm",
            constraint=models.CheckConstraint(
                condition=models.Q(("working_days__range", (1, 60))), name="feedback_term_1_to_60"
            ),
        ),
        migrations.AddIndex(
            model_name="exchange",
            index=models.Index(
                condition=models.Q(("withdrawn_at", None)), fields=["article", "-id"], name="exchange_of_article"
            ),
        ),
        migrations.AddIndex(
            model_name="feedbackaddition",
            index=models.Index(fields=["feedback", "id"], name="feedback_addition_in_order"),
        ),
        migrations.AddIndex(
            model_name="feedbackfile",
            index=models.Index(fields=["feedback", "id"], name="feedback_file_in_order"),
        ),
        migrations.AddIndex(
            model_name="feedbackforward",
            index=models.Index(fields=["feedback", "id"], name="feedback_forward_in_order"),
        ),
        migrations.AddIndex(
            model_name="feedbacknote",
            index=models.Index(fields=["feedback", "id"], name="feedback_note_in_order"),
        ),
        # Last, and checked at once: PostgreSQL changes no table whose new rows still wait for a foreign key's check.
        migrations.RunPython(fill, give_back),
        migrations.RemoveField(
            model_name="feedback",
            name="internal_note",
        ),
    ]
