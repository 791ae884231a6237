"""What is asked about consents: does one hold, and all of somebody's. Read-only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from news.models import Consent, ConsentWithdrawal

ACCOUNT_FORM: Final = "tai-khoan"
"""The form by which an account is made."""
ACCOUNT: Final = "account"
"""What an account cannot do without."""


def holds(*, purpose: str, contact_id: int | None = None, user_id: int | None = None) -> bool:
    """Whether the newest consent of the contact or the account to that purpose stands. One query, two where it does."""
    rows = Consent.objects.filter(_theirs([contact_id] if contact_id else [], [user_id] if user_id else []))
    # Portable to both databases: a contact has one consent or two, so the purposes are compared here.
    for row in rows.order_by("-id").prefetch_related("withdrawals")[:20]:
        if purpose in row.purposes:
            return all(taken.purpose != purpose for taken in row.withdrawals.all())
    return False


def of_person(contact_ids: Iterable[int], user_ids: Iterable[int]) -> QuerySet[Consent]:
    """All consents of somebody, the newest first, with their wordings and what was taken back."""
    rows = Consent.objects.filter(_theirs(list(contact_ids), list(user_ids)))
    return rows.select_related("text").prefetch_related("withdrawals").order_by("-id")


def _theirs(contact_ids: list[int], user_ids: list[int]) -> Q:
    return Q(contact_id__in=contact_ids) | Q(user_id__in=user_ids)


def ended_accounts() -> QuerySet[User]:
    """Readers' accounts that are closed because their owner took back what no account can do without."""
    taken = _taken_back().values("consent__user_id")
    return User.objects.filter(pk__in=taken, is_active=False, is_staff=False, is_superuser=False, groups=None)


def account_ended_at(user_ids: Iterable[int]) -> datetime | None:
    """When the owner of one of these accounts closed it so, while it waits to be erased. One query."""
    theirs = _taken_back().filter(consent__user__in=ended_accounts().filter(pk__in=list(user_ids)))
    return theirs.order_by("-withdrawn_at").values_list("withdrawn_at", flat=True).first()


def with_ended_at(users: QuerySet[User]) -> QuerySet[User]:
    """These users with `ended_at`: when the owner closed the account so, None for all others. No further query."""
    theirs = _taken_back().filter(
        consent__user=OuterRef("pk"),
        consent__user__is_active=False,
        consent__user__is_staff=False,
        consent__user__is_superuser=False,
        consent__user__groups=None,
    )
    return users.annotate(ended_at=Subquery(theirs.order_by("-withdrawn_at").values("withdrawn_at")[:1]))


def _taken_back() -> QuerySet[ConsentWithdrawal]:
    return ConsentWithdrawal.objects.filter(
        purpose=ACCOUNT, consent__text__form=ACCOUNT_FORM, consent__user__isnull=False
    )


@dataclass(frozen=True, slots=True)
class Agreed:
    """One box of a wording, as somebody left it: ticked or not, and since when taken back."""

    name: str
    words: str
    is_required: bool
    is_given: bool
    withdrawn_at: datetime | None

    @property
    def is_standing(self) -> bool:
        """Whether it was given and not taken back."""
        return self.is_given and self.withdrawn_at is None


def lines(consent: Consent) -> tuple[Agreed, ...]:
    """The boxes of a consent, in their order. One query, none where the withdrawals are there."""
    taken = {row.purpose: row.withdrawn_at for row in consent.withdrawals.all()}
    return tuple(
        Agreed(
            name=purpose.name,
            words=purpose.words,
            is_required=purpose.is_required,
            is_given=purpose.name in consent.purposes,
            withdrawn_at=taken.get(purpose.name),
        )
        for purpose in consent.text.asked
    )
