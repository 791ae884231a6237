"""The newsroom's clock: days that are not what the kept calendar says, and how long each kind of letter may take."""

import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from news.models.feedback import FeedbackKind


class DayKind(models.TextChoices):
    """What a day is."""

    OFF = "off", "Nghỉ"
    WORK = "work", "Làm việc (làm bù)"


class CalendarDay(models.Model):
    """A day that stands in place of what `text/data/holidays.txt` and the weekday say of it."""

    day = models.DateField("ngày", unique=True)
    name = models.CharField("tên", max_length=120)
    kind = models.CharField("là ngày", max_length=4, choices=DayKind, default=DayKind.OFF)
    ground = models.CharField("căn cứ", max_length=200, blank=True, help_text="Số văn bản, thông báo.")

    class Meta:
        verbose_name = "ngày nghỉ, ngày làm bù"
        verbose_name_plural = "lịch làm việc"
        constraints = [models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="calendar_day_kind_known")]

    def __str__(self) -> str:
        return f"{self.day.day}/{self.day.month}/{self.day.year}: {self.name}"


class TermKind(models.TextChoices):
    """What a term is for: being taken on, or an answer to each kind of letter."""

    CLAIM = "claim", "Tiếp nhận mọi loại thư"
    OPINION = FeedbackKind.OPINION.value, "Trả lời: góp ý"
    QUESTION = FeedbackKind.QUESTION.value, "Trả lời: hỏi"
    ERROR = FeedbackKind.ERROR.value, "Trả lời: báo lỗi, sai sót"
    TIP = FeedbackKind.TIP.value, "Trả lời: tin báo"


class FeedbackTerm(models.Model):
    """How many working days something may take, and at what time of the last one it ends."""

    kind = models.CharField("việc", max_length=8, choices=TermKind, unique=True, editable=False)
    working_days = models.PositiveSmallIntegerField(
        "số ngày làm việc",
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Từ 1 đến 60; tính từ ngày hôm sau, không tính ngày nghỉ.",
    )
    ends_at = models.TimeField("hết hạn lúc", default=datetime.time(17, 0), help_text="Giờ hết giờ làm việc.")

    class Meta:
        verbose_name = "thời hạn xử lý phản hồi"
        verbose_name_plural = "thời hạn xử lý phản hồi"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TermKind.values), name="feedback_term_kind_known"),
            models.CheckConstraint(condition=Q(working_days__range=(1, 60)), name="feedback_term_1_to_60"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
