-- +goose Up

-- What the audit log has still to be told of sign-ins that failed: how many wrong passwords, in how many rows of them, and how many
-- lockouts, since when. There is no row when there is nothing to tell.
CREATE TABLE sign_in_watch (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  since TEXT NOT NULL,
  failures BIGINT NOT NULL,
  streaks BIGINT NOT NULL,
  lockouts BIGINT NOT NULL
);
