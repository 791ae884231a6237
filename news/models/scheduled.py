"""Work that comes round: when each line of the timetable ran last."""

from django.db import models


class ScheduledRun(models.Model):
    """One line of the timetable: when it began and ended last, what went wrong, who holds it until when."""

    name = models.CharField("việc", max_length=40, unique=True, editable=False)
    started_at = models.DateTimeField("bắt đầu lúc", null=True, editable=False)
    finished_at = models.DateTimeField("xong lúc", null=True, editable=False)
    held_until = models.DateTimeField("đang chạy, đến", null=True, editable=False)
    error = models.CharField("lỗi", max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "việc định kỳ"
        verbose_name_plural = "việc định kỳ"

    def __str__(self) -> str:
        return self.name
