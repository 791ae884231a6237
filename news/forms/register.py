"""Forms of the register: people, organisations, tags, authors; and of sections, which have an address of their own."""

from typing import Any

from django import forms

from news.text.slug import slugify


class RegisterForm(forms.ModelForm):
    """A line of the register. An address left open is made from the name; merging goes one step, never a chain."""

    def clean(self) -> dict[str, Any]:
        """Fill in the address and look at the merger."""
        data = super().clean() or self.cleaned_data
        if "slug" in self.fields and not data.get("slug") and data.get("name"):
            data["slug"] = slugify(data["name"], 80)
            if not data["slug"]:
                self.add_error("slug", "Không đặt được địa chỉ theo tên này: hãy tự ghi (chữ thường không dấu).")
        target = data.get("merged_into")
        if target is not None:
            if target.pk == self.instance.pk:
                self.add_error("merged_into", "Không gộp một mục vào chính nó.")
            elif self.instance.pk and self.instance.merged_from.exists():
                self.add_error("merged_into", "Đã có mục khác gộp vào mục này: hãy chuyển các mục đó trước.")
        return data
