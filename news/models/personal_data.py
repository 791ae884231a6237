"""What people ask of their own data: links to it, their requests, orders to keep it, and what is left of what went."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class PrivacyLink(models.Model):
    """A link by which one person sees what is kept about one address, or an account. It is known by its digest only.

    `address` is encrypted, and blank once the link is of no more use, or where the account has no proven address.
    """

    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    address = models.TextField(blank=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.CASCADE, related_name="+"
    )
    email_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    created_at = models.DateTimeField("lúc", editable=False)
    expires_at = models.DateTimeField("dùng được đến", editable=False, db_index=True)
    revoked_at = models.DateTimeField("thôi dùng từ", null=True, editable=False)

    class Meta:
        verbose_name = "liên kết xem dữ liệu cá nhân"
        verbose_name_plural = "liên kết xem dữ liệu cá nhân"

    def __str__(self) -> str:
        return f"Liên kết số {self.pk}"


class DataRequestKind(models.TextChoices):
    """What somebody wants done with their data."""

    ACCESS = "access", "Xem dữ liệu"
    CORRECTION = "correction", "Sửa dữ liệu"
    WITHDRAWAL = "withdrawal", "Rút lại đồng ý"
    EXPORT = "export", "Tải dữ liệu về"
    ERASURE = "erasure", "Xóa dữ liệu"
    OTHER = "other", "Yêu cầu khác"


class DataRequestState(models.TextChoices):
    """How far it is."""

    OPEN = "open", "Đang xử lý"
    SUSPENDED = "suspended", "Tạm dừng theo lệnh giữ"
    DONE = "done", "Đã xong"
    LAPSED = "lapsed", "Người yêu cầu không tiếp tục"


class DataRequest(models.Model):
    """A request of somebody about their own data, with the clock that the law sets.

    Who asks is known by a digest, which goes with the data; `note` is the desk's own words and names nobody.
    """

    kind = models.CharField("yêu cầu", max_length=10, choices=DataRequestKind)
    state = models.CharField("tình trạng", max_length=10, choices=DataRequestState, default=DataRequestState.OPEN)
    email_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    link = models.ForeignKey(PrivacyLink, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField("nhận lúc", editable=False)
    acknowledge_by = models.DateTimeField("hạn xác nhận", editable=False)
    acknowledged_at = models.DateTimeField("xác nhận lúc", null=True, editable=False)
    complete_by = models.DateTimeField("hạn làm xong", editable=False)
    completed_at = models.DateTimeField("xong lúc", null=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người xử lý",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.CharField("ghi chú", max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = "yêu cầu về dữ liệu cá nhân"
        verbose_name_plural = "yêu cầu về dữ liệu cá nhân"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DataRequestKind.values), name="data_request_kind_known"),
            models.CheckConstraint(condition=Q(state__in=DataRequestState.values), name="data_request_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "suspended"], completed_at=None)
                | Q(state__in=["done", "lapsed"], completed_at__isnull=False),
                name="data_request_done_has_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="data_request_by_state"),
            models.Index(
                fields=["complete_by"], name="data_request_waiting", condition=Q(state__in=["open", "suspended"])
            ),
        ]

    def __str__(self) -> str:
        return f"Yêu cầu số {self.pk}"


class LegalHold(models.Model):
    """An order to keep what is kept about one address: neither the person nor time erases it meanwhile.

    The address is known by its digest only; `covers`: how many rows of each kind were kept about it when the order was
    placed, None where that is not known. It ends by its date or by being lifted.
    """

    email_digest = models.CharField(max_length=64, editable=False, db_index=True)
    covers = models.JSONField("dữ liệu lúc đặt lệnh", null=True, editable=False)
    reason = models.CharField("lý do", max_length=300)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="người đặt", on_delete=models.PROTECT, related_name="+", editable=False
    )
    placed_at = models.DateTimeField("đặt lúc", editable=False)
    until = models.DateField("đến hết ngày", null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người bỏ",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    lifted_at = models.DateTimeField("bỏ lúc", null=True, editable=False)

    class Meta:
        verbose_name = "lệnh giữ dữ liệu"
        verbose_name_plural = "lệnh giữ dữ liệu"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_reason"),
            models.CheckConstraint(condition=~Q(email_digest=""), name="legal_hold_has_subject"),
        ]

    def __str__(self) -> str:
        return f"Lệnh giữ số {self.pk}"


class ErasureReason(models.TextChoices):
    """Why something was erased."""

    WISH = "wish", "Theo ý người có dữ liệu"
    RETENTION = "retention", "Hết thời hạn lưu giữ"
    DESK = "desk", "Tòa soạn xóa theo đơn"


class ErasureRecord(models.Model):
    """That somebody's data was erased: when, why, by whom and how many rows of each kind. Nothing of whose it was."""

    erased_at = models.DateTimeField("xóa lúc", editable=False)
    reason = models.CharField("vì sao", max_length=9, choices=ErasureReason, editable=False)
    note = models.CharField("ghi chú", max_length=300, blank=True, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người làm",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    counts = models.JSONField("số mục", default=dict, editable=False)
    scrubbed_at = models.DateTimeField("dọn dấu vết lúc", null=True, editable=False)

    class Meta:
        verbose_name = "lần xóa dữ liệu"
        verbose_name_plural = "các lần xóa dữ liệu"
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=ErasureReason.values), name="erasure_reason_known")
        ]
        indexes = [models.Index(fields=["id"], name="erasure_unscrubbed", condition=Q(scrubbed_at=None))]

    def __str__(self) -> str:
        return f"Lần xóa số {self.pk}"
