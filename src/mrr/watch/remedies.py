"""What may safely be done about an alert: the exact command, and what it does."""

from fnmatch import fnmatchcase

import msgspec

from mrr.watch.alerts import Alert


class Remedy(msgspec.Struct, frozen=True):
    """A command that loses nothing and can be run twice."""

    command: str
    does: str


# By rule, the first that matches; `{source}` is the source that the cause names.
REMEDIES: tuple[tuple[str, Remedy], ...] = (
    (
        "outcome.quarantined",
        Remedy("mrr build", "decodes every entry again with the engine of today, the quarantined ones too"),
    ),
    (
        "outcome.conflicting",
        Remedy("mrr edit decide SEQ --reason TEXT", "says which of two entries that contradict each other stands"),
    ),
    (
        "F1*",
        Remedy(
            "mrr import ARCHIVE --as {source}", "replays the provider's archive; what is known already is not doubled"
        ),
    ),
    (
        "F1*",
        Remedy("mrr reconcile subscriptions --source {source} --backfill", "appends the snapshots that the book lacks"),
    ),
    ("F3*", Remedy("mrr reconcile prorations", "lists each line with both figures")),
    ("F4*", Remedy("mrr import --fx ecb", "appends the reference rates of the last 90 days")),
    ("F4*", Remedy("mrr import --as rates RATES.csv --base CURRENCY", "appends rates of your own")),
    (
        "F6*",
        Remedy(
            "mrr reconcile subscriptions --backfill", "appends the snapshots that the book lacks, where that is safe"
        ),
    ),
    (
        "metric.*",
        Remedy("mrr bridge @{day} now", "shows what became known since, by cause; a change of policy is among them"),
    ),
    (
        "metric.*",
        Remedy("mrr policy rollback --reason TEXT", "puts the former version of the policy back, if that is the cause"),
    ),
    ("watch.delivery", Remedy("mrr watch --test ROUTE", "sends a test message on the route")),
)


def remedies(alert: Alert) -> list[Remedy]:
    """What is offered for an alert, by its rules."""
    _, _, source = alert.cause.partition(":")
    words = {"source": source or "SOURCE", "day": f"{alert.begins_at:%Y-%m-%d}"}
    found = [
        Remedy(remedy.command.format(**words), remedy.does)
        for rule in alert.rules
        for pattern, remedy in REMEDIES
        if fnmatchcase(rule, pattern)
    ]
    return list(dict.fromkeys(found))
