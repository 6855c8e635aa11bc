package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// SignUpRule is whether anybody may make an account of a tenant for themselves. Such an account has no role: what it may do beyond the
// public it has to ask for.
type SignUpRule struct {
	Closed    bool   `json:"closed"`
	ChangedAt string `json:"changed_at,omitempty"`
}

const (
	signUpKind = "sign-up"
	signUpID   = "1"
)

func init() {
	audit.RegisterRow(signUpKind, digestOfSignUp)
	audit.RegisterWords(signUpKind, audit.Words{Label: "自行注册", Actions: map[string]string{"sign_up.opened": "开放自行注册", "sign_up.closed": "关闭自行注册"}})
	audit.RegisterList(signUpKind, func(ctx context.Context, after string, limit int) ([]string, error) {
		row, err := signUpRow(ctx)
		if err != nil || row == nil || after >= signUpID || limit < 1 {
			return nil, err
		}
		return []string{signUpID}, nil
	})
}

type signUp struct {
	Closed    int    `bun:"closed"`
	ChangedAt string `bun:"changed_at"`
	ChangedBy string `bun:"changed_by"`
}

// signUpRow is nil while nobody has decided anything.
func signUpRow(ctx context.Context) (*signUp, error) {
	var row signUp
	err := store.Tx(ctx).NewRaw(`SELECT closed, changed_at, changed_by FROM sign_up WHERE one = 1`).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &row, nil
}

func digestOfSignUp(ctx context.Context, _ string) (string, error) {
	row, err := signUpRow(ctx)
	if err != nil || row == nil {
		return "", err
	}
	text, err := json.Marshal(row)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// SignUpRule of the tenant in ctx; anybody may know it.
func (s *Service) SignUpRule(ctx context.Context) (rule SignUpRule, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		row, err := signUpRow(ctx)
		if err == nil && row != nil {
			rule = SignUpRule{Closed: row.Closed != 0, ChangedAt: row.ChangedAt}
		}
		return err
	})
	return rule, err
}

// SetSignUp opens or closes the tenant in ctx to people who make their own account. Forbidden to all but administrators.
func (s *Service) SetSignUp(ctx context.Context, closed bool) (SignUpRule, error) {
	if err := mustAdminister(ctx); err != nil {
		return SignUpRule{}, err
	}
	rule := SignUpRule{Closed: closed, ChangedAt: store.Stamp(clock.Now(ctx))}
	err := store.Write(ctx, func(ctx context.Context) error {
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO sign_up (one, closed, changed_at, changed_by) VALUES (1, ?, ?, ?)
			ON CONFLICT (one) DO UPDATE SET closed = excluded.closed, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
			flag(closed), rule.ChangedAt, ActorFrom(ctx).AccountID).Exec(ctx); err != nil {
			return err
		}
		digest, err := digestOfSignUp(ctx, signUpID)
		if err != nil {
			return err
		}
		action := "sign_up.opened"
		if closed {
			action = "sign_up.closed"
		}
		return audit.Append(ctx, audit.Event{Action: action, Kind: signUpKind, ID: signUpID, Digest: digest})
	})
	return rule, err
}

// SignUp makes an account without any role in the tenant in ctx, whose id is given, for somebody who chose login and password themselves.
// Conflict when the tenant is closed to it or the login is taken, Invalid when a field is not acceptable, TooMany when the
// address has tried too often: a login that is taken counts like a wrong password, so that logins cannot be tried through one by one.
func (s *Service) SignUp(ctx context.Context, tenant, login, name, password, address string) (Account, error) {
	rule, err := s.SignUpRule(ctx)
	if err != nil {
		return Account{}, err
	}
	if rule.Closed {
		return Account{}, fault.New(fault.Conflict, "本站暂不开放自行注册，请联系镇街或主管部门开通账号。")
	}
	from := addressSubject(address)
	if err := s.countAddress(ctx, from); err != nil {
		return Account{}, err
	}
	// As nobody: the account acts for itself from here on, whoever is signed in at this browser.
	a, err := s.add(WithActor(ctx, public), tenant, New{Login: login, Name: name, Password: password}, false, "account.signed_up")
	if fault.CodeOf(err) == fault.Conflict {
		return Account{}, err
	}
	if forgiven := s.control(ctx, func(ctx context.Context) error { return forgiveAddress(ctx, from) }); err == nil {
		err = forgiven
	}
	return a, err
}
