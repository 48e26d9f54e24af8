"""Snapshots of subscriptions."""

import msgspec
from msgspec import UNSET

import mrr.providers.native.offer as offer
import mrr.providers.native.reading as reading
import mrr.providers.native.shapes as shapes
from mrr import facts
from mrr.errors import DecodeError


def subscription(told: shapes.Subscription, seen: reading.Seen) -> facts.Fact:
    """The snapshot; with `previous` also the digest of the state before, which orders facts of one instant."""
    fact = _snapshot(told, seen)
    if told.previous is None:
        return fact
    try:
        before = _snapshot(_before(told, told.previous), seen)
    except DecodeError as error:
        raise reading.inside("previous", error) from None
    return msgspec.structs.replace(fact, prior=facts.content_digest(before))


def _snapshot(told: shapes.Subscription, seen: reading.Seen) -> facts.Subscription:
    currency = reading.currency(told.currency)
    starts_at, ends_at = reading.period(told.period)
    return reading.dated(
        facts.Subscription,
        told,
        seen,
        subscription=told.subscription,
        customer=told.customer,
        status=told.status,
        currency=currency,
        items=reading.each(told.items, "items", lambda part: offer.item(part, currency)),
        truncated=told.has_more or False,
        discounts=reading.each(told.discounts, "discounts", offer.on_bill(currency)),
        started_at=reading.instant(told.started_at, "started_at"),
        period_starts_at=starts_at,
        period_ends_at=ends_at,
        trial_ends_at=reading.instant(told.trial_ends_at, "trial_ends_at"),
        paused=told.pause is not None,
        resumes_at=reading.instant(told.pause.resumes_at, "pause.resumes_at") if told.pause else None,
        cancel_at_period_end=told.cancel_at_period_end or False,
        cancel_at=reading.instant(told.cancel_at, "cancel_at"),
        canceled_at=reading.instant(told.canceled_at, "canceled_at"),
        ended_at=reading.instant(told.ended_at, "ended_at"),
        involuntary=told.involuntary,
        change=told.change,
    )


def _before(told: shapes.Subscription, previous: shapes.Before) -> shapes.Subscription:
    """The snapshot as it was: the former values in the place of what they became."""
    values = msgspec.structs.asdict(previous)
    return msgspec.structs.replace(told, **{name: value for name, value in values.items() if value is not UNSET})
