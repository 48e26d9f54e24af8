"""What a watcher saw: the one thing that detectors say and that alerts are made of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

Urgency = Literal["page", "ticket"]


class Finding(msgspec.Struct, frozen=True):
    """Something is wrong, since `begins_at` (UTC): one sentence for a person, and what it rests on.

    `rule` names what was watched (`slo.checkout`, `anomaly.churn`, `F4.rate_missing`) and the runbook
    docs/runbooks/RULE.md. Findings of one `cause` (`source:native`, `rate:EUR`, `gateway:card_declined`) are told as
    one alert. `figures` are what was seen beside what was wanted, as people read them; `entries` are seqs of the
    journal.
    """

    rule: str
    cause: str
    urgency: Urgency
    summary: str
    begins_at: datetime
    figures: Mapping[str, str] = {}
    customers: Sequence[str] = ()
    plans: Sequence[str] = ()
    entries: Sequence[int] = ()
