"""The one list of public addresses, with Vietnamese paths. What is not here does not exist for readers."""

from django.urls import path, re_path, register_converter

from news import feeds, sitemaps
from news.models import MailScope
from news.views import comments
from news.views.account.bookmarks import article_bookmark, reader_bookmarks
from news.views.account.follows import person_follow, reader_followed, reader_follows, section_follow, tag_follow
from news.views.account.home import reader_data, reader_home, reader_unread
from news.views.account.leaving import account_delete, account_left
from news.views.account.notifications import reader_choices, reader_notification, reader_notifications
from news.views.account.profile import reader_profile
from news.views.account.registration import account_signup, socialaccount_signup
from news.views.account.words import reader_comments, reader_letters
from news.views.archive import archive, archive_day, archive_month, archive_year
from news.views.articles import article_detail, article_print, article_qr, article_save
from news.views.bounces import bounces
from news.views.delegations import delegation_detail, delegation_list
from news.views.feedback import feedback_act, feedback_follow, feedback_own, feedback_send, feedback_sent
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
from news.views.privacy import (
    privacy_ask,
    privacy_asked,
    privacy_correct,
    privacy_erase,
    privacy_erased,
    privacy_export,
    privacy_own,
    privacy_page,
    privacy_withdraw,
)
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
    path("tin/<words:slug>-<number:pk>/binh-luan/", comments.comment_list, name="comment_list"),
    path("tin/<words:slug>-<number:pk>/binh-luan/viet/", comments.comment_write, name="comment_write"),
    path("tin/<words:slug>-<number:pk>/binh-luan/da-gui/", comments.comment_sent, name="comment_sent"),
    path("tin/<words:slug>-<number:pk>/binh-luan/<number:number>/", comments.comment_detail, name="comment_detail"),
    path(
        "tin/<words:slug>-<number:pk>/binh-luan/<number:number>/tra-loi/",
        comments.comment_write,
        name="comment_reply",
    ),
    path("tin/<words:slug>-<number:pk>/binh-luan/<number:number>/sua/", comments.comment_edit, name="comment_edit"),
    path(
        "tin/<words:slug>-<number:pk>/binh-luan/<number:number>/rut/",
        comments.comment_withdraw,
        name="comment_withdraw",
    ),
    path("tin/<words:slug>-<number:pk>/binh-luan/<number:number>/thich/", comments.comment_like, name="comment_like"),
    path(
        "tin/<words:slug>-<number:pk>/binh-luan/<number:number>/bao-xau/",
        comments.comment_report,
        name="comment_report",
    ),
    path(
        "tin/<words:slug>-<number:pk>/binh-luan/<number:number>/khieu-nai/",
        comments.comment_appeal,
        name="comment_appeal",
    ),
    path(
        "tin/<words:slug>-<number:pk>/binh-luan/<number:number>/ket-qua/<str:token>/",
        comments.comment_outcome,
        name="comment_outcome",
    ),
    path("tin/<words:slug>-<number:pk>/gui-ban-be/", article_share, name="article_share"),
    path("tin/<words:slug>-<number:pk>/gui-ban-be/da-gui/", article_share_sent, name="article_share_sent"),
    path("tin/<words:slug>-<number:pk>/luu/", article_bookmark, name="article_bookmark"),
    path("gui-ban-be/dung/<str:token>/", mail_stop, {"scope": MailScope.SHARE}, name="share_stop"),
    path("ban-tin/", newsletter, name="newsletter"),
    path("ban-tin/thu-tra-lai/", bounces, name="bounces"),
    path("ban-tin/da-gui/", newsletter_sent, name="newsletter_sent"),
    path("ban-tin/xac-nhan/<str:token>/", newsletter_confirm, name="newsletter_confirm"),
    path("ban-tin/cua-toi/<str:token>/", newsletter_own, name="newsletter_own"),
    path("ban-tin/thoi-nhan/<str:token>/", newsletter_stop, name="newsletter_stop"),
    path("ban-tin/dung/tong-hop/<str:token>/", mail_stop, {"scope": MailScope.DIGEST}, name="digest_stop"),
    path("ban-tin/dung/thong-bao/<str:token>/", mail_stop, {"scope": MailScope.NOTIFICATION}, name="notification_stop"),
    path("phan-hoi/", feedback_send, name="feedback_send"),
    path("phan-hoi/da-nhan/", feedback_sent, name="feedback_sent"),
    path("phan-hoi/tra-cuu/", feedback_follow, name="feedback_follow"),
    path("phan-hoi/tra-cuu/thu/", feedback_act, name="feedback_act"),
    path("phan-hoi/cua-toi/<number:pk>/", feedback_own, name="feedback_own"),
    path("du-lieu-ca-nhan/", privacy_ask, name="privacy_ask"),
    path("du-lieu-ca-nhan/da-gui/", privacy_asked, name="privacy_asked"),
    path("du-lieu-ca-nhan/da-xoa/", privacy_erased, name="privacy_erased"),
    path("du-lieu-ca-nhan/cua-toi/", privacy_own, name="privacy_own"),
    path("du-lieu-ca-nhan/<str:token>/", privacy_page, name="privacy_page"),
    path("du-lieu-ca-nhan/<str:token>/sua/", privacy_correct, name="privacy_correct"),
    path("du-lieu-ca-nhan/<str:token>/rut-lai/", privacy_withdraw, name="privacy_withdraw"),
    path("du-lieu-ca-nhan/<str:token>/tai-ve/", privacy_export, name="privacy_export"),
    path("du-lieu-ca-nhan/<str:token>/xoa/", privacy_erase, name="privacy_erase"),
    path("doan-cong-tac/", delegation_list, name="delegation_list"),
    path("doan-cong-tac/<words:slug>-<number:pk>/", delegation_detail, name="delegation_detail"),
    path("nhan-su/<words:slug>-<number:pk>/", person_detail, name="person_detail"),
    path("nhan-su/<words:slug>-<number:pk>/rss/", feeds.person_rss, name="person_rss"),
    path("nhan-su/<words:slug>-<number:pk>/atom/", feeds.person_atom, name="person_atom"),
    path("nhan-su/<words:slug>-<number:pk>/feed.json", feeds.person_json, name="person_json"),
    path("nhan-su/<words:slug>-<number:pk>/theo-doi/", person_follow, name="person_follow"),
    path("co-quan/<words:slug>-<number:pk>/", organisation_detail, name="organisation_detail"),
    path("tac-gia/<words:slug>-<number:pk>/", author_detail, name="author_detail"),
    path("chu-de/<slug:slug>/", tag_detail, name="tag_detail"),
    path("chu-de/<slug:slug>/rss/", feeds.tag_rss, name="tag_rss"),
    path("chu-de/<slug:slug>/atom/", feeds.tag_atom, name="tag_atom"),
    path("chu-de/<slug:slug>/feed.json", feeds.tag_json, name="tag_json"),
    path("chu-de/<slug:slug>/theo-doi/", tag_follow, name="tag_follow"),
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
    path("tai-khoan/", reader_home, name="reader_home"),
    path("tai-khoan/da-luu/", reader_bookmarks, name="reader_bookmarks"),
    path("tai-khoan/theo-doi/", reader_follows, name="reader_follows"),
    path("tai-khoan/theo-doi/danh-sach/", reader_followed, name="reader_followed"),
    path("tai-khoan/thong-bao/", reader_notifications, name="reader_notifications"),
    path("tai-khoan/thong-bao/cach-nhan/", reader_choices, name="reader_choices"),
    path("tai-khoan/thong-bao/chua-doc/", reader_unread, name="reader_unread"),
    path("tai-khoan/thong-bao/<number:pk>/", reader_notification, name="reader_notification"),
    path("tai-khoan/binh-luan/", reader_comments, name="reader_comments"),
    path("tai-khoan/thu/", reader_letters, name="reader_letters"),
    path("tai-khoan/ho-so/", reader_profile, name="reader_profile"),
    path("tai-khoan/du-lieu/", reader_data, name="reader_data"),
    path("tai-khoan/dang-ky/", account_signup, name="account_signup"),
    path("tai-khoan/lien-ket/dang-ky/", socialaccount_signup, name="socialaccount_signup"),
    path("tai-khoan/xoa/", account_delete, name="account_delete"),
    path("tai-khoan/xoa/xong/", account_left, name="account_left"),
    path("healthz/", healthz, name="healthz"),
    path("healthz/san-sang/", readyz, name="readyz"),
    path("<slug:slug>/", section_list, name="section_list"),
    path("<slug:slug>/theo-doi/", section_follow, name="section_follow"),
    path("<slug:slug>/rss/", feeds.section_rss, name="section_rss"),
    path("<slug:slug>/atom/", feeds.section_atom, name="section_atom"),
    path("<slug:slug>/feed.json", feeds.section_json, name="section_json"),
    re_path(r"^(?P<old_path>.+)\Z", old_address, name="old_address"),
]
