"""Micros, currencies and exact ratios; the only rounding outside SQL."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from mrr.errors import WrongUse

MICROS = 1_000_000
# No single item of a bill is worth more than this many major units a period; beyond it is a mistake, not a price.
CAP = 10**10

# Minor digits by ISO 4217; every other active currency has two.
_NO_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
CHF CHW CNY COP COU CRC CUC CUP CVE CYP CZK DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ
GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL LTL LVL MAD MDL MGA
MKD MMK MNT MOP MRU MTL MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR ROL
RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SIT SKK SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TOP TRL
TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL
"""

DIGITS: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NO_MINOR.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}

Mode = Literal["half_away", "half_even", "floor"]


def currency(code: str) -> str:
    """The ISO 4217 code in capitals. Raises WrongUse for a code that is not one."""
    upper = code.upper()
    if upper not in DIGITS:
        raise WrongUse(f"unknown currency {code!r}", remedy="Use an ISO 4217 code such as USD or EUR.")
    return upper


def ratio(amount: Decimal | str | int) -> tuple[int, int]:
    """Numerator and denominator in lowest terms of an exact decimal."""
    return Decimal(amount).as_integer_ratio()


def settle(exact: Fraction, decimals: int, mode: Mode) -> int:
    """The micros of an exact amount >= 0 (major units), rounded once to `decimals` places (DESIGN §6)."""
    units = exact * 10**decimals
    whole, rest = divmod(units.numerator, units.denominator)
    if mode == "half_away":
        whole += 2 * rest >= units.denominator
    elif mode == "half_even":
        whole += 2 * rest > units.denominator or (2 * rest == units.denominator and whole % 2)
    step: int = 10 ** (6 - decimals)
    return int(whole) * step


def shown(micros: int) -> str:
    """Micros as a decimal of major units with six places, as scenario files write them."""
    sign, size = ("-" if micros < 0 else ""), abs(micros)
    return f"{sign}{size // MICROS}.{size % MICROS:06d}"


def micros(text: str | Decimal | int) -> int:
    """The exact micros of a decimal amount. Raises WrongUse where a millionth is not fine enough."""
    scaled = Decimal(text) * MICROS
    if scaled != scaled.to_integral_value():
        raise WrongUse(f"{text} has more than six decimals", remedy="Amounts here are whole millionths.")
    return int(scaled)
