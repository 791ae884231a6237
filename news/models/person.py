"""The register of people and the positions each held, from when to when."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from news.models.organisation import Organisation


class Person(models.Model):
    """Somebody the newsroom writes about in office; one line of the register."""

    name = models.CharField("họ và tên", max_length=120)
    name_key = models.CharField("khóa so sánh", max_length=160, editable=False, db_index=True)
    sort_key = models.CharField("khóa xếp thứ tự", max_length=400, editable=False, db_index=True)
    is_verified = models.BooleanField(
        "đã xác minh", default=False, help_text="Chưa chọn: chờ xác minh, mới ghi nhận từ bài viết."
    )
    note = models.CharField("ghi chú nội bộ", max_length=300, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="đã gộp vào",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_from",
    )

    class Meta:
        verbose_name = "nhân sự"
        verbose_name_plural = "nhân sự"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="person_name_not_blank"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="person_not_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return self.name


class PersonSpelling(models.Model):
    """Another way a person's name is written."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="spellings")
    name = models.CharField("cách viết khác", max_length=120)
    name_key = models.CharField("khóa so sánh", max_length=160, editable=False, db_index=True)

    class Meta:
        verbose_name = "cách viết khác"
        verbose_name_plural = "cách viết khác"
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="person_spelling_once")]

    def __str__(self) -> str:
        return self.name


class PositionQuerySet(models.QuerySet["Position"]):
    """Questions about positions."""

    def held_on(self, day: date) -> Self:
        """Those held on that day, both ends included; an open end is open."""
        return self.filter(Q(from_on=None) | Q(from_on__lte=day), Q(to_on=None) | Q(to_on__gte=day))

    def in_protocol_order(self) -> Self:
        """Highest protocol rank first (1 is highest; unranked last), then as entered."""
        return self.order_by(F("protocol_rank").asc(nulls_last=True), "id")


class Position(models.Model):
    """A post somebody held, in the words that are printed, with its days."""

    person = models.ForeignKey(Person, verbose_name="nhân sự", on_delete=models.CASCADE, related_name="positions")
    organisation = models.ForeignKey(
        Organisation,
        verbose_name="cơ quan",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="positions",
    )
    title = models.CharField("chức vụ", max_length=200, help_text="Viết đúng như khi in, ví dụ: Phó Bí thư Tỉnh ủy.")
    from_on = models.DateField("từ ngày", null=True, blank=True)
    to_on = models.DateField("đến hết ngày", null=True, blank=True)
    protocol_rank = models.PositiveSmallIntegerField(
        "thứ bậc", null=True, blank=True, help_text="Số nhỏ đứng trước khi nêu nhiều chức vụ."
    )

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = "chức vụ"
        verbose_name_plural = "chức vụ"
        constraints = [
            models.CheckConstraint(
                condition=Q(from_on=None) | Q(to_on=None) | Q(from_on__lte=F("to_on")),
                name="position_days_in_order",
                violation_error_message="Ngày thôi giữ chức phải sau ngày nhận chức.",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="position_title_not_blank"),
        ]
        indexes = [models.Index(fields=["person", "from_on"], name="position_of_person")]

    def __str__(self) -> str:
        return self.title
