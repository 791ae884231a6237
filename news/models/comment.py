"""Readers' comments under articles, what was said and done about them, and where they are let in."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value

from news.models.article import Article
from news.models.contact import ReaderContact
from news.models.section import Section

LONGEST: Final = 3000
"""Characters of a comment."""

NEWSROOM: Final = "Tòa soạn"
"""The name that the newsroom's own comments bear."""


class CommentStatus(models.TextChoices):
    """Who sees it: readers, or its writer and the desk."""

    HELD = "held", "Chờ duyệt"
    SHOWN = "shown", "Đang hiện"
    HIDDEN = "hidden", "Đã ẩn"
    SPAM = "spam", "Rác"
    WITHDRAWN = "withdrawn", "Người viết đã rút"


class Comment(models.Model):
    """One comment, under an article or (second level) under another; `parent` is always of the first level.

    `answering` is the very comment it replies to. `name` is what readers see. Whose it is: an account, a guest's
    contact, or (erased) nobody's any more. `held_for` is why the desk should look: a list of {"rule", "word", "start",
    "end"}. `is_listed`: of the first level, and shown or with answers that are. The counts are kept by the services.
    """

    article = models.ForeignKey(
        Article, verbose_name="bài viết", on_delete=models.PROTECT, related_name="comments", db_index=False
    )
    parent = models.ForeignKey(
        "self",
        verbose_name="trả lời cho",
        null=True,
        on_delete=models.PROTECT,
        related_name="replies",
        db_index=False,
        editable=False,
    )
    answering = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="tài khoản",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        editable=False,
    )
    contact = models.ForeignKey(
        ReaderContact, null=True, on_delete=models.SET_NULL, related_name="comments", editable=False
    )
    by_newsroom = models.BooleanField("của tòa soạn", default=False, editable=False)
    name = models.CharField("tên hiện", max_length=60, editable=False)
    body = models.TextField("nội dung", max_length=LONGEST, editable=False)
    body_digest = models.CharField(max_length=32, editable=False)
    status = models.CharField(
        "tình trạng", max_length=9, choices=CommentStatus, default=CommentStatus.HELD, editable=False
    )
    held_for = models.JSONField("vì sao giữ lại", default=list, editable=False)
    is_listed = models.BooleanField(default=False, editable=False)
    like_count = models.PositiveIntegerField("lượt thích", default=0, editable=False)
    report_count = models.PositiveIntegerField("báo xấu chưa xem", default=0, editable=False)
    reply_count = models.PositiveIntegerField("trả lời đang hiện", default=0, editable=False)
    created_at = models.DateTimeField("viết lúc", editable=False)
    edited_at = models.DateTimeField("sửa lúc", null=True, editable=False)
    decided_at = models.DateTimeField("xem xét lúc", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="người xem xét",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    reason = models.CharField("lý do", max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = "bình luận"
        verbose_name_plural = "bình luận"
        permissions = [("answer_comment", "Trả lời bình luận thay tòa soạn")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CommentStatus.values), name="comment_status_known"),
            models.CheckConstraint(condition=~Q(body="") & ~Q(name=""), name="comment_says_something"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="comment_not_its_own_parent"),
            models.CheckConstraint(condition=Q(is_listed=False) | Q(parent=None), name="comment_listed_is_a_root"),
            models.CheckConstraint(condition=Q(reply_count=0) | Q(parent=None), name="comment_replies_have_none"),
            models.CheckConstraint(condition=Q(author=None) | Q(contact=None), name="comment_of_one_writer"),
        ]
        indexes = [
            models.Index(fields=["article", "-id"], name="comment_newest", condition=Q(is_listed=True)),
            models.Index(
                fields=["article", "-like_count", "-id"], name="comment_most_liked", condition=Q(is_listed=True)
            ),
            models.Index(fields=["parent", "status", "id"], name="comment_replies", condition=Q(parent__isnull=False)),
            models.Index(
                fields=["article", "author", "-id"], name="comment_of_author", condition=Q(author__isnull=False)
            ),
            models.Index(fields=["author", "-id"], name="comment_mine", condition=Q(author__isnull=False)),
            models.Index(fields=["status", "-id"], name="comment_by_status"),
            models.Index(fields=["-id"], name="comment_reported", condition=Q(report_count__gt=0)),
            models.Index(fields=["body_digest", "-id"], name="comment_same_words"),
        ]

    def __str__(self) -> str:
        return f"Bình luận số {self.pk}"


class CommentTally(models.Model):
    """How many comments an article has: shown, and waiting. Kept in the transactions that change them."""

    article = models.OneToOneField(Article, primary_key=True, on_delete=models.CASCADE, related_name="comment_tally")
    shown = models.PositiveIntegerField("đang hiện", default=0)
    held = models.PositiveIntegerField("chờ duyệt", default=0)

    class Meta:
        verbose_name = "số bình luận của bài"
        verbose_name_plural = "số bình luận của bài"

    def __str__(self) -> str:
        return f"Số bình luận của bài số {self.pk}"


class CommentLike(models.Model):
    """That an account likes a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="likes", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField("lúc", editable=False)

    class Meta:
        verbose_name = "lượt thích"
        verbose_name_plural = "lượt thích"
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="comment_like_once")]

    def __str__(self) -> str:
        return f"Lượt thích số {self.pk}"


class ReportReason(models.TextChoices):
    """What is wrong with a comment."""

    INSULT = "insult", "Xúc phạm, thù ghét"
    FALSE = "false", "Sai sự thật"
    PRIVATE = "private", "Lộ thông tin riêng của người khác"
    SPAM = "spam", "Quảng cáo, lừa đảo"
    OTHER = "other", "Lý do khác"


class CommentReport(models.Model):
    """Somebody's word that a comment should not stand: an account's, or a visitor's known by a keyed hash only."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    visitor = models.CharField(max_length=64, blank=True, editable=False)
    reason = models.CharField("lý do", max_length=8, choices=ReportReason)
    note = models.CharField("nói thêm", max_length=500, blank=True)
    created_at = models.DateTimeField("lúc", editable=False)
    handled_at = models.DateTimeField("đã xem lúc", null=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        verbose_name = "lời báo xấu"
        verbose_name_plural = "lời báo xấu"
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=ReportReason.values), name="comment_report_reason_known"),
            models.CheckConstraint(
                condition=Q(user=None) & ~Q(visitor="") | Q(user__isnull=False, visitor=""),
                name="comment_report_is_somebodys",
            ),
            models.UniqueConstraint(fields=["comment", "user"], name="comment_report_once"),
            models.UniqueConstraint(
                fields=["comment", "visitor"], condition=~Q(visitor=""), name="comment_report_once_a_visitor"
            ),
        ]

    def __str__(self) -> str:
        return f"Lời báo xấu số {self.pk}"


class CommentDeed(models.TextChoices):
    """What was done with a comment."""

    WRITE = "write", "Viết"
    EDIT = "edit", "Sửa"
    WITHDRAW = "withdraw", "Rút"
    APPROVE = "approve", "Duyệt"
    HIDE = "hide", "Ẩn"
    SPAM = "spam", "Rác"
    RESTORE = "restore", "Khôi phục"
    BLOCK = "block", "Khóa người viết"
    UNBLOCK = "unblock", "Mở khóa người viết"
    HOLD = "hold", "Giữ lại vì nhiều người báo xấu"
    REPORTS = "reports", "Xem xong các lời báo xấu"
    APPEAL = "appeal", "Khiếu nại"
    APPEAL_DENIED = "appeal_denied", "Giữ nguyên quyết định"
    LOOK = "look", "Xem thông tin liên hệ"
    ERASE = "erase", "Xóa dữ liệu cá nhân"


class CommentEvent(models.Model):
    """The log: every deed, by whom (empty: by its writer, or by itself), why. Never edited, nothing personal in it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="events", db_index=False)
    deed = models.CharField("việc", max_length=13, choices=CommentDeed)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="ai", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("lý do", max_length=300, blank=True)
    at = models.DateTimeField("lúc")

    class Meta:
        verbose_name = "việc đã làm với bình luận"
        verbose_name_plural = "việc đã làm với bình luận"
        constraints = [
            models.CheckConstraint(condition=Q(deed__in=CommentDeed.values), name="comment_event_deed_known")
        ]
        indexes = [models.Index(fields=["comment", "id"], name="comment_event_in_order")]

    def __str__(self) -> str:
        return f"{self.get_deed_display()}, bình luận số {self.comment_id}"


class AppealStatus(models.TextChoices):
    """How an appeal ended."""

    OPEN = "open", "Chờ xem lại"
    UPHELD = "upheld", "Được chấp nhận"
    DENIED = "denied", "Giữ nguyên quyết định"


class CommentAppeal(models.Model):
    """The writer's word against a decision: once a comment."""

    comment = models.OneToOneField(Comment, primary_key=True, on_delete=models.CASCADE, related_name="appeal")
    words = models.TextField("lời khiếu nại", max_length=1000)
    status = models.CharField("kết quả", max_length=6, choices=AppealStatus, default=AppealStatus.OPEN)
    created_at = models.DateTimeField("lúc", editable=False)
    answer = models.CharField("trả lời", max_length=300, blank=True)
    answered_at = models.DateTimeField("trả lời lúc", null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        verbose_name = "khiếu nại"
        verbose_name_plural = "khiếu nại"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=AppealStatus.values), name="comment_appeal_status_known"),
            models.CheckConstraint(condition=~Q(words=""), name="comment_appeal_says_something"),
        ]
        indexes = [models.Index(fields=["-comment"], name="comment_appeal_open", condition=Q(status="open"))]

    def __str__(self) -> str:
        return f"Khiếu nại về bình luận số {self.pk}"


class WordLevel(models.TextChoices):
    """What a word does to a comment."""

    HOLD = "hold", "Giữ lại chờ duyệt"
    SPAM = "spam", "Chuyển vào rác"


class WordMatch(models.TextChoices):
    """How exactly a word is meant, see `news.text.wordlist`."""

    MARKED = "marked", "Đúng dấu"
    BARE = "bare", "Đúng dấu hoặc không dấu"
    FOLDED = "folded", "Dấu nào cũng bắt"


class WordRule(models.Model):
    """A word that keeps a comment back."""

    pattern = models.CharField(
        "từ, cụm từ", max_length=80, help_text="Viết thường, có dấu nếu bắt đúng dấu; các tiếng cách nhau một dấu cách."
    )
    match = models.CharField("cách bắt", max_length=6, choices=WordMatch, default=WordMatch.MARKED)
    level = models.CharField("khi gặp", max_length=4, choices=WordLevel, default=WordLevel.HOLD)
    note = models.CharField("vì sao có trong danh sách", max_length=200, blank=True)
    is_active = models.BooleanField("đang dùng", default=True)

    class Meta:
        verbose_name = "từ cần xem"
        verbose_name_plural = "từ cần xem"
        constraints = [
            models.CheckConstraint(condition=Q(match__in=WordMatch.values), name="word_rule_match_known"),
            models.CheckConstraint(condition=Q(level__in=WordLevel.values), name="word_rule_level_known"),
            models.CheckConstraint(condition=~Q(pattern=""), name="word_rule_not_blank"),
            models.UniqueConstraint(
                fields=["pattern", "match"],
                name="word_rule_once",
                violation_error_message="Từ này đã có trong danh sách, với cùng cách bắt.",
            ),
        ]

    def __str__(self) -> str:
        return self.pattern


class CommentState(models.TextChoices):
    """Whether an article takes and shows comments."""

    OPEN = "open", "Mở: bạn đọc viết được"
    CLOSED = "closed", "Đóng: chỉ hiện bình luận đã có"
    OFF = "off", "Tắt: không có bình luận"


class CommentWho(models.TextChoices):
    """Who may write."""

    EVERYBODY = "everybody", "Mọi bạn đọc, khách ghi tên và thư điện tử"
    ACCOUNTS = "accounts", "Chỉ người có tài khoản"


class CommentSetting(models.Model):
    """What holds for comments in a section and below it; without a section: on the whole site. Empty: as above it."""

    section = models.OneToOneField(
        Section,
        verbose_name="chuyên mục",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="comment_setting",
        help_text="Bỏ trống: cả trang.",
    )
    state = models.CharField("bình luận", max_length=6, choices=CommentState, blank=True)
    who = models.CharField("ai được viết", max_length=9, choices=CommentWho, blank=True)
    closes_after = models.PositiveSmallIntegerField(
        "đóng sau (ngày)", null=True, blank=True, help_text="Kể từ lúc đăng bài; 0: không tự đóng."
    )

    class Meta:
        verbose_name = "quy định bình luận"
        verbose_name_plural = "quy định bình luận"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["", *CommentState.values]), name="comment_setting_state_known"
            ),
            models.CheckConstraint(condition=Q(who__in=["", *CommentWho.values]), name="comment_setting_who_known"),
            models.UniqueConstraint(Value(1), condition=Q(section=None), name="comment_setting_site_once"),
        ]

    def __str__(self) -> str:
        return str(self.section) if self.section_id else "Cả trang"


class CommentSwitch(models.Model):
    """What holds for the comments of one article, at once and whatever its section says."""

    article = models.OneToOneField(
        Article, verbose_name="bài viết", on_delete=models.CASCADE, related_name="comment_switch"
    )
    state = models.CharField("bình luận", max_length=6, choices=CommentState)
    closes_at = models.DateTimeField("tự đóng lúc", null=True, blank=True)
    reason = models.CharField("lý do", max_length=300)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="ai đặt",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    changed_at = models.DateTimeField("lúc", editable=False)

    class Meta:
        verbose_name = "bình luận của một bài"
        verbose_name_plural = "bình luận của từng bài"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CommentState.values), name="comment_switch_state_known")
        ]

    def __str__(self) -> str:
        return f"Bình luận của bài số {self.article_id}"


class CommenterStanding(models.Model):
    """How the comments of an account, or of a guest's mailbox (its digest), fared; until when they may not write."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name="tài khoản", null=True, on_delete=models.CASCADE, related_name="+"
    )
    mailbox = models.CharField(max_length=64, blank=True, editable=False)
    approved = models.PositiveIntegerField("được duyệt", default=0, editable=False)
    refused = models.PositiveIntegerField("bị ẩn, bị coi là rác", default=0, editable=False)
    refused_at = models.DateTimeField("bị ẩn lần gần nhất", null=True, editable=False)
    blocked_until = models.DateTimeField("khóa đến", null=True)
    reason = models.CharField("lý do khóa", max_length=300, blank=True)

    class Meta:
        verbose_name = "người bình luận"
        verbose_name_plural = "người bình luận"
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) & ~Q(mailbox="") | Q(user__isnull=False, mailbox=""),
                name="commenter_is_account_or_mailbox",
            ),
            models.UniqueConstraint(fields=["mailbox"], condition=~Q(mailbox=""), name="commenter_mailbox_once"),
        ]
        indexes = [models.Index(fields=["-id"], name="commenter_blocked", condition=Q(blocked_until__isnull=False))]

    def __str__(self) -> str:
        return f"Người bình luận số {self.pk}"
