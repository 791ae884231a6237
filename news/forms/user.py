"""What an administrator changes of how somebody logs in: with a reason, which those concerned read."""

from typing import Any

from django.utils import timezone

from accounts.forms import PasswordForm, UserForm
from accounts.models import User
from news.forms.fields import LineField
from news.queries import consents
from news.services import closing, granting

_WHO_READS = "Người này và tổng biên tập nhận thư có lý do bạn ghi; lý do cũng vào nhật ký."


class AccountForm(UserForm):
    """Change a user; another address wants a reason, and nobody is locked out who should not be."""

    actor: User
    """Who changes it: the page that makes the form says."""

    reason = LineField(
        label="Lý do đổi địa chỉ thư",
        max_length=300,
        required=False,
        help_text=f"Chỉ cần khi bạn đổi hoặc bỏ địa chỉ thư. {_WHO_READS}",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "is_active" in self.fields and not self.instance.is_active:
            ended_at = consents.account_ended_at([self.instance.pk])
            if ended_at is not None:
                words = closing.what_comes(ended_at, timezone.now())
                self.fields["is_active"].help_text = f"{words[:1].upper()}{words[1:]}; không mở lại được."

    @property
    def is_address_changed(self) -> bool:
        """Whether the valid form writes another address than stood there."""
        return (self.initial.get("email") or None) != (self.cleaned_data.get("email") or None)

    def clean(self) -> dict[str, Any] | None:
        """The reason, where the address is another."""
        data = super().clean()
        if "email" in self.cleaned_data and self.is_address_changed and not self.cleaned_data.get("reason"):
            self.add_error("reason", "Hãy ghi vì sao đổi địa chỉ thư.")
        self._ask_powers()
        return data

    def _ask_powers(self) -> None:
        if not {"is_active", "is_staff", "groups"} <= self.cleaned_data.keys():
            return
        wanted = granting.Powers(
            is_active=self.cleaned_data["is_active"],
            is_staff=self.cleaned_data["is_staff"],
            is_superuser=self.cleaned_data.get("is_superuser", self.instance.is_superuser),
            groups=frozenset(group.name for group in self.cleaned_data["groups"]),
        )
        refused = granting.refusals(actor=self.actor, user_id=self.instance.pk, wanted=wanted)
        for name, words in refused.items():
            self.add_error(name, words)


class SetPasswordForm(PasswordForm):
    """Set a user's password, twice, and say why."""

    reason = LineField(label="Lý do", max_length=300, help_text=_WHO_READS)
