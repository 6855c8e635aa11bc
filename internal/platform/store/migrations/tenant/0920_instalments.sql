-- +goose Up

-- What a case was decided to receive may be paid in parts: a row each. part counts them; milestone is what a part waits for, due the day
-- from which it may be paid ('' while it waits), evidence and due_by on what and by whom it was confirmed. payee is who is paid, '' the party.
ALTER TABLE awards ADD COLUMN part BIGINT NOT NULL DEFAULT 0;
ALTER TABLE awards ADD COLUMN milestone TEXT NOT NULL DEFAULT '';
ALTER TABLE awards ADD COLUMN due TEXT NOT NULL DEFAULT '';
ALTER TABLE awards ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
ALTER TABLE awards ADD COLUMN due_by TEXT NOT NULL DEFAULT '';
ALTER TABLE awards ADD COLUMN payee TEXT NOT NULL DEFAULT '';
ALTER TABLE awards ADD COLUMN payee_name TEXT NOT NULL DEFAULT '';

DROP INDEX awards_of_case;
CREATE UNIQUE INDEX awards_of_case ON awards (case_id, part) WHERE state <> 'released';
CREATE INDEX awards_by_payee ON awards (payee, id) WHERE payee <> '';

-- Who is paid, where the scheme says another than the applicant.
ALTER TABLE cases ADD COLUMN payee TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN payee_name TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE cases DROP COLUMN payee_name;
ALTER TABLE cases DROP COLUMN payee;
DROP INDEX awards_by_payee;
DROP INDEX awards_of_case;
CREATE UNIQUE INDEX awards_of_case ON awards (case_id) WHERE state <> 'released';
ALTER TABLE awards DROP COLUMN payee_name;
ALTER TABLE awards DROP COLUMN payee;
ALTER TABLE awards DROP COLUMN due_by;
ALTER TABLE awards DROP COLUMN evidence;
ALTER TABLE awards DROP COLUMN due;
ALTER TABLE awards DROP COLUMN milestone;
ALTER TABLE awards DROP COLUMN part;
