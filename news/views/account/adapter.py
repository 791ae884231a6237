"""What accounts (django-allauth) ask of the newsroom: mail through the Outbox, secrets under the readers' key ring."""

from typing import Any

from allauth.account.internal.flows.email_verification import get_email_verification_url
from allauth.account.internal.flows.password_reset import get_reset_password_from_key_url
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import proving
from accounts.adapter import AccountAdapter, MFAAdapter
from news import crypto
from news.imaging.codes import qr_code
from news.queries import addresses, personal_data
from news.services import account_mail, naming, outbox


class NewsroomAccountAdapter(AccountAdapter):
    """Accounts' mail is the newsroom's mail."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail into the Outbox, in the transaction of what causes it."""
        masthead = outbox.masthead_name()
        context = {**context, "masthead": masthead, "email": email}
        subject = render_to_string(f"{template_prefix}_subject.txt", context).strip()
        account_mail.post(
            template=template_prefix.rsplit("/", 1)[-1],
            recipient=email,
            subject=f"{subject} – {masthead}",
            text=render_to_string(f"{template_prefix}_message.txt", context),
            masthead=masthead,
            at=timezone.now(),
        )

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:  # noqa: FBT001 - as allauth has it
        """The link; where another account has the address, its owner is told so instead. The page says the same."""
        wanted = emailconfirmation.email_address
        if proving.users_of(wanted.email) - {wanted.user_id}:
            reset = addresses.absolute(reverse("account_reset_password"))
            self.send_mail("account/email/address_taken", wanted.email, {"password_reset_url": reset})
            return
        super().send_confirmation_mail(request, emailconfirmation, signup)

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Not while an order keeps what the account has: it is found by the address. Nor is the order told."""
        at = timezone.now()
        user = email_address.user
        proven = {address for address in (user.email, *proving.proven_by(user.pk)) if address}
        others = tuple(
            crypto.digest(address) for address in proven if not proving.is_same(address, email_address.email)
        )
        if personal_data.hold_on(others, at) is not None:
            email_address.verified = False
            messages.error(request, "Chưa đổi được địa chỉ thư lúc này. Hãy viết cho tòa soạn.")
            return False
        return super().confirm_email(request, email_address)

    def clean_full_name(self, name: str) -> str:
        """Nor is it the newspaper's own."""
        return naming.clean(name)

    def clean_email(self, email: str) -> str:
        """An address that mail of ours can go to."""
        email = super().clean_email(email)
        if not outbox.is_address(email):
            raise ValidationError("Hãy ghi một địa chỉ thư điện tử đúng.")
        return email

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Below the address of the site, whatever host the request named."""
        return _of_the_site(request, get_email_verification_url(request, emailconfirmation))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """As above."""
        return _of_the_site(self.request, get_reset_password_from_key_url(self.request, key))


def _of_the_site(request: HttpRequest, url: str) -> str:
    return addresses.absolute(url.removeprefix(f"{request.scheme}://{request.get_host()}"))


class NewsroomMFAAdapter(MFAAdapter):
    """Secrets of the second factor lie encrypted, like readers' contact details."""

    def encrypt(self, text: str) -> str:
        """As text that only READER_KEYS open."""
        return crypto.encrypt({"secret": text})

    def decrypt(self, encrypted_text: str) -> str:
        """Its counterpart. Raises `crypto.Undecryptable`."""
        return crypto.decrypt(encrypted_text)["secret"]

    def get_totp_issuer(self) -> str:
        """The newspaper, as the authenticator app shows it."""
        return outbox.masthead_name()

    def _get_site_name(self) -> str:
        """The newspaper, as the browser shows it beside a passkey."""
        return outbox.masthead_name()

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an element of the page: no address of its own that a cache or a log could keep."""
        drawing = qr_code(url).decode()
        return drawing[drawing.index("<svg") :].strip()
