"""Two people have the same stock page open: neither overwrites the other unseen, and what was typed stays."""

import re
from datetime import date
from typing import Any

import pytest

from accounts.models import User
from news.models import Image, Masthead, Person, PersonSpelling, Position, Tag
from news.tests import make
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db


def opened(desk: Any, address: str) -> dict[str, Any]:
    """What the page's form would send as it is."""
    return read_form(desk.get(address)).data


def agreement(page: Any) -> str:
    """What the checkbox "vẫn lưu" sends."""
    found = re.search(r'name="_overwrite" value="([0-9a-f]{64})"', page.content.decode())
    return found[1] if found else ""


def test_the_second_to_save_is_told_and_nothing_is_written(sign_in_as: Any) -> None:
    tag = make.make_tag("Lai Châu")
    address = f"/quan-tri/news/tag/{tag.pk}/change/"
    first = make.make_user("editor", full_name="Lò <b>Thị</b> Một")
    one, two = sign_in_as(first), sign_in_as(make.make_user("editor"))
    stale = opened(two, address)
    send(one, address, description="Của người một")
    page = two.post(address, {**stale, "description": "Của <i>người</i> hai", "name": "Lai Châu mới"})
    tag.refresh_from_db()
    assert (page.status_code, tag.description, tag.name) == (409, "Của người một", "Lai Châu")
    text = words(page)
    assert "đã được sửa sau khi bạn mở" in text
    assert "Lò <b>Thị</b> Một" in text  # as words, not as marks
    assert "<i>người</i> hai" not in page.content.decode()
    assert ("Khi bạn mở: (trống) Bây giờ: Của người một Bạn gõ: Của <i>người</i> hai") in text
    kept = read_form(page).data
    assert (kept["name"], kept["description"]) == (["Lai Châu mới"], ["Của <i>người</i> hai"])
    again = two.post(address, kept)
    tag.refresh_from_db()
    assert (again.status_code, tag.description) == (409, "Của người một")


def test_who_has_looked_may_save_all_the_same_but_not_over_a_third(sign_in_as: Any) -> None:
    tag = make.make_tag("Lai Châu")
    address = f"/quan-tri/news/tag/{tag.pk}/change/"
    desk = sign_in_as(make.make_user("editor"))
    stale = opened(desk, address)
    send(desk, address, description="Một")
    page = desk.post(address, {**stale, "description": "Của tôi"})
    agreed = {**read_form(page).data, "_overwrite": agreement(page)}
    send(desk, address, description="Ba")
    refused = desk.post(address, agreed)
    tag.refresh_from_db()
    assert (refused.status_code, tag.description) == (409, "Ba")
    done = desk.post(address, {**read_form(refused).data, "_overwrite": agreement(refused)})
    tag.refresh_from_db()
    assert (done.status_code, tag.description) == (302, "Của tôi")


def test_rows_of_a_page_count_too(sign_in_as: Any) -> None:
    person = make.make_person("Lò Văn Một", ("Giám đốc Sở", date(2020, 1, 1), None))
    address = f"/quan-tri/news/person/{person.pk}/change/"
    one, two = sign_in_as(make.make_user("editor")), sign_in_as(make.make_user("editor"))
    stale = opened(two, address)
    row = next(name for name, value in stale.items() if value == ["Giám đốc Sở"])
    empty = next(name for name in stale if name.startswith("spellings-") and name.endswith("-name"))
    assert send(one, address, **{row: "Phó Giám đốc", empty: "Lò Một"}).status_code == 302
    page = two.post(address, {**stale, "note": "Ghi chú của tôi"})
    assert page.status_code == 409
    person.refresh_from_db()
    assert (person.note, person.positions.get().title) == ("", "Phó Giám đốc")
    text = words(page)
    assert "Khi bạn mở: Giám đốc Sở; " in text
    assert "Bây giờ: Phó Giám đốc; " in text
    assert "Khi bạn mở: không có dòng này Bây giờ: Lò Một" in text
    Position.objects.all().delete()
    PersonSpelling.objects.all().delete()
    gone = two.post(address, read_form(page).data)
    assert (gone.status_code, Position.objects.count()) == (409, 0)
    assert "không có dòng này" in words(gone)


def test_saving_twice_from_the_page_that_was_opened_anew_works(sign_in_as: Any) -> None:
    person = make.make_person("Lò Văn Một", ("Giám đốc Sở", None, None))
    desk = sign_in_as(make.make_user("editor"))
    address = f"/quan-tri/news/person/{person.pk}/change/"
    for note in ("một", "hai"):
        assert send(desk, address, note=note).status_code == 302
    assert Person.objects.get(pk=person.pk).note == "hai"


def test_a_mistake_does_not_forget_what_was_seen(sign_in_as: Any) -> None:
    tag = make.make_tag("Lai Châu")
    address = f"/quan-tri/news/tag/{tag.pk}/change/"
    desk = sign_in_as(make.make_user("editor"))
    wrong = send(desk, address, name="")
    assert wrong.status_code == 200
    Tag.objects.filter(pk=tag.pk).update(description="Người khác")
    page = desk.post(address, {**read_form(wrong).data, "name": "Lai Châu"})
    assert page.status_code == 409


@pytest.mark.parametrize(
    "seen", ["", "{", "[]", "null", '{"fields": 1, "rows": 2}', '{"fields": {}, "rows": {"a": 1}}', "[" * 100_000]
)
def test_a_page_that_does_not_say_what_it_saw_saves_nothing(sign_in_as: Any, seen: str) -> None:
    tag = make.make_tag("Lai Châu")
    address = f"/quan-tri/news/tag/{tag.pk}/change/"
    page = send(sign_in_as(make.make_user("editor")), address, _seen=seen, name="Khác")
    tag.refresh_from_db()
    assert (page.status_code, tag.name) == (409, "Lai Châu")


def test_every_stock_page_of_the_desk_checks(sign_in_as: Any) -> None:
    Masthead.objects.create(name="Cổng")
    picture, section = make.make_image(), make.make_section("Chính trị")
    chief, admin = sign_in_as(make.make_user("chief")), sign_in_as(make.make_user("administrator"))
    other = make.make_user("reporter", full_name="Lò Thị Hai")
    changes: list[tuple[Any, str, Any, dict[str, Any]]] = [
        (chief, f"/quan-tri/news/image/{picture.pk}/change/", picture, {"caption": "Khác"}),
        (chief, f"/quan-tri/news/author/{make.make_author('Ai').pk}/change/", None, {"about": "Khác"}),
        (chief, f"/quan-tri/news/organisation/{make.make_organisation().pk}/change/", None, {"abbreviation": "K"}),
        (admin, f"/quan-tri/news/section/{section.pk}/change/", section, {"description": "Khác"}),
        (admin, "/quan-tri/news/masthead/1/change/", None, {"motto": "Khác"}),
        (admin, f"/quan-tri/accounts/user/{other.pk}/change/", other, {"full_name": "Lò Thị Ba"}),
    ]
    for desk, address, _, change in changes:
        stale = opened(desk, address)
        assert desk.post(address, {**stale, **change}).status_code == 302, address
        assert desk.post(address, stale).status_code == 409, address
    picture.refresh_from_db()
    assert (picture.caption, User.objects.get(pk=other.pk).full_name) == ("Khác", "Lò Thị Ba")


def test_a_cut_made_meanwhile_is_not_lost(sign_in_as: Any) -> None:
    picture = make.make_image()
    desk = sign_in_as(make.make_user("editor"))
    address = f"/quan-tri/news/image/{picture.pk}/change/"
    stale = opened(desk, address)
    Image.objects.filter(pk=picture.pk).update(crops={"square": [0, 0, 500, 800]})
    assert desk.post(address, {**stale, "caption": "Khác"}).status_code == 409
    picture.refresh_from_db()
    assert picture.caption == "Chú thích của ảnh"


def test_what_was_seen_holds_nothing_but_the_fields(sign_in_as: Any) -> None:
    user = make.make_user("reporter", password="mat-khau-rat-dai-1")
    page = sign_in_as(make.make_user("administrator")).get(f"/quan-tri/accounts/user/{user.pk}/change/")
    assert user.password not in page.content.decode()
    assert '"password"' not in read_form(page).data["_seen"][0]


def test_who_only_reads_sends_nothing(sign_in_as: Any) -> None:
    tag = make.make_tag("Lai Châu")
    desk = sign_in_as(make.make_user("reporter"))
    address = f"/quan-tri/news/tag/{tag.pk}/change/"
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"name": "x", "_seen": "{}"}).status_code == 403
