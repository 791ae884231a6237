"""Requesting: people ask for what is kept about them, and see, correct, take back, take along or erase it by one link.

Whoever holds the link is the person: it went to the mailbox that is asked about, or was made for who is logged in.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts import proving
from accounts.models import User
from news import crypto, ratelimit
from news.models import (
    Comment,
    Consent,
    DataRequest,
    DataRequestKind,
    DataRequestState,
    ErasureReason,
    PrivacyLink,
    Subscriber,
    SubscriberState,
)
from news.queries import addresses, comments, consents, personal_data
from news.queries.personal_data import MANAGE, Kept, Person
from news.queries.site import site
from news.services import (
    airing,
    chronicling,
    closing,
    commenting,
    consenting,
    contacting,
    enrolling,
    feedback,
    mailing,
    outbox,
    privacy,
    subscribing,
)
from news.text.mailbox import mailbox
from news.text.normalize import clean_line
from news.text.workdays import add_working_days, kept_calendar
from news.workflow import NotAllowed

KIND: Final = "privacy_link"
MAILED_FOR: Final = timedelta(hours=48)
SHOWN_FOR: Final = timedelta(hours=1)
"""How long a link from a mail is good, and one made for who is logged in."""
ACKNOWLEDGE_DAYS: Final = 2
COMPLETE_DAYS: Final = 15
"""Working days until a request is acknowledged, days until it is done."""
HOURLY, DAILY = 5, 20
"""What one visitor may ask."""
_SIGNER: Final = signing.Signer(salt="news.privacy.link")


class TooMany(Exception):
    """More than anybody asks; the message says when to come back."""


class LinkEnded(Exception):
    """The link is good no more, or whose account it is for is gone: an erasure at the same moment came first."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that is good, and what it leads to."""

    link: PrivacyLink
    somebody: Person = field(repr=False)


# --- Links -----------------------------------------------------------------------------------------------


def ask(*, email: str, sender: str, at: datetime) -> None:
    """Mail a link to the address, whether or not anything is kept about it: who asks learns nothing either way.

    `sender` is the visitor's network address, only counted. A mailbox that had its share of strangers' mail for the
    hour gets nothing. Raises `TooMany`.
    """
    network = ratelimit.network_of(sender)
    refusal = ratelimit.refusal("privacy", network, hourly=HOURLY, daily=DAILY, deed="yêu cầu nhiều lần")
    if refusal:
        raise TooMany(refusal)
    email = clean_line(email)
    if not outbox.may_receive("accepts", mailbox(email)):
        return
    with transaction.atomic(), suppress(outbox.BadMail):
        token, link = _make_link(email, None, at, MAILED_FOR)
        _record(DataRequestKind.ACCESS, link, at)
        frame = site(at)
        context = {
            "site": frame,
            "address": addresses.absolute(reverse("privacy_page", args=[token])),
            "ask": addresses.absolute(reverse("privacy_ask")),
            "hours": int(MAILED_FOR.total_seconds() // 3600),
        }
        said = mailing.words(KIND, context)
        outbox.post(
            kind=KIND,
            recipient=email,
            subject=f"Dữ liệu cá nhân của bạn tại {outbox.masthead_name()}",
            text=said.text,
            html=said.html,
            at=at,
            reply_to=frame.email,
        )


def link_of(*, user_id: int, at: datetime) -> str:
    """The token of a link for who is logged in: their account, and what came from addresses they have proven.

    Raises `LinkEnded`.
    """
    with transaction.atomic():
        if not User.objects.select_for_update().filter(pk=user_id, is_active=True).exists():
            raise LinkEnded
        proven = proving.proven_by(user_id)
        token, link = _make_link(next(iter(sorted(proven)), ""), user_id, at, SHOWN_FOR)
        _record(DataRequestKind.ACCESS, link, at)
    return token


def opened(token: str, at: datetime) -> Opened | None:
    """The link of that token while it is good, and whose it is. Raises `crypto.Undecryptable`."""
    try:
        secret = _SIGNER.unsign(token[:200])
    except signing.BadSignature:
        return None
    digest = crypto.sha256(secret)
    link = PrivacyLink.objects.filter(token_digest=digest, expires_at__gt=at, revoked_at=None).first()
    return None if link is None else Opened(link, whose(link))


def _hold(link: PrivacyLink) -> None:
    """Keep the person's links from others until the transaction ends, and look again. Raises `LinkEnded`.

    All of them, in one order: an erasure at the same moment by another link waits here too.
    """
    theirs = Q(pk=link.pk)
    if link.email_digest:
        theirs |= Q(email_digest=link.email_digest)
    if link.user_id:
        theirs |= Q(user_id=link.user_id)
    held = PrivacyLink.objects.select_for_update().filter(theirs).order_by("pk")
    if (link.pk, None) not in list(held.values_list("pk", "revoked_at")):
        raise LinkEnded


def whose(link: PrivacyLink) -> Person:
    """Whom the link is about. Raises `crypto.Undecryptable`."""
    email = crypto.decrypt(link.address)["email"] if link.address else ""
    return personal_data.person(email=email, user_id=link.user_id)


def _make_link(email: str, user_id: int | None, at: datetime, good_for: timedelta) -> tuple[str, PrivacyLink]:
    secret = secrets.token_urlsafe(32)
    link = PrivacyLink.objects.create(
        token_digest=crypto.sha256(secret),
        address=crypto.encrypt({"email": email}) if email else "",
        email_digest=contacting.email_digest(email),
        user_id=user_id,
        created_at=at,
        expires_at=at + good_for,
    )
    return _SIGNER.sign(secret), link


# --- What a person does with theirs -----------------------------------------------------------------------


def correct(*, link: PrivacyLink, details: Mapping[str, str], at: datetime) -> int:
    """Put name, telephone and address right in every contact of theirs; how many. What is left out stays.

    Raises `KeyError` for other details, `LinkEnded`.
    """
    if not set(details) <= {"name", "phone", "address"}:
        raise KeyError(*details)
    with transaction.atomic():
        _hold(link)
        contact_ids = whose(link).contact_ids
        for contact_id in contact_ids:
            contacting.correct(contact_id=contact_id, details=details)
        _record(DataRequestKind.CORRECTION, link, at)
    return len(contact_ids)


def withdraw(*, link: PrivacyLink, consent_id: int, purpose: str, at: datetime) -> bool:
    """Take back one purpose of a consent of theirs; False for one that is not theirs, was not given or is taken back.

    Without a purpose that its form cannot do without, the contact is not needed any longer: it goes with the next
    sweep. Nor is a reader's account: it is closed at once, and goes with the next sweep. Raises `NotAllowed` for the
    account of somebody who works here, `LinkEnded`.
    """
    with transaction.atomic():
        _hold(link)
        somebody = whose(link)
        theirs = consents.of_person(somebody.contact_ids, somebody.user_ids).filter(pk=consent_id).first()
        if theirs is None or not consenting.withdraw(consent_id=theirs.pk, purpose=purpose, at=at):
            return False
        _follow_up(theirs, purpose, at)
        _record(DataRequestKind.WITHDRAWAL, link, at)
    return True


def _follow_up(consent: Consent, purpose: str, at: datetime) -> None:
    """What follows at once; whatever else acts on a consent asks `queries.consents.holds`."""
    form, contact_id = consent.text.form, consent.contact_id
    needed = {asked.name for asked in consent.text.asked if asked.is_required}
    if form == enrolling.FORM and purpose in needed and consent.user_id is not None:
        closing.close(user_id=consent.user_id, at=at)
    if contact_id is None:
        return
    if form == feedback.FORM and purpose in {"publish", *needed}:
        airing.drop(contact_id=contact_id, at=at)
    if form == commenting.FORM and purpose in needed:
        for comment_id in Comment.objects.filter(contact_id=contact_id).order_by("pk").values_list("pk", flat=True):
            with suppress(commenting.TooLate):
                viewer = comments.Viewer(written=frozenset({comment_id}))
                commenting.withdraw(comment_id=comment_id, viewer=viewer, at=at)
    if form == subscribing.FORM and purpose in needed:
        for row in Subscriber.objects.filter(contact_id=contact_id, state=SubscriberState.ACTIVE):
            subscribing.end(row=row, state=SubscriberState.STOPPED, at=at)
    if purpose in needed:
        contacting.keep_until(contact_id=contact_id, day=timezone.localdate(at) - timedelta(days=1))


def export(*, link: PrivacyLink, at: datetime) -> tuple[Kept, ...]:
    """All that is kept of theirs, to take along. Raises `LinkEnded`, `crypto.Undecryptable`."""
    with transaction.atomic():
        _hold(link)
        _record(DataRequestKind.EXPORT, link, at)
    return personal_data.kept(whose(link))


def erase(*, link: PrivacyLink, at: datetime) -> privacy.Erased:
    """Erase all that is kept of theirs. Raises `privacy.Held`: the request waits and is done once nothing holds it.

    Of several at one moment one erases; to the others the link has ended. Raises `LinkEnded`, `NotAllowed` for people
    of the newsroom.
    """
    somebody = whose(link)

    def note_wish() -> None:
        _hold(link)
        _record(DataRequestKind.ERASURE, link, at)

    try:
        return privacy.erase(
            email=_email(link), user_id=link.user_id, at=at, reason=ErasureReason.WISH, first=note_wish
        )
    except privacy.Held:
        with transaction.atomic():
            _hold(link)
            waiting = DataRequest.objects.filter(
                link=link, kind=DataRequestKind.ERASURE, state=DataRequestState.SUSPENDED
            )
            if not waiting.exists():
                row = _record(DataRequestKind.ERASURE, link, at)
                row.state, row.completed_at = DataRequestState.SUSPENDED, None
                row.note = f"Đang giữ theo {personal_data.hold_on(somebody.email_digests, at)}."
                row.save(update_fields=["state", "completed_at", "note"])
        raise


def resume(*, at: datetime, limit: int = 100) -> int:
    """Do the erasures that waited for an order to end, where it has; how many."""
    waiting = DataRequest.objects.filter(kind=DataRequestKind.ERASURE, state=DataRequestState.SUSPENDED)
    count = 0
    for row in waiting.exclude(link=None).select_related("link").order_by("pk")[:limit]:
        if row.link is None:
            continue
        with suppress(LinkEnded, privacy.Held, NotAllowed):
            privacy.erase(
                email=_email(row.link),
                user_id=row.link.user_id,
                at=at,
                reason=ErasureReason.WISH,
                first=partial(_hold, row.link),
            )
            count += 1
    return count


def _email(link: PrivacyLink) -> str:
    return crypto.decrypt(link.address)["email"] if link.address else ""


# --- Requests --------------------------------------------------------------------------------------------


def due_by(received: datetime) -> tuple[datetime, datetime]:
    """Until when a request is to be acknowledged (the end of the second working day) and done (of the 15th day)."""
    day = timezone.localdate(received)
    return (
        _end_of(add_working_days(day, ACKNOWLEDGE_DAYS, kept_calendar())),
        _end_of(day + timedelta(days=COMPLETE_DAYS)),
    )


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def _record(kind: DataRequestKind, link: PrivacyLink, at: datetime) -> DataRequest:
    """A request that the page answers at once."""
    acknowledge_by, complete_by = due_by(at)
    return DataRequest.objects.create(
        kind=kind,
        state=DataRequestState.DONE,
        email_digest=link.email_digest,
        link=link,
        received_at=at,
        acknowledge_by=acknowledge_by,
        acknowledged_at=at,
        complete_by=complete_by,
        completed_at=at,
    )


def take_in(*, email: str, kind: DataRequestKind, note: str, actor: User, at: datetime) -> DataRequest:
    """Note a request that came by letter, by telephone or in person; the clock runs. Raises `NotAllowed`.

    Of the address only the digest is kept; `note` is the desk's own words and names nobody.
    """
    _require(actor)
    digest = contacting.email_digest(email)
    if not digest or not clean_line(note):
        raise NotAllowed("Hãy ghi địa chỉ thư của người yêu cầu và yêu cầu đến bằng cách nào.")
    acknowledge_by, complete_by = due_by(at)
    with transaction.atomic():
        row = DataRequest.objects.create(
            kind=kind,
            email_digest=digest,
            received_at=at,
            acknowledge_by=acknowledge_by,
            complete_by=complete_by,
            handled_by=actor,
            note=clean_line(note)[:500],
        )
        chronicling.note(row, actor=actor, at=at, said="Ghi nhận yêu cầu.")
    return row


def acknowledge(*, request_id: int, actor: User, at: datetime) -> None:
    """Note that the person was told their request arrived; once. Raises `NotAllowed`."""
    _require(actor)
    with transaction.atomic():
        row = DataRequest.objects.select_for_update().get(pk=request_id)
        if row.acknowledged_at is None:
            row.acknowledged_at, row.handled_by = at, actor
            row.save(update_fields=["acknowledged_at", "handled_by"])
            chronicling.note(row, actor=actor, at=at, said="Báo đã nhận.")


def close(*, request_id: int, actor: User, at: datetime, note: str) -> None:
    """Note that a request is done, and how. Raises `NotAllowed` for one that is done, or that an order suspends."""
    _require(actor)
    note = clean_line(note)
    if not note:
        raise NotAllowed("Hãy ghi đã làm gì.")
    with transaction.atomic():
        row = DataRequest.objects.select_for_update().get(pk=request_id)
        if row.state != DataRequestState.OPEN:
            raise NotAllowed(f"Yêu cầu đang ở tình trạng “{row.get_state_display()}”.")
        row.state, row.completed_at, row.handled_by = DataRequestState.DONE, at, actor
        row.acknowledged_at = row.acknowledged_at or at
        row.note = f"{row.note} {note}".strip()[:500]
        row.save(update_fields=["state", "completed_at", "handled_by", "acknowledged_at", "note"])
        chronicling.note(row, actor=actor, at=at, said="Đã xong.")


def erase_for(*, request_id: int, email: str, actor: User, at: datetime) -> privacy.Erased:
    """Erase on a request that did not come through the page: the address is typed again.

    Raises `NotAllowed`, `privacy.Held`.
    """
    _require(actor)

    def settle() -> None:
        row = _waiting(request_id, email)
        chronicling.note(row, actor=actor, at=at, said="Đã xóa dữ liệu.")
        row.state, row.completed_at, row.handled_by = DataRequestState.DONE, at, actor
        row.acknowledged_at = row.acknowledged_at or at
        row.save(update_fields=["state", "completed_at", "handled_by", "acknowledged_at"])

    with transaction.atomic():
        wish = _waiting(request_id, email)
    return privacy.erase(email=email, at=at, reason=ErasureReason.DESK, actor=actor, note=str(wish), first=settle)


def _waiting(request_id: int, email: str) -> DataRequest:
    """The erasure that waits and was asked for by that address, locked. Raises `NotAllowed`."""
    row = DataRequest.objects.select_for_update().get(pk=request_id)
    if row.kind != DataRequestKind.ERASURE or row.state != DataRequestState.OPEN:
        raise NotAllowed("Đây không phải yêu cầu xóa đang chờ.")
    if contacting.email_digest(email) != row.email_digest:
        raise NotAllowed("Địa chỉ thư không phải của yêu cầu này.")
    return row


def _require(actor: User) -> None:
    if MANAGE not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền xử lý yêu cầu về dữ liệu cá nhân.")
