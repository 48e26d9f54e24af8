"""A simulated SaaS company: coherent Stripe webhook events and, beside them, the truth of its revenue."""

from mrr.simulate.company import Company, company
from mrr.simulate.delivery import delivered
from mrr.simulate.files import write, write_bodies, write_rates, write_truth
from mrr.simulate.rates import Rate
from mrr.simulate.truth import Truth

__all__ = ["Company", "Rate", "Truth", "company", "delivered", "write", "write_bodies", "write_rates", "write_truth"]
