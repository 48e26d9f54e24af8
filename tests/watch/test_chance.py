"""The tails of the negative binomial distribution, against sums of its own terms in exact fractions."""

from fractions import Fraction

import pytest

from mrr.watch.chance import at_least, at_most


def exactly(count: int, mean: Fraction, shape: int) -> Fraction:
    """P(X = count) for a whole shape: ways to order the successes among the failures."""
    ways = 1
    for number in range(count):
        ways = ways * (shape + number) // (number + 1)
    return ways * (shape / (shape + mean)) ** shape * (mean / (shape + mean)) ** count


@pytest.mark.parametrize("mean", [Fraction(1, 20), Fraction(3), Fraction(40)])
@pytest.mark.parametrize("shape", [1, 10])
@pytest.mark.parametrize("count", [0, 1, 4, 40, 90])
def test_the_tails_are_the_sums_of_their_terms(mean: Fraction, shape: int, count: int) -> None:
    below = sum(exactly(number, mean, shape) for number in range(count))
    here = exactly(count, mean, shape)
    assert at_least(count, mean, Fraction(shape)) == pytest.approx(1 - below, rel=1e-6, abs=1e-12)
    assert at_most(count, mean, Fraction(shape)) == pytest.approx(below + here, rel=1e-6, abs=1e-12)


def test_a_tail_far_out_is_small_and_not_zero() -> None:
    assert 0 < at_least(60, Fraction(5), Fraction(50)) < Fraction(1, 10**15)
    assert at_least(0, Fraction(5), Fraction(50)) == 1
    assert at_most(-1, Fraction(5), Fraction(50)) == 0
