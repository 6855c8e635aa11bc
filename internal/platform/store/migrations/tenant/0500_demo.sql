-- +goose Up

-- What a demo county is made of, and how far it is made: firms is how many it shall have, made how many it has, done = 1 when
-- everything after the firms is there too. A tenant without a row is no demo.
CREATE TABLE demo (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  place TEXT NOT NULL,
  seed BIGINT NOT NULL,
  firms BIGINT NOT NULL,
  made BIGINT NOT NULL,
  done INTEGER NOT NULL CHECK (done IN (0, 1)),
  made_on TEXT NOT NULL,
  notice TEXT NOT NULL
);

-- +goose Down
DROP TABLE demo;
