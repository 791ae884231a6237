"""The picture library in a real browser: dropped files, focal point and frames by mouse and keys, people, phones."""

import base64
import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw
from playwright.sync_api import Browser, Page, Route, expect

from news.models import Image, ImagePerson
from news.services import picturing, rendering
from news.tests import make

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/quan-tri/news/image/"
Accessible = Callable[[Page], None]

DROP = """([selector, files]) => {
    const carried = new DataTransfer();
    for (const { name, type, data } of files) {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        carried.items.add(new File([bytes], name, { type }));
    }
    const zone = document.querySelector(selector);
    for (const kind of ["dragenter", "dragover", "drop"]) {
        zone.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
    }
}"""


def a_photo(width: int = 1600, height: int = 1000, seed: int = 0) -> bytes:
    """A picture with something in it: bands of colour and a disc off the middle."""
    picture = Pillow.new("RGB", (width, height), (60 + seed * 17 % 120, 110, 140))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, height * 2 // 3, width, height), fill=(70, 100 + seed % 90, 60))
    pen.ellipse((width * 0.7, height * 0.2, width * 0.7 + height * 0.3, height * 0.5), fill=(230, 190, 150))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def a_picture(seed: int = 0, **words: str) -> Image:
    """One of the library, all its renditions made."""
    words = {"alt": "Quang cảnh", "caption": "Quang cảnh buổi làm việc", "credit": "Thu Hà", **words}
    image = picturing.add(upload=io.BytesIO(a_photo(seed=seed)), actor=None, at=make.NOW, **words)
    rendering.render(image_id=image.pk, at=make.NOW)
    return image


def sent(name: str, data: bytes, kind: str = "image/jpeg") -> Any:
    """A file as `set_input_files` takes it."""
    return {"name": name, "mimeType": kind, "buffer": data}


def dropped(name: str, data: bytes, kind: str = "image/jpeg") -> dict[str, str]:
    """A file as `DROP` takes it."""
    return {"name": name, "type": kind, "data": base64.b64encode(data).decode()}


def no_sideways(page: Page) -> None:
    """Nothing stands beyond the screen's edge."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# --- Uploads ---------------------------------------------------------------------------------------------


def test_files_dropped_are_uploaded_described_and_refused_one_by_one(
    page: Page, sign_in: Any, witness: Any, assert_accessible: Accessible
) -> None:
    witness.expect("status of 400")
    known = a_picture(seed=1, caption="Ảnh đã có")
    sign_in(make.make_user("reporter"))
    page.goto(f"{LIST}add/")
    files = [
        dropped("mot.jpg", a_photo(seed=2)),
        dropped("hai.jpg", a_photo(seed=3)),
        dropped("virus.jpg", b"<svg onload=alert(1)>"),
        dropped("da-co.jpg", a_photo(seed=1)),
        dropped("bai.docx", b"PK", "application/msword"),
    ]
    page.evaluate(DROP, ["[data-drop]", files])
    lines = page.locator(".upload")
    expect(lines).to_have_count(5)
    expect(lines.nth(0)).to_contain_text("Xong: ảnh số")
    expect(lines.nth(1)).to_contain_text("Xong: ảnh số")
    expect(lines.nth(2)).to_contain_text("đây là ảnh vẽ SVG")
    expect(lines.nth(3)).to_contain_text(f"Đã có trong kho: ảnh số {known.pk}")
    expect(lines.nth(4)).to_contain_text("Không phải ảnh JPEG, PNG hoặc WebP.")
    expect(page.locator("[data-uploads-sum]")).to_have_text(
        "2 ảnh đã vào kho, 1 ảnh đã có trong kho, 2 tệp không nhận."
    )
    rows = page.locator(".describe-row")
    expect(rows).to_have_count(2)
    assert_accessible(page)
    page.fill("#credit-for-all", "Ảnh: Thu Hà")
    page.get_by_role("button", name="Áp dụng nguồn cho tất cả").click()
    for place in range(rows.count()):
        rows.nth(place).locator("[name$='-alt']").fill(f"Mô tả {place}")
        rows.nth(place).locator("[name$='-caption']").fill(f"Chú thích {place}")
    page.get_by_role("button", name="Lưu mô tả các ảnh").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu mô tả, chú thích và nguồn của 2 ảnh.")
    assert list(Image.objects.order_by("pk").values_list("credit", flat=True)) == ["Thu Hà", *["Ảnh: Thu Hà"] * 2]
    assert not Image.objects.filter(alt="").exists()


def held_are(page: Page, held: list[Route], count: int) -> None:
    """Wait until this many requests have reached the test: the browser starts each in its own time."""
    for _ in range(150):
        if len(held) >= count:
            break
        page.wait_for_timeout(100)
    assert len(held) == count


def test_two_go_at_a_time_and_one_can_be_cancelled_and_tried_again(page: Page, sign_in: Any, witness: Any) -> None:
    witness.expect("request failed", "ERR_FAILED", "Failed to load resource")
    sign_in(make.make_user("reporter"))
    page.goto(f"{LIST}add/")
    held: list[Route] = []
    page.route("**/tai-len/", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.set_input_files("#id_upload", [sent(f"{n}.jpg", a_photo(seed=10 + n)) for n in range(4)])
    expect(page.locator(".upload")).to_have_count(4)
    held_are(page, held, 2)
    page.wait_for_timeout(300)
    assert len(held) == 2  # and no third goes with them
    page.get_by_role("button", name="Hủy 3.jpg").click()
    expect(page.locator(".upload")).to_have_count(3)
    held[0].abort()
    expect(page.locator(".upload").first).to_contain_text("Mất kết nối. Hãy thử lại.")
    held_are(page, held, 3)
    for route in held[1:]:
        route.continue_()
    expect(page.locator(".upload.is-done")).to_have_count(2)
    page.unroute("**/tai-len/")
    page.get_by_role("button", name="Thử lại 0.jpg").click()
    expect(page.locator(".upload.is-done")).to_have_count(3)
    expect(page.locator("[data-uploads-sum]")).to_have_text("3 ảnh đã vào kho.")
    page.on("dialog", lambda dialog: dialog.accept())


def test_a_session_that_ended_is_told_and_the_file_can_be_sent_again(page: Page, sign_in: Any, witness: Any) -> None:
    witness.expect("status of 401", "status of 403")
    user = make.make_user("reporter")
    sign_in(user)
    page.goto(f"{LIST}add/")
    page.context.clear_cookies(name="phien")
    page.set_input_files("#id_upload", sent("a.jpg", a_photo(seed=20)))
    expect(page.locator(".upload-words")).to_contain_text("Phiên đăng nhập đã hết.")
    sign_in(user)
    page.get_by_role("button", name="Thử lại a.jpg").click()
    expect(page.locator(".upload-words")).to_contain_text("Xong: ảnh số")
    page.on("dialog", lambda dialog: dialog.accept())


def test_many_files_without_scripts(chromium: Browser, live_server: Any, page: Page, sign_in: Any) -> None:
    sign_in(make.make_user("reporter"))
    plain = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    bare = plain.new_page()
    bare.goto(f"{LIST}add/")
    bare.set_input_files("#id_upload", [sent("a.jpg", a_photo(seed=30)), sent("b.jpg", a_photo(seed=31))])
    bare.fill("#id_credit", "PV")
    bare.get_by_role("button", name="Tải lên").click()
    expect(bare.locator(".describe-row")).to_have_count(2)
    assert Image.objects.filter(credit="PV").count() == 2
    plain.close()


# --- Cuts ------------------------------------------------------------------------------------------------


def test_the_focal_point_moves_by_mouse_and_by_keys(page: Page, sign_in: Any) -> None:
    image = a_picture()
    sign_in(make.make_user("reporter"))
    page.goto(f"{LIST}{image.pk}/change/")
    stage = page.locator("[data-stage] img").bounding_box()
    assert stage is not None
    page.mouse.move(stage["x"] + stage["width"] * 0.25, stage["y"] + stage["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] * 0.8, stage["y"] + stage["height"] * 0.4, steps=4)
    page.mouse.up()
    x, y = int(page.input_value("#id_focal_x")), int(page.input_value("#id_focal_y"))
    assert abs(x - 800) <= 3
    assert abs(y - 400) <= 3
    point = page.locator(".stage-point")
    expect(point).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert (page.input_value("#id_focal_x"), page.input_value("#id_focal_y")) == (str(x + 10), str(y - 50))
    expect(point).to_have_attribute("aria-label", re.compile(r"Điểm nhấn: ngang 8\d%, dọc 3\d%"))
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_load_state()
    image.refresh_from_db()
    assert (image.focal_x, image.focal_y) == (x + 10, y - 50)


def test_a_frame_moves_and_grows_by_mouse_and_by_keys_and_goes_back(page: Page, sign_in: Any) -> None:
    image = a_picture()
    sign_in(make.make_user("reporter"))
    page.goto(f"{LIST}{image.pk}/change/")
    page.get_by_role("button", name="Ảnh trong danh sách bài (3:2)").click()
    frame = page.locator(".stage-frame:not([hidden])")
    expect(frame).to_be_focused()
    for _ in range(10):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowRight")

    def numbers() -> list[int]:
        return [int(page.input_value(f"#id_crop_card_{part}")) for part in ("left", "top", "width")]

    left, top, width = numbers()
    assert width < 800
    edges, box = page.locator("[data-stage] img").bounding_box(), frame.bounding_box()
    assert edges is not None
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - edges["width"] * 0.05, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    moved = numbers()
    assert abs(moved[0] - (left - 50)) <= 2
    assert abs(moved[1] - top) <= 1
    assert moved[2] == width
    box = frame.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 8 - edges["width"] * 0.1, box["y"] + box["height"] - 8, steps=3)
    page.mouse.up()
    assert abs(numbers()[2] - (width - 100)) <= 3
    # The preview shows what the frame shows.
    seen = page.evaluate(
        """() => { const image = document.querySelector(".preview-window img").getBoundingClientRect();
        const window_ = document.querySelector(".preview-window").getBoundingClientRect();
        return (window_.x - image.x) / image.width; }"""
    )
    assert abs(seen * 1000 - numbers()[0]) < 5
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_load_state()
    image.refresh_from_db()
    assert list(image.crops) == ["card"]
    page.get_by_role("button", name="Ảnh trong danh sách bài (3:2)").click()
    page.get_by_role("button", name="Đặt lại").click()
    assert page.input_value("#id_crop_card_width") == ""


# --- People ----------------------------------------------------------------------------------------------


def test_people_are_taken_from_a_delegation_ordered_and_put_into_words(page: Page, sign_in: Any) -> None:
    first = make.make_person("Lò Văn A", ("Bí thư Tỉnh ủy", date(2017, 1, 1), None))
    second = make.make_person("Nguyễn Thị B")
    visit = make.make_delegation(
        "Đoàn khảo sát Ban Dân vận", make.attendee(first), make.attendee(second, positions="Phó ban")
    )
    image = a_picture()
    sign_in(make.make_user("reporter"))
    page.goto(f"{LIST}{image.pk}/change/")
    page.locator("#lay-tu-doan").press_sequentially("khao sat")
    page.get_by_role("option", name="Đoàn khảo sát Ban Dân vận").click()
    page.get_by_role("button", name="Lấy danh sách").click()
    page.get_by_label("Lò Văn A").check()
    page.get_by_label("Nguyễn Thị B, Phó ban").check()
    page.get_by_role("button", name="Đưa vào danh sách").click()
    rows = page.locator(".rows-lineup > [data-row]")
    expect(rows).to_have_count(2)
    rows.nth(1).locator("[name$='-name']").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_role("button", name="Soạn chú thích").click()
    words = "Từ trái sang: các đồng chí Nguyễn Thị B, Phó ban; Lò Văn A, Bí thư Tỉnh ủy."
    expect(page.locator("[data-composed]")).to_contain_text(words)
    assert page.input_value("#id_caption") == "Quang cảnh buổi làm việc"
    page.get_by_role("button", name="Nối vào sau chú thích đang có").click()
    expect(page.locator("#id_caption")).to_have_value(f"Quang cảnh buổi làm việc. {words}")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_load_state()
    people = ImagePerson.objects.filter(image=image).order_by("order").values_list("name", "person_id")
    assert list(people) == [("Nguyễn Thị B", second.pk), ("Lò Văn A", first.pk)]
    assert visit.attendees.count() == 2


# --- Every page, every look ------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_pages_are_accessible_and_fit(
    page: Page, sign_in: Any, assert_accessible: Accessible, look: Any, width: int
) -> None:
    image = a_picture()
    a_picture(seed=4, caption="", credit="")
    make.make_article("Bài dùng ảnh", lead_image=image)
    sign_in(make.make_user("chief"))
    page.emulate_media(color_scheme=look)
    page.set_viewport_size({"width": width, "height": 800})
    paths = ("", "?xem=danh-sach", "?q=khongco", "add/", "add/?_popup=1", f"mo-ta/?anh={image.pk}")
    for path in (*paths, f"{image.pk}/change/", f"{image.pk}/thay-tep/"):
        page.goto(LIST + path)
        no_sideways(page)
        assert_accessible(page)
    page.goto(f"{LIST}{image.pk}/change/")
    page.get_by_role("button", name="Ảnh khi chia sẻ").click()
    page.get_by_text("Ghi bằng số").click()
    no_sideways(page)
    assert_accessible(page)
