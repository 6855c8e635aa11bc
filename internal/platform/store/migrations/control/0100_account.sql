-- +goose Up

-- How somebody proves who they are. What they may do stands in their tenant (accounts, grants): a row here alone opens nothing.
CREATE TABLE credentials (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  login TEXT NOT NULL,
  password TEXT NOT NULL,
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  UNIQUE (tenant, login)
);

-- token is the SHA-256 of what the browser holds: a copy of this table signs nobody in.
CREATE TABLE sessions (
  token TEXT PRIMARY KEY,
  credential TEXT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
  created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL
);

CREATE INDEX sessions_credential ON sessions (credential);

CREATE INDEX sessions_seen ON sessions (seen_at);

-- Failed sign-ins by subject, which is the hash of a login in its tenant, known or not, or of a network address.
CREATE TABLE sign_in_attempts (
  subject TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_at TEXT NOT NULL
);

CREATE INDEX sign_in_attempts_last ON sign_in_attempts (last_at);
