"""The newsletter ("bản tin"): who subscribed to what, its issues, each delivery of one, and mails that came back."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from news.models.contact import ReaderContact
from news.models.section import Section


class Frequency(models.TextChoices):
    """How often."""

    DAILY = "daily", "Hằng ngày"
    WEEKLY = "weekly", "Hằng tuần"


class SubscriberState(models.TextChoices):
    """Whether a subscriber gets anything."""

    PENDING = "pending", "Chờ xác nhận"
    ACTIVE = "active", "Đang nhận"
    STOPPED = "stopped", "Đã thôi nhận"
    BOUNCED = "bounced", "Đã dừng vì thư không tới"


class Subscriber(models.Model):
    """A mailbox that asked for the newsletter; no sections chosen means all of them.

    `key` is part of the links in the mails, so that no number can be guessed or comes back to life.
    """

    contact = models.ForeignKey(ReaderContact, on_delete=models.CASCADE, related_name="subscriptions", editable=False)
    mailbox_digest = models.CharField(max_length=64, unique=True, editable=False)
    frequency = models.CharField("định kỳ", max_length=6, choices=Frequency)
    sections = models.ManyToManyField(Section, verbose_name="chuyên mục", blank=True, related_name="+")
    state = models.CharField(
        "tình trạng", max_length=7, choices=SubscriberState, default=SubscriberState.PENDING, editable=False
    )
    key = models.CharField(max_length=22, editable=False)
    created_at = models.DateTimeField("đăng ký lúc", editable=False)
    confirmed_at = models.DateTimeField("xác nhận lúc", null=True, editable=False)
    ended_at = models.DateTimeField("dừng lúc", null=True, editable=False)
    bounce_count = models.PositiveSmallIntegerField("số lần thư không tới", default=0, editable=False)

    class Meta:
        verbose_name = "người nhận bản tin"
        verbose_name_plural = "người nhận bản tin"
        constraints = [
            models.CheckConstraint(condition=Q(frequency__in=Frequency.values), name="subscriber_frequency_known"),
            models.CheckConstraint(condition=Q(state__in=SubscriberState.values), name="subscriber_state_known"),
        ]
        indexes = [
            models.Index(fields=["frequency", "id"], name="subscriber_active", condition=Q(state="active")),
            models.Index(fields=["created_at"], name="subscriber_unconfirmed", condition=Q(state="pending")),
            models.Index(fields=["state", "-id"], name="subscriber_by_state"),
        ]

    def __str__(self) -> str:
        return f"Người nhận số {self.pk}"


class NewsletterPlan(models.Model):
    """When the newsletter of a frequency leaves: from that hour on, weekly on that day (1 is Monday)."""

    frequency = models.CharField("định kỳ", max_length=6, choices=Frequency, unique=True, editable=False)
    is_on = models.BooleanField("gửi bản tin này", default=True)
    hour = models.PositiveSmallIntegerField("gửi từ", choices=[(hour, f"{hour} giờ") for hour in range(24)], default=6)
    weekday = models.PositiveSmallIntegerField(
        "vào ngày",
        choices=[
            (1, "Thứ Hai"),
            (2, "Thứ Ba"),
            (3, "Thứ Tư"),
            (4, "Thứ Năm"),
            (5, "Thứ Sáu"),
            (6, "Thứ Bảy"),
            (7, "Chủ nhật"),
        ],
        null=True,
        blank=True,
        help_text="Chỉ dùng cho bản tin hằng tuần.",
    )

    class Meta:
        verbose_name = "giờ gửi bản tin"
        verbose_name_plural = "giờ gửi bản tin"
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="newsletter_plan_hour"),
            models.CheckConstraint(
                condition=Q(frequency="daily", weekday=None)
                | Q(frequency="weekly", weekday__isnull=False, weekday__range=(1, 7)),
                name="newsletter_plan_weekday",
                violation_error_message="Bản tin hằng tuần cần một ngày; bản tin hằng ngày thì không.",
            ),
        ]

    def __str__(self) -> str:
        return f"Bản tin {self.get_frequency_display().lower()}"

    def clean(self) -> None:
        """The weekly one has a day. Raises `ValidationError` beside the field."""
        super().clean()
        if self.frequency == Frequency.WEEKLY and self.weekday is None:
            raise ValidationError({"weekday": "Hãy chọn ngày gửi trong tuần."})


class IssueState(models.TextChoices):
    """How far an issue is."""

    SENDING = "sending", "Đang gửi"
    PAUSED = "paused", "Tạm dừng"
    DONE = "done", "Đã gửi xong"
    EMPTY = "empty", "Không có bài mới, không gửi"


class NewsletterIssue(models.Model):
    """One newsletter of one day.

    `content` is frozen when it begins: [[section's number, [editions' numbers]] …]; what of it is live is asked when
    each mail leaves. The counts are kept with the deliveries, so that nobody counts thousands of rows.
    """

    frequency = models.CharField("định kỳ", max_length=6, choices=Frequency, editable=False)
    day = models.DateField("ngày", editable=False)
    since = models.DateTimeField("bài từ", editable=False)
    until = models.DateTimeField("bài đến", editable=False)
    content = models.JSONField(default=list, editable=False)
    state = models.CharField("tình trạng", max_length=7, choices=IssueState, editable=False)
    is_addressed = models.BooleanField(default=False, editable=False)
    touched_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField("xong lúc", null=True, editable=False)
    total_count = models.PositiveIntegerField("người nhận", default=0, editable=False)
    sent_count = models.PositiveIntegerField("đã gửi", default=0, editable=False)
    skipped_count = models.PositiveIntegerField("không có gì để gửi", default=0, editable=False)
    failed_count = models.PositiveIntegerField("không gửi được", default=0, editable=False)
    unsure_count = models.PositiveIntegerField("không rõ đã tới", default=0, editable=False)

    class Meta:
        verbose_name = "số bản tin"
        verbose_name_plural = "số bản tin"
        constraints = [
            models.UniqueConstraint(fields=["frequency", "day"], name="newsletter_issue_once"),
            models.CheckConstraint(condition=Q(state__in=IssueState.values), name="newsletter_issue_state_known"),
        ]
        indexes = [models.Index(fields=["id"], name="newsletter_issue_sending", condition=Q(state="sending"))]

    def __str__(self) -> str:
        return f"Bản tin {self.get_frequency_display().lower()}, {self.day.day}/{self.day.month}/{self.day.year}"


class DeliveryState(models.TextChoices):
    """What became of one mail. Unsure: it was handed over, and nobody heard whether it was taken."""

    WAITING = "waiting", "Chờ gửi"
    SENT = "sent", "Đã gửi"
    SKIPPED = "skipped", "Không có gì để gửi"
    FAILED = "failed", "Không gửi được"
    UNSURE = "unsure", "Không rõ đã tới"


class NewsletterDelivery(models.Model):
    """One issue to one subscriber, once. While a worker has it in hand `send_after` lies a lease ahead."""

    issue = models.ForeignKey(NewsletterIssue, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=7, choices=DeliveryState, default=DeliveryState.WAITING, editable=False)
    send_after = models.DateTimeField(editable=False)
    attempt_count = models.PositiveSmallIntegerField(default=0, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "lượt gửi bản tin"
        verbose_name_plural = "lượt gửi bản tin"
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="newsletter_delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="newsletter_delivery_state_known"),
        ]
        indexes = [
            models.Index(fields=["issue", "id"], name="newsletter_waiting", condition=Q(state="waiting")),
            models.Index(fields=["issue", "state", "id"], name="newsletter_by_state"),
        ]

    def __str__(self) -> str:
        return f"Lượt gửi số {self.pk}"


class BounceSource(models.TextChoices):
    """Who said that a mail came back."""

    SMTP = "smtp", "Máy chủ thư từ chối"
    REPORT = "report", "Thư báo trả lại"
    SERVICE = "service", "Dịch vụ gửi thư"


class Bounce(models.Model):
    """That a mail to a subscriber did not get there; `status` is the server's code ("550 5.1.1")."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="bounces", db_index=False)
    issue = models.ForeignKey(NewsletterIssue, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    source = models.CharField("ai báo", max_length=7, choices=BounceSource, editable=False)
    status = models.CharField("mã", max_length=20, blank=True, editable=False)
    is_hard = models.BooleanField("không có địa chỉ này", editable=False)
    happened_at = models.DateTimeField("lúc", editable=False, default=timezone.now)

    class Meta:
        verbose_name = "thư bị trả lại"
        verbose_name_plural = "thư bị trả lại"
        constraints = [models.UniqueConstraint(fields=["subscriber", "issue"], name="bounce_once_an_issue")]

    def __str__(self) -> str:
        return f"Thư trả lại số {self.pk}"
