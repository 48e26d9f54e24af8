"""What a day can be expected to bring: weekdays, ends of months, growth, and what contracts let one know beforehand."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

DAY = timedelta(days=1)
# The multiplicative steps of a fit, and how often the days that stand out are tamed before the next one.
STEPS, ROUNDS = 30, 1
# A count that is more deviations above what the fit expects of its day is taken for so many only.
TAMED = 4
# However steady the past was: a day may differ by more than chance alone lets it.
STEADIEST = Fraction(50)


class Expected(NamedTuple):
    """A count as it is expected: a negative binomial with variance mean + mean² / shape."""

    mean: Fraction
    shape: Fraction

    def part(self, share: Fraction, seen: int) -> "Expected":
        """What is expected of a share of it of which `seen` were seen: the fewer, the less is known of the share."""
        return Expected(self.mean * share, min(self.shape, seen + Fraction(1, 2)))


def traits(days: Sequence[date], due: Mapping[str, Mapping[date, int]]) -> list[list[int]]:
    """What is known of each day beforehand, a row a trait.

    How far it is in time, its weekday, whether it begins or ends a month, and how many contracts of each kind of `due`
    turn on it.
    """
    last = len(days)
    rows = [[last - place for place in range(last)], [place + 1 for place in range(last)]]
    rows += [[int(day.weekday() == weekday) for day in days] for weekday in range(7)]
    rows += [[int(day.day == 1) for day in days], [int((day + DAY).day == 1) for day in days]]
    return rows + [[due[kind].get(day, 0) for day in days] for kind in sorted(due)]


def expected(counts: Sequence[int], known: Sequence[Sequence[int]]) -> Expected:
    """What is expected of the day after those of `counts`; `known` are the traits of all days, that one included.

    The mean is a sum of the traits with weights >= 0 of the greatest likelihood (Richardson–Lucy: expectation
    maximisation for Poisson counts); days that stand out are tamed, so that one bad day is no season.
    """
    past = [row[:-1] for row in known if any(row[:-1])]
    here = [row[-1] for row in known if any(row[:-1])]
    tamed, weights = list(counts), _fitted(counts, past)
    for _ in range(ROUNDS):
        tamed = [_tame(count, mean) for count, mean in zip(counts, _means(weights, past), strict=True)]
        weights = _fitted(tamed, past)
    means = _means(weights, past)
    mean = Fraction(sum(weight * trait for weight, trait in zip(weights, here, strict=True)))
    # Even where nothing was ever seen, half a one may have been missed.
    least = Fraction(1, 2 * len(counts))
    return Expected(max(mean, least), min(_shape(tamed, means), sum(tamed) + Fraction(1, 2)))


def _fitted(counts: Sequence[int], rows: Sequence[Sequence[int]]) -> list[float]:
    sums = [sum(row) for row in rows]
    weights = [max(sum(counts), 1) / (len(rows) * total) for total in sums]
    for _ in range(STEPS):
        ratios = [count / mean for count, mean in zip(counts, _means(weights, rows), strict=True)]
        weights = [
            weight * sum(trait * ratio for trait, ratio in zip(row, ratios, strict=True) if trait) / total
            for weight, row, total in zip(weights, rows, sums, strict=True)
        ]
    return weights


def _means(weights: Sequence[float], rows: Sequence[Sequence[int]]) -> list[float]:
    """The mean of every day, above 0."""
    means = [0 * weights[0]] * len(rows[0])
    for weight, row in zip(weights, rows, strict=True):
        means = [mean + weight * trait for mean, trait in zip(means, row, strict=True)]
    return [max(mean, 1 / 10**9) for mean in means]


def _tame(count: int, mean: float) -> int:
    whole = int(mean) + 1
    return min(count, whole + TAMED * (isqrt(whole) + 1))


def _shape(counts: Sequence[int], means: Sequence[float]) -> Fraction:
    """By the method of moments: how much more the counts vary than a Poisson of these means."""
    squares = sum(mean * mean for mean in means)
    excess = sum((count - mean) ** 2 - mean for count, mean in zip(counts, means, strict=True))
    return min(Fraction(squares / excess), STEADIEST) if excess * STEADIEST > squares else STEADIEST
