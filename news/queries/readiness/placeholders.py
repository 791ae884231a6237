"""Questions of a template that nobody answered: "[họ tên, chức vụ]"."""

import re
from collections.abc import Iterator
from typing import Final

from news import markup
from news.models import ArticleTemplate
from news.queries.readiness.finding import Copy, Finding, blocking, quoted
from news.text.normalize import fold

_BRACKETS: Final = re.compile(r"\[[^\[\]\n]{1,120}\]")
# Templates change while articles are written from them; what they all ask for is known without them.
_ASKED: Final = ("họ tên", "chức vụ", "ngày/tháng", "tên cuộc họp")


def placeholders(copy: Copy) -> Iterator[Finding]:
    """Brackets that a template put there. Others ("[1]", "[sic]") are the writer's own. One query, if there are any."""
    content = copy.content
    texts = {name: content[name] for name in ("title", "kicker", "lead")} | {"body": markup.plain(content["body"])}
    found = [(field, span) for field, text in texts.items() for span in dict.fromkeys(_BRACKETS.findall(text))]
    if not found:
        return
    known = _questions()
    for field, span in found:
        if fold(span) in known or any(word in span.lower() for word in _ASKED):
            yield blocking("placeholder", field, f"Chỗ trống của mẫu bài còn chưa điền: {quoted(span)}.")


def _questions() -> set[str]:
    rows = ArticleTemplate.objects.values_list("title", "kicker", "lead", "body").order_by("id")[:200]
    return {fold(span) for row in rows for text in (*row[:3], markup.plain(row[3])) for span in _BRACKETS.findall(text)}
