"""Who signs: authors and pen names, and their part in an article."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Author(models.Model):
    """A name that may stand under an article: a person's own, a pen name, or a shared one such as "PV"."""

    name = models.CharField("tên ký", max_length=120)
    name_key = models.CharField("khóa so sánh", max_length=160, editable=False, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người dùng",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="authors",
        help_text="Ai đứng sau tên ký này. Người có tên trong bài không được tự duyệt xuất bản bài đó.",
    )
    is_pen_name = models.BooleanField("bút danh", default=False)
    about = models.CharField("giới thiệu", max_length=500, blank=True)

    class Meta:
        verbose_name = "tác giả, bút danh"
        verbose_name_plural = "tác giả, bút danh"
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="author_name_not_blank")]

    def __str__(self) -> str:
        return self.name


class ContributionKind(models.TextChoices):
    """What somebody did for an article."""

    TEXT = "text", "Viết"
    PHOTO = "photo", "Ảnh"
    EDITING = "editing", "Biên tập"


class Contribution(models.Model):
    """An author's part in an article: the byline, in order."""

    article = models.ForeignKey("news.Article", on_delete=models.CASCADE, related_name="contributions")
    author = models.ForeignKey(Author, verbose_name="tên ký", on_delete=models.PROTECT, related_name="contributions")
    kind = models.CharField("phần việc", max_length=8, choices=ContributionKind, default=ContributionKind.TEXT)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)

    class Meta:
        verbose_name = "người thực hiện"
        verbose_name_plural = "người thực hiện (tên ký)"
        constraints = [
            models.UniqueConstraint(
                fields=["article", "author", "kind"],
                name="contribution_once",
                violation_error_message="Tên này đã có trong bài với cùng phần việc.",
            ),
            models.CheckConstraint(condition=Q(kind__in=ContributionKind.values), name="contribution_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.author} ({self.get_kind_display()})"
