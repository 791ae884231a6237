"""Who opens what: every role against every page, read and write."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import roles
from accounts.models import User
from news.models import (
    ArticleTemplate,
    CalendarDay,
    CommenterStanding,
    CommentSetting,
    CommentSwitch,
    ConsentText,
    DataRequest,
    ErasureRecord,
    Feedback,
    FeedbackTerm,
    LegalHold,
    MailStop,
    Masthead,
    OldAddress,
    Outbox,
    ReplyTemplate,
    Section,
    ViewCount,
    WordRule,
)
from news.services import newsletter
from news.tests import make

pytestmark = pytest.mark.django_db
AT = timezone.now() - timedelta(hours=3)

# For each page: which roles read it, which add to it, which change it. r reporter, e editor, s secretary, c chief,
# m moderator, a administrator, S superuser without a role, n staff without a role.
PAGES = {
    "news/article": ("resc", "resc", "resc"),
    "news/image": ("resca", "resc", "resc"),
    "news/recording": ("resc", "resc", "resc"),
    "news/tag": ("resc", "resc", "esc"),
    "news/author": ("resc", "resc", "esc"),
    "news/articletemplate": ("resc", "esc", "esc"),
    "news/edition": ("rescm", "", ""),
    "news/ledgerentry": ("sca", "", ""),
    "news/revision": ("resc", "", ""),
    "news/delegation": ("resc", "resc", "resc"),
    "news/person": ("resc", "resc", "esc"),
    "news/organisation": ("resc", "resc", "esc"),
    "news/position": ("resc", "resc", "esc"),
    "news/feedback": ("cm", "", "cm"),
    "news/replytemplate": ("cm", "cm", "cm"),
    "news/feedbackterm": ("cma", "", "ca"),
    "news/calendarday": ("cma", "ca", "ca"),
    "news/comment": ("cm", "", "cm"),
    "news/wordrule": ("cm", "cm", "cm"),
    "news/commentsetting": ("cm", "cm", "cm"),
    "news/commentswitch": ("cm", "cm", "cm"),
    "news/commenterstanding": ("cm", "", "cm"),
    "news/newsletterissue": ("sca", "", "sc"),
    "news/subscriber": ("a", "", "a"),
    "news/newsletterplan": ("a", "", "a"),
    "news/outbox": ("a", "", ""),
    "news/mailstop": ("a", "a", "a"),
    "news/viewcount": ("sca", "", ""),
    "news/section": ("rescmaS", "aS", "aS"),
    "news/sectionright": ("aS", "aS", "aS"),
    "accounts/user": ("aS", "aS", "aS"),
    "auth/group": ("aS", "", ""),
    "news/datarequest": ("cma", "cma", "cma"),
    "news/legalhold": ("cma", "ca", "ca"),
    "news/erasurerecord": ("cma", "", ""),
    "news/consenttext": ("a", "a", ""),
    "news/oldaddress": ("a", "", ""),
    "flatpages/flatpage": ("sca", "sca", "sca"),
}
DELETES = {"news/sectionright": "aS"}
ROLES = {
    "r": "reporter", "e": "editor", "s": "secretary", "c": "chief", "m": "moderator", "a": "administrator",
    "S": "superuser", "n": "nobody",
}  # fmt: skip


def user_of(letter: str) -> User:
    if letter == "S":
        return User.objects.create_superuser("root", full_name="Kỹ thuật")
    if letter == "n":
        user = make.make_user("reporter")
        user.groups.clear()
        return user
    return make.make_user(ROLES[letter])


def one_of_each() -> dict[str, Any]:
    article = make.make_article(
        at=AT, lead_image=make.make_image(), byline=(make.make_author(),), tags=(make.make_tag(),)
    )
    person = make.make_person("Ai đó", ("Chức", None, None))
    delegation = make.make_delegation("Đoàn", make.attendee(person), visiting_organisation=make.make_organisation())
    edition = make.publish(article, at=AT + timedelta(hours=1))
    reader = make.make_user(None)
    return {
        "news/article": make.make_article(at=AT),
        "news/image": article.lead_image,
        "news/recording": make.make_recording(),
        "news/tag": article.tags.get(),
        "news/author": article.authors.get(),
        "news/articletemplate": ArticleTemplate.objects.order_by("id").first(),
        "news/edition": edition,
        "news/ledgerentry": edition.ledger_entries.get(),
        "news/revision": article.revisions.first(),
        "news/delegation": delegation,
        "news/person": person,
        "news/organisation": delegation.visiting_organisation,
        "news/position": person.positions.get(),
        "news/feedback": Feedback.objects.create(code="PH-1", body="Thư", received_at=AT),
        "news/replytemplate": ReplyTemplate.objects.order_by("id").first(),
        "news/feedbackterm": FeedbackTerm.objects.order_by("id").first(),
        "news/calendarday": CalendarDay.objects.create(day=AT.date(), name="Nghỉ"),
        "news/comment": make.make_comment(edition, author=reader),
        "news/wordrule": WordRule.objects.create(pattern="từ thử", note="Thử"),
        "news/commentsetting": CommentSetting.objects.create(state="open"),
        "news/commentswitch": CommentSwitch.objects.create(article=article, state="open", reason="Thử", changed_at=AT),
        "news/commenterstanding": CommenterStanding.objects.get(user=reader),
        "news/newsletterissue": make.make_issue(AT),
        "news/subscriber": make.make_subscriber("ban@example.vn"),
        "news/newsletterplan": newsletter.plans()[0],
        "news/mailstop": MailStop.objects.create(address_digest="x", stopped_at=AT),
        "news/outbox": Outbox.objects.create(kind="thu", recipient="x", message="x", created_at=AT, send_after=AT),
        "news/viewcount": ViewCount.objects.create(article=article, hour=AT, count=3),
        "news/section": Section.objects.first(),
        "news/sectionright": make.make_user("editor").section_rights.get(),
        "accounts/user": make.make_user("reporter"),
        "auth/group": roles.group_of("editor"),
        "news/datarequest": DataRequest.objects.create(
            kind="erasure", received_at=AT, acknowledge_by=AT, complete_by=AT, email_digest="x"
        ),
        "news/legalhold": LegalHold.objects.create(
            email_digest="x", reason="Công văn số 1", placed_by=make.make_user("chief"), placed_at=AT
        ),
        "news/erasurerecord": ErasureRecord.objects.create(erased_at=AT, reason="wish", counts={"thư": 1}),
        "news/consenttext": ConsentText.objects.create(form="x", version=1, text="Lời", shown_from=AT),
        "news/oldaddress": OldAddress.objects.create(path="/cu", article=article),
        "flatpages/flatpage": make.make_standing_page("/trang/gioi-thieu/"),
    }


@pytest.mark.parametrize("letter", ROLES)
def test_matrix(sign_in_as: Any, letter: str) -> None:
    rows = one_of_each()
    client = sign_in_as(user_of(letter))
    for name, (reads, adds, changes) in PAGES.items():
        base = f"/quan-tri/{name}/"
        row = f"{base}{rows[name].pk}/"
        expected = {
            base: letter in reads,
            f"{base}add/": letter in adds,
            f"{row}change/": letter in reads,
            f"{row}history/": letter in reads,
        }
        for address, opens in expected.items():
            status = client.get(address, follow=True).status_code
            assert status == (200 if opens else 403), (ROLES[letter], address, status)
        # A page without the right to change takes no POST; the article's own answer depends on the workflow.
        if letter not in changes:
            assert client.post(f"{row}change/", {"name": "x"}).status_code == 403, (ROLES[letter], row)
        if letter not in adds:
            assert client.post(f"{base}add/", {"name": "x"}).status_code == 403, (ROLES[letter], base)
        deletes = letter in DELETES.get(name, "")
        assert client.get(f"{row}delete/").status_code == (200 if deletes else 403), (ROLES[letter], row)


@pytest.mark.parametrize("letter", ROLES)
def test_the_index_lists_what_opens(sign_in_as: Any, letter: str) -> None:
    client = sign_in_as(user_of(letter))
    response = client.get("/quan-tri/")
    assert response.status_code == 200
    listed = {entry["admin_url"] for group in response.context["app_list"] for entry in group["models"]}
    masthead = {"/quan-tri/news/masthead/"} if letter in "aS" else set()
    expected = {
        f"/quan-tri/{name}/" for name, (reads, _, _) in PAGES.items() if letter in reads and name != "news/revision"
    }
    front = {"/quan-tri/news/frontplace/"} if letter in "sc" else set()
    timetable = {"/quan-tri/news/scheduledrun/"} if letter == "a" else set()
    assert listed == expected | masthead | front | timetable


def test_groups_and_their_order(sign_in_as: Any) -> None:
    user = make.make_user("chief")
    user.groups.add(roles.group_of("administrator"))
    groups = sign_in_as(user).get("/quan-tri/").context["app_list"]
    assert [(group["name"], [entry["name"] for entry in group["models"]]) for group in groups] == [
        (
            "Tòa soạn",
            [
                "Bài viết",
                "Trang nhất",
                "Kho ảnh",
                "Phim, âm thanh",
                "Từ khóa, dòng sự kiện",
                "Tác giả, bút danh",
                "Mẫu bài",
                "Trang tĩnh",
                "Ấn bản",
                "Sổ xuất bản",
            ],
        ),
        ("Nhân sự và đoàn công tác", ["Đoàn công tác", "Nhân sự", "Cơ quan", "Chức vụ"]),
        (
            "Bạn đọc",
            [
                "Bình luận",
                "Từ cần xem",
                "Quy định bình luận",
                "Bình luận theo bài",
                "Người bình luận",
                "Phản hồi",
                "Lời đáp mẫu",
                "Thời hạn phản hồi",
                "Lịch làm việc",
                "Bản tin",
                "Người nhận bản tin",
                "Giờ gửi bản tin",
                "Thư đi",
                "Địa chỉ không nhận thư",
                "Lượt xem",
            ],
        ),
        ("Dữ liệu cá nhân", ["Yêu cầu", "Lệnh giữ", "Các lần xóa", "Lời xin đồng ý"]),
        (
            "Hệ thống",
            [
                "Chuyên mục",
                "Quyền theo chuyên mục",
                "Măng-sét",
                "Người dùng",
                "Vai trò",
                "Địa chỉ cũ",
                "Lịch chạy",
            ],
        ),
    ]


@pytest.mark.parametrize(
    "address", ["autocomplete/", "jsi18n/", "r/1/1/", "account/emailaddress/", "django_tasks_db/dbtaskresult/"]
)
def test_what_is_not_used_is_not_there(sign_in_as: Any, address: str) -> None:
    client = sign_in_as(User.objects.create_superuser("root", full_name="Kỹ thuật"))
    assert client.get(f"/quan-tri/{address}").status_code == 404


ENGLISH = re.compile(
    r"\b(select|option|the|add|change|changed|delete|save|view|home|history|search|filter|yes|none|unknown|currently|clear"
    r"|required|error|user|group|password|hold|this|and|by|of|new|object|entry)\b",
    re.IGNORECASE,
)


def test_every_page_speaks_vietnamese(sign_in_as: Any) -> None:
    rows = one_of_each()
    Masthead.objects.create(name="Cổng thông tin")
    user = make.make_user("chief")
    user.groups.add(roles.group_of("administrator"))
    client = sign_in_as(user)
    addresses = ["/quan-tri/", "/quan-tri/news/masthead/1/change/", f"/quan-tri/accounts/user/{user.pk}/mat-khau/"]
    for name, row in rows.items():
        addresses += [f"/quan-tri/{name}/{rest}" for rest in ("", "add/", f"{row.pk}/change/", f"{row.pk}/history/")]
    for address in addresses:
        response = client.get(address, follow=True)
        if response.status_code == 200:
            page = re.sub(r"<(script|style)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
            shown = re.findall(r">([^<]+)<|(?:placeholder|aria-label|title|alt)=\"([^\"]*)\"", page)
            found = {word for pair in shown for text in pair for word in ENGLISH.findall(text)}
            assert found == set(), (address, found)


def test_masthead_is_one_row(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("administrator"))
    assert client.get("/quan-tri/news/masthead/").headers["Location"] == "/quan-tri/news/masthead/add/"
    made = client.post("/quan-tri/news/masthead/add/", {"name": "  Cổng   thông tin Lai Châu "})
    assert made.status_code == 302
    assert [row.name for row in Masthead.objects.all()] == ["Cổng thông tin Lai Châu"]
    assert client.get("/quan-tri/news/masthead/").headers["Location"] == "/quan-tri/news/masthead/1/change/"
    assert client.get("/quan-tri/news/masthead/add/").status_code == 403
    assert sign_in_as(make.make_user("chief")).get("/quan-tri/news/masthead/").status_code == 403
