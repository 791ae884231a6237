"""Nothing leaks: what is not live is in no page, list, feed, sitemap or picture address, and answers as promised."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from news.models import OldAddress, Side, ViewCount
from news.services import publishing
from news.tests import make
from news.text.segment import plain_title

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
COLOURS = {"live": "teal", "scheduled": "navy", "withdrawn": "olive", "expired": "maroon", "draft": "purple"}


@pytest.fixture
def newsroom():
    """One article in each situation, all in one section, under one tag and one author, with a delegation of its own."""
    now = timezone.now()
    section = make.make_section("Thời sự")
    tag, author = make.make_tag("Dân vận"), make.make_author("Lò Văn Ký")
    found = {}
    for word, colour in COLOURS.items():
        person = make.make_person(f"Giàng A {word.capitalize()}", ("Giám đốc Sở", None, None))
        sender = make.make_organisation(f"Ban {word}")
        line = make.attendee(person, side=Side.DELEGATION)
        delegation = make.make_delegation(f"Đoàn {word}", line, visiting_organisation=sender)
        article = make.make_article(
            f"Tin {word} xyz",
            section=section,
            tags=(tag, make.make_tag(f"Thẻ {word}")),
            byline=(author, make.make_author(f"Bút danh {word}")),
            delegations=(delegation,),
            lead_image=make.make_image(colour=colour, caption=f"Ảnh {word}"),
            at=now - 5 * HOUR,
        )
        ViewCount.objects.create(article=article, hour=now.replace(minute=0, second=0, microsecond=0), count=9)
        if word == "scheduled":
            make.schedule(article, at=now - HOUR, visible_from=now + HOUR)
        elif word != "draft":
            make.publish(article, at=now - 2 * HOUR)
        if word == "withdrawn":
            make.withdraw(article, at=now - HOUR)
        if word == "expired":
            publishing.expire(article_id=article.pk, actor=make.make_user("chief"), at=now - HOUR, until=now - HOUR / 2)
        found[word] = (article, person, delegation, delegation.visiting_organisation)
    return found


LISTS = [
    "/",
    "/thoi-su/",
    "/chu-de/dan-van/",
    "/xem-nhieu/",
    "/xem-nhieu/?trong=7d",
    "/xem-nhieu/?trong=30d",
    "/doan-cong-tac/",
    "/doan-cong-tac/?nam=2026",
    "/doan-cong-tac/?nam=2026&thang=3",
    "/doan-cong-tac/?nam=2026&thang=3&ngay=1",
    "/doan-cong-tac/?tim=ban",
    "/rss/",
    "/atom/",
    "/feed.json",
    "/thoi-su/rss/",
    "/thoi-su/atom/",
    "/thoi-su/feed.json",
    "/chu-de/dan-van/rss/",
    "/chu-de/dan-van/atom/",
    "/chu-de/dan-van/feed.json",
    "/sitemap-tin-tuc.xml",
]


def test_people_and_organisations_tell_of_live_visits_only(client):
    """One person, one host and one visit told of by articles in every situation."""
    now = timezone.now()
    person, host = make.make_person("Lò Thị Mai"), make.make_organisation("Tỉnh ủy")
    found = {}
    for word in COLOURS:
        line = make.attendee(person, positions=f"Chức {word}")
        visit = make.make_delegation(f"Đoàn {word}", line, host_organisation=host, places=f"Nơi {word}")
        article = make.make_article(f"Tin {word} xyz", delegations=(visit,), at=now - 5 * HOUR)
        if word == "scheduled":
            make.schedule(article, at=now - HOUR, visible_from=now + HOUR)
        elif word != "draft":
            make.publish(article, at=now - 2 * HOUR)
        if word == "withdrawn":
            make.withdraw(article, at=now - HOUR)
        if word == "expired":
            publishing.expire(article_id=article.pk, actor=make.make_user("chief"), at=now - HOUR, until=now - HOUR / 2)
        found[word] = visit
    pages = [
        f"/nhan-su/lo-thi-mai-{person.pk}/",
        f"/co-quan/tinh-uy-{host.pk}/",
        f"/doan-cong-tac/doan-live-{found['live'].pk}/",
        "/doan-cong-tac/?nam=2026&thang=3",
    ]
    for address in pages:
        text = client.get(address).content.decode()
        named = {word for word in COLOURS if any(f"{kind} {word}" in text for kind in ("Đoàn", "Chức", "Nơi", "Tin"))}
        assert named == {"live"}, address


@pytest.mark.parametrize("address", LISTS)
def test_lists_and_feeds_name_only_what_is_live(client, newsroom, address):
    text = plain_title(client.get(address).content.decode())
    named = {word for word in COLOURS if f"Tin {word} xyz" in text or f"Đoàn {word}" in text}
    assert named == {"live"}


def test_the_author_the_sitemaps_and_the_live_article_name_only_what_is_live(client, newsroom):
    article, person, delegation, organisation = newsroom["live"]
    author = article.contributions.get(order=0).author
    today = timezone.localtime()
    published = timezone.localtime(article.editions.get().published_at)
    addresses = [
        f"/tac-gia/lo-van-ky-{author.pk}/",
        f"/tin/tin-live-xyz-{article.pk}/",
        f"/nhan-su/giang-a-live-{person.pk}/",
        f"/doan-cong-tac/doan-live-{delegation.pk}/",
        f"/co-quan/ban-live-{organisation.pk}/",
        f"/nhan-su/giang-a-live-{person.pk}/rss/",
        f"/sitemap-{today:%Y-%m}.xml",
        f"/luu-tru/{published:%Y/%m}/",
        f"/luu-tru/{published:%Y/%m/%d}/",
    ]
    for address in addresses:
        response = client.get(address)
        text = plain_title(response.content.decode())
        assert response.status_code == 200, address
        assert {word for word in COLOURS if f"tin-{word}-xyz" in text} == {"live"}, address


@pytest.mark.parametrize(
    ("word", "status"), [("live", 200), ("scheduled", 404), ("withdrawn", 410), ("expired", 410), ("draft", 404)]
)
def test_the_article_answers_as_promised_at_each_of_its_addresses(client, newsroom, word, status):
    article = newsroom[word][0]
    for tail in ("", "ban-in/", "tai-ve/", "ma-qr.svg"):
        response = client.get(f"/tin/tin-{word}-xyz-{article.pk}/{tail}")
        assert response.status_code == status
        assert f"Tin {word} xyz" not in response.content.decode() or word == "live"


def test_a_wrong_slug_is_sent_to_the_right_one_only_for_what_is_live(client, newsroom):
    answers = {}
    for word, (article, *_) in newsroom.items():
        response = client.get(f"/tin/sai-dia-chi-{article.pk}/ban-in/?x=1")
        answers[word] = (response.status_code, response.headers.get("Location"))
    live = newsroom["live"][0]
    assert answers == {
        "live": (301, f"/tin/tin-live-xyz-{live.pk}/ban-in/"),
        "scheduled": (404, None),
        "withdrawn": (410, None),
        "expired": (410, None),
        "draft": (404, None),
    }


def test_never_visible_and_absent_answer_alike(client, newsroom):
    absent = client.get("/tin/tin-draft-xyz-999999/")
    for word in ("draft", "scheduled"):
        hidden = client.get(f"/tin/tin-draft-xyz-{newsroom[word][0].pk}/")
        assert (hidden.status_code, hidden.content, dict(hidden.headers)) == (404, absent.content, dict(absent.headers))


@pytest.mark.parametrize("word", ["scheduled", "withdrawn", "expired", "draft"])
def test_what_only_hidden_articles_name_has_no_page(client, newsroom, word):
    article, person, delegation, organisation = newsroom[word]
    pen_name = article.contributions.get(order=1).author
    addresses = [
        f"/nhan-su/giang-a-{word}-{person.pk}/",
        f"/nhan-su/giang-a-{word}-{person.pk}/rss/",
        f"/doan-cong-tac/doan-{word}-{delegation.pk}/",
        f"/co-quan/ban-{word}-{organisation.pk}/",
        f"/tac-gia/but-danh-{word}-{pen_name.pk}/",
        f"/chu-de/the-{word}/",
        f"/chu-de/the-{word}/rss/",
    ]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)


def test_pictures_are_served_only_while_a_live_edition_shows_them(client, newsroom):
    answers = {
        word: [
            client.get(f"/media/{article.lead_image.key}/{name}").status_code
            for name in ("320.webp", "640.jpg", "800.webp", "1280.jpg")
        ]
        for word, (article, *_) in newsroom.items()
    }
    assert answers == {
        "live": [200, 200, 200, 404],
        "scheduled": [404] * 4,
        "withdrawn": [404] * 4,
        "expired": [404] * 4,
        "draft": [404] * 4,
    }


def test_a_view_of_what_is_hidden_is_not_counted(client, newsroom):
    before = dict(ViewCount.objects.values_list("article_id", "count"))
    for article, *_ in newsroom.values():
        assert client.post("/dem/", {"bai": article.pk}).status_code == 204
    after = dict(ViewCount.objects.values_list("article_id", "count"))
    live = newsroom["live"][0].pk
    assert {pk: after[pk] - before[pk] for pk in after} == {pk: int(pk == live) for pk in after}


def test_an_old_address_leads_to_what_is_live_and_tells_nothing_else(client, newsroom):
    for word, (article, *_) in newsroom.items():
        OldAddress.objects.create(path=f"/cu/{word}.html", article=article)
    answers = {word: client.get(f"/cu/{word}.html") for word in newsroom}
    assert {word: response.status_code for word, response in answers.items()} == {
        "live": 301,
        "scheduled": 404,
        "withdrawn": 410,
        "expired": 410,
        "draft": 404,
    }
    assert answers["live"].headers["Location"] == f"/tin/tin-live-xyz-{newsroom['live'][0].pk}/"


def test_the_structured_data_is_the_articles_and_cannot_break_out(client):
    title = "</script><script>alert(1)</script> & “Dân vận”"
    edition = make.publish(make.make_article(title, lead="<b>x</b>"))
    text = client.get(f"/tin/{edition.slug}-{edition.article_id}/").content.decode()
    block = text.split('<script type="application/ld+json">')[1].split("</script>")[0]
    data = json.loads(block)
    assert (data["@type"], data["headline"], data["inLanguage"]) == ("NewsArticle", title, "vi")
    assert "<script>alert(1)" not in text
