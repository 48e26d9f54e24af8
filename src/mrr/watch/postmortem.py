"""The draft of a postmortem: what happened and when, whom it cost what, and what to tell the customers."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial

import msgspec

import mrr.watch.told as told
from mrr.figures import exact, plural
from mrr.watch.alerts import Alert
from mrr.watch.impact import Affected, Impact
from mrr.watch.remedies import remedies

# So many customers are named in the draft; the others are in the export.
NAMED = 10


class Moment(msgspec.Struct, frozen=True):
    """Something that happened, for the timeline."""

    at: datetime
    who: str
    what: str


class Postmortem(msgspec.Struct):
    """Everything that a draft is written from."""

    title: str
    since: datetime
    until: datetime
    impact: Impact
    alerts: list[Alert]
    timeline: list[Moment]

    def text(self) -> str:
        """The draft, in Markdown: facts are filled in, judgements are left to people."""
        return "\n".join([*_head(self), *_cost(self.impact), *_times(self), *_causes(self), *_letter(self)]) + "\n"


def moments(alerts: Iterable[Alert], since: datetime, until: datetime) -> Iterator[Moment]:
    """What happened to alerts within a stretch of time."""
    for alert in alerts:
        for event in alert.history:
            if since <= event.happened_at <= until:
                yield Moment(event.happened_at, event.actor, f"alert {alert.alert_id} {happened(event.said, alert)}")


def happened(said: told.Said, alert: Alert) -> str:
    """What an event says, in a few words."""
    match said:
        case told.Opened(findings=findings):
            return f"opened: {findings[0].summary}"
        case told.Seen(findings=findings):
            return f"seen with {plural(len(findings), 'finding')}: {', '.join(one.rule for one in findings)}"
        case told.Acknowledged(reason=reason) | told.Resolved(reason=reason):
            word = "acknowledged" if isinstance(said, told.Acknowledged) else "resolved"
            return f"{word}: {reason}" if reason else word
        case told.Sent(route=route, stage=stage):
            return f"told {route} ({stage})"
        case told.Unsent(route=route, error=error):
            return f"not told {route}: {error}"
    return f"seen no more: {alert.cause}"


def _head(draft: Postmortem) -> Iterator[str]:
    found, meant = draft.impact, draft.impact.definition
    yield f"# Postmortem: {draft.title}"
    yield f"\nDraft of {meant.as_of:%Y-%m-%d %H:%M}Z. Policy {meant.policy} {meant.policy_hash[:8]}, entries up to"
    yield f"{meant.known_at_seq}. What is in *italics* is for a person to write."
    yield "\n## Summary\n"
    yield f"From {draft.since:%Y-%m-%d %H:%M}Z to {draft.until:%Y-%m-%d %H:%M}Z {plural(found.customers, 'customer')}"
    yield f"with {exact(found.before_micros)} {meant.currency} of MRR were affected. At risk:"
    yield f"{exact(found.at_risk_micros)} {meant.currency}; lost so far: {exact(found.lost_micros)} {meant.currency}."
    detected = _detected(draft)
    yield f"\n- Began: {draft.since:%Y-%m-%d %H:%M}Z"
    yield f"- Detected: {detected or 'by nobody of ours'}"
    yield "- Root cause: *…*"


def _detected(draft: Postmortem) -> str:
    opened = min((alert.opened_at for alert in draft.alerts), default=None)
    if opened is None:
        return ""
    minutes = max(0, int((opened - draft.since).total_seconds()) // 60)
    return f"{opened:%Y-%m-%d %H:%M}Z, after {minutes} minutes"


def _cost(found: Impact) -> Iterator[str]:
    currency = found.definition.currency
    yield "\n## Whom it cost what\n"
    yield from _table("plan", found.rows, lambda row: row.plans or ["none"], currency)
    yield from _table("joined", found.rows, lambda row: [_quarter(row.since_on)], currency)
    for key in sorted({key for row in found.rows for key in row.attributes}):
        yield from _table(key, found.rows, partial(_trait, key), currency)
    yield f"\nThe largest of {plural(found.customers, 'customer')}:\n"
    yield f"| customer | why | MRR before ({currency}) | at risk | lost |\n|---|---|---:|---:|---:|"
    for row in found.rows[:NAMED]:
        amounts = " | ".join(exact(one) for one in (row.before_micros, row.at_risk_micros, row.lost_micros))
        yield f"| {_cell(row.customer_id)} | {_cell(row.why)} | {amounts} |"


def _trait(key: str, row: Affected) -> Sequence[str]:
    return [row.attributes.get(key, "none")]


# A cohort of many values says nothing.
MANY = 12


def _table(
    name: str, rows: Sequence[Affected], of: Callable[[Affected], Sequence[str]], currency: str
) -> Iterator[str]:
    """Who is affected, by cohort; a customer of several plans counts with its first."""
    cohorts: dict[str, list[Affected]] = defaultdict(list)
    for row in rows:
        cohorts[of(row)[0]].append(row)
    if not cohorts or len(cohorts) > MANY:
        return
    yield f"\n| {_cell(name)} | customers | at risk ({currency}) | lost |\n|---|---:|---:|---:|"
    for cohort, members in sorted(cohorts.items(), key=lambda one: -sum(row.at_risk_micros for row in one[1])):
        risk, lost = sum(row.at_risk_micros for row in members), sum(row.lost_micros for row in members)
        yield f"| {_cell(cohort)} | {len(members)} | {exact(risk)} | {exact(lost)} |"


def _cell(text: str) -> str:
    """A text that stays in its cell, whatever a provider has put into it."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def _quarter(day: date | None) -> str:
    return "unknown" if day is None else f"{day.year}-Q{(day.month + 2) // 3}"


def _times(draft: Postmortem) -> Iterator[str]:
    yield "\n## Timeline (UTC)\n"
    yield "| when | who | what |\n|---|---|---|"
    for one in sorted(draft.timeline, key=lambda moment: moment.at):
        yield f"| {one.at:%Y-%m-%d %H:%M} | {_cell(one.who)} | {_cell(one.what)} |"


def _causes(draft: Postmortem) -> Iterator[str]:
    yield "\n## What was seen\n"
    for alert in draft.alerts:
        for finding in alert.findings:
            figures = "; ".join(f"{name} {value}" for name, value in finding.figures.items())
            entries = f", entries {', '.join(map(str, finding.entries[:5]))}" if finding.entries else ""
            yield (
                f"- **{finding.rule}** {_cell(finding.summary)}" + (f" ({_cell(figures)})" if figures else "") + entries
            )
    offered = dict.fromkeys(remedy for alert in draft.alerts for remedy in remedies(alert))
    if offered:
        yield "\n## Remedies offered\n"
        yield from (f"- `{remedy.command}` {remedy.does}" for remedy in offered)
    yield "\n## What went well, what did not, what we change\n\n*…*"


def _letter(draft: Postmortem) -> Iterator[str]:
    """What to tell the customers whom it concerned; nothing in it that they do not know of themselves."""
    failed = any(row.failures for row in draft.impact.rows)
    yield "\n## To the customers (draft)\n"
    yield f"> Between {draft.since:%d %B %Y %H:%M} and {draft.until:%d %B %Y %H:%M} UTC our billing did not work as it"
    yield "> should."
    if failed:
        yield "> A payment of yours may have failed although your card was in order. Your access was not affected, and"
        yield "> we collect it again by ourselves; you need not do anything."
    else:
        yield "> Your access was not affected. Where an invoice of yours was wrong we correct it by ourselves."
    yield "> We are sorry. *What we changed so that it does not happen again: …*"
