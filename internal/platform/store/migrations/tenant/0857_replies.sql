-- +goose Up

-- What an office answered to a service request, and how the asker rates it. id is the case's. score is 0 until it is rated.
CREATE TABLE case_replies (
  id TEXT PRIMARY KEY,
  answer TEXT NOT NULL,
  answered_at TEXT NOT NULL,
  answered_by TEXT NOT NULL,
  score BIGINT NOT NULL,
  words TEXT NOT NULL,
  rated_at TEXT NOT NULL,
  rated_by TEXT NOT NULL
);

CREATE INDEX case_replies_by_answer ON case_replies (answered_at, id);

-- +goose Down

DROP TABLE case_replies;
