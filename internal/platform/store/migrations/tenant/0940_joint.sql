-- +goose Up

-- What a department said in a joint review of an application. visit is the visit of the case at the stage: one that comes back is reviewed anew.
-- sum is what it proposed, -1 for none; cite is the rule by which its silence counts as something.
CREATE TABLE case_opinions (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  visit BIGINT NOT NULL,
  stage TEXT NOT NULL,
  task TEXT NOT NULL,
  department TEXT NOT NULL,
  says TEXT NOT NULL CHECK (says IN ('agree', 'conditional', 'object', 'none')),
  silent BIGINT NOT NULL,
  reason TEXT NOT NULL,
  sum BIGINT NOT NULL,
  cite TEXT NOT NULL,
  said_at TEXT NOT NULL,
  said_by TEXT NOT NULL,
  account TEXT NOT NULL,
  UNIQUE (case_id, visit, task)
);

-- +goose Down

DROP TABLE case_opinions;
