"""Static files under hashed names, JavaScript modules that import each other included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]  # it has no types


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # see above
    """As WhiteNoise has it, and imports between modules name the hashed files: after a release no browser puts a new
    module beside an old one out of its cache.
    """

    support_js_module_import_aggregation = True
