"""Pictures: what is refused and with which words, what is stripped, what the limited process holds back."""

import io
import json
import re
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import PngImagePlugin

from news import imaging
from news.imaging import limited, reading, rendering, worker
from news.limited import outside
from news.tests import make

PIXELS = 50_000_000
PLACE = "LAICHAU-22.39N-103.45E"
"""What is planted wherever a file has room for words, and must be found nowhere."""


def encoded(kind="JPEG", size=(640, 400), colour="teal", **options):
    buffer = io.BytesIO()
    Pillow.new("RGB", size, colour).save(buffer, kind, **options)
    return buffer.getvalue()


def exif_with_place():
    """The notes of a camera: where, with what, by whom, when; the picture lies on its side."""
    exif = Pillow.Exif()
    exif[0x010F] = f"Máy ảnh của Lò Văn A {PLACE}"
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2018:05:20 08:30:00"
    exif.get_ifd(0x8825)[2] = (22.0, 23.0, 45.0)
    exif.get_ifd(0x8825)[29] = PLACE
    return exif


def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg_with_place():
    """A JPEG that says where it was taken in its EXIF, XMP, IPTC and comment."""
    plain = encoded(exif=exif_with_place(), comment=PLACE.encode())
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><exif:GPSAreaInformation>" + PLACE.encode())
    iptc_words = b"\x1c\x02\x5a" + struct.pack(">H", len(PLACE)) + PLACE.encode()
    iptc = segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(iptc_words)) + iptc_words + b"\0")
    return plain[:2] + xmp + iptc + plain[2:]


def png_with_place():
    words = PngImagePlugin.PngInfo()
    words.add_text("Location", PLACE)
    words.add_itxt("XML:com.adobe.xmp", f"<x>{PLACE}</x>")
    words.add_text("Comment", PLACE * 3, zip=True)
    return encoded("PNG", pnginfo=words, exif=exif_with_place())


def webp_with_place():
    return encoded("WEBP", exif=exif_with_place(), xmp=f"<x>{PLACE}</x>".encode())


def read(data, **told):
    """Clean a file here, without the limited process: the facts, the clean bytes, the small rendition's."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "upload").write_bytes(data)
        facts = reading.clean(folder / "upload", folder, max_pixels=PIXELS, **told)
        return facts, (folder / "clean").read_bytes(), (folder / "small").read_bytes()


def refusal(data, **told):
    with pytest.raises(imaging.BadPicture) as refused, limited.cleaned(io.BytesIO(data), **told):
        pass
    return str(refused.value)


def accepted(data, **told):
    with limited.cleaned(io.BytesIO(data), **told) as picture:
        return picture, picture.original.read_bytes()


def zip_file():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.class", "x" * 300)
    return buffer.getvalue()


# --- Stripped --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", [jpeg_with_place(), png_with_place(), webp_with_place()], ids=["jpeg", "png", "webp"]
)
def test_where_and_with_what_it_was_taken_is_in_no_file_of_ours(source):
    assert PLACE.encode() in source
    picture, original = accepted(source)
    assert (picture.width, picture.height) == (400, 640)
    assert picture.taken_on == "2018-05-20"
    shape = {
        "renditions": imaging.rendition_sizes(picture.width, picture.height),
        "formats": imaging.RENDITION_FORMATS,
        "crops": imaging.crops_of(picture.width, picture.height, (300, 300), {}),
    }
    with limited.rendered(io.BytesIO(original), imaging.files_of(shape)) as made:
        files = {name: path.read_bytes() for name, path in made.items()}
    assert len(files) == 15
    for name, data in {"original": original, **files}.items():
        opened = Pillow.open(io.BytesIO(data))
        told = {
            "words": PLACE.encode() in data or "Lò Văn A".encode() in data,
            "exif": dict(opened.getexif()),
            "more": sorted(opened.info.keys() & {"exif", "xmp", "icc_profile", "comment", "photoshop", "Location"}),
        }
        assert told == {"words": False, "exif": {}, "more": []}, name


def test_a_colour_profile_is_used_and_then_gone():
    from PIL import ImageCms  # noqa: PLC0415 - this test only

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, data, _ = read(encoded(icc_profile=profile))
    assert "icc_profile" not in Pillow.open(io.BytesIO(data)).info


def test_transparency_becomes_white_paper():
    buffer = io.BytesIO()
    Pillow.new("RGBA", (40, 40), (255, 0, 0, 0)).save(buffer, "PNG")
    _, data, _ = read(buffer.getvalue())
    assert Pillow.open(io.BytesIO(data)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("words", ["", "0000:00:00 00:00:00", "1970:01:01 00:00:00", "9999:01:01 00:00:00", "hôm qua"])
def test_a_camera_that_does_not_know_the_day_says_none(words):
    exif = Pillow.Exif()
    exif.get_ifd(0x8769)[0x9003] = words
    assert read(encoded(exif=exif))[0].taken_on == ""


# --- Refused, with words ---------------------------------------------------------------------------------


def moving(kind):
    buffer = io.BytesIO()
    frames = [Pillow.new("RGB", (60, 60), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


SVG = b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Tệp này rỗng."),
        (SVG, "đây là ảnh vẽ SVG"),
        (b"<!-- x --><svg onload=alert(1)>", "đây là ảnh vẽ SVG"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "Đây là trang web"),
        (encoded("GIF"), "Đây là ảnh GIF: hãy xuất ảnh thành JPEG hoặc PNG"),
        (encoded("BMP"), "Đây là ảnh BMP"),
        (encoded("TIFF"), "Đây là ảnh TIFF"),
        (encoded("AVIF"), "Đây là ảnh AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "Đây là ảnh HEIC (kiểu ảnh của iPhone)"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "Đây là tệp phim"),
        (b"%PDF-1.4 <script>", "Đây là tệp PDF"),
        (zip_file(), "Đây là tệp nén (ZIP)"),
        (b"8BPS\0\x01", "Đây là tệp Photoshop"),
        (moving("PNG"), "Ảnh động (APNG) không nhận"),
        (moving("WEBP"), "Ảnh động (WebP) không nhận"),
        (b"\xff\xd8\xff\xe0 not a jpeg", "Không đọc được tệp này"),
        (make.picture_bytes()[:500], "Không đọc được tệp này"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "Không đọc được tệp này"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "Không đọc được tệp này"),
        (b"khong phai anh", "Không đọc được tệp này như một ảnh JPEG, PNG hoặc WebP."),
    ],
    ids="empty svg svg2 html gif bmp tiff avif heic film pdf zip psd apng awebp torn cut torn-p torn-w text".split(),
)
def test_what_is_no_picture_for_us_is_refused_by_its_name(data, says):
    assert says in refusal(data)


@pytest.mark.parametrize(
    ("data", "name", "declared", "says"),
    [
        (encoded("PNG"), "anh.jpg", "image/jpeg", "mang đuôi .jpg nhưng bên trong là ảnh PNG: hãy đổi đuôi thành .png"),
        (encoded(), "anh.png", "", "mang đuôi .png nhưng bên trong là ảnh JPEG"),
        (encoded(), "anh.jpg.svg", "image/svg+xml", "mang đuôi .svg nhưng bên trong là ảnh JPEG"),
        (encoded("WEBP"), "ảnh.php", "", "mang đuôi .php nhưng bên trong là ảnh WebP"),
        (encoded(), "anh", "image/png", "được khai là image/png nhưng bên trong là ảnh JPEG"),
        (SVG, "anh.png", "image/png", "đây là ảnh vẽ SVG"),
        (b"%PDF-1.7", "anh.jpg", "image/jpeg", "Đây là tệp PDF"),
    ],
)
def test_a_name_or_type_that_does_not_fit_is_refused(data, name, declared, says):
    assert says in refusal(data, name=name, declared=declared)


@pytest.mark.parametrize(
    ("data", "name", "declared"),
    [
        (encoded(), "ANH.JPG", "image/jpeg"),
        (encoded(), "IMG_1.jpeg", "application/octet-stream"),
        (encoded("PNG"), "image.png", "image/png"),
        (encoded("WEBP"), "a.b.webp", ""),
        (encoded(), "khong-duoi", "image/jpeg"),
        (encoded(), "", ""),
    ],
)
def test_a_name_that_fits_is_taken(data, name, declared):
    assert accepted(data, name=name, declared=declared)[0].width == 640


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "behind",
    [zip_file(), b"<script>alert(1)</script>", b"%PDF-1.4 x", b"x" * 40, b"\0\0\0\x18ftypmp42" + zip_file()],
    ids=["gifar", "html", "pdf", "anything", "film and zip"],
)
def test_a_file_that_goes_on_behind_its_picture_is_refused(kind, behind):
    assert "Sau phần ảnh, tệp còn dữ liệu khác" in refusal(encoded(kind) + behind)


@pytest.mark.parametrize(
    "behind",
    [
        b"\0" * 4000,
        b"\r\n",
        encoded(size=(80, 50)),
        b"\xff\xff" + encoded(size=(80, 50)) + b"\0\0",
        b"\0\0\0\x18ftypmp42" + b"film" * 900,
        b"notes of the phone SEFT",
    ],
    ids=["padding", "line end", "second exposure", "padded exposure", "moving picture", "samsung"],
)
def test_what_phones_put_behind_a_jpeg_is_let_through_and_dropped(behind):
    _, data, _ = read(encoded() + behind)
    assert data == read(encoded())[1]


def test_a_chain_of_pictures_without_end_is_refused():
    assert "quá nhiều ảnh nối nhau" in refusal(encoded(size=(20, 20)) * 40)


def test_a_script_inside_a_picture_does_not_survive():
    script = b"<script>alert(1)</script><?php system($_GET[0]) ?>"
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", script.decode())
    for source in (encoded(comment=script), encoded("PNG", pnginfo=words), encoded("WEBP", xmp=script)):
        assert script in source
        assert b"<script" not in read(source)[1]


# --- Bombs -----------------------------------------------------------------------------------------------


def chunk(name, data):
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def png_of(width, height, pixels=b""):
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_by_its_size_before_it_is_unpacked():
    assert refusal(png_of(50_000, 50_000, bytes(1000))) == "Ảnh quá lớn: tối đa 50 triệu điểm ảnh."


def test_a_bomb_of_words_is_refused():
    bomb = png_of(40, 40)
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))
    assert "Không đọc được" in refusal(bomb[:33] + text + bomb[33:])


@pytest.mark.parametrize("size", [(100, 900), (900, 100), (40_000, 6_000), (1, 20_000)])
def test_a_picture_that_no_rendition_can_hold_is_refused(size):
    buffer = io.BytesIO()
    Pillow.new("1", size).save(buffer, "PNG")
    assert "Ảnh quá" in refusal(buffer.getvalue())


class Told(io.RawIOBase):
    """An upload that notes the largest piece anybody asked for."""

    def __init__(self, size):
        self.left, self.largest, self.given = size, 0, 0

    def read(self, size=-1):
        self.largest = max(self.largest, size if size >= 0 else 10**12)
        piece = min(self.left, size if size >= 0 else self.left)
        self.left -= piece
        self.given += piece
        return bytes(piece)


def test_a_file_too_heavy_is_refused_piece_by_piece(settings):
    settings.IMAGE_MAX_BYTES = 1_000_000
    upload = Told(30_000_000)
    with pytest.raises(imaging.BadPicture, match="Ảnh quá nặng: tối đa 0 MB"), limited.cleaned(upload):
        pass
    assert upload.largest <= limited.PIECE
    assert upload.given == 1_000_001


# --- The limited process ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("IMAGE_PROCESS_MEMORY", 40 * 1024**2), ("IMAGE_PROCESS_FILE_SIZE", 100), ("IMAGE_PROCESS_WALL", 0.01)],
)
def test_a_process_that_meets_its_limit_is_a_refusal_with_words(settings, name, value):
    setattr(settings, name, value)
    said = refusal(encoded("PNG", size=(3000, 3000)))
    assert "Không xử lý được ảnh này" in said or "Không đọc được" in said or "nhiều bộ nhớ quá" in said


def test_a_process_that_counts_for_ever_is_ended():
    code = "from news.limited import inside; inside.limit(memory=2**31, seconds=1, file_size=1000)\nwhile True: pass"
    ended = subprocess.run([sys.executable, "-c", code], timeout=120, check=False)
    assert ended.returncode in {-24, -9}


@pytest.mark.parametrize("name", ["news.imaging.worker", "news.filetypes.worker"])
def test_the_process_gets_no_secret_and_no_django(name):
    code = (
        f"import sys, json, os, {name};"
        "loaded = sorted(name for name in sys.modules if name.split('.')[0] == 'django');"
        "print(json.dumps([loaded, sorted(os.environ)]))"
    )
    ended = subprocess.run([sys.executable, "-c", code], env={"LANG": "C.UTF-8"}, capture_output=True, check=True)
    modules, variables = json.loads(ended.stdout)
    assert modules == []
    assert [name for name in variables if name not in {"LANG", "LC_CTYPE"}] == []


def test_not_more_than_so_many_run_at_once(settings):
    settings.IMAGE_PROCESSES = 1
    settings.IMAGE_PROCESS_WALL = 0.2
    said = []
    with outside.place(limited.places()):
        asking = threading.Thread(target=lambda: said.append(refusal(encoded())))
        asking.start()
        asking.join()
    assert said == ["Máy chủ đang xử lý nhiều ảnh: hãy thử lại sau một phút."]
    settings.IMAGE_PROCESS_WALL = 60
    assert accepted(encoded())[0].width == 640


def test_the_largest_picture_allowed_fits_its_limits():
    picture, _ = accepted(encoded(size=(8660, 5770), exif=exif_with_place()))
    assert (picture.width, picture.height) == (5770, 8660)


def test_a_job_that_is_done_answers_in_json(tmp_path):
    (tmp_path / "upload").write_bytes(encoded())
    job = {"do": "clean", "source": str(tmp_path / "upload"), "folder": str(tmp_path), "max_pixels": PIXELS}
    assert worker.work(job)["width"] == 640


# --- Names and sizes -------------------------------------------------------------------------------------


@given(st.integers(1, 8000), st.integers(1, 8000))
def test_renditions_rise_and_never_exceed_the_picture(width, height):
    sizes = imaging.rendition_sizes(width, height)
    widths = [size[0] for size in sizes]
    assert widths == sorted(set(widths))
    assert widths[-1] == min(width, imaging.WIDTHS[-1])
    assert all(size[1] >= 1 for size in sizes)


@settings(max_examples=40)
@given(st.integers(1, 400), st.integers(1, 400))
def test_every_picture_of_a_usual_shape_gets_its_renditions(width, height):
    buffer = io.BytesIO()
    Pillow.new("RGB", (width, height)).save(buffer, "PNG")
    try:
        facts, data, _ = read(buffer.getvalue())
    except imaging.BadPicture:
        assert max(width, height) > imaging.RATIO_MAX * min(width, height)
        return
    shape = {
        "renditions": imaging.rendition_sizes(facts.width, facts.height),
        "crops": imaging.crops_of(facts.width, facts.height, (10, 990), {}),
    }
    wanted = imaging.files_of(shape)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "source").write_bytes(data)
        rendering.render(folder / "source", folder, wanted)
        for item in wanted:
            with Pillow.open(folder / item.name) as opened:
                assert opened.size == item.size


sides = st.integers(40, 8000)
points = st.tuples(st.integers(0, 1000), st.integers(0, 1000))


@example("share", 215, 1214, (0, 0))
@example("share", 8000, 1001, (1000, 1000))
@given(st.sampled_from(sorted(imaging.CROPS)), sides, sides, points)
def test_a_crop_lies_in_the_picture_and_has_its_proportions(name, width, height, focal):
    if max(width, height) > imaging.RATIO_MAX * min(width, height):
        return
    left, top, across, down = box = imaging.focal_box(name, width, height, focal)
    assert left >= 0
    assert top >= 0
    assert left + across <= 1000
    assert top + down <= 1000
    wanted = imaging.CROPS[name].ratio[0] / imaging.CROPS[name].ratio[1]
    assert abs((across * width) / (down * height) / wanted - 1) < 0.01
    assert imaging.fitted_box(name, width, height, left=left, top=top, box_width=across)[:3] == box[:3]
    for size in imaging.crop_sizes(name, width, box):
        assert size[0] <= max(1, across * width // 1000)


def test_a_picture_with_its_point_in_the_middle_has_no_crops_of_its_own():
    assert imaging.crops_of(1600, 900, (500, 500), {}) == {}
    assert imaging.crops_of(1600, 900, (500, 500), {"nonsense": [0, 0, 10, 10]}) == {}


def test_the_files_of_a_picture_are_a_closed_list():
    crops = imaging.crops_of(1600, 900, (100, 500), {"share": [0, 0, 1000, 933]})
    assert crops == {
        "card": {"box": [0, 0, 844, 1000], "tag": crops["card"]["tag"], "sizes": [[320, 213], [640, 427], [960, 640]]},
        "share": {"box": [0, 0, 1000, 933], "tag": crops["share"]["tag"], "sizes": [[1200, 630]]},
    }
    names = [item.name for item in imaging.files_of({"renditions": [[320, 180]], "formats": ["jpg"], "crops": crops})]
    card, share = crops["card"]["tag"], crops["share"]["tag"]
    assert names == [
        "320.jpg", f"card-{card}-320.jpg", f"card-{card}-640.jpg", f"card-{card}-960.jpg", f"share-{share}-1200.jpg",
    ]  # fmt: skip
    assert all(imaging.FILE_NAME.fullmatch(name) for name in names)


@pytest.mark.parametrize(
    "box",
    [(-1, 0, 500), (0, -1, 500), (600, 0, 500), (0, 500, 900), (0, 0, 1001), (0, 0, 10)],
    ids=["left", "up", "right", "down", "too wide", "too small"],
)
def test_a_box_outside_the_picture_is_refused(box):
    with pytest.raises(imaging.BadCrop):
        imaging.fitted_box("card", 1600, 900, left=box[0], top=box[1], box_width=box[2])


@settings(suppress_health_check=list(HealthCheck), max_examples=150)
@given(st.data())
def test_a_bent_picture_is_read_or_refused_with_words(data):
    raw = bytearray(data.draw(st.sampled_from([jpeg_with_place(), png_with_place(), webp_with_place()])))
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, min(len(raw), 600) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read(bytes(raw))[0]
        outcome = 0 < found.width * found.height <= 50_000_000
    except imaging.BadPicture as refused:
        outcome = re.search("[À-ỹ]", str(refused)) is not None  # in words, and in Vietnamese
    assert outcome


@settings(max_examples=200)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"<"])
)
def test_any_bytes_are_refused_with_words(data, head):
    try:
        said = read(head + data)[0].key
    except imaging.BadPicture as refused:
        said = str(refused)
    assert said != ""
