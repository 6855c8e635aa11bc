-- +goose Up

-- When whoever has to do a task is reminded of it next, as the process file says; empty: not any more, or never.
ALTER TABLE process_tasks ADD COLUMN remind_at TEXT NOT NULL DEFAULT '';

CREATE INDEX process_tasks_remind ON process_tasks (remind_at, id) WHERE state = 'open' AND remind_at <> '';

-- +goose Down

DROP INDEX process_tasks_remind;

ALTER TABLE process_tasks DROP COLUMN remind_at;
