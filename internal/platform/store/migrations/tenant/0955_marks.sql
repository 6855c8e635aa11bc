-- +goose Up

-- The verified score of an indicator of an application, as an officer of the department that verifies it set it. key is the indicator with its
-- year; points has its unit; reason says why it differs from what the applicant or the officers on the spot scored. A later row of the same key
-- takes the place of the one that it supersedes ('' the first). fact is the fact that it became when its task was done, '' before: it does not count.
CREATE TABLE case_marks (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  term TEXT NOT NULL,
  key TEXT NOT NULL,
  year BIGINT NOT NULL,
  sheet TEXT NOT NULL,
  department TEXT NOT NULL,
  points TEXT NOT NULL,
  reason TEXT NOT NULL,
  said_at TEXT NOT NULL,
  said_by TEXT NOT NULL,
  account TEXT NOT NULL,
  supersedes TEXT NOT NULL,
  fact TEXT NOT NULL,
  UNIQUE (case_id, key, supersedes)
);

-- The level that a case was last evaluated at, '' while it is not decided; and as the public was told of it.
ALTER TABLE cases ADD COLUMN level TEXT NOT NULL DEFAULT '';
ALTER TABLE notice_lines ADD COLUMN level TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE notice_lines DROP COLUMN level;
ALTER TABLE cases DROP COLUMN level;

DROP TABLE case_marks;
