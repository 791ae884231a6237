"""The register's pages, the look-up behind its fields, delegations on their own page."""

from datetime import date
from typing import Any

import pytest

from news.models import Delegation, Organisation, Person, Section, Tag
from news.services.registering import keep
from news.tests import make
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db


# --- Looking up ------------------------------------------------------------------------------------------


def results(client: Any, kind: str, **query: str) -> list[dict[str, Any]]:
    return client.get(f"/quan-tri/chon/{kind}/", query).json()["results"]


def test_people_come_with_the_posts_of_the_day(sign_in_as: Any) -> None:
    person = make.make_person(
        "Nguyễn Khắc Chử",
        ("Bí thư Tỉnh ủy", date(2017, 1, 1), date(2019, 12, 31)),
        ("Phó Trưởng Ban", date(2020, 1, 1), None),
    )
    client = sign_in_as(make.make_user("reporter"))
    for day, expected in (
        ("31/12/2019", ["Bí thư Tỉnh ủy"]),
        ("2020-01-01", ["Phó Trưởng Ban"]),
        ("1/1/2000", []),
        ("", ["Phó Trưởng Ban"]),
        ("31/2/2020", ["Phó Trưởng Ban"]),
        ("x" * 3000, ["Phó Trưởng Ban"]),
    ):
        (found,) = results(client, "nhan-su", q="khac chu", ngay=day)
        assert (found["id"], found["text"], found["positions"]) == (
            person.pk,
            f"Nguyễn Khắc Chử (số {person.pk})",
            expected,
        ), day


def test_merged_ones_are_not_offered(sign_in_as: Any) -> None:
    kept = make.make_person("Lê Văn Nam")
    keep(Person(name="Lê Văn Năm", merged_into=kept))
    keep(Tag(name="Lai châu cũ", slug="cu", merged_into=make.make_tag("Lai Châu")))
    client = sign_in_as(make.make_user("reporter"))
    assert [row["label"] for row in results(client, "nhan-su", q="le van nam")] == ["Lê Văn Nam"]
    assert [row["label"] for row in results(client, "tu-khoa", q="lai chau")] == ["Lai Châu"]


def test_looking_up_is_limited_and_asks_for_the_right(
    sign_in_as: Any, client: Any, django_assert_num_queries: Any
) -> None:
    for number in range(30):
        make.make_person(f"Trần Văn {number}", ("Chức", None, None))
    reporter = sign_in_as(make.make_user("reporter"))
    with django_assert_num_queries(5):
        assert len(results(reporter, "nhan-su", q="tran")) == 12
    assert results(reporter, "nhan-su", q="%") == []
    assert reporter.get("/quan-tri/chon/mat-khau/").status_code == 404
    assert reporter.post("/quan-tri/chon/nhan-su/").status_code == 405
    assert sign_in_as(make.make_user("moderator")).get("/quan-tri/chon/nhan-su/?q=tran").status_code == 403
    assert client.get("/quan-tri/chon/nhan-su/?q=tran").status_code == 302


@pytest.mark.parametrize("kind", ["co-quan", "tu-khoa", "tac-gia", "doan", "bai", "anh", "dong-nghiep"])
def test_every_kind_answers(sign_in_as: Any, kind: str) -> None:
    make.make_organisation("Ban Một")
    make.make_tag("Một")
    make.make_author("Tác giả Một")
    make.make_delegation("Đoàn Một")
    make.make_image(caption="Ảnh Một")
    user = make.make_user("editor", full_name="Lê Thị Một")
    make.make_article("Bài Một", author=user)
    found = results(sign_in_as(user), kind, q="một")
    assert [set(row) for row in found] == [{"id", "label", "note", "text", "positions"}]
    assert "Một" in found[0]["label"]


# --- Pages -----------------------------------------------------------------------------------------------


def test_a_person_with_positions_and_spellings(sign_in_as: Any) -> None:
    organisation = make.make_organisation("Tỉnh ủy Lai Châu")
    client = sign_in_as(make.make_user("editor"))
    response = send(
        client,
        "/quan-tri/news/person/add/",
        "person_form",
        name=" nguyễn   khắc chử ",
        is_verified="on",
        **{
            "positions-0-title": "Bí thư  Tỉnh ủy",
            "positions-0-organisation": "tinh uy lai chau",
            "positions-0-from_on": "1/1/2017",
            "spellings-0-name": "N. K. Chử",
        },
    )
    assert response.status_code == 302
    person = Person.objects.get()
    assert (person.name, person.name_key, person.is_verified) == ("nguyễn khắc chử", "nguyen khac chu", True)
    position = person.positions.get()
    assert (position.title, position.organisation, position.from_on) == (
        "Bí thư Tỉnh ủy",
        organisation,
        date(2017, 1, 1),
    )
    assert [row.name_key for row in person.spellings.all()] == ["n. k. chu"]
    address = f"/quan-tri/news/person/{person.pk}/change/"
    wrong = send(client, address, "person_form", **{"positions-0-to_on": "1/1/2016"})
    assert "Ngày thôi giữ chức phải sau ngày nhận chức." in words(wrong)
    assert send(client, address, "person_form", **{"spellings-0-DELETE": "on"}).status_code == 302
    assert person.spellings.count() == 0
    assert "positions-0-DELETE" not in client.get(address).content.decode()


def test_a_reporter_adds_a_person_who_waits_for_an_editor(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("reporter"))
    send(client, "/quan-tri/news/person/add/", "person_form", name="Lò Văn Mới", is_verified="on", merged_into="1")
    person = Person.objects.get()
    assert (person.is_verified, person.merged_into) == (False, None)


def test_merging_goes_one_step(sign_in_as: Any) -> None:
    first, second, third = (make.make_person(f"Người {number}") for number in range(3))
    client = sign_in_as(make.make_user("editor"))

    def merge(person: Person, target: str) -> Any:
        return send(client, f"/quan-tri/news/person/{person.pk}/change/", "person_form", merged_into=target)

    assert merge(first, f"#{second.pk}").status_code == 302
    assert "đã gộp vào mục khác" in words(merge(third, f"#{first.pk}"))
    assert "Đã có mục khác gộp vào mục này" in words(merge(second, f"#{third.pk}"))
    assert "Không gộp một mục vào chính nó." in words(merge(third, f"#{third.pk}"))


def test_addresses_are_made_from_names(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("editor"))
    assert send(client, "/quan-tri/news/tag/add/", "tag_form", name="Đoàn công tác").status_code == 302
    assert Tag.objects.get().slug == "doan-cong-tac"
    twice = send(client, "/quan-tri/news/tag/add/", "tag_form", name="Đoàn Công Tác")
    assert twice.status_code == 200
    assert "này đã có." in words(twice)
    assert "Không đặt được địa chỉ" in words(send(client, "/quan-tri/news/tag/add/", "tag_form", name="!!!"))
    administrator = sign_in_as(make.make_user("administrator"))
    assert send(administrator, "/quan-tri/news/section/add/", "section_form", name="Tin tức").status_code == 302
    assert Section.objects.get().slug == "tin-tuc"
    reserved = send(administrator, "/quan-tri/news/section/add/", "section_form", name="Nhân sự")
    assert "Địa chỉ này dành cho trang khác của hệ thống." in words(reserved)


def test_section_stays_in_two_levels(sign_in_as: Any) -> None:
    top = make.make_section("Trên")
    below = make.make_section("Dưới", parent=top)
    client = sign_in_as(make.make_user("administrator"))
    page = client.get("/quan-tri/news/section/add/").content.decode()
    assert f'<option value="{top.pk}">' in page
    assert f'<option value="{below.pk}">' not in page
    refused = send(
        client, f"/quan-tri/news/section/{top.pk}/change/", "section_form", parent=str(make.make_section().pk)
    )
    assert "Chuyên mục này đang có chuyên mục con" in words(refused)


def test_a_delegation_on_its_own_page(sign_in_as: Any) -> None:
    person = make.make_person("Đào Thị Hằng", ("Phó Trưởng Ban", date(2016, 1, 1), None))
    client = sign_in_as(make.make_user("reporter"))
    response = send(
        client,
        "/quan-tri/news/delegation/add/",
        **{
            "doan-moi-name": "Đoàn công tác",
            "doan-moi-from_on": "20/5/2018",
            "doan-moi-host_organisation": "Tỉnh ủy",
            "doan-moi-nguoi-0-person": "dao thi hang",
        },
    )
    delegation = Delegation.objects.get()
    assert response.headers["Location"] == f"/quan-tri/news/delegation/{delegation.pk}/change/"
    assert delegation.host_organisation == Organisation.objects.get()
    row = delegation.attendees.get()
    assert (row.person, row.name, row.position_list) == (person, "Đào Thị Hằng", ["Phó Trưởng Ban"])
    wrong = send(client, response.headers["Location"], **{f"doan-{delegation.pk}-to_on": "1/1/2018"})
    assert "Ngày kết thúc phải sau ngày bắt đầu." in words(wrong)
    empty = send(client, "/quan-tri/news/delegation/add/")
    assert "Hãy điền mục này." in words(empty)
    form = read_form(client.get(response.headers["Location"]))
    assert "doan" not in form.data
    assert Delegation.objects.count() == 1


def test_register_pages_escape_names(sign_in_as: Any) -> None:
    person = make.make_person("<script>alert(1)</script>")
    delegation = make.make_delegation("<script>alert(2)</script>", make.attendee(person))
    client = sign_in_as(make.make_user("editor"))
    for address in (
        "/quan-tri/news/person/",
        f"/quan-tri/news/person/{person.pk}/change/",
        f"/quan-tri/news/person/{person.pk}/history/",
        "/quan-tri/news/delegation/",
        f"/quan-tri/news/delegation/{delegation.pk}/change/",
    ):
        assert "<script>alert" not in client.get(address).content.decode(), address


def test_a_stale_delegation_page_writes_nothing_over_a_colleagues_list(sign_in_as: Any) -> None:
    first, second = make.make_person("Ba A"), make.make_person("Ba B")
    delegation = make.make_delegation("Đoàn", make.attendee(first), make.attendee(second), purpose="Khảo sát")
    client = sign_in_as(make.make_user("editor"))
    address = f"/quan-tri/news/delegation/{delegation.pk}/change/"
    stale = read_form(client.get(address)).data
    colleague = send(client, address, **{f"doan-{delegation.pk}-purpose": "Kiểm tra"})
    assert colleague.status_code == 302
    late = client.post(
        address,
        stale | {f"doan-{delegation.pk}-name": "Tên khác", f"doan-{delegation.pk}-nguoi-0-DELETE": "on"},
    )
    assert (late.status_code, "Tên khác" in late.content.decode()) == (409, True)
    delegation.refresh_from_db()
    names = list(delegation.attendees.order_by("order").values_list("name", flat=True))
    assert (delegation.name, delegation.purpose, names) == ("Đoàn", "Kiểm tra", ["Ba A", "Ba B"])


def test_two_articles_that_share_a_delegation_do_not_overwrite_each_others_list(sign_in_as: Any) -> None:
    delegation = make.make_delegation("Đoàn", make.attendee(make.make_person("Ba A")), purpose="Khảo sát")
    reporter = make.make_user("reporter")
    one, other = (make.make_article(name, author=reporter, delegations=(delegation,)) for name in ("Một", "Hai"))
    client = sign_in_as(reporter)
    stale = read_form(client.get(f"/quan-tri/news/article/{other.pk}/change/")).data
    send(client, f"/quan-tri/news/article/{one.pk}/change/", **{f"doan-{delegation.pk}-purpose": "Kiểm tra"})
    late = client.post(
        f"/quan-tri/news/article/{other.pk}/change/",
        stale | {f"doan-{delegation.pk}-places": "xã Nà Tăm", "title": "Hai, đã sửa"},
    )
    assert (late.status_code, "xã Nà Tăm" in late.content.decode()) == (409, True)
    delegation.refresh_from_db()
    other.refresh_from_db()
    assert (delegation.purpose, delegation.places, other.title) == ("Kiểm tra", "", "Hai")
