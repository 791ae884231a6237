"""Subscribing: a mailbox asks for the newsletter, proves that it asked, changes its mind, stops.

Whoever types an address hears the same whatever is known of it. Links in the mails carry a signed number and a key of
the row; looking at one changes nothing.
"""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from news import crypto, ratelimit
from news.models import (
    Consent,
    ConsentText,
    Frequency,
    MailScope,
    ReaderContact,
    Section,
    Subscriber,
    SubscriberState,
)
from news.queries import addresses, personal_data
from news.queries import newsletter as questions
from news.services import chronicling, consenting, contacting, mailing, outbox, stopping, turns
from news.text.mailbox import mailbox
from news.workflow import NotAllowed

FORM: Final = "ban-tin"
SEE: Final = "news.change_subscriber"
HOURLY, DAILY = 5, 20
CONFIRM_WITHIN: Final = timedelta(days=7)
"""A subscription that nobody confirms is forgotten after that."""
KEPT_AFTER_STOP: Final = timedelta(days=30)
CONFIRM, WELCOME = "newsletter_confirm", "newsletter_welcome"
PLACE: Final = "0-noi-danh-cho-ma-cua-nguoi-nhan-0"
"""Stands for a subscriber's token in words that are composed once for many."""

_CONFIRM: Final = signing.TimestampSigner(salt="news.newsletter.confirm")
_OWN: Final = signing.Signer(salt="news.newsletter.own")


class TooMany(Exception):
    """More than anybody subscribes; the message says when to come back."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader filled in, as the form let it through. `is_suspect`: a field no person sees was filled."""

    email: str = field(repr=False)
    frequency: Frequency
    sections: tuple[Section, ...]
    is_suspect: bool = False


# --- Asking ----------------------------------------------------------------------------------------------


def ask(*, wish: Wish, consent: ConsentText, agreed: Iterable[str], address: str, sender: str, at: datetime) -> None:
    """Mail a link that confirms; who gets the newsletter already gets the link that changes it instead.

    `consent` and `agreed` are what was seen and ticked on the form at the path `address`; `sender` is the network
    address. Raises `TooMany`.
    """
    network = ratelimit.network_of(sender)
    refusal = ratelimit.refusal("subscribe", network, hourly=HOURLY, daily=DAILY, deed="đăng ký nhiều lần")
    if refusal:
        raise TooMany(refusal)
    box = mailbox(wish.email)
    if wish.is_suspect or not outbox.may_receive("accepts", box):
        return
    digest = crypto.digest(box)
    with transaction.atomic():
        turns.take(f"subscriber {digest}")
        row = (
            Subscriber.objects.select_for_update(of=("self",))
            .select_related("contact")
            .filter(mailbox_digest=digest)
            .first()
        )
        if row is None or row.state != SubscriberState.ACTIVE:
            row = _wait_for(row, wish, digest, at)
            consenting.record(contact=row.contact, text=consent, purposes=agreed, address=address, at=at)
        # An address that no mail can go to (the form let it through), or that no key opens: the page says the same.
        with suppress(outbox.BadMail, crypto.Undecryptable):
            _mail(row, wish.email, at)


def _wait_for(row: Subscriber | None, wish: Wish, digest: str, at: datetime) -> Subscriber:
    """The row as somebody wishes it, whose owner has still to confirm; its contact and key are new.

    What an owner agreed to earlier stays until its time is over, since whoever types an address is not yet its
    owner; an earlier wish that nobody confirmed is forgotten, unless an order keeps it.
    """
    contact = contacting.keep(details={"email": wish.email}, keep_until=None, at=at)
    old = row.contact if row is not None else None
    was_proven = row is not None and row.state != SubscriberState.PENDING
    if row is None:
        row = Subscriber(mailbox_digest=digest)
    row.contact, row.frequency, row.state = contact, wish.frequency, SubscriberState.PENDING
    row.key, row.created_at, row.bounce_count = secrets.token_urlsafe(16), at, 0
    row.confirmed_at = row.ended_at = None
    row.save()
    row.sections.set(wish.sections)
    if old is not None:
        if was_proven or personal_data.hold_on((old.email_digest,), at) is not None:
            if old.keep_until is None:
                contacting.keep_until(contact_id=old.pk, day=timezone.localdate(at + KEPT_AFTER_STOP))
        else:
            old.delete()
    return row


def _mail(row: Subscriber, email: str, at: datetime) -> None:
    """The link that confirms, to the address typed; to whom gets the newsletter already the one that changes it.

    That goes to the address kept: another spelling may be another's where "+" is a letter like others.
    """
    masthead = outbox.masthead_name()
    is_known = row.state == SubscriberState.ACTIVE
    token = own_token(row) if is_known else _CONFIRM.sign(_named(row))
    view = "newsletter_own" if is_known else "newsletter_confirm"
    context = {"masthead": masthead, "is_known": is_known, "link": addresses.absolute(reverse(view, args=[token]))}
    words = mailing.words("newsletter_confirm", context)
    if is_known:
        email = contacting.read(row.contact)["email"]
    subject = f"Bản tin của {masthead}: " + ("bạn đang nhận bản tin" if is_known else "hãy xác nhận đăng ký")
    outbox.post(kind=CONFIRM, recipient=email, subject=subject, text=words.text, html=words.html, at=at)


# --- Links -----------------------------------------------------------------------------------------------


def _named(row: Subscriber) -> str:
    return f"{row.pk}:{row.key}"


def own_token(row: Subscriber) -> str:
    """What the links in a subscriber's mails carry."""
    return _OWN.sign(_named(row))


def own_links(token: str = PLACE) -> dict[str, str]:
    """The pages of a subscriber: where they change the newsletter, and where they stop it (one click too)."""
    return {
        "manage": addresses.absolute(reverse("newsletter_own", args=[token])),
        "stop": addresses.absolute(reverse("newsletter_stop", args=[token])),
    }


def to_confirm(token: str) -> Subscriber | None:
    """Whose subscription the link of the first mail confirms; None once it is too late, or for no link of ours."""
    try:
        named = _CONFIRM.unsign(token[:200], max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    return _find(named)


def of_token(token: str) -> Subscriber | None:
    """Whose link it is; None for a row that is gone and for no link of ours."""
    try:
        named = _OWN.unsign(token[:200])
    except signing.BadSignature:
        return None
    return _find(named)


def _of_any_time(token: str) -> Subscriber | None:
    """Whose link it is or was: good for stopping only."""
    try:
        number = _OWN.unsign(token[:200]).partition(":")[0]
    except signing.BadSignature:
        return None
    return Subscriber.objects.filter(pk=number).first()


def is_own_token(token: str) -> bool:
    """Whether this site made the link, whatever became of its row."""
    try:
        _OWN.unsign(token[:200])
    except signing.BadSignature:
        return False
    return True


def is_over(token: str) -> bool:
    """Whether nothing is sent any more to the mailbox of that link: its subscription was stopped or is gone."""
    row = _of_any_time(token)
    return row is None or row.state == SubscriberState.STOPPED


def _find(named: str) -> Subscriber | None:
    number, _, key = named.partition(":")
    return Subscriber.objects.filter(pk=int(number), key=key).select_related("contact").first()


# --- What its owner does ---------------------------------------------------------------------------------


def confirm(*, token: str, at: datetime) -> Subscriber | None:
    """The owner of the mailbox wants it; twice is once. None for a link that is none or too old."""
    with transaction.atomic():
        found = to_confirm(token)
        row = _locked(found)
        if row is None:
            return None
        if row.state == SubscriberState.PENDING:
            row.state, row.confirmed_at = SubscriberState.ACTIVE, at
            row.save(update_fields=["state", "confirmed_at"])
            email = contacting.read(row.contact)["email"]
            stopping.ask_again(address=email, scope=MailScope.DIGEST, at=at)
            _welcome(row, email, at)
    return row if row.state == SubscriberState.ACTIVE else None


def _welcome(row: Subscriber, email: str, at: datetime) -> None:
    masthead = outbox.masthead_name()
    links = own_links(own_token(row))
    context = {"masthead": masthead, "frequency": row.get_frequency_display().lower(), **links}
    words = mailing.words("newsletter_welcome", context)
    outbox.post(
        kind=WELCOME,
        recipient=email,
        subject=f"Bạn đã đăng ký bản tin của {masthead}",
        text=words.text,
        html=words.html,
        at=at,
        headers=stopping.one_click(links["stop"]),
    )


def change(*, token: str, frequency: Frequency, sections: Iterable[Section], at: datetime) -> bool:
    """Another frequency, other sections; False where there is no subscription to change."""
    with transaction.atomic():
        row = _locked(of_token(token))
        if row is None or row.state not in {SubscriberState.ACTIVE, SubscriberState.BOUNCED}:
            return False
        if row.state == SubscriberState.BOUNCED:  # who has the link gets mail again
            row.state, row.bounce_count, row.ended_at = SubscriberState.ACTIVE, 0, None
            contacting.keep_until(contact_id=row.contact_id, day=None)
        row.frequency = frequency
        row.save(update_fields=["frequency", "state", "bounce_count", "ended_at"])
        row.sections.set(sections)
    return True


def stop(*, token: str, at: datetime) -> bool:
    """No more newsletter; True for every link of ours, also where nothing is left to stop.

    A link of an earlier subscription of the same mailbox stops the one that runs now: who clicks wants no mail.
    """
    with transaction.atomic():
        row = _locked(_of_any_time(token))
        if row is not None and row.state != SubscriberState.STOPPED:
            end(row=row, state=SubscriberState.STOPPED, at=at)
            for pk in Consent.objects.filter(contact_id=row.contact_id).values_list("pk", flat=True):
                consenting.withdraw(consent_id=pk, purpose=questions.PURPOSE, at=at)
    return is_own_token(token)


def end(*, row: Subscriber, state: SubscriberState, at: datetime) -> None:
    """Nothing is sent any more, and the address is kept for a month at most. In the caller's transaction."""
    row.state, row.ended_at = state, at
    row.save(update_fields=["state", "ended_at"])
    contacting.keep_until(contact_id=row.contact_id, day=timezone.localdate(at + KEPT_AFTER_STOP))


def _locked(row: Subscriber | None) -> Subscriber | None:
    if row is None:
        return None
    rows = Subscriber.objects.select_for_update(of=("self",)).select_related("contact")
    return rows.filter(pk=row.pk, key=row.key).first()


# --- What nobody does ------------------------------------------------------------------------------------


def sweep(*, at: datetime) -> int:
    """Forget subscriptions that nobody confirmed, but for what an order has us keep; how many."""
    late = Subscriber.objects.filter(state=SubscriberState.PENDING, created_at__lt=at - CONFIRM_WITHIN)
    late = late.exclude(contact__email_digest__in=personal_data.holds_at(at).values("email_digest"))
    contacts = list(late.values_list("contact_id", flat=True)[:1000])
    with transaction.atomic():
        ReaderContact.objects.filter(pk__in=contacts).delete()
    return len(contacts)


def erase_of(*, contact_ids: Iterable[int], user_ids: Iterable[int], strings: list[str], at: datetime) -> int:
    """Forget a person's subscriptions, those of the contacts; how many. An address that anybody typed finds none."""
    rows = Subscriber.objects.filter(contact_id__in=list(contact_ids))
    with transaction.atomic():
        contacts = list(rows.values_list("contact_id", flat=True))
        rows.delete()
        ReaderContact.objects.filter(pk__in=contacts).delete()
    return len(contacts)


# --- What the desk may see -------------------------------------------------------------------------------


def covered_address(*, subscriber_id: int, actor: User, at: datetime) -> str:
    """A subscriber's address with its name covered ("m***@example.vn"), after it was noted who looked.

    Raises `NotAllowed`, also where the address cannot be opened; `Subscriber.DoesNotExist`.
    """
    if SEE not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền xem địa chỉ người nhận.")
    row = Subscriber.objects.select_related("contact").get(pk=subscriber_id)
    try:
        email = contacting.read(row.contact)["email"]
    except crypto.Undecryptable:
        raise NotAllowed("Không mở được địa chỉ: máy chủ thiếu khóa. Hãy báo cho quản trị.") from None
    with transaction.atomic():
        chronicling.note(row, actor=actor, at=at, said="Xem địa chỉ đã che.")
    name, _, host = email.rpartition("@")
    return f"{name[:1]}***@{host}"
