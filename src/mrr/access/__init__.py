"""Who may see and do what in a served book: users, tokens, sessions, and the trail of what they did."""

from mrr.access.gate import SCOPES, Access, Actor, Denied, Holder, NotKnown, TooMany
from mrr.access.secrets import SECRET
from mrr.access.trail import Step, Trail

__all__ = ["SCOPES", "SECRET", "Access", "Actor", "Denied", "Holder", "NotKnown", "Step", "TooMany", "Trail"]
