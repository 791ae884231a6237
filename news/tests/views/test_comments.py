"""Bình luận: pages that ask as much for five thousand as for five, forms that refuse kindly, nothing seen by others."""

import logging
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.logs import WithoutLinks
from news import crypto
from news.models import (
    Comment,
    CommentAppeal,
    CommentSetting,
    CommentState,
    CommentStatus,
    CommentSwitch,
    CommentTally,
    CommentWho,
    Consent,
    Outbox,
)
from news.queries import comments as questions
from news.services import moderating
from news.tests import make

pytestmark = pytest.mark.django_db
AT = timezone.now() - timedelta(hours=2)


@pytest.fixture
def edition():
    return make.publish(make.make_article("Cầu treo Nậm Ban thông xe", at=AT - timedelta(hours=1)), at=AT)


@pytest.fixture
def base(edition):
    return f"/tin/{edition.slug}-{edition.article_id}/binh-luan/"


def logged_in(user):
    client = Client(headers={"User-Agent": make.PHONE})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def many(edition, count, **fields):
    """That many shown comments, written straight into the table."""
    rows = [
        Comment(
            article_id=edition.article_id,
            name=f"Bạn đọc {number}",
            body=f"Ý kiến số {number}.",
            body_digest=str(number),
            status=CommentStatus.SHOWN,
            is_listed="parent" not in fields,
            like_count=number % 7,
            created_at=AT + timedelta(seconds=number),
            **fields,
        )
        for number in range(count)
    ]
    made = Comment.objects.bulk_create(rows, batch_size=500)
    CommentTally.objects.update_or_create(article_id=edition.article_id, defaults={"shown": count})
    return made


def asked(client, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200
    # The first three answers of a thread are three look-ups in the index, the third at OFFSET 2; nothing goes further.
    assert not any(re.search(r"COUNT\(|OFFSET (?![012]\b)", query["sql"]) for query in queries)
    return len(queries)


# --- How much is asked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3, 300])
def test_each_page_asks_a_fixed_number_of_queries(client, edition, base, count):
    rows = many(edition, count)
    replies = many(edition, count, parent=rows[-1])
    Comment.objects.filter(pk=rows[-1].pk).update(reply_count=count, like_count=99)
    reader = logged_in(make.make_user(None))
    assert [asked(client, f"{base}{tail}") for tail in ("", "?xep=thich", f"?truoc={rows[-1].pk + 1}")] == [7, 7, 7]
    assert asked(client, f"{base}{rows[-1].pk}/") == 7
    assert asked(client, f"{base}{replies[-1].pk}/") == 9
    assert (asked(reader, base), asked(reader, f"{base}{rows[-1].pk}/")) == (11, 10)
    assert asked(client, f"/tin/{edition.slug}-{edition.article_id}/") == 9


def test_threads_and_their_answers_go_along_their_indexes(client, edition, base):
    for other in range(3):
        many(make.publish(make.make_article(at=AT - timedelta(hours=1)), at=AT + timedelta(seconds=other)), 900)
    rows = many(edition, 300)
    for root in rows[::3]:
        many(edition, 4, parent=root)
    Comment.objects.filter(pk__in=[row.pk for row in rows[::3]]).update(reply_count=4)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for tail, index in (("", "comment_newest"), ("?xep=thich", "comment_most_liked")):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{base}{tail}")
        (asked_for,) = [query["sql"] for query in queries if "place_2" in query["sql"]]
        with connection.cursor() as cursor:
            word = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
            cursor.execute(f"{word} {asked_for}")
            plan = "\n".join(str(row) for row in cursor.fetchall())
        # In so small a table PostgreSQL may walk back along the numbers as well; it reads no table through.
        assert index in plan or (connection.vendor == "postgresql" and "Seq Scan" not in plan), plan
        assert plan.count("comment_replies") == 3, plan


@pytest.mark.parametrize(
    ("order", "key"), [("", lambda row: -row.pk), ("thich", lambda row: (-row.like_count, -row.pk))]
)
def test_pages_are_read_to_the_end_each_comment_once(client, edition, base, order, key):
    rows = many(edition, 50)
    seen, address = [], f"{base}?xep={order}" if order else base
    while address:
        page = client.get(address).content.decode()
        seen += [int(number) for number in re.findall(r'id="binh-luan-(\d+)"', page)]
        older = re.search(r'href="([^"]+)" data-part="more"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [row.pk for row in sorted(rows, key=key)]


def test_a_link_to_one_opens_the_page_on_which_it_is(client, edition, base):
    root = many(edition, 1)[0]
    replies = many(edition, 200, parent=root)
    Comment.objects.filter(pk=root.pk).update(reply_count=200)
    picked = replies[120]
    page = client.get(f"{base}{picked.pk}/").content.decode()
    assert f'id="binh-luan-{picked.pk}" data-picked' in page
    shown = [int(number) for number in re.findall(r'id="binh-luan-(\d+)"', page)]
    assert shown == [root.pk, *(row.pk for row in replies[110:170])]
    before = client.get(f"{base}{root.pk}/?truoc={replies[110].pk}").content.decode()
    assert f'id="binh-luan-{replies[109].pk}"' in before
    after = client.get(f"{base}{root.pk}/?sau={replies[169].pk}").content.decode()
    assert f'id="binh-luan-{replies[170].pk}"' in after


@pytest.mark.parametrize(
    "query", ["truoc=x", "truoc=-1", "xep=likes", "xep=thich&truoc=5", "truoc=5-5", "truoc=" + "9" * 40]
)
def test_a_cursor_that_names_no_place_is_no_page(client, edition, base, query):
    assert client.get(f"{base}?{query}").status_code == 404


# --- The addresses ------------------------------------------------------------------------------------------------

TAILS = (
    "",
    "viet/",
    "da-gui/",
    "{pk}/",
    "{pk}/tra-loi/",
    "{pk}/thich/",
    "{pk}/bao-xau/",
    "{pk}/sua/",
    "{pk}/rut/",
    "{pk}/khieu-nai/",
)


@pytest.mark.parametrize("tail", TAILS)
def test_addresses_answer_as_the_articles_own_does(client, edition, base, tail):
    row = make.make_comment(edition)
    tail = tail.format(pk=row.pk)
    wrong = client.get(f"/tin/sai-{edition.article_id}/binh-luan/{tail}")
    assert (wrong.status_code, wrong.headers["Location"]) == (301, f"{base}{tail}")
    hidden = make.make_article()
    assert client.get(f"/tin/x-{hidden.pk}/binh-luan/{tail}").status_code == 404
    assert client.get(f"/tin/x-999999/binh-luan/{tail}").status_code == 404
    assert client.put(f"{base}{tail}").status_code == 405
    switch = CommentSwitch.objects.create(
        article_id=edition.article_id, state=CommentState.OFF, reason="x", changed_at=AT
    )
    assert client.get(f"{base}{tail}").status_code == 404
    switch.delete()
    make.withdraw(edition.article, at=AT + timedelta(minutes=1))
    assert client.get(f"{base}{tail}").status_code == 410


def test_reading_sets_no_cookie_and_is_the_same_for_everyone(client, edition, base):
    row = make.make_comment(edition)
    for address in (base, f"{base}{row.pk}/", f"{base}da-gui/"):
        response = client.get(address)
        assert (response.cookies, "csrfmiddlewaretoken" in response.content.decode()) == ({}, False)
    first = client.get(base)
    assert client.get(base, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "Cookie" in first.headers["Vary"]
    assert "no-store" in logged_in(make.make_user(None)).get(base).headers["Cache-Control"]


def test_the_article_says_how_many_and_carries_no_token(client, edition, base):
    article = f"/tin/{edition.slug}-{edition.article_id}/"
    assert "Viết bình luận đầu tiên" in client.get(article).content.decode()
    make.make_comment(edition)
    page = client.get(article).content.decode()
    assert ('Bình luận <span class="num">(1)</span>' in page, "csrf" in page) == (True, False)
    CommentSwitch.objects.create(article_id=edition.article_id, state=CommentState.OFF, reason="x", changed_at=AT)
    assert "binh-luan" not in client.get(article).content.decode()


# --- What became of it -----------------------------------------------------------------------------------------


def decided(edition, step="hide", reason="Quảng cáo"):
    """A guest's comment that the desk decided on, and the path in the mail about it."""
    row = make.make_comment(edition, "Mua ở chỗ tôi.", is_shown=False)
    Consent.objects.filter(contact=row.contact).update(purposes=["publish", "notify"])
    stamp = questions.stamp_of(row)
    moderating.decide(
        comment_id=row.pk, step=step, actor=make.make_user("moderator"), at=AT, stamp=stamp, reason=reason
    )
    text = crypto.decrypt(Outbox.objects.get().message)["text"]
    found = re.search(rf"{re.escape(settings.SITE_URL)}(/tin/\S+)", text)
    assert found is not None
    return row, found[1]


def test_the_mail_about_a_guests_comment_opens_in_any_browser_and_opening_changes_nothing(client, edition):
    _, path = decided(edition)
    for _ in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert [name for name in page.cookies if "binh-luan" in name] == []
        assert "no-store" in page.headers["Cache-Control"]
    text = page.content.decode()
    assert "Mua ở chỗ tôi." in text
    record = logging.LogRecord("django.server", logging.INFO, "", 0, "GET %s 200", (path,), None)
    assert WithoutLinks().filter(record).getMessage() == f"GET {path.rsplit('/', 2)[0]}/…/ 200"
    assert "Bình luận của bạn không được hiện. Lý do: Quảng cáo." in text
    assert not CommentAppeal.objects.exists()
    assert client.post(path, {"words": ""}).status_code == 422
    assert client.post(path, {"words": "Tôi chỉ hỏi giá."}).status_code == 200
    assert CommentAppeal.objects.get().words == "Tôi chỉ hỏi giá."
    assert client.post(path, {"words": "Lần nữa."}).status_code == 409
    assert "Chờ xem lại" in client.get(path).content.decode()


def test_the_link_of_a_mail_is_for_one_comment_for_some_weeks(client, edition, base):
    row, path = decided(edition)
    other = make.make_comment(edition, "Lời của người khác.", is_shown=False)
    for wrong in (path.replace(f"/{row.pk}/", f"/{other.pk}/"), f"{path[:-2]}/", f"{base}{other.pk}/ket-qua/x/"):
        page = client.get(wrong)
        assert (page.status_code, "Lời của người khác." in page.content.decode()) == (410, False)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert client.get(path).status_code == 410
    assert client.get(f"{base}{row.pk}/").status_code == 404
    Comment.objects.filter(pk=row.pk).update(contact=None)
    assert client.get(path).status_code == 404


def test_a_comment_that_is_shown_is_shown_where_it_stands(client, edition, base):
    row, path = decided(edition, "approve", "")
    page = client.get(path)
    assert (page.status_code, page.headers["Location"]) == (302, f"{base}{row.pk}/#binh-luan-{row.pk}")


def test_the_writer_reads_why_beside_the_comment_and_nobody_else_does(client, edition, base):
    reader = make.make_user(None)
    row = make.make_comment(edition, "Mua ở chỗ tôi.", author=reader, is_shown=False)
    make.make_comment(edition, "Câu khác.")
    moderating.decide(
        comment_id=row.pk,
        step="hide",
        actor=make.make_user("moderator"),
        at=AT,
        stamp=questions.stamp_of(row),
        reason="Quảng cáo",
    )
    own = logged_in(reader)
    for address in (base, f"{base}{row.pk}/"):
        assert "Lý do tòa soạn ghi: Quảng cáo" in own.get(address).content.decode()
    assert "Quảng cáo" not in client.get(base).content.decode()


# --- Writing -------------------------------------------------------------------------------------------------------


def test_a_guest_writes_sees_that_it_waits_changes_and_takes_it_back(client, edition, base):
    sent = make.comment_form(client, edition, name="Lò Thị Mai", email="mai@example.vn", body="Mong cầu sớm xong.")
    assert (sent.status_code, sent.headers["Location"]) == (302, f"{base}da-gui/")
    assert "đang chờ duyệt" in client.get(f"{base}da-gui/").content.decode()
    cookie = client.cookies["binh-luan"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    row = Comment.objects.get()
    own = client.get(base).content.decode()
    assert ("Mong cầu sớm xong." in own, "Chờ duyệt" in own, "mai@example.vn" in own) == (True, True, False)
    stranger = Client()
    assert "Mong cầu" not in stranger.get(base).content.decode()
    for tail in ("", "sua/", "rut/", "bao-xau/", "tra-loi/"):
        assert stranger.get(f"{base}{row.pk}/{tail}").status_code == 404
    changed = client.post(f"{base}{row.pk}/sua/", {"body": "Mong cầu xong trước Tết."})
    assert changed.headers["Location"] == f"{base}{row.pk}/#binh-luan-{row.pk}"
    assert "trước Tết" in client.get(f"{base}{row.pk}/").content.decode()
    assert "đã được rút" in client.post(f"{base}{row.pk}/rut/").content.decode()
    row.refresh_from_db()
    assert row.status == CommentStatus.WITHDRAWN


def test_a_form_sent_twice_is_one_comment_and_an_address_opens_nobody_elses(client, edition, base):
    """A form sent again (a bad line) is known by its mark; the same words under the same address prove nothing."""
    (opened,) = re.findall(r'name="opened" value="([^"]+)"', client.get(f"{base}viet/").content.decode())
    words = {"name": "Mai", "email": "mai@example.vn", "body": "Cầu này dân bản mong đã lâu.", "opened": opened}
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        make.comment_form(client, edition, **words)
        again = Client()  # the first answer, with its cookie, was lost
        make.comment_form(again, edition, **words)
        row = Comment.objects.get()
        assert "Cầu này dân bản" in again.get(base).content.decode()

        stranger = Client()
        del words["opened"]
        sent = make.comment_form(stranger, edition, **words)
        assert sent.headers["Location"] == f"{base}da-gui/"
        for tail in ("sua/", "rut/", "khieu-nai/"):
            assert stranger.get(f"{base}{row.pk}/{tail}").status_code == 404
        assert stranger.post(f"{base}{row.pk}/sua/", {"body": "Cầu này tệ."}).status_code == 404
    row.refresh_from_db()
    assert row.body == "Cầu này dân bản mong đã lâu."
    assert Comment.objects.count() == 2


def test_a_forged_cookie_is_none(edition, base):
    row = make.make_comment(edition, is_shown=False)
    client = Client()
    client.cookies["binh-luan"] = f"[{row.pk}]"
    assert client.get(f"{base}{row.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"body": " "}, "Hãy viết bình luận."),
        ({"body": "x" * 3001}, "3000"),
        ({"email": "khong-phai"}, "thư"),
        ({"email": "=?utf-8?q?a=40b=2c?=@example.com"}, "Hãy nhập một địa chỉ thư hợp lệ."),
        ({"agree_publish": ""}, "Tòa soạn chỉ nhận được khi bạn đồng ý"),
        ({"opened": "giả"}, "Biểu mẫu mở đã lâu"),
        ({"name": "Tòa  Soạn"}, "Tên này dành cho tòa soạn"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(client, edition, wrong, said):
    words = {"name": "Mai", "email": "mai@example.vn", "body": "Giữ lại giúp tôi.", **wrong}
    response = make.comment_form(client, edition, **words)
    page = response.content.decode()
    assert response.status_code in {403, 422}
    assert (said in page, "Mai" in page or "name" in wrong) == (True, True)
    assert Comment.objects.count() == 0


def test_a_form_sent_at_once_is_asked_again_and_a_filled_trap_is_spam(client, edition, base):
    (opened,) = re.findall(r'name="opened" value="([^"]+)"', client.get(f"{base}viet/").content.decode())
    quick = make.comment_form(client, edition, name="Mai", email="mai@example.vn", opened=opened)
    page = quick.content.decode()
    assert (quick.status_code, "gửi nhanh quá" in page, "Chưa gửi được." in page) == (422, True, True)
    assert "được đánh dấu" not in page  # nothing is
    wrong = make.comment_form(client, edition, name="", email="mai@example.vn", opened=opened).content.decode()
    assert "Chưa gửi được: hãy xem các ô được đánh dấu." in wrong
    trapped = make.comment_form(client, edition, name="Mai", email="mai@example.vn", website="x")
    assert (trapped.headers["Location"], Comment.objects.get().status) == (f"{base}da-gui/", CommentStatus.SPAM)
    assert "Chờ duyệt" in client.get(base).content.decode()  # nobody learns what a trap did


def test_a_token_is_needed(edition, base):
    strict = Client(enforce_csrf_checks=True)
    assert make.comment_form(strict, edition, name="Mai", email="mai@example.vn").status_code == 403
    assert Comment.objects.count() == 0


def test_a_closed_article_shows_and_takes_none(client, edition, base):
    row = make.make_comment(edition, "Đã viết trước khi đóng.")
    CommentSwitch.objects.create(article_id=edition.article_id, state=CommentState.CLOSED, reason="x", changed_at=AT)
    page = client.get(base).content.decode()
    assert ("Đã viết trước khi đóng." in page, "không nhận thêm" in page, "viet/" in page) == (True, True, False)
    for number in (0, row.pk):
        sent = make.comment_form(client, edition, number, name="Mai", email="mai@example.vn")
        assert "không nhận thêm bình luận" in sent.content.decode()
    assert Comment.objects.count() == 1


def test_an_account_likes_reports_and_answers(client, edition, base):
    row = make.make_comment(edition)
    assert "đăng nhập" in client.get(f"{base}{row.pk}/thich/").content.decode()
    assert client.post(f"{base}{row.pk}/thich/").status_code == 200
    reader = logged_in(make.make_user(None))
    assert 'data-likes="1" data-liked' in reader.post(f"{base}{row.pk}/thich/").content.decode()
    assert "Đã thích" in reader.get(base).content.decode()
    assert 'data-likes="0"' in reader.post(f"{base}{row.pk}/thich/", {"bo": "1"}).content.decode()
    assert reader.post(f"{base}{row.pk}/bao-xau/", {"reason": "giả"}).status_code == 422
    assert "xem lại" in client.post(f"{base}{row.pk}/bao-xau/", {"reason": "spam"}).content.decode()
    answered = make.comment_form(reader, edition, row.pk, body="Tôi cũng nghĩ vậy.")
    assert answered.headers["Location"] == f"{base}da-gui/"
    assert Comment.objects.get(parent=row).body == "Tôi cũng nghĩ vậy."


def test_a_decision_is_read_and_appealed_by_its_writer_alone(client, edition, base):
    user = make.make_user(None)
    row = make.make_comment(edition, "Câu bị ẩn.", author=user)
    moderator = make.make_user("moderator")
    moderating.decide(
        comment_id=row.pk, step="hide", actor=moderator, at=AT, stamp=questions.stamp_of(row), reason="Ngôn từ thô tục"
    )
    reader = logged_in(user)
    page = reader.get(f"{base}{row.pk}/khieu-nai/").content.decode()
    assert "Ngôn từ thô tục" in page
    assert "sẽ xem lại" in reader.post(f"{base}{row.pk}/khieu-nai/", {"words": "Tôi không nói tục."}).content.decode()
    assert "Chờ xem lại" in reader.get(f"{base}{row.pk}/khieu-nai/").content.decode()
    own = reader.get("/tai-khoan/binh-luan/").content.decode()
    assert ("Không được hiện" in own, "Ngôn từ thô tục" in own, "Chờ xem lại" in own) == (True, True, True)
    assert client.get(f"{base}{row.pk}/khieu-nai/").status_code == 404
    assert client.get(f"{base}{row.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["", CommentWho.ACCOUNTS])
@pytest.mark.parametrize("is_answer", [False, True])
def test_who_was_logged_out_while_writing_is_told_so_and_keeps_the_words(client, edition, base, who, is_answer):
    row = make.make_comment(edition)
    if who:
        CommentSetting.objects.create(who=who)
    address = f"{base}{row.pk}/tra-loi/" if is_answer else f"{base}viet/"
    sent = client.post(address, {"body": "Viết <b>lâu</b> lắm.", "opened": "x", "website": ""})
    page = sent.content.decode()
    assert (sent.status_code, Comment.objects.count()) == (422, 1)
    assert re.search(r"<textarea[^>]*>\s*Viết &lt;b&gt;lâu&lt;/b&gt; lắm\.</textarea>", page)
    assert "Bạn đã bị đăng xuất nên bình luận chưa được gửi." in page
    assert f'<a href="/tai-khoan/dang-nhap/?next={quote(address, safe="")}">đăng nhập lại</a>' in page
    assert ("gửi như khách" in page, 'name="email"' in page) == (not who, not who)
    assert ("vừa được sửa" in page, "được đánh dấu" in page) == (False, False)
