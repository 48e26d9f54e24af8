"""The Grafana boards as code: `python deploy/grafana/boards.py` writes them beside this file, as JSON to import."""

import json
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24


class Panel(NamedTuple):
    """A question: its title, its query, how it is drawn, the unit, the legend of a series, its width of 24."""

    title: str
    query: str
    kind: str = "timeseries"
    unit: str = "short"
    legend: str = ""
    width: int = 8


MONEY, SHARE, TIME = "currencyUSD", "percentunit", "s"

BOARDS: dict[str, tuple[str, tuple[Panel, ...]]] = {
    "executive": (
        "mrr: executive",
        (
            Panel("Ending MRR", "sum by (currency) (mrr_ending_amount)", "stat", MONEY, "{{currency}}", 6),
            Panel("Change in a day", "job:mrr_ending_amount:delta1d", "stat", MONEY, "{{currency}}", 6),
            Panel("Customers who pay", "sum(mrr_paying_customers)", "stat", width=6),
            Panel("MRR at risk, of all", "job:mrr_at_risk:ratio", "stat", SHARE, "{{currency}}", 6),
            Panel("MRR", "sum by (currency) (mrr_ending_amount)", unit=MONEY, legend="{{currency}}", width=16),
            Panel("Moved in a day", "class:mrr_movement_amount:increase1d", "bargauge", MONEY, "{{class}}"),
            Panel("Largest plans", "mrr_plan_amount", "bargauge", MONEY, "{{plan}}"),
            Panel("At risk, by reason", "mrr_at_risk_amount", "bargauge", MONEY, "{{reason}}"),
            Panel("Leaking, by reason", "mrr_leakage_amount", "bargauge", MONEY, "{{reason}}"),
            Panel("Kept of what is promised", "mrr_objective_met_ratio", "bargauge", SHARE, "{{objective}}", 12),
            Panel("Budget left", "mrr_objective_budget_left_ratio", "bargauge", SHARE, "{{objective}}", 12),
        ),
    ),
    "oncall": (
        "mrr: on-call",
        (
            Panel("Answers", 'up{job=~"mrr.*"}', "stat", legend="{{instance}}", width=4),
            Panel("Ledger stands still", "max(mrr_ledger_stands_still)", "stat", width=4),
            Panel("Wait to be posted", "sum(mrr_posting_waiting_entries)", "stat", width=4),
            Panel(
                "Objectives that page", 'count(mrr_objective_state{state="page"} == 1) or vector(0)', "stat", width=4
            ),
            Panel(
                "Objectives with a ticket",
                'count(mrr_objective_state{state="ticket"} == 1) or vector(0)',
                "stat",
                width=4,
            ),
            Panel("Figures are old by", "time() - max(mrr_measured_timestamp_seconds)", "stat", TIME, width=4),
            Panel("State of objectives", "mrr_objective_state == 1", "table", legend="{{objective}} {{state}}"),
            Panel("Budget left", "mrr_objective_budget_left_ratio", unit=SHARE, legend="{{objective}}"),
            Panel(
                "Spent of a budget in an hour",
                'mrr_objective_spent_ratio{urgency="page"}',
                unit=SHARE,
                legend="{{objective}}",
            ),
            Panel("Burn that makes a ticket", 'mrr_objective_burn_ratio{urgency="ticket"}', legend="{{objective}}"),
            Panel("Event to journal", "mrr_queue_arrival_seconds", unit=TIME, legend="p{{quantile}}"),
            Panel("Journal to ledger", "mrr_queue_posting_seconds", unit=TIME, legend="p{{quantile}}"),
            Panel(
                "Entries that are not sound", "source:mrr_journal_unsound:ratio_rate1h", unit=SHARE, legend="{{source}}"
            ),
            Panel("Payments that fail", "source:mrr_payment_failures:ratio_rate1h", unit=SHARE, legend="{{source}}"),
            Panel("Silence of sources", "time() - mrr_source_heard_timestamp_seconds", unit=TIME, legend="{{source}}"),
            Panel("Alerts that stand", "sum by (urgency, state) (mrr_alerts)", legend="{{urgency}} {{state}}"),
            Panel("Messages that do not arrive", "mrr_messages_waiting"),
            Panel("Watchers last done, ago", "time() - mrr_watched_timestamp_seconds", unit=TIME),
        ),
    ),
    "debug": (
        "mrr: debug",
        (
            Panel(
                "Entries by outcome",
                "sum by (source, outcome) (rate(mrr_journal_entries_total[5m]))",
                unit="ops",
                legend="{{source}} {{outcome}}",
            ),
            Panel("Entries by source", "source:mrr_journal_entries:rate5m", unit="ops", legend="{{source}}"),
            Panel("Journal ahead of ledger", "mrr_journal_seq - mrr_ledger_seq"),
            Panel("Answers, p95 by route", "route:mrr_answer_seconds:p95_5m", unit=TIME, legend="{{route}}"),
            Panel(
                "Answers a second",
                "sum by (route, status) (rate(mrr_answer_seconds_count[5m]))",
                unit="reqps",
                legend="{{route}} {{status}}",
            ),
            Panel("Answers that fail", "job:mrr_answers_failed:ratio_rate5m", unit=SHARE),
            Panel("Deliveries that wait for the disk", "mrr_deliveries_waiting"),
            Panel(
                "Payments by outcome",
                "sum by (outcome, reason) (mrr_payment_attempts_total)",
                unit="short",
                legend="{{outcome}} {{reason}}",
            ),
            Panel("Movements", "sum by (class) (mrr_movements_total)", legend="{{class}}"),
            Panel("Events of objectives", "mrr_objective_events", legend="{{objective}} {{result}}"),
            Panel("Drift of comparisons", "mrr_drift_ratio", unit=SHARE, legend="{{comparison}}"),
            Panel("Prorations that are wrong", "mrr_proration_errors_ratio", unit=SHARE),
            Panel("CPU", 'rate(process_cpu_seconds_total{job=~"mrr.*"}[5m])', unit=SHARE),
            Panel("Memory", 'process_resident_memory_bytes{job=~"mrr.*"}', unit="bytes"),
            Panel("Open files", 'process_open_fds{job=~"mrr.*"}'),
            Panel("Ledger", "mrr_ledger_info", "table", width=24),
        ),
    ),
}


def board(name: str) -> dict[str, Any]:
    """A board as Grafana imports it."""
    title, panels = BOARDS[name]
    return {
        "uid": f"mrr-{name}",
        "title": title,
        "tags": ["mrr"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h" if name != "executive" else "now-30d", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "annotations": {"list": [_noted()]},
        "panels": list(_laid(panels)),
    }


def _noted() -> dict[str, Any]:
    """What `mrr annotate` noted, as lines across all panels."""
    newest = "mrr_noted_timestamp_seconds"
    # The first note of a kind begins a series, which is no change of it.
    query = f"changes({newest}[2m]) > 0 or ({newest} unless {newest} offset 2m)"
    return {"name": "Noted", "datasource": SOURCE, "enable": True, "expr": query, "titleFormat": "{{kind}}"}


def _laid(panels: tuple[Panel, ...]) -> Any:
    """The panels in rows, from left to right."""
    x = y = 0
    for number, panel in enumerate(panels, start=1):
        height = 4 if panel.kind == "stat" else 8
        if x + panel.width > COLUMNS:
            x, y = 0, y + height
        yield {
            "id": number,
            "title": panel.title,
            "type": panel.kind,
            "datasource": SOURCE,
            "gridPos": {"x": x, "y": y, "w": panel.width, "h": height},
            "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
            "targets": [{"refId": "A", "expr": panel.query, "legendFormat": panel.legend or "__auto"}],
        }
        x += panel.width


def written() -> dict[str, str]:
    """Every board's file with its text."""
    return {f"{name}.json": json.dumps(board(name), indent=1) + "\n" for name in BOARDS}


if __name__ == "__main__":
    for file, text in written().items():
        (HERE / file).write_text(text, encoding="utf-8")
