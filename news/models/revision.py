"""What happened at the desk: every saved state of a text and every step of its way to print."""

from django.conf import settings
from django.db import models

from news.models.article import Article, State


class Revision(models.Model):
    """A saved state of the desk's copy: who, when, what. Written by every save that changes the content."""

    article = models.ForeignKey(
        Article, verbose_name="bài viết", on_delete=models.CASCADE, related_name="revisions", db_index=False
    )
    number = models.PositiveIntegerField("lần lưu")
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người lưu", null=True, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField("lưu lúc")
    content = models.TextField("nội dung")
    content_sha256 = models.CharField("mã băm", max_length=64)

    class Meta:
        verbose_name = "lần lưu"
        verbose_name_plural = "lịch sử lưu"
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"Lần lưu {self.number}"


class WorkflowStep(models.Model):
    """A step in the workflow, with its reason: the article's story."""

    article = models.ForeignKey(
        Article, verbose_name="bài viết", on_delete=models.CASCADE, related_name="steps", db_index=False
    )
    transition = models.CharField("bước", max_length=16)
    source = models.CharField("từ", max_length=10, choices=State)
    target = models.CharField("đến", max_length=10, choices=State)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="ai", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("lúc")
    reason = models.CharField("lý do", max_length=1000, blank=True)
    content_sha256 = models.CharField("mã băm nội dung lúc đó", max_length=64, blank=True)

    class Meta:
        verbose_name = "bước xử lý"
        verbose_name_plural = "các bước xử lý"
        indexes = [models.Index(fields=["article", "-id"], name="workflow_step_of_article")]

    def __str__(self) -> str:
        return f"{self.transition}: {self.get_source_display()} → {self.get_target_display()}"
