-- +goose Up

-- The log as auditors read it: the newest first, of one account or of one kind.
CREATE INDEX audit_events_by_actor ON audit_events (actor, seq);

CREATE INDEX audit_events_by_kind ON audit_events (kind, seq);
