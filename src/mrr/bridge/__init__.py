"""How one ledger becomes another: rows by month, customer, class and step that add up exactly (DESIGN §9)."""

from mrr.bridge.beside import Beside, beside
from mrr.bridge.cells import Asked
from mrr.bridge.shapes import Bridge, Cause, Entry, Month, Side, Standing, Step
from mrr.bridge.told import End, bridge

__all__ = [
    "Asked",
    "Beside",
    "Bridge",
    "Cause",
    "End",
    "Entry",
    "Month",
    "Side",
    "Standing",
    "Step",
    "beside",
    "bridge",
]
