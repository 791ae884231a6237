"""Delegations and who attended: frozen as printed on the day of the event."""

from django.db import models
from django.db.models import F, Q

from news.models.organisation import Organisation
from news.models.person import Person


class Delegation(models.Model):
    """A visit: who came, to whom, where, when and why. One delegation may be told in several articles."""

    name = models.CharField("tên đoàn", max_length=250)
    name_key = models.CharField("khóa so sánh", max_length=330, editable=False, db_index=True)
    visiting_organisation = models.ForeignKey(
        Organisation,
        verbose_name="cơ quan cử đoàn",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="delegations_sent",
    )
    host_organisation = models.ForeignKey(
        Organisation,
        verbose_name="cơ quan tiếp đoàn",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="delegations_received",
    )
    places = models.TextField("nơi làm việc", blank=True, help_text="Mỗi dòng một nơi.")
    from_on = models.DateField("từ ngày", null=True, blank=True)
    to_on = models.DateField("đến ngày", null=True, blank=True)
    date_text = models.CharField(
        "ngày, ghi bằng chữ",
        max_length=80,
        blank=True,
        help_text="Chỉ điền khi không biết ngày chính xác, ví dụ: “quý III năm 2017”.",
    )
    purpose = models.CharField("nội dung", max_length=500, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="đã gộp vào",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_from",
    )

    class Meta:
        verbose_name = "đoàn công tác"
        verbose_name_plural = "đoàn công tác"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="delegation_name_not_blank"),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(from_on__isnull=False, from_on__lte=F("to_on")),
                name="delegation_days_in_order",
                violation_error_message="Ngày kết thúc phải sau ngày bắt đầu.",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="delegation_not_merged_into_itself"),
        ]
        indexes = [models.Index(fields=["-from_on", "-id"], name="delegation_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def place_list(self) -> list[str]:
        """The places, one string each."""
        return [line.strip() for line in self.places.splitlines() if line.strip()]


class Side(models.TextChoices):
    """Which party somebody belonged to (closed list of the language specification)."""

    DELEGATION = "delegation", "Đoàn công tác"
    HOST = "host", "Bên tiếp"
    UNKNOWN = "unknown", "Không phân bên"


class Role(models.TextChoices):
    """What somebody did there (closed list of the language specification, highest first)."""

    HEAD = "trưởng đoàn", "Trưởng đoàn"
    DEPUTY_HEAD = "phó trưởng đoàn", "Phó trưởng đoàn"
    CHAIR = "chủ trì", "Chủ trì"
    RECEIVE = "tiếp", "Tiếp"
    VISIT = "thăm, làm việc", "Thăm, làm việc"
    MEMBER = "thành viên đoàn", "Thành viên đoàn"
    ATTEND = "tham dự", "Tham dự"
    CONCLUDE = "phát biểu kết luận", "Phát biểu kết luận"
    REPORT = "báo cáo", "Báo cáo"
    SPEAK = "phát biểu", "Phát biểu"
    DIRECT = "chỉ đạo", "Chỉ đạo"


class Attendee(models.Model):
    """One line of the list: a person with the positions of that day, or a group that is not named."""

    delegation = models.ForeignKey(Delegation, on_delete=models.CASCADE, related_name="attendees")
    person = models.ForeignKey(
        Person,
        verbose_name="nhân sự",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attendances",
    )
    name = models.CharField("tên như khi in", max_length=120, blank=True)
    positions = models.TextField(
        "chức vụ hôm đó",
        blank=True,
        help_text="Mỗi dòng một chức vụ. Bỏ trống: lấy các chức vụ còn hiệu lực vào ngày làm việc.",
    )
    group = models.CharField(
        "nhóm không nêu tên",
        max_length=300,
        blank=True,
        help_text="Ví dụ: đại diện lãnh đạo một số sở, ngành.",
    )
    side = models.CharField("bên", max_length=10, choices=Side, default=Side.DELEGATION)
    role = models.CharField("vai trò", max_length=20, choices=Role, default=Role.ATTEND)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)

    class Meta:
        verbose_name = "đại biểu"
        verbose_name_plural = "thành phần tham dự"
        constraints = [
            models.CheckConstraint(
                condition=(Q(person__isnull=False) & ~Q(name="") & Q(group=""))
                | (Q(person=None, name="", positions="") & ~Q(group="")),
                name="attendee_person_or_group",
                violation_error_message="Mỗi dòng là một người hoặc một nhóm không nêu tên, không phải cả hai.",
            ),
            models.UniqueConstraint(
                fields=["delegation", "person"],
                name="attendee_person_once",
                violation_error_message="Người này đã có trong đoàn.",
            ),
            models.UniqueConstraint(
                fields=["delegation"],
                condition=Q(role=Role.HEAD),
                name="attendee_one_head",
                violation_error_message="Một đoàn chỉ có một trưởng đoàn.",
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="attendee_side_known"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="attendee_role_known"),
        ]
        indexes = [models.Index(fields=["delegation", "order", "id"], name="attendee_in_order")]

    def __str__(self) -> str:
        return self.name or self.group

    @property
    def position_list(self) -> list[str]:
        """The positions as printed, one string each."""
        return [line.strip() for line in self.positions.splitlines() if line.strip()]
