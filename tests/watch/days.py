"""Days of a small company in native events: who began to pay on each of them, for what, and how much."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date


def customers(days: Mapping[date, Sequence[tuple[str, int]]]) -> Iterator[bytes]:
    """For every day, customers who begin at noon to pay for a plan so many dollars a month."""
    for day, sold in days.items():
        for number, (plan, dollars) in enumerate(sold):
            name = f"c-{day}-{number}"
            item = {"item": "seat", "product": plan, "unit_amount": f"{dollars}", "interval": "month"}
            fact = {"fact": "subscription", "subscription": f"s-{name}", "customer": name, "status": "active"}
            fact |= {"effective_at": f"{day}T12:00:00Z", "currency": "USD"}
            yield json.dumps({**fact, "items": [item]}).encode()
