-- +goose Up

-- The audit log of the control database, with the tables that every tenant has (tenant/0010_audit.sql). It comes after the tables whose
-- rows it tells of, because with it the rows that are already there are taken into the log (store.RegisterStep).
CREATE TABLE audit_events (
  seq BIGINT PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  kind TEXT NOT NULL,
  row_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  data TEXT NOT NULL,
  hash TEXT NOT NULL
);

CREATE INDEX audit_events_of_row ON audit_events (kind, row_id, seq);

-- The last record. Everybody who writes locks this row, as the last thing before the commit.
CREATE TABLE audit_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);

INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '');

-- Signed statements of where the log stood; copies are kept outside.
CREATE TABLE audit_checkpoints (
  seq BIGINT PRIMARY KEY,
  hash TEXT NOT NULL,
  at TEXT NOT NULL,
  public_key TEXT NOT NULL,
  signature TEXT NOT NULL
);

-- The secret with which personal data is hashed: without it a hash cannot be tried against a list of names.
CREATE TABLE audit_secret (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  secret TEXT NOT NULL
);
