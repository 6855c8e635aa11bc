-- +goose Up

-- What the limits of its scheme counted a case by when it was settled (the fair, the town …), as JSON: the next round counts it by them.
ALTER TABLE cases ADD COLUMN counted TEXT NOT NULL DEFAULT '{}';

-- +goose Down

ALTER TABLE cases DROP COLUMN counted;
