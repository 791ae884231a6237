"""Nouns: fields, constraints, querysets. One module a noun; everything is importable from here."""

from news.models.address import OldAddress
from news.models.article import (
    Article,
    ArticleImage,
    Attachment,
    GalleryImage,
    Genre,
    Provenance,
    RelatedPick,
    State,
)
from news.models.article_template import ArticleTemplate
from news.models.author import Author, Contribution, ContributionKind
from news.models.consent import CONSENT_FORMS, Consent, ConsentText, ConsentWithdrawal, Purpose
from news.models.contact import ReaderContact
from news.models.delegation import Attendee, Delegation, Role, Side
from news.models.draft import Draft, EditLock
from news.models.edition import (
    FOREVER,
    Edition,
    EditionAuthor,
    EditionDelegation,
    EditionFile,
    EditionImage,
    EditionOrganisation,
    EditionPerson,
    EditionSection,
    EditionTag,
)
from news.models.feedback import Feedback, FeedbackAnswer, FeedbackKind, FeedbackStatus
from news.models.front_place import FRONT_PLACES, FrontPlace
from news.models.image import FormerFile, Image, ImagePerson
from news.models.ledger import LedgerEntry, LedgerHead, LedgerKind
from news.models.masthead import Masthead
from news.models.newsletter import (
    Bounce,
    BounceSource,
    DeliveryState,
    Frequency,
    IssueState,
    NewsletterDelivery,
    NewsletterIssue,
    NewsletterPlan,
    Subscriber,
    SubscriberState,
)
from news.models.organisation import Organisation, OrganisationLevel
from news.models.outbox import MailScope, MailStop, Outbox
from news.models.person import Person, PersonSpelling, Position
from news.models.reader import (
    ROW_KINDS,
    Bookmark,
    Follow,
    FollowDigest,
    FollowKind,
    Notification,
    NotificationChoice,
    NotificationKind,
)
from news.models.recording import Recording, RecordingKind
from news.models.revision import Revision, WorkflowStep
from news.models.scheduled import ScheduledRun
from news.models.section import RESERVED_SLUGS, Section, SectionRight
from news.models.statistics import ViewCount
from news.models.tag import Tag, TagKind

__all__ = [
    "CONSENT_FORMS",
    "FOREVER",
    "FRONT_PLACES",
    "RESERVED_SLUGS",
    "ROW_KINDS",
    "Article",
    "ArticleImage",
    "ArticleTemplate",
    "Attachment",
    "Attendee",
    "Author",
    "Bookmark",
    "Bounce",
    "BounceSource",
    "Consent",
    "ConsentText",
    "ConsentWithdrawal",
    "Contribution",
    "ContributionKind",
    "Delegation",
    "DeliveryState",
    "Draft",
    "EditLock",
    "Edition",
    "EditionAuthor",
    "EditionDelegation",
    "EditionFile",
    "EditionImage",
    "EditionOrganisation",
    "EditionPerson",
    "EditionSection",
    "EditionTag",
    "Feedback",
    "FeedbackAnswer",
    "FeedbackKind",
    "FeedbackStatus",
    "Follow",
    "FollowDigest",
    "FollowKind",
    "FormerFile",
    "Frequency",
    "FrontPlace",
    "GalleryImage",
    "Genre",
    "Image",
    "ImagePerson",
    "IssueState",
    "LedgerEntry",
    "LedgerHead",
    "LedgerKind",
    "MailScope",
    "MailStop",
    "Masthead",
    "NewsletterDelivery",
    "NewsletterIssue",
    "NewsletterPlan",
    "Notification",
    "NotificationChoice",
    "NotificationKind",
    "OldAddress",
    "Organisation",
    "OrganisationLevel",
    "Outbox",
    "Person",
    "PersonSpelling",
    "Position",
    "Provenance",
    "Purpose",
    "ReaderContact",
    "Recording",
    "RecordingKind",
    "RelatedPick",
    "Revision",
    "Role",
    "ScheduledRun",
    "Section",
    "SectionRight",
    "Side",
    "State",
    "Subscriber",
    "SubscriberState",
    "Tag",
    "TagKind",
    "ViewCount",
    "WorkflowStep",
]
