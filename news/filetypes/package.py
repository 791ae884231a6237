"""What a DOCX or XLSX says of its parts: their types and how they hang together, read as Word and Excel read it.

The two kinds of lists are XML, and a word in them can be written in more ways than a search finds: by numbers of its
letters, in UTF-16, in a remark. So they are parsed, by the parser of the standard library, which here meets no
declaration of its own entities: a list with a DOCTYPE is refused.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from news.filetypes.bad import BadFile

ENTRIES_MOST: Final = 200_000
"""Entries of all lists of a file together."""
_DAMAGED: Final = "Danh mục của tệp bị hỏng: hãy lưu lại bằng Word, Excel."
_ODD: Final = "Danh mục của tệp có lệnh lạ: hãy lưu lại bằng Word, Excel."

_SEGMENT: Final = rb"(?!\.+(?:/|\Z))[A-Za-z0-9_\[\](){}~!$&'+,;=@ .-]*[A-Za-z0-9_\[\](){}~!$&'+,;=@-]"
_PLAIN: Final = re.compile(rb"(?:%b/)*%b/?" % (_SEGMENT, _SEGMENT))
_ELSEWHERE: Final = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:|//|\\)")
_MACRO: Final = "Tệp có macro: hãy lưu lại thành DOCX, XLSX không có macro."
_BUTTONS: Final = "Tệp có nút bấm ActiveX: hãy bỏ các nút đó rồi lưu lại."
_EMBEDDED: Final = (
    "Tệp có tệp khác nhúng bên trong (đối tượng OLE, bảng số của biểu đồ): hãy dán chúng thành ảnh rồi lưu lại."
)
_QUERIES: Final = "Bảng tính có kết nối lấy dữ liệu từ nơi khác: hãy xóa kết nối, giữ lại các giá trị rồi lưu lại."
_BY_TYPE: Final = (
    (("macroenabled", "vbaproject", "vbadata"), _MACRO),
    (("activex",), _BUTTONS),
)
"""Words in a part's type, and what is said."""
_BY_RELATION: Final = {
    "vbaproject": _MACRO,
    "vbaprojectsignature": _MACRO,
    "wordvbadata": _MACRO,
    "control": _BUTTONS,
    "activexcontrolbinary": _BUTTONS,
    "oleobject": _EMBEDDED,
    "package": _EMBEDDED,
    "afchunk": "Tệp có đoạn lấy nguyên từ một tệp khác: hãy mở bằng Word, lưu lại rồi chọn bản vừa lưu.",
    "attachedtemplate": "Tệp gắn với một tệp mẫu ở nơi khác: trong Word, hãy gắn lại mẫu Normal rồi lưu lại.",
    "subdocument": "Tệp gọi một tệp khác làm phần con: hãy đưa nội dung phần đó vào rồi lưu lại.",
    "frame": "Tệp có khung lấy nội dung từ nơi khác: hãy bỏ khung đó rồi lưu lại.",
    "externallink": "Bảng tính lấy số từ tệp khác: hãy ngắt liên kết (Break Links) rồi lưu lại.",
    "externallinkpath": "Bảng tính lấy số từ tệp khác: hãy ngắt liên kết (Break Links) rồi lưu lại.",
    "connections": _QUERIES,
    "webextension": "Tệp có tiện ích chạy từ trang web: hãy gỡ tiện ích đó rồi lưu lại.",
    "webextensiontaskpanes": "Tệp có tiện ích chạy từ trang web: hãy gỡ tiện ích đó rồi lưu lại.",
}
"""The last word of a relation's type, in small letters, and what is said."""
_LINKED_PICTURE: Final = "Tệp có ảnh lấy từ nơi khác: hãy chèn hẳn ảnh vào tệp rồi lưu lại."
_LINKED: Final = "Tệp lấy nội dung từ nơi khác: hãy ngắt các liên kết (trừ liên kết trang web) rồi lưu lại."

_BY_NAME: Final = (
    (re.compile(r"vba[^/]*\.bin\Z"), _MACRO),
    (re.compile(r"activex"), _BUTTONS),
    (re.compile(r"\.(?:tiff?|hei[cf]|wdp|webp)\Z"), "Tệp có ảnh TIFF, HEIC: hãy đổi sang JPEG rồi lưu lại."),
    (
        re.compile(r"\.(?:mp4|mov|m4[va]|avi|wmv|3gp|mp3|wav)\Z"),
        "Tệp có phim nhúng: hãy đưa phim vào kho phim.",
    ),
    (re.compile(r"(?:^|/)embeddings/."), _EMBEDDED),
    (re.compile(r"(?:^|/)connections\.xml\Z"), _QUERIES),
)
"""What the name of a part tells, in small letters; also what may carry a place and is not taken apart here."""
_TAKEN: Final = re.compile(
    r"\.(?:xml|rels|vml|jpe?g|jpe|jfif|png|gif|bmp|dib|emf|wmf|svg|odttf|fntdata|sigs)\Z"
    r"|(?:^|/)printersettings\d*\.bin\Z|/\Z"
)
"""What a text or a table is made of: no more than this is taken."""


@dataclass(frozen=True, slots=True)
class Relation:
    """How a part leads to another one, or out of the file."""

    kind: str
    target: str
    is_outside: bool


def check_names(names: Iterable[bytes]) -> None:
    """Refuse a part whose name leads elsewhere or tells of what is not taken. Raises `BadFile`."""
    names = list(names)
    if not all(_PLAIN.fullmatch(name) for name in names):
        raise BadFile("Tệp có phần bên trong mang tên lạ: hãy lưu lại bằng Word, Excel.")
    low = [name.decode("ascii").lower() for name in names]
    for pattern, words in _BY_NAME:
        if any(pattern.search(name) for name in low):
            raise BadFile(words)
    other = next((name for name in low if not _TAKEN.search(name)), None)
    if other is not None:
        raise BadFile(f"Tệp có phần lạ bên trong ({other.rpartition('/')[2][:60]}): hãy bỏ phần đó rồi lưu lại.")


def types(listed: bytes) -> Callable[[str], str]:
    """How the list of contents calls a part, by the part's name, in small letters. Raises `BadFile`."""
    overrides: dict[str, str] = {}
    defaults: dict[str, str] = {}
    for name, said in _elements(listed):
        kind = said.get("contenttype", "").strip().lower()
        for words, refusal in _BY_TYPE:
            if any(word in kind for word in words):
                raise BadFile(refusal)
        found, key = {
            "override": (overrides, said.get("partname", "").lower().lstrip("/")),
            "default": (defaults, said.get("extension", "").lower()),
        }.get(name, ({}, ""))
        if found.setdefault(key, kind) != kind:
            raise BadFile(_ODD)
    return lambda part: overrides.get(part.lower(), defaults.get(part.lower().rpartition(".")[2], ""))


def relations(listed: bytes) -> list[Relation]:
    """Where a part leads. Raises `BadFile` for what a text or table needs not, and for what lies outside the file.

    Links that the reader clicks on may lead outside.
    """
    found = []
    for name, said in _elements(listed):
        if name != "relationship":
            continue
        kind = said.get("type", "").strip().rstrip("/").rpartition("/")[2].lower()
        target = said.get("target", "")
        is_outside = said.get("targetmode", "Internal") != "Internal" or bool(_ELSEWHERE.match(target))
        if kind in _BY_RELATION:
            raise BadFile(_BY_RELATION[kind])
        if is_outside and kind != "hyperlink":
            raise BadFile(_LINKED_PICTURE if kind == "image" else _LINKED)
        found.append(Relation(kind, target, is_outside))
    return found


def _elements(text: bytes) -> list[tuple[str, dict[str, str]]]:
    """Each element's name and what it says, both without their namespaces and in small letters. Raises `BadFile`."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, said: dict[str, str]) -> None:
        if len(found) >= ENTRIES_MOST:
            raise BadFile("Tệp có quá nhiều phần bên trong.")
        found.append((name.rpartition(" ")[2].lower(), {key.lower(): value for key, value in said.items()}))

    def refuse(*_: object) -> None:
        raise BadFile(_ODD)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError:
        raise BadFile(_DAMAGED) from None
    return found
