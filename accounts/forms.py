"""Forms about users: making one, changing one, setting a password."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm, SetPasswordForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from accounts import roles
from accounts.models import User


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
