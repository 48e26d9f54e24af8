"""The fold of edits alone: what stands after each of them was said."""

from mrr.derivation.edits import Bearing, Folded, Said

ONE, OTHER = ("native", "one"), ("native", "other")


def said(seq: int, verb: str, entry: int | None = None, content: tuple[str, str] | None = None) -> Said:
    """An edit of an entry that is no edit."""
    return Said(seq, verb, entry, content, is_edit=False)


def test_a_revert_of_a_revert_restores() -> None:
    merge, first, second, third = said(5, "merge"), said(6, "revert", 5), said(7, "revert", 6), said(8, "revert", 7)
    assert Folded([merge]).stands == {5: True}
    assert Folded([merge, first]).stands == {5: False, 6: True}
    assert Folded([merge, first, second]).stands == {5: True, 6: False, 7: True}
    whole = Folded([merge, first, second, third])
    assert whole.stands == {5: False, 6: True, 7: False, 8: True}
    assert whole.trouble == {}


def test_what_is_reverted_cannot_be_reverted_again_until_it_stands() -> None:
    folded = Folded(
        [said(5, "merge"), said(6, "revert", 5), said(7, "revert", 5), said(8, "revert", 6), said(9, "revert", 5)]
    )
    assert folded.trouble == {7: "edit 5 is reverted by edit 6"}
    assert folded.stands == {5: False, 6: False, 7: False, 8: True, 9: True}


def test_what_an_edit_cannot_name() -> None:
    edits = [
        said(5, "revert", 9),
        said(6, "revert", 6),
        said(7, "revert", 5),
        said(8, "correct", 3),
        said(9, "decide", 12, ONE),
        Said(10, "correct", 5, ("edits", "x"), is_edit=True),
    ]
    assert Folded(edits).trouble == {
        5: "there was no edit 9",
        6: "there was no edit 6",
        7: "edit 5 has no effect",
        8: "there was no entry 3 that told anything",
        9: "there was no entry 12 that told anything",
        10: "entry 5 is an edit, which can only be reverted",
    }
    assert not any(Folded(edits).stands.values())


def test_the_last_correction_that_stands_counts() -> None:
    edits = [said(5, "correct", 1, ONE), said(6, "correct", 2, ONE), said(7, "correct", 3, OTHER)]
    assert {content: edit.seq for content, edit in Folded(edits).last("correct").items()} == {ONE: 6, OTHER: 7}
    assert Folded([*edits, said(8, "revert", 6)]).last("correct")[ONE].seq == 5


def test_an_edit_bears_on_all_that_tells_the_same() -> None:
    folded = Folded(
        [said(5, "correct", 1, ONE), said(6, "correct", 1, ONE), said(7, "revert", 6), said(8, "revert", 7)]
    )
    bearing = Bearing({ONE: {1, 4}}, {ONE: {2}})
    assert bearing.on(folded.said[5], folded) == {1, 2, 4, 5, 6}
    assert bearing.on(folded.said[8], folded) == {1, 2, 4, 5, 6, 7, 8}
