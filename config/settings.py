"""Settings of Tòa soạn: one file, and the only place that reads the environment.

Every variable is listed with its meaning in `.env.example`; without any of them the site runs embedded
(SQLite, files, mail written to a folder) and refuses to pretend to be a production site.
"""

from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if not env.bool("NO_DOTENV", default=False):
    environ.Env.read_env(BASE_DIR / ".env")

# --- What this site is -------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE_TYPE = env("SITE_TYPE", default="press")
SITE_TYPES = {
    "press": "Báo điện tử",
    "portal": "Cổng, trang thông tin điện tử của cơ quan nhà nước",
    "aggregated": "Trang thông tin điện tử tổng hợp",
    "internal": "Trang thông tin điện tử nội bộ",
}
if SITE_TYPE not in SITE_TYPES:
    raise ImproperlyConfigured(f"SITE_TYPE must be one of {', '.join(SITE_TYPES)}, not {SITE_TYPE!r}.")

_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname:
    raise ImproperlyConfigured(f"SITE_URL must be an http(s) address, not {SITE_URL!r}.")
IS_HTTPS = _site.scheme == "https"

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "data")))
DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- Keys --------------------------------------------------------------------------------------
# SECRET_KEY signs sessions and tokens; LEDGER_KEY (32 bytes, base64) signs the ledger's head and must not
# live in the database; READER_KEYS (comma-separated Fernet keys, newest first) encrypt readers' contact details and
# READER_LOOKUP_KEY makes the keyed digest by which a letter is found again. `make run` writes all four into .env.

SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
LEDGER_KEY = env("LEDGER_KEY")
READER_KEYS = env.list("READER_KEYS")
READER_LOOKUP_KEY = env("READER_LOOKUP_KEY")

# --- Applications ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "news",
    "config.apps.NewsroomAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "django_prose_editor",
    "django_tasks_db",
]

MIDDLEWARE = [
    "news.middleware.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "news.middleware.RequestHygieneMiddleware",
    "news.middleware.PublicPageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

# One installation is one newspaper; standing pages (flatpages) hang on this row, which migrations make.
SITE_ID = 1

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "news.web.named",
            ],
        },
    },
]

FORM_RENDERER = "news.forms.rendering.WrittenOut"

# --- Data --------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'toasoan.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write takes the write lock at its start, so two writers wait for each other
    # instead of failing half-way. FULL: what was acknowledged survives a power cut. secure_delete: erased means erased.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;"
            "PRAGMA foreign_keys=ON;PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;"
        ),
    }
    _database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "pool": {
            "min_size": env.int("DATABASE_POOL_MIN", default=1),
            "max_size": env.int("DATABASE_POOL_MAX", default=8),
            "timeout": 10,
        },
    }
    _database["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        # Room for the limits and the marks of recent views: with the default of 300 a stranger could flush them out.
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "toasoan",
            "OPTIONS": {"MAX_ENTRIES": 200_000},
        }
    )
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# --- Files -------------------------------------------------------------------------------------
# "private" keeps originals and attachments and is never served; "public" keeps the renditions that editions use.
# Both are folders below DATA_DIR, or two prefixes of one S3-compatible bucket.

S3_BUCKET = env("S3_BUCKET", default="")


def _media_storage(prefix: str) -> dict[str, object]:
    if not S3_BUCKET:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(DATA_DIR / prefix), "base_url": None},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env("S3_ENDPOINT_URL", default=None),
            "region_name": env("S3_REGION", default=None),
            "access_key": env("S3_ACCESS_KEY", default=None),
            "secret_key": env("S3_SECRET_KEY", default=None),
            "location": prefix,
            "default_acl": "private",
            "file_overwrite": True,
        },
    }


STORAGES = {
    "default": _media_storage("private"),
    "private": _media_storage("private"),
    "public": _media_storage("public"),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "config.static_files.HashedStaticFiles"
        )
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_MAX_AGE = 3600
# Pages name pictures below this address. A content delivery network that pulls from /media/ may stand here.
MEDIA_BASE_URL = env("MEDIA_BASE_URL", default="/media/").rstrip("/") + "/"
MEDIA_URL = "/media/"
IMAGE_MAX_BYTES = 25 * 1024 * 1024
IMAGE_MAX_PIXELS = 50_000_000
# What the desk takes by kind of file (news.filetypes), in bytes, and how many documents one article carries.
FILE_MAX_BYTES = {
    "document": env.int("DOCUMENT_MAX_MB", default=20) * 1024 * 1024,
    "audio": env.int("AUDIO_MAX_MB", default=100) * 1024 * 1024,
    "video": env.int("VIDEO_MAX_MB", default=500) * 1024 * 1024,
}
ATTACHMENTS_MOST = 20
# Bytes of files that one person has chosen and not saved yet.
FILES_HELD_MAX_BYTES = env.int("FILES_HELD_MAX_GB", default=5) * 1024**3
# What strangers may enclose in a letter: the largest file, and the largest request with three, on that form alone.
LETTER_FILE_MAX_BYTES = 5 * 1024 * 1024
LETTER_UPLOAD_MAX_BYTES = 3 * LETTER_FILE_MAX_BYTES + 1024 * 1024
# The largest request with files, refused before it is read: whoever is not logged in at the desk brings no others.
UPLOAD_MAX_BYTES = max(FILE_MAX_BYTES.values()) + 16 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "news.web.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Pictures are decoded and documents checked in processes of their own (news.limited), of each kind so many at once on a
# machine, each with so many bytes of memory, seconds of CPU time, bytes of a file written, and seconds by the clock.
IMAGE_PROCESSES = 2
IMAGE_PROCESS_MEMORY = 2 * 1024**3
IMAGE_PROCESS_SECONDS = 60
IMAGE_PROCESS_FILE_SIZE = 400 * 1024**2
IMAGE_PROCESS_WALL = 90
DOCUMENT_PROCESSES = 2
DOCUMENT_PROCESS_MEMORY = 512 * 1024**2
DOCUMENT_PROCESS_SECONDS = 20
DOCUMENT_PROCESS_FILE_SIZE = 200 * 1024**2
DOCUMENT_PROCESS_WALL = 40
ANCHOR_DIR = Path(env("ANCHOR_DIR", default=str(DATA_DIR / "anchors")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
# An article with several delegations of some hundred people; the bytes above bound what it costs.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640

# --- Mail --------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env("MAIL_FROM", default=f"toasoan@{_site.hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ADMINS = env.list("ADMIN_EMAILS", default=[])
_mail = env.email_url("MAIL_URL", default="filemail://")
if _mail["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend":
    MAILERS = {
        "default": {"BACKEND": _mail["EMAIL_BACKEND"], "OPTIONS": {"file_path": str(DATA_DIR / "mail")}},
    }
else:
    MAILERS = {
        "default": {
            "BACKEND": _mail["EMAIL_BACKEND"],
            "OPTIONS": {
                "host": _mail["EMAIL_HOST"],
                "port": _mail["EMAIL_PORT"],
                "username": _mail["EMAIL_HOST_USER"],
                "password": _mail["EMAIL_HOST_PASSWORD"],
                "use_tls": _mail.get("EMAIL_USE_TLS", False),
                "use_ssl": _mail.get("EMAIL_USE_SSL", False),
                "timeout": 20,
            },
        },
    }

# A provider that takes mail by its own interface in place of SMTP: its name in django-anymail ("mailgun", "postmark"),
# and what it needs to know ("api_key=…,sender_domain=…"). It reports what came back to /ban-tin/thu-tra-lai/, with the
# secret ("user:password") that nobody else has; without one there is no such address.
ANYMAIL_ESP = env("ANYMAIL_ESP", default="")
if ANYMAIL_ESP:
    if not ANYMAIL_ESP.replace("_", "").isalnum():
        raise ImproperlyConfigured(f"ANYMAIL_ESP must be the name of a django-anymail backend, not {ANYMAIL_ESP!r}.")
    INSTALLED_APPS += ["anymail"]
    MAILERS = {
        "default": {
            "BACKEND": f"anymail.backends.{ANYMAIL_ESP}.EmailBackend",
            "OPTIONS": env.dict("ANYMAIL_OPTIONS", default={}),
        },
    }
ANYMAIL_WEBHOOK_SECRET = env("ANYMAIL_WEBHOOK_SECRET", default="")
ANYMAIL = {
    "REQUESTS_TIMEOUT": (10, 20),
    **({"WEBHOOK_SECRET": ANYMAIL_WEBHOOK_SECRET} if ANYMAIL_WEBHOOK_SECRET else {}),
}

# --- Accounts ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# One backend, which is Django's own and more: two would hash each wrong password twice.
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/tai-khoan/"
LOGOUT_REDIRECT_URL = "home"
# Whether readers may make accounts of their own.
REGISTRATION_OPEN = env.bool("REGISTRATION_OPEN", default=True)
# How many months after the last log-in a reader's account is erased, a month after its owner was told; 0: never.
READER_ACCOUNT_MONTHS = env.int("READER_ACCOUNT_MONTHS", default=24)
if READER_ACCOUNT_MONTHS != 0 and not 3 <= READER_ACCOUNT_MONTHS <= 120:
    raise ImproperlyConfigured("READER_ACCOUNT_MONTHS must be 0, or a number of months from 3 to 120.")
ACCOUNT_ADAPTER = "news.views.account.adapter.NewsroomAccountAdapter"
ACCOUNT_USER_DISPLAY = "accounts.models.display_name"
ACCOUNT_FORMS = {"add_email": "accounts.forms.AnotherAddressForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # of readers: accounts.stages
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that registered; the second factor comes after
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key,20/h/key",
    "signup": "20/h/ip",
    "reset_password": "20/h/ip,5/h/key",
    "confirm_email": "1/m/key",
}
# What may tell by its time that an account exists answers no sooner than this.
ANSWER_SECONDS = 0.6

# The second factor: the newsroom's people have this long from their first day; afterwards the desk opens only with one.
STAFF_MFA_GRACE_DAYS = env.int("STAFF_MFA_GRACE_DAYS", default=14)
if not 0 <= STAFF_MFA_GRACE_DAYS <= 36500:
    raise ImproperlyConfigured("STAFF_MFA_GRACE_DAYS must be a number of days from 0 to 36500.")
MFA_ADAPTER = "news.views.account.adapter.NewsroomMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "accounts.forms.PasskeyForm",
    "edit_webauthn": "accounts.forms.PasskeyNameForm",
    "login_webauthn": "accounts.forms.PasskeyLogInForm",
    "authenticate_webauthn": "accounts.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TRUST_ENABLED = False  # no "trust this browser": the second factor is asked at every log-in
# Readers with an unverified address do not get in at all, and the newsroom's people need none.
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_TRACK_ACTIVITY = False

# Log-in through other sites: off unless SOCIAL_PROVIDERS names some of google, facebook, openid_connect.
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "openid"
_openid = env("SOCIAL_OPENID_SERVER_URL", default="")
_SOCIAL: dict[str, tuple[dict[str, object], list[str], dict[str, object]]] = {
    "google": (
        {"client_id": env("SOCIAL_GOOGLE_ID", default=""), "secret": env("SOCIAL_GOOGLE_SECRET", default="")},
        ["https://accounts.google.com"],
        {"SCOPE": ["profile", "email"], "AUTH_PARAMS": {"access_type": "online"}, "OAUTH_PKCE_ENABLED": True},
    ),
    "facebook": (
        {"client_id": env("SOCIAL_FACEBOOK_ID", default=""), "secret": env("SOCIAL_FACEBOOK_SECRET", default="")},
        ["https://www.facebook.com"],
        {"METHOD": "oauth2", "SCOPE": ["email", "public_profile"], "FIELDS": ["id", "name", "email"]},
    ),
    "openid_connect": (
        {
            "provider_id": env("SOCIAL_OPENID_KEY", default="openid"),
            "name": env("SOCIAL_OPENID_NAME", default="OpenID"),
            "client_id": env("SOCIAL_OPENID_ID", default=""),
            "secret": env("SOCIAL_OPENID_SECRET", default=""),
            "settings": {"server_url": _openid, "oauth_pkce_enabled": True},
        },
        env.list("SOCIAL_OPENID_ORIGINS", default=["/".join(_openid.split("/")[:3])]),
        {},
    ),
}
_social_names = env.list("SOCIAL_PROVIDERS", default=[])
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, object]] = {}
SOCIAL_ORIGINS: list[str] = []
for _name in _social_names:
    if _name not in _SOCIAL:
        raise ImproperlyConfigured(f"SOCIAL_PROVIDERS must be some of {', '.join(_SOCIAL)}, not {_name!r}.")
    _app, _origins, _options = _SOCIAL[_name]
    if not _app["client_id"] or (_name == "openid_connect" and not _openid.startswith("https://")):
        raise ImproperlyConfigured(f"SOCIAL_PROVIDERS must be completed: {_name} lacks its id, secret or address.")
    INSTALLED_APPS.append(f"allauth.socialaccount.providers.{_name}")
    SOCIALACCOUNT_PROVIDERS[_name] = {"APPS": [_app], **_options}
    SOCIAL_ORIGINS += _origins
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- Language and time -------------------------------------------------------------------------

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt")]
LOCALE_PATHS = [BASE_DIR / "locale"]
# Where tone marks stand in the words the house itself writes (sections, tags): "old" (hòa, thủy) or "new" (hoà, thuỷ).
TONE_STYLE = env("TONE_STYLE", default="old")
if TONE_STYLE not in {"old", "new"}:
    raise ImproperlyConfigured(f"TONE_STYLE must be old or new, not {TONE_STYLE!r}.")
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

# --- Comments ----------------------------------------------------------------------------------
# After how many approved comments an account's appear at once (0: never), and how long a comment may be changed.
COMMENT_TRUSTED_AFTER = env.int("COMMENT_TRUSTED_AFTER", default=5)
COMMENT_EDIT_MINUTES = env.int("COMMENT_EDIT_MINUTES", default=10)

# --- Security ----------------------------------------------------------------------------------

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_site.hostname, "127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
# Only a request that comes from one of these networks may say, by X-Forwarded-For and -Proto, whom it stands for.
TRUSTED_PROXIES = [ip_network(net) for net in env.list("TRUSTED_PROXIES", default=[])]
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=63072000) if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-phien" if IS_HTTPS else "phien"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_FAILURE_VIEW = "news.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []

_media = urlsplit(MEDIA_BASE_URL)
_media_origin = [f"{_media.scheme}://{_media.netloc}"] if _media.netloc else []
# No unsafe-inline, no unsafe-eval and no nonce, anywhere: every script and style is a file of ours.
SECURE_CSP: dict[str, Any] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, *_media_origin],
    "media-src": [CSP.SELF, *_media_origin],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    # A form that asks another site for a log-in is sent on there.
    "form-action": [CSP.SELF, *SOCIAL_ORIGINS],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    **({"upgrade-insecure-requests": True} if IS_HTTPS else {}),
}

# --- Log ---------------------------------------------------------------------------------------

# Links that are somebody's own are cut out of every line; mail about an error says nothing of the request, which may
# hold what a reader typed.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"links": {"()": "config.logs.WithoutLinks"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]},
        "mail_admins": {"class": "config.logs.ErrorMail", "level": "ERROR", "filters": ["links"]},
    },
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": ["mail_admins"], "level": "INFO"},
        "fido2": {"level": "WARNING"},  # below that it names every passkey that is used
    },
}
