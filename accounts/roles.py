"""The roles of a newsroom, as a table: a role is a group, its line says which permissions the group holds.

`sync()` makes the database agree with the table; it runs after every `migrate` of `make run` and in the tests. Rights
in a section (whose texts a biên tập viên may edit) are rows of the newsroom, not roles.
"""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission


@dataclass(frozen=True, slots=True)
class Role:
    """One line of the table: the group's name on screen and its permissions ("app.codename")."""

    key: str
    name: str
    permissions: frozenset[str]


def _all(actions: str, *models: str) -> frozenset[str]:
    return frozenset(f"news.{action}_{model}" for model in models for action in actions.split())


_READ_DESK = _all(
    "view",
    "article",
    "section",
    "tag",
    "image",
    "author",
    "person",
    "organisation",
    "position",
    "delegation",
    "attendee",
    "edition",
    "workflowstep",
    "revision",
    "recording",
    "imageperson",
    "articletemplate",
)
_WRITE = (
    _READ_DESK
    | {"news.write_article"}
    | _all("add change", "article", "image", "delegation", "attendee", "contribution", "attachment", "galleryimage")
    | _all("add change", "recording", "imageperson")
    | _all("add", "tag", "person", "organisation", "position", "author")
)
_EDIT = (
    _WRITE
    | {"news.edit_article"}
    | _all("change", "tag", "person", "organisation", "position", "author", "personspelling")
    | _all("add delete", "personspelling")
    | _all("add change", "articletemplate")
)
_PAGES = frozenset(f"flatpages.{action}_flatpage" for action in ("view", "add", "change"))
_SECRETARY = (
    _EDIT
    | _PAGES
    | {"news.publish_article", "news.withdraw_article"}
    | _all("view", "ledgerentry", "viewcount")
    | _all("view add change delete", "frontplace")
    | _all("view change", "newsletterissue")
)
_PERSONAL_DATA = _all("view add change", "datarequest") | _all("view", "legalhold", "erasurerecord")
_HOLD = _all("view add change", "legalhold")
_MODERATE = (
    _all("view", "section", "edition", "calendarday", "feedbackterm")
    | _all("view change", "feedback")
    | _all("view add", "feedbackanswer")
    | _all("view add change", "replytemplate")
    | {"news.report_feedback"}
    | _PERSONAL_DATA
)
_SET_CLOCK = _all("view add change", "calendarday") | _all("view change", "feedbackterm")
_COMMENTS = (
    _all("view change", "comment", "commenterstanding")
    | {"news.answer_comment"}
    | _all("view add change", "wordrule", "commentsetting", "commentswitch")
)
_MODERATE |= _COMMENTS
_ADMINISTER = (
    frozenset(f"accounts.{action}_user" for action in ("view", "add", "change"))
    | _PAGES
    | {"auth.view_group"}
    | _all("view add change", "section", "sectionright", "masthead", "consenttext")
    | _all("delete", "sectionright")
    | _all("view", "ledgerentry", "viewcount", "oldaddress", "image")
    | _all("view change", "outbox")
    | _SET_CLOCK
    | _PERSONAL_DATA
    | _HOLD
    | _all("view", "scheduledrun", "newsletterissue")
    | _all("view change", "newsletterplan", "subscriber")
    | _all("view add change", "mailstop")
)

ROLES: tuple[Role, ...] = (
    Role("reporter", "Phóng viên", frozenset(_WRITE)),
    Role("editor", "Biên tập viên", frozenset(_EDIT)),
    Role("secretary", "Thư ký tòa soạn", frozenset(_SECRETARY)),
    Role("chief", "Tổng biên tập", frozenset(_SECRETARY | _MODERATE | _HOLD | _SET_CLOCK)),
    Role("moderator", "Kiểm duyệt viên", frozenset(_MODERATE)),
    Role("administrator", "Quản trị", frozenset(_ADMINISTER)),
)


def group_of(key: str) -> Group:
    """The group of the role with that key. Raises `StopIteration` for an unknown key."""
    role = next(role for role in ROLES if role.key == key)
    return Group.objects.get(name=role.name)


def sync() -> None:
    """Create each role's group and give it exactly the table's permissions. Raises `LookupError` for an unknown one."""
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    for role in ROLES:
        unknown = role.permissions - known.keys()
        if unknown:
            raise LookupError(f"role {role.key!r} names unknown permissions: {', '.join(sorted(unknown))}")
        group, _ = Group.objects.get_or_create(name=role.name)
        group.permissions.set([known[name] for name in role.permissions])
