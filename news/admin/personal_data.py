"""Personal data on the desk: requests with their clock, orders to keep, what was erased, the wordings of consent."""

from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from news.admin.desk import FormPageAdmin, ReadOnlyAdmin, staff
from news.forms.privacy_desk import CloseForm, EraseForm, HoldForm, RequestForm, WordingForm
from news.models import (
    CONSENT_FORMS,
    Consent,
    ConsentText,
    DataRequest,
    DataRequestKind,
    DataRequestState,
    ErasureRecord,
    LegalHold,
)
from news.queries import addresses
from news.services import consenting, holding, privacy, requesting, retaining
from news.workflow import NotAllowed


class StateFilter(SimpleListFilter):
    """How far a request is."""

    title = "tình trạng"
    parameter_name = "tinh-trang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All of them."""
        return list(DataRequestState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
        """Along the index of states."""
        return queryset.filter(state=self.value()) if self.value() in DataRequestState.values else queryset


class DataRequestAdmin(FormPageAdmin):
    """Requests of people about their own data; most are answered by the page at once."""

    list_display = ("number", "kind", "state", "received", "clock")
    list_filter = (StateFilter,)
    list_select_related = ("handled_by",)

    @admin.display(description="số")
    def number(self, row: DataRequest) -> int:
        """By what colleagues name it."""
        return row.pk

    @admin.display(description="nhận lúc")
    def received(self, row: DataRequest) -> str:
        """As the desk writes moments."""
        return addresses.clock(row.received_at, timezone.now())

    @admin.display(description="hạn")
    def clock(self, row: DataRequest) -> str:
        """What is to be done by when, or when it was done."""
        now = timezone.now()
        if row.completed_at is not None:
            return f"xong {addresses.clock(row.completed_at, now)}"
        if row.state == DataRequestState.SUSPENDED:
            return "tạm dừng theo lệnh giữ"
        if row.acknowledged_at is None:
            late = " (quá hạn)" if row.acknowledge_by < now else ""
            return f"xác nhận trước {addresses.clock(row.acknowledge_by, now)}{late}"
        late = " (quá hạn)" if row.complete_by < now else ""
        return f"làm xong trước {addresses.clock(row.complete_by, now)}{late}"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Note a request that did not come through the page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = RequestForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                row = requesting.take_in(
                    email=data["email"],
                    kind=DataRequestKind(data["kind"]),
                    note=data["note"],
                    actor=staff(request),
                    at=timezone.now(),
                )
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, "Đã ghi nhận yêu cầu. Hạn trả lời tính từ bây giờ.", messages.SUCCESS)
                return HttpResponseRedirect(self.address_of(row))
        status = 422 if form.is_bound else 200
        said = (
            "Ghi nhận yêu cầu đến bằng đơn, điện thoại hoặc trực tiếp. Người tự làm ở trang “Dữ liệu cá nhân của bạn”"
        )
        return self.show(
            request,
            "admin/news/datarequest/add_form.html",
            "Ghi nhận yêu cầu",
            status,
            form=form,
            said=f"{said} thì không cần ghi.",
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The request, and while it is open what may be done."""
        row = self.row(request, object_id)
        step = request.POST.get("_step", "") if request.method == "POST" else ""
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        closing = CloseForm(request.POST if step == "close" else None)
        erasing = EraseForm(request.POST if step == "erase" else None)
        if step:
            sent = {"close": closing, "erase": erasing}.get(step)
            if sent is None or sent.is_valid():
                try:
                    self.message_user(request, self._take(request, row, step, closing, erasing), messages.SUCCESS)
                except (NotAllowed, privacy.Held) as refusal:
                    self.refuse(request, str(refusal))
                return HttpResponseRedirect(self.address_of(row))
        is_open = row.state == DataRequestState.OPEN and self.has_change_permission(request)
        return self.show(
            request,
            "admin/news/datarequest/change_form.html",
            str(row),
            422 if step else 200,
            row=row,
            clock=self.clock(row),
            closing=closing if is_open else None,
            erasing=erasing if is_open and row.kind == DataRequestKind.ERASURE else None,
            can_acknowledge=is_open and row.acknowledged_at is None,
            back="Yêu cầu về dữ liệu cá nhân",
        )

    def _take(self, request: HttpRequest, row: DataRequest, step: str, closing: CloseForm, erasing: EraseForm) -> str:
        """Do it; what the user is told. Raises `NotAllowed`, `Held`."""
        order: dict[str, Any] = {"request_id": row.pk, "actor": staff(request), "at": timezone.now()}
        if step == "acknowledge":
            requesting.acknowledge(**order)
            return "Đã ghi: người yêu cầu đã được báo."
        if step == "close":
            requesting.close(**order, note=closing.cleaned_data["note"])
            return "Đã xong yêu cầu này."
        if step == "erase":
            done = requesting.erase_for(**order, email=erasing.cleaned_data["email"])
            return f"Đã xóa {done.total} mục; còn lại một dòng ở “Các lần xóa”, không có tên ai."
        raise NotAllowed("Không có việc này.")


NOTHING_YET: Final = "Hiện chưa có dữ liệu nào của địa chỉ này: hãy kiểm tra lại cách viết."


class LegalHoldAdmin(FormPageAdmin):
    """Orders to keep: who placed them, why, until when."""

    list_display = ("number", "reason", "covered", "placed_by", "placed_at", "ends")
    list_select_related = ("placed_by", "lifted_by")

    @admin.display(description="số")
    def number(self, hold: LegalHold) -> int:
        """By what colleagues name it."""
        return hold.pk

    @admin.display(description="dữ liệu lúc đặt")
    def covered(self, hold: LegalHold) -> str:
        """How much there was to keep: an address that was mistyped has nothing."""
        if hold.covers is None:
            return "chưa rõ"
        return f"{len(hold.covers)} loại, {sum(hold.covers.values())} mục" if hold.covers else "chưa có gì"

    @admin.display(description="hiệu lực")
    def ends(self, hold: LegalHold) -> str:
        """Until when it holds, or since when it does not."""
        if hold.lifted_at is not None:
            return f"đã bỏ {addresses.clock(hold.lifted_at, timezone.now())}"
        if hold.until is None:
            return "đến khi bỏ lệnh"
        is_over = hold.until < timezone.localdate()
        return f"{'đã hết ngày' if is_over else 'đến hết ngày'} {hold.until:%d/%m/%Y}"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Place an order."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = HoldForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                hold = holding.place(**form.cleaned_data, actor=staff(request), at=timezone.now())
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                if hold.covers == {}:
                    self.message_user(request, f"Đã đặt lệnh giữ. {NOTHING_YET}", messages.WARNING)
                else:
                    said = f"Đã đặt lệnh giữ ({self.covered(hold)}): dữ liệu này không bị xóa cho đến khi hết lệnh."
                    self.message_user(request, said, messages.SUCCESS)
                return HttpResponseRedirect(self.address_of(hold))
        return self.show(
            request,
            "admin/news/datarequest/add_form.html",
            "Đặt lệnh giữ dữ liệu",
            422 if form.is_bound else 200,
            form=form,
            said="Trong lúc giữ, cả người có dữ liệu lẫn thời hạn lưu giữ đều không xóa được. Người đó được báo rằng"
            " pháp luật yêu cầu tạm giữ, không được báo lý do.",
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The order, and the button that ends it."""
        hold = self.row(request, object_id)
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            try:
                holding.lift(hold_id=hold.pk, actor=staff(request), at=timezone.now())
            except NotAllowed as refusal:
                self.refuse(request, str(refusal))
            else:
                self.message_user(request, "Đã bỏ lệnh giữ. Yêu cầu xóa đang chờ sẽ được thực hiện trong lần dọn tới.")
            return HttpResponseRedirect(self.address_of(hold))
        return self.show(
            request,
            "admin/news/legalhold/change_form.html",
            str(hold),
            hold=hold,
            ends=self.ends(hold),
            covered=self.covered(hold),
            nothing_yet=NOTHING_YET if hold.covers == {} else "",
            can_lift=hold.lifted_at is None and self.has_change_permission(request),
            back="Lệnh giữ dữ liệu",
        )


class ErasureRecordAdmin(ReadOnlyAdmin):
    """What is left of what was erased: nothing of whose it was."""

    list_display = ("number", "erased_at", "reason", "actor", "counted")
    list_select_related = ("actor",)
    fields = ("erased_at", "reason", "actor", "note", "counted", "scrubbed_at")
    readonly_fields = ("counted",)

    @admin.display(description="số")
    def number(self, record: ErasureRecord) -> int:
        """By what colleagues name it."""
        return record.pk

    @admin.display(description="số mục")
    def counted(self, record: ErasureRecord) -> str:
        """How many rows of each kind."""
        return ", ".join(f"{name} {count}" for name, count in record.counts.items() if count) or "không có gì"


MANY = 1000


class ConsentTextAdmin(FormPageAdmin):
    """What readers are asked to agree to, in every wording; a new one is added, an old one never changed."""

    list_display = ("form_name", "version", "shown_from")

    @admin.display(description="biểu mẫu")
    def form_name(self, text: ConsentText) -> str:
        """In words."""
        return CONSENT_FORMS.get(text.form, text.form)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody agreed to stays as it was."""
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Choose a form, write, look at it, bring it into use."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        name = request.POST.get("bieu-mau") or request.GET.get("bieu-mau") or ""
        if name not in CONSENT_FORMS:
            return self.show(
                request, "admin/news/consenttext/choose.html", "Lời xin đồng ý mới", forms=CONSENT_FORMS.items()
            )
        now = timezone.now()
        form = WordingForm(request.POST or None, current=consenting.current(name, now))
        preview = None
        if request.method == "POST" and form.is_valid():
            preview = form.purposes()
            if "_preview" not in request.POST:
                try:
                    made = consenting.add_version(
                        form=name,
                        text=form.cleaned_data["text"],
                        purposes=preview,
                        actor=staff(request),
                        at=now,
                        shown_from=form.starts(now),
                    )
                except NotAllowed as refusal:
                    form.add_error(None, str(refusal))
                else:
                    self.log_addition(request, made, "Lời mới.")
                    self.message_user(request, f"Đã thêm lời mới cho biểu mẫu “{CONSENT_FORMS[name]}”.")
                    return HttpResponseRedirect(self.address_of(made))
        return self.show(
            request,
            "admin/news/consenttext/add_form.html",
            f"Lời xin đồng ý mới: {CONSENT_FORMS[name]}",
            422 if form.errors else 200,
            form=form,
            name=name,
            preview=preview,
            intro=form.cleaned_data.get("text", "") if preview else "",
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The wording as readers saw it, and how many agreed to it, up to a thousand."""
        text = self.row(request, object_id)
        if request.method == "POST":
            raise PermissionDenied
        count = len(Consent.objects.filter(text=text).order_by().values_list("pk")[: MANY + 1])
        return self.show(
            request,
            "admin/news/consenttext/change_form.html",
            f"{self.form_name(text)}, lần {text.version}",
            text=text,
            form_name=self.form_name(text),
            count=f"hơn {MANY}" if count > MANY else str(count),
            back="Lời xin đồng ý",
            rules=retaining.RULES,
        )
