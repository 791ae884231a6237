"""Forms about users: making one, changing one, setting a password."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm, SetPasswordForm
from django.contrib.auth.models import Group

from accounts import roles
from accounts.models import User


class RolesField(forms.ModelMultipleChoiceField):
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
