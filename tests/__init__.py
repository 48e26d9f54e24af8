"""The tests of mrr; a package so that the oracle and its stories can be imported by name."""
