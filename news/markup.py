"""Rich text: the one place that sanitises, and the one allow-list that also drives the editor.

The sanitiser is the last step: nothing rewrites stored HTML after it. What a page prints comes from `parts`, which
sanitises once more and cuts at the figures; nothing is put into the pieces.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import nh3

from news.text.normalize import nfc


@dataclass(frozen=True, slots=True)
class Allowed:
    """A row of the allow-list: elements with their attributes, and the editor's extension that makes them ("": none).

    `options` are the extension's own; the editor loads it from django-prose-editor, or from static/js/desk/editor/.
    """

    extension: str
    elements: dict[str, str]
    options: Any = True


ALLOWED: Final = (
    Allowed("", {"p": ""}),  # the editor always has paragraphs
    Allowed("Bold", {"strong": "", "b": ""}),
    Allowed("Italic", {"em": "", "i": ""}),
    Allowed("Underline", {"u": ""}),
    Allowed("Strike", {"s": ""}),
    Allowed("Subscript", {"sub": ""}),
    Allowed("Superscript", {"sup": ""}),
    Allowed("Heading", {"h2": "", "h3": "", "h4": ""}, {"levels": [2, 3, 4]}),
    Allowed("HardBreak", {"br": ""}),
    Allowed("BulletList", {"ul": ""}),
    Allowed("OrderedList", {"ol": "start"}),
    Allowed("ListItem", {"li": ""}),
    Allowed("Blockquote", {"blockquote": ""}),
    Allowed("HorizontalRule", {"hr": ""}),
    Allowed("Link", {"a": "href title"}, {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]}),
    Allowed("Table", {"table": "", "caption": "", "thead": "", "tbody": "", "tfoot": ""}),
    Allowed("TableRow", {"tr": ""}),
    Allowed("TableHeader", {"th": "colspan rowspan scope"}),
    Allowed("TableCell", {"td": "colspan rowspan"}),
    Allowed("Box", {"aside": ""}),
    Allowed("Figure", {"figure": "data-image data-images data-recording data-link", "figcaption": ""}),
    Allowed("SpecialCharacters", {}),
)
"""All that rich text may hold. The sanitiser and the editor both read this table."""

EDITOR_EXTENSIONS: Final[dict[str, Any]] = {row.extension: row.options for row in ALLOWED if row.extension}
"""What the editor of an article offers: extension to options; all it can make is in the allow-list."""
PROSE_EXTENSIONS: Final[dict[str, Any]] = {
    name: options for name, options in EDITOR_EXTENSIONS.items() if name not in {"Box", "Figure"}
}
"""What the editor of a page without figures offers."""

ALLOWED_TAGS: Final = frozenset(tag for row in ALLOWED for tag in row.elements)
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "*": set(),  # else nh3 lets lang and title through everywhere
    **{tag: set(names.split()) for row in ALLOWED for tag, names in row.elements.items() if names},
}
_DROPPED_WITH_CONTENT: Final = {
    "script", "style", "title", "textarea", "noscript", "iframe", "svg", "math", "template", "object", "xmp",
    "xml",  # what Word says of itself
    "del",  # words somebody struck out while tracking changes: they must not come back in print
}  # fmt: skip
MOST_PICTURES: Final = 60
"""So many pictures a gallery in the text may name."""
MOST_FIGURES: Final = 300
"""So many pictures and recordings one text may show, those of its galleries counted one by one."""
LONGEST_LINK: Final = 2000
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}\Z", re.ASCII)
_LINK: Final = re.compile(r"https?://[^\s\x00-\x20<>\"'\\`]+\Z", re.IGNORECASE)


def _is_site(link: str) -> bool:
    try:
        return len(link) <= LONGEST_LINK and bool(_LINK.match(link)) and bool(urlsplit(link).hostname)
    except ValueError:  # an address no parser takes
        return False


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value as it may stand, None to drop the attribute: figures name numbers and sites, links leave the page."""
    if name == "href" and value.startswith("#"):  # a place in Word's document: nothing here has a name to jump to
        return None
    if tag != "figure":
        return value
    if name == "data-images":
        numbers = value.split()
        fits = 0 < len(numbers) <= MOST_PICTURES and all(map(_NUMBER.match, numbers))
        return " ".join(numbers) if fits else None
    if name == "data-link":
        return value if _is_site(value) else None
    return value if _NUMBER.match(value) else None


_CLEANER: Final[dict[str, Any]] = {
    "attributes": _ATTRIBUTES,
    "clean_content_tags": _DROPPED_WITH_CONTENT,
    "url_schemes": {"http", "https", "mailto", "tel"},
    "link_rel": "noopener noreferrer",
    "strip_comments": True,
    "attribute_filter": _attribute,
}
_BODY: Final = nh3.Cleaner(tags=set(ALLOWED_TAGS), **_CLEANER)
_FOREIGN: Final = nh3.Cleaner(
    tags={*ALLOWED_TAGS, "h1", "h5", "h6", "strike"},
    **{**_CLEANER, "attributes": {tag: names for tag, names in _ATTRIBUTES.items() if tag != "figure"}},
)
_LINE: Final = nh3.Cleaner(
    tags={"strong", "b", "em", "i", "u", "s", "sub", "sup", "a", "br"},
    **{**_CLEANER, "attributes": {"*": set(), "a": {"href"}}},
)
_TEXT: Final = nh3.Cleaner(tags=set(), attributes={}, clean_content_tags=_DROPPED_WITH_CONTENT, strip_comments=True)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Elements that mean what one of ours means. Renamed in the raw source, before the sanitiser has its say.
_RENAMED: Final = {"h1": "h2", "h5": "h4", "h6": "h4", "strike": "s"}
_RENAMING: Final = re.compile(r"<(/?)(h1|h5|h6|strike)(?=[\s/>])", re.IGNORECASE)
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
    "</figcaption>",
    "</figure>",
    "</aside>",
    "<br>",
    "<hr>",
)


def sanitise(source: str) -> str:
    """`source` as HTML that may stand in a page: only the allow-list, NFC, no control characters. Idempotent.

    Headings outside the three levels of a text become the nearest one, what Word says of itself (XML islands, styles,
    comments) goes, and words struck out by tracked changes go with it.
    """
    text = nfc(_CONTROLS.sub("", source)).replace("\r\n", "\n").replace("\r", "\n")
    return _BODY.clean(_RENAMING.sub(lambda tag: f"<{tag[1]}{_RENAMED[tag[2].lower()]}", text)).strip()


def foreign(source: str) -> str:
    """HTML of another house, sanitised: its figures name nothing, for its numbers are not those of our library."""
    return sanitise(_FOREIGN.clean(source))


def plain(source: str) -> str:
    """The words of sanitised HTML as plain text, captions included, a line break after each block."""
    for end in _BLOCK_ENDS:
        source = source.replace(end, f"{end}\n")
    return html.unescape(_TEXT.clean(source)).strip()


def paragraphs(text: str) -> str:
    """Plain text as HTML: a paragraph for each block between blank lines or line breaks."""
    return "".join(f"<p>{html.escape(line.strip(), quote=False)}</p>" for line in text.splitlines() if line.strip())


# --- Figures -----------------------------------------------------------------------------------------------

FigureKind = Literal["picture", "gallery", "recording", "embed"]


@dataclass(frozen=True, slots=True)
class Html:
    """Sanitised HTML between figures. A figure may stand in a box or a quotation, so one piece may open what a later
    one closes; printed in order, all pieces together are well formed.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the text: the numbers of its pictures (one for a picture or an embed), or its recording's (else 0),
    the address an embed leads to (else ""). `caption`: one line of sanitised HTML, all words that stood in the figure.
    """

    kind: FigureKind
    images: tuple[int, ...] = ()
    recording: int = 0
    link: str = ""
    caption: str = ""


def parts(source: str) -> list[Html | Figure]:
    """Rich text as a page prints it: sanitised, cut at its figures, in order. Figures that name nothing stay text."""
    source = sanitise(source)
    if "<figure" not in source:
        return [Html(source)] if source else []
    found: list[Html | Figure] = []
    at = 0
    for start, inner_start, inner_end, end, figure in _Figures(source).found():
        if source[at:start]:
            found.append(Html(source[at:start]))
        found.append(_with_caption(figure, source[inner_start:inner_end]))
        at = end
    if source[at:]:
        found.append(Html(source[at:]))
    return found


def figures(source: str) -> list[Figure]:
    """The figures of the text, in order."""
    return [part for part in parts(source) if isinstance(part, Figure)] if "<figure" in source.lower() else []


def figure_numbers(source: str) -> tuple[list[int], list[int]]:
    """The numbers of the pictures and of the recordings that the text names: in order, each once."""
    named = figures(source)
    images = dict.fromkeys(number for figure in named for number in figure.images)
    recordings = dict.fromkeys(figure.recording for figure in named if figure.recording)
    return list(images), list(recordings)


def _with_caption(figure: Figure, inner: str) -> Figure:
    # Blocks in a caption become one line: a space keeps the words of neighbours apart.
    for end in _BLOCK_ENDS:
        inner = inner.replace(end, " ").replace(end.replace("/", ""), " ")
    caption = " ".join(_LINE.clean(inner).split())
    return Figure(figure.kind, figure.images, figure.recording, figure.link, caption)


def _figure(attributes: dict[str, str]) -> Figure | None:
    """What the attributes of a sanitised figure name; None for nothing."""
    image = int(attributes.get("data-image", 0))
    if "data-recording" in attributes:
        return Figure("recording", recording=int(attributes["data-recording"]))
    if "data-images" in attributes:
        numbers = dict.fromkeys(map(int, attributes["data-images"].split()))
        return Figure("gallery", images=tuple(numbers))
    if image and "data-link" in attributes:
        return Figure("embed", images=(image,), link=attributes["data-link"])
    return Figure("picture", images=(image,)) if image else None


class _Figures(HTMLParser):
    """Finds the outermost figures of sanitised HTML that name something, by position."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self._source = source
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", source))]
        self._spans: list[tuple[int, int, int, int, Figure]] = []
        self._open: tuple[int, int, Figure] | None = None
        self._depth = 0

    def found(self) -> Iterator[tuple[int, int, int, int, Figure]]:
        """Each figure: where it starts, where its inside starts and ends, where it ends, what it names."""
        self.feed(self._source)
        self.close()
        yield from self._spans

    def _position(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a figure, or go one deeper in the one that is open."""
        if tag != "figure":
            return
        if self._open is not None:
            self._depth += 1
        elif figure := _figure({name: value or "" for name, value in attrs}):
            start = self._position()
            self._open = (start, start + len(self.get_starttag_text() or ""), figure)

    def handle_endtag(self, tag: str) -> None:
        """Close the figure that is open."""
        if tag != "figure" or self._open is None:
            return
        if self._depth:
            self._depth -= 1
            return
        start, inside, figure = self._open
        position = self._position()
        self._spans.append((start, inside, position, position + len("</figure>"), figure))
        self._open = None
