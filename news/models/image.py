"""Pictures: the private original and what is said of it."""

from django.conf import settings
from django.core.files.storage import storages
from django.core.files.storage.base import Storage
from django.db import models
from django.db.models import Q

from news.models.person import Person


def private_storage() -> Storage:
    """Where originals and attachments lie; nothing in it has an address."""
    return storages["private"]


class Image(models.Model):
    """One picture. The file never changes: replacing a picture makes a new file, so its `key` changes too."""

    original = models.FileField("tệp gốc", storage=private_storage, max_length=200, editable=False)
    content_sha256 = models.CharField("mã băm", max_length=64, editable=False, db_index=True)
    key = models.CharField(
        "khóa công khai",
        max_length=40,
        unique=True,
        editable=False,
        help_text="Tên công khai của các bản thu nhỏ, suy từ nội dung.",
    )
    format = models.CharField("định dạng", max_length=8, editable=False)
    formats = models.CharField("định dạng các bản thu nhỏ", max_length=40, default="webp,jpg", editable=False)
    width = models.PositiveIntegerField("rộng", editable=False)
    height = models.PositiveIntegerField("cao", editable=False)
    byte_count = models.PositiveIntegerField("dung lượng", editable=False)
    alt = models.CharField(
        "mô tả cho người không nhìn thấy ảnh", max_length=300, blank=True, help_text="Nói ảnh cho thấy gì, một câu."
    )
    caption = models.CharField("chú thích", max_length=500, blank=True)
    credit = models.CharField("tác giả ảnh, nguồn", max_length=120, blank=True)
    text_key = models.CharField("khóa tìm kiếm", max_length=1300, editable=False, blank=True)
    focal_x = models.PositiveSmallIntegerField("điểm nhấn ngang (phần nghìn)", default=500)
    focal_y = models.PositiveSmallIntegerField("điểm nhấn dọc (phần nghìn)", default=500)
    crops = models.JSONField(
        "khung cắt",
        default=dict,
        blank=True,
        editable=False,
        help_text="Tên khung: [trái, trên, rộng, cao] theo phần nghìn; khung không nêu thì cắt theo điểm nhấn.",
    )
    taken_on = models.DateField("ngày chụp", null=True, blank=True)
    rendered_at = models.DateTimeField("làm xong các bản thu nhỏ lúc", null=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người tải lên",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("tải lên lúc", editable=False)

    class Meta:
        verbose_name = "ảnh"
        verbose_name_plural = "kho ảnh"
        constraints = [
            models.CheckConstraint(condition=Q(focal_x__lte=1000, focal_y__lte=1000), name="image_focal_in_picture"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="image_has_size"),
        ]
        indexes = [models.Index(fields=["-id"], name="image_newest")]

    def __str__(self) -> str:
        return self.caption or self.alt or f"Ảnh {self.pk}"


class ImagePerson(models.Model):
    """Somebody in a picture; `order` counts from the left. The name and post are those the caption prints."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(
        Person, verbose_name="nhân sự", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField("tên", max_length=120)
    position = models.CharField("chức vụ", max_length=300, blank=True)
    order = models.PositiveSmallIntegerField("từ trái sang", default=0)

    class Meta:
        verbose_name = "người trong ảnh"
        verbose_name_plural = "người trong ảnh"
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="image_person_named")]

    def __str__(self) -> str:
        return self.name


class FormerFile(models.Model):
    """The file a picture had before it was replaced: kept, because editions may still show it."""

    image = models.ForeignKey(Image, verbose_name="ảnh", on_delete=models.CASCADE, related_name="former_files")
    original = models.CharField("tệp gốc", max_length=200)
    key = models.CharField("khóa công khai", max_length=40, unique=True)
    width = models.PositiveIntegerField("rộng")
    height = models.PositiveIntegerField("cao")
    formats = models.CharField(max_length=40)
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người thay", null=True, on_delete=models.PROTECT, related_name="+"
    )
    replaced_at = models.DateTimeField("thay lúc")
    reason = models.CharField("lý do", max_length=300, blank=True)

    class Meta:
        verbose_name = "tệp ảnh cũ"
        verbose_name_plural = "tệp ảnh cũ"

    def __str__(self) -> str:
        return f"Tệp cũ của ảnh {self.image_id}"
