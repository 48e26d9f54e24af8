"""When entries came into the ledger: a small record that the service keeps of its postings, in the journal's store."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, MetaData, Table, delete, insert, select

from mrr.journal import Journal
from mrr.period import instant, micros_of
from mrr.watch.indicators import Posting

# No objective looks back further at postings.
KEPT = timedelta(days=8)

posting = Table(
    "posting",
    MetaData(),
    Column("first_seq", BigInteger),
    Column("last_seq", BigInteger),
    Column("posted_at", BigInteger),
)


def keep(journal: Journal, postings: Sequence[Posting]) -> None:
    """Append some postings, the oldest first, and forget those that are too old to be asked for."""
    if not postings:
        return
    over = micros_of(postings[-1].posted_at - KEPT)
    rows = [
        {"first_seq": one.first_seq, "last_seq": one.last_seq, "posted_at": micros_of(one.posted_at)}
        for one in postings
    ]
    with journal.writing() as connection:
        connection.execute(delete(posting).where(posting.c.posted_at < over))
        connection.execute(insert(posting), rows)


def kept(journal: Journal, since: datetime) -> list[Posting]:
    """The postings since an instant, the oldest first."""
    query = select(posting).where(posting.c.posted_at >= micros_of(since)).order_by(posting.c.posted_at)
    with journal.reading() as connection:
        found = connection.execute(query).all()
    return [Posting(row.first_seq, row.last_seq, instant(row.posted_at)) for row in found]
