"""Addresses that articles had on an earlier site."""

from django.db import models

from news.models.article import Article


class OldAddress(models.Model):
    """A path (with its query) that led to the article before it moved here."""

    path = models.CharField("địa chỉ cũ", max_length=500, unique=True)
    article = models.ForeignKey(
        Article, verbose_name="bài viết", on_delete=models.CASCADE, related_name="old_addresses"
    )

    class Meta:
        verbose_name = "địa chỉ cũ"
        verbose_name_plural = "địa chỉ cũ"

    def __str__(self) -> str:
        return self.path
