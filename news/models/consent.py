"""What readers are asked to agree to, in every wording it ever had, and what each of them agreed to and took back."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from news.models.contact import ReaderContact

CONSENT_FORMS: Final = {
    "phan-hoi": "Phản hồi",
    "binh-luan": "Bình luận",
    "ban-tin": "Bản tin qua thư",
    "tai-khoan": "Tài khoản",
}
"""The forms that ask for consent, by their word in addresses."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing to agree to: its name in the code, its words on the form, and whether the form is of use without it."""

    name: str
    words: str
    is_required: bool


class ConsentText(models.Model):
    """A version of what readers are asked to agree to. Never edited once shown; a new wording is a new version.

    `text` stands above the boxes, `purposes` are the boxes: a list of {"name", "words", "is_required"}.
    """

    form = models.CharField("biểu mẫu", max_length=40)
    version = models.PositiveSmallIntegerField("lần sửa")
    text = models.TextField("lời dẫn", max_length=2000)
    purposes = models.JSONField("mục đích", default=list)
    shown_from = models.DateTimeField("dùng từ")

    class Meta:
        verbose_name = "lời xin đồng ý"
        verbose_name_plural = "lời xin đồng ý"
        constraints = [models.UniqueConstraint(fields=["form", "version"], name="consent_text_version_once")]

    def __str__(self) -> str:
        return f"{self.form}, lần {self.version}"

    @property
    def asked(self) -> tuple[Purpose, ...]:
        """The boxes. The first wordings had one box, whose words were the text."""
        if not all(isinstance(purpose, dict) for purpose in self.purposes) or not self.purposes:
            return (Purpose(name=(self.purposes or ["reply"])[0], words=self.text, is_required=True),)
        return tuple(Purpose(**purpose) for purpose in self.purposes)


class Consent(models.Model):
    """That a reader agreed: to which text, for which purposes, when, on which form.

    Whose it is: that of a contact, of an account, or both. What was taken back later is in `ConsentWithdrawal`;
    `withdrawn_at` is set once nothing of it is left.
    """

    contact = models.ForeignKey(ReaderContact, null=True, on_delete=models.CASCADE, related_name="consents")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    purposes = models.JSONField("mục đích đã chọn", default=list)
    given_at = models.DateTimeField("lúc")
    address = models.CharField("trang có biểu mẫu", max_length=300)
    withdrawn_at = models.DateTimeField("rút lại lúc", null=True)

    class Meta:
        verbose_name = "sự đồng ý"
        verbose_name_plural = "sự đồng ý"
        constraints = [
            models.CheckConstraint(
                condition=Q(contact__isnull=False) | Q(user__isnull=False), name="consent_is_somebodys"
            )
        ]

    def __str__(self) -> str:
        return f"Đồng ý số {self.pk}"


class ConsentWithdrawal(models.Model):
    """One purpose of a consent, taken back."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="withdrawals")
    purpose = models.CharField("mục đích", max_length=40)
    withdrawn_at = models.DateTimeField("rút lại lúc")

    class Meta:
        verbose_name = "sự rút lại đồng ý"
        verbose_name_plural = "sự rút lại đồng ý"
        constraints = [models.UniqueConstraint(fields=["consent", "purpose"], name="consent_withdrawn_once")]

    def __str__(self) -> str:
        return f"Rút lại số {self.pk}"
