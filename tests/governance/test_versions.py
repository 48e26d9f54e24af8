"""Versions of a policy: each decision in its turn, each wrong one a clear error that changes nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mrr.book import Book
from mrr.errors import BookError, MrrError, PolicyError, WrongUse
from mrr.keeper import POLICY
from mrr.period import next_period
from mrr.policy import load, policy_text, standard
from tests.governance.books import company, keys_of, official

AS_OF = "2025-06-01"


def test_without_versions_the_book_answers_by_its_file(tmp_path: Path) -> None:
    folder = company(tmp_path / "book")
    (folder / POLICY).write_text(policy_text(standard().differing({"status.trialing": "include"})), "utf-8")
    with Book(folder) as book:
        assert book.policies().versions == []
        assert book.policies().official is None
        assert book.rollforward(as_of=AS_OF).rows[-1].closing_micros == 40_000_000


def test_from_draft_to_official(tmp_path: Path) -> None:
    folder = company(tmp_path / "book")
    with Book(folder) as book:
        draft = book.propose(author="ann", reason="what we have", owner="finance", review_on="2026-01-31")
        assert (draft.version, draft.stage, draft.owner, f"{draft.review_on}") == (1, "draft", "finance", "2026-01-31")
        assert draft.hash == standard().hash
        assert book.approve(version=1, author="bob", reason="fine").approvals[0].author == "bob"
        assert book.promote(version=1, author="ann", reason="watch").stage == "shadow"
        assert book.policies().official is None
        assert book.promote(version=1, author="ann", reason="agreed").stage == "official"
        assert book.policies().official == 1
        assert book.policies().review_due == [1]
    with Book(folder) as book:
        assert book.policies().versions[0].stage == "official"
        assert book.policy.hash == standard().hash
        assert book.verify().ok
    decisions = keys_of(folder)
    assert decisions["policy.proposed/1"]["values"] == dict(standard().values)
    assert decisions["policy.approved/1/bob"]["hash"] == standard().hash
    assert decisions["policy.promoted/1/official"]["reason"] == "agreed"


def test_the_file_counts_no_more_once_a_version_is_official(tmp_path: Path) -> None:
    folder = company(tmp_path / "book")
    with Book(folder) as book:
        official(book)
        before = book.rollforward(as_of=AS_OF)
        assert book.policies().working_copy == []
    (folder / POLICY).write_text(policy_text(standard().differing({"status.trialing": "include"})), "utf-8")
    with Book(folder) as book:
        after = book.rollforward(as_of=AS_OF)
        assert after.rows == before.rows
        assert after.definition.policy_hash == standard().hash
        assert book.policies().working_copy == ["status.trialing"]
        assert book.propose(author="ann", reason="trials count").hash == load(folder / POLICY).hash
    (folder / POLICY).write_text("nonsense = 1", "utf-8")
    with Book(folder) as book:
        assert book.rollforward(as_of=AS_OF).rows == before.rows
        assert "nonsense" in book.policies().working_copy[0]


def test_a_version_never_changes(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book")) as book:
        first = book.propose(author="ann", reason="first")
        with pytest.raises(WrongUse, match=r"version 1 \(draft\) says exactly this"):
            book.propose(author="bob", reason="the same again")
        book.propose(policy=book.meant("now,gap=3"), author="bob", reason="another")
        assert book.policies().versions[0].values == first.values
        assert [version.version for version in book.policies().versions] == [1, 2]


def test_a_second_person_where_the_book_demands_one(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book", "[policy]\napprovals = 1\n")) as book:
        book.propose(author="ann", reason="mine")
        with pytest.raises(WrongUse, match="ann's own proposal"):
            book.approve(version=1, author="ann", reason="I like it")
        with pytest.raises(MrrError, match="version 1 lacks 1 approval by somebody other than ann"):
            book.promote(version=1, author="ann", reason="go")
        assert book.approve(version=1, author="bob", reason="read it").stage == "draft"
        with pytest.raises(WrongUse, match="bob has approved version 1 already"):
            book.approve(version=1, author="bob", reason="again")
        assert book.promote(version=1, author="ann", reason="go").stage == "shadow"


def test_without_demand_ones_own_word_is_taken(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book")) as book:
        book.propose(author="ann", reason="mine")
        assert len(book.approve(version=1, author="ann", reason="sure").approvals) == 1


@pytest.mark.parametrize(("setting", "said"), [
    ("approvals = -1", "approvals = -1"), ("approvals = '2'", "approvals = '2'"), ("approval = 1", "approval is no"),
])  # fmt: skip
def test_settings_that_say_nothing_are_refused(tmp_path: Path, setting: str, said: str) -> None:
    with Book(company(tmp_path / "book", f"[policy]\n{setting}\n")) as book, pytest.raises(BookError, match=said):
        book.policies()


def test_drift_refuses_a_promotion(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book")) as book:
        official(book)
        trials = book.meant("now,status.trialing=include")
        book.propose(policy=trials, author="ann", reason="trials", drift="5%")
        with pytest.raises(MrrError, match=r"version 2 moves the ending MRR by 100\.00%, more than the 5\.00%"):
            book.promote(version=2, author="ann", reason="go")
        assert book.policies().versions[1].stage == "draft"
        assert [version.stage for version in book.policies().versions] == ["official", "draft"]


def test_the_book_may_say_how_much_drift_is_too_much(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book", '[policy]\ndrift = "150%"\n')) as book:
        official(book)
        version = book.propose(policy=book.meant("now,status.trialing=include"), author="ann", reason="trials")
        assert version.drift == "3/2"
        assert book.promote(version=2, author="ann", reason="go").measured == "1"


def test_a_shadow_is_measured_again_before_it_is_official(tmp_path: Path) -> None:
    """What comes in while it is watched can refuse it."""
    folder = company(tmp_path / "book", facts=())
    with Book(folder) as book:
        official(book)
        book.propose(policy=book.meant("now,status.trialing=include"), author="ann", reason="trials")
        assert book.promote(version=2, author="ann", reason="no trials yet").stage == "shadow"
    company_facts = company(tmp_path / "other")
    with Book(company_facts) as other:
        bodies = [entry.body for entries in other.journal.read() for entry in entries]
    with Book(folder) as book:
        assert [one.exceeded for one in book.shadow_drift()] == [False]
        book.append_bodies(bodies, source="native")
        (found,) = book.shadow_drift()
        assert (found.version, found.exceeded, found.trial.customers_differing) == (2, True, 1)
        with pytest.raises(MrrError, match="moves the ending MRR by"):
            book.promote(version=2, author="ann", reason="go")
        assert book.policies().official == 1


def test_unknown_and_finished_versions(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book")) as book:
        with pytest.raises(WrongUse, match="no version 1"):
            book.approve(version=1, author="bob", reason="fine")
        with pytest.raises(WrongUse, match="no version to roll back to"):
            book.rollback(author="ann", reason="oh")
        official(book)
        with pytest.raises(WrongUse, match="version 1 is official"):
            book.promote(version=1, author="ann", reason="again")
        with pytest.raises(WrongUse, match="no version to roll back to"):
            book.rollback(author="ann", reason="oh")
        official(book, "now,gap=3")
        with pytest.raises(WrongUse, match="version 1 is retired"):
            book.approve(version=1, author="bob", reason="fine")
        with pytest.raises(WrongUse, match="no version 7"):
            book.meant("v7")
        with pytest.raises(PolicyError, match="nosuch"):
            book.meant("nosuch")
        with pytest.raises(WrongUse, match="says more than a policy"):
            book.meant("@seq:1")


@pytest.mark.parametrize(("author", "reason"), [(" ", "x"), ("ann", " ")])
def test_a_decision_has_an_author_and_a_reason(tmp_path: Path, author: str, reason: str) -> None:
    with Book(company(tmp_path / "book")) as book:
        with pytest.raises(WrongUse, match="needs"):
            book.propose(author=author, reason=reason)
        assert book.policies().versions == []


@pytest.mark.parametrize("drift", ["much", "-1%", "1/0", "2000%"])
def test_a_drift_is_a_share(tmp_path: Path, drift: str) -> None:
    with Book(company(tmp_path / "book")) as book, pytest.raises(WrongUse, match="is no share"):
        book.propose(author="ann", reason="x", drift=drift)


def test_months_from_which_no_policy_can_hold(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book")) as book:
        book.propose(author="ann", reason="first")
        book.promote(version=1, author="ann", reason="watch")
        with pytest.raises(WrongUse, match="holds for all time"):
            book.promote(version=1, author="ann", reason="go", from_month="2025-03")
        book.promote(version=1, author="ann", reason="go")
        book.propose(policy=book.meant("now,gap=3"), author="ann", reason="gap", drift="100%")
        book.promote(version=2, author="ann", reason="watch")
        later = next_period(next_period(datetime.now(UTC).date().replace(day=1), "month"), "month")
        for month in ("2025-03-15", f"{later:%Y-%m}"):
            with pytest.raises(WrongUse, match="no month that a policy can hold from"):
                book.promote(version=2, author="ann", reason="go", from_month=month)
        book.close_month(month="2025-04", author="ann")
        with pytest.raises(WrongUse, match="2025-04 is closed"):
            book.promote(version=2, author="ann", reason="go", from_month="2025-04")
        assert f"{book.promote(version=2, author='ann', reason='go', from_month='2025-05').from_month}" == "2025-05-01"


def test_decisions_are_not_imported(tmp_path: Path) -> None:
    forged = b'{"type":"policy.promoted","version":1}'
    file = tmp_path / "forged.jsonl"
    file.write_bytes(forged)
    with Book(company(tmp_path / "book")) as book:
        entries = book.verify().entries
        with pytest.raises(WrongUse, match="decisions are not imported"):
            book.append_bodies([forged], source="governance")
        with pytest.raises(WrongUse, match="decisions are not imported"):
            book.append(str(file), source="governance")
        assert book.verify().entries == entries
