"""The facts of a provider's balance: each line that moved it, and what was sent from it to the bank."""

from decimal import Decimal
from typing import ClassVar, Literal

from mrr.facts import Fact


class BalanceLine(Fact, frozen=True, kw_only=True, tag="balance_line"):
    """What a payment, refund, dispute, fee or payout (its id is `of`) came to in the provider's balance.

    `amount` is signed and before `fee`, in the currency of the balance; `available_at` since when it may be sent;
    `payout` in which one it went to the bank, where that is told.
    """

    SUBJECT: ClassVar[str] = "line"

    line: str
    kind: Literal["charge", "refund", "dispute", "fee", "payout", "other"]
    amount: Decimal
    currency: str
    fee: Decimal = Decimal(0)
    of: str | None = None
    available_at: int | None = None
    payout: str | None = None


class Payout(Fact, frozen=True, kw_only=True, tag="payout"):
    """Money that left the balance for the bank at `sent_at`; negative where the bank was debited."""

    SUBJECT: ClassVar[str] = "payout"

    payout: str
    outcome: Literal["pending", "paid", "failed", "canceled"]
    amount: Decimal
    currency: str
    sent_at: int | None = None
    failure_code: str | None = None
