-- The journal itself: who it is, where its chain ends, its entries, and a receipt for every batch.
-- $BYTES, $COUNTER and $IDENTITY are the dialect's words for bytes, a 64-bit key and a key it numbers itself.

CREATE TABLE journal (
    id             TEXT PRIMARY KEY,
    schema_version INTEGER NOT NULL,
    created_at     BIGINT NOT NULL
);

-- One row, locked by every writer: that is what keeps seq free of gaps.
CREATE TABLE head (
    only_row    INTEGER PRIMARY KEY CHECK (only_row = 1),
    seq         BIGINT NOT NULL,
    digest      $BYTES NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE TABLE entry (
    seq         $COUNTER PRIMARY KEY,
    source      TEXT NOT NULL,
    key         TEXT NOT NULL,
    kind        TEXT NOT NULL,
    occurred_at BIGINT,
    recorded_at BIGINT NOT NULL,
    body        $BYTES,
    body_size   BIGINT NOT NULL,
    body_digest $BYTES NOT NULL,
    digest      $BYTES NOT NULL,
    erased_at   BIGINT,
    UNIQUE (source, key, body_digest),
    CHECK ((body IS NULL) = (erased_at IS NOT NULL))
);

CREATE INDEX entry_recorded_at ON entry (recorded_at);

CREATE TABLE receipt (
    receipt_id  $IDENTITY,
    recorded_at BIGINT NOT NULL,
    source      TEXT NOT NULL,
    note        TEXT NOT NULL,
    offered     BIGINT NOT NULL,
    appended    BIGINT NOT NULL,
    duplicates  BIGINT NOT NULL,
    CHECK (offered = appended + duplicates)
);
