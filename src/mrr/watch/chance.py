"""How rare a count is: tails of the negative binomial distribution, a Poisson whose mean is only roughly known."""

from collections.abc import Iterator
from fractions import Fraction
from math import exp, lgamma, log


def at_least(count: int, mean: Fraction, shape: Fraction) -> Fraction:
    """P(X >= count) for mean > 0 and shape > 0; the variance is mean + mean² / shape."""
    if count <= 0:
        return Fraction(1)
    if count <= mean:
        return 1 - at_most(count - 1, mean, shape)
    return _summed(_upward(count, mean, shape), count, mean, shape)


def at_most(count: int, mean: Fraction, shape: Fraction) -> Fraction:
    """P(X <= count), for the same."""
    if count < 0:
        return Fraction(0)
    if count > mean:
        return 1 - at_least(count + 1, mean, shape)
    return _summed(_downward(count, mean, shape), count, mean, shape)


def _summed(ratios: Iterator[Fraction], count: int, mean: Fraction, shape: Fraction) -> Fraction:
    """The probability of `count` times the sum of 1 and the running products of the ratios."""
    factor = whole = 1 + 0 * exp(0)
    for ratio in ratios:
        factor *= ratio.numerator / ratio.denominator
        whole += factor
        if factor * 10**9 < whole:
            break
    return min(Fraction(exp(_log_of(count, mean, shape)) * whole), Fraction(1))


def _upward(count: int, mean: Fraction, shape: Fraction) -> Iterator[Fraction]:
    """P(k + 1) over P(k), from `count` on."""
    step = mean / (shape + mean)
    while True:
        yield (shape + count) / (count + 1) * step
        count += 1


def _downward(count: int, mean: Fraction, shape: Fraction) -> Iterator[Fraction]:
    """P(k - 1) over P(k), from `count` down to 0."""
    step = mean / (shape + mean)
    for here in range(count, 0, -1):
        yield here / ((shape + here - 1) * step)


def _log_of(count: int, mean: Fraction, shape: Fraction) -> float:
    """The logarithm of P(X = count)."""
    total = shape + mean
    ways = lgamma(shape + count) - lgamma(shape) - lgamma(count + 1)
    return ways + shape * log(shape / total) + count * log(mean / total)
