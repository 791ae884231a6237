"""Sections of the site, and who may work in which."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

# The first words of every public address that is not a section; `tests/test_addresses.py` keeps it complete.
RESERVED_SLUGS = frozenset(
    "tin doan-cong-tac nhan-su co-quan tac-gia chu-de luu-tru cai-chinh trang en tim-kiem xem-nhieu phan-hoi"
    " du-lieu-ca-nhan ban-tin rss atom feed.json sitemap.xml sitemap-tin-tuc.xml sitemap robots.txt api xem-truoc dem"
    " media tai-khoan quan-tri healthz static favicon.ico sitemap.html gioi-thieu lien-he so-do-trang"
    " gui-ban-be".split()
)


class Section(models.Model):
    """A section ("chuyên mục"): at most two levels, its own slug for the whole site, one or two gates before print."""

    name = models.CharField("tên chuyên mục", max_length=80)
    slug = models.SlugField("địa chỉ", max_length=80, unique=True, help_text="Bỏ trống để tự đặt theo tên.")
    parent = models.ForeignKey(
        "self",
        verbose_name="chuyên mục mẹ",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    gates = models.PositiveSmallIntegerField(
        "số lần duyệt",
        choices=[(1, "Một: biên tập viên khác người viết xuất bản"), (2, "Hai: biên tập, rồi duyệt xuất bản")],
        default=2,
    )
    is_listed = models.BooleanField("hiện trên thanh chuyên mục", default=True)
    description = models.CharField("mô tả", max_length=300, blank=True)

    class Meta:
        verbose_name = "chuyên mục"
        verbose_name_plural = "chuyên mục"
        constraints = [
            models.CheckConstraint(condition=Q(gates__in=[1, 2]), name="section_gates_one_or_two"),
            models.CheckConstraint(condition=~Q(slug=""), name="section_slug_not_blank"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="section_not_its_own_parent"),
            models.CheckConstraint(
                condition=~Q(slug__in=sorted(RESERVED_SLUGS)),
                name="section_slug_not_reserved",
                violation_error_message="Địa chỉ này dành cho trang khác của hệ thống.",
            ),
        ]
        indexes = [models.Index(fields=["order", "id"], name="section_order")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Two levels only. Raises `ValidationError` beside the field."""
        super().clean()
        if self.parent_id is None:
            return
        if self.parent_id == self.pk:
            raise ValidationError({"parent": "Một chuyên mục không thể là mẹ của chính nó."})
        if self.parent is not None and self.parent.parent_id is not None:
            raise ValidationError({"parent": "Chuyên mục chỉ có hai cấp: hãy chọn một chuyên mục cấp một."})
        if self.pk is not None and Section.objects.filter(parent_id=self.pk).exists():
            raise ValidationError({"parent": "Chuyên mục này đang có chuyên mục con nên phải ở cấp một."})


class SectionRight(models.Model):
    """Where somebody's role holds: in one section and what lies below it, or (no section) everywhere."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người dùng", on_delete=models.CASCADE, related_name="section_rights"
    )
    section = models.ForeignKey(
        Section,
        verbose_name="chuyên mục",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="rights",
        help_text="Bỏ trống: mọi chuyên mục.",
    )

    class Meta:
        verbose_name = "quyền theo chuyên mục"
        verbose_name_plural = "quyền theo chuyên mục"
        constraints = [
            models.UniqueConstraint(fields=["user", "section"], name="section_right_once"),
            models.UniqueConstraint(fields=["user"], condition=Q(section=None), name="section_right_everywhere_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.section or 'mọi chuyên mục'}"
