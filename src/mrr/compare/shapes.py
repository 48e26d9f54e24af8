"""What the figures themselves suggest: someone missing, a factor of twelve or a hundred, a tax, another currency."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from mrr.compare.answer import Gap, Hypothesis
from mrr.compare.policies import EXAMPLES, Scale
from mrr.compare.sides import Cell, Side, agrees, tolerance
from mrr.figures import written
from mrr.money import DIGITS

# Their figure over ours, and what that suggests.
FACTORS: Sequence[tuple[Fraction, str, str]] = (
    (Fraction(12), "a year for a month", "they show what is paid a year"),
    (Fraction(3), "a quarter for a month", "they show what is paid a quarter"),
    (Fraction(6), "half a year for a month", "they show what is paid for half a year"),
    (Fraction(1, 12), "a month for a year", "we count as a month's what they divide by twelve"),
    (Fraction(2), "counted twice", "they count it twice"),
    (Fraction(1, 2), "counted once", "we count it twice"),
)
# A tax adds up to 30 %, a fee takes as much; shares are told to a tenth of a per cent.
MOST = Fraction(3, 10)
TENTHS = 1000


def suggested(scale: Scale, gaps: Iterable[tuple[Cell, Gap]], local: Mapping[Cell, int]) -> list[Hypothesis]:
    """Every suggestion that closes some of the gap. `local`: ours before it was converted, where it is one currency."""
    listed = list(gaps)
    whole = [*_sets(scale, listed), *_factors(scale, listed), *_taxes(scale, listed), *_unconverted(scale, local)]
    return [one for one in whole if scale.is_telling(one)]


def _as_if(scale: Scale, name: str, says: str, values: Mapping[Cell, int]) -> Hypothesis:
    """Were our side these values on some cells, and on all others as it is."""
    cells = tuple({**dict.fromkeys(scale.cells), **dict.fromkeys(values)})
    return scale._replace(cells=cells).weigh("data", name, says, {**scale.ledger, **values})


def _sets(scale: Scale, gaps: Sequence[tuple[Cell, Gap]]) -> Iterator[Hypothesis]:
    """Customers whom only one side has."""
    told = {
        "unknown": ("missing in the journal", "the book was never told of them: import what is missing"),
        "excluded": ("excluded customers", "they count customers whom customers.exclude leaves out, such as test mode"),
        "lapsed": ("no longer counted", "we know them, but they are worth nothing at that time"),
    }
    for known, (name, says) in told.items():
        values = {cell: gap.theirs_micros for cell, gap in gaps if gap.kind == "only_theirs" and gap.known == known}
        yield _as_if(scale, name, says, values)
    left_out = {cell: 0 for cell, gap in gaps if gap.kind == "only_ours"}
    yield _as_if(scale, "left out by them", "their list does not have them", left_out)


def _factors(scale: Scale, gaps: Sequence[tuple[Cell, Gap]]) -> Iterator[Hypothesis]:
    for factor, name, says in FACTORS:
        yield _as_if(scale, name, says, _fitting(gaps, scale, factor))
    for factor, says in ((Fraction(1), "their amounts are in minor units"), (Fraction(-1), "ours are")):
        values: dict[Cell, int] = {}
        for digits in {DIGITS[cell.currency] for cell, _ in gaps}:
            own = [(cell, gap) for cell, gap in gaps if DIGITS[cell.currency] == digits]
            values |= _fitting(own, scale, Fraction(10) ** int(factor * digits))
        yield _as_if(scale, "minor units" if factor > 0 else "minor units on our side", says, values)


def _fitting(gaps: Iterable[tuple[Cell, Gap]], scale: Scale, factor: Fraction) -> dict[Cell, int]:
    """Their figures, where they are ours times a factor; a rounding of either grows with it."""
    widened = max(factor, Fraction(1))
    return {
        cell: gap.theirs_micros
        for cell, gap in gaps
        if gap.ours_micros and abs(gap.theirs_micros - gap.ours_micros * factor) < tolerance(cell.currency) * widened
    }


def _taxes(scale: Scale, gaps: Sequence[tuple[Cell, Gap]]) -> Iterator[Hypothesis]:
    """One share that is on top of, or off, several of our figures."""
    fits: dict[Fraction, list[tuple[Cell, Gap]]] = defaultdict(list)
    for cell, gap in gaps:
        if gap.ours_micros and gap.theirs_micros:
            rate = Fraction(round(Fraction(gap.theirs_micros - gap.ours_micros, gap.ours_micros) * TENTHS), TENTHS)
            if 0 < abs(rate) <= MOST:
                fits[rate].append((cell, gap))
    for rate, several in sorted(fits.items(), key=lambda fit: -len(fit[1]))[:EXAMPLES]:
        if len(several) > 1:
            percent = written(abs(int(rate * TENTHS)), 1).removesuffix(".0")
            name = f"{percent} % on top" if rate > 0 else f"{percent} % off"
            says = "their amounts include a tax" if rate > 0 else "a discount, a fee or a tax is taken off theirs"
            yield _as_if(scale, name, says, _fitting(several, scale, 1 + rate))


def _unconverted(scale: Scale, local: Mapping[Cell, int]) -> Iterator[Hypothesis]:
    """Amounts that stand in their own currency as if it were the reporting one."""
    values: Side = {cell: micros for cell, micros in local.items() if agrees(cell, micros, scale.claim.get(cell, 0))}
    yield _as_if(scale, "not converted", "their amounts are in the customer's own currency", dict(values))
