-- +goose Up

-- The pool of experts (专家库), which each department keeps of its own. fields and related (JSON lists): what they are experts of, and whom they have
-- a relation with (names or codes), so that they are not drawn for them. employed_* is where they work. phone is personal. login: the account by
-- which they score; empty: they cannot be drawn. since, until: the days of their appointment; until empty: it has no end.
CREATE TABLE experts (
  id TEXT PRIMARY KEY,
  department TEXT NOT NULL,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  login TEXT NOT NULL,
  fields TEXT NOT NULL,
  employer TEXT NOT NULL,
  employer_code TEXT NOT NULL,
  related TEXT NOT NULL,
  since TEXT NOT NULL,
  until TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'left')),
  invented INTEGER NOT NULL CHECK (invented IN (0, 1)),
  changed_at TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE UNIQUE INDEX experts_login ON experts (login) WHERE login <> '';

CREATE INDEX experts_by_department ON experts (department, name, id);

-- A panel that was drawn for a round. rules (JSON) are those of its process. A round has one that stands; one that could not be filled is void
-- once another is drawn. chair is an expert; note is what the minutes say besides the figures.
CREATE TABLE panels (
  id TEXT PRIMARY KEY,
  round TEXT NOT NULL,
  round_number TEXT NOT NULL,
  round_title TEXT NOT NULL,
  department TEXT NOT NULL,
  rules TEXT NOT NULL,
  seed TEXT NOT NULL,
  drawn_at TEXT NOT NULL,
  drawn_by TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'scored', 'void')),
  scored_at TEXT NOT NULL,
  chair TEXT NOT NULL,
  note TEXT NOT NULL,
  signed_at TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE UNIQUE INDEX panels_standing ON panels (round) WHERE state <> 'void';

-- The lot: every expert of the pool and the fields asked for. position is the place in the order drawn, 0 for who was left out (excluded says why).
CREATE TABLE panel_lot (
  panel TEXT NOT NULL REFERENCES panels (id),
  expert TEXT NOT NULL,
  position BIGINT NOT NULL,
  excluded TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'called', 'out')),
  declared_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (panel, expert)
);

CREATE INDEX panel_lot_by_expert ON panel_lot (expert, panel);

-- The cases that a panel scores. code is what experts know them by; term is what the score is stated as; mean is the exact one.
CREATE TABLE panel_cases (
  panel TEXT NOT NULL REFERENCES panels (id),
  case_id TEXT NOT NULL,
  number TEXT NOT NULL,
  party TEXT NOT NULL,
  party_name TEXT NOT NULL,
  term TEXT NOT NULL,
  code TEXT NOT NULL,
  mean TEXT NOT NULL,
  score TEXT NOT NULL,
  PRIMARY KEY (panel, case_id)
);

-- What an expert gives a case. called: to be scored, once they have declared whether they may; recused: they may not; open: being filled in.
CREATE TABLE panel_sheets (
  id TEXT PRIMARY KEY,
  panel TEXT NOT NULL REFERENCES panels (id),
  case_id TEXT NOT NULL,
  expert TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('called', 'recused', 'open', 'submitted')),
  marks TEXT NOT NULL,
  remark TEXT NOT NULL,
  saved_at TEXT NOT NULL,
  submitted_at TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE UNIQUE INDEX panel_sheets_once ON panel_sheets (panel, case_id, expert);

-- Where a person put a case among those of equal rank, and why.
ALTER TABLE cases ADD COLUMN place BIGINT NOT NULL DEFAULT 0;

ALTER TABLE cases ADD COLUMN place_reason TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE cases DROP COLUMN place_reason;

ALTER TABLE cases DROP COLUMN place;

DROP TABLE panel_sheets;

DROP TABLE panel_cases;

DROP TABLE panel_lot;

DROP TABLE panels;

DROP TABLE experts;
