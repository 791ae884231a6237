"""Pictures: what is refused, what is stripped, what is made."""

import io
import zlib

import pytest
from django.core.files.storage import storages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from news import imaging
from news.models import Image
from news.services import picturing
from news.tests import make


def with_gps():
    """A JPEG that says where it was taken and lies on its side."""
    picture = Pillow.new("RGB", (640, 400), "teal")
    exif = Pillow.Exif()
    exif[0x010F] = "Máy ảnh của Lò Văn A"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (22.0, 23.0, 45.0)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif, comment=b"bi mat")
    return buffer.getvalue()


def test_where_and_with_what_it_was_taken_is_gone_and_it_stands_upright():
    source = with_gps()
    assert b"bi mat" in source
    picture = imaging.read(io.BytesIO(source))
    assert (picture.width, picture.height) == (400, 640)
    opened = Pillow.open(io.BytesIO(picture.data))
    assert dict(opened.getexif()) == {}
    for part in (picture.data, *(data for _, data in imaging.renditions(picture))):
        assert b"bi mat" not in part
        assert "Lò Văn A".encode() not in part
        assert b"Exif" not in part


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.4 <script>",
        b"\xff\xd8\xff\xe0 not a jpeg",
        make.picture_bytes()[:500],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
    ],
    ids=["empty", "svg", "gif", "pdf", "torn header", "cut", "torn png"],
)
def test_what_is_not_a_whole_jpeg_png_or_webp_is_refused(data):
    with pytest.raises(imaging.BadPicture):
        imaging.read(io.BytesIO(data))


def test_a_bomb_is_refused_by_its_size_before_it_is_unpacked():
    def chunk(name, data):
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = (50_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
    with pytest.raises(imaging.BadPicture, match="triệu điểm ảnh"):
        imaging.read(io.BytesIO(bomb))


@pytest.mark.parametrize("size", [(100, 900), (900, 100), (40_000, 6_000), (1, 20_000)])
def test_a_picture_that_no_rendition_can_hold_is_refused(size):
    buffer = io.BytesIO()
    Pillow.new("1", size).save(buffer, "PNG")
    with pytest.raises(imaging.BadPicture):
        imaging.read(io.BytesIO(buffer.getvalue()))


@given(st.integers(1, 400), st.integers(1, 400))
def test_every_picture_of_a_usual_shape_gets_its_renditions(width, height):
    buffer = io.BytesIO()
    Pillow.new("RGB", (width, height)).save(buffer, "PNG")
    try:
        picture = imaging.read(io.BytesIO(buffer.getvalue()))
    except imaging.BadPicture:
        assert max(width, height) > imaging.RATIO_MAX * min(width, height)
        return
    assert len(list(imaging.renditions(picture))) == 3 * len(imaging.rendition_sizes(width, height))


def test_a_file_too_heavy_is_refused_without_reading_it_all(settings):
    settings.IMAGE_MAX_BYTES = 1000
    upload = io.BytesIO(bytes(5000))
    with pytest.raises(imaging.BadPicture, match="quá nặng"):
        imaging.read(upload)
    assert upload.tell() == 1001


def test_a_script_hidden_behind_a_picture_does_not_survive():
    polyglot = make.picture_bytes() + b"<script>alert(1)</script>"
    assert b"<script>" not in imaging.read(io.BytesIO(polyglot)).data


def test_transparency_becomes_white_paper():
    buffer = io.BytesIO()
    Pillow.new("RGBA", (40, 40), (255, 0, 0, 0)).save(buffer, "PNG")
    opened = Pillow.open(io.BytesIO(imaging.read(io.BytesIO(buffer.getvalue())).data))
    assert opened.getpixel((5, 5)) == (255, 255, 255)


@given(st.integers(1, 8000), st.integers(1, 8000))
def test_renditions_rise_and_never_exceed_the_picture(width, height):
    sizes = imaging.rendition_sizes(width, height)
    widths = [size[0] for size in sizes]
    assert widths == sorted(set(widths))
    assert widths[-1] == min(width, imaging.WIDTHS[-1])
    assert all(size[1] >= 1 for size in sizes)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
@given(st.data())
def test_a_bent_picture_is_read_or_refused_with_words(data):
    raw = bytearray(
        data.draw(st.sampled_from([with_gps(), make.picture_bytes(kind="PNG"), make.picture_bytes(kind="WEBP")]))
    )
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, min(len(raw), 600) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert imaging.read(io.BytesIO(bytes(raw))).width > 0
    except imaging.BadPicture as refusal:
        words = str(refusal)
        assert words != ""


@pytest.mark.django_db
def test_every_rendition_that_is_named_is_there():
    image = make.make_image()
    names = sorted(storages["private"].listdir(f"renditions/{image.key}")[1])
    widths = [width for width, _ in imaging.rendition_sizes(image.width, image.height)]
    assert names == sorted(f"{width}.{kind}" for width in widths for kind in ("avif", "jpg", "webp"))
    for name in names:
        with storages["private"].open(f"renditions/{image.key}/{name}") as file:
            assert f"{Pillow.open(file).width}" == name.split(".")[0]


@pytest.mark.django_db
def test_the_same_picture_again_is_the_same_row_and_its_file_name_is_ours():
    upload = make.picture_bytes(colour="olive")
    first = picturing.add(upload=io.BytesIO(upload), actor=None, at=make.NOW, caption="Một")
    second = picturing.add(upload=io.BytesIO(upload), actor=None, at=make.NOW, caption="Hai")
    assert (first, Image.objects.count(), second.caption) == (second, 1, "Một")
    assert first.original.name == f"originals/{first.key[:2]}/{first.key}.jpg"
