"""How log-in (django-allauth) behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Log-in for the desk; readers' own accounts come with their pages, so sign-up is closed until then."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody registers on their own yet."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that `TrustedProxyMiddleware` believes; never a header of the visitor's."""
        return str(request.META["REMOTE_ADDR"])

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The user, or None; an address is tried once, not as a user name and again as an address.

        Twice would hash the password twice where there is an account, and so tell by the time that there is one.
        """
        if credentials.get("email") and credentials["email"] == credentials.get("username"):
            del credentials["email"]
        return super().authenticate(request, **credentials)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To the desk for whoever has one, to the front page for everybody else."""
        return str(super().get_login_redirect_url(request)) if getattr(request.user, "is_staff", False) else "/"

    def get_user_search_fields(self) -> list[str]:
        """The columns by which staff look a user up."""
        return ["username", "full_name", "email"]

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """User names are given, never invented."""
