-- +goose Up

-- Somebody asks to act for the firm of a code. name and town are what the registry had of the firm, or what the claimant said where it had
-- none; party is empty until the claim is approved. evidence is a JSON list of ids of files.
CREATE TABLE claims (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  town TEXT NOT NULL,
  capacity TEXT NOT NULL,
  statement TEXT NOT NULL,
  evidence TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'withdrawn')),
  party TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  decided_at TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_as TEXT NOT NULL CHECK (decided_as IN ('', 'officer', 'principal', 'claimant')),
  CHECK ((state = 'open') = (decided_at = '')),
  CHECK ((state = 'approved') = (party <> ''))
);

CREATE UNIQUE INDEX claims_open ON claims (account, code) WHERE state = 'open';

CREATE INDEX claims_by_account ON claims (account, opened_at);

CREATE INDEX claims_by_code ON claims (code, state);

CREATE INDEX claims_by_time ON claims (state, opened_at, id);

-- In what capacity an account acts for a firm, and who is the firm's principal: at most one at a time. That it acts at all stands in grants;
-- an account that an administrator let in has no row here until somebody makes it the principal, or ends it. origin is a claim or an invitation.
CREATE TABLE firm_people (
  id TEXT PRIMARY KEY,
  party TEXT NOT NULL,
  account TEXT NOT NULL,
  capacity TEXT NOT NULL,
  principal INTEGER NOT NULL CHECK (principal IN (0, 1)),
  origin TEXT NOT NULL,
  since TEXT NOT NULL,
  since_by TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  ended_by TEXT NOT NULL,
  reason TEXT NOT NULL
);

CREATE UNIQUE INDEX firm_people_one ON firm_people (party, account) WHERE ended_at = '';

CREATE UNIQUE INDEX firm_people_principal ON firm_people (party) WHERE principal = 1 AND ended_at = '';

CREATE INDEX firm_people_by_account ON firm_people (account, since);

-- A firm's principal lets somebody in: whoever brings the code, once. Only the code's hash is kept.
CREATE TABLE firm_invitations (
  id TEXT PRIMARY KEY,
  party TEXT NOT NULL,
  name TEXT NOT NULL,
  capacity TEXT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('open', 'used', 'withdrawn')),
  until_at TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  ended_by TEXT NOT NULL
);

CREATE INDEX firm_invitations_by_party ON firm_invitations (party, state);

-- +goose Down
DROP TABLE firm_invitations;
DROP TABLE firm_people;
DROP TABLE claims;
