"""What people did that may explain what figures do: deploys, changes of flags, incidents; each with its instant."""

from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import BigInteger, Column, MetaData, Row, Table, Text, func, insert, select

from mrr.errors import WrongUse
from mrr.journal import Journal
from mrr.period import instant, micros_of

Kind = Literal["deploy", "flag", "price", "incident", "note"]
KINDS: tuple[str, ...] = get_args(Kind)
LONGEST = 500

annotation = Table(
    "annotation",
    MetaData(),
    Column("annotation_id", BigInteger, primary_key=True),
    Column("happened_at", BigInteger),
    Column("recorded_at", BigInteger),
    Column("kind", Text),
    Column("text", Text),
    Column("author", Text),
)


class Annotation(msgspec.Struct, frozen=True):
    """Something that was done at an instant, in one sentence, and who said so. `recorded_at`: when it was told."""

    annotation_id: int
    happened_at: datetime
    recorded_at: datetime
    kind: str
    text: str
    author: str


def annotate(journal: Journal, kind: str, text: str, author: str, happened_at: datetime, now: datetime) -> Annotation:
    """Keep an annotation; on disk when this returns. Raises WrongUse for a kind or a text that it cannot have."""
    told = " ".join(text.split())
    if kind not in KINDS:
        raise WrongUse(f"{kind!r} is no kind of annotation", remedy=f"Use one of {', '.join(KINDS)}.")
    if not told or len(told) > LONGEST:
        raise WrongUse(f"an annotation has 1 to {LONGEST} characters, not {len(told)}", remedy="Say it in a sentence.")
    row = {"happened_at": micros_of(happened_at), "recorded_at": micros_of(now), "kind": kind, "text": told}
    with journal.writing() as connection:
        last = connection.execute(select(func.max(annotation.c.annotation_id))).scalar() or 0
        connection.execute(insert(annotation).values(annotation_id=last + 1, author=author, **row))
    return Annotation(last + 1, happened_at, now, kind, told, author)


def annotations(journal: Journal, since: datetime, until: datetime) -> list[Annotation]:
    """The annotations of a time, the oldest first."""
    columns = annotation.c
    query = select(annotation).where(columns.happened_at >= micros_of(since), columns.happened_at < micros_of(until))
    with journal.reading() as connection:
        found = connection.execute(query.order_by(columns.happened_at, columns.annotation_id)).all()
    return [Annotation(one.annotation_id, *_instants(one), one.kind, one.text, one.author) for one in found]


def newest(journal: Journal) -> dict[str, datetime]:
    """When the newest annotation of each kind happened."""
    query = select(annotation.c.kind, func.max(annotation.c.happened_at)).group_by(annotation.c.kind)
    with journal.reading() as connection:
        return {kind: instant(happened_at) for kind, happened_at in connection.execute(query).all()}


def _instants(row: Row[Any]) -> tuple[datetime, datetime]:
    return instant(row.happened_at), instant(row.recorded_at)
