-- +goose Up

-- What was found in a round and handed on: a case of another process that begins with it (移送). what is the list whose sum it is of, '' that the
-- party is late; grounds are the figures and where each comes from (JSON), as they stood. Once for each party.
CREATE TABLE case_referrals (
  id TEXT PRIMARY KEY,
  round TEXT NOT NULL REFERENCES rounds (id),
  what TEXT NOT NULL,
  party TEXT NOT NULL,
  case_id TEXT NOT NULL UNIQUE REFERENCES cases (id),
  title TEXT NOT NULL,
  grounds TEXT NOT NULL,
  referred_at TEXT NOT NULL,
  referred_by TEXT NOT NULL,
  account TEXT NOT NULL,
  UNIQUE (round, what, party)
);

-- +goose Down

DROP TABLE case_referrals;
