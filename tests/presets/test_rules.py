"""More of what the tools publish than the given cases: each statement is told to a book under the preset."""

import pytest

from tests.cases.published import Case, groups, ours
from tests.cases.steps import Step

MARCH: Step = {"at": "2024-03-01", "each": "80", "every": "month"}
ENDED: Step = {"at": "2024-04-01", "ended": True}
HALF: Step = {"id": "d1", "percent": "50", "duration": "forever"}
WHOLE: Step = {"id": "d1", "percent": "100", "duration": "forever"}


def case(name: str, preset: str, story: list[Step], expected: list[str], **more: object) -> Case:
    """A story under a preset; its name is the customer."""
    return Case(name, name, "", tuple(expected), preset, story=tuple(story), **more)  # type: ignore[arg-type]


CASES = [
    case(
        "the rest of the lifecycle: contraction, churn at the year's end, reactivation",
        "chartmogul",
        [
            {"at": "2024-03-01", "each": "500", "seats": 4, "every": "year", "product": "gold"},
            {"at": "2024-03-04", "sub": "S2", "each": "30", "seats": 2, "every": "month", "product": "silver"},
            {"at": "2024-03-18", "sub": "S2", "ended": True},
            {"at": "2025-02-10", "canceled_at": "2025-02-10", "cancel_at_period_end": True},
            {"at": "2025-06-01", "sub": "S3", "each": "50", "seats": 3, "every": "month", "product": "gold"},
        ],
        [
            "2024-03-01 new 166.67",
            "2024-03-04 expansion 60",
            "2024-03-18 contraction -60",
            "2025-03-01 churn -166.67",
            "2025-06-01 reactivation 150",
        ],
    ),
    case(
        "past due and unpaid count until the billing system cancels",
        "chartmogul",
        [MARCH, {"at": "2024-04-01", "status": "past_due"}, {"at": "2024-04-20", "status": "unpaid"},
         {"at": "2024-05-20", "ended": True}],
        ["2024-03-01 new 80", "2024-05-20 churn -80"],
    ),
    case(
        "a discount that expires is expansion, also one of a single bill",
        "chartmogul",
        [{**MARCH, "discounts": [{"id": "d1", "percent": "25", "duration": "once"}]}],
        ["2024-03-01 new 60", "2024-04-01 expansion 20"],
    ),
    case(
        "a change within the hour is a movement of its own, unless the setting joins them",
        "chartmogul",
        [{**MARCH, "at": "2024-03-01T10:00:00Z"}, {"at": "2024-03-01T10:40:00Z", "each": "100"}],
        ["2024-03-01 new 80", "2024-03-01 expansion 20"],
    ),
    case(
        "within the hour with the setting",
        "chartmogul",
        [{**MARCH, "at": "2024-03-01T10:00:00Z"}, {"at": "2024-03-01T10:40:00Z", "each": "100"}],
        ["2024-03-01 new 100"],
        policy={"netting": {"minutes": 60}},
    ),
    case("half off for life is half", "baremetrics", [{**MARCH, "discounts": [HALF]}], ["2024-03-01 new 40"]),
    case(
        "all off an existing customer is churn",
        "baremetrics",
        [MARCH, {"at": "2024-04-01", "discounts": [WHOLE]}],
        ["2024-03-01 new 80", "2024-04-01 churn -80"],
    ),
    case(
        "delinquent for thirty days is churn",
        "baremetrics",
        [MARCH, {"at": "2024-04-01", "status": "past_due"}],
        ["2024-03-01 new 80", "2024-05-01 churn -80"],
    ),
    case(
        "a cancellation counts when it is asked for, a return is a reactivation",
        "stripe",
        [MARCH, {"at": "2024-03-10", "canceled_at": "2024-03-10", "cancel_at_period_end": True}, ENDED,
         {**MARCH, "at": "2024-06-01", "sub": "S2"}],
        ["2024-03-01 new 80", "2024-03-10 churn -80", "2024-06-01 reactivation 80"],
    ),
    case(
        "a cancellation counts at the end of the cycle with the setting",
        "stripe",
        [MARCH, {"at": "2024-03-10", "canceled_at": "2024-03-10", "cancel_at_period_end": True}, ENDED],
        ["2024-03-01 new 80", "2024-04-01 churn -80"],
        policy={"churn_at": "ended"},
    ),
    case(
        "a trial is no customer, its conversion is; past due stays, unpaid goes",
        "profitwell",
        [{**MARCH, "status": "trialing", "trial_ends_at": "2024-03-15"}, {"at": "2024-03-15", "status": "active"},
         {"at": "2024-04-15", "status": "past_due"}, {"at": "2024-05-01", "status": "unpaid"}],
        ["2024-03-15 new 80", "2024-05-01 churn -80"],
    ),
    case(
        "credits and discounts of any length are subtracted",
        "profitwell",
        [{**MARCH, "discounts": [{"id": "d1", "amount": "20", "duration": "once"}]}],
        ["2024-03-01 new 60", "2024-04-01 expansion 20"],
    ),
    case(
        "back within ninety days is a reactivation",
        "maxio",
        [MARCH, ENDED, {**MARCH, "at": "2024-06-30", "sub": "S2"}],
        ["2024-03-01 new 80", "2024-04-01 churn -80", "2024-06-30 reactivation 80"],
    ),
    case(
        "back later is new",
        "maxio",
        [MARCH, ENDED, {**MARCH, "at": "2024-07-01", "sub": "S2"}],
        ["2024-03-01 new 80", "2024-04-01 churn -80", "2024-07-01 new 80"],
    ),
    case(
        "paid to free is no customer churn, free to paid expansion",
        "chargebee",
        [MARCH, {"at": "2024-04-01", "each": "0", "product": "free"},
         {"at": "2024-05-01", "each": "80", "product": "pro"}],
        ["2024-03-01 new 80", "2024-04-01 contraction -80", "2024-05-01 expansion 80"],
    ),
    case(
        "a one-time coupon is not part of regular MRR",
        "chargebee",
        [{**MARCH, "discounts": [{"id": "d1", "percent": "25", "duration": "once"}]}],
        ["2024-03-01 new 80"],
    ),
    case(
        "a pause takes the MRR away from the period's end on",
        "recurly",
        [MARCH, {"at": "2024-04-01", "pause": {"resumes_at": None}}],
        ["2024-03-01 new 80", "2024-04-01 churn -80"],
    ),
    case("two weeks count twice", "revenuecat", [{**MARCH, "each": "12", "every": "2 weeks"}], ["2024-03-01 new 24"]),
    case("half a year is a sixth", "revenuecat", [{**MARCH, "each": "12", "every": "6 months"}], ["2024-03-01 new 2"]),
    case(
        "a renewal that is switched off counts until it expires",
        "revenuecat",
        [MARCH, {"at": "2024-03-10", "canceled_at": "2024-03-10", "cancel_at_period_end": True}],
        ["2024-03-01 new 80", "2024-04-01 churn -80"],
    ),
    case("a week counts 4.33 times", "lago", [{**MARCH, "each": "100", "every": "week"}], ["2024-03-01 new 433"]),
    case(
        "a failed payment stays until the platform cancels",
        "growpanel",
        [MARCH, {"at": "2024-04-01", "status": "past_due"}, {"at": "2024-06-01", "ended": True}],
        ["2024-03-01 new 80", "2024-06-01 churn -80"],
    ),
    case(
        "the price is the catalogue's, to four decimals",
        "killbill",
        [{**MARCH, "each": "29.95", "every": "year", "discounts": [HALF]}],
        ["2024-03-01 new 2.4958"],
    ),
    case(
        "a charge of 0 is churn",
        "posthog",
        [MARCH, {"at": "2024-04-01", "discounts": [WHOLE]}],
        ["2024-03-01 new 80", "2024-04-01 churn -80"],
    ),
]  # fmt: skip
METERED = {
    "fact": "subscription", "customer": "metered", "subscription": "S", "effective_at": "2024-01-05T00:00:00Z",
    "status": "active", "currency": "USD",
    "items": [
        {"item": "A", "product": "plan", "price": "plan", "unit_amount": "20.00", "interval": "month"},
        {"item": "M", "product": "calls", "price": "calls", "unit_amount": "0.01", "quantity": 0, "interval": "month",
         "usage_type": "metered"},
    ],
}  # fmt: skip
USED = {
    "fact": "usage", "usage": "u1", "customer": "metered", "meter": "calls", "subscription": "S", "item": "M",
    "quantity": "3000", "effective_at": "2024-01-20T00:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize("group", groups(CASES).values(), ids=lambda group: group[0].preset)
def test_a_published_statement_holds_under_the_preset(group: list[Case]) -> None:
    assert ours(group) == {one.name: one.expected for one in group}


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("chargebee", ("2024-01-05 new 20",)),
        ("stripe", ("2024-01-05 new 20",)),
        ("profitwell", ("2024-01-05 new 20", "2024-02-01 expansion 30", "2024-03-01 contraction -30")),
    ],
)
def test_metered_charges(preset: str, expected: tuple[str, ...]) -> None:
    """20 of base and 30 of January's usage: 50 in February where metered charges count."""
    one = Case("metered", "", "", expected, preset, facts=(METERED, USED))
    assert ours([one])["metered"] == expected


def test_metered_charges_by_a_setting() -> None:
    """Chargebee's own example, with the setting that adds them."""
    expected = ("2024-01-05 new 20", "2024-02-01 expansion 30", "2024-03-01 contraction -30")
    one = Case("metered", "", "", expected, "chargebee", policy={"usage": "last"}, facts=(METERED, USED))
    assert ours([one])["metered"] == expected
