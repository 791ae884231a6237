"""Files made byte by byte: small, valid, and each with what must not stay in it."""

import io
import struct
import zipfile
import zlib

PLACE = b"+21.0285+105.8542/"
"""Where it was filmed; nothing kept may contain it."""
DEVICE = b"DienThoaiCuaToi X9"
WRITER = "Nguoi Soan Bi Mat"

PHONE_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def pdf(text: str = "Quyet dinh so 12", *, extra: bytes = b"", streams: tuple[bytes, ...] = ()) -> bytes:
    """A page with a line of text. `extra` stands among its objects; `streams` are whole objects more."""
    content = b"BT /F1 18 Tf 72 720 Td (" + text.encode("latin-1", "replace") + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(content)).encode() + b" >>\nstream\n" + content + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *([extra] if extra else []),
        *streams,
    ]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += str(number).encode() + b" 0 obj\n" + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()


def object_stream(inside: bytes, head: bytes = b"/Filter /FlateDecode") -> bytes:
    """A compressed object stream."""
    packed = zlib.compress(inside)
    return (
        b"<< /Type /ObjStm /N 1 /First 4 /Length " + str(len(packed)).encode() + b" " + head + b" >>\nstream\n"
        + packed + b"\nendstream"
    )  # fmt: skip


RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def relations(*entries: str) -> bytes:
    """A list of relations."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships">{"".join(entries)}</Relationships>'
    ).encode()


_MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
}


def office(kind: str = "docx", *, more: dict[str, bytes] | None = None, main: str = "", contents: bytes = b"") -> bytes:
    """A document or a workbook with its writer's name in it."""
    path, word = _MAIN[kind]
    main = main or f"application/vnd.openxmlformats-officedocument.{word}.main+xml"
    parts = {
        "[Content_Types].xml": contents
        or (
            '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'content-types"><Override PartName="/{path}" ContentType="{main}"/></Types>'
        ).encode(),
        "_rels/.rels": relations(f'<Relationship Id="rId1" Type="{RELATION}officeDocument" Target="{path}"/>'),
        path: b"<document>" + b"<p>Noi dung</p>" * 50 + b"</document>",
        "docProps/core.xml": f"<coreProperties><creator>{WRITER}</creator></coreProperties>".encode(),
        "docProps/app.xml": f"<Properties><Company>{WRITER}</Company></Properties>".encode(),
        **(more or {}),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def box(kind: bytes, *parts: bytes) -> bytes:
    """One box of an MP4."""
    body = b"".join(parts)
    return struct.pack(">L4s", 8 + len(body), kind) + body


def _track(handler: bytes, codec: bytes, offset: int, size: int, count: int = 1) -> bytes:
    return a_track(
        handler,
        codec,
        box(b"stsc", bytes(4), struct.pack(">4L", 1, 1, count, 1)),
        box(b"stsz", bytes(4), struct.pack(">2L", 0, count), struct.pack(">L", size) * count),
        box(b"stco", bytes(4), struct.pack(">2L", 1, offset)),
    )


def a_track(handler: bytes, codec: bytes, *tables: bytes) -> bytes:
    """A track of an MP4 with these tables of its samples."""
    entry = (
        box(codec, bytes(42) + (b"\x12" + DEVICE).ljust(32, b"\0") + bytes(4))
        if handler == b"vide"
        else box(codec, bytes(28))
    )
    table = box(b"stbl", box(b"stsd", bytes(4), struct.pack(">L", 1), entry), box(b"stts", bytes(8)), *tables)
    media = box(
        b"mdia",
        box(b"mdhd", bytes(24)),
        box(b"hdlr", bytes(8), handler, bytes(12), DEVICE + b"\0"),
        box(b"minf", box(b"vmhd" if handler == b"vide" else b"smhd", bytes(12)), table),
    )
    return box(
        b"trak", box(b"tkhd", bytes(84)), media, box(b"udta", box(b"\xa9xyz", PLACE)), box(b"uuid", PHONE_XMP, PLACE)
    )


def mp4(
    *,
    video: bytes = b"avc1",
    sound: bytes = b"mp4a",
    brand: bytes = b"isom",
    seconds: int = 65,
    positions: bool = True,
    samples: bytes = b"HINH" * 500,
) -> bytes:
    """A film: with `video` and `sound` as its codecs (b"": none), places in every corner, a track of positions."""
    ftyp = box(b"ftyp", brand, struct.pack(">L", 512), brand, b"mp42")
    telling = PLACE * 20
    start = len(ftyp) + 8
    data = box(b"mdat", samples, telling if positions else b"")
    tracks = [_track(b"vide", video, start, len(samples))] if video else []
    tracks += [_track(b"soun", sound, start, len(samples))] if sound else []
    tracks += [_track(b"meta", b"gpmd", start + len(samples), len(PLACE), 20)] if positions else []
    moov = box(
        b"moov",
        box(b"mvhd", bytes(12), struct.pack(">2L", 1000, seconds * 1000), bytes(80)),
        *tracks,
        box(b"udta", box(b"\xa9xyz", PLACE), box(b"meta", DEVICE), box(b"loci", PLACE)),
        box(b"meta", PLACE),
        box(b"gps ", PLACE),
    )
    return ftyp + data + moov + box(b"uuid", PHONE_XMP, PLACE) + box(b"free", PLACE)


def m4a(**facts: object) -> bytes:
    """A sound recording."""
    return mp4(video=b"", brand=b"M4A ", **facts)


def mp3(frames: int = 100) -> bytes:
    """MPEG-1 layer III, 128 kbit/s, 44.1 kHz, with tags at both ends that tell who and where."""
    tag = b"TXXX" + struct.pack(">L", len(PLACE) + 1) + bytes(2) + b"\0" + PLACE
    size = len(tag)
    head = b"ID3\x03\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])
    frame = b"\xff\xfb\x90\x00" + b"\x55" * 413
    return head + tag + frame * frames + b"TAG" + DEVICE.ljust(125, b"\0")
