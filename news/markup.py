"""Rich text: the one place that sanitises, and the one allow-list that also drives the editor.

The sanitiser is the last step: nothing rewrites stored HTML after it.
"""

import html
import re
from typing import Any, Final

import nh3

from news.text.normalize import nfc

EDITOR_EXTENSIONS: Final[dict[str, Any]] = {
    "Bold": True,
    "Italic": True,
    "Underline": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "Heading": {"levels": [2, 3]},
    "HardBreak": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "HTML": False,
    "SpecialCharacters": True,
}
"""What the editor offers (django-prose-editor's extension names); all it can make is in the allow-list below."""

ALLOWED_TAGS: Final = frozenset(
    "p br h2 h3 h4 strong b em i u s sub sup ul ol li blockquote hr a table caption thead tbody tfoot tr th td".split()
)
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href", "title"},
    "ol": {"start"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
}
_DROPPED_WITH_CONTENT: Final = {
    "script", "style", "title", "textarea", "noscript", "iframe", "svg", "math", "template", "object", "xmp",
}  # fmt: skip
_BODY: Final = nh3.Cleaner(
    tags=set(ALLOWED_TAGS),
    attributes=_ATTRIBUTES,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
    strip_comments=True,
)
_TEXT: Final = nh3.Cleaner(tags=set(), clean_content_tags=_DROPPED_WITH_CONTENT, strip_comments=True)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLOCK_ENDS: Final = (
    "</p>",
    "</li>",
    "</h2>",
    "</h3>",
    "</h4>",
    "</blockquote>",
    "</td>",
    "</th>",
    "</caption>",
    "<br>",
    "<hr>",
)


def sanitise(source: str) -> str:
    """`source` as HTML that may stand in a page: only the allow-list, NFC, no control characters. Idempotent."""
    return _BODY.clean(nfc(_CONTROLS.sub("", source)).replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain(source: str) -> str:
    """The words of sanitised HTML as plain text, a line break after each block."""
    for end in _BLOCK_ENDS:
        source = source.replace(end, f"{end}\n")
    return html.unescape(_TEXT.clean(source)).strip()


def paragraphs(text: str) -> str:
    """Plain text as HTML: a paragraph for each block between blank lines or line breaks."""
    return "".join(f"<p>{html.escape(line.strip(), quote=False)}</p>" for line in text.splitlines() if line.strip())
