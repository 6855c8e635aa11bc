-- +goose Up

-- A change to the published set that one administrator proposed. What it says never changes; another administrator publishes or returns it,
-- or whoever proposed it withdraws it. base is the publication with which it was last compared: only while that is in use can it be published.
CREATE TABLE scheme_proposals (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'returned', 'withdrawn')),
  base TEXT NOT NULL,
  note TEXT NOT NULL,
  account TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at TEXT NOT NULL,
  checked_at TEXT NOT NULL,
  ended_account TEXT NOT NULL,
  ended_by TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  publication TEXT NOT NULL,
  CHECK (ended_account = '' OR state = 'withdrawn' OR ended_account <> account)
);

CREATE INDEX scheme_proposals_by_time ON scheme_proposals (proposed_at);

-- The files of a proposal; one that is removed has no body.
CREATE TABLE scheme_proposal_files (
  proposal TEXT NOT NULL REFERENCES scheme_proposals (id),
  path TEXT NOT NULL,
  removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
  hash TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (proposal, path)
);

-- +goose Down
DROP TABLE scheme_proposal_files;
DROP TABLE scheme_proposals;
