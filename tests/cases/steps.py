"""Short steps of a customer's subscriptions, as published.yaml writes them, made into facts of the scenario format."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

Step = Mapping[str, Any]

# Keys that are of the moment and are not inherited by the next step.
MOMENT = ("at", "sub", "ended", "status", "pause", "canceled_at", "cancel_at_period_end", "times")
TERMS = ("trial_ends_at", "canceled_at", "cancel_at_period_end", "pause")


def facts_of(customer: str, story: tuple[Step, ...]) -> Iterator[dict[str, Any]]:
    """A snapshot a step; `times` makes as many subscriptions of one step, `ended` ends it at the step's instant."""
    last: dict[str, Step] = {}
    for step in story:
        name = step.get("sub", "S1")
        known = last.get(name, {})
        kept = {key: value for key, value in known.items() if key not in MOMENT}
        whole = {**kept, **step, "from": known.get("from", step["at"])}
        last[name] = whole
        for number in range(step.get("times", 1)):
            yield _fact(customer, f"{customer} {name}" + (f"-{number}" if number else ""), whole)


def _fact(customer: str, subscription: str, step: Step) -> dict[str, Any]:
    at = _instant(step["at"])
    fact: dict[str, Any] = {
        "fact": "subscription",
        "customer": customer,
        "subscription": subscription,
        "effective_at": at,
        "status": step.get("status", "active"),
        "currency": "USD",
        "items": [_item({**step, **item}) for item in step.get("items", [{}])],
        "period": _period(_instant(step["from"]), at, step["every"]),
        "discounts": [_discount(discount) for discount in step.get("discounts", ())],
    }
    for key in TERMS:
        if key in step:
            fact[key] = _instant(step[key]) if key.endswith("_at") else step[key]
    if step.get("ended"):
        fact |= {"status": "canceled", "canceled_at": at, "ended_at": at}
    return fact


def _item(step: Step) -> dict[str, Any]:
    item = {
        "item": step.get("item", "A"),
        "product": step.get("product", "pro"),
        "unit_amount": step["each"],
        "quantity": step.get("seats", 1),
    }
    if step["every"] == "none":
        return item
    count, unit = _every(step["every"])
    price = f"{item['product']}-{step['each']}-{step['every']}"
    return {**item, "price": price, "interval": unit, "interval_count": count}


def _discount(discount: Step) -> dict[str, Any]:
    return {key: _instant(value) if key == "ends_at" else value for key, value in discount.items()}


def _every(text: str) -> tuple[int, str]:
    """`3 months` is (3, month), `year` is (1, year)."""
    count, _, unit = text.rpartition(" ")
    return int(count or 1), unit.removesuffix("s")


def _period(start: datetime, at: datetime, every: str) -> list[datetime]:
    """The billing period with `at` in it, counted from the subscription's start."""
    number = 0
    while _boundary(start, number + 1, every) <= at:
        number += 1
    return [_boundary(start, number, every), _boundary(start, number + 1, every)]


def _boundary(start: datetime, number: int, every: str) -> datetime:
    count, unit = (1, "month") if every == "none" else _every(every)
    days = {"day": 1, "week": 7}.get(unit)
    if days is not None:
        return start + timedelta(days=days * count * number)
    months = start.month - 1 + count * number * (12 if unit == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


def _instant(value: Any) -> datetime:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    assert isinstance(value, date)
    return datetime.combine(value, time(), UTC)
