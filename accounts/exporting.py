"""What an account holds of a person, for the person: what the newsroom's data export asks of this app."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.utils import timezone
from django.utils.formats import date_format

from accounts.devices import described
from accounts.models import User

_FACTORS = {"totp": "Ứng dụng xác thực", "webauthn": "Khóa truy cập", "recovery_codes": "Mã dự phòng"}


def export_of(*, contact_ids: Iterable[int], user_ids: Iterable[int]) -> list[dict[str, Any]]:
    """One entry an account, in Vietnamese words: no password, no secret of a second factor. Five queries."""
    pks = list(user_ids)
    users = list(User.objects.filter(pk__in=pks).order_by("pk"))
    addresses = list(EmailAddress.objects.filter(user_id__in=pks).order_by("pk"))
    factors = list(Authenticator.objects.filter(user_id__in=pks).order_by("pk"))
    links = list(SocialAccount.objects.filter(user_id__in=pks).order_by("pk"))
    log_ins = list(UserSession.objects.filter(user_id__in=pks).order_by("pk"))
    return [
        {
            "Loại": "Tài khoản",
            "Tên đăng nhập": user.username,
            "Tên hiển thị": user.full_name,
            "Thư điện tử": user.email or "",
            "Điện thoại": user.phone,
            "Ngày tạo": _moment(user.date_joined),
            "Đăng nhập lần cuối": _moment(user.last_login),
            "Địa chỉ thư": [
                {"Địa chỉ": row.email, "Đã xác nhận": "có" if row.verified else "chưa"}
                for row in addresses
                if row.user_id == user.pk
            ],
            "Xác thực hai lớp": [
                {
                    "Cách": _FACTORS[row.type],
                    "Bật lúc": _moment(row.created_at),
                    "Dùng lần cuối": _moment(row.last_used_at),
                }
                for row in factors
                if row.user_id == user.pk
            ],
            "Trang liên kết": [
                {"Trang": row.provider, "Mã ở trang đó": row.uid, "Trang đó cho biết": row.extra_data}
                for row in links
                if row.user_id == user.pk
            ],
            "Phiên đăng nhập": [
                {"Thiết bị": described(row.user_agent), "Từ lúc": _moment(row.created_at)}
                for row in log_ins
                if row.user_id == user.pk
            ],
        }
        for user in users
    ]


def _moment(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "H:i j/n/Y") if moment else ""
