"""Settings, read once from the environment. docs/settings.md lists every variable."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from saferoutes.keys import read_or_make_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Where this site keeps what isn't code: keys, photos, the private database.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- The site's own address ---
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
_site = urlsplit(SITE_URL)
SITE_IS_HTTPS = _site.scheme == "https"
SITE_IS_LOOPBACK = _site.hostname in {"127.0.0.1", "localhost", "::1"}
_LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"] if SITE_IS_LOOPBACK else []
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=[]),
    _site.hostname or "",
    *_LOOPBACK_HOSTS,
]
ADMIN_PATH = env.str("ADMIN_PATH", default="admin/").strip("/") + "/"
ADMIN_HOST = env.str("ADMIN_HOST", default="")
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=not SITE_IS_LOOPBACK)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or read_or_make_key(VAR_DIR / "keys" / "secret")
# Receipts are kept as an HMAC under a key of their own, so that changing SECRET_KEY doesn't cut off every resident.
RECEIPT_KEY = env.str("RECEIPT_KEY", default="") or read_or_make_key(VAR_DIR / "keys" / "receipts")

# Keys that cities gave us for their Open311 are sealed with it in the database.
ENDPOINT_KEY = env.str("ENDPOINT_KEY", default="") or read_or_make_key(VAR_DIR / "keys" / "endpoints")

# --- Apps, in the order of the house: each imports only what stands before it ---
INSTALLED_APPS = [
    "office",
    "people",
    "corridors",
    "walks",
    "concerns",
    "outreach",
    "field",
    "open311",
    "insights",
    "saferoutes.apps.SafeRoutesConfig",
    "saferoutes.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "leaflet",
    "django.forms",
]

MIDDLEWARE = [
    "saferoutes.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Phones on slow networks get a third of the bytes; Django pads the answer at random against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "office.middleware.LanguageFromAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.SecondFactorMiddleware",
    "people.middleware.SignInMiddleware",
    "people.middleware.AccessDeclaredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "saferoutes.urls"
WSGI_APPLICATION = "saferoutes.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "office.context.coalition",
            ],
        },
    }
]

# Our own markup for every field: templates/django/forms/.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database ---
_url_file = VAR_DIR / "database_url"
_database_url = env.str("DATABASE_URL", default="") or (_url_file.read_text().strip() if _url_file.exists() else "")
DATABASES: dict[str, dict[str, Any]] = {
    "default": environ.Env.db_url_config(_database_url or "postgis:///saferoutes") | {"ATOMIC_REQUESTS": False}
}
# A plain postgres:// address is what most people paste; the geometry fields need the PostGIS backend all the same.
DATABASES["default"]["ENGINE"] = "django.contrib.gis.db.backends.postgis"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("PGBOUNCER", default=False)
# PostgreSQL may compile what it thinks is expensive: six seconds for a statement that takes 50 ms (200,000 concerns).
# PgBouncer refuses such parameters; behind it, say `alter role … set jit = off`.
if not env.bool("PGBOUNCER", default=False):
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DATABASES["default"]["TEST"] = {
    "NAME": env.str("TEST_DATABASE_NAME", default="test_saferoutes"),
    "TEMPLATE": env.str("TEST_DATABASE_TEMPLATE", default=None),
}
# Debian 12's GDAL 3.6.2 is newer than the list Django 5.2 checks against; the functions used here exist in it.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

# --- People and sign-in ---
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_IS_LOOPBACK
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_ENABLE_ADMIN = False
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", default=0)

# --- Languages and time ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="America/Chicago")
# Whose public holidays aren't working days: a country of the library `holidays`; empty: none but the closed days.
HOLIDAYS = env.str("HOLIDAYS", default="US")

# --- Files ---
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"  # never served by address: photos go through a view that checks who asks
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "saferoutes.storage.StaticStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
PHOTO_MAX_BYTES = 15_000_000
PHOTO_MAX_PIXELS = 40_000_000
PHOTO_MAX_SIDE = 12_000

# --- Mail: written to the outbox, sent by the worker ---
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
_mail_to_file = not env.str("EMAIL_URL", default="")
if _mail_to_file:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
else:
    vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 30
# For rehearsals: messages are written and listed at the desk, marked "not sent: test mode", and go to nobody.
MAIL_TEST_MODE = env.bool("MAIL_TEST_MODE", default=False)
# What sends text messages (walks/texting.py). As it comes nothing does, and nothing is sent.
SMS_BACKEND = env.str("SMS_BACKEND", default="walks.texting.NoTexts")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Safe Routes <safe-routes@{_site.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- The worker and the watch over it ---
# Functions of the rooms that do a little waiting work and return how much they did.
WORKER_STEPS = ["concerns.photos.process_waiting", "open311.sending.send_due"]
# Name, seconds between two starts, function.
PERIODIC_JOBS: list[tuple[str, int, str]] = [
    ("open311", 300, "open311.polling.poll_due"),
    ("handovers", 900, "concerns.handing_mail.send_handovers"),
    ("disk", 600, "saferoutes.health.warn_about_disk"),
    ("counts", 6 * 3600, "office.jobs.forget_old_counts"),
    ("reporters", 3600, "concerns.reporter_mail.ask_whether_fixed"),
    ("series", 3600, "walks.series.make_due_walks"),
    ("waitlist", 60, "walks.waitlist.ask_the_next"),
    ("reminders", 300, "walks.reminders.send_due"),
    ("sessions", 24 * 3600, "office.jobs.forget_ended_sessions"),
    ("digests", 3600, "concerns.following.send_digests"),
    ("promises", 3600, "concerns.promising_mail.send_reminders"),
    ("week", 600, "insights.week_keeping.make_due"),
    ("quarter", 3600, "insights.keeping.make_due"),
    ("directory", 3600, "outreach.directory_actions.nudge_stale"),
    ("agencies", 1800, "outreach.agency_clock.run"),
    ("witnesses", 3600, "concerns.witness_mail.tell_witnesses"),
    ("retention", 24 * 3600, "office.retention.daily"),
]
# Modules with `join` and `part`, called after two people were merged and after that was undone.
MERGE_STEPS = ["walks.doubles"]
ORGANIZATION_MERGE_STEPS = ["walks.organization_doubles", "outreach.organization_merging"]
# Kinds of mail that their room looks at once more right before each try to send them: False cancels the mail.
MAIL_LAST_LOOKS = {
    "outreach.referral.sent": "outreach.agency_mail.may_go",
    "outreach.referrals": "outreach.agency_mail.may_go",
    "insights.week": "insights.week_sending.may_go",
}
# Lists of office.retention.Rule: what each room forgets when (docs/privacy.md).
RETENTION_RULES = [
    "concerns.retention.RULES",
    "outreach.help_retention.RULES",
    "outreach.contact_retention.RULES",
    "field.retention.RULES",
    "walks.retention.RULES",
    "office.retention.RULES",
]
# The jurisdiction_id that Open311 clients may name; empty: any.
OPEN311_JURISDICTION = env.str("OPEN311_JURISDICTION", default="")
# For trying the Open311 client out on one's own machine: sends to loopback, also over http and on any port.
OPEN311_ALLOW_LOOPBACK = env.bool("OPEN311_ALLOW_LOOPBACK", default=False)
READY_TOKEN = env.str("READY_TOKEN", default="")

# --- Transport and browser security ---
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SITE_IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if SITE_IS_HTTPS else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
# Django's default `same-origin` gets the OpenStreetMap tiles refused; token pages send `no-referrer` themselves.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
CSRF_FAILURE_VIEW = "saferoutes.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Maps ---
MAP_TILES_URL = env.str("MAP_TILES_URL", default="https://tile.openstreetmap.org/{z}/{x}/{y}.png")
MAP_TILES_ATTRIBUTION = env.str("MAP_TILES_ATTRIBUTION", default="© OpenStreetMap contributors")
_tiles = urlsplit(MAP_TILES_URL)
MAP_TILES_ORIGIN = f"{_tiles.scheme}://{_tiles.netloc}".replace("{s}.", "*.") if _tiles.netloc else ""
LEAFLET_CONFIG: dict[str, Any] = {
    "DEFAULT_CENTER": (39.1045, -94.5330),
    "DEFAULT_ZOOM": 14,
    "MIN_ZOOM": 3,
    "MAX_ZOOM": 20,
    "TILES": [
        (
            "Streets",
            MAP_TILES_URL,
            {"attribution": MAP_TILES_ATTRIBUTION, "maxZoom": 19},
        )
    ]
    if _tiles.netloc
    else [],
    "ATTRIBUTION_PREFIX": "",
    "RESET_VIEW": False,
    "FORCE_IMAGE_PATH": True,  # the marker of the admin’s maps; hashed file names hide it from Leaflet
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [
            SELF,
            "data:",
            "blob:",
            *([MAP_TILES_ORIGIN] if MAP_TILES_ORIGIN else []),
        ],
        "connect-src": [SELF],
        "font-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"tokens": {"()": "office.log_masks.MaskTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}},
}

# Each names a function `(*, user, now) -> Iterable[office.panels.Panel]`.
DESK_PANELS = [
    "people.panels.panels",
    "corridors.panels.panels",
    "walks.panels.panels",
    "walks.messages_panel.panels",
    "concerns.panels.panels",
    "concerns.desk_assign.panels",
    "concerns.promising_panel.panels",
    "outreach.panels.panels",
    "outreach.panels.shop_panels",
    "field.panels.panels",
    "open311.panels.panels",
    "insights.panels.panels",
]
# Parts of somebody's own page; each names a function `(*, signup, token) -> office.partner.Section | None`.
MY_SECTIONS = ["concerns.found.section", "walks.hours.section"]
# Each names a function `(*, request, organizations) -> office.partner.Section | None`.
PARTNER_SECTIONS = [
    "outreach.handoff_views.section",
    "outreach.referral_views.section",
    "concerns.partner_views.section",
    "concerns.promising_views.section",
    "walks.views_pledge.section",
    "insights.own_record.section",
    "insights.week_shown_views.section",
    "outreach.directory_views.section",
]
