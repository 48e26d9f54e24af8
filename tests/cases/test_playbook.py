"""The playbook's rules on periods of our own invention: which months have a row, and what each of them is called."""

from datetime import date
from pathlib import Path

import pytest

from tests.cases.playbook import differences, imported, main, table

PERIODS = """subscription_id,customer_id,start_date,end_date,monthly_amount
1,ann,2017-11-01,2018-02-01,40
2,ann,2018-02-01,2018-03-01,60
3,ann,2018-05-01,2018-06-01,15
4,bob,2018-01-01,2018-02-01,20
5,bob,2018-02-01,2018-03-01,20
6,cid,2017-11-01,2017-12-01,99
"""
HEADER = "date_month,customer_id,mrr,is_active,previous_month_mrr,mrr_change,change_category,renewal_amount\n"
EARLY = """2017-11-01,ann,40.0,true,0.0,40.0,new,0.0
2017-11-01,cid,99.0,true,0.0,99.0,new,0.0
2017-12-01,ann,40.0,true,40.0,0.0,,40.0
2017-12-01,cid,0.0,false,99.0,-99.0,churn,0.0
"""
LATE = """2018-01-01,ann,40.0,true,40.0,0.0,,40.0
2018-01-01,bob,20.0,true,0.0,20.0,new,0.0
2018-02-01,ann,60.0,true,40.0,20.0,upgrade,40.0
2018-02-01,bob,20.0,true,20.0,0.0,,20.0
2018-03-01,ann,0.0,false,60.0,-60.0,churn,0.0
2018-03-01,bob,0.0,false,20.0,-20.0,churn,0.0
2018-04-01,ann,0.0,false,0.0,0.0,,0.0
2018-05-01,ann,15.0,true,0.0,15.0,reactivation,0.0
2018-06-01,ann,0.0,false,15.0,-15.0,churn,0.0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the playbook's, with our own periods."""
    (tmp_path / "subscription_periods.csv").write_text(PERIODS, "utf-8")
    (tmp_path / "expected_mrr_spine_from_2017.csv").write_text(HEADER + EARLY + LATE, "utf-8")
    # A spine that begins in mid-life knows no month before: what stood already is new there.
    begun = LATE.replace("ann,40.0,true,40.0,0.0,,40.0", "ann,40.0,true,0.0,40.0,new,0.0")
    (tmp_path / "expected_mrr_as_published_spine_2018.csv").write_text(HEADER + begun, "utf-8")
    return tmp_path


def test_both_variants_are_equal_to_the_last_cell(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(folder) == 0
    told = capsys.readouterr().out
    assert "spine from 2017: 13 rows, 104 cells compared, 0 differ" in told
    assert "spine from 2018: 9 rows, 72 cells compared, 0 differ" in told
    # bob's second subscription replaces the first at the same price.
    assert told.count("no change there: 1") == 2


def test_a_wrong_cell_is_found(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    with imported(folder, tmp_path / "place") as book:
        ours, _ = table(book, date(2017, 1, 1))
    assert len(ours) == 13
    wrong = [ours[0] | {"mrr": "41.0"}, *ours[1:-1]]
    found = differences(ours, wrong)
    assert len(found) == 2
    assert any("mrr: 40.0 here, 41.0 there" in line for line in found)
    assert any("only here" in line for line in found)
