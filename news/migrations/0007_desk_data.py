"""What the desk starts with: pictures already made count as made; three templates for new articles."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F

TEMPLATES = [
    {
        "name": "Tin hội nghị, cuộc họp",
        "hint": "Một cuộc họp, hội nghị, phiên làm việc: ai chủ trì, bàn gì, kết luận thế nào.",
        "title": "[Cơ quan] họp [về việc gì]",
        "lead": "Sáng [ngày/tháng], [cơ quan] tổ chức [tên cuộc họp]. Đồng chí [họ tên, chức vụ] chủ trì.",
        "body": (
            "<p>Cùng dự có các đồng chí: [họ tên, chức vụ].</p>"
            "<p>Theo báo cáo tại cuộc họp, [kết quả chính, kèm số liệu].</p>"
            "<p>Các đại biểu tập trung thảo luận [những vấn đề gì].</p>"
            "<p>Kết luận cuộc họp, đồng chí [họ tên] yêu cầu [những việc phải làm, ai làm, bao giờ xong].</p>"
        ),
        "genre": "news",
        "order": 1,
    },
    {
        "name": "Tin đoàn công tác",
        "hint": "Một đoàn đến làm việc: ai đến, ai tiếp, làm việc ở đâu, kết luận gì.",
        "title": "Đoàn công tác [cơ quan] làm việc tại [nơi]",
        "lead": (
            "Ngày [ngày/tháng], đoàn công tác [cơ quan] do đồng chí [họ tên, chức vụ] làm trưởng đoàn"
            " làm việc tại [nơi] về [việc gì]."
        ),
        "body": (
            "<p>Tiếp và làm việc với đoàn có các đồng chí: [họ tên, chức vụ].</p>"
            "<p>Đoàn đã [khảo sát, kiểm tra, thăm những nơi nào].</p>"
            "<p>Tại buổi làm việc, [cơ quan] báo cáo [tình hình, kết quả, kiến nghị].</p>"
            "<p>Đồng chí trưởng đoàn [ghi nhận, đề nghị những gì].</p>"
        ),
        "genre": "news",
        "opens_delegation": True,
        "order": 2,
    },
    {
        "name": "Tin ngắn",
        "hint": "Vài câu cho một việc vừa diễn ra.",
        "title": "[Việc gì] ở [đâu]",
        "lead": "[Ai] vừa [làm gì], [ở đâu], [khi nào].",
        "body": "<p>[Một hai câu về kết quả, con số, người trong cuộc.]</p>",
        "genre": "news",
        "order": 3,
    },
]


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("news", "Image").objects.filter(rendered_at=None).update(rendered_at=F("created_at"))
    template = apps.get_model("news", "ArticleTemplate")
    for row in TEMPLATES:
        template.objects.get_or_create(name=row["name"], defaults=row)


class Migration(migrations.Migration):
    dependencies = [("news", "0006_desk")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
