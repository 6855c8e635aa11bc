package account

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
)

// ---- the tenant's tables ----

type accountRow struct {
	ID        string `bun:"id"`
	Login     string `bun:"login"`
	Name      string `bun:"name"`
	Disabled  int    `bun:"disabled"`
	CreatedAt string `bun:"created_at"`
	ChangedAt string `bun:"changed_at"`
}

type grantRow struct {
	Account    string `bun:"account"`
	Role       Role   `bun:"role"`
	Department string `bun:"department"`
	Town       string `bun:"town"`
	Party      string `bun:"party"`
}

func (r accountRow) account() Account {
	return Account{ID: r.ID, Login: r.Login, Name: r.Name, Disabled: r.Disabled != 0, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt, Grants: []Grant{}}
}

const accountColumns = `id, login, name, disabled, created_at, changed_at`

// find is NotFound when the tenant has no such account.
func find(ctx context.Context, id string) (Account, error) {
	var row accountRow
	err := store.Tx(ctx).NewRaw(`SELECT `+accountColumns+` FROM accounts WHERE id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, notFound()
	}
	if err != nil {
		return Account{}, err
	}
	one := []Account{row.account()}
	err = addGrants(ctx, one)
	return one[0], err
}

// lock is find for a writer: whoever else changes the account or its grants waits until the transaction ends.
func lock(ctx context.Context, id string) (Account, error) {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE accounts SET changed_at = changed_at WHERE id = ?`, id).Exec(ctx); err != nil {
		return Account{}, err
	}
	return find(ctx, id)
}

// idOf is NotFound when no account of the tenant has the login.
func idOf(ctx context.Context, login string) (id string, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT id FROM accounts WHERE login = ?`, login).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", notFound()
	}
	return id, err
}

// accountsSaid names accounts for whoever reads the audit log.
func accountsSaid(ctx context.Context, ids []string) (map[string]audit.Subject, error) {
	out := make(map[string]audit.Subject, len(ids))
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []accountRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+accountColumns+` FROM accounts WHERE id IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			out[r.ID] = audit.Subject{Label: r.Login + "（" + r.Name + "）", Kind: auditKind, ID: r.ID}
		}
		return nil
	})
	return out, err
}

func addGrants(ctx context.Context, accounts []Account) error {
	if len(accounts) == 0 {
		return nil
	}
	ids := make([]string, len(accounts))
	at := map[string]int{}
	for i, a := range accounts {
		ids[i], at[a.ID] = a.ID, i
	}
	var rows []grantRow
	if err := store.Tx(ctx).NewRaw(`SELECT account, role, department, town, party FROM grants WHERE account IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		a := &accounts[at[r.Account]]
		a.Grants = append(a.Grants, Grant{Role: r.Role, Department: r.Department, Town: r.Town, Party: r.Party})
	}
	for i := range accounts {
		slices.SortFunc(accounts[i].Grants, compareGrants)
	}
	return nil
}

func list(ctx context.Context, f Filter) ([]Account, int, error) {
	where, args := []string{"1 = 1"}, []any(nil)
	if text := strings.TrimSpace(f.Text); text != "" {
		condition, some := store.Like(ctx, text, "login", "name")
		where, args = append(where, condition), append(args, some...)
	}
	if f.Role != "" {
		where = append(where, `id IN (SELECT account FROM grants WHERE role = ?)`)
		args = append(args, f.Role)
	}
	condition := strings.Join(where, " AND ")
	var total int
	if err := store.Tx(ctx).NewRaw(`SELECT count(*) FROM accounts WHERE `+condition, args...).Scan(ctx, &total); err != nil {
		return nil, 0, err
	}
	var rows []accountRow
	args = append(args, f.Per, (f.Page-1)*f.Per)
	if err := store.Tx(ctx).NewRaw(`SELECT `+accountColumns+` FROM accounts WHERE `+condition+` ORDER BY login LIMIT ? OFFSET ?`, args...).Scan(ctx, &rows); err != nil {
		return nil, 0, err
	}
	out := make([]Account, len(rows))
	for i, r := range rows {
		out[i] = r.account()
	}
	return out, total, addGrants(ctx, out)
}

// lockAdministrators holds the rows of all administrators until the transaction ends.
func lockAdministrators(ctx context.Context) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE accounts SET changed_at = changed_at WHERE id IN (SELECT account FROM grants WHERE role = ?)`, RoleAdministrator).Exec(ctx)
	return err
}

func countAdministrators(ctx context.Context) (n int, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT count(*) FROM accounts WHERE disabled = 0 AND id IN (SELECT account FROM grants WHERE role = ?)`, RoleAdministrator).Scan(ctx, &n)
	return n, err
}

func insert(ctx context.Context, a Account, by string) error {
	if _, err := store.Tx(ctx).NewRaw(`INSERT INTO accounts (id, login, name, disabled, created_at, created_by, changed_at) VALUES (?, ?, ?, 0, ?, ?, ?)`,
		a.ID, a.Login, a.Name, a.CreatedAt, by, a.CreatedAt).Exec(ctx); err != nil {
		return err
	}
	return insertGrants(ctx, a, by, a.CreatedAt)
}

func insertGrants(ctx context.Context, a Account, by, at string) error {
	for _, g := range a.Grants {
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO grants (account, role, department, town, party, granted_at, granted_by) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			a.ID, g.Role, g.Department, g.Town, g.Party, at, by).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func update(ctx context.Context, a Account, by string) error {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE accounts SET name = ?, disabled = ?, changed_at = ? WHERE id = ?`, a.Name, flag(a.Disabled), a.ChangedAt, a.ID).Exec(ctx); err != nil {
		return err
	}
	if _, err := store.Tx(ctx).NewRaw(`DELETE FROM grants WHERE account = ?`, a.ID).Exec(ctx); err != nil {
		return err
	}
	return insertGrants(ctx, a, by, a.ChangedAt)
}

// ---- the control database's tables ----

const credentialColumns = `id, tenant, login, password, must_change, created_at, changed_at`

// putCredential writes the credential of an account of the tenant, or renews it, and logs it as action. The tenant says who holds a login:
// another credential of that login is left from an account that is no more.
func putCredential(ctx context.Context, c credential, action string) error {
	var left []string
	if err := store.Tx(ctx).NewRaw(`DELETE FROM credentials WHERE tenant = ? AND login = ? AND id <> ? RETURNING id`, c.Tenant, c.Login, c.ID).Scan(ctx, &left); err != nil {
		return err
	}
	for _, id := range left {
		if err := audit.Append(ctx, audit.Event{Action: "credential.removed", Kind: credentialKind, ID: id, Digest: audit.Deleted}); err != nil {
			return err
		}
	}
	_, err := store.Tx(ctx).NewRaw(`INSERT INTO credentials (id, tenant, login, password, must_change, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET password = excluded.password, must_change = excluded.must_change, changed_at = excluded.changed_at`,
		c.ID, c.Tenant, c.Login, c.Password, c.MustChange, c.CreatedAt, c.ChangedAt).Exec(ctx)
	if err != nil {
		return err
	}
	return recordCredential(ctx, action, c.ID)
}

// findCredential is nil when there is no such login.
func findCredential(ctx context.Context, where string, args ...any) (*credential, error) {
	var c credential
	err := store.Tx(ctx).NewRaw(`SELECT `+credentialColumns+` FROM credentials WHERE `+where, args...).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// credentialsAfter lists the ids of credentials after one, rising.
func credentialsAfter(ctx context.Context, after string, limit int) (ids []string, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT id FROM credentials WHERE id > ? ORDER BY id LIMIT ?`, after, limit).Scan(ctx, &ids)
	return ids, err
}

// hold keeps a credential as it was read until the transaction ends; false if its password has become another since.
func hold(ctx context.Context, c *credential) (bool, error) {
	done, err := store.Tx(ctx).NewRaw(`UPDATE credentials SET password = password WHERE id = ? AND password = ?`, c.ID, c.Password).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// setPassword writes the hash of a password and logs it as action.
func setPassword(ctx context.Context, id, hash string, action string) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE credentials SET password = ?, must_change = 0, changed_at = ? WHERE id = ?`, hash, store.Stamp(clock.Now(ctx)), id).Exec(ctx)
	if err != nil {
		return err
	}
	return recordCredential(ctx, action, id)
}

// renewHash writes another hash of the same password.
func renewHash(ctx context.Context, id, hash string) error {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE credentials SET password = ? WHERE id = ?`, hash, id).Exec(ctx); err != nil {
		return err
	}
	return recordCredential(ctx, "credential.rehashed", id)
}

// flag is how a truth is kept: 0 or 1.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
