"""The tables of access as SQLAlchemy knows them; the migrations of the journal store own them."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

user = Table(
    "access_user",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password", Text),
    Column("scopes", Text),
    Column("created_at", BigInteger),
    Column("disabled_at", BigInteger),
)

key = Table(
    "access_key",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("holder", Text),
    Column("is_session", Integer),
    Column("secret_digest", LargeBinary),
    Column("scopes", Text),
    Column("csrf", Text),
    Column("created_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_seq", BigInteger, primary_key=True),
    Column("recorded_at", BigInteger),
    Column("actor", Text),
    Column("action", Text),
    Column("detail", Text),
    Column("digest", LargeBinary),
)
