"""Forms about users: making one, changing one, setting a password; registering, by oneself or through another site."""

from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm, SignupForm
from allauth.account.models import EmailAddress
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.socialaccount.forms import SignupForm as SocialSignupForm
from django import forms
from django.contrib.auth.forms import BaseUserCreationForm, SetPasswordForm
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils import timezone
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts import roles
from accounts.models import User
from accounts.names import LONGEST, clean_name, plain_line


class BoundedChoices(forms.ModelMultipleChoiceField):
    """Several rows by number; a number that no database column holds is no choice, like any other foreign one."""

    def clean(self, value: Any) -> Any:
        """The chosen rows. Raises `ValidationError`."""
        for item in value if isinstance(value, list | tuple) else ():
            if len(str(item)) > 18:
                message = self.error_messages["invalid_choice"]
                raise ValidationError(message, code="invalid_choice", params={"value": str(item)[:20]})
        return super().clean(value)


class RolesField(BoundedChoices):
    """The roles of the table, and nothing else."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Group.objects.filter(name__in=[role.name for role in roles.ROLES]).order_by("id"),
            label="Vai trò",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )


class UserFormMixin(forms.ModelForm):
    """What both forms share."""

    def clean_username(self) -> str:
        """Names are kept in lower case."""
        return str(self.cleaned_data["username"]).strip().lower()

    def clean_full_name(self) -> str:
        """See `names.clean_name`."""
        return clean_name(str(self.cleaned_data["full_name"]))

    def clean(self) -> dict[str, Any] | None:
        """Who is given the desk joins the newsroom now: from here the time to set up a second factor runs."""
        data: dict[str, Any] | None = super().clean()
        if self.cleaned_data.get("is_staff"):
            self.instance.join_staff(timezone.now())
        return data

    def clean_email(self) -> str | None:
        """No address is NULL; mail headers are not smuggled in."""
        email = str(self.cleaned_data.get("email") or "").strip().lower()
        if "=?" in email:
            raise forms.ValidationError("Địa chỉ thư không hợp lệ.")
        return email or None


class UserForm(UserFormMixin):
    """Change a user; the password has a page of its own."""

    groups = RolesField()

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["username", "full_name", "email", "phone", "is_active", "is_staff", "groups"]


class NewUserForm(UserFormMixin, BaseUserCreationForm):
    """Make a user, who may come to the desk unless one says otherwise."""

    groups = RolesField()
    is_staff = forms.BooleanField(label="Được vào bàn làm việc", required=False, initial=True)

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["username", "full_name", "email", "phone", "is_active", "is_staff", "groups"]


class PasswordForm(SetPasswordForm):
    """Set a user's password, twice."""


class RegistrationFields(forms.Form):
    """What both ways of registering ask for besides the address; nothing else that a form brings is looked at."""

    full_name = forms.CharField(
        label="Tên hiển thị",
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Mọi người thấy tên này bên bình luận của bạn.",
    )
    website = forms.CharField(required=False, max_length=200, label="Bỏ trống ô này")

    def clean_full_name(self) -> str:
        """See `names.clean_readers_name`; the adapter knows what the newspaper is called."""
        return str(get_adapter().clean_full_name(str(self.cleaned_data["full_name"])))


class RegistrationForm(RegistrationFields, SignupForm):  # type: ignore[misc]  # allauth ships no types
    """A reader makes an account: name, address, password."""

    field_order = ["full_name", "email", "password1", "website"]
    hashed = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = "Ít nhất 12 ký tự, không giống tên hay địa chỉ thư, không dễ đoán."

    def clean(self) -> dict[str, Any]:
        """The password is hashed here, whether the address has an account or not, and before anything is written."""
        super().clean()
        if not self.errors:
            self.hashed = make_password(self.cleaned_data["password1"])
        return self.cleaned_data


class SocialRegistrationForm(RegistrationFields, SocialSignupForm):  # type: ignore[misc]
    """A reader makes an account on coming from another site."""

    field_order = ["full_name", "email", "website"]


class AnotherAddressForm(AddEmailForm):  # type: ignore[misc]  # allauth ships no types
    """Ask for another address."""

    def save(self, request: Any) -> Any:
        """The account keeps the address it has until the new one is verified, whether or not it ever verified its own.

        allauth would take an address that an administrator wrote away from the account, with the row made of it.
        """
        EmailAddress.objects.filter(user_id=self.user.pk, verified=False).delete()
        return super().save(request)


class CredentialField(forms.JSONField):
    """What a browser answers when it is asked for a passkey; allauth's own lets some nonsense through to an error."""

    widget = forms.HiddenInput

    def __init__(self, answer: type[AuthenticationResponse | RegistrationResponse]) -> None:
        self.answer = answer
        super().__init__(required=True)

    def clean(self, value: Any) -> Any:
        """The answer as it came. Raises `ValidationError` for what is none."""
        if len(str(value or "")) > 20_000:
            raise ValidationError("Khóa truy cập không đúng.")
        data = super().clean(value)
        try:
            self.answer.from_dict(data)
        except (AttributeError, LookupError, TypeError, ValueError):
            raise ValidationError("Khóa truy cập không đúng.", code="invalid") from None
        return data


class PasskeyLogInForm(LoginWebAuthnForm):  # type: ignore[misc]
    """Log in by a passkey alone."""

    credential = CredentialField(AuthenticationResponse)


class PasskeyStepForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """Show a passkey after the password."""

    credential = CredentialField(AuthenticationResponse)


class PasskeyAgainForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Show a passkey once more."""

    credential = CredentialField(AuthenticationResponse)


class PasskeyNameField(forms.CharField):
    """What a passkey is called: whatever its owner likes, on one line (`names.plain_line`)."""

    def __init__(self, *, required: bool = True) -> None:
        widget = forms.TextInput(attrs={"maxlength": LONGEST})
        super().__init__(label="Tên khóa", required=required, widget=widget)

    def clean(self, value: Any) -> str:
        """Never refused, but for nothing at all where a name is needed."""
        return str(super().clean(plain_line(str(value or ""))))


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey is added: what it is called, and whether it stands in for the password too."""

    credential = CredentialField(RegistrationResponse)

    name = PasskeyNameField(required=False)
    passwordless = forms.BooleanField(
        label="Dùng khóa này thay cả mật khẩu",
        required=False,
        initial=True,
        help_text="Máy sẽ hỏi vân tay, khuôn mặt hoặc mã khóa màn hình. Bỏ dấu nếu khóa cắm ngoài không có mã PIN.",
    )

    def clean(self) -> dict[str, Any]:
        """The device has made the key by now: only what the key itself says is looked at. Raises `ValidationError`."""
        try:
            data: dict[str, Any] = super().clean()
        except ValidationError:
            raise ValidationError(
                "Chưa thêm được khóa này. Hãy thử lại; nếu khóa không có mã PIN hay vân tay thì bỏ dấu ở ô bên dưới."
            ) from None
        return data


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    """A passkey is called something else."""

    name = PasskeyNameField()
