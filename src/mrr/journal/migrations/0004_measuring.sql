-- What the service keeps of its own work: when which entries came into the ledger; and what people did to it, such as deploys.

CREATE TABLE posting (
    first_seq BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    posted_at BIGINT NOT NULL
);

CREATE INDEX posting_posted_at ON posting (posted_at);

CREATE TABLE annotation (
    annotation_id $COUNTER PRIMARY KEY,
    happened_at   BIGINT NOT NULL,
    recorded_at   BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    text          TEXT NOT NULL,
    author        TEXT NOT NULL
);
