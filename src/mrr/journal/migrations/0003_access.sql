-- Who may see and do what, and the trail of what they did. Secrets are kept as digests only.

CREATE TABLE access_user (
    name        TEXT PRIMARY KEY,
    password    TEXT NOT NULL,
    scopes      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    disabled_at BIGINT
);

-- A token of a program, or the session of a user who is logged in (then csrf is what its forms must carry).
CREATE TABLE access_key (
    key_id        TEXT PRIMARY KEY,
    holder        TEXT NOT NULL,
    is_session    INTEGER NOT NULL,
    secret_digest $BYTES NOT NULL,
    scopes        TEXT NOT NULL,
    csrf          TEXT,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT,
    revoked_at    BIGINT
);

-- Append-only and chained: each digest is over the one before it and the row.
CREATE TABLE audit (
    audit_seq   $COUNTER PRIMARY KEY,
    recorded_at BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    detail      TEXT NOT NULL,
    digest      $BYTES NOT NULL
);
