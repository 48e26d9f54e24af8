"""What may safely be done about an alert: the exact command, and what it does."""

from datetime import datetime, timedelta
from fnmatch import fnmatchcase

import msgspec

from mrr.watch.alerts import Alert
from mrr.watch.series import ENTRIES


class Remedy(msgspec.Struct, frozen=True):
    """A command that loses nothing and can be run twice."""

    command: str
    does: str


REPLAY = Remedy(
    "mrr import ARCHIVE --as {source}", "replays the provider's archive; what is known already is not doubled"
)
REBUILD = Remedy("mrr build", "decodes every entry again with the engine of today, the quarantined ones too")
BACKFILL = Remedy(
    "mrr reconcile subscriptions --backfill", "appends the snapshots that the book lacks, where that is safe"
)
ROLLBACK = Remedy(
    "mrr policy rollback --reason TEXT", "puts the former version of the policy back, if that is the cause"
)

# By rule, all that match; `{source}` is the source that the cause names.
REMEDIES: tuple[tuple[str, Remedy], ...] = (
    ("outcome.quarantined", REBUILD),
    ("slo.readable", REBUILD),
    (
        "outcome.conflicting",
        Remedy("mrr edit decide SEQ --reason TEXT", "says which of two entries that contradict each other stands"),
    ),
    ("F1*", REPLAY),
    (
        "F1*",
        Remedy("mrr reconcile subscriptions --source {source} --backfill", "appends the snapshots that the book lacks"),
    ),
    ("F2*", Remedy("mrr verify", "checks that every entry is there once and that the ledger adds up")),
    ("F3*", Remedy("mrr reconcile prorations", "lists each line with both figures")),
    ("F4*", Remedy("mrr import --fx ecb", "appends the reference rates of the last 90 days")),
    ("F4*", Remedy("mrr import --as rates RATES.csv --base CURRENCY", "appends rates of your own")),
    ("F5.late", REPLAY),
    ("F5.unposted", Remedy("mrr build", "posts what is recorded and not posted; the journal has everything")),
    ("F6*", BACKFILL),
    ("slo.drift", BACKFILL),
    ("slo.freshness", REPLAY),
    (
        "metric.*",
        Remedy("mrr bridge @{day} now", "shows what became known since, by cause; a change of policy is among them"),
    ),
    ("watch.delivery", Remedy("mrr watch --test ROUTE", "sends a test message on the route")),
)


# What a change of the policy can move, and how long before an alert one may have been its cause.
MOVED_BY_POLICY = ("metric.*", "movement.*", "anomaly.*")
PROMOTED_WITHIN = timedelta(days=7)


def remedies(alert: Alert, promoted_at: datetime | None = None) -> list[Remedy]:
    """What is offered for an alert, by its rules.

    `promoted_at` is when the official policy was promoted; None where there is nothing to roll back to.
    """
    kind, _, name = alert.cause.partition(":")
    words = {"source": name if kind == "source" else "SOURCE", "day": f"{alert.begins_at:%Y-%m-%d}"}
    found = [
        Remedy(remedy.command.format(**words), remedy.does)
        for rule in alert.rules
        for pattern, remedy in REMEDIES
        if fnmatchcase(rule, pattern)
    ]
    if _promoted_before(alert, promoted_at) and any(map(_moved_by_policy, alert.rules)):
        found.append(ROLLBACK)
    return list(dict.fromkeys(found))


def _promoted_before(alert: Alert, promoted_at: datetime | None) -> bool:
    """Whether it was promoted shortly before the alert; one that restates the past is promoted after its beginning."""
    return promoted_at is not None and alert.begins_at - PROMOTED_WITHIN <= promoted_at <= alert.opened_at


def _moved_by_policy(rule: str) -> bool:
    """Whether a policy can have moved what a rule watches; it cannot move how many entries there are."""
    return rule != f"anomaly.{ENTRIES}" and any(fnmatchcase(rule, pattern) for pattern in MOVED_BY_POLICY)
