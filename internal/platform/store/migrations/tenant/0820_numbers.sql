-- +goose Up

-- Somebody who types a number means what has it.
CREATE INDEX process_instances_number ON process_instances (number) WHERE number <> '';

-- +goose Down

DROP INDEX process_instances_number;
