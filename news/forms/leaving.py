"""What a reader confirms before the account goes."""

from django import forms


class LeavingForm(forms.Form):
    """One box."""

    sure = forms.BooleanField(
        label="Tôi hiểu rằng tài khoản và dữ liệu của tôi bị xóa hẳn, không lấy lại được.",
        error_messages={"required": "Hãy đánh dấu ô này nếu bạn chắc chắn muốn xóa."},
    )
