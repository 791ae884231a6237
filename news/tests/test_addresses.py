"""The list of public addresses agrees with the words that no section may take."""

from django.urls import get_resolver

from news import urls
from news.models import RESERVED_SLUGS


def first_words(patterns):
    """The literal first part of each address that a section's could be (a slug holds no dot)."""
    for pattern in patterns:
        route = str(pattern.pattern).removeprefix("^")
        word = route.split("/")[0].split("<")[0].split("(")[0]
        if word.rstrip("-") and "." not in word:
            yield word


def test_every_first_word_of_an_address_is_reserved():
    taken = {*first_words(urls.urlpatterns), *first_words(get_resolver().url_patterns)}
    assert {word for word in taken if word.rstrip("-") not in RESERVED_SLUGS} == set()


def test_the_addresses_that_later_pages_will_have_are_reserved_too():
    promised = (
        "tin doan-cong-tac nhan-su co-quan tac-gia chu-de luu-tru cai-chinh trang en tim-kiem xem-nhieu phan-hoi"
        " du-lieu-ca-nhan ban-tin rss atom feed.json sitemap.xml sitemap-tin-tuc.xml robots.txt api xem-truoc dem media"
        " tai-khoan quan-tri healthz"
    )
    assert set(promised.split()) - RESERVED_SLUGS == set()
