"""The places at the top of the front page that the newsroom fills by hand."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from news.models.article import Article

FRONT_PLACES = 4
"""The lead and the three featured articles under it."""


class FrontPlace(models.Model):
    """An article put into a place: 1 is the lead. A place without a live article is filled by what is newest."""

    number = models.PositiveSmallIntegerField("vị trí", primary_key=True)
    article = models.OneToOneField(
        Article, verbose_name="bài viết", on_delete=models.CASCADE, related_name="front_place"
    )
    until = models.DateTimeField("giữ đến", null=True, blank=True, help_text="Bỏ trống: đến khi có người thay.")
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người xếp", on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField("xếp lúc")

    class Meta:
        verbose_name = "vị trí trang nhất"
        verbose_name_plural = "trang nhất"
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=FRONT_PLACES), name="front_place_known")
        ]

    def __str__(self) -> str:
        return f"Vị trí {self.number}"
