-- +goose Up

-- Somebody (absent) is stood in for by another account (stand_in) from a day to a day, both included, for the reason that they or an
-- administrator gave. It ends on its last day, or when somebody ended it before ('' in ended_at: nobody did). Who is away keeps what they may do.
CREATE TABLE delegations (
  id TEXT PRIMARY KEY,
  absent TEXT NOT NULL REFERENCES accounts (id),
  stand_in TEXT NOT NULL REFERENCES accounts (id),
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,
  reason TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  ended_by TEXT NOT NULL,
  end_reason TEXT NOT NULL
);
CREATE INDEX delegations_stand_in ON delegations (stand_in, ended_at, until_day);
CREATE INDEX delegations_absent ON delegations (absent, ended_at, until_day);

-- The grants of the absent that it is for. One counts only while they still hold it.
CREATE TABLE delegation_grants (
  delegation TEXT NOT NULL REFERENCES delegations (id),
  role TEXT NOT NULL,
  department TEXT NOT NULL,
  town TEXT NOT NULL,
  PRIMARY KEY (delegation, role, department, town)
);

-- In whose stead a step was taken ('': in nobody's): stages that are kept apart are kept apart for both.
ALTER TABLE process_steps ADD COLUMN stead TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE process_steps DROP COLUMN stead;
DROP TABLE delegation_grants;
DROP TABLE delegations;
