-- +goose Up

-- A round opens schemes for a period. publication and set_hash pin the rules; process is the hash of the process that its cases run by.
-- frozen_at: no case enters any more and facts are as of then; empty: not yet. cases numbers them, and is the lock of the round.
CREATE TABLE rounds (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  process TEXT NOT NULL,
  publication TEXT NOT NULL,
  set_hash TEXT NOT NULL,
  performance BIGINT NOT NULL,
  opens TEXT NOT NULL,
  closes TEXT NOT NULL,
  department TEXT NOT NULL,
  body TEXT NOT NULL,
  notice_days BIGINT NOT NULL,
  notice_unit TEXT NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  frozen_at TEXT NOT NULL,
  frozen_on TEXT NOT NULL,
  cases BIGINT NOT NULL,
  invented INTEGER NOT NULL CHECK (invented IN (0, 1)),
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE INDEX rounds_by_closes ON rounds (closes, id);

-- A scheme of a round: who is in charge of it there, and what an applicant brings. materials is JSON.
CREATE TABLE round_schemes (
  round TEXT NOT NULL REFERENCES rounds (id),
  scheme TEXT NOT NULL,
  position BIGINT NOT NULL,
  department TEXT NOT NULL,
  materials TEXT NOT NULL,
  PRIMARY KEY (round, scheme)
);

CREATE INDEX round_schemes_by_scheme ON round_schemes (scheme, round);

-- An application, from its first saved draft on. number is empty until it is submitted. Money in fen; -1: not set.
-- judged = 1: a person judged that what only a person can judge holds.
-- stage and ended repeat what the process says, in the transaction that moved it, so that lists are one table.
CREATE TABLE cases (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,
  round TEXT NOT NULL REFERENCES rounds (id),
  scheme TEXT NOT NULL,
  party TEXT NOT NULL,
  party_name TEXT NOT NULL,
  party_code TEXT NOT NULL,
  town TEXT NOT NULL,
  department TEXT NOT NULL,
  draft TEXT NOT NULL,
  draft_version BIGINT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('applicant', 'system')),
  started_at TEXT NOT NULL,
  started_by TEXT NOT NULL,
  saved_at TEXT NOT NULL,
  submitted_at TEXT NOT NULL,
  submitted_by TEXT NOT NULL,
  evaluation TEXT NOT NULL,
  answer TEXT NOT NULL,
  low BIGINT NOT NULL,
  high BIGINT NOT NULL,
  amount_kind TEXT NOT NULL,
  amount_text TEXT NOT NULL,
  judged INTEGER NOT NULL CHECK (judged IN (0, 1)),
  decided BIGINT NOT NULL,
  decided_reason TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  settled BIGINT NOT NULL,
  cuts TEXT NOT NULL,
  awarded BIGINT NOT NULL,
  paid BIGINT NOT NULL,
  paid_on TEXT NOT NULL,
  stage TEXT NOT NULL,
  ended TEXT NOT NULL,
  lacking TEXT NOT NULL,
  version BIGINT NOT NULL
);

-- One application of a party for a scheme in a round, until it ends without an award.
CREATE UNIQUE INDEX cases_live ON cases (round, scheme, party) WHERE ended = '' OR ended = 'granted';

CREATE UNIQUE INDEX cases_number ON cases (number) WHERE number <> '';

CREATE INDEX cases_by_party ON cases (party, started_at);

CREATE INDEX cases_by_round ON cases (round, stage, number);

CREATE INDEX cases_by_submission ON cases (submitted_at, id);

-- What an evaluation found, with everything it rests on: the pins are the ids and digests of the facts, in order. Written once.
CREATE TABLE case_evaluations (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  occasion TEXT NOT NULL,
  on_date TEXT NOT NULL,
  set_hash TEXT NOT NULL,
  facts_hash TEXT NOT NULL,
  pins TEXT NOT NULL,
  result TEXT NOT NULL,
  made_at TEXT NOT NULL
);

CREATE INDEX case_evaluations_by_case ON case_evaluations (case_id, id);

-- What was attached under which item of the materials list. A removed one stays with the time it was removed.
CREATE TABLE case_files (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  material TEXT NOT NULL,
  file TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL,
  removed_at TEXT NOT NULL
);

CREATE INDEX case_files_by_case ON case_files (case_id, material);

-- What a department found about a case when its list came back. result: clear, hit.
CREATE TABLE case_findings (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  department TEXT NOT NULL,
  result TEXT NOT NULL CHECK (result IN ('clear', 'hit')),
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  on_date TEXT NOT NULL,
  said_at TEXT NOT NULL,
  said_by TEXT NOT NULL,
  supersedes TEXT NOT NULL,
  UNIQUE (case_id, department, supersedes)
);

-- A public notice of a round and its table, as it was published. A notice anew names the one it replaces.
CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  round TEXT NOT NULL REFERENCES rounds (id),
  number BIGINT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  published_on TEXT NOT NULL,
  until_date TEXT NOT NULL,
  days BIGINT NOT NULL,
  unit TEXT NOT NULL,
  total BIGINT NOT NULL,
  rule TEXT NOT NULL,
  replaces TEXT NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  published_at TEXT NOT NULL,
  published_by TEXT NOT NULL,
  UNIQUE (round, number)
);

CREATE INDEX notices_by_until ON notices (until_date, id);

CREATE TABLE notice_lines (
  notice TEXT NOT NULL REFERENCES notices (id),
  position BIGINT NOT NULL,
  case_id TEXT NOT NULL,
  number TEXT NOT NULL,
  party_name TEXT NOT NULL,
  scheme TEXT NOT NULL,
  title TEXT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (notice, position)
);

CREATE INDEX notice_lines_by_case ON notice_lines (case_id);

-- An objection to a notice. name, contact and statement are the objector's and personal.
-- state: received → admitted or inadmissible → upheld or dismissed.
CREATE TABLE objections (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  notice TEXT NOT NULL REFERENCES notices (id),
  round TEXT NOT NULL,
  case_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'organisation')),
  name TEXT NOT NULL,
  contact TEXT NOT NULL,
  statement TEXT NOT NULL,
  secret TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'inadmissible', 'admitted', 'upheld', 'dismissed')),
  received_at TEXT NOT NULL,
  due_on TEXT NOT NULL,
  admitted_at TEXT NOT NULL,
  admitted_by TEXT NOT NULL,
  admitted_why TEXT NOT NULL,
  disposed_at TEXT NOT NULL,
  disposed_by TEXT NOT NULL,
  disposal TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE INDEX objections_by_round ON objections (round, state, received_at);

CREATE INDEX objections_by_case ON objections (case_id, state);

CREATE TABLE objection_files (
  objection TEXT NOT NULL REFERENCES objections (id),
  file TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (objection, file)
);

-- A decision over the cases of a round, with its arithmetic, as it was signed.
CREATE TABLE decisions (
  id TEXT PRIMARY KEY,
  round TEXT NOT NULL REFERENCES rounds (id),
  number TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  total BIGINT NOT NULL,
  cases BIGINT NOT NULL,
  decided_at TEXT NOT NULL,
  decided_by TEXT NOT NULL
);

CREATE INDEX decisions_by_round ON decisions (round);

CREATE TABLE decision_lines (
  decision TEXT NOT NULL REFERENCES decisions (id),
  case_id TEXT NOT NULL,
  amount BIGINT NOT NULL,
  arithmetic TEXT NOT NULL,
  PRIMARY KEY (decision, case_id)
);

-- +goose Down
DROP TABLE decision_lines;
DROP TABLE decisions;
DROP TABLE objection_files;
DROP TABLE objections;
DROP TABLE notice_lines;
DROP TABLE notices;
DROP TABLE case_findings;
DROP TABLE case_files;
DROP TABLE case_evaluations;
DROP TABLE cases;
DROP TABLE round_schemes;
DROP TABLE rounds;
