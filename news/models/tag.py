"""Tags and running topics: one model with a kind."""

from django.db import models
from django.db.models import F, Q


class TagKind(models.TextChoices):
    """What the word groups."""

    TAG = "tag", "Từ khóa"
    TOPIC = "topic", "Dòng sự kiện"


class Tag(models.Model):
    """A word or a running topic under which articles are found."""

    name = models.CharField("tên", max_length=120)
    slug = models.SlugField("địa chỉ", max_length=120, unique=True)
    name_key = models.CharField("khóa so sánh", max_length=160, editable=False, db_index=True)
    kind = models.CharField("loại", max_length=8, choices=TagKind, default=TagKind.TAG)
    description = models.CharField("mô tả", max_length=300, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="đã gộp vào",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_from",
    )

    class Meta:
        verbose_name = "từ khóa, dòng sự kiện"
        verbose_name_plural = "từ khóa, dòng sự kiện"
        constraints = [
            models.CheckConstraint(condition=~Q(slug=""), name="tag_slug_not_blank"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="tag_not_merged_into_itself"),
            models.CheckConstraint(condition=Q(kind__in=TagKind.values), name="tag_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name
