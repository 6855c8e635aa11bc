package account

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
)

// What the control database's audit log is told of sign-ins that fail. If every wrong password were a record, whoever tries passwords
// would write the log, as much of it as they like. So:
//
//   - Wrong passwords are only counted, in the one row of sign_in_watch. The log is told their number with the first password, right or
//     wrong, that is looked at tellEvery after the first of them or later (sign_in.failed).
//   - A lockout is told at once, with the hash of the login or address that was locked (sign_in.locked); but of those that come between
//     two tellings no more than namedLockouts, the others are only in the next number.
//   - A sign-in says how many attempts of its login failed right before it (session.opened).
//
// So wrong passwords add at most namedLockouts + 1 records in tellEvery, however many come, of however many logins, from wherever.
const (
	tellEvery     = time.Hour
	namedLockouts = 100
)

const signInKind = "sign_in"

// failures is what is told of wrong passwords. Streaks is how many rows of them began, each of one login: far fewer than the failures
// means that few logins were tried often, as many means that many were tried once.
type failures struct {
	Since    string `bun:"since" json:"since"`
	Failures int64  `bun:"failures" json:"failures"`
	Streaks  int64  `bun:"streaks" json:"streaks"`
	Lockouts int64  `bun:"lockouts" json:"lockouts"`
}

// lockout is what is told of one: what was locked, and after how many wrong passwords.
type lockout struct {
	Of       string `json:"of"`
	Tenant   string `json:"tenant,omitempty"`
	Failures int    `json:"failures"`
}

// failed counts a sign-in that failed with err after so many of the same login, and returns err. It also counts one of whoever did not
// wait for the answer.
func (s *Service) failed(ctx context.Context, earlier int, err error) error {
	one := failures{Failures: 1}
	if earlier == 0 {
		one.Streaks = 1
	}
	return orElse(s.control(context.WithoutCancel(ctx), func(ctx context.Context) error {
		_, err := addFailures(ctx, one)
		return err
	}), err)
}

// recordLockout tells of a lockout of a subject, or counts it where too many were told of.
func recordLockout(ctx context.Context, subject string, l lockout) error {
	lockouts, err := addFailures(ctx, failures{Lockouts: 1})
	if err != nil || lockouts > namedLockouts {
		return err
	}
	hashed, err := audit.Personal(ctx, subject)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: "sign_in.locked", Kind: signInKind, ID: hashed, Data: l})
}

// addFailures adds to what is to be told, after telling what is due. It returns the lockouts that now wait to be told. The row is locked
// after those of attempts and sessions, in every transaction alike.
func addFailures(ctx context.Context, f failures) (lockouts int64, err error) {
	if err := tellFailures(ctx); err != nil {
		return 0, err
	}
	err = store.Tx(ctx).NewRaw(`INSERT INTO sign_in_watch (one, since, failures, streaks, lockouts) VALUES (1, ?, ?, ?, ?)
		ON CONFLICT (one) DO UPDATE SET failures = sign_in_watch.failures + excluded.failures, streaks = sign_in_watch.streaks + excluded.streaks,
			lockouts = sign_in_watch.lockouts + excluded.lockouts
		RETURNING lockouts`, store.Stamp(clock.Now(ctx)), f.Failures, f.Streaks, f.Lockouts).Scan(ctx, &lockouts)
	return lockouts, err
}

// tellFailures tells the log what is due. Of several at the same moment only one gets the row.
func tellFailures(ctx context.Context) error {
	var f failures
	err := store.Tx(ctx).NewRaw(`DELETE FROM sign_in_watch WHERE since <= ? RETURNING since, failures, streaks, lockouts`,
		store.Stamp(clock.Now(ctx).Add(-tellEvery))).Scan(ctx, &f)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	// Whoever comes by when it is due has nothing to do with it.
	return audit.Append(audit.WithActor(ctx, SystemID), audit.Event{Action: "sign_in.failed", Kind: signInKind, ID: "all", Data: f})
}
