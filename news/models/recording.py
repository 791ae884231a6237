"""Recordings: the newsroom's own video and audio files."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from news.models.image import Image, private_storage


class RecordingKind(models.TextChoices):
    """What is played."""

    VIDEO = "video", "Phim"
    AUDIO = "audio", "Âm thanh"


class Recording(models.Model):
    """One video or audio file. Its bytes never change: another file is another recording."""

    kind = models.CharField("loại", max_length=5, choices=RecordingKind, editable=False)
    title = models.CharField("tên", max_length=200)
    file = models.FileField("tệp", storage=private_storage, max_length=200, editable=False)
    key = models.CharField("khóa công khai", max_length=40, unique=True, editable=False)
    content_type = models.CharField("định dạng", max_length=40, editable=False)
    byte_count = models.PositiveBigIntegerField("dung lượng", editable=False)
    seconds = models.PositiveIntegerField("dài (giây)", default=0, editable=False)
    poster = models.ForeignKey(
        Image,
        verbose_name="ảnh bìa",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="poster_of",
        help_text="Phim cần ảnh bìa: bạn đọc thấy ảnh này trước khi bấm xem.",
    )
    caption = models.CharField("chú thích", max_length=500, blank=True)
    credit = models.CharField("người thực hiện, nguồn", max_length=120, blank=True)
    transcript = models.TextField(
        "lời",
        max_length=100_000,
        blank=True,
        help_text="Lời nói trong phim, trong bản ghi: cho người không nghe được, và để tìm.",
    )
    text_key = models.CharField("khóa tìm kiếm", max_length=1300, editable=False, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người tải lên",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("tải lên lúc", editable=False)

    class Meta:
        verbose_name = "phim, âm thanh"
        verbose_name_plural = "phim, âm thanh"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RecordingKind.values), name="recording_kind_known"),
            models.CheckConstraint(condition=~Q(title=""), name="recording_title_not_blank"),
        ]

    def __str__(self) -> str:
        return self.title
