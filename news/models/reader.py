"""What a reader with an account keeps: saved articles, what is followed, what they were told and how they want to hear.

All of it is personal. No page of the desk shows who saved or follows what.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from news.models.article import Article
from news.models.comment import Comment
from news.models.feedback import Feedback
from news.models.person import Person
from news.models.section import Section
from news.models.tag import Tag


class Bookmark(models.Model):
    """An article a reader put aside."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField("lưu lúc", editable=False)

    class Meta:
        verbose_name = "bài đã lưu"
        verbose_name_plural = "bài đã lưu"
        constraints = [models.UniqueConstraint(fields=["user", "article"], name="bookmark_once")]
        indexes = [models.Index(fields=["user", "-id"], name="bookmark_newest")]

    def __str__(self) -> str:
        return f"Bài đã lưu số {self.pk}"


class FollowKind(models.TextChoices):
    """What can be followed; the words of the addresses that follow it."""

    PERSON = "person", "Nhân sự"
    TAG = "tag", "Chủ đề"
    SECTION = "section", "Chuyên mục"


class Follow(models.Model):
    """That a reader wants to hear of one person, tag or section: exactly one of the three is set."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, null=True, on_delete=models.CASCADE, related_name="+")
    section = models.ForeignKey(Section, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField("từ lúc", editable=False)

    class Meta:
        verbose_name = "mục theo dõi"
        verbose_name_plural = "mục theo dõi"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(person__isnull=False, tag=None, section=None)
                    | Q(person=None, tag__isnull=False, section=None)
                    | Q(person=None, tag=None, section__isnull=False)
                ),
                name="follow_exactly_one",
            ),
            models.UniqueConstraint(fields=["user", "person"], name="follow_person_once"),
            models.UniqueConstraint(fields=["user", "tag"], name="follow_tag_once"),
            models.UniqueConstraint(fields=["user", "section"], name="follow_section_once"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="follow_newest")]

    def __str__(self) -> str:
        return f"Mục theo dõi số {self.pk}"

    @property
    def target(self) -> tuple[FollowKind, int]:
        """What is followed, and its number."""
        if self.person_id:
            return FollowKind.PERSON, self.person_id
        if self.tag_id:
            return FollowKind.TAG, self.tag_id
        return FollowKind.SECTION, self.section_id or 0


class FollowDigest(models.Model):
    """How far a reader has been told of new articles they follow; no row an article, one row a reader.

    `seen_at` is when they last opened the list on their page, `sent_on` the last day whose mail was written, `told` the
    numbers of the articles that mails of the last days named.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField("đã xem lúc", null=True)
    sent_on = models.DateField("thư của ngày", null=True)
    told = models.JSONField("đã báo", default=list)

    class Meta:
        verbose_name = "thư theo dõi"
        verbose_name_plural = "thư theo dõi"

    def __str__(self) -> str:
        return f"Thư theo dõi số {self.pk}"


class NotificationKind(models.TextChoices):
    """What a reader is told of."""

    COMMENT_ANSWERED = "comment_answered", "Có người trả lời bình luận của tôi"
    COMMENT_DECIDED = "comment_decided", "Tòa soạn duyệt, ẩn hoặc xem lại bình luận của tôi"
    FEEDBACK_ANSWERED = "feedback_answered", "Tòa soạn trả lời thư của tôi"
    FOLLOWED_ARTICLE = "followed_article", "Bài mới về người, chủ đề, chuyên mục tôi theo dõi"


ROW_KINDS = (NotificationKind.COMMENT_ANSWERED, NotificationKind.COMMENT_DECIDED, NotificationKind.FEEDBACK_ANSWERED)
"""What has a row a piece of news; articles that are followed are asked for when the reader looks (`FollowDigest`)."""


class Notification(models.Model):
    """One thing a reader is told of: on their page unless `is_listed` is off, and by mail where `mailed_at` is set.

    `comment` is the answer or the decided comment, `feedback` the letter, `article` the article they belong to.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField("loại", max_length=20, choices=NotificationKind)
    article = models.ForeignKey(Article, null=True, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+")
    feedback = models.ForeignKey(Feedback, null=True, on_delete=models.CASCADE, related_name="+")
    is_listed = models.BooleanField("hiện ở trang của bạn đọc", default=True)
    created_at = models.DateTimeField("lúc", editable=False)
    read_at = models.DateTimeField("đã đọc lúc", null=True)
    mailed_at = models.DateTimeField("đã gửi thư lúc", null=True)

    class Meta:
        verbose_name = "thông báo"
        verbose_name_plural = "thông báo"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind__in=["comment_answered", "comment_decided"], comment__isnull=False, feedback=None)
                    | Q(kind="feedback_answered", comment=None, feedback__isnull=False)
                ),
                name="notification_about_its_kind",
            ),
            # An answer is told of once and for all; a decision or a letter's answer again once the last was read.
            models.UniqueConstraint(
                fields=["user", "comment"],
                condition=Q(kind="comment_answered"),
                name="notification_answer_once",
            ),
            models.UniqueConstraint(
                fields=["user", "comment"],
                condition=Q(kind="comment_decided", read_at=None),
                name="notification_decision_once_unread",
            ),
            models.UniqueConstraint(
                fields=["user", "feedback"],
                condition=Q(kind="feedback_answered", read_at=None),
                name="notification_letter_once_unread",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_newest", condition=Q(is_listed=True)),
            models.Index(fields=["user"], name="notification_unread", condition=Q(is_listed=True, read_at=None)),
        ]

    def __str__(self) -> str:
        return f"Thông báo số {self.pk}"


class NotificationChoice(models.Model):
    """How a reader wants to hear of one kind; without a row: on the page, not by mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField("loại", max_length=20, choices=NotificationKind)
    on_page = models.BooleanField("ở trang của tôi", default=True)
    by_mail = models.BooleanField("qua thư", default=False)

    class Meta:
        verbose_name = "cách nhận thông báo"
        verbose_name_plural = "cách nhận thông báo"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=NotificationKind.values), name="notification_choice_kind_known"
            ),
            models.UniqueConstraint(fields=["user", "kind"], name="notification_choice_once"),
        ]
        indexes = [models.Index(fields=["kind", "user"], name="notification_choice_by_mail", condition=Q(by_mail=True))]

    def __str__(self) -> str:
        return f"Cách nhận thông báo số {self.pk}"
