-- +goose Up

-- What an account may do, version by version (number, from 1): grants given and taken (authorization_grants), and its use closed or opened
-- ('', 'closed', 'opened'). What gives anything waits for a second administrator: 'waiting', then 'approved', 'returned' or 'withdrawn', when
-- (decided_at), by whom (decided_by) and why (decision). What only takes is 'approved' as it is made, by nobody else ('').
CREATE TABLE authorizations (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  number INTEGER NOT NULL,
  usage TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  decided_at TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  decision TEXT NOT NULL,
  UNIQUE (account, number)
);
CREATE INDEX authorizations_state ON authorizations (state, made_at);
-- One at a time waits for an account.
CREATE UNIQUE INDEX authorizations_waiting ON authorizations (account) WHERE state = 'waiting';

CREATE TABLE authorization_grants (
  version TEXT NOT NULL REFERENCES authorizations (id),
  taken INTEGER NOT NULL,
  role TEXT NOT NULL,
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  party TEXT NOT NULL,
  PRIMARY KEY (version, taken, role, department, town, party)
);

-- A delegation that an administrator made for somebody else counts from when another administrator approved it; one's own from when it was
-- made, by oneself.
ALTER TABLE delegations ADD COLUMN approved_at TEXT NOT NULL DEFAULT '';
ALTER TABLE delegations ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
UPDATE delegations SET approved_at = made_at, approved_by = made_by;

-- +goose Down

ALTER TABLE delegations DROP COLUMN approved_by;
ALTER TABLE delegations DROP COLUMN approved_at;
DROP TABLE authorization_grants;
DROP TABLE authorizations;
