"""Letters from readers; who wrote them is kept apart (`models/contact.py`)."""

from django.conf import settings
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


class Feedback(models.Model):
    """A letter ("phản hồi"), about an article or in general."""

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
    received_at = models.DateTimeField("nhận lúc", editable=False)
    due_at = models.DateTimeField("hạn trả lời", null=True, blank=True)
    answered_at = models.DateTimeField("trả lời lúc", null=True, blank=True, editable=False)
    internal_note = models.TextField("ghi chú nội bộ", max_length=5000, blank=True)

    class Meta:
        verbose_name = "phản hồi"
        verbose_name_plural = "phản hồi của bạn đọc"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FeedbackStatus.values), name="feedback_status_known"),
            models.CheckConstraint(condition=Q(kind__in=FeedbackKind.values), name="feedback_kind_known"),
        ]
        indexes = [models.Index(fields=["status", "-id"], name="feedback_by_status")]

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
