"""The masthead: what the law and the reader want to know about who publishes this."""

from django.db import models
from django.db.models import Q

from news.models.image import Image


class Masthead(models.Model):
    """The newspaper itself. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField("tên báo, trang", max_length=120)
    motto = models.CharField("dòng dưới tên báo", max_length=200, blank=True)
    supervising_body = models.CharField("cơ quan chủ quản", max_length=200, blank=True)
    licence_number = models.CharField("số giấy phép", max_length=80, blank=True)
    licence_issued_on = models.DateField("ngày cấp", null=True, blank=True)
    licence_issuer = models.CharField("cơ quan cấp", max_length=160, blank=True)
    editor_in_chief = models.CharField("tổng biên tập (người chịu trách nhiệm)", max_length=120, blank=True)
    address = models.CharField("địa chỉ tòa soạn", max_length=250, blank=True)
    phone = models.CharField("điện thoại", max_length=60, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    logo = models.ForeignKey(
        Image, verbose_name="biểu trưng", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "măng-sét"
        verbose_name_plural = "măng-sét"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="masthead_single")]

    def __str__(self) -> str:
        return self.name
