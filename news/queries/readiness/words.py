"""The article's own words: there at all, and no longer than what readers' lists show."""

from collections.abc import Iterator
from typing import Final

from news import markup
from news.queries.readiness.finding import Copy, Finding, advising, blocking

# Not limits of the columns: from here on lists, search results and shared cards cut, or a phone shows nothing else.
TITLE_LIMIT: Final = 100
KICKER_LIMIT: Final = 50
LEAD_LIMIT: Final = 400


def title(copy: Copy) -> Iterator[Finding]:
    """A title that fits."""
    length = len(copy.content["title"])
    if not length:
        yield blocking("no_title", "title", "Chưa có tiêu đề.")
    elif length > TITLE_LIMIT:
        yield advising(
            "long_title",
            "title",
            f"Tiêu đề dài {length} ký tự: quá {TITLE_LIMIT} ký tự thì kết quả tìm kiếm và thẻ chia sẻ cắt bớt.",
        )


def kicker(copy: Copy) -> Iterator[Finding]:
    """A line above the title that stays one line."""
    length = len(copy.content["kicker"])
    if length > KICKER_LIMIT:
        yield advising(
            "long_kicker",
            "kicker",
            f"Dòng trên tiêu đề dài {length} ký tự: quá {KICKER_LIMIT} ký tự thì điện thoại xuống dòng.",
        )


def lead(copy: Copy) -> Iterator[Finding]:
    """A lead, and not half the article.

    Only advice: documents and official reports (the article the site was asked for among them) run without one; then
    the first words of the body stand in lists and search results.
    """
    length = len(copy.content["lead"])
    if not length:
        yield advising("no_lead", "lead", "Chưa có sa-pô: danh sách và kết quả tìm kiếm sẽ lấy câu đầu của bài.")
    elif length > LEAD_LIMIT:
        yield advising("long_lead", "lead", f"Sa-pô dài {length} ký tự: nên dưới {LEAD_LIMIT} ký tự.")


def body(copy: Copy) -> Iterator[Finding]:
    """A text to read. A piece of pictures or of a recording may do without."""
    content = copy.content
    shows = content["gallery"] or content.get("body_images") or content.get("recordings")
    if not markup.plain(content["body"]) and not shows:
        yield blocking("no_body", "body", "Bài chưa có nội dung.")


def tags(copy: Copy) -> Iterator[Finding]:
    """A way from this article to others."""
    if not copy.content["tags"]:
        yield advising("no_tags", "tags", "Chưa có từ khóa: bài sẽ không nằm trong trang chủ đề nào.")
