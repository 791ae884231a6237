"""For those who watch the process: does it live, can it serve."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from news.web import read_only


@read_only
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@read_only
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and has every migration, else 503. Never a reason to eject a node."""
    try:
        executor = MigrationExecutor(connection)
        pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error:
        return JsonResponse({"database": "down"}, status=503)
    status = 503 if pending else 200
    return JsonResponse({"database": "up", "migrations": "pending" if pending else "applied"}, status=status)
