"""The ledger ("sổ xuất bản"): every change of what readers see, chained by hash, its head signed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from news.models.article import Article
from news.models.edition import Edition


class LedgerKind(models.TextChoices):
    """What was done."""

    PUBLISH = "publish", "Xuất bản"
    SCHEDULE = "schedule", "Hẹn giờ"
    CANCEL = "cancel", "Hủy hẹn"
    WITHDRAW = "withdraw", "Gỡ"
    EXPIRE = "expire", "Đặt hạn hiển thị"
    CORRECT = "correct", "Cải chính"
    REDACT = "redact", "Xóa trắng theo lệnh"
    IMPORT = "import", "Nhập"


class LedgerEntry(models.Model):
    """One link of the chain.

    `hash` is the SHA-256 of the canonical JSON of all other columns, the previous link's hash among them. `changes` is
    canonical JSON: `[[edition number, visible_from, visible_until], …]`, the ranges after the entry (ISO 8601, UTC).
    """

    sequence = models.PositiveBigIntegerField("số thứ tự", primary_key=True)
    kind = models.CharField("việc", max_length=8, choices=LedgerKind)
    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người thực hiện",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    article = models.ForeignKey(
        Article, verbose_name="bài viết", on_delete=models.PROTECT, related_name="ledger_entries", db_index=False
    )
    edition = models.ForeignKey(
        Edition, verbose_name="ấn bản", null=True, on_delete=models.PROTECT, related_name="ledger_entries"
    )
    payload_sha256 = models.CharField("mã băm ấn bản", max_length=64, blank=True)
    changes = models.TextField("thay đổi hiển thị")
    reason = models.CharField("lý do", max_length=1000, blank=True)
    previous_hash = models.CharField("mã băm dòng trước", max_length=64)
    hash = models.CharField("mã băm", max_length=64, unique=True)

    class Meta:
        verbose_name = "dòng sổ xuất bản"
        verbose_name_plural = "sổ xuất bản"
        constraints = [
            models.CheckConstraint(condition=Q(sequence__gte=1), name="ledger_sequence_from_one"),
            models.CheckConstraint(condition=Q(kind__in=LedgerKind.values), name="ledger_kind_known"),
        ]
        indexes = [models.Index(fields=["article", "sequence"], name="ledger_of_article")]

    def __str__(self) -> str:
        return f"Dòng {self.sequence}: {self.get_kind_display()}"


class LedgerHead(models.Model):
    """The chain's end: how many links and the last hash, signed with a key that is not in the database. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    count = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128, blank=True)

    class Meta:
        verbose_name = "đầu sổ"
        verbose_name_plural = "đầu sổ"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ledger_head_single")]

    def __str__(self) -> str:
        return f"Sổ xuất bản: {self.count} dòng"
