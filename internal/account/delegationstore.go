package account

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
)

type delegationRow struct {
	ID        string `bun:"id"`
	Absent    string `bun:"absent"`
	StandIn   string `bun:"stand_in"`
	FromDay   string `bun:"from_day"`
	UntilDay  string `bun:"until_day"`
	Reason    string `bun:"reason"`
	MadeAt    string `bun:"made_at"`
	MadeBy    string `bun:"made_by"`
	EndedAt   string `bun:"ended_at"`
	EndedBy   string `bun:"ended_by"`
	EndReason string `bun:"end_reason"`

	ApprovedAt string `bun:"approved_at"`
	ApprovedBy string `bun:"approved_by"`
}

const delegationColumns = `d.id, d.absent, d.stand_in, d.from_day, d.until_day, d.reason, d.made_at, d.made_by, d.ended_at, d.ended_by, d.end_reason, d.approved_at, d.approved_by`

func (r delegationRow) state(today string) string {
	switch {
	case r.EndedAt != "":
		return DelegationEnded
	case r.UntilDay < today:
		return DelegationOver
	case r.ApprovedAt == "":
		return DelegationWaiting
	case r.FromDay > today:
		return DelegationComing
	}
	return DelegationOpen
}

func (r delegationRow) mayEnd(a *Actor) bool {
	return a.For == nil && (a.AccountID == r.Absent || a.AccountID == r.StandIn || a.Is(RoleAdministrator))
}

func (r delegationRow) insert(ctx context.Context, grants []Grant) error {
	if _, err := store.Tx(ctx).NewRaw(`INSERT INTO delegations (id, absent, stand_in, from_day, until_day, reason, made_at, made_by, ended_at, ended_by, end_reason, approved_at, approved_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', '', ?, ?)`, r.ID, r.Absent, r.StandIn, r.FromDay, r.UntilDay, r.Reason, r.MadeAt, r.MadeBy, r.ApprovedAt, r.ApprovedBy).Exec(ctx); err != nil {
		return err
	}
	for _, g := range grants {
		if _, err := store.Tx(ctx).NewRaw(`INSERT INTO delegation_grants (delegation, role, department, town) VALUES (?, ?, ?, ?)`, r.ID, g.Role, g.Department, g.Town).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r delegationRow) end(ctx context.Context) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE delegations SET ended_at = ?, ended_by = ?, end_reason = ? WHERE id = ?`, r.EndedAt, r.EndedBy, r.EndReason, r.ID).Exec(ctx)
	return err
}

func (r delegationRow) approve(ctx context.Context) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE delegations SET approved_at = ?, approved_by = ? WHERE id = ?`, r.ApprovedAt, r.ApprovedBy, r.ID).Exec(ctx)
	return err
}

// second says whether a delegation was made for the absent, and so takes, or took, a second administrator.
func (r delegationRow) second() bool { return r.ApprovedAt != r.MadeAt || r.ApprovedBy != r.MadeBy }

// lockDelegation reads a delegation and holds it until the transaction ends: what is being done under it is done first.
func lockDelegation(ctx context.Context, id string) (row delegationRow, err error) {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE delegations SET ended_at = ended_at WHERE id = ?`, id).Exec(ctx); err != nil {
		return row, err
	}
	return findDelegation(ctx, id)
}

func findDelegation(ctx context.Context, id string) (row delegationRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+delegationColumns+` FROM delegations AS d WHERE d.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return row, noDelegation()
	}
	return row, err
}

// inForce is the condition for delegations d on a day, twice given, of accounts that are in use, the absent's a and the other's b.
const inForce = `d.ended_at = '' AND d.approved_at <> '' AND d.from_day <= ? AND d.until_day >= ? AND a.disabled = 0 AND b.disabled = 0
	AND NOT EXISTS (SELECT 1 FROM grants AS f WHERE f.account = d.absent AND f.role = 'firm')
	AND NOT EXISTS (SELECT 1 FROM grants AS f WHERE f.account = d.stand_in AND f.role IN ('firm', 'auditor'))`

const delegationAccounts = ` FROM delegations AS d JOIN accounts AS a ON a.id = d.absent JOIN accounts AS b ON b.id = d.stand_in`

// heldGrants joins what a delegation is for with what the absent still holds.
const heldGrants = ` JOIN delegation_grants AS x ON x.delegation = d.id
	JOIN grants AS g ON g.account = d.absent AND g.role = x.role AND g.department = x.department AND g.town = x.town AND g.party = ''`

// standing are the delegations in force today under which an account stands in for others, or for one of them, each with the grants that
// it opens; one that opens none is left out.
func standing(ctx context.Context, account, absent string) ([]Stand, error) {
	today := clock.Today(ctx).String()
	var rows []struct {
		ID       string `bun:"id"`
		Absent   string `bun:"absent"`
		Login    string `bun:"login"`
		Name     string `bun:"name"`
		UntilDay string `bun:"until_day"`
		grantRow
	}
	query := `SELECT d.id, d.absent, a.login, a.name, d.until_day, g.account, g.role, g.department, g.town, g.party` + delegationAccounts + heldGrants +
		` WHERE d.stand_in = ? AND ` + inForce
	args := []any{account, today, today}
	if absent != "" {
		query, args = query+` AND d.absent = ?`, append(args, absent)
	}
	if err := store.Tx(ctx).NewRaw(query+` ORDER BY a.name, d.id`, args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var out []Stand
	for _, r := range rows {
		if !slices.Contains(delegable, r.Role) {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Delegation != r.ID {
			out = append(out, Stand{Absent: Absent{AccountID: r.Absent, Login: r.Login, Name: r.Name, Delegation: r.ID}, Until: r.UntilDay})
		}
		last := &out[len(out)-1]
		last.Grants = append(last.Grants, Grant{Role: r.Role, Department: r.Department, Town: r.Town})
	}
	for i := range out {
		slices.SortFunc(out[i].Grants, compareGrants)
	}
	return out, nil
}

// stillStands holds a delegation until the transaction ends and says whether it is in force.
func stillStands(ctx context.Context, id string) (bool, error) {
	if _, err := lockDelegation(ctx, id); err != nil {
		return false, err
	}
	today := clock.Today(ctx).String()
	var n int
	err := store.Tx(ctx).NewRaw(`SELECT count(*)`+delegationAccounts+` WHERE d.id = ? AND `+inForce, id, today, today).Scan(ctx, &n)
	return n > 0, err
}

// overlapping counts the delegations, not ended, that meet some days.
func overlapping(ctx context.Context, where string, args []any, from, until string) (n int, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT count(*) FROM delegations AS d WHERE `+where+` AND d.ended_at = '' AND d.from_day <= ? AND d.until_day >= ?`,
		append(args, until, from)...).Scan(ctx, &n)
	return n, err
}

// standingFor are the accounts for whom one was to stand in in some days.
func standingFor(ctx context.Context, account, from, until string) (ids []string, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT DISTINCT absent FROM delegations WHERE stand_in = ? AND ended_at = '' AND approved_at <> '' AND from_day <= ? AND until_day >= ? ORDER BY absent`,
		account, until, from).Scan(ctx, &ids)
	return ids, err
}

// mostCandidates is how many accounts are offered at once.
const mostCandidates = 50

func candidates(ctx context.Context, text, except string) ([]Colleague, error) {
	where, args := `a.disabled = 0 AND a.id <> ? AND EXISTS (SELECT 1 FROM grants AS g WHERE g.account = a.id AND g.role IN (?))
		AND NOT EXISTS (SELECT 1 FROM grants AS g WHERE g.account = a.id AND g.role IN ('firm', 'auditor'))`, []any{except, bun.List(delegable)}
	if text != "" {
		condition, some := store.Like(ctx, text, "a.login", "a.name")
		where, args = where+" AND "+condition, append(args, some...)
	}
	var rows []accountRow
	if err := store.Tx(ctx).NewRaw(`SELECT a.id, a.login, a.name FROM accounts AS a WHERE `+where+` ORDER BY a.name, a.login LIMIT ?`, append(args, mostCandidates)...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]Colleague, len(rows))
	for i, r := range rows {
		out[i] = Colleague{Account: r.ID, Login: r.Login, Name: r.Name}
	}
	return out, nil
}

func listDelegations(ctx context.Context, condition string, args []any, page, per int) ([]Delegation, int, error) {
	var total int
	if err := store.Tx(ctx).NewRaw(`SELECT count(*) FROM delegations AS d WHERE `+condition, args...).Scan(ctx, &total); err != nil {
		return nil, 0, err
	}
	var rows []delegationRow
	if err := store.Tx(ctx).NewRaw(`SELECT `+delegationColumns+` FROM delegations AS d WHERE `+condition+` ORDER BY d.made_at DESC, d.id DESC LIMIT ? OFFSET ?`,
		append(args, per, (page-1)*per)...).Scan(ctx, &rows); err != nil {
		return nil, 0, err
	}
	out, err := showDelegations(ctx, rows)
	return out, total, err
}

func shownDelegation(ctx context.Context, id string) (Delegation, error) {
	row, err := findDelegation(ctx, id)
	if err != nil {
		return Delegation{}, err
	}
	out, err := showDelegations(ctx, []delegationRow{row})
	if err != nil {
		return Delegation{}, err
	}
	return out[0], nil
}

// showDelegations are rows as whoever asks reads them.
func showDelegations(ctx context.Context, rows []delegationRow) ([]Delegation, error) {
	out := make([]Delegation, 0, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	ids, people := make([]string, len(rows)), []string{}
	for i, r := range rows {
		ids[i] = r.ID
		people = append(people, r.Absent, r.StandIn, r.MadeBy, r.EndedBy, r.ApprovedBy)
	}
	known, err := People(ctx, people)
	if err != nil {
		return nil, err
	}
	grants, err := delegationGrants(ctx, ids)
	if err != nil {
		return nil, err
	}
	today := clock.Today(ctx).String()
	var live []string
	if err := store.Tx(ctx).NewRaw(`SELECT DISTINCT d.id`+delegationAccounts+heldGrants+` WHERE d.id IN (?) AND `+inForce, bun.List(ids), today, today).Scan(ctx, &live); err != nil {
		return nil, err
	}
	me := ActorFrom(ctx)
	party := func(id string) Colleague { return Colleague{Account: id, Login: known[id].Login, Name: known[id].Name} }
	for _, r := range rows {
		state, second := r.state(today), ""
		if r.second() {
			second = nameOf(known, r.ApprovedBy)
		}
		out = append(out, Delegation{ID: r.ID, Absent: party(r.Absent), StandIn: party(r.StandIn), Grants: grants[r.ID], From: r.FromDay, Until: r.UntilDay, Reason: r.Reason,
			State: state, MadeAt: r.MadeAt, MadeBy: nameOf(known, r.MadeBy), EndedAt: r.EndedAt, EndedBy: nameOf(known, r.EndedBy), EndReason: r.EndReason,
			Approved:  second,
			MayDecide: state == DelegationWaiting && me.For == nil && me.Is(RoleAdministrator) && me.AccountID != r.MadeBy && me.AccountID != r.StandIn,
			MayEnd:    r.mayEnd(me) && (state == DelegationOpen || state == DelegationComing || state == DelegationWaiting), Mine: me.AccountID == r.Absent, Effective: slices.Contains(live, r.ID)})
	}
	return out, nil
}

func delegationGrants(ctx context.Context, ids []string) (map[string][]Grant, error) {
	var rows []struct {
		Delegation string `bun:"delegation"`
		Role       Role   `bun:"role"`
		Department string `bun:"department"`
		Town       string `bun:"town"`
	}
	if err := store.Tx(ctx).NewRaw(`SELECT delegation, role, department, town FROM delegation_grants WHERE delegation IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make(map[string][]Grant, len(ids))
	for _, id := range ids {
		out[id] = []Grant{}
	}
	for _, r := range rows {
		out[r.Delegation] = append(out[r.Delegation], Grant{Role: r.Role, Department: r.Department, Town: r.Town})
	}
	for id := range out {
		slices.SortFunc(out[id], compareGrants)
	}
	return out, nil
}

// digestOfDelegation covers the row and its grants.
func digestOfDelegation(ctx context.Context, id string) (string, error) {
	r, err := findDelegation(ctx, id)
	if err != nil {
		return "", err
	}
	grants, err := delegationGrants(ctx, []string{id})
	if err != nil {
		return "", err
	}
	texts := []string{r.ID, r.Absent, r.StandIn, r.FromDay, r.UntilDay, r.Reason, r.MadeAt, r.MadeBy, r.EndedAt, r.EndedBy, r.EndReason}
	for _, g := range grants[id] {
		texts = append(texts, string(g.Role), g.Department, g.Town)
	}
	if r.second() { // before there was a second, the log knew none
		texts = append(texts, "approved", r.ApprovedAt, r.ApprovedBy)
	}
	return audit.DigestJSON(texts...), nil
}

func recordDelegation(ctx context.Context, action, id string, data any) error {
	digest, err := digestOfDelegation(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: delegationKind, ID: id, Digest: digest, Data: data})
}

// delegationsSaid names delegations for whoever reads the audit log.
func delegationsSaid(ctx context.Context, ids []string) (map[string]audit.Subject, error) {
	out := make(map[string]audit.Subject, len(ids))
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []struct {
			ID     string `bun:"id"`
			Absent string `bun:"absent"`
			Other  string `bun:"other"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT d.id, a.name AS absent, b.name AS other`+delegationAccounts+` WHERE d.id IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			out[r.ID] = audit.Subject{Label: r.Absent + "委托" + r.Other + "代办", Kind: delegationKind, ID: r.ID}
		}
		return nil
	})
	return out, err
}
