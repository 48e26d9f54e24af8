"""Bodies of providers and the facts that they say."""
