-- +goose Up

-- Which of the party's things (its project) an award was decided for, as its case says; empty: for the party itself.
ALTER TABLE awards ADD COLUMN thing_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE awards ADD COLUMN thing TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE awards DROP COLUMN thing;
ALTER TABLE awards DROP COLUMN thing_kind;
