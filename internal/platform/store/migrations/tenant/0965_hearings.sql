-- +goose Up

-- What the party says of the record of a hearing: when and by whom, and what is wrong with it; nothing is wrong where says is empty.
ALTER TABLE visits ADD COLUMN answered_at TEXT NOT NULL DEFAULT '';

ALTER TABLE visits ADD COLUMN answered_by TEXT NOT NULL DEFAULT '';

ALTER TABLE visits ADD COLUMN says TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE visits DROP COLUMN says;

ALTER TABLE visits DROP COLUMN answered_by;

ALTER TABLE visits DROP COLUMN answered_at;
