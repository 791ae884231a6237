"""Where somebody is logged in, and how that ends."""

from allauth.usersessions.models import UserSession


def end(user_id: int, *, but: str = "") -> int:
    """Log the account out everywhere, but in the session of that key; how many log-ins ended."""
    ended = list(UserSession.objects.filter(user_id=user_id).exclude(session_key=but))
    for log_in in ended:
        log_in.end()
    return len(ended)
