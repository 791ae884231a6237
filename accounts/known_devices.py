"""Devices that were logged in before: strangers' wrong passwords lock nobody out who comes back on one of them.

A signed cookie says which accounts were logged in here; nothing of it is kept on the server. It opens nothing: it only
has tries counted by themselves, five in five minutes as for anybody.
"""

import secrets
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE: Final = "may-quen"
KEPT: Final = 180 * 24 * 3600
"""Seconds after the last log-in."""
MOST: Final = 5
"""Accounts of one device."""
_SALT: Final = "accounts.known-device"


def of(request: HttpRequest) -> dict[int, str]:
    """The accounts that were logged in on this device -> what their tries are counted under."""
    try:
        held = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KEPT)
    except signing.BadSignature:
        return {}
    return {int(number): str(mark) for number, mark in held}


def remember(request: HttpRequest, response: HttpResponse, user_id: int) -> None:
    """This account was logged in here just now."""
    held = of(request)
    mark = held.pop(user_id, "") or secrets.token_hex(8)
    kept = [*held.items(), (user_id, mark)][-MOST:]
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT),
        max_age=KEPT,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
