"""A reader's own pages: what they put aside, follow, were told; the buttons; nothing of it on a page for everyone."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from news.models import (
    Bookmark,
    Feedback,
    Follow,
    FollowKind,
    Masthead,
    Notification,
    NotificationChoice,
    NotificationKind,
)
from news.services import bookmarking, following, notifying
from news.tests import make

pytestmark = pytest.mark.django_db

ANSWERED = NotificationKind.COMMENT_ANSWERED
PAGES = [
    "/tai-khoan/",
    "/tai-khoan/da-luu/",
    "/tai-khoan/theo-doi/",
    "/tai-khoan/theo-doi/danh-sach/",
    "/tai-khoan/thong-bao/",
    "/tai-khoan/thong-bao/cach-nhan/",
    "/tai-khoan/binh-luan/",
    "/tai-khoan/thu/",
    "/tai-khoan/ho-so/",
    "/tai-khoan/du-lieu/",
]


@pytest.fixture
def reader():
    user = make.make_user(None, full_name="Lò Thị Mai", email="mai@example.vn")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def logged_in(client, reader):
    client.force_login(reader)
    return client


def recent(title, minutes=60, **fields):
    return make.publish(make.make_article(title, **fields), at=timezone.now() - timedelta(minutes=minutes))


def address_of(edition, tail=""):
    return f"/tin/{edition.slug}-{edition.article_id}/{tail}"


# --- Doors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_every_page_asks_for_a_log_in_and_comes_back(client, logged_in, address):
    page = logged_in.get(f"{address}?truoc=1" if address.endswith("da-luu/") else address)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex, nofollow">' in page.content.decode()
    stranger = Client()
    for answer in (stranger.get(address), stranger.post(address, {"bo": "1"})):
        assert (answer.status_code, answer.headers["Location"]) in {
            (302, f"/tai-khoan/dang-nhap/?next={address}"),
            (403, ""),
        }
    assert Client(enforce_csrf_checks=True).put(address).status_code == 405


def test_empty_pages_say_what_to_do(logged_in):
    said = {address: logged_in.get(address).content.decode() for address in PAGES}
    assert "Bạn chưa lưu bài nào." in said["/tai-khoan/da-luu/"]
    assert "Chưa có bài nào. Mở trang một chuyên mục" in said["/tai-khoan/theo-doi/"]
    assert "Bạn chưa theo dõi gì." in said["/tai-khoan/theo-doi/danh-sach/"]
    assert "Chưa có thông báo nào." in said["/tai-khoan/thong-bao/"]
    assert "Bạn đã xem hết." in said["/tai-khoan/"]


@pytest.mark.parametrize("cursor", ["x", "-1", "0", "1" * 30, "1-1", "١"])
def test_a_cursor_that_names_no_place_is_not_found(logged_in, cursor):
    for address in ("da-luu/", "theo-doi/danh-sach/", "thong-bao/"):
        assert logged_in.get(f"/tai-khoan/{address}", {"truoc": cursor}).status_code == 404
    following.follow(
        user_id=make.make_user(None).pk,
        kind=FollowKind.SECTION,
        target_id=make.make_section().pk,
        at=timezone.now(),
    )


# --- Bookmarks ------------------------------------------------------------------------------------------


def test_the_button_saves_and_takes_off_on_its_own_address(logged_in, reader):
    edition = recent("Mùa ban nở")
    address = address_of(edition, "luu/")
    page = logged_in.get(address)
    assert (page.headers["Cache-Control"], "data-fragment" in page.content.decode()) == ("private, no-store", True)
    assert "Lưu bài này" in page.content.decode()
    for _ in range(2):
        answer = logged_in.post(address, {"viec": "luu"})
        assert (answer.status_code, answer.headers["Location"]) == (302, address)
    assert [(row.user, row.article) for row in Bookmark.objects.all()] == [(reader, edition.article)]
    assert "Bỏ lưu" in logged_in.get(address).content.decode()
    assert "Mùa ban nở" in logged_in.get("/tai-khoan/da-luu/").content.decode()
    logged_in.post(address, {"viec": "bo"})
    assert Bookmark.objects.count() == 0


def test_a_stranger_is_asked_to_log_in_and_nothing_is_kept(client):
    edition = recent("Mùa ban nở")
    address = address_of(edition, "luu/")
    for answer in (client.get(address), client.post(address, {"viec": "luu"})):
        assert answer.status_code == 200
        assert f'href="/tai-khoan/dang-nhap/?next={address}"' in answer.content.decode()
        assert answer.cookies == {}
    assert Bookmark.objects.count() == 0


def test_the_article_is_the_same_for_everyone_and_sets_no_cookie(client, logged_in, reader):
    edition = recent("Mùa ban nở")
    bookmarking.keep(user_id=reader.pk, article_id=edition.article_id, at=timezone.now())
    stranger = Client(headers={"User-Agent": make.PHONE}).get(address_of(edition))
    mine = logged_in.get(address_of(edition))
    assert (stranger.content, stranger.cookies) == (mine.content, {})
    assert mine.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert f'href="{address_of(edition, "luu/")}"' in stranger.content.decode()


def test_an_article_that_is_gone_keeps_its_line_and_loses_its_title(logged_in, reader):
    stays, goes = recent("Bài còn lại", 30), recent("Bài bị gỡ", 60)
    for edition in (stays, goes):
        bookmarking.keep(user_id=reader.pk, article_id=edition.article_id, at=timezone.now())
    make.withdraw(goes.article, at=timezone.now())
    page = logged_in.get("/tai-khoan/da-luu/").content.decode()
    assert ("Bài còn lại" in page, "Bài bị gỡ" in page, "Bài này không còn trên trang." in page) == (True, False, True)
    assert "Bài bị gỡ" not in logged_in.get("/tai-khoan/").content.decode()
    logged_in.post("/tai-khoan/da-luu/", {"bo": goes.article_id})
    assert [row.article_id for row in Bookmark.objects.all()] == [stays.article_id]
    # Its button answers as the article does.
    assert logged_in.get(address_of(goes, "luu/")).status_code == 410
    with pytest.raises(bookmarking.NotKept):
        bookmarking.keep(user_id=reader.pk, article_id=goes.article_id, at=timezone.now())


def test_what_never_was_visible_answers_like_what_does_not_exist(logged_in):
    draft = make.make_article("Nháp")
    for pk in (draft.pk, 999_999):
        assert logged_in.get(f"/tin/nhap-{pk}/luu/").status_code == 404
        assert logged_in.post(f"/tin/nhap-{pk}/luu/", {"viec": "luu"}).status_code == 404
    assert Bookmark.objects.count() == 0


def test_another_readers_rows_are_out_of_reach(logged_in, reader):
    other = make.make_user(None)
    edition, section = recent("Bài"), make.make_section()
    bookmarking.keep(user_id=other.pk, article_id=edition.article_id, at=timezone.now())
    following.follow(user_id=other.pk, kind=FollowKind.SECTION, target_id=section.pk, at=timezone.now())
    notifying.notify(
        user_id=other.pk,
        kind=ANSWERED,
        at=timezone.now(),
        article_id=edition.article_id,
        comment_id=make.make_comment(edition).pk,
    )
    follow, notice = Follow.objects.get(), Notification.objects.get()
    logged_in.post("/tai-khoan/da-luu/", {"bo": edition.article_id})
    logged_in.post("/tai-khoan/theo-doi/danh-sach/", {"bo": follow.pk})
    assert logged_in.post(f"/tai-khoan/thong-bao/{notice.pk}/").status_code == 404
    logged_in.post("/tai-khoan/thong-bao/")
    assert (Bookmark.objects.count(), Follow.objects.count()) == (1, 1)
    assert Notification.objects.get().read_at is None
    for bad in ("x", "", "9" * 30, "-1"):
        assert logged_in.post("/tai-khoan/da-luu/", {"bo": bad}).status_code == 404


def test_pages_of_the_list_by_cursor(logged_in, reader):
    editions = [recent(f"Bài số {number}", number + 1) for number in range(23)]
    for edition in editions:
        bookmarking.keep(user_id=reader.pk, article_id=edition.article_id, at=timezone.now())
    first = logged_in.get("/tai-khoan/da-luu/").content.decode()
    (older,) = re.findall(r'href="(\?truoc=\d+)" rel="next"', first)
    second = logged_in.get(f"/tai-khoan/da-luu/{older}").content.decode()
    titles = [re.findall(r"Bài.số.(\d+)</a>", page) for page in (first, second)]
    assert titles == [[str(n) for n in range(22, 2, -1)], ["2", "1", "0"]]
    assert 'rel="next"' not in second


# --- Follows --------------------------------------------------------------------------------------------


@pytest.fixture
def visited():
    """A section, a tag and a person with a public page each, and the article that made them public."""
    section, tag, person = make.make_section("Thời sự"), make.make_tag("Biên giới"), make.make_person("Lò Văn Pâng")
    delegation = make.make_delegation("Đoàn công tác", make.attendee(person))
    edition = recent("Bài đầu", 600, section=section, tags=(tag,), delegations=(delegation,))
    return section, tag, person, edition


def buttons(section, tag, person):
    return [
        (f"/{section.slug}/", FollowKind.SECTION, section.pk),
        (f"/chu-de/{tag.slug}/", FollowKind.TAG, tag.pk),
        (f"/nhan-su/lo-van-pang-{person.pk}/", FollowKind.PERSON, person.pk),
    ]


def test_a_person_a_tag_and_a_section_are_followed_from_their_pages(client, logged_in, reader, visited):
    section, tag, person, _ = visited
    for page, kind, pk in buttons(section, tag, person):
        public = Client(headers={"User-Agent": make.PHONE}).get(page)
        assert f'href="{page}theo-doi/"' in public.content.decode(), page
        assert public.cookies == {}
        asked = Client().get(f"{page}theo-doi/").content.decode()
        assert f'href="/tai-khoan/dang-nhap/?next={page}theo-doi/"' in asked
        assert ">Theo dõi</button>" in logged_in.get(f"{page}theo-doi/").content.decode()
        for _ in range(2):
            assert logged_in.post(f"{page}theo-doi/", {"viec": "theo"}).status_code == 302
        assert [getattr(row, f"{kind}_id") for row in Follow.objects.filter(**{f"{kind}__isnull": False})] == [pk]
        assert "Thôi theo dõi" in logged_in.get(f"{page}theo-doi/").content.decode()
        # The public page has nothing of it.
        assert logged_in.get(page).content == public.content
    listed = logged_in.get("/tai-khoan/theo-doi/danh-sach/").content.decode()
    assert re.findall(r'class="own__what" href="[^"]+">([^<]+)<', listed) == ["Lò Văn Pâng", "Biên giới", "Thời sự"]
    for page, _, _ in buttons(section, tag, person):
        logged_in.post(f"{page}theo-doi/", {"viec": "bo"})
    assert Follow.objects.count() == 0


def test_only_sections_that_are_not_followed_are_offered(logged_in, reader):
    followed, other = make.make_section("Thời sự"), make.make_section("Văn hóa")
    following.follow(user_id=reader.pk, kind=FollowKind.SECTION, target_id=followed.pk, at=timezone.now())
    offered = re.compile(r'<li><a class="tool" href="/([^"]+)/theo-doi/">')
    assert offered.findall(logged_in.get("/tai-khoan/theo-doi/danh-sach/").content.decode()) == [other.slug]
    following.follow(user_id=reader.pk, kind=FollowKind.SECTION, target_id=other.pk, at=timezone.now())
    assert "Thêm chuyên mục" not in logged_in.get("/tai-khoan/theo-doi/danh-sach/").content.decode()


def test_a_page_that_is_no_longer_public_has_no_button_and_loses_its_name(logged_in, reader, visited):
    section, tag, person, edition = visited
    for _, kind, pk in buttons(section, tag, person):
        following.follow(user_id=reader.pk, kind=kind, target_id=pk, at=timezone.now())
    make.withdraw(edition.article, at=timezone.now())
    listed = logged_in.get("/tai-khoan/theo-doi/danh-sach/").content.decode()
    assert ("Lò Văn Pâng" in listed, "Biên giới" in listed, "Thời sự" in listed) == (False, False, True)
    assert listed.count("Mục này hiện không có trên trang.") == 2
    for page, kind, pk in buttons(section, tag, person)[1:]:
        assert logged_in.get(f"{page}theo-doi/").status_code == 404
        with pytest.raises(following.NotFollowed):
            following.follow(user_id=reader.pk, kind=kind, target_id=pk, at=timezone.now())
    assert logged_in.get("/khong-co/theo-doi/").status_code == 404


def test_new_articles_of_what_is_followed_until_they_were_seen(logged_in, reader, visited):
    section, tag, person, _ = visited
    now = timezone.now()
    for _, kind, pk in buttons(section, tag, person):
        following.follow(user_id=reader.pk, kind=kind, target_id=pk, at=now - timedelta(minutes=300))
    recent("Bài mới của mục", 30, section=section)
    recent("Bài mới của từ khóa", 20, tags=(tag,), section=make.make_section())
    recent("Bài ngoài", 10, section=make.make_section())
    hidden = recent("Bài đã gỡ", 5, section=section)
    make.withdraw(hidden.article, at=now - timedelta(minutes=1))
    make.schedule(make.make_article("Bài hẹn giờ", section=section), visible_from=now + timedelta(days=1), at=now)
    page = logged_in.get("/tai-khoan/theo-doi/").content.decode().replace("\u00a0", " ")
    titles = re.findall(r'class="story__title"><a [^>]*>([^<]+)<', page)
    assert titles == ["Bài mới của từ khóa", "Bài mới của mục", "Bài đầu"]
    assert "Có <b>2</b> bài mới" in page
    fragment = logged_in.get("/tai-khoan/thong-bao/chua-doc/")
    assert (fragment.headers["Cache-Control"], ">2<" in fragment.content.decode()) == ("private, no-store", True)
    logged_in.post("/tai-khoan/theo-doi/")
    assert "bài mới từ lần xem trước" not in logged_in.get("/tai-khoan/theo-doi/").content.decode()
    assert "data-fragment" not in logged_in.get("/tai-khoan/thong-bao/chua-doc/").content.decode()
    assert Client().get("/tai-khoan/thong-bao/chua-doc/").status_code == 204


def test_what_was_merged_is_followed_as_what_it_became(logged_in, reader, visited):
    _, tag, _, _ = visited
    new_tag = make.make_tag("Biên giới xanh")
    recent("Bài của từ khóa mới", 30, tags=(new_tag,))
    following.follow(user_id=reader.pk, kind=FollowKind.TAG, target_id=tag.pk, at=timezone.now())
    type(tag).objects.filter(pk=tag.pk).update(merged_into=new_tag)
    page = logged_in.get("/tai-khoan/theo-doi/").content.decode().replace("\u00a0", " ")
    assert re.findall(r'class="story__title"><a [^>]*>([^<]+)<', page) == ["Bài của từ khóa mới", "Bài đầu"]
    listed = logged_in.get("/tai-khoan/theo-doi/danh-sach/").content.decode()
    assert f'href="/chu-de/{new_tag.slug}/">Biên giới xanh<' in listed
    # Followed is what it became, under either address; once.
    assert "Thôi theo dõi" in logged_in.get(f"/chu-de/{new_tag.slug}/theo-doi/").content.decode()
    logged_in.post(f"/chu-de/{new_tag.slug}/theo-doi/", {"viec": "theo"})
    assert Follow.objects.count() == 1
    moved = logged_in.get(f"/chu-de/{tag.slug}/theo-doi/")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"/chu-de/{new_tag.slug}/theo-doi/")
    logged_in.post(f"/chu-de/{new_tag.slug}/theo-doi/", {"viec": "bo"})
    assert Follow.objects.count() == 0


def test_a_reader_keeps_and_follows_no_more_than_a_reader_does(logged_in, reader, monkeypatch):
    monkeypatch.setattr(bookmarking, "MOST", 1)
    monkeypatch.setattr(following, "MOST", 1)
    first, second = recent("Một"), recent("Hai")
    sections = make.make_section(), make.make_section()
    assert logged_in.post(address_of(first, "luu/"), {"viec": "luu"}).status_code == 302
    refused = logged_in.post(address_of(second, "luu/"), {"viec": "luu"})
    assert (refused.status_code, "Bạn đã lưu 1 bài." in refused.content.decode()) == (422, True)
    assert logged_in.post(f"/{sections[0].slug}/theo-doi/", {"viec": "theo"}).status_code == 302
    refused = logged_in.post(f"/{sections[1].slug}/theo-doi/", {"viec": "theo"})
    assert (refused.status_code, "Bạn đang theo dõi 1 mục." in refused.content.decode()) == (422, True)


# --- Notifications --------------------------------------------------------------------------------------


def test_opening_one_reads_it_and_leads_to_it(logged_in, reader):
    edition = recent("Mùa ban nở")
    for _ in range(2):
        notifying.notify(
            user_id=reader.pk,
            kind=ANSWERED,
            at=timezone.now(),
            article_id=edition.article_id,
            comment_id=make.make_comment(edition).pk,
        )
    page = logged_in.get("/tai-khoan/thong-bao/").content.decode()
    assert page.count("own__row--new") == 2
    assert "Mùa ban nở" in page
    row = Notification.objects.order_by("pk").first()
    assert logged_in.get(f"/tai-khoan/thong-bao/{row.pk}/").status_code == 405
    answer = logged_in.post(f"/tai-khoan/thong-bao/{row.pk}/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(address_of(edition))
    assert logged_in.get("/tai-khoan/thong-bao/").content.decode().count("own__row--new") == 1
    logged_in.post("/tai-khoan/thong-bao/")
    assert "own__row--new" not in logged_in.get("/tai-khoan/thong-bao/").content.decode()
    make.withdraw(edition.article, at=timezone.now())
    assert "Mùa ban nở" not in logged_in.get("/tai-khoan/thong-bao/").content.decode()


def test_each_kind_is_switched_and_all_of_it_is_turned_off(logged_in, reader):
    address = "/tai-khoan/thong-bao/cach-nhan/"
    page = logged_in.get(address).content.decode()
    assert len(re.findall(r'<input type="checkbox" name="\w+_trang"[^>]* checked', page)) == 4
    assert len(re.findall(r'<input type="checkbox" name="\w+_thu"[^>]* checked', page)) == 0
    assert "mai@example.vn" in page
    logged_in.post(address, {"viec": "luu", "comment_answered_trang": "on", "comment_answered_thu": "on"})
    assert {row.kind: (row.on_page, row.by_mail) for row in NotificationChoice.objects.all()} == {
        "comment_answered": (True, True),
        "comment_decided": (False, False),
        "feedback_answered": (False, False),
        "followed_article": (False, False),
    }
    done = logged_in.post(address, {"viec": "tat-het", "comment_answered_trang": "on"}, follow=True)
    assert "Đã tắt tất cả thông báo." in done.content.decode()
    assert NotificationChoice.objects.filter(on_page=True).count() == 0
    EmailAddress.objects.update(verified=False)
    assert "chưa có địa chỉ thư đã xác nhận" in logged_in.get(address).content.decode()


# --- Letters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_ones_letters_and_the_way_to_each(logged_in, reader, count, django_assert_num_queries):
    letters = [make.make_letter(f"Thư số {number} của tôi.", at=timezone.now()) for number in range(count + 1)]
    Feedback.objects.filter(pk__in=[letter.pk for letter in letters[1:]]).update(account=reader)
    with django_assert_num_queries(3 + 2 + 1):
        page = logged_in.get("/tai-khoan/thu/").content.decode()
    assert re.findall(r"Thư số (\d) của tôi", page) == [str(number) for number in range(count, 0, -1)]
    notifying.notify(
        user_id=reader.pk,
        kind=NotificationKind.FEEDBACK_ANSWERED,
        at=timezone.now(),
        feedback_id=letters[1].pk,
    )
    opened = logged_in.post(f"/tai-khoan/thong-bao/{Notification.objects.get().pk}/", follow=True)
    assert (opened.status_code, "Thư số 1 của tôi" in opened.content.decode()) == (200, True)
    assert logged_in.get("/tai-khoan/thu/", {"truoc": "x"}).status_code == 404
    assert "Thư số" not in Client().get(opened.request["PATH_INFO"], follow=True).content.decode()


# --- Profile --------------------------------------------------------------------------------------------


def test_a_reader_says_how_they_are_called(logged_in, reader):
    assert logged_in.post("/tai-khoan/ho-so/", {"full_name": "  Lò   Mai "}).status_code == 302
    reader.refresh_from_db()
    assert reader.full_name == "Lò Mai"
    Masthead.objects.update_or_create(pk=1, defaults={"name": "Báo Lai Châu"})
    for bad in (
        "",
        "x" * 61,
        "\u200b",
        "Tòa soạn",
        "Tоа sоan",
        "TBT",
        "Báo Lai Châu 24",
        "Bao Lаi Сhau",
        "mai.evil.example",
        "<script>",
    ):
        answer = logged_in.post("/tai-khoan/ho-so/", {"full_name": bad})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["full_name"])
    reader.refresh_from_db()
    assert reader.full_name == "Lò Mai"


def test_a_colleagues_name_is_the_administrators_to_write(client):
    editor = make.make_user("editor", full_name="Biên Tập")
    client.force_login(editor)
    assert "Lưu</button>" not in client.get("/tai-khoan/ho-so/").content.decode()
    client.post("/tai-khoan/ho-so/", {"full_name": "Tên khác"})
    editor.refresh_from_db()
    assert editor.full_name == "Biên Tập"


# --- Queries --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_queries(logged_in, reader, count, django_assert_num_queries):
    for number in range(count):
        tag, person = make.make_tag(), make.make_person()
        delegation = make.make_delegation("", make.attendee(person))
        edition = recent(f"Bài {number}", 60 + number, tags=(tag,), delegations=(delegation,))
        bookmarking.keep(user_id=reader.pk, article_id=edition.article_id, at=timezone.now())
        for kind, pk in (
            (FollowKind.TAG, tag.pk),
            (FollowKind.PERSON, person.pk),
            (FollowKind.SECTION, edition.section_id),
        ):
            following.follow(user_id=reader.pk, kind=kind, target_id=pk, at=timezone.now())
        notifying.notify(
            user_id=reader.pk,
            kind=ANSWERED,
            at=timezone.now(),
            article_id=edition.article_id,
            comment_id=make.make_comment(edition).pk,
        )
    frame, who = 3, 2
    with django_assert_num_queries(frame + who + 2):
        logged_in.get("/tai-khoan/da-luu/")
    with django_assert_num_queries(frame + who + 4 + 6):  # the list; the number of new ones
        logged_in.get("/tai-khoan/theo-doi/")
    with django_assert_num_queries(frame + who + 8):
        logged_in.get("/tai-khoan/theo-doi/danh-sach/")
    with django_assert_num_queries(frame + who + 2 + 7):
        logged_in.get("/tai-khoan/thong-bao/")
    with django_assert_num_queries(who + 7):
        logged_in.get("/tai-khoan/thong-bao/chua-doc/")
    with django_assert_num_queries(frame + who + 7 + 4 + 2):
        logged_in.get("/tai-khoan/")
    with django_assert_num_queries(frame + who + 3):
        logged_in.get("/tai-khoan/thong-bao/cach-nhan/")
    with django_assert_num_queries(frame + 1 + who + 1):
        logged_in.get(address_of(edition, "luu/"))


# --- One's data -------------------------------------------------------------------------------------------


def test_the_way_to_ones_data_and_what_it_holds(logged_in, reader):
    edition = recent("Mùa ban nở")
    bookmarking.keep(user_id=reader.pk, article_id=edition.article_id, at=timezone.now())
    page = logged_in.get("/tai-khoan/du-lieu/").content.decode()
    assert ('action="/du-lieu-ca-nhan/cua-toi/"' in page, 'href="/tai-khoan/xoa/"' in page) == (True, True)
    kept = logged_in.post("/du-lieu-ca-nhan/cua-toi/", follow=True).content.decode()
    assert ("Bài đã lưu" in kept, "Mùa ban nở" in kept) == (True, True)
