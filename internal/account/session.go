package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"time"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// A session ends when nobody has used it for a while, and in any case at the end of a working day.
const (
	idleFor     = 2 * time.Hour
	absoluteFor = 12 * time.Hour
	touchEvery  = time.Minute // how exactly the last use is kept
)

// Session is one sign-in: whose it is and where it counts.
type Session struct {
	AccountID  string
	Tenant     string
	MustChange bool // the password was set by somebody else and has to be changed
}

// newToken is what the browser holds: 256 random bits. The database keeps only its hash.
func newToken() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte("shanglin session\x00" + token))
	return hex.EncodeToString(sum[:])
}

// CSRF is the token that a page must send in X-CSRF-Token with every change. It follows from the session's token, which no script can read.
func CSRF(token string) string {
	sum := sha256.Sum256([]byte("shanglin csrf\x00" + token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ValidCSRF compares in constant time.
func ValidCSRF(token, given string) bool {
	return subtle.ConstantTimeCompare([]byte(CSRF(token)), []byte(given)) == 1
}

func wrongPassword() error { return fault.New(fault.Unauthenticated, "登录名或密码不正确。") }

// SignIn opens a session in the tenant in ctx, whose id is given, and ends the one that oldToken names, if any.
// Unauthenticated when login or password is wrong (one answer and one duration for both), TooMany when locked, Forbidden when the account is disabled.
func (s *Service) SignIn(ctx context.Context, tenant, login, password, address, oldToken string) (token string, err error) {
	clean, cleanErr := cleanLogin(login)
	if cleanErr != nil {
		clean = "" // no account has it; it is counted and takes its time like any other
	}
	byLogin, byAddress := loginSubject(tenant, clean), addressSubject(address)
	if err := s.countAttempt(ctx, byLogin, byAddress); err != nil {
		return "", err
	}
	var found *credential
	err = store.Read(store.In(ctx, s.inst.Control()), func(ctx context.Context) (err error) {
		found, err = findCredential(ctx, `tenant = ? AND login = ?`, tenant, clean)
		return err
	})
	if err != nil {
		return "", err
	}
	encoded := unknownLogin()
	if found != nil {
		encoded = found.Password
	}
	ok, stale, err := verifyPassword(ctx, encoded, password)
	if err != nil {
		return "", err
	}
	if !ok || found == nil {
		return "", wrongPassword()
	}
	account, err := member(ctx, found.ID)
	if err != nil {
		return "", err
	}
	if account == nil {
		return "", wrongPassword()
	}
	if account.Disabled {
		return "", fault.New(fault.Forbidden, "账号已停用，请联系管理员。")
	}
	renewed := ""
	if stale {
		if renewed, err = hashPassword(ctx, password); err != nil {
			return "", err
		}
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		return record(WithActor(ctx, actorOf(*account, tenant)), "account.signed_in", account.ID, nil)
	})
	if err != nil {
		return "", err
	}
	token = newToken()
	err = s.control(ctx, func(ctx context.Context) error {
		if err := forgive(ctx, byLogin, byAddress); err != nil {
			return err
		}
		if renewed != "" {
			if _, err := store.Tx(ctx).NewRaw(`UPDATE credentials SET password = ? WHERE id = ? AND password = ?`, renewed, found.ID, encoded).Exec(ctx); err != nil {
				return err
			}
		}
		if err := clearSessions(ctx, oldToken); err != nil {
			return err
		}
		return openSession(ctx, token, found.ID)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// SignOut ends the session of a token; a token that names none is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	return s.control(ctx, func(ctx context.Context) error { return clearSessions(ctx, token) })
}

// Session is whose session a token is, or nil when it is nobody's or has lapsed. It notes the use.
func (s *Service) Session(ctx context.Context, token string) (*Session, error) {
	return s.session(ctx, token, true)
}

// UnattendedSession is Session for what a page asks by itself: a page that was left open does not keep its session alive.
func (s *Service) UnattendedSession(ctx context.Context, token string) (*Session, error) {
	return s.session(ctx, token, false)
}

func (s *Service) session(ctx context.Context, token string, used bool) (*Session, error) {
	if len(token) != 43 { // 32 bytes in base64url
		return nil, nil
	}
	now := clock.Now(ctx)
	control := store.In(ctx, s.inst.Control())
	var rows []struct {
		Credential string `bun:"credential"`
		Tenant     string `bun:"tenant"`
		MustChange int    `bun:"must_change"`
		SeenAt     string `bun:"seen_at"`
	}
	err := store.Read(control, func(ctx context.Context) error {
		return store.Tx(ctx).NewRaw(`SELECT s.credential, c.tenant, c.must_change, s.seen_at FROM sessions s JOIN credentials c ON c.id = s.credential
			WHERE s.token = ? AND s.created_at > ? AND s.seen_at > ?`,
			hashToken(token), store.Stamp(now.Add(-absoluteFor)), store.Stamp(now.Add(-idleFor))).Scan(ctx, &rows)
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	if cutoff := store.Stamp(now.Add(-touchEvery)); used && rows[0].SeenAt < cutoff {
		err := store.Write(control, func(ctx context.Context) error {
			_, err := store.Tx(ctx).NewRaw(`UPDATE sessions SET seen_at = ? WHERE token = ? AND seen_at < ?`, store.Stamp(now), hashToken(token), cutoff).Exec(ctx)
			return err
		})
		if err != nil {
			// The request itself does not depend on it: at worst the session lapses early.
			slog.WarnContext(ctx, "noting the use of a session failed", "error", err)
		}
	}
	return &Session{AccountID: rows[0].Credential, Tenant: rows[0].Tenant, MustChange: rows[0].MustChange != 0}, nil
}

// Actor is who the session's account is in the tenant in ctx, whose id is given; nil when the session belongs to another tenant,
// or the account is disabled or unknown there. It is read at every request, so what an administrator takes away is gone at once.
func (s *Service) Actor(ctx context.Context, tenant string, session *Session) (*Actor, error) {
	if session == nil || session.Tenant != tenant {
		return nil, nil
	}
	a, err := member(ctx, session.AccountID)
	if err != nil || a == nil || a.Disabled {
		return nil, err
	}
	return actorOf(*a, tenant), nil
}

func actorOf(a Account, tenant string) *Actor {
	return &Actor{AccountID: a.ID, Login: a.Login, Name: a.Name, Tenant: tenant, Grants: a.Grants}
}

// member is an account of the tenant in ctx, or nil.
func member(ctx context.Context, id string) (found *Account, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		a, err := find(ctx, id)
		if fault.CodeOf(err) == fault.NotFound {
			return nil
		}
		found = &a
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// ChangePassword of the actor in ctx, who gives the present one; every session of the account ends and a new one is opened.
// Unauthenticated when nobody is signed in, Invalid when the present password is wrong or the new one is not acceptable, TooMany as for signing in.
func (s *Service) ChangePassword(ctx context.Context, present, next, address string) (token string, err error) {
	actor := ActorFrom(ctx)
	if actor.Public() {
		return "", fault.New(fault.Unauthenticated, "请先登录。")
	}
	byLogin, byAddress := loginSubject(actor.Tenant, actor.Login), addressSubject(address)
	if err := s.countAttempt(ctx, byLogin, byAddress); err != nil {
		return "", err
	}
	var found *credential
	err = store.Read(store.In(ctx, s.inst.Control()), func(ctx context.Context) (err error) {
		found, err = findCredential(ctx, `id = ?`, actor.AccountID)
		return err
	})
	if err != nil {
		return "", err
	}
	if found == nil {
		return "", notFound()
	}
	ok, _, err := verifyPassword(ctx, found.Password, present)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", fault.New(fault.Invalid, "现在的密码不正确。", fault.Detail{Field: "current", Message: "请重新输入。"})
	}
	if err := checkPassword(actor.Login, next); err != nil {
		return "", err
	}
	if present == next {
		return "", fault.New(fault.Invalid, "密码不符合要求。", fault.Detail{Field: "password", Message: "新密码不能与现在的相同。"})
	}
	hash, err := hashPassword(ctx, next)
	if err != nil {
		return "", err
	}
	if err := store.Write(ctx, func(ctx context.Context) error {
		return record(ctx, "account.password_changed", actor.AccountID, nil)
	}); err != nil {
		return "", err
	}
	token = newToken()
	err = s.control(ctx, func(ctx context.Context) error {
		if err := forgive(ctx, byLogin, byAddress); err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE credentials SET password = ?, must_change = 0, changed_at = ? WHERE id = ?`, hash, store.Stamp(clock.Now(ctx)), found.ID).Exec(ctx); err != nil {
			return err
		}
		if err := closeSessions(ctx, found.ID); err != nil {
			return err
		}
		return openSession(ctx, token, found.ID)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func openSession(ctx context.Context, token, credentialID string) error {
	now := store.Stamp(clock.Now(ctx))
	_, err := store.Tx(ctx).NewRaw(`INSERT INTO sessions (token, credential, created_at, seen_at) VALUES (?, ?, ?, ?)`, hashToken(token), credentialID, now, now).Exec(ctx)
	return err
}

// clearSessions ends the session of a token and those that have lapsed.
func clearSessions(ctx context.Context, token string) error {
	now := clock.Now(ctx)
	_, err := store.Tx(ctx).NewRaw(`DELETE FROM sessions WHERE token = ? OR seen_at < ? OR created_at < ?`,
		hashToken(token), store.Stamp(now.Add(-idleFor)), store.Stamp(now.Add(-absoluteFor))).Exec(ctx)
	return err
}
