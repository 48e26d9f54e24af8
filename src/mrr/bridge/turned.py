"""The way back over a bridge: the same rows with their signs turned, in reverse order (DESIGN §9)."""

from msgspec.structs import replace

from mrr.bridge.shapes import Bridge, Cause, Entry, Month, Standing, Step


def turned(bridge: Bridge) -> Bridge:
    """The bridge from its right end to its left."""
    return replace(
        bridge,
        left=bridge.right,
        right=bridge.left,
        difference_micros=-bridge.difference_micros,
        remainder_micros=-bridge.remainder_micros,
        causes=[_cause(cause) for cause in reversed(bridge.causes)],
        months=[_month(month) for month in bridge.months],
        subscriptions=[_standing(one) for one in bridge.subscriptions],
        rows=[_row(row) for row in reversed(bridge.rows)],
    )


def _row(row: Step) -> Step:
    return replace(
        row,
        amount_micros=-row.amount_micros,
        before_micros=row.after_micros,
        after_micros=row.before_micros,
        before_moves=row.after_moves,
        after_moves=row.before_moves,
        keys=_keys(row.keys),
        movements_before=row.movements_after,
        movements_after=row.movements_before,
    )


def _cause(cause: Cause) -> Cause:
    """What is first in on the way there is last in on the way back."""
    return replace(
        cause,
        keys=_keys(cause.keys),
        amount_micros=-cause.amount_micros,
        classes=_signs(cause.classes),
        first_in=_signs(cause.last_in),
        last_in=_signs(cause.first_in),
        entries=[_entry(entry) for entry in cause.entries],
    )


def _entry(entry: Entry) -> Entry:
    return replace(entry, amount_micros=-entry.amount_micros)


def _month(month: Month) -> Month:
    return replace(
        month,
        opening_left_micros=month.opening_right_micros,
        opening_right_micros=month.opening_left_micros,
        closing_left_micros=month.closing_right_micros,
        closing_right_micros=month.closing_left_micros,
        causes=_signs(month.causes),
    )


def _standing(one: Standing) -> Standing:
    return replace(one, left_micros=one.right_micros, right_micros=one.left_micros)


def _signs(amounts: dict[str, int]) -> dict[str, int]:
    return {name: -amount for name, amount in amounts.items()}


def _keys(keys: dict[str, str]) -> dict[str, str]:
    return {key: " → ".join(reversed(values.split(" → "))) for key, values in keys.items()}
