"""From a button of the desk to the service that takes the step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from accounts.models import User
from news.services import publishing, reviewing
from news.workflow import Transition


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for: which article in which version, when, and why."""

    article_id: int
    actor: User
    at: datetime
    version: int
    reason: str = ""
    moment: datetime | None = None

    @property
    def due(self) -> datetime:
        """When it is to happen; asked only where the form has asked before."""
        return self.moment or self.at


def _publish(order: Order) -> None:
    publishing.publish(article_id=order.article_id, actor=order.actor, at=order.at, version=order.version)


def _schedule(order: Order) -> None:
    publishing.schedule(
        article_id=order.article_id,
        actor=order.actor,
        at=order.at,
        visible_from=order.due,
        version=order.version,
    )


def _cancel(order: Order) -> None:
    publishing.cancel(
        article_id=order.article_id, actor=order.actor, at=order.at, reason=order.reason, version=order.version
    )


def _withdraw(order: Order) -> None:
    publishing.withdraw(
        article_id=order.article_id, actor=order.actor, at=order.at, reason=order.reason, version=order.version
    )


def _expire(order: Order) -> None:
    publishing.expire(
        article_id=order.article_id,
        actor=order.actor,
        at=order.at,
        until=order.due,
        reason=order.reason,
        version=order.version,
    )


ORDERS: Final[dict[str, Callable[[Order], Any]]] = {
    "publish": _publish,
    "schedule": _schedule,
    "cancel": _cancel,
    "withdraw": _withdraw,
    "expire": _expire,
}

DONE: Final = {
    "submit": "Đã gửi biên tập.",
    "recall": "Đã rút bài về để sửa.",
    "pass": "Đã chuyển duyệt xuất bản.",
    "approve": "Đã duyệt.",
    "return": "Đã trả lại người viết.",
    "publish": "Đã xuất bản: bạn đọc đang thấy bài.",
    "schedule": "Đã hẹn giờ xuất bản.",
    "cancel": "Đã hủy hẹn giờ.",
    "reopen": "Đã mở lại để sửa; bạn đọc vẫn thấy bản cũ cho đến khi bản mới xuất bản.",
    "withdraw": "Đã gỡ bài: bạn đọc không còn thấy bài.",
    "expire": "Đã đặt hạn hiển thị.",
}
"""What the user is told when the step is taken."""


def take(step: Transition, order: Order) -> None:
    """Take the step. Raises `NotAllowed`."""
    special = ORDERS.get(step.name)
    if special is not None:
        special(order)
        return
    reviewing.advance(
        article_id=order.article_id,
        transition=step.name,
        actor=order.actor,
        at=order.at,
        reason=order.reason,
        version=order.version,
    )


def asks(step: Transition) -> bool:
    """Whether the step wants to know something before it is taken."""
    return step.needs_reason or step.needs_time
