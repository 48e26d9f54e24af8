"""The letters of a postmortem: one for each kind of customer, only what the ledger knows, the same as the playbook."""

import re
from collections.abc import Iterable
from datetime import date, datetime

import pytest

from mrr.answers import Definition
from mrr.watch.impact import Affected, Impact, play
from mrr.watch.postmortem import Postmortem
from mrr.watch.remedies import BACKFILL

NOON = datetime(2026, 11, 20, 12)
MEANT = Definition("mrr.ending", "standard", "0" * 64, "1", "USD", "UTC", NOON, 7, 0, "")


def row(
    *codes: str, recovered: bool = False, failures: int | None = None, mrr: int = 100, lost: int = 0, why: str = ""
) -> Affected:
    """A customer whose payments failed with these codes."""
    failed = len(codes) if failures is None else failures
    return Affected(
        customer_id="ann",
        source="native",
        why=why,
        before_micros=100,
        mrr_micros=mrr,
        at_risk_micros=0 if recovered else mrr,
        lost_micros=lost,
        failures=failed,
        recovered=recovered,
        since_on=date(2026, 1, 1),
        plans=["pro"],
        attributes={},
        codes=list(codes),
    )


def draft(rows: Iterable[Affected]) -> str:
    found = list(rows)
    told = Impact(MEANT, NOON, NOON.replace(hour=14), [], len(found), 0, 0, 0, found)
    return Postmortem("Outage", NOON, NOON, told, [], [], [BACKFILL]).text()


def letters(*rows: Affected) -> dict[str, str]:
    """The letters by their titles, each as one line."""
    _, *parts = re.split(r"^### ", draft(rows).partition("## To the customers")[2], flags=re.MULTILINE)
    told = (part.partition("\n") for part in parts)
    return {title: " ".join(text.replace("> ", "").split()) for title, _, text in told}


def said(text: str) -> str:
    """What a letter asserts: without what is left to a person."""
    return re.sub(r"\*\[[^]]*\]\*", "", text)


BEGUN = "Between 20 November 2026 12:00 and 20 November 2026 14:00 UTC"


@pytest.mark.parametrize(
    ("one", "title", "says"),
    [
        (row("expired_card"), "Update payment method, payment failed", "failed: the card has expired. Please update"),
        (row("do_not_honor"), "Update payment method, payment failed", "failed: the bank refused the card. Please"),
        (
            row("processing_error"),
            "Await the retry, payment failed",
            "could not be processed. We try the payment again.",
        ),
        (
            row("insufficient_funds"),
            "Await the retry, payment failed",
            "there was not enough money on the account. We try",
        ),
        (row("odd|code"), "Await the retry, payment failed", "our payment provider calls it odd\\|code. We try"),
        (row(failures=1), "Await the retry, payment failed", "we were given no reason. We try the payment again."),
        (row("expired_card", recovered=True), "Inform, payment failed and succeeded since", "you need do nothing"),
        (
            row("expired_card", mrr=0, lost=-100),
            "Win back, payment failed",
            "You have no paid subscription with us now.",
        ),
        (row(mrr=60, lost=-40, why="lost MRR"), "Reach out", "Your subscription has become smaller since then."),
        (row(why="checkout left"), "Inform, checkout left", "a checkout that you had begun came to nothing."),
    ],
)
def test_each_kind_has_a_letter_of_what_is_known_of_it(one: Affected, title: str, says: str) -> None:
    (found,) = letters(one).items()
    assert found[0] == f"{title}: 1 customer"
    assert found[1].startswith(BEGUN)
    assert says in said(found[1])


def test_what_the_ledger_cannot_know_is_asked_of_the_author() -> None:
    kinds = [row("expired_card"), row("processing_error"), row("expired_card", recovered=True), row(why="named")]
    for text in letters(*kinds).values():
        assert "*[was access affected?]*" in text
        assert not re.search(r"access|in order|sorry|by ourselves", said(text))


def test_only_who_has_paid_since_is_told_to_do_nothing_and_only_a_wrong_card_is_asked_for() -> None:
    kinds = [row("expired_card"), row("processing_error"), row("processing_error", recovered=True)]
    told = {title.partition(",")[0]: said(text) for title, text in letters(*kinds).items()}
    assert {name for name, text in told.items() if "do nothing" in text} == {"Inform"}
    assert {name for name, text in told.items() if "update your payment method" in text} == {"Update payment method"}
    assert {name for name, text in told.items() if "try the payment again" in text} == {"Await the retry"}
    assert {name.lower() for name in told} == {play(one) for one in kinds}


def test_a_mixed_draft_counts_its_kinds_the_largest_first_and_leaves_several_reasons_to_pick() -> None:
    rows = [row("processing_error"), row("expired_card"), row("card_declined"), row("generic_decline", "do_not_honor")]
    found = letters(*rows)
    assert list(found) == [
        "Update payment method, payment failed: 3 customers",
        "Await the retry, payment failed: 1 customer",
    ]
    assert "*[which of: the bank refused the card (2); the card has expired (1)?]*" in next(iter(found.values()))


def test_where_nobody_is_concerned_there_is_no_letter() -> None:
    assert letters() == {}
    assert "The ledger knows of nobody whom it concerned." in draft([])


def test_the_remedies_that_were_offered_are_in_the_draft() -> None:
    assert f"- `{BACKFILL.command}` {BACKFILL.does}" in draft([])
