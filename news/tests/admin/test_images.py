"""The picture library at the desk: uploads with clear words, private renditions, filters, cuts, people, other files."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from news.models import FormerFile, Image, ImagePerson
from news.services import rendering
from news.tests import make
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db
LIST = "/quan-tri/news/image/"
ADD = f"{LIST}add/"
UPLOAD = f"{LIST}tai-len/"
ABOUT = {"alt": "Mô tả", "caption": "Chú thích", "credit": "PV"}


def upload(data: bytes, name: str = "anh.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=kind)


def page_of(image: Image) -> str:
    return f"{LIST}{image.pk}/change/"


# --- Uploads ---------------------------------------------------------------------------------------------


def test_upload_and_describe(sign_in_as: Any) -> None:
    reporter = make.make_user("reporter")
    client = sign_in_as(reporter)
    response = client.post(
        ADD,
        {"upload": upload(make.picture_bytes(), "../../etc/pass wd.jpg"), **ABOUT, "alt": " Toàn  cảnh "},
    )
    image = Image.objects.get()
    assert (image.alt, image.credit, image.uploaded_by) == ("Toàn cảnh", "PV", reporter)
    assert image.original.name == f"originals/{image.key[:2]}/{image.key}.jpg"
    assert response.status_code == 302
    assert send(client, page_of(image), caption="Chú  thích <b>", taken_on="20/5/2018").status_code == 302
    image.refresh_from_db()
    assert (image.caption, str(image.taken_on)) == ("Chú thích <b>", "2018-05-20")
    page = client.get(LIST).content.decode()
    assert "Chú thích &lt;b&gt;" in page
    assert f'src="/quan-tri/news/image/ban/{image.key}/320.webp"' in page


def test_all_three_words_are_asked_for_with_one_picture(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("reporter"))
    response = client.post(ADD, {"upload": upload(make.picture_bytes()), "alt": "x"})
    assert words(response).count("Hãy điền mục này.") == 2
    assert Image.objects.count() == 0
    image = make.make_image()
    assert "Hãy điền mục này." in words(send(client, page_of(image), caption=""))
    image.refresh_from_db()
    assert image.caption == "Chú thích của ảnh"


def test_several_files_in_one_request_are_each_looked_at(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("reporter"))
    files = [
        upload(make.picture_bytes(colour="red"), "a.jpg"),
        upload(b"<svg onload=alert(1)>", "b.jpg"),
        upload(make.picture_bytes(colour="blue"), "c.jpg"),
        upload(make.picture_bytes(colour="green", kind="PNG"), "<b>d.jpg", "image/jpeg"),
    ]
    response = client.post(ADD, {"upload": files, "credit": "Ảnh: PV"}, follow=True)
    ids = sorted(Image.objects.values_list("pk", flat=True))
    assert len(ids) == 2
    assert response.redirect_chain[-1][0] == f"{LIST}mo-ta/?anh={ids[0]},{ids[1]}"
    told = words(response)
    assert "b.jpg: Không đọc được tệp này như một ảnh JPEG, PNG hoặc WebP: đây là ảnh vẽ SVG" in told
    assert "bên trong là ảnh PNG" in told
    assert "<b>d.jpg" not in response.content.decode()
    assert "thiếu mô tả, chú thích" in words(client.get(LIST))
    sent = send(client, response.redirect_chain[-1][0], **{f"{ids[0]}-alt": "Một", f"{ids[0]}-caption": "Hai"})
    assert "Những ảnh điền đủ đã lưu" in words(sent)
    assert list(Image.objects.order_by("pk").values_list("alt", "caption", "credit")) == [
        ("Một", "Hai", "Ảnh: PV"),
        ("", "", "Ảnh: PV"),
    ]


def test_only_bad_files_keep_the_form_open(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("reporter"))
    response = client.post(ADD, {"upload": [upload(b"x", "a.jpg"), upload(b"y", "b.jpg")], "credit": "Giữ lại"})
    assert response.status_code == 200
    assert "b.jpg: Không đọc được tệp này" in words(response)
    assert 'value="Giữ lại"' in response.content.decode()


def test_the_same_picture_again_is_the_one_there_is(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("editor"))
    client.post(ADD, {"upload": upload(make.picture_bytes()), **ABOUT, "caption": "Một"})
    response = client.post(ADD, {"upload": upload(make.picture_bytes()), **ABOUT, "caption": "Hai"}, follow=True)
    assert [row.caption for row in Image.objects.all()] == ["Một"]
    assert "Ảnh này đã có trong kho" in words(response)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"khong phai anh", "Không đọc được tệp này như một ảnh JPEG, PNG hoặc WebP."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "đây là ảnh vẽ SVG"),
        (b"", "Tệp này rỗng."),
        (make.picture_bytes()[:400], "Không đọc được tệp này"),
        (make.picture_bytes(kind="PNG"), "Tệp mang đuôi .jpg nhưng bên trong là ảnh PNG"),
        (make.picture_bytes() + b"PK\x03\x04" + b"x" * 90, "Sau phần ảnh, tệp còn dữ liệu khác"),
    ],
    ids="text svg empty cut png zip".split(),
)
def test_a_bad_file_is_explained_beside_its_field(sign_in_as: Any, data: bytes, says: str) -> None:
    client = sign_in_as(make.make_user("editor"))
    response = client.post(ADD, {"upload": upload(data), **ABOUT, "alt": "Giữ lại chữ này"})
    assert response.status_code == 200
    assert says in words(response)
    assert ">\nGiữ lại chữ này</textarea>" in response.content.decode()
    assert Image.objects.count() == 0


def test_no_file_and_too_heavy_a_file(sign_in_as: Any, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 1024 * 1024
    client = sign_in_as(make.make_user("editor"))
    assert "Hãy điền mục này." in words(client.post(ADD, ABOUT))
    assert "Ảnh quá nặng: tối đa 1 MB." in words(client.post(ADD, {"upload": upload(b"x" * 1024 * 1025), **ABOUT}))


def test_popup_hands_the_picture_back(sign_in_as: Any) -> None:
    response = sign_in_as(make.make_user("editor")).post(
        ADD, {"upload": upload(make.picture_bytes()), **ABOUT, "caption": '"><script>alert(1)</script>', "_popup": "1"}
    )
    page = response.content.decode()
    assert "<script>alert(1)" not in page
    assert f"&quot;value&quot;: &quot;{Image.objects.get().pk}&quot;" in page


def test_popup_takes_one_picture(sign_in_as: Any) -> None:
    files = [upload(make.picture_bytes(colour="red")), upload(make.picture_bytes(colour="blue"))]
    response = sign_in_as(make.make_user("editor")).post(ADD, {"upload": files, **ABOUT, "_popup": "1"})
    assert "Ở đây chỉ chọn được một ảnh." in words(response)
    assert Image.objects.count() == 0


# --- Uploads by script -----------------------------------------------------------------------------------


def test_a_script_sends_one_file_and_gets_json(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("reporter"))
    first = client.post(UPLOAD, {"upload": upload(make.picture_bytes(), "<i>.jpg")})
    image = Image.objects.get()
    assert first.json() == {
        "id": image.pk,
        "text": f"Ảnh {image.pk} (số {image.pk})",
        "address": f"/quan-tri/news/image/ban/{image.key}/320.webp",
        "page": page_of(image),
        "is_new": True,
        "alt": "",
        "caption": "",
        "credit": "",
        "seen": ".".join(["e3b0c44298fc1c14"] * 3),
        "width": 800,
        "height": 500,
        "errors": [],
    }
    again = client.post(UPLOAD, {"upload": upload(make.picture_bytes())}).json()
    assert (again["id"], again["is_new"]) == (image.pk, False)


def test_a_script_is_refused_in_json(sign_in_as: Any, client: Any, settings: Any) -> None:
    def answer(response: Any) -> tuple[int, list[str]]:
        return response.status_code, json.loads(response.content)["errors"]

    def picture() -> dict[str, Any]:
        return {"upload": upload(make.picture_bytes())}

    reporter = sign_in_as(make.make_user("reporter"))
    assert answer(client.post(UPLOAD, picture()))[0] == 401
    assert answer(sign_in_as(make.make_user("moderator")).post(UPLOAD, picture()))[0] in {401, 403}
    assert answer(sign_in_as(make.make_user("administrator")).post(UPLOAD, picture())) == (
        403,
        ["Bạn không có quyền thêm ảnh."],
    )
    assert answer(reporter.get(UPLOAD))[0] == 405
    assert answer(reporter.post(UPLOAD, {})) == (400, ["Hãy điền mục này."])
    assert answer(reporter.post(UPLOAD, {"upload": upload(b"<svg>")}))[0] == 400
    assert answer(reporter.post(UPLOAD, {"upload": upload(make.picture_bytes(kind="PNG"))}))[0] == 400
    settings.IMAGE_MAX_BYTES = 1000
    heavy = {"upload": upload(b"x" * 2000)}
    assert answer(reporter.post(UPLOAD, heavy)) == (413, ["Ảnh quá nặng: tối đa 0 MB."])
    assert answer(reporter.post(UPLOAD, {"upload": upload(b"x" * 1_200_000)}))[0] == 413
    assert Image.objects.count() == 0


def test_a_script_of_another_site_is_refused(db: None, settings: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.make_user("reporter"), backend=settings.AUTHENTICATION_BACKENDS[0])
    response = client.post(UPLOAD, {"upload": upload(make.picture_bytes())})
    assert (response.status_code, Image.objects.count()) == (403, 0)


# --- Renditions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "{key}/999.webp",
        "{key}/640.svg",
        "{key}/640.png",
        "x" * 40 + "/640.webp",
        "{key}/640.webp/",
        "{key}/wide-12345678-640.jpg",
        "{key}/card-nothex99-640.jpg",
        "{key}/card-12345678-640.jpg",
    ],
)
def test_renditions_are_a_closed_list(sign_in_as: Any, path: str) -> None:
    image = make.make_image()
    rendering.render(image_id=image.pk, at=make.NOW)
    client = sign_in_as(make.make_user("reporter"))
    assert client.get(f"/quan-tri/news/image/ban/{image.key}/640.webp").status_code == 200
    assert client.get(f"/quan-tri/news/image/ban/{path.format(key=image.key)}").status_code == 404


def test_renditions_are_for_the_desk(sign_in_as: Any, client: Any) -> None:
    image = make.make_image()
    rendering.render(image_id=image.pk, at=make.NOW)
    address = f"/quan-tri/news/image/ban/{image.key}/640.webp"
    assert client.get(address).status_code == 302
    assert sign_in_as(make.make_user("moderator")).get(address).status_code == 403
    shown = sign_in_as(make.make_user("reporter")).get(address)
    assert (shown.headers["Content-Type"], shown.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert shown.headers["Cache-Control"] == "private, max-age=86400"


def test_the_small_one_stands_in_until_the_others_are_made(sign_in_as: Any) -> None:
    image = make.make_image("rebeccapurple")  # a colour of its own: files of other tests are still there
    client = sign_in_as(make.make_user("reporter"))
    address = f"/quan-tri/news/image/ban/{image.key}/640.webp"
    early = client.get(address)
    assert (early.headers["Content-Type"], early.headers["Cache-Control"]) == ("image/jpeg", "private, no-store")
    rendering.render(image_id=image.pk, at=make.NOW)
    assert client.get(address).headers["Content-Type"] == "image/webp"


# --- The library -----------------------------------------------------------------------------------------


def shown(response: Any) -> list[int]:
    return [card["image"].pk for card in response.context_data["cards"]]


def test_filters_and_search(sign_in_as: Any) -> None:
    me = make.make_user("reporter")
    client = sign_in_as(me)
    wide = make.make_image("red", caption="Quốc hội họp", credit="Thu Hà")
    high = make.make_image("blue", alt="", caption="", credit="Lò Văn Cường")
    Image.objects.filter(pk=wide.pk).update(uploaded_by=me, created_at=timezone.now())
    Image.objects.filter(pk=high.pk).update(width=500, height=800, created_at=timezone.now() - timedelta(days=1500))
    make.make_article(lead_image=wide)
    month = f"{timezone.localdate():%Y-%m}"
    for query, wanted in (
        ("", [high, wide]),
        ("?q=QUOC+HOI", [wide]),
        ("?q=qu%E1%BB%91c+h%E1%BB%99i", [wide]),
        (f"?q={high.pk}", [high]),
        ("?cua-toi=co", [wide]),
        ("?thieu=gi-do", [high]),
        ("?thieu=chu-thich", [high]),
        ("?thieu=nguon", []),
        ("?dung=chua", [high]),
        ("?chieu=doc", [high]),
        ("?chieu=ngang", [wide]),
        ("?chieu=vuong", []),
        (f"?thang={month}", [wide]),
        ("?thang=cu", [high]),
        ("?thang=1=1", [high, wide]),
        ("?nguon=Thu+H%C3%A0", [wide]),
        ("?nguon=x", [high, wide]),
        ("?caption__startswith=Q", [high, wide]),
    ):
        assert shown(client.get(LIST + query)) == [image.pk for image in wanted], query


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("query", ["", "?dung=chua", "?xem=danh-sach", "?q=anh"])
def test_the_library_asks_the_same_number_of_questions(
    sign_in_as: Any, django_assert_num_queries: Any, count: int, query: str
) -> None:
    client = sign_in_as(make.make_user("reporter"))
    for colour in ("red", "green", "blue")[:count]:
        make.make_image(colour, alt="Ảnh")
    client.get(LIST)
    with django_assert_num_queries(5):
        client.get(LIST + query)


def test_an_empty_library_says_so(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("reporter"))
    assert "Kho chưa có ảnh nào. Thêm những ảnh đầu tiên" in words(client.get(LIST))
    make.make_image()
    assert "Không có ảnh nào hợp với điều kiện này." in words(client.get(f"{LIST}?q=khongco"))


def test_roles(sign_in_as: Any) -> None:
    image = make.make_image()
    paths = (LIST, ADD, page_of(image), f"{LIST}{image.pk}/thay-tep/", f"{LIST}mo-ta/?anh={image.pk}")
    wanted = {"reporter": [200] * 5, "moderator": [403] * 5, "administrator": [200, 403, 200, 403, 403]}
    for role, statuses in wanted.items():
        client = sign_in_as(make.make_user(role))
        assert [client.get(path).status_code for path in paths] == statuses, role
    administrator = sign_in_as(make.make_user("administrator"))
    assert administrator.post(page_of(image), {"alt": "x", "caption": "x", "credit": "x"}).status_code == 403
    image.refresh_from_db()
    assert image.alt == "Một tấm ảnh"
    for path in (f"{LIST}{image.pk}/doan/?doan=1", f"{LIST}{image.pk}/soan-chu-thich/"):
        assert administrator.get(path).status_code == 403


# --- Where it is used ------------------------------------------------------------------------------------


def test_where_a_picture_is_used(sign_in_as: Any, django_assert_num_queries: Any) -> None:
    image, other = make.make_image("red"), make.make_image("blue")
    delegation = make.make_delegation("Đoàn khảo sát")
    live = make.make_article("Bài <b>đang</b> đăng", lead_image=image, delegations=(delegation,))
    make.publish(live)
    make.make_article("Bài có hình trong thân", body=f'<p>x</p><figure data-image="{image.pk}"></figure>')
    make.make_article("Bài có chùm ảnh", body=f'<figure data-images="{other.pk} {image.pk}"></figure>')
    make.make_article("Bài không liên quan", lead_image=other)
    told = words(sign_in_as(make.make_user("reporter")).get(page_of(image)))
    for line in (
        "Bài <b>đang</b> đăng Đã đăng · ảnh chính",
        "Bài có hình trong thân Đang viết · trong nội dung",
        "Bài có chùm ảnh Đang viết · trong nội dung",
        "bản 1 · ",
        "Đoàn khảo sát",
    ):
        assert line.replace("Đã đăng", "").replace("Đang viết", "").split("·")[0].strip() in told, line
    assert "Bài không liên quan" not in told
    assert "Bài đang đăng" not in words(sign_in_as(make.make_user("administrator")).get(page_of(image)))


def test_a_figure_taken_out_is_forgotten() -> None:
    image = make.make_image()
    article = make.make_article(body=f'<figure data-image="{image.pk}"></figure>')
    assert article.body_images.count() == 1
    article.body = "<p>Không còn ảnh, và một số không có: </p>" + '<figure data-image="99999"></figure>'
    make.editing.change(article=article, actor=article.created_by, at=make.NOW, version=article.version)
    assert article.body_images.count() == 0


def test_a_long_list_of_uses_ends(sign_in_as: Any) -> None:
    image = make.make_image()
    author = make.make_user("reporter")
    for number in range(22):
        make.make_article(f"Bài {number}", lead_image=image, author=author)
    response = sign_in_as(author).get(page_of(image))
    assert response.content.decode().count("· ảnh chính") == 20
    assert "… và nhiều nữa" in words(response)


# --- Cuts ------------------------------------------------------------------------------------------------


def test_focal_point_and_boxes_are_kept_in_their_proportions(sign_in_as: Any) -> None:
    image = make.make_image()  # 800 × 500
    client = sign_in_as(make.make_user("reporter"))
    send(
        client, page_of(image), focal_x="200", focal_y="300",
        crop_card_left="100", crop_card_top="0", crop_card_width="600",
    )  # fmt: skip
    image.refresh_from_db()
    assert (image.focal_x, image.focal_y) == (200, 300)
    assert image.crops == {"card": [100, 0, 600, 640]}
    assert image.rendered_at is None
    rendering.render(image_id=image.pk, at=make.NOW)
    names = storages["private"].listdir(f"renditions/{image.key}")[1]
    assert sorted(name.split("-")[0] for name in names if "-" in name) == ["card"] * 6 + ["share"] * 3
    send(client, page_of(image), crop_card_left="", crop_card_top="", crop_card_width="", focal_x="500", focal_y="500")
    image.refresh_from_db()
    assert (image.crops, image.focal_x) == ({}, 500)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"crop_card_left": "600", "crop_card_top": "0", "crop_card_width": "600"}, "Khung cắt phải nằm trong ảnh"),
        ({"crop_card_left": "0", "crop_card_top": "900", "crop_card_width": "600"}, "Khung cắt phải nằm trong ảnh"),
        ({"crop_card_left": "0", "crop_card_top": "", "crop_card_width": "600"}, "Hãy điền đủ ba số của khung"),
        ({"focal_x": "1001"}, "Từ 0 đến 1000"),
        ({"focal_x": "-1"}, "Từ 0 đến 1000"),
        ({"crop_share_left": "x", "crop_share_top": "0", "crop_share_width": "600"}, "Hãy ghi một số nguyên"),
    ],
)
def test_a_cut_outside_the_picture_is_refused(sign_in_as: Any, sent: dict[str, str], says: str) -> None:
    image = make.make_image()
    response = send(sign_in_as(make.make_user("reporter")), page_of(image), **{"caption": "Giữ chữ này", **sent})
    assert response.status_code == 200
    assert says in words(response)
    assert ">\nGiữ chữ này</textarea>" in response.content.decode()
    image.refresh_from_db()
    assert (image.crops, image.focal_x, image.caption) == ({}, 500, "Chú thích của ảnh")


# --- People ----------------------------------------------------------------------------------------------


def a_visit() -> tuple[Any, Any, Any]:
    head = make.make_person(
        "Lò Văn A", ("Bí thư Tỉnh ủy", date(2017, 1, 1), date(2020, 1, 1)), ("Chủ tịch", None, None)
    )
    host = make.make_person("Nguyễn Thị B")
    visit = make.make_delegation(
        "Đoàn khảo sát",
        make.attendee(head, role=make.Role.HEAD, positions="Trưởng ban"),
        make.attendee(host, positions="Phó ban\nỦy viên"),
        make.attendee(group="đại diện các sở"),
    )
    return visit, head, host


def test_people_come_from_the_register_and_from_names(sign_in_as: Any) -> None:
    _, head, host = a_visit()
    image = make.make_image()
    client = sign_in_as(make.make_user("reporter"))
    data = read_form(client.get(page_of(image)), "image_form").data
    data |= {
        "taken_on": ["20/5/2018"], "people-TOTAL_FORMS": ["3"],
        "people-0-person": [f"Lò Văn A (số {head.pk})"], "people-0-order": ["2"],
        "people-1-name": ["Khách  lạ"], "people-1-position": ["Giám đốc\r\nTổ trưởng"], "people-1-order": ["1"],
        "people-2-person": [f"#{host.pk}"], "people-2-order": ["0"],
    }  # fmt: skip
    assert client.post(page_of(image), data).status_code == 302
    rows = ImagePerson.objects.filter(image=image).order_by("order")
    assert list(rows.values_list("name", "position", "person_id")) == [
        ("Nguyễn Thị B", "", host.pk),
        ("Khách lạ", "Giám đốc, Tổ trưởng", None),
        ("Lò Văn A", "Bí thư Tỉnh ủy", head.pk),
    ]
    told = words(client.get(page_of(image)))
    assert "Từ trái sang: các đồng chí Nguyễn Thị B; Khách lạ, Giám đốc, Tổ trưởng; Lò Văn A, Bí thư Tỉnh ủy." in told
    assert send(client, page_of(image), **{"people-1-DELETE": "on"}).status_code == 302
    assert list(rows.values_list("name", flat=True)) == ["Nguyễn Thị B", "Lò Văn A"]


def test_people_that_make_no_sense_are_refused(sign_in_as: Any) -> None:
    _, head, _ = a_visit()
    image = make.make_image()
    client = sign_in_as(make.make_user("reporter"))
    data = read_form(client.get(page_of(image)), "image_form").data
    person = f"Lò Văn A (số {head.pk})"
    twice = data | {"people-TOTAL_FORMS": ["2"], "people-0-person": [person], "people-1-person": [person]}
    assert "Người này đã có ở trên." in words(client.post(page_of(image), twice))
    nobody = data | {"people-0-position": ["Bí thư"]}
    assert "ghi tên người giữ chức vụ này" in words(client.post(page_of(image), nobody))
    unknown = data | {"people-0-person": ["Không Có Ai"]}
    assert "Không tìm thấy" in words(client.post(page_of(image), unknown))
    assert ImagePerson.objects.count() == 0


def test_people_are_taken_from_a_delegation_without_scripts(sign_in_as: Any) -> None:
    visit, head, host = a_visit()
    image = make.make_image()
    client = sign_in_as(make.make_user("reporter"))
    opened = client.get(f"{page_of(image)}?doan=Đoàn khảo sát (số {visit.pk})")
    told = words(opened)
    assert "Lò Văn A, Trưởng ban" in told
    assert "Nguyễn Thị B, Phó ban, Ủy viên" in told
    assert "đại diện các sở" not in told
    lines = list(visit.attendees.order_by("order").values_list("pk", flat=True))
    data = read_form(opened, "image_form").data | {
        "lay": [str(pk) for pk in (*lines, lines[0])],
        "taken_on": ["1/2/2018"],
    }
    client.post(page_of(image), data)
    assert list(ImagePerson.objects.order_by("order").values_list("person_id", "position")) == [
        (head.pk, "Bí thư Tỉnh ủy"),
        (host.pk, "Phó ban, Ủy viên"),
    ]
    assert "Không tìm thấy đoàn này" in words(client.get(f"{page_of(image)}?doan=999999"))


def test_people_and_captions_for_scripts(sign_in_as: Any) -> None:
    visit, head, _ = a_visit()
    image = make.make_image()
    client = sign_in_as(make.make_user("reporter"))
    people = client.get(f"{LIST}{image.pk}/doan/?doan={visit.pk}").json()["people"]
    assert (people[0]["text"], people[0]["position"]) == (f"Lò Văn A (số {head.pk})", "Trưởng ban")
    assert client.get(f"{LIST}{image.pk}/doan/?doan=x").status_code == 404
    answer = client.post(f"{LIST}{image.pk}/soan-chu-thich/", {"name": ["A", "B"], "position": ["Bí thư", ""]})
    assert answer.json() == {
        "caption": "Từ trái sang: các đồng chí A, Bí thư; B.",
        "alt": "Từ trái sang: A, Bí thư; B.",
    }
    image.refresh_from_db()
    assert image.caption == "Chú thích của ảnh"


# --- Another file ----------------------------------------------------------------------------------------


def test_replacing_makes_a_new_file_and_tells_who_is_concerned(sign_in_as: Any) -> None:
    image = make.make_image("red")
    old = image.key
    make.publish(make.make_article("Bài đã đăng", lead_image=image))
    make.make_article("Bài đang viết", lead_image=image)
    client = sign_in_as(make.make_user("editor"))
    address = f"{LIST}{image.pk}/thay-tep/"
    assert "Bài đang viết" in words(client.get(address))
    response = client.post(
        address, {"upload": upload(make.picture_bytes(colour="blue")), "reason": "Chỉnh sáng"}, follow=True
    )
    image.refresh_from_db()
    assert image.key != old
    assert "“Bài đang viết”" in words(response)
    former = FormerFile.objects.get()
    assert (former.key, former.image_id, former.reason) == (old, image.pk, "Chỉnh sáng")
    assert client.get(f"{LIST}ban/{old}/640.webp").status_code == 200
    assert "tệp cũ" in words(client.get(page_of(image)))
    assert Client().get(f"/media/{old}/640.jpg").status_code == 200
    assert Client().get(f"/media/{image.key}/640.jpg").status_code == 404


@pytest.mark.parametrize(
    ("colour", "says"),
    [("red", "chính là tệp đang dùng"), ("blue", "đã có trong kho, là ảnh số"), ("", "Tệp này rỗng")],
)
def test_a_file_that_is_there_already_replaces_nothing(sign_in_as: Any, colour: str, says: str) -> None:
    image = make.make_image("red")
    make.make_image("blue")
    data = make.picture_bytes(colour=colour) if colour else b""
    response = sign_in_as(make.make_user("editor")).post(f"{LIST}{image.pk}/thay-tep/", {"upload": upload(data)})
    assert says in words(response)
    key = image.key
    image.refresh_from_db()
    assert (image.key, FormerFile.objects.count()) == (key, 0)


def test_words_of_several_pictures_never_overwrite_a_colleagues(sign_in_as: Any) -> None:
    """The page of several pictures writes what was typed there, and asks where somebody else wrote meanwhile."""
    first, second = make.make_image("red"), make.make_image("blue")
    address = f"{LIST}mo-ta/"
    client = sign_in_as(make.make_user("editor"))
    page = client.get(f"{address}?anh={first.pk},{second.pk}").content.decode()
    sent: dict[str, Any] = {"anh": [first.pk, second.pk]}
    for image in (first, second):
        seen = re.search(f'name="{image.pk}-seen" value="([^"]+)"', page)
        assert seen is not None
        sent |= {f"{image.pk}-{name}": getattr(image, name) for name in ("alt", "caption", "credit")}
        sent[f"{image.pk}-seen"] = seen[1]
    Image.objects.filter(pk=first.pk).update(caption="Chú thích của đồng nghiệp", focal_x=100)

    assert client.post(address, {**sent, f"{second.pk}-credit": "Ảnh: Thu Hà"}).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.caption, first.focal_x, second.credit) == ("Chú thích của đồng nghiệp", 100, "Ảnh: Thu Hà")

    response = client.post(address, {**sent, f"{first.pk}-caption": "Chú thích của tôi"})
    assert "Có người vừa sửa thành “Chú thích của đồng nghiệp”." in words(response)
    first.refresh_from_db()
    assert first.caption == "Chú thích của đồng nghiệp"
    again = re.search(f'name="{first.pk}-seen" value="([^"]+)"', response.content.decode())
    assert again is not None
    mine = {**sent, f"{first.pk}-seen": again[1], f"{first.pk}-caption": "Chú thích của tôi"}
    assert client.post(address, mine).status_code == 302
    first.refresh_from_db()
    assert (first.caption, first.text_key[:17]) == ("Chú thích của tôi", "chu thich cua toi")
