"""Speed and memory, as ratios measured in one run; `make bench` runs them all and writes `results.json`."""
