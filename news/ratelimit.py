"""Limits for strangers, counted under hashed keys in the shared cache: nothing of who it was can be read back."""

import hashlib
import hmac
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.core.cache import cache


def allow(scope: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one more try of `who` in `scope`; False once there were more than `limit` in the running window."""
    keyed = hmac.new(settings.SECRET_KEY.encode(), f"{scope}\0{who}".encode(), hashlib.sha256).hexdigest()[:40]
    key = f"limit:{scope}:{keyed}"
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) <= limit
    except ValueError:  # it ran out between the two calls
        cache.set(key, 1, timeout=seconds)
        return limit >= 1


def refusal(scope: str, who: str, *, hourly: int, daily: int, deed: str) -> str:
    """Count one more `deed` ("gửi nhiều thư") of `who`, by the hour, then by the day; why it is too many, or ""."""
    if not allow(f"{scope}-hour", who, limit=hourly, seconds=3600):
        return now(deed)
    if not allow(f"{scope}-day", who, limit=daily, seconds=86400):
        return today(deed)
    return ""


def now(deed: str) -> str:
    """What is said of too much in an hour."""
    return f"Bạn đã {deed} trong thời gian ngắn. Hãy thử lại sau một giờ."


def today(deed: str) -> str:
    """What is said of too much in a day."""
    return f"Hôm nay bạn đã {deed}. Hãy thử lại vào ngày mai."


def network_of(address: str) -> str:
    """Who counts as one visitor: an IPv4 address, or the /64 in which an IPv6 visitor may take any address at all."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))
