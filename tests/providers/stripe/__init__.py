"""Stripe's bodies, recorded and authored, and the facts that they say."""
