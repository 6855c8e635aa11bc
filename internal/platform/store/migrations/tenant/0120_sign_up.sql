-- +goose Up

-- Whether anybody may make an account for themselves. Without a row they may.
CREATE TABLE sign_up (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  closed INTEGER NOT NULL CHECK (closed IN (0, 1)),
  changed_at TEXT NOT NULL,
  changed_by TEXT NOT NULL
);

-- +goose Down
DROP TABLE sign_up;
