package casework

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Referral (移送) is how a case of a standing item begins with what was found in a round: a sum that breaks a rule, or a party that was called on
// and is late. The figures and where each comes from are kept as they stood. Each finding is handed on once, whoever presses at the same moment.
type Referral struct {
	Round   RoundRef `json:"round" doc:"in which it was found"`
	Title   string   `json:"title" doc:"what was found"`
	Grounds []Ground `json:"grounds" nullable:"false"`
	At      string   `json:"at"`
	By      string   `json:"by"`
}

// Ground is one figure or circumstance that a referral rests on.
type Ground struct {
	Label    string `json:"label"`
	Value    string `json:"value"`
	Source   string `json:"source,omitempty"`
	Verified bool   `json:"verified"`
	Fact     string `json:"fact,omitempty"`
	Digest   string `json:"digest,omitempty" doc:"SHA-256 of the fact as it stood"`
}

// ReferralList is what a case began with: one referral or none.
type ReferralList struct {
	Items []Referral `json:"items" nullable:"false"`
}

const referralKind = "referral"

func init() {
	audit.RegisterRow(referralKind, referralDigest)
	audit.RegisterList(referralKind, audit.IDs("case_referrals"))
}

type referralRow struct {
	bun.BaseModel `bun:"table:case_referrals,alias:f"`

	ID      string `bun:"id,pk"`
	Round   string `bun:"round"`
	What    string `bun:"what"`
	Party   string `bun:"party"`
	Case    string `bun:"case_id"`
	Title   string `bun:"title"`
	Grounds string `bun:"grounds"`
	At      string `bun:"referred_at"`
	By      string `bun:"referred_by"`
	Account string `bun:"account"`
}

func (r *referralRow) digest() string {
	return audit.Digest(r.ID, r.Round, r.What, r.Party, r.Case, r.Title, r.Grounds, r.At, r.By, r.Account)
}

func referralDigest(ctx context.Context, id string) (string, error) {
	r := &referralRow{}
	err := store.Tx(ctx).NewSelect().Model(r).Where("f.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	return r.digest(), err
}

// referredIn tells of each firm of a tally which case it was handed on to, where the actor may see that.
func referredIn(ctx context.Context, round, what string, rows []TallyRow) error {
	var found []struct {
		Party  string `bun:"party"`
		Case   string `bun:"id"`
		Number string `bun:"number"`
	}
	if err := store.Tx(ctx).NewRaw(`SELECT f.party, c.id, c.number FROM case_referrals AS f JOIN cases AS c ON c.id = f.case_id WHERE f.round = ? AND f.what = ?`,
		round, what).Scan(ctx, &found); err != nil {
		return err
	}
	for _, f := range found {
		for i := range rows {
			if rows[i].Party == f.Party {
				rows[i].Case, rows[i].Number = f.Case, f.Number
			}
		}
	}
	return nil
}

// ReferSum hands a firm of a tally on: the sum becomes a fact of the firm, stated by the office that runs the round, and a case about it begins
// with the figures it rests on. Handed on before: that case. Errors as tallyOf; Forbidden for whoever is no officer of that office and of the
// firm's town; NotFound if the tally has no such firm; Conflict if the rule is kept, the firm is not registered, or nobody takes such cases.
func (c *Casework) ReferSum(ctx context.Context, round, key, code string) (*Case, error) {
	var out *Case
	err := store.Write(ctx, func(ctx context.Context) error {
		// Who hands on at the same moment waits, and finds it done.
		if _, err := store.Tx(ctx).NewRaw(`UPDATE rounds SET version = version WHERE id = ?`, round).Exec(ctx); err != nil {
			return err
		}
		r, t, err := c.tallyOf(ctx, round, key)
		if err != nil {
			return err
		}
		row := t.firm(registry.NormalCode(code))
		switch {
		case row == nil:
			return fault.New(fault.NotFound, "汇总表中没有这一家，或不在您的权限范围内")
		case !account.ActorFrom(ctx).Covers(account.RoleOfficer, r.Department, row.Town):
			return fault.New(fault.Forbidden, "只有"+r.Department+"的经办人员可以移送")
		case row.Party == "":
			return fault.New(fault.Conflict, "登记库中没有这一家，请先登记企业再移送")
		case row.Case != "":
			out, err = c.caseOf(ctx, row.Case)
			return err
		case !t.Refers:
			return fault.New(fault.Conflict, "流程没有写移送给哪个流程办理")
		case row.Answer != policy.Unmet:
			return fault.New(fault.Conflict, "只移送不符合规定的：这一家"+tallyWords[row.Answer])
		}
		l := t.list
		if _, err := c.registry.PutFacts(account.System(ctx), []registry.Statement{{Party: row.Party, Term: l.Sum.As, Year: t.Year, Value: row.Sum, Source: r.Department, Verified: row.Whole,
			StatedBy: by(ctx), Evidence: fmt.Sprintf("%s（%s，%d家报送）", t.Title, r.Number, len(row.sources))}}); err != nil {
			return err
		}
		id, err := c.refer(ctx, r, referred{what: key, process: l.Sum.Process, scheme: l.Sum.Scheme, party: row.Party, year: r.Performance,
			title: fmt.Sprintf("%d年%s：%s", t.Year, t.Title, row.Actual), grounds: row.grounds(t), evaluate: true})
		if err != nil {
			return err
		}
		out, err = c.caseOf(ctx, id)
		return err
	})
	return out, err
}

func (t *Tally) firm(code string) *TallyRow {
	for i := range t.rows {
		if t.rows[i].Code == code {
			return &t.rows[i]
		}
	}
	return nil
}

// grounds are the figures of a firm of a tally with where each comes from.
func (row *TallyRow) grounds(t *Tally) []Ground {
	var out []Ground
	for i, f := range row.facts {
		out = append(out, Ground{Label: row.sources[i].Party + "报送的" + t.Of, Value: row.sources[i].Value, Source: f.Source, Verified: f.Verified, Fact: f.ID, Digest: f.Digest})
	}
	out = append(out, Ground{Label: t.Of + "合计", Value: row.Sum, Source: t.Title, Verified: row.Whole})
	digests := map[string]string{}
	for _, p := range row.pins {
		digests[p.ID] = p.Digest
	}
	for _, b := range row.Beside {
		out = append(out, Ground{Label: b.Label, Value: b.Value, Source: strings.TrimSpace(b.Source.Origin + " " + b.Source.Evidence), Verified: b.Source.Verified, Fact: b.Source.ID,
			Digest: digests[b.Source.ID]})
	}
	return append(out, Ground{Label: t.Scheme.Title, Value: strings.TrimSpace(row.Actual + " " + row.Working), Source: t.Clause, Verified: row.Whole})
}

// referLate is the effect refer: who was called on in the round, has not handed in and is late is handed on, each once. Conflict if there is nobody.
func (c *Casework) referLate(ctx context.Context, m process.Move, r *roundRow) error {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE rounds SET version = version WHERE id = ?`, r.ID).Exec(ctx); err != nil {
		return err
	}
	condition, args := process.Tardy("c.id", flowCase, store.Stamp(clock.Now(ctx)))
	var rows []*caseRow
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where(`c.round = ? AND c.number <> '' AND c.submitted_at = '' AND c.ended IN ('', 'refused')
		AND (SELECT 1 FROM case_referrals AS f WHERE f.round = c.round AND f.what = '' AND f.party = c.party) IS NULL AND `+condition, append([]any{r.ID}, args...)...).
		OrderExpr("c.number").Scan(ctx); err != nil {
		return err
	}
	if len(rows) == 0 {
		return fault.New(fault.Conflict, "没有要移送的：没有逾期不提交的，或都已移送")
	}
	set, err := r.rules(ctx)
	if err != nil {
		return err
	}
	first := processOf(set, r.Process).Flow(flowCase)
	limit := ""
	for _, t := range first.Stage(first.Start).Tasks {
		if w := t.Within; w != nil {
			limit = w.Text() + "（" + w.Source() + "）"
		}
	}
	for _, row := range rows {
		title := liteOf(set, row.Scheme, clock.Today(ctx)).Title
		grounds := []Ground{{Label: title, Value: "逾期没有提交", Source: row.Number, Verified: true}}
		if limit != "" {
			grounds = append(grounds, Ground{Label: "期限", Value: limit, Source: r.Title, Verified: true})
		}
		if _, err := c.refer(ctx, r, referred{process: m.Args["process"], scheme: row.Scheme, party: row.Party, year: r.Performance,
			title: fmt.Sprintf("%d年%s逾期没有提交", r.Performance, title), grounds: grounds}); err != nil {
			return err
		}
	}
	return nil
}

// referred is what is handed on.
type referred struct {
	what, process, scheme, party, title string
	year                                int64
	grounds                             []Ground
	evaluate                            bool // the case begins with what its scheme answers
}

// refer begins the case of what is handed on in the standing item that takes it, and keeps what it rests on.
func (c *Casework) refer(ctx context.Context, from *roundRow, f referred) (string, error) {
	r, entry, err := c.taking(ctx, f.process, f.scheme)
	if err != nil {
		return "", err
	}
	b, set, flow, err := r.begun(ctx)
	if err != nil {
		return "", err
	}
	if flow == nil || set.Library.Scheme(f.scheme) == nil {
		return "", fault.New(fault.Conflict, "现行政策文件中已没有办理移送的流程或条款，请联系管理员")
	}
	p, err := c.registry.Named(account.System(ctx), f.party)
	if err != nil {
		return "", err
	}
	now, a := store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx)
	if a.Speaks(f.party) {
		return "", fault.New(fault.Forbidden, "不能移送您所代表的企业，请由他人办理")
	}
	// As a case about a certificate that an office begins: nobody applied, and it has its number at once.
	row := newCase(r, b, *entry, p, originSystem, a.AccountID, now)
	row.SubmittedAt, row.SubmittedBy, row.Performance = now, a.AccountID, f.year
	if row.Number, err = nextNumber(ctx, r); err != nil {
		return "", err
	}
	if err := insertCases(ctx, row); err != nil {
		return "", err
	}
	if err := row.record(ctx, "case.begun", map[string]string{"round": r.ID, "scheme": f.scheme, "from": from.ID}); err != nil {
		return "", err
	}
	grounds, err := json.Marshal(f.grounds)
	if err != nil {
		return "", err
	}
	k := &referralRow{ID: store.NewID(), Round: from.ID, What: f.what, Party: f.party, Case: row.ID, Title: f.title, Grounds: string(grounds), At: now, By: by(ctx), Account: a.AccountID}
	if _, err := store.Tx(ctx).NewInsert().Model(k).Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return "", fault.New(fault.Conflict, "这一家刚刚由他人移送，请刷新后再看")
		}
		return "", err
	}
	if err := audit.Append(ctx, audit.Event{Action: "case.referred", Kind: referralKind, ID: k.ID, Digest: k.digest(), Data: map[string]string{"case": row.ID, "round": from.ID, "what": f.what}}); err != nil {
		return "", err
	}
	if f.evaluate {
		if _, err := c.pin(ctx, row, r, "refer"); err != nil {
			return "", err
		}
		if err := row.write(ctx); err != nil {
			return "", err
		}
	}
	if _, err := c.engine.Keep(ctx, flow); err != nil {
		return "", err
	}
	_, err = c.engine.Start(ctx, row.Process, c.subject(row, liteOf(set, f.scheme, clock.Today(ctx)).Title))
	return row.ID, err
}

// taking is the open standing item of a process that has a scheme, the latest where there are several. Conflict: there is none.
func (c *Casework) taking(ctx context.Context, id, scheme string) (*roundRow, *roundSchemeRow, error) {
	rows, _, err := listRounds(account.System(ctx), RoundFilter{Kind: KindStanding, State: "open", Scheme: scheme, Per: 200}, clock.Today(ctx))
	if err != nil {
		return nil, nil, err
	}
	for i := range rows {
		if _, _, p, err := rows[i].begun(ctx); err != nil {
			return nil, nil, err
		} else if p != nil && p.ID == id {
			entry, err := roundScheme(ctx, rows[i].ID, scheme)
			return &rows[i], entry, err
		}
	}
	return nil, nil, fault.New(fault.Conflict, fmt.Sprintf("还没有受理移送的事项：请先在“申报批次”里用流程“%s”新开常年受理的事项，选上要查处的条款，并开始受理", id))
}

// ReferralsOf is what a case began with. NotFound if the actor may not see the case.
func (c *Casework) ReferralsOf(ctx context.Context, id string) ([]Referral, error) {
	out := []Referral{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		if _, err := visibleCase(ctx, id); err != nil {
			return err
		}
		var rows []referralRow
		if err := store.Tx(ctx).NewSelect().Model(&rows).Where("f.case_id = ?", id).Scan(ctx); err != nil {
			return err
		}
		for _, k := range rows {
			r, err := roundByID(ctx, k.Round)
			if err != nil {
				return err
			}
			x := Referral{Round: RoundRef{ID: r.ID, Number: r.Number, Title: r.Title, Performance: int(r.Performance)}, Title: k.Title, At: k.At, By: k.By}
			x.Round.Opens, _ = policy.ParseDate(r.Opens)
			x.Round.Closes, _ = policy.ParseDate(r.Closes)
			if err := json.Unmarshal([]byte(k.Grounds), &x.Grounds); err != nil {
				return err
			}
			x.Grounds = orEmpty(x.Grounds)
			out = append(out, x)
		}
		return nil
	})
	return out, err
}
