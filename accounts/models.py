"""The user: one table for the desk and for readers who open an account."""

from datetime import datetime
from typing import Any, ClassVar, Final

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Permission, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

USERNAME_RULE = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\Z",
    "Tên đăng nhập gồm chữ thường không dấu, số, dấu chấm, gạch ngang hoặc gạch dưới; "
    "bắt đầu và kết thúc bằng chữ hay số.",
)

FACTORS: Final = ("totp", "webauthn")
"""What counts as a second factor; recovery codes only stand in for one."""


class UserManager(BaseUserManager["User"]):
    """Makes users; names and addresses are stored in lower case, a missing address as NULL."""

    def create_user(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> "User":
        """A saved user. Raises `ValueError` without a user name."""
        if not username:
            raise ValueError("a user needs a user name")
        user = self.model(username=username.lower(), email=(email or "").strip().lower() or None, **fields)
        if user.is_staff:
            user.join_staff(timezone.now())
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> "User":
        """A technical administrator. It gives no editorial power: the workflow never asks `is_superuser`."""
        return self.create_user(username, email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of that name, in any case."""
        return self.get(username=(username or "").lower())

    def with_second_factor(self, users: "QuerySet[User] | None" = None) -> "QuerySet[User]":
        """These users, or all, with `has_second_factor`: whether one is set up."""
        owned = apps.get_model("mfa", "Authenticator")._default_manager.filter(user=OuterRef("pk"), type__in=FACTORS)
        return (self.all() if users is None else users).annotate(has_second_factor=Exists(owned))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in, by user name or by e-mail."""

    username = models.CharField(
        "tên đăng nhập",
        max_length=64,
        unique=True,
        validators=[USERNAME_RULE],
        error_messages={"unique": "Tên đăng nhập này đã có người dùng."},
    )
    full_name = models.CharField("họ và tên", max_length=120)
    email = models.EmailField("thư điện tử", null=True, blank=True)  # noqa: DJ001 - NULL: no address; unique below
    phone = models.CharField("điện thoại", max_length=32, blank=True)
    is_staff = models.BooleanField("được vào bàn làm việc", default=False)
    staff_since = models.DateTimeField("vào tòa soạn từ", null=True, editable=False)
    unused_told_at = models.DateTimeField("báo lâu không dùng lúc", null=True, editable=False)
    is_active = models.BooleanField(
        "đang hoạt động", default=True, help_text="Bỏ chọn thay vì xóa tài khoản: tên người viết bài vẫn được giữ."
    )
    date_joined = models.DateTimeField("ngày tạo", default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "người dùng"
        verbose_name_plural = "người dùng"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="Địa chỉ thư này đã có người dùng.",
            ),
            models.CheckConstraint(condition=~Q(email=""), name="user_email_not_blank"),
            models.CheckConstraint(condition=Q(username=Lower("username")), name="user_username_lower"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def join_staff(self, at: datetime) -> None:
        """Give the desk; the time to set up a second factor runs from the first time."""
        self.is_staff = True
        self.staff_since = self.staff_since or at

    def clean(self) -> None:
        """Lower-case the names by which people log in; no address is NULL."""
        super().clean()
        self.username = self.username.lower()
        self.email = (self.email or "").strip().lower() or None

    def get_full_name(self) -> str:
        """The name shown to colleagues."""
        return self.full_name or self.username

    def get_short_name(self) -> str:
        """The given name, which stands last in a Vietnamese name."""
        return self.get_full_name().rsplit(" ", 1)[-1]

    @cached_property
    def granted_permissions(self) -> frozenset[str]:
        """The permissions given to this user by role or by name, as "app.codename"; empty when inactive.

        Unlike `has_perm` it does not treat `is_superuser` as everything: editorial rights are granted, never implied.
        """
        if not self.is_active or self.pk is None:
            return frozenset()
        rows = (
            Permission.objects.filter(Q(group__user=self) | Q(user=self))
            .values_list("content_type__app_label", "codename")
            .distinct()
        )
        return frozenset(f"{app}.{codename}" for app, codename in rows)


def display_name(user: User) -> str:
    """How the person is called in what third-party packages show (a passkey's owner)."""
    return user.get_full_name()
