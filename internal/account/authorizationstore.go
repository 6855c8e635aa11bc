package account

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

type authorizationRow struct {
	ID        string `bun:"id"`
	Account   string `bun:"account"`
	Number    int    `bun:"number"`
	Usage     string `bun:"usage"`
	Reason    string `bun:"reason"`
	State     string `bun:"state"`
	MadeAt    string `bun:"made_at"`
	MadeBy    string `bun:"made_by"`
	DecidedAt string `bun:"decided_at"`
	DecidedBy string `bun:"decided_by"`
	Decision  string `bun:"decision"`
}

const authorizationColumns = `v.id, v.account, v.number, v.usage, v.reason, v.state, v.made_at, v.made_by, v.decided_at, v.decided_by, v.decision`

func (r authorizationRow) insert(ctx context.Context, give, take []Grant) error {
	if _, err := store.Tx(ctx).NewRaw(`INSERT INTO authorizations (id, account, number, usage, reason, state, made_at, made_by, decided_at, decided_by, decision)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.ID, r.Account, r.Number, r.Usage, r.Reason, r.State, r.MadeAt, r.MadeBy, r.DecidedAt, r.DecidedBy, r.Decision).Exec(ctx); err != nil {
		return err
	}
	for taken, grants := range [][]Grant{give, take} {
		for _, g := range grants {
			if _, err := store.Tx(ctx).NewRaw(`INSERT INTO authorization_grants (version, taken, role, department, town, party) VALUES (?, ?, ?, ?, ?, ?)`,
				r.ID, taken, g.Role, g.Department, g.Town, g.Party).Exec(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r authorizationRow) decide(ctx context.Context) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE authorizations SET state = ?, decided_at = ?, decided_by = ?, decision = ? WHERE id = ?`, r.State, r.DecidedAt, r.DecidedBy, r.Decision, r.ID).Exec(ctx)
	return err
}

func findAuthorization(ctx context.Context, id string) (row authorizationRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+authorizationColumns+` FROM authorizations AS v WHERE v.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return row, noAuthorization()
	}
	return row, err
}

// versionsOf is the number of an account's last version, 0 without any, and whether one waits.
func versionsOf(ctx context.Context, account string) (number int, waiting bool, err error) {
	var row struct {
		Number  int `bun:"number"`
		Waiting int `bun:"waiting"`
	}
	err = store.Tx(ctx).NewRaw(`SELECT COALESCE(MAX(number), 0) AS number, COALESCE(SUM(CASE WHEN state = ? THEN 1 ELSE 0 END), 0) AS waiting FROM authorizations WHERE account = ?`,
		AuthorizationWaiting, account).Scan(ctx, &row)
	return row.Number, row.Waiting > 0, err
}

// everAdministrators says whether any account but one holds the administrators' role, in use or not, or was ever given it.
func everAdministrators(ctx context.Context, but string) (bool, error) {
	var n int
	err := store.Tx(ctx).NewRaw(`SELECT (SELECT count(*) FROM grants WHERE role = ? AND account <> ?) +
		(SELECT count(*) FROM authorization_grants AS x JOIN authorizations AS v ON v.id = x.version WHERE x.role = ? AND x.taken = 0 AND v.account <> ? AND v.state = ?)`,
		RoleAdministrator, but, RoleAdministrator, but, AuthorizationApproved).Scan(ctx, &n)
	return n > 0, err
}

// isAdministrator says whether an account is in use and holds the administrators' role now; the installation always does.
func isAdministrator(ctx context.Context, id string) (bool, error) {
	if id == SystemID {
		return true, nil
	}
	var n int
	err := store.Tx(ctx).NewRaw(`SELECT count(*) FROM accounts AS a JOIN grants AS g ON g.account = a.id WHERE a.id = ? AND a.disabled = 0 AND g.role = ?`, id, RoleAdministrator).Scan(ctx, &n)
	return n > 0, err
}

func grantsOfVersion(ctx context.Context, id string) (give, take []Grant, err error) {
	give1, take1, err := grantsOfVersions(ctx, []string{id})
	return give1[id], take1[id], err
}

func grantsOfVersions(ctx context.Context, ids []string) (give, take map[string][]Grant, err error) {
	var rows []struct {
		Version    string `bun:"version"`
		Taken      int    `bun:"taken"`
		Role       Role   `bun:"role"`
		Department string `bun:"department"`
		Town       string `bun:"town"`
		Party      string `bun:"party"`
	}
	if err := store.Tx(ctx).NewRaw(`SELECT version, taken, role, department, town, party FROM authorization_grants WHERE version IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, nil, err
	}
	give, take = make(map[string][]Grant, len(ids)), make(map[string][]Grant, len(ids))
	for _, id := range ids {
		give[id], take[id] = []Grant{}, []Grant{}
	}
	for _, r := range rows {
		of := give
		if r.Taken != 0 {
			of = take
		}
		of[r.Version] = append(of[r.Version], Grant{Role: r.Role, Department: r.Department, Town: r.Town, Party: r.Party})
	}
	for _, id := range ids {
		slices.SortFunc(give[id], compareGrants)
		slices.SortFunc(take[id], compareGrants)
	}
	return give, take, nil
}

func listAuthorizations(ctx context.Context, f AuthorizationFilter) ([]Authorization, int, error) {
	condition, args := `1 = 1`, []any(nil)
	if f.Account != "" {
		condition, args = condition+` AND v.account = ?`, append(args, f.Account)
	}
	if f.State != "" {
		condition, args = condition+` AND v.state = ?`, append(args, f.State)
	}
	var total int
	if err := store.Tx(ctx).NewRaw(`SELECT count(*) FROM authorizations AS v WHERE `+condition, args...).Scan(ctx, &total); err != nil {
		return nil, 0, err
	}
	var rows []authorizationRow
	if err := store.Tx(ctx).NewRaw(`SELECT `+authorizationColumns+` FROM authorizations AS v WHERE `+condition+
		` ORDER BY CASE WHEN v.state = 'waiting' THEN 0 ELSE 1 END, v.made_at DESC, v.number DESC, v.id DESC LIMIT ? OFFSET ?`,
		append(args, f.Per, (f.Page-1)*f.Per)...).Scan(ctx, &rows); err != nil {
		return nil, 0, err
	}
	out, err := showAuthorizations(ctx, rows)
	return out, total, err
}

func shownAuthorization(ctx context.Context, id string) (Authorization, error) {
	row, err := findAuthorization(ctx, id)
	if err != nil {
		return Authorization{}, err
	}
	out, err := showAuthorizations(ctx, []authorizationRow{row})
	if err != nil {
		return Authorization{}, err
	}
	return out[0], nil
}

// showAuthorizations are rows as whoever asks reads them.
func showAuthorizations(ctx context.Context, rows []authorizationRow) ([]Authorization, error) {
	out := make([]Authorization, 0, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	ids, people := make([]string, len(rows)), []string{}
	for i, r := range rows {
		ids[i] = r.ID
		people = append(people, r.Account, r.MadeBy, r.DecidedBy)
	}
	known, err := People(ctx, people)
	if err != nil {
		return nil, err
	}
	give, take, err := grantsOfVersions(ctx, ids)
	if err != nil {
		return nil, err
	}
	me := ActorFrom(ctx)
	for _, r := range rows {
		waiting, mine := r.State == AuthorizationWaiting, r.MadeBy == me.AccountID
		out = append(out, Authorization{ID: r.ID, Account: Colleague{Account: r.Account, Login: known[r.Account].Login, Name: known[r.Account].Name}, Number: r.Number,
			Give: give[r.ID], Take: take[r.ID], Usage: r.Usage, Reason: r.Reason, State: r.State, MadeAt: r.MadeAt, MadeBy: nameOf(known, r.MadeBy), DecidedAt: r.DecidedAt, DecidedBy: nameOf(known, r.DecidedBy),
			System: r.MadeBy == SystemID, Decision: r.Decision, Mine: mine, MayDecide: waiting && !mine && r.Account != me.AccountID && me.Is(RoleAdministrator)})
	}
	return out, nil
}

// addWaiting tells of each account the version that waits.
func addWaiting(ctx context.Context, accounts []Account) error {
	if len(accounts) == 0 {
		return nil
	}
	ids, at := make([]string, len(accounts)), map[string]int{}
	for i, a := range accounts {
		ids[i], at[a.ID] = a.ID, i
	}
	var rows []authorizationRow
	if err := store.Tx(ctx).NewRaw(`SELECT `+authorizationColumns+` FROM authorizations AS v WHERE v.state = ? AND v.account IN (?)`, AuthorizationWaiting, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return err
	}
	shown, err := showAuthorizations(ctx, rows)
	for i, v := range shown {
		accounts[at[v.Account.Account]].Waiting = &shown[i]
	}
	return err
}

// digestOfAuthorization covers the row and its grants.
func digestOfAuthorization(ctx context.Context, id string) (string, error) {
	r, err := findAuthorization(ctx, id)
	if err != nil {
		return "", err
	}
	give, take, err := grantsOfVersion(ctx, id)
	if err != nil {
		return "", err
	}
	texts := []string{r.ID, r.Account, strconv.Itoa(r.Number), r.Usage, r.Reason, r.State, r.MadeAt, r.MadeBy, r.DecidedAt, r.DecidedBy, r.Decision}
	for _, grants := range [][]Grant{give, take} {
		texts = append(texts, strconv.Itoa(len(grants)))
		for _, g := range grants {
			texts = append(texts, string(g.Role), g.Department, g.Town, g.Party)
		}
	}
	return audit.DigestJSON(texts...), nil
}

func recordAuthorization(ctx context.Context, action, id string, data any) error {
	digest, err := digestOfAuthorization(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: authorizationKind, ID: id, Digest: digest, Data: data})
}

// authorizationsSaid names versions for whoever reads the audit log.
func authorizationsSaid(ctx context.Context, ids []string) (map[string]audit.Subject, error) {
	out := make(map[string]audit.Subject, len(ids))
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []struct {
			ID     string `bun:"id"`
			Number int    `bun:"number"`
			Login  string `bun:"login"`
			Name   string `bun:"name"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT v.id, v.number, a.login, a.name FROM authorizations AS v JOIN accounts AS a ON a.id = v.account WHERE v.id IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			out[r.ID] = audit.Subject{Label: r.Login + "（" + r.Name + "）第" + strconv.Itoa(r.Number) + "次授权", Kind: authorizationKind, ID: r.ID}
		}
		return nil
	})
	return out, err
}
