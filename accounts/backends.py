"""The user of a session, with whether a second factor is set up: in the same query, since the desk asks every time."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts import proving
from accounts.models import User


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """allauth's, which is Django's own and more."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """The user; a reader whose address is not verified yet is nobody, and is mailed the link again.

        Who is logged in and says the password once more is asked for no proof.
        """
        user: User | None = super().authenticate(request, **credentials)
        is_here = request is not None and hasattr(request, "user") and request.user.is_authenticated
        if user is None or is_here or not proving.is_waited_for(user):
            return user
        proving.note(request, user)
        return None

    def get_user(self, user_id: int) -> User | None:
        """The user, unless the account is closed."""
        user = User.objects.with_second_factor().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
