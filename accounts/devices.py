"""A browser in words: what the list of log-ins shows in place of what the browser says of itself."""

import re

_BROWSERS = (
    ("coc_coc_browser", "Cốc Cốc"),
    ("zalo", "Zalo"),
    ("fban", "Facebook"),
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung Internet"),
    ("ucbrowser", "UC Browser"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)
_SYSTEMS = (
    ("ipad", "iPad"),
    ("iphone", "iPhone"),
    ("android", "máy Android"),
    ("windows", "máy Windows"),
    ("cros", "Chromebook"),
    ("mac os x", "máy Mac"),
    ("linux", "máy Linux"),
)
UNKNOWN = "thiết bị không rõ"
_KNOWN = re.compile(
    rf"\A(?:{'|'.join(re.escape(words) for _, words in _BROWSERS)}|Trình duyệt)"
    rf" trên (?:{'|'.join(re.escape(words) for _, words in _SYSTEMS)}|{UNKNOWN})\Z"
)


def described(user_agent: str) -> str:
    """ "Chrome trên máy Windows", from a closed list of words: nothing of the text itself comes through. Idempotent."""
    if _KNOWN.match(user_agent):
        return user_agent
    said = user_agent[:400].casefold()
    browser = next((words for mark, words in _BROWSERS if mark in said), "Trình duyệt")
    system = next((words for mark, words in _SYSTEMS if mark in said), UNKNOWN)
    return f"{browser} trên {system}"
