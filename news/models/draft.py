"""What is being written: forms not saved yet, and who has an article open."""

from django.conf import settings
from django.db import models

from news.models.article import Article


class Draft(models.Model):
    """An article's form as somebody left it, not saved yet: every field as it stood, rows included.

    One row a window: `key` is made by the page, so that two windows of one person never overwrite each other. `state`
    is a JSON list of [name, value] pairs as the form would have sent them; what it holds has passed no validation.
    `sequence` grows with each state of that window, so that a late request never replaces a newer one.
    """

    article = models.ForeignKey(
        Article, verbose_name="bài viết", null=True, on_delete=models.CASCADE, related_name="drafts"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người viết", on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField("cửa sổ", max_length=32)
    title = models.CharField("tiêu đề", max_length=250, blank=True)
    base_version = models.PositiveIntegerField("sửa từ phiên bản", default=0)
    sequence = models.PositiveBigIntegerField("lần giữ", default=0)
    state = models.TextField("nội dung biểu mẫu", max_length=1_500_000)
    started_at = models.DateTimeField("bắt đầu lúc")
    saved_at = models.DateTimeField("giữ lúc")

    class Meta:
        verbose_name = "bản đang gõ"
        verbose_name_plural = "bản đang gõ"
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="draft_once_a_window")]
        indexes = [models.Index(fields=["owner", "-saved_at"], name="draft_of_owner")]

    def __str__(self) -> str:
        return self.title or "Bài chưa có tiêu đề"


class EditLock(models.Model):
    """Who has an article open for editing: a soft lock, kept alive by heartbeats of that window.

    It holds while its last beat is fresh and its session lives; nothing that matters rests on it, since each save
    checks the version.
    """

    article = models.OneToOneField(Article, primary_key=True, on_delete=models.CASCADE, related_name="edit_lock")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người đang sửa", on_delete=models.CASCADE, related_name="+"
    )
    session_key = models.CharField(max_length=40)
    window = models.CharField(max_length=32)
    since = models.DateTimeField("từ lúc")
    beat_at = models.DateTimeField("còn mở lúc")

    class Meta:
        verbose_name = "khóa sửa bài"
        verbose_name_plural = "khóa sửa bài"

    def __str__(self) -> str:
        return f"{self.holder} từ {self.since:%H:%M}"
