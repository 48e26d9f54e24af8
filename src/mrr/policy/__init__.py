"""The governed definition of MRR: every choice that teams disagree about, as data, validated and hashed."""

from mrr.policy.preset import Preset, policy_of, preset, presets
from mrr.policy.schema import KEYS, Key, Policy, load, standard
from mrr.policy.text import policy_text

__all__ = ["KEYS", "Key", "Policy", "Preset", "load", "policy_of", "policy_text", "preset", "presets", "standard"]
