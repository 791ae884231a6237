"""Mail that is to leave: written in the transaction of what causes it, delivered by the task worker."""

from django.db import models


class Outbox(models.Model):
    """One mail to one address. The address and the text are encrypted like every contact detail of a reader."""

    kind = models.CharField("loại thư", max_length=40)
    recipient = models.TextField(editable=False)
    recipient_digest = models.CharField(max_length=64, db_index=True, editable=False)
    message = models.TextField(editable=False)
    created_at = models.DateTimeField("tạo lúc", editable=False)
    send_after = models.DateTimeField("gửi từ", editable=False)
    attempt_count = models.PositiveSmallIntegerField("số lần thử", default=0, editable=False)
    last_error = models.CharField("lỗi gần nhất", max_length=500, blank=True, editable=False)
    sent_at = models.DateTimeField("đã gửi lúc", null=True, editable=False)
    given_up_at = models.DateTimeField("thôi gửi lúc", null=True, editable=False)

    class Meta:
        verbose_name = "thư đi"
        verbose_name_plural = "thư đi"
        indexes = [
            models.Index(
                fields=["send_after"],
                name="outbox_waiting",
                condition=models.Q(sent_at=None, given_up_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"Thư {self.pk} ({self.kind})"


class MailStop(models.Model):
    """An address that asked for no more mail from strangers, known by its keyed digest only."""

    address_digest = models.CharField(max_length=64, unique=True, editable=False)
    stopped_at = models.DateTimeField("từ lúc", editable=False)

    class Meta:
        verbose_name = "địa chỉ không nhận thư"
        verbose_name_plural = "địa chỉ không nhận thư"

    def __str__(self) -> str:
        return f"Địa chỉ số {self.pk}"
