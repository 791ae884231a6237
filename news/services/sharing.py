"""Sharing: a reader has an article sent to a friend. Nothing of the friend's address is kept once the mail is gone."""

import json
import re
import textwrap
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from news import ratelimit
from news.models import Edition, MailScope
from news.queries import addresses
from news.services import mailing, outbox, stopping
from news.text.mailbox import mailbox
from news.text.strangers import without_links

HOURLY, DAILY = 5, 20
"""What one visitor may send."""
ARTICLE_HOURLY: Final = 100
LINES: Final = 20


class TooMany(Exception):
    """More than anybody sends; the message says when to come back."""


# Telephones make a link of such a number, whatever stands between its digits.
_DIGITS: Final = re.compile(r"\+?\d(?:[\s.()-]{0,2}\d){7,}")
_SAYS: Final = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Note:
    """What a visitor filled in, as the form let it through. `is_suspect`: a field no person sees was filled."""

    name: str = field(repr=False)
    friend: str = field(repr=False)
    words: str = field(repr=False)
    is_suspect: bool = False


def send(*, note: Note, edition: Edition, sender: str, at: datetime) -> None:
    """Have the article mailed; `edition` is the one readers see now, `sender` the visitor's network address.

    Whether the friend gets it is nobody's business: a mailbox that had its share for the hour, this article today, or
    that wants no such mail at all, gets nothing, and the visitor hears the same. Raises `TooMany`.
    """
    _count_visitor(sender)
    if note.is_suspect:
        return
    if not ratelimit.allow("share-article", str(edition.article_id), limit=ARTICLE_HOURLY, seconds=3600):
        raise TooMany("Bài này đang được gửi đi rất nhiều. Hãy thử lại sau một giờ.")
    box = mailbox(note.friend)
    if not ratelimit.allow("share-once", f"{edition.article_id} {box}", limit=1, seconds=86400):
        return
    if not outbox.may_receive("accepts", box):
        return
    masthead = outbox.masthead_name()
    stop = stopping.links(note.friend, MailScope.SHARE)
    words = _words(note, edition, masthead, stop)
    outbox.post(
        kind=outbox.SHARE,
        recipient=note.friend,
        # Nothing of the visitor's: a subject under the newspaper's name is believed.
        subject=f"Bài bạn được gửi: {edition.title} | {masthead}",
        text=words.text,
        html=words.html,
        at=at,
        stop=stop,
        article_id=edition.article_id,
    )


def _count_visitor(sender: str) -> None:
    network = ratelimit.network_of(sender)
    refusal = ratelimit.refusal("share", network, hourly=HOURLY, daily=DAILY, deed="gửi nhiều thư")
    if refusal:
        raise TooMany(refusal)


def _words(note: Note, edition: Edition, masthead: str, stop: stopping.StopLink) -> mailing.Words:
    content = json.loads(edition.payload)["content"]
    context = {
        "name": note.name,
        "masthead": masthead,
        "title": content["title"],
        "lead": content["lead"],
        "address": addresses.absolute(addresses.article(edition.slug, edition.article_id)),
        "quoted": quoted(note.words),
        "stop": stop.page,
    }
    return mailing.words("share", context)


def quoted(words: str) -> list[str]:
    """The visitor's words without links and telephone numbers, in short lines that each say whose they are."""
    lines = [line if _SAYS.search(line) else "" for line in without_links(_DIGITS.sub("...", words)).split("\n")]
    lines[LINES - 1 :] = [" ".join(filter(None, lines[LINES - 1 :]))] if len(lines) >= LINES else []
    wrapped = [part for line in lines for part in textwrap.wrap(line, 72, break_on_hyphens=False) or [""]]
    return [f"> {line}".rstrip() for line in wrapped] if any(wrapped) else []
