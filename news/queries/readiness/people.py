"""Who signs, who came, who received: names, posts, days."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from news import markup
from news.queries.readiness.finding import Copy, Finding, advising, blocking, quoted

_VISIT: Final = re.compile(r"\bđoàn công tác\b|\btiếp và làm việc\b|\blàm việc với đoàn\b|\btiếp đoàn\b", re.IGNORECASE)
NAMED: Final = 3
"""How many people a message names; more are counted."""


def byline(copy: Copy) -> Iterator[Finding]:
    """Somebody answers for the text."""
    if not copy.content["byline"]:
        yield blocking("no_byline", "byline", "Chưa có người thực hiện: bài phải có ít nhất một tên ký.")


def delegations(copy: Copy) -> Iterator[Finding]:
    """Visits told in the text are linked, and complete."""
    content = copy.content
    if not content["delegations"]:
        text = "\n".join((content["title"], content["lead"], markup.plain(content["body"])))
        told = _VISIT.search(text)
        if told:
            yield advising(
                "no_delegation",
                "delegations",
                f"Bài nhắc đến {quoted(told[0])} nhưng chưa gắn đoàn công tác nào.",
            )
        return
    if not content["event_on"] and not any(item["from_on"] for item in content["delegations"]):
        yield advising(
            "no_event_day", "event_on", "Bài có đoàn công tác nhưng chưa ghi ngày: chức vụ đại biểu lấy theo ngày đó."
        )
    for item in content["delegations"]:
        yield from _of_one(item)


def _of_one(item: Mapping[str, Any]) -> Iterator[Finding]:
    field, name = f"doan-{item['id'] or 'moi'}", quoted(item["name"])
    if not item["attendees"]:
        yield advising("no_attendees", field, f"Đoàn {name} chưa có ai trong thành phần tham dự.")
    nameless = [row["name"] for row in item["attendees"] if row["name"] and not row["positions"]]
    if nameless:
        shown = ", ".join(nameless[:NAMED])
        more = f" và {len(nameless) - NAMED} người nữa" if len(nameless) > NAMED else ""
        yield advising("no_positions", field, f"Chưa có chức vụ: {shown}{more} (đoàn {name}).")
