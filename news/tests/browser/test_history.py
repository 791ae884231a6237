"""The history of an article in a real browser: on wide and narrow screens, light and dark, without scripts."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from news.models import Article, Attendee, Contribution, GalleryImage
from news.services import editing
from news.services.reviewing import advance
from news.tests import make

AT = timezone.now() - timedelta(hours=5)
Accessible = Callable[[Page], None]


def keep(article: Article, actor: User, minutes: int, related: Any = None, **fields: Any) -> Article:
    """One more save."""
    fresh = Article.objects.select_related("section", "lead_image").get(pk=article.pk)
    for name, value in fields.items():
        setattr(fresh, name, value)
    at = AT + timedelta(minutes=minutes)
    return editing.change(article=fresh, actor=actor, at=at, version=fresh.version, save_related=related)


def an_article_with_a_past() -> tuple[Article, User]:
    """Written, returned, published, reopened, changed in every way; and its editor in charge."""
    person = make.make_person("Nguyễn Khắc Chử", ("Bí thư Tỉnh ủy", None, None))
    delegation = make.make_delegation(
        "Đoàn công tác Ban Dân vận Trung ương",
        make.attendee(person, role=make.Role.HEAD),
        make.attendee(group="đại diện lãnh đạo một số sở, ngành"),
        visiting_organisation=make.make_organisation("Ban Dân vận Trung ương"),
    )
    picture, other = make.make_image(caption="Quang cảnh buổi làm việc"), make.make_image("navy", caption="Ảnh hai")
    writer = make.make_user("reporter", full_name="Lò Thị Phóng Viên")
    chief = make.make_user("chief", full_name="Hoàng Thị Tổng Biên Tập")
    article = make.make_article(
        "Đoàn công tác Ban Dân vận Trung ương làm việc tại tỉnh",
        author=writer,
        at=AT,
        lead="Sáng 20/5, đoàn công tác đã có buổi làm việc với tỉnh.",
        body="<h2>Kết quả công tác dân vận</h2><p>Đồng chí Nguyễn Khắc Chử, Bí thư Tỉnh ủy chủ trì.</p>"
        "<p>Đoạn giữ nguyên một.</p><p>Đoạn giữ nguyên hai.</p><p>Đoạn giữ nguyên ba.</p><p>Đoạn sẽ chuyển xuống.</p>"
        "<p>Đoạn cuối có <a href='https://example.vn/cu'>liên kết</a>.</p>",
        tags=(make.make_tag("Lai Châu"), make.make_tag("Dân vận")),
        delegations=(delegation,),
        lead_image=picture,
    )
    advance(article_id=article.pk, transition="submit", actor=writer, at=AT + timedelta(minutes=1))
    editor = make.make_user("editor", full_name="Vàng Văn Biên Tập")
    reason = "Thiếu tên người chủ trì; xem lại số liệu ở đoạn hai."
    advance(article_id=article.pk, transition="return", actor=editor, at=AT + timedelta(minutes=2), reason=reason)
    make.publish(keep(article, writer, 3, kicker="Công tác dân vận"), at=AT + timedelta(hours=1))
    advance(article_id=article.pk, transition="reopen", actor=chief, at=AT + timedelta(hours=2))

    def related(saved: Article) -> None:
        saved.tags.set([make.make_tag("Ban Dân vận Trung ương")])
        Contribution.objects.create(article=saved, author=make.make_author("Lò Văn Ảnh"), kind="photo", order=2)
        GalleryImage.objects.create(article=saved, image=other, caption="Chú thích trong chùm", order=1)
        Attendee.objects.filter(person=person).update(positions="Bí thư Tỉnh ủy\nTrưởng Đoàn đại biểu Quốc hội tỉnh")

    keep(
        article,
        chief,
        130,
        related,
        title="Đoàn công tác Ban Dân vận Trung ương thăm và làm việc tại tỉnh Lai Châu",
        lead="Chiều 20/5, đoàn công tác đã có buổi thăm, làm việc với lãnh đạo tỉnh.",
        body="<h3>Kết quả công tác dân vận</h3><p>Đồng chí Nguyễn Khắc Chử, Ủy viên Trung ương Đảng, Bí thư Tỉnh ủy đã "
        "chủ trì buổi làm việc.</p>"
        "<p>Đoạn giữ nguyên một.</p><p>Đoạn giữ nguyên hai.</p><p>Đoạn giữ nguyên ba.</p>"
        "<p>Đoạn cuối có <a href='https://example.vn/moi'>liên kết</a>.</p><p>Đoạn sẽ chuyển xuống.</p>"
        f"<figure data-image='{other.pk}'><figcaption>Hình mới</figcaption></figure><p>Một đoạn viết thêm.</p>",
        genre="article",
    )
    return article, chief


def pages_of(article: Article) -> dict[str, str]:
    """The addresses of the history."""
    base = f"/quan-tri/news/article/{article.pk}/"
    return {
        "story": f"{base}lich-su/",
        "compare": f"{base}so-sanh/?tu=l2&den=l3",
        "edition": f"{base}so-sanh/?tu=a1&den=nay",
        "whole": f"{base}so-sanh/?tu=l1&den=l3&hien=het",
        "nothing": f"{base}so-sanh/?tu=l77&den=nay",
        "restore": f"{base}khoi-phuc/l1/",
    }


def no_overflow(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_the_history_is_for_everyone(
    page: Page, sign_in: Callable[[Any], None], assert_accessible: Accessible, theme: Any, witness: Any
) -> None:
    witness.expect("status of 404")
    article, chief = an_article_with_a_past()
    sign_in(chief)
    page.emulate_media(color_scheme=theme)
    shots = os.environ.get("SHOTS")
    for name, address in pages_of(article).items():
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address)
            for folded in page.locator("details").all():
                folded.evaluate("element => element.open = true")
            assert no_overflow(page), (name, width)
            assert_accessible(page)
            if shots:
                page.screenshot(path=Path(shots) / f"{name}-{width}-{theme}.png", full_page=True)


def test_a_version_is_compared_and_restored_by_keyboard(page: Page, sign_in: Callable[[Any], None]) -> None:
    article, chief = an_article_with_a_past()
    sign_in(chief)
    page.goto(pages_of(article)["story"])
    page.get_by_label("So bản").select_option("l1")
    page.get_by_role("button", name="So sánh").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lần lưu 1 so với bản hiện tại")
    expect(page.locator("del", has_text="Sáng")).to_be_visible()
    expect(page.locator("ins", has_text="Chiều")).to_be_visible()
    page.get_by_role("link", name="Khôi phục lần lưu 1…").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Khôi phục lần lưu 1 thành bản nháp mới").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Đã khôi phục lần lưu 1 thành bản nháp mới")
    assert Article.objects.get(pk=article.pk).title == "Đoàn công tác Ban Dân vận Trung ương làm việc tại tỉnh"


def test_the_history_needs_no_scripts(chromium: Browser, live_server: Any, sign_in: Any, context: Any) -> None:
    article, chief = an_article_with_a_past()
    sign_in(chief)
    plain = chromium.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 360, "height": 800}
    )
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(pages_of(article)["story"])
    page.get_by_role("button", name="So sánh").click()
    page.get_by_role("link", name="Hiện cả chỗ giống").click()
    expect(page.get_by_text("Đoạn giữ nguyên hai.")).to_be_visible()
    page.get_by_role("link", name="Đổi hai bên").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bản hiện tại so với lần lưu 2")
    plain.close()


def test_a_stock_page_that_somebody_else_saved_meanwhile(
    page: Page, sign_in: Callable[[Any], None], assert_accessible: Accessible, witness: Any
) -> None:
    witness.expect("status of 409")
    person = make.make_person("Lò Văn Một", ("Giám đốc Sở Nông nghiệp và Môi trường", None, None))
    address = f"/quan-tri/news/person/{person.pk}/change/"
    sign_in(make.make_user("editor", full_name="Vàng Văn Biên Tập"))
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("Ghi chú").fill("Do cửa sổ kia ghi")
    other.locator("#id_positions-0-title").fill("Bộ trưởng")
    other.get_by_role("button", name="Lưu", exact=True).click()
    expect(other.locator(".messages")).to_be_visible()
    page.get_by_label("Ghi chú").fill("Tôi đang gõ")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Ghi chú")).to_have_value("Tôi đang gõ")
    expect(page.get_by_role("region", name="Chỗ người khác đã đổi")).to_contain_text("Do cửa sổ kia ghi")
    shots = os.environ.get("SHOTS")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert no_overflow(page), width
            assert_accessible(page)
            if shots:
                page.screenshot(path=Path(shots) / f"seen-{width}-{theme}.png", full_page=True)
    page.get_by_label("Tôi đã xem và vẫn lưu").check()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator(".messages")).to_be_visible()
    person.refresh_from_db()
    assert person.note == "Tôi đang gõ"
