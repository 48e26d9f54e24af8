"""Identifiers as Stripe writes them: unique within a company, the same for the same seed."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_PAIR = len(_PAIRS)
_HALF = _PAIR * _PAIR
_SPACE = _HALF * _HALF
# Odd and no multiple of 31, so it shares no factor with 62 ** 8: multiplying permutes the whole space.
_STRIDE = 70_368_760_954_879
_SEED_STRIDE = 15_485_863
CATALOGUE = _HALF - 1


def _six(number: int) -> str:
    """A number below 62 ** 6 in base 62, six digits."""
    return _PAIRS[number // _HALF] + _PAIRS[number // _PAIR % _PAIR] + _PAIRS[number % _PAIR]


class Codes:
    """Ids for one owner (a customer's number, or CATALOGUE): the n-th one is a permutation of (owner, n)."""

    __slots__ = ("_account", "_next", "_shift")

    def __init__(self, seed: int, owner: int, first: int = 0) -> None:
        self._next = owner * _HALF + first
        self._shift = (seed * _SEED_STRIDE) % _SPACE
        self._account = _six((seed * _STRIDE + 1) % _PAIR**3) + "KXbZ"

    def _code(self) -> str:
        number = (self._next * _STRIDE + self._shift) % _SPACE
        self._next += 1
        high, low = divmod(number, _HALF)
        return _PAIRS[high // _PAIR] + _PAIRS[high % _PAIR] + _PAIRS[low // _PAIR] + _PAIRS[low % _PAIR]

    def short(self, prefix: str, at: int) -> str:
        """An id in the short style, such as cus_HCb7ALreCADwzd."""
        return prefix + _six(at) + self._code()

    def long(self, prefix: str, at: int) -> str:
        """An id in the long style, with the account in its middle, such as sub_1MzOlhKXBGcbgpbZEyl9nOSn."""
        return prefix + _six(at) + self._account + self._code()

    def request(self) -> tuple[str, str]:
        """The id and the idempotency key of one API request."""
        code = self._code()
        number = self._next * _STRIDE % (1 << 128)
        key = f"{(number * number * 31 + number) % (1 << 128):032x}"
        return "req_" + code + code[:6], f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
