-- Small bodies of one source compress well only against a dictionary trained on their like.
-- An entry without a dictionary (all those before this script) is a plain zstd frame.

CREATE TABLE dictionary (
    dictionary_id $IDENTITY,
    source        TEXT NOT NULL UNIQUE,
    body          $BYTES NOT NULL
);

ALTER TABLE entry ADD COLUMN dictionary_id BIGINT REFERENCES dictionary (dictionary_id);
