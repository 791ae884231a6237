"""Where the desk's forms send a chosen file at once, and where the desk looks at files that are not public."""

from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from news import filetypes
from news.admin.desk import may, staff
from news.services import filing
from news.services.filing import BadFile
from news.services.sealing import ATTACHMENTS, RECORDINGS, stored_name
from news.web import stored_file
from news.workflow import NotAllowed

KINDS = filing.DOCUMENTS | filing.PLAYED


@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """Check the file `tep` of one of the kinds `loai` and hold it: its token and what it is, or 422 and why not."""
    upload = request.FILES.get("tep")
    kinds = set(request.POST.get("loai", "").split()) & KINDS
    if upload is None or not kinds:
        return JsonResponse({"message": "Hãy chọn tệp."}, status=422)
    try:
        held = filing.hold(upload=upload, kinds=kinds, actor=staff(request))
    except BadFile as error:
        return JsonResponse({"message": str(error)}, status=422)
    except NotAllowed as error:
        return JsonResponse({"message": str(error)}, status=403)
    return JsonResponse({"token": held.token, "name": held.name, "kind": held.type.kind, "words": held.words})


@require_safe
def stored(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """A document for who may open articles, a recording for who may look through the library; public or not."""
    found = filetypes.BY_EXTENSION.get(name.rpartition(".")[2])
    if found is None:
        raise Http404
    # What the user's own form holds but has not saved yet is there too: the reader's view beside the form leads to it.
    is_document = found.kind == filetypes.DOCUMENT
    if not may(request.user, "news.view_article" if is_document else "news.view_recording"):
        raise PermissionDenied
    kept = stored_name(ATTACHMENTS if is_document else RECORDINGS, key, found.content_type)
    waiting = filing.held_name(staff(request).pk, key, found.extension)
    return stored_file(
        request,
        storage="private",
        name=kept if storages["private"].exists(kept) else waiting,
        etag=f'"{key}"',
        content_type=found.content_type,
        headers={
            "Cache-Control": "private, max-age=3600",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": content_disposition_header(is_document, name) or "inline",
        },
    )
