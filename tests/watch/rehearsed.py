"""What came of drills, made up: for what keeps and shows it."""

from datetime import datetime

from mrr.drills import PLAYS
from mrr.watch.drilled import Alerted, Drilled


def outcome(
    name: str, *, detected: int | None = 840, passed: bool = True, named: str = "F5.late", engine: str = "0a" * 32
) -> Drilled:
    """What came of a drill: told of by one alert and mended four hours later, or not told of at all."""
    at = datetime(2026, 6, 29, 8)
    found = Alerted(1, "page", "source:stripe", ["F1.turn", named], named, "it is quiet", at, 1)
    return Drilled(
        drill=name,
        says=PLAYS[name].says if name in PLAYS else "nothing goes wrong",
        begins_at=at,
        alerts=[found] if detected else [],
        messages=int(detected is not None),
        detected_minutes=detected,
        remedy="none",
        recovered_minutes=detected + 240 if detected and passed else None,
        ledger_digest="1f",
        truth_digest="1f",
        equal=True,
        passed=passed,
        engine=engine,
        seed=3,
        customers=400,
        hours=48,
        every_minutes=120,
    )
