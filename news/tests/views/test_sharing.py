"""Gửi cho bạn bè: the mail is ours whatever was typed, five an hour reach an address, and nothing of it is kept."""

import base64
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from news import crypto, ratelimit
from news.models import MailScope, MailStop, Masthead, Outbox
from news.services import outbox, sharing, stopping
from news.tests import make
from news.tests.hostile import FRAGMENTS
from news.tests.post_office import run_worker
from news.text.strangers import TOP_LEVEL_DOMAINS

pytestmark = pytest.mark.django_db

GOOD = {
    "name": "Lò Thị Mai",
    "friend": "ban.cua.mai@example.vn",
    "words": "Bài này hay.\n\nĐọc nhé!",
}
STOP = re.compile(r"http://127\.0\.0\.1:8000(/gui-ban-be/dung/[\w:-]+/)")
LINK = re.compile(
    rf"://|www\.|@|[^\s.]\.(?:{'|'.join(map(re.escape, TOP_LEVEL_DOMAINS))})(?![\w-])|javascript:|[<>]", re.IGNORECASE
)


@pytest.fixture
def edition():
    Masthead.objects.create(name="Báo Điện Biên")
    article = make.make_article("Mùa ban nở & <Mường> Phăng", lead="Hoa ban nở trắng núi rừng.\nKhách về đông.")
    return make.publish(article)


@pytest.fixture
def address(edition):
    return f"/tin/{edition.slug}-{edition.article_id}/gui-ban-be/"


def deliver():
    """Let everything that waits leave."""
    for mail_id in Outbox.objects.filter(sent_at=None, given_up_at=None).order_by("pk").values_list("pk", flat=True):
        outbox.attempt(mail_id=mail_id, at=timezone.now())


def dump():
    """Everything every table holds, as text."""
    found = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += repr(cursor.fetchall())
    return found


# --- The mail -------------------------------------------------------------------------------------------


def test_the_mail_arrives_whole_and_reads_well(client, address, edition, post_office):
    response = client.post(address, GOOD)
    assert (response.status_code, response.headers["Location"]) == (302, f"{address}da-gui/")
    deliver()
    (mail,) = post_office.mails
    stop = STOP.search(post_office.texts[0])
    assert stop is not None
    assert post_office.recipients == ["ban.cua.mai@example.vn"]
    assert (mail["Subject"], mail["To"], mail["Reply-To"], mail["Cc"], mail["Auto-Submitted"]) == (
        "Bài bạn được gửi: Mùa ban nở & <Mường> Phăng | Báo Điện Biên",
        "ban.cua.mai@example.vn",
        None,
        None,
        "auto-generated",
    )
    assert str(mail["From"].addresses[0].addr_spec) == "toasoan@127.0.0.1"
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (
        f"<{stop[0]}>",
        "List-Unsubscribe=One-Click",
    )
    assert post_office.texts[0] == (
        "Chào bạn,\n"
        "\n"
        "Lò Thị Mai gửi bạn một bài trên Báo Điện Biên:\n"
        "\n"
        "Mùa ban nở & <Mường> Phăng\n"
        "\n"
        "Hoa ban nở trắng núi rừng.\n"
        "Khách về đông.\n"
        "\n"
        f"Đọc bài: http://127.0.0.1:8000/tin/{edition.slug}-{edition.article_id}/\n"
        "\n"
        "Lời nhắn của người gửi:\n"
        "\n"
        "> Bài này hay.\n"
        ">\n"
        "> Đọc nhé!\n"
        "\n"
        "----------\n"
        "Tên và lời nhắn do người gửi tự ghi, Báo Điện Biên không kiểm chứng được. Báo Điện Biên chỉ dùng địa chỉ của"
        " bạn để gửi thư này và không lưu lại.\n"
        "\n"
        "Nếu không muốn nhận bài do bạn đọc của Báo Điện Biên gửi nữa, hãy mở liên kết sau rồi xác nhận:\n"
        f"{stop[0]}\n"
    )


def test_without_words_the_mail_has_no_place_for_them(client, address, post_office):
    client.post(address, GOOD | {"words": " https://evil.example \n\n www.evil.example "})
    deliver()
    assert "lời nhắn" not in post_office.texts[0].casefold()
    assert "\n----------\nTên do người gửi tự ghi, " in post_office.texts[0]
    assert ">" not in post_office.texts[0].replace("<Mường>", "")


def test_telephone_numbers_and_lines_that_say_nothing_are_left_out(client, address, post_office):
    client.post(address, GOOD | {"words": "Gọi 0912 345 678, +84 (912) 345-678 nhé\n. , –\nNăm 2026, 144/2.086 người"})
    deliver()
    body = post_office.texts[0].split("Lời nhắn của người gửi:\n\n")[1].split("\n\n----------")[0]
    assert body.split("\n") == ["> Gọi ..., ... nhé", ">", "> Năm 2026, 144/2.086 người"]


def test_long_words_are_quoted_line_by_line(client, address, post_office):
    client.post(address, GOOD | {"words": "dài " * 60 + "\n" + "x\n" * 100})
    deliver()
    body = post_office.texts[0].split("Lời nhắn của người gửi:\n\n")[1].split("\n\n----------")[0]
    lines = body.split("\n")
    assert all(line.startswith(">") and len(line) <= 74 for line in lines)
    assert len(lines) <= 26
    assert lines[4:7] == ["> x", "> x", "> x"]


@pytest.mark.django_db(transaction=True)
def test_nothing_of_the_friend_or_the_words_is_kept_anywhere(client, address, post_office, caplog):
    client.post(address, GOOD)
    secrets = ("ban.cua.mai", "Lò Thị Mai", "Đọc nhé", crypto.digest("ban.cua.mai@example.vn"))
    assert [word for word in secrets[:3] if word in dump()] == []
    run_worker()
    assert post_office.recipients == ["ban.cua.mai@example.vn"]
    assert [word for word in secrets if word in dump()] == []
    assert [
        record for record in caplog.records if "ban.cua.mai" in record.getMessage() and record.name != "mail.log"
    ] == []
    tasks = DBTaskResult.objects.filter(task_path="news.services.outbox.deliver")
    assert [task.args_kwargs for task in tasks] == [{"args": [Outbox.objects.get().pk], "kwargs": {}}] * 2
    mail = Outbox.objects.get()
    assert (mail.recipient, mail.message, mail.recipient_digest, str(mail)) == (
        "",
        "",
        "",
        f"Thư {mail.pk}: Gửi cho bạn bè",
    )
    assert "ban.cua.mai" not in repr(sharing.Note("a", "ban.cua.mai@example.vn", "b"))


HOSTILE = [
    *FRAGMENTS,
    "Mai\r\nBcc: ke.gian@evil.example",
    "Mai\nSubject: Trúng thưởng",
    "=?utf-8?q?Mai=0ABcc:_x@evil.example?=",
    "Vào evil.example nhận quà",
    "http://evil.example/ Mai",
    "Mai\u2028Bcc: x@evil.example",
    "M\u202eai",
]


@pytest.mark.parametrize("field", ["name", "words"])
def test_hostile_words_leave_no_link_no_header_and_no_second_recipient(client, address, post_office, field):
    expected = []
    for number, fragment in enumerate(HOSTILE):
        data = GOOD | {"friend": f"a{number}@example.vn", field: fragment}
        response = client.post(address, data, REMOTE_ADDR=f"203.0.113.{number}")
        assert response.status_code in {302, 422}, fragment
        expected += [f"a{number}@example.vn"] * (response.status_code == 302)
    deliver()
    assert post_office.recipients == expected
    assert len(expected) > 10
    for mail, text in zip(post_office.mails, post_office.texts, strict=True):
        assert set(mail.keys()) - {"X-Peer"} == {
            *("Content-Type", "MIME-Version", "Subject", "From", "To", "Date"),
            *("Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Unsubscribe", "List-Unsubscribe-Post"),
        }
        assert mail["Subject"] == "Bài bạn được gửi: Mùa ban nở & <Mường> Phăng | Báo Điện Biên"
        name = text.split("\n")[2].removesuffix(" gửi bạn một bài trên Báo Điện Biên:")
        assert re.fullmatch(r"(?:[^\W\d_]| ){1,40}", name)
        words = text.split("\n\n----------")[0].partition("Lời nhắn của người gửi:\n\n")[2]
        assert LINK.search("\n".join(line.removeprefix(">") for line in words.split("\n"))) is None, words


@pytest.mark.parametrize(
    "name", ["Tòa soạn Báo Điện Biên", "Ban biên tập", "T o à  s o ạ n", "Tòa http://a.vn/ soạn", "BÁO ĐIỆN BIÊN"]
)
def test_nobody_sends_in_the_newsrooms_name(client, address, name):
    response = client.post(address, GOOD | {"name": name})
    assert (response.status_code, response.context["form"].errors["name"]) == (
        422,
        ["Tên này dành cho tòa soạn. Hãy ghi tên của bạn."],
    )
    assert Outbox.objects.count() == 0
    assert client.post(address, GOOD | {"name": "Lò Thị Tòa"}).status_code == 302


def test_a_hostile_address_is_none(client, address):
    for fragment in HOSTILE[:-1]:
        for friend in (fragment, f"mai{fragment}@example.vn", f"mai@example.vn{fragment}"):
            response = client.post(address, GOOD | {"friend": friend.replace("\0", "")})
            assert response.status_code == 422, friend
            assert "<script>alert" not in response.content.decode()
    assert Outbox.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "0912 345 678"),
        ("name", "x" * 61),
        ("name", "\u200b \u202e"),
        ("friend", ""),
        ("friend", "không phải thư"),
        ("friend", "a@example.vn, b@example.vn"),
        ("friend", "a@example.vn; b@example.vn"),
        ("friend", "a@example.vn b@example.vn"),
        ("friend", "a@example.vn\nBcc: b@example.vn"),
        ("friend", "=?utf-8?q?a=40b=2c?=@example.com"),
        ("friend", '"a b"@example.vn'),
        ("friend", '"a@evil.example"@example.vn'),
        ("friend", "a%evil.example@example.vn"),
        ("friend", "evil.example!a@example.vn"),
        ("friend", "a@localhost"),
        ("friend", "a@[127.0.0.1]"),
        ("friend", "a@127.0.0.1"),
        ("friend", "Mai <a@example.vn>"),
        ("friend", f"{'a' * 250}@example.vn"),
        ("words", "x" * 501),
    ],
)
def test_bad_input_is_said_beside_its_field_and_keeps_what_was_typed(client, address, field, value):
    response = client.post(address, GOOD | {field: value})
    assert (response.status_code, Outbox.objects.count()) == (422, 0)
    assert list(response.context["form"].errors) == [field]
    if field != "words":
        assert "Đọc nhé!" in response.content.decode()


@pytest.mark.parametrize("friend", ["mai@bücher.example", "m.a-i_1+x@sub.example.vn", "O'Neil@example.vn"])
def test_odd_but_honest_addresses_get_their_mail(client, address, post_office, friend):
    assert client.post(address, GOOD | {"friend": friend}).status_code == 302
    deliver()
    assert post_office.recipients == [friend.replace("bücher", "xn--bcher-kva")]


# --- Limits ---------------------------------------------------------------------------------------------


def test_a_visitor_sends_five_an_hour_and_twenty_a_day(client, address):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sent = []
        for hour in range(5):
            sent.append(
                [client.post(address, GOOD | {"friend": f"a{hour}{n}@example.vn"}).status_code for n in range(7)]
            )
            clock.shift(timedelta(minutes=61))
        assert sent == [[302] * 5 + [429] * 2] * 4 + [[429] * 7]
        refused = client.post(address, GOOD)
        assert "Hôm nay bạn đã gửi nhiều thư. Hãy thử lại vào ngày mai." in refused.content.decode()
        assert "Đọc nhé!" in refused.content.decode()
        assert "ban.cua.mai@example.vn" in refused.content.decode()
        # Another visitor still sends; a header of one's own makes nobody another visitor.
        assert client.post(address, GOOD, headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 429
        assert client.post(address, GOOD, REMOTE_ADDR="203.0.113.9").status_code == 302
        clock.shift(timedelta(days=1))
        assert client.post(address, GOOD).status_code == 302
    assert Outbox.objects.count() == 22


def test_an_ipv6_visitor_is_a_network_of_64_bits(client, address):
    statuses = [
        client.post(address, GOOD | {"friend": f"a{n}@example.vn"}, REMOTE_ADDR=f"2001:db8:1:2::{n}").status_code
        for n in range(6)
    ]
    assert statuses == [302] * 5 + [429]
    other = client.post(address, GOOD, REMOTE_ADDR="2001:db8:1:3::1")
    assert other.status_code == 302


def test_four_an_hour_reach_an_address_whoever_sends_and_nobody_is_told(client, post_office):
    editions = [make.publish(make.make_article(f"Bài {n}")) for n in range(8)]
    spellings = ["mai@gmail.com", "MAI@gmail.com", "m.ai@gmail.com", "mai+x@googlemail.com"]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number, edition in enumerate(editions):
            response = client.post(
                f"/tin/{edition.slug}-{edition.article_id}/gui-ban-be/",
                GOOD | {"friend": spellings[number % 4]},
                REMOTE_ADDR=f"203.0.113.{number}",
            )
            assert (response.status_code, response.headers["Location"][-8:]) == (302, "/da-gui/")
        deliver()
        assert len(post_office.recipients) == 4
        clock.shift(timedelta(minutes=61))
        client.post(f"/tin/{editions[7].slug}-{editions[7].article_id}/gui-ban-be/", GOOD | {"friend": "mai@gmail.com"})
        deliver()
    # The eighth article was counted as sent today, though its mail was one too many: nobody finds out by trying.
    assert len(post_office.recipients) == 4


def test_an_article_goes_to_an_address_once_a_day(client, address):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(3):
            assert client.post(address, GOOD, REMOTE_ADDR=f"203.0.113.{number}").status_code == 302
        assert Outbox.objects.count() == 1
        clock.shift(timedelta(hours=25))
        client.post(address, GOOD)
    assert Outbox.objects.count() == 2


def test_an_article_leaves_a_hundred_times_an_hour(client, address, edition):
    for _ in range(97):
        ratelimit.allow("share-article", str(edition.article_id), limit=sharing.ARTICLE_HOURLY, seconds=3600)
    answers = [
        client.post(address, GOOD | {"friend": f"a{n}@example.vn"}, REMOTE_ADDR=f"203.0.113.{n}") for n in range(5)
    ]
    assert [answer.status_code for answer in answers] == [302] * 3 + [429] * 2
    assert "Bài này đang được gửi đi rất nhiều." in answers[-1].content.decode()
    assert Outbox.objects.count() == 3


def test_what_only_a_robot_fills_is_thanked_and_sends_nothing(client, address):
    response = client.post(address, GOOD | {"website": "http://evil.example"})
    assert (response.status_code, Outbox.objects.count()) == (302, 0)


# --- Doors ---------------------------------------------------------------------------------------------


def test_the_form_answers_like_its_article(client, address, edition):
    draft = make.make_article("Nháp")
    for tail in ("", "da-gui/"):
        wrong = client.get(f"/tin/sai-{edition.article_id}/gui-ban-be/{tail}")
        assert (wrong.status_code, wrong.headers["Location"]) == (301, f"{address}{tail}")
        assert client.get(f"/tin/nhap-{draft.pk}/gui-ban-be/{tail}").status_code == 404
        assert client.get(f"/tin/nhap-999999/gui-ban-be/{tail}").status_code == 404
    make.withdraw(edition.article, at=timezone.now() - timedelta(minutes=1))
    for tail in ("", "da-gui/"):
        gone = client.get(f"{address}{tail}")
        assert (gone.status_code, "Mùa ban" in gone.content.decode()) == (410, False)
    assert client.post(address, GOOD).status_code == 410
    assert client.post(f"/tin/nhap-{draft.pk}/gui-ban-be/", GOOD).status_code == 404
    assert Outbox.objects.count() == 0


def test_the_form_knows_its_own_address_and_its_ids_are_its_own(client, address, edition):
    page = client.get(address).content.decode()
    assert f'<form class="share-form" method="post" action="{address}" novalidate>' in page
    assert re.findall(r'<(?:input|textarea)[^>]* id="([^"]+)"', page) == [
        *("gui_name", "gui_friend", "gui_words", "gui_website")
    ]
    assert '<meta name="robots" content="noindex">' in page
    assert client.get(address).headers["Cache-Control"] == "private, no-store"
    sent = client.get(f"{address}da-gui/")
    assert (sent.status_code, "Cảm ơn bạn đã gửi bài" in sent.content.decode()) == (200, True)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_told_so(address, method):
    strict = Client(enforce_csrf_checks=True)
    for path in (address, f"/gui-ban-be/dung/{stopping.token('a@example.vn', MailScope.SHARE)}/"):
        response = getattr(strict, method)(path)
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert strict.post(f"{address}da-gui/").status_code == 405


def test_a_form_without_its_token_is_refused(address):
    strict = Client(enforce_csrf_checks=True)
    assert (strict.post(address, GOOD).status_code, Outbox.objects.count()) == (403, 0)
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', strict.get(address).content.decode())
    assert strict.post(address, GOOD | {"csrfmiddlewaretoken": token}).status_code == 302


def test_queries(client, address, django_assert_num_queries):
    make.make_section()
    with django_assert_num_queries(4):  # edition; masthead, sections, standing pages
        client.get(address)
    with django_assert_num_queries(6):  # edition, masthead for the name and for the mail, the row in its savepoint
        client.post(address, GOOD)
    with django_assert_num_queries(4):
        client.get(f"{address}da-gui/")


# --- No more of it --------------------------------------------------------------------------------------


def test_the_link_in_the_mail_stops_after_it_was_confirmed(client, address, post_office):
    client.post(address, GOOD)
    deliver()
    (stop,) = STOP.findall(post_office.texts[0])
    assert "ban.cua.mai" not in stop
    assert signing.Signer(salt="news.sharing.stop").unsign(stop.split("/")[3])
    # Link scanners look, mail programs fetch ahead: nothing happens.
    for _ in range(2):
        page = client.get(stop)
        assert (page.status_code, "Dừng nhận thư" in page.content.decode()) == (200, True)
        assert client.head(stop).status_code == 200
    assert MailStop.objects.count() == 0
    done = Client(enforce_csrf_checks=True).post(stop)
    assert (done.status_code, "Đã dừng" in done.content.decode(), done.cookies) == (200, True, {})
    assert [row.address_digest for row in MailStop.objects.all()] == [crypto.digest("ban.cua.mai@example.vn")]
    # The sender hears what senders always hear.
    other = make.publish(make.make_article("Bài khác"))
    answer = client.post(f"/tin/{other.slug}-{other.article_id}/gui-ban-be/", GOOD)
    assert (answer.status_code, answer.headers["Location"][-8:]) == (302, "/da-gui/")
    deliver()
    assert post_office.recipients == ["ban.cua.mai@example.vn"]


def test_one_click_of_a_mail_program_stops(post_office):
    """RFC 8058: a POST with one field, no cookie, no page before it."""
    stop = reverse("share_stop", args=[stopping.token("Mai+x@Example.VN", MailScope.SHARE)])
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert strict.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert [row.address_digest for row in MailStop.objects.all()] == [crypto.digest("mai@example.vn")]


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "x:y",
        "0" * 64,
        signing.Signer(salt="another").sign("AAAA"),
        "a" * 5000,
        "%00",
        "Đ",
    ],
)
def test_tokens_of_others_open_nothing(client, token):
    path = f"/gui-ban-be/dung/{token}/"
    assert client.get(path).status_code in {400, 404}
    assert client.post(path).status_code in {400, 404}
    assert MailStop.objects.count() == 0


def test_a_token_carries_the_digest_and_nothing_else():
    text, _ = stopping.token("mai@example.vn", MailScope.SHARE).split(":")
    assert base64.urlsafe_b64decode(f"{text}=").hex() == crypto.digest("mai@example.vn")


@pytest.mark.parametrize(("scope", "says"), [("digest", "thư tổng hợp"), ("notification", "thư thông báo")])
def test_each_kind_of_mail_is_stopped_by_its_own_link(client, scope, says):
    link = stopping.links("mai@example.vn", MailScope(scope))
    path = link.page.removeprefix("http://127.0.0.1:8000")
    page = client.get(path)
    assert (page.status_code, says in page.content.decode(), MailStop.objects.count()) == (200, True, 0)
    assert Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert [row.scope for row in MailStop.objects.all()] == [scope]
    assert [name for name in MailScope if stopping.is_stopped(address="Mai+x@example.vn", scope=name)] == [scope]
    told = client.get(path).content.decode()  # it is not asked again
    assert ("Đã dừng" in told, "<form" in told) == (True, False)
    # A token is good for its own kind only.
    for other in set(MailScope) - {scope}:
        assert client.post(reverse(stopping.VIEWS[other], args=[path.split("/")[-2]])).status_code == 404
