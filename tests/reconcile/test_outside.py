"""The book against a CRM and an entitlement system: who is active in one and not in the other."""

from pathlib import Path

import pytest

from mrr.errors import ImportFileError, WrongUse

from .books import SEEN_TEXT, book_of, causes, created, item, sub, tell, updated

DAY = 86_400
BODIES = [
    *created(sub("a"), sub("b"), sub("p"), sub("seats", item(id="si_seats", quantity=3)), sub("left"), sub("ghost")),
    updated(sub("p", pause_collection={"behavior": "void"}), 1_704_067_200 + DAY),
    updated(sub("left", status="canceled", ended_at=1_704_067_200 + DAY), 1_704_067_200 + DAY),
]


def export(folder: Path, text: str) -> str:
    """A file as another system writes it."""
    path = folder / "export.csv"
    path.write_text(text)
    return str(path)


def test_states_amounts_and_units_are_compared(tmp_path: Path) -> None:
    """60.00 for three seats; the CRM says 2. It has never heard of one who pays, and knows one who does not exist."""
    text = """Account ID,Account Status,MRR,Seats
cus_a,Customer,20.00,1
cus_b,On hold,0,1
cus_p,Customer,20.00,1
cus_seats,Customer,40.00,2
cus_left,Churned,0,0
cus_dream,Customer,500,1
"""
    with book_of(tmp_path, BODIES) as book:
        found = book.reconcile_export(what="crm", path=export(tmp_path, text), as_of=SEEN_TEXT)
    assert causes(found) == {
        "cus_b": ("active here, paused there", -20),
        "cus_p": ("paused here, active there", 20),
        "cus_seats": ("quantity", 0),
        "cus_ghost": ("missing there", -20),
        "cus_dream": ("unknown here, active there", 500),
    }
    assert found.causes["amount"] == 1
    # 20 + 20 + 20 + 20 + 500 of 120.
    assert (found.ours_micros, found.drift_micros) == (120_000_000, 580_000_000)
    assert found.notes == [
        "Read as: customer = 'Account ID', status = 'Account Status', quantity = 'Seats', amount = 'MRR'.",
        "Understood as: 'Churned' = ended, 'Customer' = active, 'On hold' = paused.",
    ]


def test_without_amounts_a_paused_customer_is_worth_what_it_was(tmp_path: Path) -> None:
    names = ("a", "b", "p", "seats", "ghost", "left")
    text = "customer,status\n" + "".join(f"cus_{name},active\n" for name in names)
    with book_of(tmp_path, BODIES) as book:
        found = book.reconcile_export(what="crm", path=export(tmp_path, text), as_of=SEEN_TEXT)
    assert causes(found) == {
        "cus_p": ("paused here, active there", 20),
        "cus_left": ("lapsed here, active there", 20),
    }
    assert found.rows[0].detail == "was last worth 20.00 a month"


def test_entitlements_a_row_a_feature(tmp_path: Path) -> None:
    """Rows of one customer are one: entitled if any of them is. Ids may name their source."""
    text = """organization_id,feature,enabled
cus_a,reports,false
stripe/cus_a,api,true
cus_b,api,no
cus_p,api,TRUE
cus_seats,api,yes
cus_ghost,api,1
"""
    with book_of(tmp_path, BODIES) as book:
        found = book.reconcile_export(what="entitlements", path=export(tmp_path, text), as_of=SEEN_TEXT)
    assert causes(found) == {
        "cus_b": ("active here, ended there", -20),
        "cus_p": ("paused here, active there", 20),
    }
    assert found.what == "entitlements"


def test_plans_by_name_or_id(tmp_path: Path) -> None:
    product = {"id": "prod_1", "object": "product", "name": "Team", "created": 1_704_067_200}
    text = "customer,status,plan\ncus_a,active,team\ncus_b,active,prod_1\ncus_p,paused,Team\n"
    text += "cus_seats,active,price_1\ncus_ghost,active,Enterprise\n"
    with book_of(tmp_path, [*BODIES, product]) as book:
        found = book.reconcile_export(what="crm", path=export(tmp_path, text), as_of=SEEN_TEXT)
    (row,) = found.rows
    assert (row.customer_id, row.cause) == ("cus_ghost", "plan")
    assert row.detail.endswith("here, enterprise there")


def test_yearly_amounts_are_taken_by_the_month(tmp_path: Path) -> None:
    """240 a year; and cents that others round are no difference."""
    text = "customer,status,arr\ncus_a,active,240\ncus_b,active,240.05\ncus_p,paused,\ncus_seats,active,720.12\n"
    with book_of(tmp_path, BODIES) as book:
        found = book.reconcile_export(
            what="crm", path=export(tmp_path, text + "cus_ghost,active,240.00\n"), as_of=SEEN_TEXT
        )
    assert [(row.customer_id, row.cause) for row in found.rows] == [("cus_seats", "amount")]


def test_words_and_columns_may_be_named(tmp_path: Path) -> None:
    names = ("a", "b", "seats", "ghost")
    text = "Billing,Phase\ncus_p,Sleeping\n" + "".join(f"cus_{name},Key Account\n" for name in names)
    with book_of(tmp_path, BODIES) as book:
        found = book.reconcile_export(
            what="crm",
            path=export(tmp_path, text),
            columns={"customer": "Billing", "status": "Phase"},
            words={"Key Account": "active", "sleeping": "paused"},
            as_of=SEEN_TEXT,
        )
    assert found.rows == []


@pytest.mark.parametrize(
    ("text", "told", "remedy"),
    [
        ("customer,status\na,Gold\nb,Gold\nc,Silver\n", "'Gold' (row 2), 'Silver' (row 4)", "--status 'Gold'=active"),
        ("who,status\ncus_a,active\n", "no column tells the customer", "--column customer=COLUMN"),
        ("customer,mrr\ncus_a,1\n", "no column tells the status", "--column status=COLUMN"),
        ("customer,status\n,active\n", "row 2, customer: empty", "Mend the row"),
        ("customer,status,mrr\ncus_a,active,much\n", "row 2, mrr: no amount: 'much'", "Mend the row"),
        ("customer,status\ncus_a\n", "row 2: 1 cells under 2 columns", "Mend the row"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(tmp_path: Path, text: str, told: str, remedy: str) -> None:
    with book_of(tmp_path, BODIES[:1]) as book:
        with pytest.raises((ImportFileError, WrongUse)) as raised:
            book.reconcile_export(what="crm", path=export(tmp_path, text))
        assert told in str(raised.value)
        assert remedy in raised.value.remedy
        assert book.reconciliations() == []


def test_wrong_words_of_ours_are_refused(tmp_path: Path) -> None:
    path = export(tmp_path, "customer,status\ncus_a,active\n")
    with book_of(tmp_path, BODIES[:1]) as book:
        with pytest.raises(WrongUse, match="is no state"):
            book.reconcile_export(what="crm", path=path, words={"gold": "shiny"})
        with pytest.raises(WrongUse, match="is no field"):
            book.reconcile_export(what="crm", path=path, columns={"colour": "status"})
        with pytest.raises(WrongUse, match="has no column"):
            book.reconcile_export(what="crm", path=path, columns={"status": "phase"})
        with pytest.raises(ImportFileError, match="no such file"):
            book.reconcile_export(what="crm", path=str(tmp_path / "absent.csv"))


def test_an_id_of_several_sources_must_be_told_apart(tmp_path: Path) -> None:
    text = "customer,status\ncus_a,active\n"
    with book_of(tmp_path, created(sub("a"))) as book:
        tell(book, created(sub("a")), source="stripe:eu")
        with pytest.raises(WrongUse, match="cus_a may be several"):
            book.reconcile_export(what="crm", path=export(tmp_path, text), as_of=SEEN_TEXT)
        found = book.reconcile_export(what="crm", path=export(tmp_path, text), source="stripe:eu", as_of=SEEN_TEXT)
        assert (found.ours_micros, found.rows) == (20_000_000, [])
