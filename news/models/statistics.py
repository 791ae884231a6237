"""How often articles are read, by the hour. No reader is in it."""

from django.db import models

from news.models.article import Article


class ViewCount(models.Model):
    """Views of an article in one hour; `hour` is its first moment."""

    article = models.ForeignKey(
        Article, verbose_name="bài viết", on_delete=models.CASCADE, related_name="view_counts", db_index=False
    )
    hour = models.DateTimeField("giờ")
    count = models.PositiveIntegerField("lượt xem", default=0)

    class Meta:
        verbose_name = "lượt xem theo giờ"
        verbose_name_plural = "lượt xem theo giờ"
        constraints = [models.UniqueConstraint(fields=["article", "hour"], name="view_count_hour_once")]
        indexes = [models.Index(fields=["hour", "article", "count"], name="view_count_by_hour")]

    def __str__(self) -> str:
        return f"{self.count} lượt"
