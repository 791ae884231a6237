"""Where letters were sent under the first wording, with one box for everything, the next version asks for each purpose."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

TEXT = (
    "Tòa soạn chỉ dùng thông tin bạn ghi ở trên cho những việc bạn đánh dấu dưới đây. Bạn xem, sửa, rút lại hoặc"
    " xóa được bất cứ lúc nào."
)
PURPOSES = [
    {
        "name": "reply",
        "words": "Tôi đồng ý để tòa soạn lưu họ tên, thư điện tử, điện thoại và địa chỉ tôi ghi ở đây để xử lý và trả"
        " lời phản hồi này.",
        "is_required": True,
    },
    {
        "name": "forward",
        "words": "Tôi đồng ý để tòa soạn chuyển thư này kèm thông tin liên hệ tới cơ quan có trách nhiệm giải quyết.",
        "is_required": False,
    },
    {
        "name": "publish",
        "words": "Tôi đồng ý để tòa soạn đăng nội dung thư và lời đáp, không kèm họ tên và thông tin liên hệ của tôi.",
        "is_required": False,
    },
]


def ask_for_each_purpose(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Nothing where there is no wording yet, or where it asks for each already."""
    wordings = apps.get_model("news", "ConsentText").objects.filter(form="phan-hoi")
    newest = wordings.order_by("-version").first()
    if newest is None or any(isinstance(purpose, dict) for purpose in newest.purposes):
        return
    wordings.create(
        form="phan-hoi", version=newest.version + 1, text=TEXT, purposes=PURPOSES, shown_from=timezone.now()
    )


class Migration(migrations.Migration):
    """After the tables are there."""

    dependencies = [("news", "0014_comment_indexes")]

    operations = [migrations.RunPython(ask_for_each_purpose, migrations.RunPython.noop)]
