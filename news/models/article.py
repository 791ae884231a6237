"""The article: the desk's copy. Readers never see it; they see editions."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from news.models.author import Author, Contribution
from news.models.delegation import Delegation
from news.models.image import Image, private_storage
from news.models.section import Section
from news.models.tag import Tag


class State(models.TextChoices):
    """Where the desk's copy stands. Whether readers see something is a question to the editions, not to this."""

    DRAFT = "draft", "Bản nháp"
    SUBMITTED = "submitted", "Chờ biên tập"
    RETURNED = "returned", "Bị trả lại"
    PASSED = "passed", "Chờ duyệt xuất bản"
    APPROVED = "approved", "Đã duyệt"
    SCHEDULED = "scheduled", "Đã hẹn giờ"
    PUBLISHED = "published", "Đã xuất bản"
    WITHDRAWN = "withdrawn", "Đã gỡ"


class Genre(models.TextChoices):
    """What kind of piece it is (royalties and lists ask)."""

    NEWS = "news", "Tin"
    ARTICLE = "article", "Bài"
    FEATURE = "feature", "Phóng sự, ghi chép"
    INTERVIEW = "interview", "Phỏng vấn"
    EDITORIAL = "editorial", "Xã luận, bình luận"
    PHOTO = "photo", "Tin ảnh, phóng sự ảnh"
    VIDEO = "video", "Truyền hình, video"
    NOTICE = "notice", "Thông báo"


class Provenance(models.TextChoices):
    """How the text came to be here."""

    DESK = "desk", "Viết tại tòa soạn"
    IMPORT = "import", "Nhập từ hệ thống cũ"
    REPUBLISHED = "republished", "Dẫn lại báo khác"


class ArticleQuerySet(models.QuerySet["Article"]):
    """Questions about the desk's copies."""

    def newest_first(self) -> Self:
        """The last made first."""
        return self.order_by("-id")


class Article(models.Model):
    """What the desk writes. Its id is the public number of the article for good."""

    title = models.CharField("tiêu đề", max_length=250)
    title_key = models.CharField("khóa tìm kiếm", max_length=330, editable=False, blank=True)
    kicker = models.CharField("dòng trên tiêu đề", max_length=80, blank=True)
    lead = models.TextField("sa-pô", max_length=1500, blank=True)
    body = models.TextField("nội dung", max_length=400_000, blank=True)
    section = models.ForeignKey(Section, verbose_name="chuyên mục", on_delete=models.PROTECT, related_name="articles")
    other_sections = models.ManyToManyField(Section, verbose_name="đăng cả ở", blank=True, related_name="also_articles")
    genre = models.CharField("thể loại", max_length=10, choices=Genre, default=Genre.NEWS)
    event_on = models.DateField("ngày diễn ra sự kiện", null=True, blank=True)
    lead_image = models.ForeignKey(
        Image, verbose_name="ảnh chính", null=True, blank=True, on_delete=models.PROTECT, related_name="lead_of"
    )
    lead_image_caption = models.CharField(
        "chú thích ảnh chính", max_length=500, blank=True, help_text="Bỏ trống: dùng chú thích trong kho ảnh."
    )
    tags = models.ManyToManyField(Tag, verbose_name="từ khóa", blank=True, related_name="articles")
    delegations = models.ManyToManyField(Delegation, verbose_name="đoàn công tác", blank=True, related_name="articles")
    authors = models.ManyToManyField(Author, through=Contribution, related_name="articles")
    related = models.ManyToManyField("self", through="news.RelatedPick", symmetrical=False, related_name="related_from")
    allow_comments = models.BooleanField("cho phép bình luận", default=True)

    provenance = models.CharField("xuất xứ", max_length=12, choices=Provenance, default=Provenance.DESK)
    source_name = models.CharField("nguồn", max_length=160, blank=True)
    source_url = models.URLField("địa chỉ bài nguồn", max_length=500, blank=True)
    source_agreement = models.CharField(
        "thỏa thuận dẫn lại", max_length=200, blank=True, help_text="Số, ngày văn bản thỏa thuận với báo nguồn."
    )
    source_published_at = models.DateTimeField("nguồn đăng lúc", null=True, blank=True)

    ai_used = models.BooleanField("có dùng trí tuệ nhân tạo", default=False)
    ai_note = models.CharField("công cụ và việc đã dùng", max_length=300, blank=True)
    ai_reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người kiểm tra phần dùng trí tuệ nhân tạo",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    state = models.CharField(
        "trạng thái", max_length=10, choices=State, default=State.DRAFT, editable=False, db_index=True
    )
    version = models.PositiveIntegerField("phiên bản", default=1, editable=False)
    # The window in which it was made and a digest of what that one sent: a form that arrives twice makes one article.
    made_in = models.CharField(max_length=64, blank=True, editable=False)
    made_from = models.CharField(max_length=64, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người viết",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="articles_written",
    )
    created_at = models.DateTimeField("tạo lúc", editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người sửa cuối",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    changed_at = models.DateTimeField("sửa lúc", editable=False)
    gate_opened_at = models.DateTimeField(null=True, editable=False)
    passed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người biên tập",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người duyệt",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField("duyệt lúc", null=True, editable=False)
    approved_sha256 = models.CharField("mã băm bản đã duyệt", max_length=64, blank=True, editable=False)
    import_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = "bài viết"
        verbose_name_plural = "bài viết"
        permissions = [
            ("write_article", "Viết bài và gửi duyệt"),
            ("edit_article", "Biên tập bài trong chuyên mục được giao"),
            ("publish_article", "Duyệt, xuất bản, hẹn giờ"),
            ("withdraw_article", "Gỡ bài"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="article_title_not_blank"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="article_state_known"),
            models.CheckConstraint(condition=Q(genre__in=Genre.values), name="article_genre_known"),
            models.CheckConstraint(condition=Q(provenance__in=Provenance.values), name="article_provenance_known"),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "scheduled"], approved_by__isnull=False) & ~Q(approved_sha256="")
                | ~Q(state__in=["approved", "scheduled"]),
                name="article_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ai_used=False) | ~Q(ai_note=""),
                name="article_ai_use_described",
                violation_error_message="Hãy ghi công cụ và việc đã dùng trí tuệ nhân tạo.",
            ),
            models.UniqueConstraint(
                fields=["created_by", "made_in"], condition=~Q(made_in=""), name="article_made_once_a_window"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="article_by_state"),
            models.Index(fields=["section", "-id"], name="article_by_section"),
            models.Index(fields=["created_by", "-id"], name="article_by_writer"),
            # All that the desk's list searches and filters, so that it is answered without opening a single body.
            models.Index(fields=["id", "title_key", "section", "state", "created_by"], name="article_search"),
        ]

    def __str__(self) -> str:
        return self.title


class RelatedPick(models.Model):
    """Another article the editor put beside this one, in order."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="related_picks")
    target = models.ForeignKey(Article, verbose_name="bài liên quan", on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField("thứ tự", default=0)

    class Meta:
        verbose_name = "bài liên quan"
        verbose_name_plural = "bài liên quan do tòa soạn chọn"
        constraints = [
            models.UniqueConstraint(fields=["article", "target"], name="related_pick_once"),
            models.CheckConstraint(
                condition=~Q(article=F("target")),
                name="related_pick_of_another",
                violation_error_message="Một bài không liên quan đến chính nó.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.target)


class GalleryImage(models.Model):
    """A picture of the article's gallery, in order."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="gallery")
    image = models.ForeignKey(Image, verbose_name="ảnh", on_delete=models.PROTECT, related_name="gallery_of")
    caption = models.CharField("chú thích trong bài", max_length=500, blank=True)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)

    class Meta:
        verbose_name = "ảnh trong bài"
        verbose_name_plural = "chùm ảnh"
        constraints = [models.UniqueConstraint(fields=["article", "image"], name="gallery_image_once")]

    def __str__(self) -> str:
        return str(self.image)


class ArticleImage(models.Model):
    """A picture that stands in the body of the desk's copy: an index, made again at every save, for "dùng ở đâu"."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="body_images")
    image = models.ForeignKey(Image, verbose_name="ảnh", on_delete=models.CASCADE, related_name="in_body_of")

    class Meta:
        verbose_name = "ảnh trong nội dung bài"
        verbose_name_plural = "ảnh trong nội dung bài"
        constraints = [models.UniqueConstraint(fields=["article", "image"], name="article_image_once")]

    def __str__(self) -> str:
        return f"Ảnh {self.image_id} trong bài {self.article_id}"


class Attachment(models.Model):
    """A document that goes with the article; private until an edition carries it."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="attachments")
    title = models.CharField("tên tài liệu", max_length=200)
    file = models.FileField("tệp", storage=private_storage, max_length=200)
    content_type = models.CharField(max_length=100, editable=False)
    byte_count = models.PositiveIntegerField(editable=False)
    content_sha256 = models.CharField(max_length=64, editable=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)

    class Meta:
        verbose_name = "tài liệu đính kèm"
        verbose_name_plural = "tài liệu đính kèm"

    def __str__(self) -> str:
        return self.title
