"""The name by which other readers see somebody."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from news.forms.profile import ProfileForm
from news.services import naming
from news.web import frame, reader_of, reader_page


@reader_page
def reader_profile(request: HttpRequest) -> HttpResponseBase:
    """The form; what was typed stays when it is no name. Colleagues' names are the administrators' to write."""
    user = reader_of(request)
    refusal, status = "", 200
    form = ProfileForm(request.POST if request.method == "POST" else None, initial={"full_name": user.full_name})
    if request.method == "POST":
        if form.is_valid():
            naming.rename(user_id=user.pk, name=form.cleaned_data["full_name"])
            return redirect(f"{request.path}?xong=1")
        refusal, status = "Chưa lưu được: hãy xem ô được đánh dấu.", 422
    context = {
        "site": frame(),
        "heading": "Hồ sơ",
        "form": form,
        "refusal": refusal,
        "is_fixed": user.is_staff,
        "done": request.GET.get("xong") == "1",
    }
    return render(request, "news/account/reader_profile.html", context, status=status)
