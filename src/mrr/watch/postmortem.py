"""The draft of a postmortem: what happened and when, whom it cost what, and what to tell the customers."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

import msgspec

import mrr.watch.told as told
from mrr.figures import exact, plural
from mrr.watch.alerts import Alert
from mrr.watch.impact import EXPIRED, MISTYPED, REFUSED, Affected, Impact, play
from mrr.watch.remedies import Remedy

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
    remedies: list[Remedy] = []

    def text(self) -> str:
        """The draft, in Markdown: facts are filled in, judgements are left to people."""
        return (
            "\n".join([*_head(self), *_cost(self.impact), *_times(self), *_causes(self), *_letters(self.impact)]) + "\n"
        )


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
    if draft.remedies:
        yield "\n## Remedies offered\n"
        yield from (f"- `{remedy.command}` {remedy.does}" for remedy in draft.remedies)
    yield "\n## What went well, what did not, what we change\n\n*…*"


# ----- letters

# Why a payment failed, as a customer may read it; that a card was reported lost or stolen its bank tells itself.
PLAIN = {
    **dict.fromkeys(EXPIRED, "the card has expired"),
    **dict.fromkeys(MISTYPED, "the details of the card are wrong"),
    **dict.fromkeys(REFUSED, "the bank refused the card"),
    "insufficient_funds": "there was not enough money on the account",
    "processing_error": "the payment could not be processed",
    "authentication_required": "the bank wants you to confirm the payment",
}
# What a letter asks or says, by the play that the playbook has for the same customers.
ASKED = {
    "win back": "You have no paid subscription with us now. *[what do we offer?]*",
    "update payment method": "Please update your payment method: *[link]*",
    "await the retry": "We try the payment again. *[when?]*",
    "reach out": "Your subscription has become smaller since then. *[was that our doing?]*",
}


class Kind(NamedTuple):
    """Customers who get the same letter: what to do about them, and what the ledger knows of them."""

    play: str
    failed: bool
    paid: bool
    left: bool

    @property
    def title(self) -> str:
        """The play, and what distinguishes who has the same one."""
        known = (
            (self.failed and not self.paid, "payment failed"),
            (self.paid, "payment failed and succeeded since"),
            (self.left, "checkout left"),
        )
        return ", ".join([self.play.capitalize(), *(words for is_so, words in known if is_so)])


def _kind(row: Affected) -> Kind:
    failed = row.failures > 0
    return Kind(play(row), failed, failed and row.recovered, not failed and "checkout left" in row.why.split(", "))


def _letters(found: Impact) -> Iterator[str]:
    """What to tell the customers, a letter a kind: only what the ledger knows; the rest is left to who sends it."""
    kinds: dict[Kind, list[Affected]] = defaultdict(list)
    for row in found.rows:
        kinds[_kind(row)].append(row)
    yield "\n## To the customers (drafts)\n"
    if not kinds:
        yield "The ledger knows of nobody whom it concerned."
    for kind, rows in sorted(kinds.items(), key=lambda one: -len(one[1])):
        yield f"### {kind.title}: {plural(len(rows), 'customer')}\n"
        yield from (f"> {line}" for line in _letter(kind, rows, found))
        yield ""


def _letter(kind: Kind, rows: Sequence[Affected], found: Impact) -> Iterator[str]:
    yield f"Between {found.since:%d %B %Y %H:%M} and {found.until:%d %B %Y %H:%M} UTC"
    if kind.failed:
        yield f"a payment of yours failed: {_reason(rows)}."
    elif kind.left:
        yield "a checkout that you had begun came to nothing. *[can it be tried again?]*"
    else:
        yield "*[what happened to this customer?]*"
    if kind.paid:
        yield "A later payment has succeeded; you need do nothing about it."
    if kind.play in ASKED:
        yield ASKED[kind.play]
    yield "*[was access affected?]* *[was it our fault: are we sorry, and what did we change?]*"


def _reason(rows: Sequence[Affected]) -> str:
    """Why the payments of these customers failed; where there are several reasons, who sends it picks."""
    told_of = Counter(why for row in rows for why in {_plain(code) for code in row.codes or [""]})
    if len(told_of) == 1:
        return next(iter(told_of))
    return f"*[which of: {'; '.join(f'{why} ({number})' for why, number in told_of.most_common())}?]*"


def _plain(code: str) -> str:
    return PLAIN.get(code) or (f"our payment provider calls it {_cell(code)}" if code else "we were given no reason")
