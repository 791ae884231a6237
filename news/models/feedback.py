"""Letters from readers; who wrote them is kept apart (`models/contact.py`)."""

from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from news.models.article import Article
from news.models.contact import ReaderContact


class FeedbackKind(models.TextChoices):
    """What the letter is about."""

    OPINION = "opinion", "Góp ý"
    QUESTION = "question", "Hỏi"
    ERROR = "error", "Báo lỗi, sai sót"
    TIP = "tip", "Tin báo"


class FeedbackStatus(models.TextChoices):
    """How far the desk is with it."""

    NEW = "new", "Mới nhận"
    OPEN = "open", "Đang xử lý"
    ANSWERED = "answered", "Đã trả lời"
    CLOSED = "closed", "Kết thúc"
    SPAM = "spam", "Thư rác"
    MERGED = "merged", "Đã gộp"


LAST_IN_QUEUE: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""What nobody waits for stands behind this moment in the desk's queue."""


def behind_the_queue() -> datetime:
    """The place of a letter that nobody waits for."""
    return LAST_IN_QUEUE


class Feedback(models.Model):
    """A letter ("phản hồi"), about an article or in general.

    `queue_at` is its place in the desk's list: what waits, by its due date; then the rest, the newest first. Services
    keep it with the state (`services.deadlines.queue_place`).
    """

    code = models.CharField("mã", max_length=32, unique=True, editable=False)
    article = models.ForeignKey(
        Article, verbose_name="bài viết", null=True, blank=True, on_delete=models.PROTECT, related_name="feedback"
    )
    contact = models.ForeignKey(
        ReaderContact, null=True, editable=False, on_delete=models.SET_NULL, related_name="feedback"
    )
    kind = models.CharField("loại", max_length=8, choices=FeedbackKind, default=FeedbackKind.OPINION)
    body = models.TextField("nội dung", max_length=10_000)
    status = models.CharField("tình trạng", max_length=8, choices=FeedbackStatus, default=FeedbackStatus.NEW)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người phụ trách",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    received_at = models.DateTimeField("nhận lúc", editable=False)
    waits_since = models.DateTimeField("chờ từ lúc", null=True, editable=False)
    claim_by = models.DateTimeField("hạn tiếp nhận", null=True, editable=False)
    due_at = models.DateTimeField("hạn trả lời", null=True, blank=True)
    due_by_hand = models.BooleanField("hạn do tòa soạn đặt", default=False, editable=False)
    queue_at = models.DateTimeField("thứ tự chờ", default=behind_the_queue, editable=False)
    answered_at = models.DateTimeField("trả lời lúc", null=True, blank=True, editable=False)
    unclaimed_told_at = models.DateTimeField("nhắc tiếp nhận lúc", null=True, editable=False)
    reminded_at = models.DateTimeField("nhắc lúc", null=True, editable=False)
    alarmed_at = models.DateTimeField("báo quá hạn lúc", null=True, editable=False)
    merged_into = models.ForeignKey(
        "self", verbose_name="gộp vào", null=True, editable=False, on_delete=models.PROTECT, related_name="merged"
    )
    merged_at = models.DateTimeField("gộp lúc", null=True, editable=False)
    passage = models.CharField("đoạn được báo lỗi", max_length=600, blank=True, editable=False)
    passage_before = models.CharField("ngay trước đoạn", max_length=120, blank=True, editable=False)
    passage_after = models.CharField("ngay sau đoạn", max_length=120, blank=True, editable=False)
    passage_key = models.CharField(max_length=40, blank=True, editable=False)
    rating = models.PositiveSmallIntegerField(
        "điểm", null=True, editable=False, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    rating_words = models.TextField("nhận xét", max_length=1000, blank=True, editable=False)
    rated_at = models.DateTimeField("chấm lúc", null=True, editable=False)

    class Meta:
        verbose_name = "phản hồi"
        verbose_name_plural = "phản hồi của bạn đọc"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FeedbackStatus.values), name="feedback_status_known"),
            models.CheckConstraint(condition=Q(kind__in=FeedbackKind.values), name="feedback_kind_known"),
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__range=(1, 5)), name="feedback_rating_1_to_5"),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False, merged_at__isnull=False)
                | (~Q(status="merged") & Q(merged_into__isnull=True, merged_at__isnull=True)),
                name="feedback_merged_has_target",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="feedback_by_status"),
            models.Index(fields=["queue_at", "id"], name="feedback_queue"),
            models.Index(fields=["received_at"], name="feedback_by_reception"),
            models.Index(fields=["account", "-id"], name="feedback_of_account"),
            models.Index(fields=["article", "passage_key"], name="feedback_by_passage", condition=~Q(passage_key="")),
        ]
        permissions = [("report_feedback", "Xem báo cáo phản hồi")]

    def __str__(self) -> str:
        return self.code


class FeedbackAnswer(models.Model):
    """What the desk wrote back to a letter; mailed, and shown to who follows the letter by its code. Never edited."""

    feedback = models.ForeignKey(Feedback, verbose_name="phản hồi", on_delete=models.CASCADE, related_name="answers")
    body = models.TextField("lời đáp", max_length=10_000)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người trả lời", on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField("trả lời lúc", editable=False)

    class Meta:
        verbose_name = "lời đáp"
        verbose_name_plural = "lời đáp"
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="feedback_answer_not_blank")]
        indexes = [models.Index(fields=["feedback", "id"], name="feedback_answer_in_order")]

    def __str__(self) -> str:
        return f"Lời đáp số {self.pk}"
