"""The oracle of the tests: a slow, independent second opinion on what a story's ledger is (DESIGN §11, 9)."""

from tests.oracle.fx import MissingRate
from tests.oracle.ledger import Ledger, Movement, ledger
from tests.oracle.rollforward import rollforward

__all__ = ["Ledger", "MissingRate", "Movement", "ledger", "rollforward"]
