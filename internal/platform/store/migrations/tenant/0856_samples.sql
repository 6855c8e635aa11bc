-- +goose Up

-- A share of the cases of a round, drawn at random: the seed and all that it was drawn from, so that anybody can draw it once more.
CREATE TABLE samples (
  id TEXT PRIMARY KEY,
  round TEXT NOT NULL REFERENCES rounds (id),
  share TEXT NOT NULL,
  seed TEXT NOT NULL,
  cases BIGINT NOT NULL,
  drawn BIGINT NOT NULL,
  drawn_at TEXT NOT NULL,
  drawn_by TEXT NOT NULL
);

CREATE INDEX samples_by_round ON samples (round, drawn_at);

CREATE TABLE sample_lines (
  sample TEXT NOT NULL REFERENCES samples (id),
  case_id TEXT NOT NULL,
  number TEXT NOT NULL,
  drawn INTEGER NOT NULL,
  PRIMARY KEY (sample, case_id)
);

-- Cases are decided one by one too: how often one was.
CREATE INDEX decision_lines_by_case ON decision_lines (case_id);

-- +goose Down

DROP INDEX decision_lines_by_case;
DROP TABLE sample_lines;
DROP TABLE samples;
