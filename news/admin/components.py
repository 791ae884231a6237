"""The page that shows every component of the public site in each of its states, for whoever works on its look."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone

from news.forms.feedback import FeedbackForm
from news.forms.sharing import ShareForm
from news.queries.article_page import AttendeeLine, DelegationBox, Link, SideList
from news.queries.calendars import Mark, month_table
from news.queries.cards import Card, CardList
from news.queries.pictures import Picture
from news.queries.site import site
from news.queries.visits import Visit
from news.services import consenting, feedback
from news.text.dates import long_date
from news.text.segment import set_title

_LONG = (
    "Hội nghị trực tuyến toàn tỉnh về phát triển kinh tế - xã hội vùng đồng bào dân tộc thiểu số và miền núi, bảo đảm"
    " quốc phòng - an ninh, bàn giải pháp những tháng cuối năm"
)


def _picture() -> Picture:
    address = static("img/sample.svg")
    return Picture(
        src=address,
        srcset_jpg=f"{address} 600w",
        srcset_webp=f"{address} 600w",
        srcset_avif="",
        large=address,
        width=600,
        height=400,
        alt="Hình vẽ đồi núi dùng làm mẫu",
        caption="Chú thích nói ảnh cho thấy gì, ở đâu, lúc nào.",
        credit="Tên người chụp",
    )


def _card(title: str, *, picture: Picture | None = None, kicker: str = "", lead: str = "") -> Card:
    return Card(
        id=0,
        title=title,
        title_set=set_title(title),
        kicker=kicker,
        lead=lead,
        url="#the",
        section_name="Thời sự",
        section_url="#the",
        published_at=timezone.now(),
        time="10:15",
        time_iso="2024-05-20T10:15+07:00",
        picture=picture,
    )


def _box() -> DelegationBox:
    def line(
        name: str, positions: str, role: str = "", *, is_group: bool = False, is_head: bool = False
    ) -> AttendeeLine:
        url = "" if is_group else "#hop"
        return AttendeeLine(name, url, positions, role, is_group, is_head)

    head = line("Lò Văn Mẫu", "Ủy viên Ban Thường vụ Tỉnh ủy, Phó Chủ tịch UBND tỉnh", "Trưởng đoàn", is_head=True)
    return DelegationBox(
        id=0,
        name="Đoàn công tác UBND tỉnh",
        name_set=set_title("Đoàn công tác UBND tỉnh"),
        url="#hop",
        visiting=Link("Ủy ban nhân dân tỉnh", "#hop"),
        host=Link("Ủy ban nhân dân xã Bản Mẫu", "#hop"),
        head=head,
        places="Trung tâm Phục vụ hành chính công xã; bản Nà Thử",
        dates="19–20/5/2024",
        purpose="Khảo sát hoạt động phục vụ hành chính công",
        sides=(
            SideList(
                "Đoàn công tác",
                (
                    head,
                    line("Nguyễn Thị Ví Dụ", "Giám đốc Sở Y tế"),
                    line("Đại diện lãnh đạo một số sở, ngành", "", is_group=True),
                ),
            ),
            SideList("Bên tiếp", (line("Giàng A Thử", "Bí thư Đảng ủy xã, Chủ tịch HĐND xã", "Tiếp"),)),
        ),
    )


def _visit(name: str, *, whole: bool) -> Visit:
    box = _box()
    return Visit(
        id=0,
        name=name,
        name_set=set_title(name),
        url="#doan",
        dates=box.dates if whole else "năm 2024",
        visiting=box.visiting if whole else None,
        host=box.host,
        head=box.head if whole else None,
        places=box.places if whole else "",
        named_count=2 if whole else 0,
    )


def components(request: HttpRequest) -> HttpResponse:
    """Samples only: no article, no person, no letter of the newsroom. Four queries of the frame and the form."""
    now = timezone.now()
    picture = _picture()
    lead = "Sa-pô nói điều chính của bài trong hai, ba câu, để ai chỉ đọc đến đây cũng biết chuyện gì đã xảy ra."
    plain = _card("Con đường mới về bản Huổi Mẫu", picture=picture, lead=lead)
    bare = _card("Dân vận khéo bắt đầu từ biết lắng nghe", lead=lead)
    long = _card(_LONG, picture=picture, kicker="Dòng trên tiêu đề", lead=lead)
    consent = consenting.current(feedback.FORM, now)
    wrong = FeedbackForm({"kind": "opinion", "body": "Ngắn", "email": "khong-phai-thu"}, consent=consent, at=now)
    wrong.is_valid()
    marks = {
        3: Mark("#lich", "2 bài"),
        14: Mark("#lich", "1 đoàn", goes_on=True),
        15: Mark("#lich", "1 đoàn", went_on=True),
    }
    context: dict[str, Any] = {
        "site": site(now),
        "cards": {"Có ảnh": plain, "Không ảnh": bare, "Tiêu đề dài": long},
        "variants": ("lead", "plain", "side", "row", "line"),
        "many": [plain, bare, long, *[_card(f"Bài mẫu số {number} của danh sách") for number in range(4, 12)]],
        "list": CardList((plain, bare, long), older="mau", is_first=True),
        "nothing": CardList(()),
        "picture": picture,
        "box": _box(),
        "visit": _visit("Đoàn công tác UBND tỉnh", whole=True),
        "bare_visit": _visit("Đoàn đại biểu Hội Nông dân xã Bản Mẫu", whole=False),
        "share_form": ShareForm(),
        "exchanges": [
            {
                "date": box.dates,
                "delegation": Link(box.name, "#chang-thoi-gian"),
                "other": box.host,
                "places": box.places,
            }
            for box in (_box(),)
        ],
        "calendar": month_table(2024, 5, marks=marks, today=date(2024, 5, 20), chosen=14),
        "empty_form": FeedbackForm(consent=consent, at=now),
        "wrong_form": wrong,
        "colours": (
            "paper",
            "tint",
            "field",
            "ink",
            "ink-soft",
            "rule",
            "rule-field",
            "rule-strong",
            "accent",
            "good",
            "focus",
            "mark",
        ),
        "today": long_date(date(2024, 5, 20)),
    }
    return render(request, "admin/components.html", context)
