"""Loads all of `mrr` before anything is drawn: Hypothesis also draws constants, from whatever is loaded by then."""

import importlib
import pkgutil

import mrr

for module in pkgutil.walk_packages(mrr.__path__, "mrr."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
