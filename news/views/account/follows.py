"""What a reader follows: the list with what is new of it, and the button of a person, a tag, a section."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from news.models import FollowKind
from news.queries import follows, listings, own
from news.services import following
from news.web import cursor_of, form_page, frame, listed, number_in, reader_of, reader_page


@reader_page
def reader_follows(request: HttpRequest) -> HttpResponseBase:
    """New articles of what the reader follows; a POST says they were seen."""
    now = timezone.now()
    if request.method == "POST":
        following.look(user_id=reader_of(request).pk, at=now)
        return redirect("reader_follows")
    news = listed(lambda: follows.news(reader_of(request).pk, now, cursor_of(request)))
    new = follows.new_count(reader_of(request).pk, now)
    context = {"site": frame(now), "heading": "Theo dõi", "list": news, "new_count": new, "new_words": own.up_to(new)}
    return render(request, "news/account/reader_follows.html", context)


@reader_page
def reader_followed(request: HttpRequest) -> HttpResponseBase:
    """The people, tags and sections themselves; a POST drops one."""
    now = timezone.now()
    if request.method == "POST":
        following.drop(user_id=reader_of(request).pk, follow_id=number_in(request, "bo"), at=now)
        return redirect(request.get_full_path())
    user_id, site = reader_of(request).pk, frame(now)
    page = listed(lambda: follows.mine(user_id, now, cursor_of(request)))
    followed = follows.sections_of(user_id)
    others = [link for link in site.sections if link.id not in followed]
    context = {"site": site, "heading": "Những gì tôi theo dõi", "list": page, "others": others}
    return render(request, "news/account/reader_followed.html", context)


@dataclass(frozen=True, slots=True)
class _Target:
    """What the button is about: where its page is, and every number that means it."""

    kind: FollowKind
    ids: tuple[int, ...]
    name: str
    url: str


@form_page
def person_follow(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The button of a person."""
    person = listings.person(pk, timezone.now())
    if person is None:
        raise Http404
    url = reverse("person_detail", args=[person.slug, person.id])
    return _button(request, _Target(FollowKind.PERSON, person.ids, person.name, url))


@form_page
def tag_follow(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The button of a tag or topic."""
    tag = listings.tag(slug, timezone.now())
    if tag is None:
        raise Http404
    return _button(request, _Target(FollowKind.TAG, tag.ids, tag.name, reverse("tag_detail", args=[tag.slug])))


@form_page
def section_follow(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The button of a section."""
    section = listings.section(slug)
    if section is None:
        raise Http404
    return _button(request, _Target(FollowKind.SECTION, (section.id,), section.name, section.url))


def _button(request: HttpRequest, target: _Target) -> HttpResponseBase:
    """Whether the reader follows it, and the button that changes it; the way to log in for who is not."""
    address = f"{target.url}theo-doi/"
    if request.path != address:
        return HttpResponsePermanentRedirect(address)
    now = timezone.now()
    refusal, status = "", 200
    if request.method == "POST" and request.user.is_authenticated:
        change = following.unfollow if request.POST.get("viec") == "bo" else following.follow
        try:
            change(user_id=reader_of(request).pk, kind=target.kind, target_id=target.ids[0], at=now)
            return redirect(address)
        except following.NotFollowed as refused:
            refusal, status = str(refused), 422
    context = {
        "site": frame(now),
        "target": target,
        "action": address,
        "is_followed": request.user.is_authenticated
        and follows.is_followed(reader_of(request).pk, target.kind, target.ids),
        "refusal": refusal,
    }
    return render(request, "news/follow.html", context, status=status)
