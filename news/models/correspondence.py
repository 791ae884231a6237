"""What gathers around a letter: notes, what its sender adds, files, forwards, the question and answer made public."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from news.models.article import Article
from news.models.feedback import Feedback


class FeedbackNote(models.Model):
    """What the desk notes among itself about a letter; never shown to readers, never edited."""

    feedback = models.ForeignKey(Feedback, verbose_name="phản hồi", on_delete=models.CASCADE, related_name="notes")
    body = models.TextField("ghi chú", max_length=5000)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người ghi", null=True, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField("ghi lúc", editable=False)

    class Meta:
        verbose_name = "ghi chú nội bộ"
        verbose_name_plural = "ghi chú nội bộ"
        indexes = [models.Index(fields=["feedback", "id"], name="feedback_note_in_order")]

    def __str__(self) -> str:
        return f"Ghi chú số {self.pk}"


class FeedbackAddition(models.Model):
    """What a sender wrote to their letter later on."""

    feedback = models.ForeignKey(Feedback, verbose_name="phản hồi", on_delete=models.CASCADE, related_name="additions")
    body = models.TextField("lời viết thêm", max_length=5000)
    added_at = models.DateTimeField("viết lúc", editable=False)

    class Meta:
        verbose_name = "lời viết thêm"
        verbose_name_plural = "lời viết thêm"
        indexes = [models.Index(fields=["feedback", "id"], name="feedback_addition_in_order")]

    def __str__(self) -> str:
        return f"Lời viết thêm số {self.pk}"


class FeedbackFile(models.Model):
    """A picture or PDF that came with a letter: checked, stripped, private. Its sender's name for it is not kept."""

    feedback = models.ForeignKey(Feedback, verbose_name="phản hồi", on_delete=models.CASCADE, related_name="files")
    file_name = models.CharField("tệp", max_length=120, editable=False)
    content_type = models.CharField("kiểu", max_length=60, editable=False)
    byte_count = models.PositiveIntegerField("dung lượng", editable=False)
    content_sha256 = models.CharField("mã băm", max_length=64, editable=False)
    received_at = models.DateTimeField("nhận lúc", editable=False)

    class Meta:
        verbose_name = "tệp gửi kèm phản hồi"
        verbose_name_plural = "tệp gửi kèm phản hồi"
        indexes = [models.Index(fields=["feedback", "id"], name="feedback_file_in_order")]

    def __str__(self) -> str:
        return f"Tệp số {self.pk}"


class FeedbackForward(models.Model):
    """That a letter was passed on by mail, to whom, by whom, and whether its sender's details went along."""

    feedback = models.ForeignKey(Feedback, verbose_name="phản hồi", on_delete=models.CASCADE, related_name="forwards")
    recipient = models.CharField("nơi nhận", max_length=254)
    words = models.TextField("lời nhắn", max_length=5000, blank=True)
    with_sender = models.BooleanField("kèm thông tin người gửi", default=False)
    forwarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người chuyển", on_delete=models.PROTECT, related_name="+"
    )
    forwarded_at = models.DateTimeField("chuyển lúc", editable=False)

    class Meta:
        verbose_name = "lần chuyển phản hồi"
        verbose_name_plural = "lần chuyển phản hồi"
        indexes = [models.Index(fields=["feedback", "id"], name="feedback_forward_in_order")]

    def __str__(self) -> str:
        return f"Lần chuyển số {self.pk}"


class Exchange(models.Model):
    """A question and its answer as readers see them under the article; nothing in it tells who asked."""

    feedback = models.OneToOneField(
        Feedback, verbose_name="phản hồi", on_delete=models.CASCADE, related_name="exchange"
    )
    article = models.ForeignKey(Article, verbose_name="bài viết", on_delete=models.PROTECT, related_name="exchanges")
    question = models.TextField("câu hỏi", max_length=5000)
    answer = models.TextField("trả lời", max_length=10_000)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người đăng", on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField("đăng lúc", editable=False)
    withdrawn_at = models.DateTimeField("gỡ lúc", null=True, editable=False)

    class Meta:
        verbose_name = "hỏi và đáp đã đăng"
        verbose_name_plural = "hỏi và đáp đã đăng"
        indexes = [
            models.Index(fields=["article", "-id"], name="exchange_of_article", condition=Q(withdrawn_at=None)),
        ]

    def __str__(self) -> str:
        return f"Hỏi và đáp số {self.pk}"


class ReplyTemplate(models.Model):
    """A ready-made answer, to begin from."""

    name = models.CharField("tên", max_length=100, unique=True)
    body = models.TextField("lời đáp", max_length=5000)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    is_offered = models.BooleanField("đang dùng", default=True)

    class Meta:
        verbose_name = "lời đáp mẫu"
        verbose_name_plural = "lời đáp mẫu"

    def __str__(self) -> str:
        return self.name
