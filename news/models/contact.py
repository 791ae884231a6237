"""Who readers are and how to reach them: apart from what they wrote, and encrypted."""

from django.db import models


class ReaderContact(models.Model):
    """How to reach a reader. The details are one encrypted text; the digests find them again without opening it.

    Nothing of it is ever part of `__str__`, a log line, the admin's history or a task's argument. `keep_until` is the
    last day of its retention (`services/retaining.py`); empty while what it belongs to is being worked on.
    """

    details = models.TextField(editable=False)
    email_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    phone_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    created_at = models.DateTimeField("lúc", editable=False)
    keep_until = models.DateField("giữ đến hết ngày", null=True, editable=False)

    class Meta:
        verbose_name = "thông tin liên hệ của bạn đọc"
        verbose_name_plural = "thông tin liên hệ của bạn đọc"
        indexes = [
            models.Index(fields=["keep_until"], name="contact_by_end", condition=models.Q(keep_until__isnull=False))
        ]

    def __str__(self) -> str:
        return f"Liên hệ số {self.pk}"
