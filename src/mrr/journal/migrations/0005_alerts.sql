-- What happened to alerts: found, told, acknowledged, silenced, resolved; only ever appended to. The state of each alert
-- is folded out of it (mrr/watch/told.py names what can happen; `said` is that as JSON).

CREATE TABLE alert_event (
    event_seq   $COUNTER PRIMARY KEY,
    alert_id    BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    said        TEXT NOT NULL
);
