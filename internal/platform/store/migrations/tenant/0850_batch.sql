-- +goose Up

-- Which batch a round is, where a document sets other figures for other batches.
ALTER TABLE rounds ADD COLUMN batch TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE rounds DROP COLUMN batch;
