-- +goose Up

-- The clock of computations: a ticket is drawn and committed before the facts of a computation are read, so that of two
-- computations of one party the one with the higher ticket has seen everything that was committed before its ticket.
CREATE TABLE match_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version BIGINT NOT NULL,
  swept_on TEXT NOT NULL,
  sweep_queued_on TEXT NOT NULL,
  engine TEXT NOT NULL
);

INSERT INTO match_state (one, version, swept_on, sweep_queued_on, engine) VALUES (1, 0, '', '', '');

-- One row per party that was computed. Its version guards the party's answers: a computation with a lower ticket writes nothing.
-- Money in fen. changes_on: the next day on which time alone may change some answer; empty: none.
CREATE TABLE match_parties (
  party TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  set_hash TEXT NOT NULL,
  on_date TEXT NOT NULL,
  computed_at TEXT NOT NULL,
  owed BIGINT NOT NULL,
  ceiling BIGINT NOT NULL,
  potential BIGINT NOT NULL,
  changes_on TEXT NOT NULL
);

CREATE INDEX match_parties_changes ON match_parties (changes_on) WHERE changes_on <> '';

-- The answer of a live scheme for a party; a scheme that is not applicable or no longer in force has no row.
-- version: the ticket of the computation that last changed the row. place: where it stands in the scheme's list, the lowest first; see answer.go.
-- owed, ceiling, may_reach: what the row adds to the sums of the list, in fen.
CREATE TABLE answers (
  party TEXT NOT NULL,
  scheme TEXT NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('met', 'unmet', 'unknown', 'manual')),
  standing TEXT NOT NULL CHECK (standing IN ('in_force', 'upcoming')),
  performance BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('none', 'exact', 'ceiling', 'range', 'manual')),
  low BIGINT NOT NULL,
  high BIGINT NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  cut_by TEXT NOT NULL,
  amount_text TEXT NOT NULL,
  potential_kind TEXT NOT NULL CHECK (potential_kind IN ('none', 'exact', 'ceiling', 'range', 'manual')),
  potential_low BIGINT NOT NULL,
  potential_high BIGINT NOT NULL,
  potential_open INTEGER NOT NULL CHECK (potential_open IN (0, 1)),
  potential_text TEXT NOT NULL,
  closeness BIGINT NOT NULL,
  place BIGINT NOT NULL,
  owed BIGINT NOT NULL,
  ceiling BIGINT NOT NULL,
  may_reach BIGINT NOT NULL,
  gap TEXT NOT NULL,
  missing TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  disputed INTEGER NOT NULL CHECK (disputed IN (0, 1)),
  changes_on TEXT NOT NULL,
  version BIGINT NOT NULL,
  digest BIGINT NOT NULL,
  PRIMARY KEY (party, scheme)
);

-- The list of a scheme in its order; counts and sums are read from the index alone.
CREATE INDEX answers_of_scheme ON answers (scheme, place, party, owed, ceiling, may_reach);

-- Parties whose facts changed after their answers were computed. The mark is new with every change, so that a computation
-- takes away only the mark that it saw before it read the facts.
CREATE TABLE match_dirty (
  party TEXT PRIMARY KEY,
  mark TEXT NOT NULL,
  marked_at TEXT NOT NULL
);

-- +goose Down
DROP TABLE match_dirty;
DROP TABLE answers;
DROP TABLE match_parties;
DROP TABLE match_state;
