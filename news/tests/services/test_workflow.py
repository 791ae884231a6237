"""Who may take which step: the table, the four eyes, the sections."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts import roles
from news import workflow
from news.models import Article, Edition, Section, SectionRight, State
from news.services import editing, ledger, publishing, reviewing
from news.tests import make
from news.tests.make import NOW
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)

# What a stranger to the text may do in each state of a two-gate section, by role. "live" adds withdraw and expire.
MATRIX = {
    State.DRAFT: {},
    State.SUBMITTED: {"editor": {"pass", "return"}, "secretary": {"pass", "return"}},
    State.RETURNED: {},
    State.PASSED: {"secretary": {"approve", "return"}},
    State.APPROVED: {"secretary": {"publish", "schedule", "return"}},
    State.SCHEDULED: {"secretary": {"cancel"}},
    State.PUBLISHED: {"editor": {"reopen"}, "secretary": {"reopen", "withdraw", "expire"}},
    State.WITHDRAWN: {"editor": {"reopen"}, "secretary": {"reopen"}},
}


def in_state(state, **fields):
    """An article in that state, made by taking the real steps."""
    article = make.make_article(**fields)

    def advance(step, actor, **more):
        reviewing.advance(article_id=article.pk, transition=step, actor=actor, at=NOW, **more)

    if state == State.SCHEDULED:
        make.schedule(article, visible_from=NOW + timedelta(days=1))
    elif state in {State.PUBLISHED, State.WITHDRAWN}:
        make.publish(article, at=NOW - MINUTE)
        if state == State.WITHDRAWN:
            make.withdraw(article, at=NOW)
    elif state == State.APPROVED:
        make.approve(article)
    elif state != State.DRAFT:
        advance("submit", article.created_by)
        if state == State.PASSED:
            advance("pass", make.make_user("editor"))
        if state == State.RETURNED:
            advance("return", make.make_user("editor"), reason="Thiếu nguồn")
    return Article.objects.select_related("section", "created_by").get(pk=article.pk)


def steps(article, user, at=NOW):
    return {row.name for row in workflow.allowed(article, user, at)}


@pytest.mark.parametrize("state", list(State), ids=str)
def test_each_role_is_offered_just_what_the_table_says(state):
    article = in_state(state)
    offered = {role.key: steps(article, make.make_user(role.key)) for role in roles.ROLES}
    expected = {role.key: set(MATRIX[state].get(role.key, set())) for role in roles.ROLES}
    expected["chief"] = expected["secretary"]
    assert offered == expected


@pytest.mark.parametrize("state", list(State), ids=str)
def test_the_author_is_offered_only_an_authors_steps(state):
    chief = make.make_user("chief")
    article = in_state(State.DRAFT, author=chief)
    Article.objects.filter(pk=article.pk).update(
        state=state, approved_by=make.make_user("chief"), approved_sha256="x" * 64
    )
    article.refresh_from_db()
    expected = {
        State.DRAFT: {"submit"},
        State.RETURNED: {"submit"},
        State.SUBMITTED: {"recall"},
        State.PUBLISHED: {"reopen"},
        State.WITHDRAWN: {"reopen"},
        State.SCHEDULED: {"reopen"},  # no edition is to come: its time has passed
    }
    assert steps(article, chief) == expected.get(state, set())


@pytest.mark.parametrize("state", list(State), ids=str)
def test_a_superuser_without_a_role_may_do_nothing(state):
    superuser = make.make_user(None, is_superuser=True)
    assert steps(in_state(state), superuser) == set()
    assert workflow.edit_refusal(in_state(state), superuser, NOW) != ""


@pytest.mark.parametrize("state", list(State), ids=str)
def test_what_is_not_offered_is_refused_by_the_services_too(state):
    article = in_state(state)
    before = Article.objects.filter(pk=article.pk).values().get()
    for role in ("reporter", "editor", "secretary", "moderator", "administrator"):
        user = make.make_user(role)
        for name in sorted(workflow.NAMES - steps(article, user)):
            with pytest.raises(NotAllowed):
                take(name, article, user)
    assert Article.objects.filter(pk=article.pk).values().get() == before


def take(name, article, user, at=NOW):
    """Ask the service for the step."""
    day = timedelta(days=2)
    acts = {
        "publish": lambda: publishing.publish(article_id=article.pk, actor=user, at=at),
        "schedule": lambda: publishing.schedule(article_id=article.pk, actor=user, at=at, visible_from=at + day),
        "cancel": lambda: publishing.cancel(article_id=article.pk, actor=user, at=at),
        "withdraw": lambda: publishing.withdraw(article_id=article.pk, actor=user, at=at, reason="Lý do"),
        "expire": lambda: publishing.expire(article_id=article.pk, actor=user, at=at, until=at + day),
    }
    default = lambda: reviewing.advance(  # noqa: E731 - one line beside its siblings
        article_id=article.pk, transition=name, actor=user, at=at, reason="Lý do"
    )
    return acts.get(name, default)()


def test_who_signed_may_not_approve():
    signer = make.make_user("secretary")
    article = in_state(State.PASSED, byline=(make.make_author("Bút danh", user=signer),))
    assert steps(article, signer) == {"return"}


def test_who_passed_gate_one_may_not_pass_gate_two():
    secretary = make.make_user("secretary")
    article = in_state(State.SUBMITTED)
    reviewing.advance(article_id=article.pk, transition="pass", actor=secretary, at=NOW)
    article.refresh_from_db()
    assert steps(article, secretary) == {"return"}
    assert steps(article, make.make_user("secretary")) == {"approve", "return"}


def test_who_changed_the_text_after_gate_one_may_not_approve_it():
    article, secretary = in_state(State.PASSED), make.make_user("secretary")
    article.lead = "Thư ký sửa một câu."
    editing.change(article=article, actor=secretary, at=NOW + MINUTE, version=article.version)
    assert steps(article, secretary) == {"return"}
    assert steps(article, make.make_user("secretary")) == {"approve", "return"}


def test_who_saved_without_changing_a_word_may_still_approve():
    article, secretary = in_state(State.PASSED), make.make_user("secretary")
    editing.change(article=article, actor=secretary, at=NOW + MINUTE, version=article.version)
    assert steps(article, secretary) == {"approve", "return"}


def test_in_a_section_with_one_gate_a_second_editor_publishes():
    section = make.make_section(gates=1)
    writer, changer, other = (make.make_user("editor") for _ in range(3))
    article = in_state(State.SUBMITTED, section=section, author=writer)
    article.title = "Sửa ở bàn biên tập"
    editing.change(article=article, actor=changer, at=NOW, version=article.version)
    assert steps(article, writer) == {"recall"}
    assert steps(article, changer) == {"return"}
    assert steps(article, other) == {"approve", "return"}
    reviewing.advance(article_id=article.pk, transition="approve", actor=other, at=NOW)
    article.refresh_from_db()
    assert [steps(article, user) for user in (writer, changer)] == [set(), {"return"}]
    publishing.publish(article_id=article.pk, actor=other, at=NOW)
    assert Edition.objects.live(NOW).get().title == "Sửa ở bàn biên tập"


@pytest.mark.parametrize("state", [State.SUBMITTED, State.PASSED, State.APPROVED, State.SCHEDULED])
@pytest.mark.parametrize("gates", [1, 2])
def test_no_text_is_stuck_when_its_section_changes_its_number_of_gates(state, gates):
    section = make.make_section(gates=2 if state == State.PASSED else 3 - gates)
    article = in_state(state, section=section)
    Section.objects.filter(pk=section.pk).update(gates=gates)
    article = Article.objects.select_related("section").get(pk=article.pk)
    assert steps(article, make.make_user("secretary")) & {"return", "cancel"}


def test_a_section_with_two_gates_lends_them_to_what_it_shows_too():
    one, two = make.make_section(gates=1), make.make_section(gates=2)
    article = in_state(State.SUBMITTED, section=one)
    article.other_sections.add(two)
    assert steps(article, make.make_user("editor")) == {"pass", "return"}


def test_who_signs_with_their_own_name_may_not_approve_even_if_nobody_linked_it():
    secretary = make.make_user("secretary", full_name="Lò Thị Lan Anh")
    article = in_state(State.PASSED, byline=(make.make_author("Lò Thị Lan Anh"),))
    assert steps(article, secretary) == {"return"}


def test_a_cancelled_schedule_does_not_wash_a_change_clean():
    section = make.make_section(gates=1)
    changer, other = make.make_user("editor"), make.make_user("editor")
    article = in_state(State.SUBMITTED, section=section)
    article.lead = "Sửa ở bàn biên tập."
    editing.change(article=article, actor=changer, at=NOW, version=article.version)
    reviewing.advance(article_id=article.pk, transition="approve", actor=other, at=NOW)
    day = timedelta(days=1)
    publishing.schedule(article_id=article.pk, actor=other, at=NOW + MINUTE, visible_from=NOW + day)
    publishing.cancel(article_id=article.pk, actor=other, at=NOW + 2 * MINUTE)
    article = Article.objects.select_related("section").get(pk=article.pk)
    assert steps(article, changer, NOW + 3 * MINUTE) == {"return"}


def test_a_right_holds_in_its_section_and_below_only():
    parent = make.make_section("Kinh tế")
    child = make.make_section("Nông thôn mới", parent=parent)
    other = make.make_section("Văn hóa")
    editor = make.make_user("editor", everywhere=False)
    SectionRight.objects.create(user=editor, section=parent)
    offered = [steps(in_state(State.SUBMITTED, section=section), editor) for section in (parent, child, other)]
    assert offered == [{"pass", "return"}, {"pass", "return"}, set()]


def test_an_editor_cannot_move_a_text_into_a_section_of_others():
    own, other = make.make_section("Kinh tế"), make.make_section("Văn hóa")
    editor = make.make_user("editor", everywhere=False)
    SectionRight.objects.create(user=editor, section=own)
    article = in_state(State.SUBMITTED, section=own)
    article.section = other
    with pytest.raises(NotAllowed):
        editing.change(article=article, actor=editor, at=NOW, version=article.version)
    assert Article.objects.get(pk=article.pk).section == own


def test_somebody_who_left_may_do_nothing():
    article, editor = in_state(State.SUBMITTED), make.make_user("editor")
    editor.is_active = False
    editor.save()
    assert steps(article, type(editor).objects.get(pk=editor.pk)) == set()


@pytest.mark.parametrize(
    ("state", "own", "stranger", "editor"),
    [
        (State.DRAFT, True, False, True),
        (State.RETURNED, True, False, True),
        (State.SUBMITTED, False, False, True),
        (State.PASSED, False, False, True),
        (State.APPROVED, False, False, False),
        (State.SCHEDULED, False, False, False),
        (State.PUBLISHED, False, False, False),
        (State.WITHDRAWN, False, False, False),
    ],
)
def test_who_may_change_the_text(state, own, stranger, editor):
    article = in_state(state)
    users = (article.created_by, make.make_user("reporter"), make.make_user("editor"))
    assert [workflow.edit_refusal(article, user, NOW) == "" for user in users] == [own, stranger, editor]


def test_a_form_cannot_carry_workflow_fields():
    article = in_state(State.DRAFT)
    article.state, article.approved_sha256, article.created_by = State.APPROVED, "x" * 64, make.make_user("chief")
    writer = Article.objects.get(pk=article.pk).created_by
    editing.change(article=article, actor=writer, at=NOW, version=article.version)
    saved = Article.objects.get(pk=article.pk)
    assert (saved.state, saved.approved_sha256, saved.created_by) == (State.DRAFT, "", writer)


def test_the_database_refuses_an_approved_article_that_nobody_approved():
    article = in_state(State.DRAFT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(pk=article.pk).update(state=State.APPROVED)


def test_a_row_of_the_table_is_found_once_for_each_state_and_number_of_gates():
    seen = [(row.name, state, gates) for row in workflow.TRANSITIONS for state in row.sources for gates in row.gates]
    assert len(seen) == len(set(seen))


class Newsroom(RuleBasedStateMachine):
    """People doing anything in any order: readers see only what two others approved, and the ledger always verifies."""

    def __init__(self):
        super().__init__()
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        self.at = NOW
        roles.sync()
        section = make.make_section(gates=2)
        keys = ("reporter", "editor", "editor", "secretary", "secretary", "chief")
        self.users = [make.make_user(key) for key in keys]
        self.articles = [
            make.make_article(f"Bài {number}", author=user, section=section).pk
            for number, user in enumerate(self.users[:4])
        ]

    def teardown(self):
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    @rule(
        article=st.integers(0, 3),
        user=st.integers(0, 5),
        name=st.sampled_from(sorted(workflow.NAMES)),
        pause=st.integers(1, 4000),
    )
    def take(self, article, user, name, pause):
        self.at += timedelta(minutes=pause)
        row = Article.objects.select_related("section").get(pk=self.articles[article])
        user = type(self.users[user]).objects.get(pk=self.users[user].pk)
        offered = steps(row, user, self.at)
        try:
            take(name, row, user, self.at)
        except NotAllowed:
            assert name not in offered or name == "expire"  # a later edition may be scheduled
        else:
            assert name in offered

    @rule(article=st.integers(0, 3), user=st.integers(0, 5), word=st.sampled_from(["một", "hai", "ba"]))
    def edit(self, article, user, word):
        self.at += timedelta(minutes=1)
        row = Article.objects.select_related("section").get(pk=self.articles[article])
        may = workflow.edit_refusal(row, self.users[user], self.at) == ""
        row.lead = word
        try:
            editing.change(article=row, actor=self.users[user], at=self.at, version=row.version)
        except NotAllowed:
            assert not may
        else:
            assert may

    @invariant()
    def every_edition_was_approved_by_somebody_else(self):
        for edition in Edition.objects.select_related("article"):
            record = json.loads(edition.payload)["record"]
            people = [record[key]["id"] for key in ("written_by", "edited_by", "approved_by")]
            assert len(set(people)) >= 2
            assert people[2] not in people[:2]

    @invariant()
    def the_ledger_verifies(self):
        assert ledger.verify().faults == ()

    @invariant()
    def the_state_agrees_with_what_readers_see(self):
        for row in Article.objects.filter(pk__in=self.articles):
            live = row.editions.live(self.at).exists()
            state = workflow.state_of(row, self.at)
            assert not (live and state == State.WITHDRAWN)
            assert row.editions.live(self.at).count() <= 1
            assert row.editions.upcoming(self.at).exists() == (state == State.SCHEDULED)


def test_whatever_people_do_the_newsroom_stays_sound():
    run_state_machine_as_test(
        Newsroom,
        settings=settings(max_examples=12, stateful_step_count=30, suppress_health_check=list(HealthCheck)),
    )


def test_a_section_refuses_a_third_level_and_reserved_addresses():
    child = make.make_section("Con", parent=make.make_section("Mẹ"))
    for section in (Section(name="Cháu", slug="chau", parent=child), Section(name="Tin", slug="tin")):
        with pytest.raises(ValidationError):
            section.full_clean()
