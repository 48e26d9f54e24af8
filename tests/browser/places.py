"""Every page and state that is looked at: for overflow, by axe, and in docs/screens. A new page adds its line here."""

from typing import NamedTuple


class Place(NamedTuple):
    """A page by name; its path names a `{customer}`, `{movement}`, `{month}`, `{day}`, `{alert}` of a stocked book."""

    name: str
    path: str


PAGES = (
    Place("overview", "/"),
    Place("movements", "/movements"),
    Place("movements-cell", "/movements?period={day}&class=new&movement={movement}"),
    Place("movements-filtered", "/movements?where=segment%3Dsmb&interval=quarter"),
    Place("customers", "/customers"),
    Place("customer", "/customers/{customer}"),
    Place("cohorts", "/cohorts"),
    Place("cohorts-segment", "/cohorts?by=segment&of=logo&interval=quarter"),
    Place("plans", "/plans"),
    Place("segments", "/plans?by=segment"),
    Place("metrics", "/metrics"),
    Place("metric", "/metrics/nrr"),
    Place("metric-cohort", "/metrics/cohort.revenue"),
    Place("policy", "/policy"),
    Place("what-if", "/policy/try"),
    Place("policy-diff", "/policy/diff?left=standard&right=chartmogul"),
    Place("bridge", "/bridge"),
    Place("reconcile", "/reconcile"),
    Place("close", "/close"),
    Place("journal", "/journal"),
    Place("journal-entry", "/journal/1"),
    Place("journal-receipts", "/journal/receipts"),
    Place("on-call", "/on-call"),
    Place("on-call-alert", "/on-call?alert={alert}&window=7d"),
    Place("incident", "/on-call/incident?from={day}"),
    Place("on-call-executive", "/on-call/executive"),
    Place("on-call-debug", "/on-call/debug"),
    Place("runbook", "/on-call/runbooks/F4.rate_stale"),
)
# What a page shows when there is nothing, or nothing right, to show.
STATES = (
    Place("nobody", "/customers?search=nobody-is-called-so"),
    Place("no-movements", "/movements?from=1999&to=1999"),
    Place("refused", "/movements?where=nonsense"),
    Place("unknown", "/customers/nobody"),
    Place("no-entry", "/journal?text=nothing-is-filed-so"),
    Place("no-time", "/on-call/incident?from=2026-01-02&to=2026-01-01"),
    Place("no-ledger", "/bridge?left=/etc/passwd"),
    Place("no-runbook", "/on-call/runbooks/rules.mine"),
)
EVERY = (*PAGES, *STATES)
