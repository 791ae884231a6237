"""Keeping the standing pages: tidy, sanitised, at an address that readers can open."""

import re
from typing import Final

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.db import transaction

from accounts.models import User
from news import crypto, markup
from news.text.normalize import clean_line
from news.workflow import NotAllowed

ADDRESS: Final = re.compile(r"/(?:trang/[a-z0-9]+(?:-[a-z0-9]+)*|en(?:/[a-z0-9]+(?:-[a-z0-9]+)*)?)/", re.ASCII)
"""/trang/<words>/, /en/, /en/<words>/."""


class BadAddress(Exception):
    """The page cannot have that address."""


class Rewritten(NotAllowed):
    """A colleague saved the page since it was opened."""

    def __init__(self) -> None:
        super().__init__("Có người vừa sửa trang này sau khi bạn mở nên chưa lưu.")


def fingerprint(page: FlatPage) -> str:
    """What tells one state of a page from another; "" for a page that is not kept yet."""
    if page.pk is None:
        return ""
    return crypto.sha256("\0".join([page.url, page.title, page.content, str(page.registration_required)]))


def write(*, page: FlatPage, seen: str, actor: User) -> FlatPage:
    """Save what somebody wrote, over the state they had before the eyes (`seen`, its fingerprint).

    Raises `NotAllowed`, `Rewritten`, `BadAddress`.
    """
    right = "flatpages.change_flatpage" if page.pk else "flatpages.add_flatpage"
    if not (actor.is_active and (actor.is_superuser or right in actor.granted_permissions)):
        raise NotAllowed("Vai trò của bạn không sửa trang tĩnh.")
    with transaction.atomic():
        Site.objects.select_for_update().get(pk=settings.SITE_ID)
        if page.pk and fingerprint(FlatPage.objects.get(pk=page.pk)) != seen:
            raise Rewritten
        return keep(page)


def keep(page: FlatPage) -> FlatPage:
    """Tidy and save the page of this site, whoever asks. Raises `BadAddress` in the words of the screen."""
    page.url = clean_line(page.url)
    page.title = clean_line(page.title)
    page.content = markup.sanitise(page.content)
    page.template_name, page.enable_comments = "", False
    with transaction.atomic():
        # One at a time, so that no two pages take one address: the table does not refuse that.
        Site.objects.select_for_update().get(pk=settings.SITE_ID)
        check_address(page.url, but=page.pk)
        page.save()
        page.sites.set([settings.SITE_ID])
    return page


def check_address(url: str, *, but: int | None) -> None:
    """Whether a page, other than that one, may have the address. Raises `BadAddress`."""
    if not ADDRESS.fullmatch(url):
        raise BadAddress(
            "Địa chỉ có dạng /trang/ten-trang/ (tiếng Việt), /en/ hoặc /en/page-name/ (tiếng Anh): "
            "chữ thường không dấu, chữ số và gạch nối, gạch chéo ở cuối."
        )
    if FlatPage.objects.filter(url=url, sites=settings.SITE_ID).exclude(pk=but or 0).exists():
        raise BadAddress("Đã có trang tĩnh ở địa chỉ này.")
