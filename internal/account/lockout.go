package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// How many wrong passwords in a row lock a login, known or not, and a network address, and for how long after the last of them.
// An address stands for a whole office, so it is given more.
const (
	loginFailures   = 5
	addressFailures = 50
	lockedFor       = 15 * time.Minute
)

// subject hashes what is counted, so that the table holds no login and no address.
func subject(kind string, parts ...string) string {
	h := sha256.New()
	h.Write([]byte(kind))
	for _, p := range parts {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func loginSubject(tenant, login string) string { return subject("login", tenant, login) }

// addressSubject counts an IPv6 network of 64 bits as one address: its owner has all of them.
func addressSubject(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil {
		ip = ip.Unmap().WithZone("")
		if ip.Is6() {
			if network, err := ip.Prefix(64); err == nil {
				return subject("address", network.String())
			}
		}
		return subject("address", ip.String())
	}
	return subject("address", address)
}

// count adds one attempt before the password is looked at, so that guesses made at the same moment are all counted.
// It returns the attempts that now stand, at most limit+1: more than limit means locked. A locked subject's clock is not renewed.
func count(ctx context.Context, subject string, limit int) (failures int, err error) {
	now := clock.Now(ctx)
	old := store.Stamp(now.Add(-lockedFor))
	err = store.Tx(ctx).NewRaw(`INSERT INTO sign_in_attempts (subject, failures, last_at) VALUES (?, 1, ?)
		ON CONFLICT (subject) DO UPDATE SET
			failures = CASE WHEN sign_in_attempts.last_at < ? THEN 1 WHEN sign_in_attempts.failures < ? THEN sign_in_attempts.failures + 1 ELSE ? END,
			last_at = CASE WHEN sign_in_attempts.last_at < ? OR sign_in_attempts.failures < ? THEN excluded.last_at ELSE sign_in_attempts.last_at END
		RETURNING failures`, subject, store.Stamp(now), old, limit, limit+1, old, limit).Scan(ctx, &failures)
	return failures, err
}

// countAttempt refuses with TooMany when the login or the address is locked.
func (s *Service) countAttempt(ctx context.Context, login, address string) error {
	var byLogin, byAddress int
	err := s.control(ctx, func(ctx context.Context) (err error) {
		// The address first: every transaction takes the two rows in this order.
		if byAddress, err = count(ctx, address, addressFailures); err != nil {
			return err
		}
		byLogin, err = count(ctx, login, loginFailures)
		return err
	})
	if err != nil {
		return err
	}
	if byLogin > loginFailures || byAddress > addressFailures {
		return fault.New(fault.TooMany, "登录失败次数过多，请15分钟后再试。")
	}
	return nil
}

// countAddress refuses with TooMany when the address is locked.
func (s *Service) countAddress(ctx context.Context, address string) error {
	var failures int
	err := s.control(ctx, func(ctx context.Context) (err error) {
		failures, err = count(ctx, address, addressFailures)
		return err
	})
	if err == nil && failures > addressFailures {
		err = fault.New(fault.TooMany, "尝试次数过多，请15分钟后再试。")
	}
	return err
}

// forgiveAddress takes an attempt back.
func forgiveAddress(ctx context.Context, address string) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE sign_in_attempts SET failures = failures - 1 WHERE subject = ? AND failures > 0`, address).Exec(ctx)
	return err
}

// forgive ends the count of a login whose password was right, takes the attempt back from its address, and clears what has lapsed.
func forgive(ctx context.Context, login, address string) error {
	tx := store.Tx(ctx)
	if err := forgiveAddress(ctx, address); err != nil {
		return err
	}
	if _, err := tx.NewRaw(`DELETE FROM sign_in_attempts WHERE subject = ?`, login).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewRaw(`DELETE FROM sign_in_attempts WHERE last_at < ?`, store.Stamp(clock.Now(ctx).Add(-lockedFor))).Exec(ctx)
	return err
}
