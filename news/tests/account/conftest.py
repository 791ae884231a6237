"""What tests of accounts share: mail as it waits in the Outbox, codes as an authenticator app makes them."""

import re
import time
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.models import User
from news import crypto
from news.models import Outbox
from news.tests import make

PASSWORD = "mot-mat-khau-rat-dai-2026"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN = "/tai-khoan/dang-nhap/"


@dataclass(frozen=True)
class Waiting:
    """A mail in the Outbox, opened."""

    kind: str
    to: str
    subject: str
    text: str
    html: str

    def path(self, before: str) -> str:
        """The path of the first link that begins so."""
        found = re.search(rf"https?://[^/\s]+({re.escape(before)}\S*)", self.text)
        assert found is not None, self.text
        return found[1]


def waiting() -> list[Waiting]:
    """Every mail that waits, the oldest first."""
    mails = []
    for row in Outbox.objects.order_by("pk"):
        message = crypto.decrypt(row.message)
        mails.append(
            Waiting(
                row.kind, crypto.decrypt(row.recipient)["address"], message["subject"], message["text"], message["html"]
            )
        )
    return mails


def make_reader(name: str = "ban-doc", *, email: str = "", **fields: Any) -> User:
    """A reader with a verified address and a password."""
    user = make.make_user(None, username=name, email=email or f"{name}@example.vn", password=PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_colleague(role: str = "reporter", **fields: Any) -> User:
    """Somebody of the newsroom with a password."""
    return make.make_user(role, password=PASSWORD, **fields)


def code(secret: str = SECRET) -> str:
    """What an authenticator app shows now."""
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def set_up(user: User) -> list[str]:
    """Give the user an authenticator app; the recovery codes."""
    TOTP.activate(user, SECRET)
    return RecoveryCodes.activate(user).get_unused_codes()


def confirm(client: Client) -> Any:
    """Say one's password once more."""
    return client.post("/tai-khoan/xac-nhan/", {"password": PASSWORD})


def log_in(client: Client, user: User, **extra: str) -> Any:
    """Send the log-in form."""
    return client.post(LOGIN, {"login": user.username, "password": PASSWORD, **extra})


def factors(user: User) -> list[str]:
    """The kinds of second factors set up."""
    return sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def open_late(client: Client, user: User) -> None:
    """The time to set up a second factor being over: ask for the mailed link, and open it in the same browser."""
    client.post("/tai-khoan/hai-lop/qua-thu/")
    link = next(mail for mail in reversed(waiting()) if mail.to == user.email)
    assert client.get(link.path("/tai-khoan/hai-lop/qua-thu/")).headers["Location"] == "/tai-khoan/hai-lop/"


@pytest.fixture
def no_grace(settings: Any) -> None:
    """The time to set up a second factor is over for everybody."""
    settings.STAFF_MFA_GRACE_DAYS = 0
