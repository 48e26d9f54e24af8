"""Stripe: webhook events and bare API objects of every shape from API 2019-08-14 to 2026, as facts.

Pure functions of bytes. docs/stripe.md says what is read from where, and what is ignored and why.
"""

from mrr.providers.stripe.decoding import decode
from mrr.providers.stripe.envelope import recognises, split, stamp
from mrr.providers.stripe.signing import verify

__all__ = ["decode", "recognises", "split", "stamp", "verify"]
