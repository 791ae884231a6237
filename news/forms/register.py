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


class ImageUploadForm(forms.Form):
    """A new picture for the library."""

    upload = forms.FileField(
        label="Tệp ảnh",
        help_text="JPEG, PNG hoặc WebP, tối đa 25 MB. Vị trí chụp và thông tin máy ảnh sẽ bị xóa khỏi ảnh.",
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
        max_length=255,
        error_messages={"empty": "Tệp này rỗng.", "max_length": "Tên tệp quá dài."},
    )
    alt = forms.CharField(
        label="Mô tả cho người không nhìn thấy ảnh",
        max_length=300,
        required=False,
        help_text="Nói ảnh cho thấy gì, một câu.",
        widget=forms.TextInput({"size": 80}),
    )
    caption = forms.CharField(label="Chú thích", max_length=500, required=False, widget=forms.TextInput({"size": 80}))
    credit = forms.CharField(label="Tác giả ảnh, nguồn", max_length=120, required=False)
