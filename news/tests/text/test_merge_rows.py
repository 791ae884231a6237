"""Two lists of rows become one: what one side did is taken, what both did is asked, and no word is missing."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from news.text.merge_rows import Meeting, Row, in_order, meetings, whose_order

FIELDS = ("person", "positions", "role")
NAMES = ("Trần Văn A", "Lò Thị B", "Lý Văn C", "Giàng Thị D", "Vàng Văn E")
WORDS = st.sampled_from(["", "Bí thư", "Chủ tịch", "Giám đốc sở"])
ROLES = st.sampled_from(["tham dự", "trưởng đoàn", "chủ trì"])
BLANK = {"role": "tham dự"}


def row(number: str, person: str, positions: str = "", role: str = "tham dự") -> Row:
    return Row(number, person, {"person": person, "positions": positions, "role": role})


def meet(was: Sequence[Row] | None, mine: Sequence[Row], theirs: Sequence[Row]) -> list[Meeting]:
    base = None if was is None else {one.number: one.values for one in was}
    removed = {one.number for one in was or ()} - {one.number for one in mine}
    return meetings(base, mine, theirs, core={"person"}, removed=removed, blank=BLANK)


def sides(found: Sequence[Meeting]) -> list[str]:
    return [one.side for one in found]


A, B, C = row("1", "A"), row("2", "B"), row("3", "C")


def test_different_rows_are_taken_from_whoever_changed_them() -> None:
    found = meet([A, B, C], [row("1", "A", "Bí thư"), B, C], [A, B, row("3", "C", "Chủ tịch")])
    assert sides(found) == ["mine", "same", "theirs"]


def test_different_fields_of_one_row_are_taken_from_whoever_changed_them() -> None:
    (found,) = meet([A], [row("1", "A", "Bí thư")], [row("1", "A", "", "trưởng đoàn")])
    assert found.side == "fields"
    assert dict(found.fields) == {"person": "same", "positions": "mine", "role": "theirs"}


def test_one_field_changed_by_both_is_asked_about() -> None:
    (found,) = meet([A], [row("1", "A", "Bí thư")], [row("1", "A", "Chủ tịch")])
    assert found.fields["positions"] == "choose"


def test_another_person_is_never_given_the_post_of_the_one_before() -> None:
    assert sides(meet([A], [row("1", "A", "Bí thư")], [row("1", "B")])) == ["choose"]


def test_added_rows_of_both_are_kept_and_the_same_person_added_twice_is_one_row() -> None:
    found = meet([A], [A, row("", "B", "Bí thư")], [A, C])
    assert sides(found) == ["same", "mine", "theirs"]
    (_, one) = meet([A], [A, row("", "B", "Bí thư")], [A, row("9", "B", "", "chủ trì")])
    assert dict(one.fields) == {"person": "same", "positions": "mine", "role": "theirs"}
    assert one.number == "9"


def test_a_removal_counts_only_where_the_other_left_the_row_alone() -> None:
    changed = row("1", "A", "Bí thư")
    assert sides(meet([A], [], [A])) == ["mine"]
    assert sides(meet([A], [A], [])) == ["theirs"]
    assert sides(meet([A], [], [changed])) == ["choose"]
    assert sides(meet([A], [changed], [])) == ["choose"]
    assert sides(meet([A], [], [])) == []


def test_who_was_taken_out_and_put_in_again_is_the_same_row() -> None:
    (found,) = meet([A], [row("1", "A", "Bí thư")], [row("9", "A", "", "chủ trì")])
    assert dict(found.fields) == {"person": "same", "positions": "mine", "role": "theirs"}


def test_where_nobody_knows_what_was_there_everything_is_asked() -> None:
    assert sides(meet(None, [A], [row("1", "A", "Bí thư")])) == ["fields"]
    assert meet(None, [A], [row("1", "A", "Bí thư")])[0].fields["positions"] == "choose"
    assert sides(meet(None, [A], [])) == ["choose"]
    assert sides(meetings(None, [], [A], core={"person"}, removed={"1"})) == ["choose"]
    assert sides(meetings(None, [], [A], core={"person"})) == ["theirs"]


def test_orders() -> None:
    assert whose_order("abc", "abc", "abc") == "same"
    assert whose_order("abc", "bac", "abc") == "mine"
    assert whose_order("abc", "abc", "acb") == "theirs"
    assert whose_order("abc", "bac", "acb") == "choose"
    assert whose_order(None, "ab", "ba") == "choose"
    assert whose_order("abc", "axbc", "abyc") == "same"
    assert in_order("abc", "axbyc") == list("axbyc")
    assert in_order("cab", "abxc") == list("cabx")
    assert in_order("", "ab") == list("ab")
    assert in_order("ab", "xab") == list("xab")


# --- Any two edits of any list -----------------------------------------------------------------------------


@st.composite
def edits(draw: st.DrawFn, base: Sequence[Row], fresh: int) -> list[Row]:
    """The list after somebody worked on it: rows changed, taken out, moved, added."""
    rows = []
    for one in base:
        what = draw(st.sampled_from(["leave", "leave", "positions", "role", "person", "out"]))
        values = dict(one.values)
        if what == "out":
            continue
        if what != "leave":
            values[what] = draw({"positions": WORDS, "role": ROLES, "person": st.sampled_from(NAMES)}[what])
        rows.append(Row(one.number, values["person"], values))
    for number in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(NAMES))
        values = {"person": name, "positions": draw(WORDS), "role": draw(ROLES)}
        rows.append(Row(str(fresh + number) if fresh else "", name, values))
    return draw(st.permutations(rows))


BASES = st.lists(st.tuples(st.sampled_from(NAMES), WORDS), max_size=4, unique_by=lambda pair: pair[0]).map(
    lambda pairs: [row(str(number), *pair) for number, pair in enumerate(pairs, start=1)]
)


def kept_or_offered(found: Sequence[Meeting]) -> list[tuple[str, str, str]]:
    """(number, field, word) of everything that the merged list says without asking, or that a choice shows."""
    said = []
    for one in found:
        for side, there in (("mine", one.mine), ("theirs", one.theirs)):
            if there is None:
                continue
            for name in FIELDS:
                whose = one.fields.get(name, one.side) if one.side == "fields" else one.side
                if whose in {side, "same", "choose"}:
                    said.append((one.number or there.who, name, there.says(name)))
    return said


@given(st.data())
def test_every_word_that_either_side_wrote_is_in_the_result_or_offered(data: st.DataObject) -> None:
    base = data.draw(BASES)
    mine, theirs = data.draw(edits(base, 0)), data.draw(edits(base, 50))
    found = meet(base, mine, theirs)
    said = set(kept_or_offered(found))
    was: Mapping[str, Row] = {one.number: one for one in base}
    for one in found:
        for there in (one.mine, one.theirs):
            if there is None:
                continue
            before = was.get(one.number) or was.get(there.number)
            for name in FIELDS:
                if there.says(name) and (before is None or there.says(name) != before.says(name)):
                    blank = BLANK.get(name, "") if before is None else None
                    assert (one.number or there.who, name, there.says(name)) in said or there.says(name) == blank


@given(st.data())
def test_each_row_of_either_side_meets_once(data: st.DataObject) -> None:
    base = data.draw(BASES)
    mine, theirs = data.draw(edits(base, 0)), data.draw(edits(base, 50))
    found = meet(base, mine, theirs)
    assert [one.mine for one in found if one.mine] == mine
    assert sorted(id(one.theirs) for one in found if one.theirs) == sorted(id(one) for one in theirs)


@given(st.data())
def test_who_did_nothing_loses_nothing_and_asks_nothing(data: st.DataObject) -> None:
    base = data.draw(BASES)
    edited, saved = data.draw(edits(base, 0)), data.draw(edits(base, 50))
    assert {"choose", "mine", "fields"} & set(sides(meet(base, base, saved))) == set()
    assert {"choose", "theirs", "fields"} & set(sides(meet(base, edited, base))) == set()


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdef"), unique=True))
def test_an_order_holds_every_key_once_and_keeps_the_first(one: list[str], two: list[str]) -> None:
    order = in_order(one, two)
    assert sorted(order) == sorted({*one, *two})
    assert [key for key in order if key in one] == one
