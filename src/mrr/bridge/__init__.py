"""How one ledger becomes another: rows by month, customer, class and step that add up exactly (DESIGN §9)."""

from mrr.bridge.basis import RULES, UNEXPLAINED
from mrr.bridge.beside import Beside, beside
from mrr.bridge.cells import Asked
from mrr.bridge.crossing import End
from mrr.bridge.sealed import Seal, seal_of
from mrr.bridge.shapes import Bridge, Cause, Entry, Match, Month, Side, Standing, Step
from mrr.bridge.told import bridge

__all__ = [
    "RULES",
    "UNEXPLAINED",
    "Asked",
    "Beside",
    "Bridge",
    "Cause",
    "End",
    "Entry",
    "Match",
    "Month",
    "Seal",
    "Side",
    "Standing",
    "Step",
    "beside",
    "bridge",
    "seal_of",
]
