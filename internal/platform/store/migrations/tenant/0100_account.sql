-- +goose Up

-- Who belongs to this tenant. id is that of the credential in the control database.
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  changed_at TEXT NOT NULL
);

-- A role with its scope; an empty scope is all.
CREATE TABLE grants (
  account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('firm', 'officer', 'administrator', 'auditor')),
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  party TEXT NOT NULL,
  granted_at TEXT NOT NULL,
  granted_by TEXT NOT NULL,
  PRIMARY KEY (account, role, department, town, party),
  CHECK ((role = 'firm') = (party <> ''))
);

CREATE INDEX grants_party ON grants (party) WHERE party <> '';
