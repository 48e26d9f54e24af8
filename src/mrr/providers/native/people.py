"""Who is who: customers with their attributes, and the edits that join customers and subscriptions."""

from typing import Any

import mrr.providers.native.reading as reading
import mrr.providers.native.shapes as shapes
from mrr import facts
from mrr.errors import DecodeError


def customer(told: shapes.Customer, seen: reading.Seen) -> facts.Fact:
    """Attributes of a customer; one that is null is left out."""
    named = told.attributes or {}
    attributes = {key: _attribute(key, value) for key, value in named.items() if value is not None}
    return reading.dated(facts.Customer, told, seen, customer=told.customer, attributes=attributes)


def _attribute(key: str, value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise DecodeError(f"attributes.{key}", "expected a text, a number or a truth value")
    return str(value).lower() if isinstance(value, bool) else str(value)


def merge(told: shapes.Merge, seen: reading.Seen) -> facts.Fact:
    """A customer is, and always was, another."""
    return facts.Merge(effective_at=None, observed_at=seen.observed_at, customer=told.from_, into=told.into)


def continues(told: shapes.Continues, seen: reading.Seen) -> facts.Fact:
    """A subscription takes the place of another."""
    at = reading.instant(told.at, "at")
    return facts.Continues(effective_at=at, observed_at=seen.observed_at, old=told.old, new=told.new)
