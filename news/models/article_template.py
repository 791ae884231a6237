"""Article templates: what a new article of a kind starts with."""

from django.db import models

from news.models.article import Genre
from news.models.section import Section


class ArticleTemplate(models.Model):
    """A start for a new article: a meeting, a delegation, a short item. The desk edits them; they bind nobody."""

    name = models.CharField("tên mẫu", max_length=80, unique=True)
    hint = models.CharField("dùng khi nào", max_length=200, blank=True)
    title = models.CharField("tiêu đề", max_length=250, blank=True)
    kicker = models.CharField("dòng trên tiêu đề", max_length=80, blank=True)
    lead = models.TextField("sa-pô", max_length=1500, blank=True)
    body = models.TextField("nội dung", max_length=40_000, blank=True)
    genre = models.CharField("thể loại", max_length=10, choices=Genre, default=Genre.NEWS)
    section = models.ForeignKey(
        Section, verbose_name="chuyên mục", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tags = models.CharField("từ khóa", max_length=500, blank=True, help_text="Cách nhau bằng dấu phẩy.")
    opens_delegation = models.BooleanField("mở sẵn phần lập đoàn", default=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    is_offered = models.BooleanField("đang dùng", default=True)

    class Meta:
        verbose_name = "mẫu bài"
        verbose_name_plural = "mẫu bài"

    def __str__(self) -> str:
        return self.name
