"""Mail that is to leave: written in the transaction of what causes it, delivered by the task worker."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

MAIL_KINDS: Final = {
    "share": "Gửi cho bạn bè",
    "feedback_receipt": "Báo đã nhận phản hồi",
    "feedback_answer": "Trả lời phản hồi",
    "feedback_forward": "Chuyển phản hồi",
    "feedback_due": "Nhắc phản hồi sắp hạn",
    "feedback_late": "Báo phản hồi quá hạn",
    "feedback_unclaimed": "Nhắc nhận xử lý phản hồi",
    "privacy_link": "Liên kết xem dữ liệu cá nhân",
    "newsletter_confirm": "Xác nhận đăng ký bản tin",
    "newsletter_welcome": "Báo đã đăng ký bản tin",
    "role_granted": "Báo giao vai trò",
    "account_link": "Liên kết cho tài khoản",
    "reset_link": "Liên kết đặt lại mật khẩu",
    "account_notice": "Báo thay đổi tài khoản",
    "notification": "Thông báo cho bạn đọc",
    "comment_notice": "Báo về bình luận của khách",
    "test": "Thư thử",
}
"""The kinds of mail in words."""


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
                condition=Q(sent_at=None, given_up_at=None),
            ),
            models.Index(fields=["-id"], name="outbox_given_up", condition=Q(given_up_at__isnull=False)),
            models.Index(fields=["kind", "-id"], name="outbox_by_kind"),
        ]

    def __str__(self) -> str:
        return f"Thư {self.pk}: {MAIL_KINDS.get(self.kind, self.kind)}"


class MailScope(models.TextChoices):
    """What mail can be stopped apart from the rest; answers to what somebody wrote to us are none of it."""

    SHARE = "share", "Bài bạn đọc gửi cho bạn bè"
    DIGEST = "digest", "Bản tin và thư tổng hợp"
    NOTIFICATION = "notification", "Thông báo cho bạn đọc"


class MailStop(models.Model):
    """A mailbox that asked for no more mail of a scope, known by its keyed digest only.

    Its owner asked by a link in a mail, or the desk wrote down what they asked otherwise, and why. Lifted ones stay.
    """

    address_digest = models.CharField(max_length=64, editable=False)
    scope = models.CharField("loại thư", max_length=12, choices=MailScope, default=MailScope.SHARE, editable=False)
    stopped_at = models.DateTimeField("từ lúc", editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người ghi",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.CharField("lý do", max_length=300, blank=True, editable=False)
    lifted_at = models.DateTimeField("bỏ dừng lúc", null=True, editable=False)

    class Meta:
        verbose_name = "địa chỉ không nhận thư"
        verbose_name_plural = "địa chỉ không nhận thư"
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=MailScope.values), name="mail_stop_scope_known"),
            models.UniqueConstraint(
                fields=["address_digest", "scope"], condition=Q(lifted_at=None), name="mail_stop_once"
            ),
        ]
        indexes = [models.Index(fields=["address_digest"], name="mail_stop_of_address")]

    def __str__(self) -> str:
        return f"Địa chỉ số {self.pk}"
