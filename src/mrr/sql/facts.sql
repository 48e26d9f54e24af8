-- The tables of facts. Ids of customers, subscriptions, prices, products, coupons and discounts are `source/id`.
-- Instants are UTC; `*_num / *_den` is an exact ratio; `digest` is the SHA-256 of the fact's canonical JSON.
-- `shelf` is the hash of the id by which the rows of a table are looked up: rows are kept in its order, and a join that
-- names it reads only the blocks in which it lies.

CREATE SCHEMA ledger;
CREATE TABLE outcome (
    seq BIGINT, source VARCHAR, key VARCHAR, kind VARCHAR, recorded_at TIMESTAMP,
    outcome VARCHAR, reason VARCHAR, content VARCHAR, subject VARCHAR, occurred_at TIMESTAMP, shelf BIGINT
);
CREATE TABLE subscription_fact (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, subscription_id VARCHAR, customer_id VARCHAR, effective_at TIMESTAMP,
    observed_at TIMESTAMP, precision VARCHAR, ordinal INTEGER, stands BOOLEAN, status VARCHAR, currency VARCHAR,
    truncated BOOLEAN, started_at TIMESTAMP, period_starts_at TIMESTAMP, period_ends_at TIMESTAMP,
    trial_ends_at TIMESTAMP, paused BOOLEAN, resumes_at TIMESTAMP, cancel_at_period_end BOOLEAN, cancel_at TIMESTAMP,
    canceled_at TIMESTAMP, ended_at TIMESTAMP, involuntary BOOLEAN, change VARCHAR, content VARCHAR, prior VARCHAR,
    shelf BIGINT, customer_shelf BIGINT
);
CREATE TABLE subscription_item (
    fact_id BIGINT, subscription_id VARCHAR, item_id VARCHAR, product_id VARCHAR, price_id VARCHAR, currency VARCHAR,
    unit_num BIGINT, unit_den BIGINT, tiers VARCHAR, tiers_mode VARCHAR, package BIGINT, package_up BOOLEAN,
    interval VARCHAR, interval_count BIGINT, recurring BOOLEAN, usage_type VARCHAR, quantity BIGINT,
    period_starts_at TIMESTAMP, period_ends_at TIMESTAMP, shelf BIGINT
);
CREATE TABLE subscription_discount (
    fact_id BIGINT, subscription_id VARCHAR, position INTEGER, discount_id VARCHAR, coupon_id VARCHAR,
    keep_num BIGINT, keep_den BIGINT, amount_micros BIGINT, currency VARCHAR, duration VARCHAR, starts_at TIMESTAMP,
    ends_at TIMESTAMP, scope VARCHAR, items VARCHAR[], products VARCHAR[], shelf BIGINT
);
CREATE TABLE customer_discount (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, customer_id VARCHAR, effective_at TIMESTAMP, position INTEGER,
    discount_id VARCHAR, coupon_id VARCHAR, keep_num BIGINT, keep_den BIGINT, amount_micros BIGINT, currency VARCHAR,
    duration VARCHAR, starts_at TIMESTAMP, ends_at TIMESTAMP, scope VARCHAR, items VARCHAR[], products VARCHAR[]
);
CREATE TABLE discount_given (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, effective_at TIMESTAMP, discount_id VARCHAR, coupon_id VARCHAR,
    keep_num BIGINT, keep_den BIGINT, amount_micros BIGINT, currency VARCHAR, duration VARCHAR, starts_at TIMESTAMP,
    ends_at TIMESTAMP, scope VARCHAR, items VARCHAR[], products VARCHAR[]
);
CREATE TABLE coupon (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, coupon_id VARCHAR, effective_at TIMESTAMP, keep_num BIGINT,
    keep_den BIGINT, amount_micros BIGINT, currency VARCHAR, duration VARCHAR, months INTEGER, products VARCHAR[]
);
CREATE TABLE price (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, price_id VARCHAR, effective_at TIMESTAMP, product_id VARCHAR,
    currency VARCHAR, unit_num BIGINT, unit_den BIGINT, tiers VARCHAR, tiers_mode VARCHAR, package BIGINT,
    package_up BOOLEAN, interval VARCHAR, interval_count BIGINT, recurring BOOLEAN, usage_type VARCHAR
);
CREATE TABLE product (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, product_id VARCHAR, effective_at TIMESTAMP, name VARCHAR
);
CREATE TABLE attribute (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, customer_id VARCHAR, key VARCHAR, value VARCHAR, effective_at TIMESTAMP,
    shelf BIGINT
);
CREATE TABLE merge (fact_id BIGINT, seq BIGINT, customer_id VARCHAR, into_id VARCHAR);
CREATE TABLE continuation (fact_id BIGINT, seq BIGINT, old_id VARCHAR, new_id VARCHAR, turns_at TIMESTAMP);
CREATE TABLE edit (
    fact_id BIGINT, seq BIGINT, verb VARCHAR, entry_seq BIGINT, of_id VARCHAR, to_id VARCHAR, turns_at TIMESTAMP,
    said_at TIMESTAMP, author VARCHAR, reason VARCHAR, changes VARCHAR
);
CREATE TABLE rate (
    fact_id BIGINT, seq BIGINT, source VARCHAR, day DATE, currency VARCHAR, base VARCHAR, num BIGINT, den BIGINT
);
CREATE TABLE invoice (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, document_id VARCHAR, invoice_id VARCHAR, customer_id VARCHAR,
    subscription_id VARCHAR, effective_at TIMESTAMP, status VARCHAR, currency VARCHAR, total_micros BIGINT,
    paid_micros BIGINT, reason VARCHAR, credit_note BOOLEAN, finalised_at TIMESTAMP, truncated BOOLEAN
);
CREATE TABLE invoice_line (
    fact_id BIGINT, line_id VARCHAR, amount_micros BIGINT, currency VARCHAR, kind VARCHAR, subscription_id VARCHAR,
    item_id VARCHAR, price_id VARCHAR, product_id VARCHAR, quantity BIGINT, proration BOOLEAN, recurring BOOLEAN,
    discount_micros BIGINT, tax_micros BIGINT, starts_at TIMESTAMP, ends_at TIMESTAMP
);
CREATE TABLE invoice_payment (fact_id BIGINT, document_id VARCHAR, payment_id VARCHAR);
CREATE TABLE payment (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, payment_id VARCHAR, kind VARCHAR, outcome VARCHAR, customer_id VARCHAR,
    invoice_id VARCHAR, of_payment_id VARCHAR, effective_at TIMESTAMP, amount_micros BIGINT, currency VARCHAR,
    failure_code VARCHAR, retry INTEGER, card_expires VARCHAR
);
CREATE TABLE payout (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, payout_id VARCHAR, outcome VARCHAR, effective_at TIMESTAMP,
    amount_micros BIGINT, currency VARCHAR, sent_at TIMESTAMP, failure_code VARCHAR
);
CREATE TABLE balance_line (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, line_id VARCHAR, kind VARCHAR, of_id VARCHAR, payout_id VARCHAR,
    effective_at TIMESTAMP, amount_micros BIGINT, fee_micros BIGINT, currency VARCHAR, available_at TIMESTAMP
);
CREATE TABLE checkout (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, checkout_id VARCHAR, outcome VARCHAR, customer_id VARCHAR,
    subscription_id VARCHAR, effective_at TIMESTAMP, amount_micros BIGINT, currency VARCHAR
);
CREATE TABLE usage (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, usage_id VARCHAR, customer_id VARCHAR, subscription_id VARCHAR,
    item_id VARCHAR, meter VARCHAR, effective_at TIMESTAMP, quantity_num BIGINT, quantity_den BIGINT
);
CREATE TABLE cost (
    fact_id BIGINT, seq BIGINT, digest VARCHAR, cost_id VARCHAR, service VARCHAR, customer_id VARCHAR,
    effective_at TIMESTAMP, amount_micros BIGINT, currency VARCHAR
);

-- What moved on which local day, in total and by plan, as additions to be summed. Grain: none; a posting takes back and
-- adds. `moves` counts the movements, so that a group is gone once all of them were taken back; `loose` rows are not yet added up.
CREATE TABLE ledger.rolled_up (
    kind VARCHAR, trait VARCHAR, on_day DATE, class VARCHAR, amount_micros BIGINT, customers BIGINT, payers BIGINT,
    moves BIGINT, loose BOOLEAN
);
-- By how much what is kept of openings steps from one last day of a stretch to the next (kept_day.sql), as additions too.
CREATE TABLE ledger.kept_up (
    stretch VARCHAR, on_day DATE, kept_micros BIGINT, capped_micros BIGINT, whole_micros BIGINT, whole_capped_micros BIGINT,
    loose BOOLEAN
);
-- The digests of customers, one block of shelves after the other, of which the ledger's is made (block_digest.sql).
CREATE TABLE ledger.block_digest (block BIGINT, digest VARCHAR);
