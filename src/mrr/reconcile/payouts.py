"""Payments less fees and refunds against what was sent to the bank, in each balance: a source and a currency."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from mrr.figures import exact
from mrr.providers import apart
from mrr.reconcile.outcome import Difference, Side, differs
from mrr.reconcile.rates import Rates
from mrr.warehouse import Warehouse, sql

# Within so many days what is available is sent to the bank; no schedule that providers offer but the monthly is slower,
# and a first payout may take as long.
DAYS = 14
# Where no line of the balance tells the fees of payments, up to so many percent of them may be fees.
FEES = 10


def compare(book: Warehouse, rates: Rates, at: datetime, *, first: datetime) -> tuple[list[Difference], list[str]]:
    """What differs at an instant, and notes: each balance by month since `first`. Needs `cash_charge`. Ours is what
    the payments come to, theirs what the bank was sent.
    """
    for table in ("cash_line_told", "cash_payout", "cash_line"):
        book.create(table, sql(f"reports/{table}"))
    values = {"at": at, "days": DAYS}
    book.execute(f"CREATE OR REPLACE TEMP TABLE cash_balance AS {sql('reports/cash_balance')}", values)
    window = {"first": first, "at": at}
    unsent = book.dicts(sql("reports/cash_unsent"), {"at": at, "due": at - timedelta(days=DAYS)})
    rows = [*_unsent(book, unsent, rates)]
    rows += _unexplained(book.dicts(sql("reports/cash_unexplained"), {**window, "days": DAYS}), rates)
    rows += _apart(book.dicts(sql("reports/cash_apart"), window), rates)
    rows += _waiting(book.dicts(sql("reports/cash_waiting"), {"due": at - timedelta(days=DAYS)}), rates)
    return rows, [*map(_month, book.dicts(sql("reports/cash_month"), window)), *_silent(book)]


def _unsent(book: Warehouse, lines: list[dict[str, Any]], rates: Rates) -> Iterator[Difference]:
    balances: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        balances[line["source"], line["currency"]].append(line)
    untold = {
        (source, currency): (int(micros), count)
        for source, currency, micros, count in book.rows(
            """SELECT source, currency, sum(gross_micros), count(*) FROM cash_line
            WHERE NOT told AND kind = 'charge' GROUP BY source, currency"""
        )
    }
    for (source, currency), due in balances.items():
        total = sum(line["unsent_micros"] for line in due)
        charged, count = untold.get((source, currency), (0, 0))
        if total * 100 <= charged * FEES:
            detail = (
                f"{_money(total, currency)} of {_money(charged, currency)} never came: the fees of {count:,} payments?"
            )
            worth = rates.of(total, currency)
            yield differs(Side(f"{source}/"), "fees not told", (worth, 0), detail, "import the lines of the balance")
        else:
            yield from (_overdue(line, rates) for line in due)


def _overdue(line: dict[str, Any], rates: Rates) -> Difference:
    cause, why = "not paid out", "no payout covers it"
    if line["failed_id"]:
        cause, why = "payout failed", f"{_bare(line['failed_id'])} came back"
        why += f" ({line['failure_code']})" if line["failure_code"] else ""
    part = "" if line["unsent_micros"] == line["net_micros"] else f" of {_money(line['net_micros'], line['currency'])}"
    detail = f"{_money(line['unsent_micros'], line['currency'])}{part}, available since {line['available_at']:%Y-%m-%d}"
    worth = rates.of(line["unsent_micros"], line["currency"])
    side = Side(line["customer_id"] or f"{line['source']}/", line["subject_id"])
    return differs(side, cause, (worth, 0), f"{detail}: {why}", "ask the provider where it is")


def _unexplained(payouts: list[dict[str, Any]], rates: Rates) -> Iterator[Difference]:
    for sent in payouts:
        excess, whole = sent["excess_micros"], sent["amount_micros"]
        beyond = f"{_money(excess, sent['currency'])} more than payments explain"
        detail = f"{_money(whole, sent['currency'])} sent on {sent['sent_at']:%Y-%m-%d}: {beyond}"
        worth = rates.of(excess, sent["currency"])
        yield differs(_side(sent), "unexplained payout", (0, worth), detail, "import the payments that it is made of")


def _apart(payouts: list[dict[str, Any]], rates: Rates) -> Iterator[Difference]:
    """Payouts whose own lines come to something else."""
    for sent in payouts:
        held, whole, currency = sent["held_micros"], sent["amount_micros"], sent["currency"]
        detail = (
            f"{_money(whole, currency)} sent on {sent['sent_at']:%Y-%m-%d}, its lines come to {_money(held, currency)}"
        )
        worth = rates.of(held, currency), rates.of(whole, currency)
        yield differs(_side(sent), "payout differs", worth, detail, "look for the line that is missing or too many")


def _waiting(payouts: list[dict[str, Any]], rates: Rates) -> Iterator[Difference]:
    for sent in payouts:
        whole, currency = sent["amount_micros"], sent["currency"]
        detail = f"{_money(whole, currency)} sent on {sent['sent_at']:%Y-%m-%d}: nothing tells that it arrived"
        yield differs(_side(sent), "payout pending", (rates.of(whole, currency), 0), detail, "look at the bank account")


def _month(month: dict[str, Any]) -> str:
    said = f"{month['source']} {month['currency']} {month['month']:%Y-%m}: charged {exact(month['charged_micros'])}"
    for word in ("back", "fee", "other"):
        said += f", {word} {exact(month[f'{word}_micros'])}" if month[f"{word}_micros"] else ""
    said += f"; paid out {exact(month['sent_micros'])}."
    return said + (f" The fees of {month['untold']:,} are not told." if month["untold"] else "")


def _silent(book: Warehouse) -> Iterator[str]:
    """The balances into which money came and of which no payout is known: silence is no missing payout."""
    for source, currencies in book.rows(
        """SELECT source, string_agg(DISTINCT currency, ', ' ORDER BY currency) FROM cash_line
        WHERE (source, currency) NOT IN (SELECT (source, currency) FROM cash_payout) GROUP BY source ORDER BY source"""
    ):
        yield f"No payout of source {source} in {currencies} is known: whether payments reached the bank is not said."


def _side(sent: dict[str, Any]) -> Side:
    return Side(f"{sent['source']}/", sent["payout_id"])


def _money(micros: int, currency: str) -> str:
    return f"{exact(micros)} {currency}"


def _bare(name: str) -> str:
    return apart(name)[1]
