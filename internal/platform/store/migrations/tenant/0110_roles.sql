-- +goose Up

-- Roles are named in the program (account.Roles) and checked there; the table keeps only what belongs together.
CREATE TABLE grants_next (
  account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  party TEXT NOT NULL,
  granted_at TEXT NOT NULL,
  granted_by TEXT NOT NULL,
  PRIMARY KEY (account, role, department, town, party),
  CHECK ((role = 'firm') = (party <> ''))
);

INSERT INTO grants_next (account, role, department, town, party, granted_at, granted_by)
  SELECT account, role, department, town, party, granted_at, granted_by FROM grants;

DROP TABLE grants;

ALTER TABLE grants_next RENAME TO grants;

CREATE INDEX grants_party ON grants (party) WHERE party <> '';

-- Who holds a role is asked whenever a task opens; the many grants of firms are kept out of the way.
CREATE INDEX grants_role ON grants (role, account) WHERE party = '';
