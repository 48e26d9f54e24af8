"""Runs all benchmarks: `python -m benchmarks [CUSTOMERS]`, a hundred thousand by default; writes results.json."""

import json
import os
import platform
import re
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import bridging, building, comparing, importing, knowing

RESULTS = Path(__file__).with_name("results.json")
TARGETS = {
    "build_over_bare": 15,
    "peak_mb": 4_096,
    "post_1_ms": 50,
    "post_100_ms": 250,
    "post_1000_ms": 1_500,
    "rollforward_plan_p95_ms": 50,
    "post_1_ratio": 1.5,
    "post_100_ratio": 1.5,
    "post_1000_ratio": 1.5,
}


def main(customers: int) -> None:
    """Measure everything in one run, print it beside what is wanted, and keep it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        large, small = _ledger(folder, customers), _ledger(folder, max(customers // 100, 1_000))
        found = {
            "machine": _machine(),
            "versions": {name: version(name) for name in ("duckdb", "pyarrow", "msgspec", "mrr")},
            "large": large,
            "small": small,
            "large_over_small": {
                f"post_{n}_ratio": large[f"post_{n}_ms"] / small[f"post_{n}_ms"] for n in (1, 100, 1_000)
            },
            "import": importing.measured(folder, 120_000),
            "compared": comparing.measured(folder, 10 * customers),
            "bridge": bridging.measured(folder, customers),
        }
    RESULTS.write_text(json.dumps(found, indent=2, default=float) + "\n", encoding="utf-8")
    _show(found)


def _ledger(folder: Path, customers: int) -> dict[str, Any]:
    warehouse, figures = building.built(folder, customers)
    figures |= building.reported(warehouse)
    figures |= building.posted(warehouse, folder, customers)
    figures |= knowing.known(warehouse, folder, customers, figures["build_cpu_s"])
    warehouse.close()
    return figures


def _machine() -> dict[str, Any]:
    """What it ran on; `load` is how many others wanted a processor, on average over the last minute."""
    told = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": told.group(1) if told else platform.processor(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "load": os.getloadavg()[0],
    }


def _show(found: dict[str, Any], indent: str = "") -> None:
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            _show(value, indent + "  ")
        else:
            shown = f"{value:,.2f}" if isinstance(value, float) else value
            wanted = f"   (wanted: at most {TARGETS[name]:,})" if name in TARGETS else ""
            print(f"{indent}{name:34} {shown}{wanted}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
