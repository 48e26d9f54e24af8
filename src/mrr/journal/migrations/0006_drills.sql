-- What came of drills that were run on a copy of the book: each result as JSON (mrr/watch/drilled.py says of what); only ever
-- appended to.

CREATE TABLE drill (
    drill_id $COUNTER PRIMARY KEY,
    ran_at   BIGINT NOT NULL,
    said     TEXT NOT NULL
);
