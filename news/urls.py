"""The one list of public addresses, with Vietnamese paths. What is not here does not exist for readers."""

from django.urls import path, re_path, register_converter

from news import feeds, sitemaps
from news.models import MailScope
from news.views.archive import archive, archive_day, archive_month, archive_year
from news.views.articles import article_detail, article_print, article_qr, article_save
from news.views.delegations import delegation_detail, delegation_list
from news.views.feedback import feedback_follow, feedback_send, feedback_sent
from news.views.files import file
from news.views.front import home, most_read
from news.views.health import healthz, readyz
from news.views.lists import author_detail, section_list, tag_detail
from news.views.machines import favicon, media, old_address, robots, view_beacon
from news.views.newsletter import (
    newsletter,
    newsletter_confirm,
    newsletter_own,
    newsletter_sent,
    newsletter_stop,
)
from news.views.people import organisation_detail, person_detail
from news.views.sharing import article_share, article_share_sent
from news.views.standing import english_page, site_map, standing_moved, standing_page
from news.views.stopping import mail_stop


class PublicSlug:
    """The words of an address; capitals and marks are let in so that a mistyped one can be sent to the right one."""

    regex = r"[^/\s]{1,200}?"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


class PublicNumber:
    """The number behind the last hyphen; 18 digits at most, so that it always fits the database."""

    regex = r"[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """The number. A leading zero makes another address for the same page, so it is none."""
        if value.startswith("0"):
            raise ValueError
        return int(value)

    def to_url(self, value: int) -> str:
        """Its digits."""
        return str(value)


class ArchiveYear:
    """Four digits: 1900 to 2199."""

    regex = r"(?:19|20|21)[0-9]{2}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Its digits."""
        return f"{value:04d}"


class TwoDigits:
    """A month or a day; one digit is let in so that it can be sent to the right address."""

    regex = r"[0-3]?[0-9]"

    def to_python(self, value: str) -> int:
        """The number; there is no month 0."""
        if not int(value):
            raise ValueError
        return int(value)

    def to_url(self, value: int) -> str:
        """Two digits."""
        return f"{value:02d}"


class MonthNumber(TwoDigits):
    """A month."""

    regex = r"0?[1-9]|1[0-2]"


register_converter(PublicSlug, "words")
register_converter(PublicNumber, "number")
register_converter(ArchiveYear, "year")
register_converter(MonthNumber, "month")
register_converter(TwoDigits, "day")

urlpatterns = [
    path("", home, name="home"),
    path("tin/<words:slug>-<number:pk>/", article_detail, name="article_detail"),
    path("tin/<words:slug>-<number:pk>/ban-in/", article_print, name="article_print"),
    path("tin/<words:slug>-<number:pk>/tai-ve/", article_save, name="article_save"),
    path("tin/<words:slug>-<number:pk>/ma-qr.svg", article_qr, name="article_qr"),
    path("tin/<words:slug>-<number:pk>/phan-hoi/", feedback_send, name="article_feedback"),
    path("tin/<words:slug>-<number:pk>/gui-ban-be/", article_share, name="article_share"),
    path("tin/<words:slug>-<number:pk>/gui-ban-be/da-gui/", article_share_sent, name="article_share_sent"),
    path("gui-ban-be/dung/<str:token>/", mail_stop, {"scope": MailScope.SHARE}, name="share_stop"),
    path("ban-tin/", newsletter, name="newsletter"),
    path("ban-tin/da-gui/", newsletter_sent, name="newsletter_sent"),
    path("ban-tin/xac-nhan/<str:token>/", newsletter_confirm, name="newsletter_confirm"),
    path("ban-tin/cua-toi/<str:token>/", newsletter_own, name="newsletter_own"),
    path("ban-tin/thoi-nhan/<str:token>/", newsletter_stop, name="newsletter_stop"),
    path("ban-tin/dung/tong-hop/<str:token>/", mail_stop, {"scope": MailScope.DIGEST}, name="digest_stop"),
    path("ban-tin/dung/thong-bao/<str:token>/", mail_stop, {"scope": MailScope.NOTIFICATION}, name="notification_stop"),
    path("phan-hoi/", feedback_send, name="feedback_send"),
    path("phan-hoi/da-nhan/", feedback_sent, name="feedback_sent"),
    path("phan-hoi/tra-cuu/", feedback_follow, name="feedback_follow"),
    path("doan-cong-tac/", delegation_list, name="delegation_list"),
    path("doan-cong-tac/<words:slug>-<number:pk>/", delegation_detail, name="delegation_detail"),
    path("nhan-su/<words:slug>-<number:pk>/", person_detail, name="person_detail"),
    path("nhan-su/<words:slug>-<number:pk>/rss/", feeds.person_rss, name="person_rss"),
    path("nhan-su/<words:slug>-<number:pk>/atom/", feeds.person_atom, name="person_atom"),
    path("nhan-su/<words:slug>-<number:pk>/feed.json", feeds.person_json, name="person_json"),
    path("co-quan/<words:slug>-<number:pk>/", organisation_detail, name="organisation_detail"),
    path("tac-gia/<words:slug>-<number:pk>/", author_detail, name="author_detail"),
    path("chu-de/<slug:slug>/", tag_detail, name="tag_detail"),
    path("chu-de/<slug:slug>/rss/", feeds.tag_rss, name="tag_rss"),
    path("chu-de/<slug:slug>/atom/", feeds.tag_atom, name="tag_atom"),
    path("chu-de/<slug:slug>/feed.json", feeds.tag_json, name="tag_json"),
    path("luu-tru/", archive, name="archive"),
    path("luu-tru/<year:year>/", archive_year, name="archive_year"),
    path("luu-tru/<year:year>/<month:month>/", archive_month, name="archive_month"),
    path("luu-tru/<year:year>/<month:month>/<day:day>/", archive_day, name="archive_day"),
    path("trang/<slug:slug>/", standing_page, name="standing_page"),
    path("gioi-thieu/", standing_moved, {"slug": "gioi-thieu"}, name="about"),
    path("lien-he/", standing_moved, {"slug": "lien-he"}, name="contact"),
    path("en/", english_page, name="english_home"),
    path("en/<slug:slug>/", english_page, name="english_page"),
    path("so-do-trang/", site_map, name="site_map"),
    path("xem-nhieu/", most_read, name="most_read"),
    path("rss/", feeds.rss, name="rss"),
    path("atom/", feeds.atom, name="atom"),
    path("feed.json", feeds.json_feed, name="json_feed"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap_index"),
    path("sitemap-tin-tuc.xml", sitemaps.sitemap_news, name="sitemap_news"),
    path("sitemap-trang.xml", sitemaps.sitemap_pages, name="sitemap_pages"),
    path("sitemap-<int:year>-<int:month>.xml", sitemaps.sitemap_month, name="sitemap_month"),
    path("favicon.ico", favicon, name="favicon"),
    path("robots.txt", robots, name="robots"),
    path("dem/", view_beacon, name="view_beacon"),
    re_path(
        r"^media/(?P<key>[0-9a-f]{40})/(?P<width>(?:(?:card|share)-[0-9a-f]{8}-)?[0-9]{1,4})\.(?P<kind>avif|webp|jpg)\Z",
        media,
        name="media",
    ),
    re_path(r"^media/tep/(?P<key>[0-9a-f]{40})/(?P<name>[a-z0-9-]{1,110}\.[a-z0-9]{2,4})\Z", file, name="file"),
    path("healthz/", healthz, name="healthz"),
    path("healthz/san-sang/", readyz, name="readyz"),
    path("<slug:slug>/", section_list, name="section_list"),
    path("<slug:slug>/rss/", feeds.section_rss, name="section_rss"),
    path("<slug:slug>/atom/", feeds.section_atom, name="section_atom"),
    path("<slug:slug>/feed.json", feeds.section_json, name="section_json"),
    re_path(r"^(?P<old_path>.+)\Z", old_address, name="old_address"),
]
