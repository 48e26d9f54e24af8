"""Who may see and do what in a served book: users, tokens, sessions, and the trail of what they did."""

from mrr.access.gate import SCOPES, Access, Actor, Denied, NotKnown, TooMany
from mrr.access.trail import Step, Trail

__all__ = ["SCOPES", "Access", "Actor", "Denied", "NotKnown", "Step", "TooMany", "Trail"]
