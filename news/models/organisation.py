"""Organisations with the time they existed: bodies are merged and renamed, and pages of old stay true."""

from django.db import models
from django.db.models import F, Q


class OrganisationLevel(models.TextChoices):
    """The level of government or Party a body belongs to. Districts ended on 30/6/2025 and stay for the archive."""

    CENTRAL = "central", "Trung ương"
    PROVINCE = "province", "Tỉnh, thành phố"
    DISTRICT = "district", "Huyện (đến 30/6/2025)"
    COMMUNE = "commune", "Xã, phường, đặc khu"
    FOREIGN = "foreign", "Nước ngoài, quốc tế"
    OTHER = "other", "Khác"


class Organisation(models.Model):
    """A body that sends, receives or employs people."""

    name = models.CharField("tên cơ quan", max_length=200)
    name_key = models.CharField("khóa so sánh", max_length=260, editable=False, db_index=True)
    abbreviation = models.CharField("tên tắt", max_length=40, blank=True)
    parent = models.ForeignKey(
        "self", verbose_name="thuộc", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    level = models.CharField("cấp", max_length=10, choices=OrganisationLevel, default=OrganisationLevel.OTHER)
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        verbose_name="cơ quan kế thừa",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predecessors",
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name="đã gộp vào",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_from",
        help_text="Dòng này trùng với một cơ quan khác trong danh bạ.",
    )

    class Meta:
        verbose_name = "cơ quan"
        verbose_name_plural = "cơ quan"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="organisation_valid_in_order",
                violation_error_message="Ngày kết thúc phải sau ngày bắt đầu.",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="organisation_not_merged_into_itself"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="organisation_not_its_own_parent"),
            models.CheckConstraint(condition=~Q(successor=F("id")), name="organisation_not_its_own_successor"),
            models.CheckConstraint(condition=Q(level__in=OrganisationLevel.values), name="organisation_level_known"),
        ]

    def __str__(self) -> str:
        return self.name
