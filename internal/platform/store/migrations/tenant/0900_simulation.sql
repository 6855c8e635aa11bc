-- +goose Up

-- A changed scheme tried over the registry. What is asked never changes once it is begun: either changes of parameters (a list of path and text,
-- JSON) or a draft. towns are those whose parties are read (JSON; empty: all). result and lines (JSON) are written once. A name is given when it
-- is saved; one without a name is its maker's alone.
CREATE TABLE simulations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  note TEXT NOT NULL,
  account TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at TEXT NOT NULL,
  publication TEXT NOT NULL,
  draft TEXT NOT NULL,
  on_date TEXT NOT NULL,
  scheme TEXT NOT NULL,
  changes TEXT NOT NULL,
  towns TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('begun', 'done', 'stopped')),
  job TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  result TEXT NOT NULL,
  lines TEXT NOT NULL
);

CREATE INDEX simulations_by_time ON simulations (made_at);

-- +goose Down
DROP TABLE simulations;
