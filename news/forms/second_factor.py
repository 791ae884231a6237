"""Taking away somebody's second factor: why."""

from django import forms

from news.forms.fields import LineField


class ResetForm(forms.Form):
    """The reason, which the person and the editors-in-chief read."""

    reason = LineField(
        label="Lý do",
        max_length=300,
        help_text="Người này và tổng biên tập nhận thư có lý do bạn ghi; lý do cũng vào nhật ký.",
    )
