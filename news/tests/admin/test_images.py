"""The picture library: uploads with clear words, private renditions, what is said of a picture."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from news.models import Image
from news.tests import make
from news.tests.admin.forms import send, words

pytestmark = pytest.mark.django_db
ADD = "/quan-tri/news/image/add/"


def upload(data: bytes, name: str = "anh.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def test_upload_and_describe(sign_in_as: Any) -> None:
    reporter = make.make_user("reporter")
    client = sign_in_as(reporter)
    response = client.post(
        ADD, {"upload": upload(make.picture_bytes(), "../../etc/pass wd.jpg"), "alt": " Toàn  cảnh ", "credit": "PV"}
    )
    image = Image.objects.get()
    assert (image.alt, image.credit, image.uploaded_by) == ("Toàn cảnh", "PV", reporter)
    assert "passwd" not in image.original.name.replace(" ", "")
    assert response.status_code == 302
    address = f"/quan-tri/news/image/{image.pk}/change/"
    assert send(client, address, caption="Chú  thích <b>", taken_on="20/5/2018").status_code == 302
    image.refresh_from_db()
    assert (image.caption, str(image.taken_on)) == ("Chú thích <b>", "2018-05-20")
    page = client.get("/quan-tri/news/image/").content.decode()
    assert "Chú thích &lt;b&gt;" in page
    assert f'src="/quan-tri/news/image/ban/{image.key}/320.webp"' in page


def test_the_same_picture_again_is_the_one_there_is(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("editor"))
    client.post(ADD, {"upload": upload(make.picture_bytes()), "caption": "Một"})
    response = client.post(ADD, {"upload": upload(make.picture_bytes()), "caption": "Hai"}, follow=True)
    assert [row.caption for row in Image.objects.all()] == ["Một"]
    assert "Ảnh này đã có trong kho" in words(response)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"khong phai anh", "Không đọc được tệp này như một ảnh JPEG, PNG hoặc WebP."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "Không đọc được tệp này"),
        (b"", "Tệp này rỗng."),
        (make.picture_bytes()[:400], "Không đọc được tệp này"),
    ],
)
def test_a_bad_file_is_explained_beside_its_field(sign_in_as: Any, data: bytes, says: str) -> None:
    response = sign_in_as(make.make_user("editor")).post(ADD, {"upload": upload(data), "alt": "Giữ lại chữ này"})
    assert response.status_code == 200
    assert says in words(response)
    assert 'value="Giữ lại chữ này"' in response.content.decode()
    assert Image.objects.count() == 0


def test_no_file_and_too_heavy_a_file(sign_in_as: Any, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 1024 * 1024
    client = sign_in_as(make.make_user("editor"))
    assert "Hãy điền mục này." in words(client.post(ADD, {"alt": "x"}))
    assert "Ảnh quá nặng: tối đa 1 MB." in words(client.post(ADD, {"upload": upload(b"x" * 1024 * 1025)}))


def test_popup_hands_the_picture_back(sign_in_as: Any) -> None:
    response = sign_in_as(make.make_user("editor")).post(
        ADD, {"upload": upload(make.picture_bytes()), "caption": '"><script>alert(1)</script>', "_popup": "1"}
    )
    page = response.content.decode()
    assert "<script>alert(1)" not in page
    assert f"&quot;value&quot;: &quot;{Image.objects.get().pk}&quot;" in page


@pytest.mark.parametrize(
    "path", ["{key}/999.webp", "{key}/640.svg", "{key}/640.png", "x" * 40 + "/640.webp", "{key}/640.webp/"]
)
def test_renditions_are_a_closed_list(sign_in_as: Any, path: str) -> None:
    image = make.make_image()
    client = sign_in_as(make.make_user("reporter"))
    assert client.get(f"/quan-tri/news/image/ban/{image.key}/640.webp").status_code == 200
    assert client.get(f"/quan-tri/news/image/ban/{path.format(key=image.key)}").status_code == 404


def test_renditions_are_for_the_desk(sign_in_as: Any, client: Any) -> None:
    address = f"/quan-tri/news/image/ban/{make.make_image().key}/640.webp"
    assert client.get(address).status_code == 302
    assert sign_in_as(make.make_user("moderator")).get(address).status_code == 403
    shown = sign_in_as(make.make_user("reporter")).get(address)
    assert (shown.headers["Content-Type"], shown.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert shown.headers["Cache-Control"] == "private, max-age=86400"
