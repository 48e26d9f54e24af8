"""F6, reconciliation drift: the latest of each comparison where it is over its threshold; what only a list knows."""

from collections.abc import Iterable

from mrr.figures import exact, plural
from mrr.period import instant
from mrr.reconcile.history import Run
from mrr.watch.bounds import SignalBounds
from mrr.watch.finding import Finding
from mrr.watch.shares import urgency


def drifts(runs: Iterable[Run], bounds: SignalBounds) -> list[Finding]:
    """What the comparisons that were made say; `runs` in the order in which they were made."""
    latest = {(run.what, run.ours, run.source or run.theirs): run for run in runs}
    return [_finding(run, bounds) for run in latest.values() if not run.within]


def _finding(run: Run, bounds: SignalBounds) -> Finding:
    # What a provider lists and no entry tells of was missed.
    rule = "F1.listed" if run.what == "subscriptions" and "missing" in run.causes else "F6.drift"
    drift = f"{exact(run.drift_micros)} {run.currency}"
    return Finding(
        rule=rule,
        # What the same source is found to lack, or to tell late, is the same trouble.
        cause=f"source:{run.source or run.theirs}",
        urgency=urgency(rule, bounds),
        summary=f"{run.what}: {run.ours} and {run.theirs} differ by {drift}, {run.drift_percent} %",
        begins_at=instant(run.at),
        figures={
            "drift": f"{drift} ({run.drift_percent} %)",
            "threshold": f"{run.threshold_percent} %",
            "differences": f"{run.differences:,}",
            **{cause: plural(count, "difference") for cause, count in run.causes.items()},
        },
    )
