"""Consenting: what readers are asked to agree to on each form, that they did, and what they took back."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.models import User
from news.models import CONSENT_FORMS, Consent, ConsentText, ConsentWithdrawal, Purpose, ReaderContact
from news.text.normalize import clean_line, clean_text
from news.workflow import NotAllowed

MANAGE: Final = "news.change_consenttext"
OPEN_PAGES: Final = timedelta(days=1)
"""How long a wording that was replaced may still be agreed to: the pages that show it are open for a while."""

FIRST_TEXTS: Final[Mapping[str, tuple[str, tuple[Purpose, ...]]]] = {
    "phan-hoi": (
        "Tòa soạn chỉ dùng thông tin bạn ghi ở trên cho những việc bạn đánh dấu dưới đây. Bạn xem, sửa, rút lại hoặc"
        " xóa được bất cứ lúc nào.",
        (
            Purpose(
                "reply",
                "Tôi đồng ý để tòa soạn lưu họ tên, thư điện tử, điện thoại và địa chỉ tôi ghi ở đây để xử lý và trả"
                " lời phản hồi này.",
                is_required=True,
            ),
            Purpose(
                "forward",
                "Tôi đồng ý để tòa soạn chuyển thư này kèm thông tin liên hệ tới cơ quan có trách nhiệm giải quyết.",
                is_required=False,
            ),
            Purpose(
                "publish",
                "Tôi đồng ý để tòa soạn đăng nội dung thư và lời đáp, không kèm họ tên và thông tin liên hệ của tôi.",
                is_required=False,
            ),
        ),
    ),
    "binh-luan": (
        "Địa chỉ thư của bạn không bao giờ hiện trên trang. Bạn xem, sửa, rút lại hoặc xóa được bất cứ lúc nào.",
        (
            Purpose(
                "publish",
                "Tôi đồng ý để tòa soạn hiện bình luận này cùng tên tôi ghi, và giữ địa chỉ thư của tôi để liên hệ về"
                " bình luận này.",
                is_required=True,
            ),
            Purpose(
                "notify",
                "Tôi đồng ý nhận thư báo khi bình luận được duyệt hoặc có người trả lời.",
                is_required=False,
            ),
        ),
    ),
    "ban-tin": (
        "Mỗi thư đều có liên kết để thôi nhận ngay bằng một lần bấm.",
        (
            Purpose(
                "newsletter",
                "Tôi đồng ý để tòa soạn giữ địa chỉ thư này và gửi tới đó bản tin tôi chọn, đến khi tôi thôi nhận.",
                is_required=True,
            ),
        ),
    ),
    "tai-khoan": (
        "Bạn xem, tải về hoặc xóa dữ liệu của mình được bất cứ lúc nào ở trang tài khoản.",
        (
            Purpose(
                "account",
                "Tôi đồng ý để tòa soạn giữ tên, địa chỉ thư và những gì tôi lưu, theo dõi, viết bằng tài khoản này, để"
                " tài khoản hoạt động.",
                is_required=True,
            ),
        ),
    ),
}
"""The house's own wordings: the first version of each form, where the newsroom has written none."""


class NotAgreed(Exception):
    """Somebody agreed to something that was not asked, or not to what the form cannot do without."""


def current(form: str, at: datetime) -> ConsentText:
    """The wording that readers of that form are asked to agree to now: the newest in use. Raises `KeyError`."""
    intro, purposes = FIRST_TEXTS[form]
    newest = ConsentText.objects.filter(form=form, shown_from__lte=at).order_by("-version").first()
    if newest is not None:
        return newest
    made, _ = ConsentText.objects.get_or_create(
        form=form, version=1, defaults={"text": intro, "purposes": list(map(asdict, purposes)), "shown_from": at}
    )
    return made


def acceptable(text: ConsentText, at: datetime) -> bool:
    """Whether somebody may agree to that wording now: it is in use, or was until a day ago."""
    later = ConsentText.objects.filter(form=text.form, version__gt=text.version, shown_from__lte=at - OPEN_PAGES)
    return text.shown_from <= at and not later.exists()


def record(
    *,
    text: ConsentText,
    purposes: Iterable[str],
    address: str,
    at: datetime,
    contact: ReaderContact | None = None,
    user: User | None = None,
) -> Consent:
    """Keep that the reader (a contact, an account or both) agreed to those purposes of that wording.

    `address` is the form's path. Part of the caller's transaction. Raises `NotAgreed`.
    """
    chosen = set(purposes)
    asked = text.asked
    if not {purpose.name for purpose in asked if purpose.is_required} <= chosen <= {p.name for p in asked}:
        raise NotAgreed
    return Consent.objects.create(
        contact=contact,
        user=user,
        text=text,
        purposes=[purpose.name for purpose in asked if purpose.name in chosen],
        given_at=at,
        address=address[:300],
    )


def withdraw(*, consent_id: int, purpose: str, at: datetime) -> bool:
    """Take back one purpose of a consent, once; False when it was not given or is taken back already.

    What follows from it (no more mail, no answer shown) is asked of `queries.consents.holds` by whoever does it.
    """
    with transaction.atomic():
        row = Consent.objects.select_for_update().filter(pk=consent_id).first()
        if row is None or purpose not in row.purposes:
            return False
        _, is_new = ConsentWithdrawal.objects.get_or_create(consent=row, purpose=purpose, defaults={"withdrawn_at": at})
        left = set(row.purposes) - set(row.withdrawals.values_list("purpose", flat=True))
        if not left and row.withdrawn_at is None:
            row.withdrawn_at = at
            row.save(update_fields=["withdrawn_at"])
    return is_new


def add_version(
    *, form: str, text: str, purposes: Iterable[Purpose], actor: User, at: datetime, shown_from: datetime
) -> ConsentText:
    """A new wording of a form, from `shown_from` on; what was shown before stays as it was.

    The names of the purposes are those of the house's own wording, since the code acts by them; a new wording may drop
    an optional one. Raises `NotAllowed`.
    """
    if MANAGE not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền sửa lời xin đồng ý.")
    if form not in CONSENT_FORMS:
        raise NotAllowed("Không có biểu mẫu này.")
    known = {purpose.name: purpose.is_required for purpose in FIRST_TEXTS[form][1]}
    kept = tuple(Purpose(p.name, clean_line(p.words), p.is_required) for p in purposes)
    names = {purpose.name for purpose in kept}
    if len(names) != len(kept) or not names <= known.keys():
        raise NotAllowed("Có mục đích lặp lại hoặc mà biểu mẫu này không dùng đến.")
    if any(not purpose.words or purpose.is_required != known[purpose.name] for purpose in kept):
        raise NotAllowed("Mỗi mục đích phải có lời, và mục bắt buộc phải giữ là bắt buộc.")
    if not {name for name, is_required in known.items() if is_required} <= names:
        raise NotAllowed("Không bỏ được mục đích bắt buộc.")
    if shown_from < at:
        raise NotAllowed("Lời mới chỉ dùng được từ bây giờ trở đi.")
    with transaction.atomic():
        current(form, at)
        last = ConsentText.objects.select_for_update().filter(form=form).order_by("-version").first()
        if last is None:
            raise NotAllowed("Không có biểu mẫu này.")
        if last.shown_from > shown_from:
            raise NotAllowed("Đã có lời mới hơn, dùng từ một lúc muộn hơn lúc này.")
        return ConsentText.objects.create(
            form=form,
            version=last.version + 1,
            text=clean_text(text),
            purposes=[asdict(purpose) for purpose in kept],
            shown_from=shown_from,
        )
