package registry

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// States of a dispute.
const (
	DisputeOpen      = "open"
	DisputeUpheld    = "upheld"    // the fact stands
	DisputeCorrected = "corrected" // the fact was replaced or withdrawn
)

// Dispute is a party's objection to a fact about it, and how it ended.
type Dispute struct {
	ID         string `json:"id"`
	Fact       Fact   `json:"fact"`
	Party      Party  `json:"party"`
	Reason     string `json:"reason"`
	State      string `json:"state" enum:"open,upheld,corrected"`
	OpenedAt   string `json:"opened_at"`
	OpenedBy   string `json:"opened_by"`
	Decision   string `json:"decision,omitempty" doc:"the officer's reason"`
	ResolvedAt string `json:"resolved_at,omitempty"`
	ResolvedBy string `json:"resolved_by,omitempty"`
	Correction string `json:"correction,omitempty" doc:"the fact that replaced the disputed one"`
	Mine       bool   `json:"mine" doc:"whoever asks may resolve it"`
}

type disputeRow struct {
	ID         string `bun:"id"`
	Fact       string `bun:"fact"`
	Party      string `bun:"party"`
	Reason     string `bun:"reason"`
	State      string `bun:"state"`
	OpenedAt   string `bun:"opened_at"`
	OpenedBy   string `bun:"opened_by"`
	Decision   string `bun:"decision"`
	ResolvedAt string `bun:"resolved_at"`
	ResolvedBy string `bun:"resolved_by"`
	Correction string `bun:"correction"`
}

const disputeColumns = `d.id, d.fact, d.party, d.reason, d.state, d.opened_at, d.opened_by, d.decision, d.resolved_at, d.resolved_by, d.correction`

func (d disputeRow) digest() string {
	return audit.DigestJSON(d.ID, d.Fact, d.Party, d.Reason, d.State, d.OpenedAt, d.OpenedBy, d.Decision, d.ResolvedAt, d.ResolvedBy, d.Correction)
}

func (d disputeRow) audit(ctx context.Context, action string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: "dispute", ID: d.ID, Digest: d.digest(), Data: map[string]string{"fact": d.Fact, "party": d.Party}})
}

// reasonText checks a reason that a person gives.
func reasonText(reason string) (string, error) {
	reason = strings.TrimFunc(reason, blank)
	if n := utf8.RuneCountInString(reason); n < 2 || n > 500 || !store.Plain(reason) {
		return "", fault.New(fault.Invalid, "请写明理由（2至500个字）", fault.At("reason", "请写明理由（2至500个字）"))
	}
	return reason, nil
}

// Dispute opens an objection to a current fact that somebody else stated about the actor's own party.
// Conflict if one is open already; Forbidden for anybody but the party.
func (r *Registry) Dispute(ctx context.Context, factID, reason string) (Dispute, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return Dispute{}, err
	}
	if reason, err = reasonText(reason); err != nil {
		return Dispute{}, err
	}
	var out Dispute
	err = store.Write(ctx, func(ctx context.Context) error {
		f, p, err := lockFact(ctx, factID)
		if err != nil {
			return err
		}
		if !account.ActorFrom(ctx).Speaks(f.Party) {
			return fault.New(fault.Forbidden, "只有企业本身可以提出异议")
		}
		if f.Source == Declared {
			return fault.New(fault.Invalid, "这是您自己申报的数据，直接更正即可")
		}
		row, err := openDispute(ctx, f, reason)
		if err != nil {
			return err
		}
		out = row.dispute(ctx, v, f, p)
		return r.tell(ctx, []string{f.Party})
	})
	return out, err
}

func openDispute(ctx context.Context, f factRow, reason string) (disputeRow, error) {
	row := disputeRow{ID: store.NewID(), Fact: f.ID, Party: f.Party, Reason: reason, State: DisputeOpen}
	row.OpenedAt, row.OpenedBy = statedNow(ctx)
	if _, err := store.Tx(ctx).NewInsert().Model(&row).ModelTableExpr("disputes").Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return row, fault.Wrap(fault.Conflict, "这条数据已有未办结的异议", err)
		}
		return row, err
	}
	return row, row.audit(ctx, "dispute.open")
}

// Resolution is how an officer ends a dispute. A correction states the right value, or withdraws the fact.
type Resolution struct {
	Decision   string // upheld or corrected
	Reason     string
	Correction *Statement // its Party and Term follow from the disputed fact
}

// Resolve ends an open dispute. Forbidden for anybody but an officer whose department vouches for the term, Conflict if it is no longer open.
func (r *Registry) Resolve(ctx context.Context, id string, res Resolution) (Dispute, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return Dispute{}, err
	}
	reason, err := reasonText(res.Reason)
	if err != nil {
		return Dispute{}, err
	}
	switch {
	case res.Decision != DisputeUpheld && res.Decision != DisputeCorrected:
		return Dispute{}, fault.New(fault.Invalid, "处理结果应是维持或更正", fault.At("decision", "应是维持或更正"))
	case res.Decision == DisputeUpheld && res.Correction != nil:
		return Dispute{}, fault.New(fault.Invalid, "维持原数据时不能同时更正", fault.At("correction", "维持原数据时不填"))
	case res.Decision == DisputeCorrected && res.Correction == nil:
		return Dispute{}, fault.New(fault.Invalid, "请填写更正后的数据，或撤回原数据", fault.At("correction", "请填写更正后的数据"))
	}
	var out Dispute
	err = store.Write(ctx, func(ctx context.Context) error {
		cond, args := scope(ctx, "p")
		var d disputeRow
		err := store.Tx(ctx).NewRaw(`SELECT `+disputeColumns+` FROM disputes AS d JOIN parties AS p ON p.id = d.party WHERE d.id = ? AND `+cond,
			append([]any{id}, args...)...).Scan(ctx, &d)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "没有这条异议，或不在您的权限范围内")
		}
		if err != nil {
			return err
		}
		p, err := lockParty(ctx, d.Party)
		if err != nil {
			return err
		}
		var f factRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+factColumns+` FROM fact_rows AS f WHERE f.id = ?`, d.Fact).Scan(ctx, &f); err != nil {
			return err
		}
		if !account.ActorFrom(ctx).MayVouch(vouchedBy(v, f.Term), p.Town) {
			return fault.New(fault.Forbidden, "这一项不由您的部门认可，或不在您的辖区，不能处理这条异议")
		}
		if res.Correction != nil {
			if d.Correction, err = r.correct(ctx, v, f, *res.Correction); err != nil {
				return err
			}
		}
		d.State, d.Decision = res.Decision, reason
		d.ResolvedAt, d.ResolvedBy = statedNow(ctx)
		done, err := store.Tx(ctx).NewRaw(`UPDATE disputes SET state = ?, decision = ?, resolved_at = ?, resolved_by = ?, correction = ? WHERE id = ? AND state = 'open'`,
			d.State, d.Decision, d.ResolvedAt, d.ResolvedBy, d.Correction, id).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return fault.Wrap(fault.Conflict, "这条异议已经办结", err)
		}
		if err := d.audit(ctx, "dispute."+res.Decision); err != nil {
			return err
		}
		out = d.dispute(ctx, v, f, p)
		return r.tell(ctx, []string{d.Party})
	})
	return out, err
}

// correct supersedes the disputed fact, which may meanwhile have been superseded by a newer one of its key, and returns the new fact's id.
func (r *Registry) correct(ctx context.Context, v *policy.Vocabulary, f factRow, s Statement) (string, error) {
	s.Party, s.Term = f.Party, f.Term
	if s.Year == 0 && f.Form == formValue && f.Period != "" {
		s.Year = int(fenOf(f.Period))
	}
	if f.Form == formReceived && s.On == 0 {
		s.On, _ = policy.ParseDate(f.From)
	}
	row, details := s.check(v, clock.Today(ctx))
	if len(details) > 0 {
		return "", fault.New(fault.Invalid, "请更正标出的内容", details...)
	}
	row.Source, row.Period, row.RecordKey, row.Verified = f.Source, f.Period, f.RecordKey, f.Verified
	row.StatedAt, row.StatedBy = statedNow(ctx)
	if row.Verified != 0 {
		row.VerifiedBy = row.StatedBy
	}
	if err := mustAgree(ctx, v, []factRow{row}, func(int) string { return "correction" }); err != nil {
		return "", err
	}
	done, err := writeFacts(ctx, []factRow{row}, writing{})
	if err != nil {
		return "", err
	}
	if len(done.written) == 0 {
		return "", fault.New(fault.Invalid, "更正后的数据与现行数据相同；如无需更正请选择维持", fault.At("correction", "与现行数据相同"))
	}
	row = done.written[0]
	return row.ID, audit.Append(ctx, audit.Event{Action: "fact.correct", Kind: "fact", ID: row.ID, Digest: row.digest(),
		Data: map[string]string{"party": row.Party, "term": row.Term, "period": row.Period, "source": row.Source}})
}

func (d disputeRow) dispute(ctx context.Context, v *policy.Vocabulary, f factRow, p partyRow) Dispute {
	out := Dispute{ID: d.ID, Fact: f.fact(v), Party: p.party().masked(), Reason: d.Reason, State: d.State, OpenedAt: d.OpenedAt, OpenedBy: d.OpenedBy,
		Decision: d.Decision, ResolvedAt: d.ResolvedAt, ResolvedBy: d.ResolvedBy, Correction: d.Correction}
	out.Fact.Disputed = d.State == DisputeOpen
	out.Mine = d.State == DisputeOpen && account.ActorFrom(ctx).MayVouch(vouchedBy(v, f.Term), p.Town)
	return out
}

// DisputeFilter narrows a list of disputes; empty fields ask for nothing.
type DisputeFilter struct {
	State string
	Party string
}

// query is where the disputes that the actor may see are read from, with the party and the fact of each.
func (f DisputeFilter) query(ctx context.Context) (string, []any) {
	cond, args := scope(ctx, "p")
	from := ` FROM disputes AS d JOIN parties AS p ON p.id = d.party JOIN fact_rows AS f ON f.id = d.fact WHERE ` + cond
	if f.State != "" {
		from, args = from+` AND d.state = ?`, append(args, f.State)
	}
	if f.Party != "" {
		from, args = from+` AND d.party = ?`, append(args, f.Party)
	}
	return from, args
}

// disputeView is a dispute with the fact and the party that it is about.
type disputeView struct {
	disputeRow
	Of    factRow  `bun:"embed:f_"`
	About partyRow `bun:"embed:p_"`
}

func (d disputeView) show(ctx context.Context, v *policy.Vocabulary) Dispute {
	return d.dispute(ctx, v, d.Of, d.About)
}

var disputeViewColumns = disputeColumns + `, ` + named(factColumns) + `, ` + named(partyColumns)

const disputeOrder = ` ORDER BY d.opened_at DESC, d.id DESC`

// Disputes lists the objections that the actor may see, the latest first. It returns how many there are in all. Forbidden for the public.
func (r *Registry) Disputes(ctx context.Context, f DisputeFilter, page Page) ([]Dispute, int, error) {
	v, err := r.mayReadDisputes(ctx)
	if err != nil {
		return nil, 0, err
	}
	out, total := []Dispute{}, 0
	err = store.Read(ctx, func(ctx context.Context) error {
		from, args := f.query(ctx)
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*)`+from, args...).Scan(ctx, &total); err != nil {
			return err
		}
		return each(ctx, func(d disputeView) error {
			out = append(out, d.show(ctx, v))
			return nil
		}, `SELECT `+disputeViewColumns+from+disputeOrder+` LIMIT ? OFFSET ?`, append(args, page.limit(), page.offset())...)
	})
	return out, total, err
}

// EachDispute calls fn for every dispute of the list, in its order; for exports. fn runs inside a read transaction.
func (r *Registry) EachDispute(ctx context.Context, f DisputeFilter, fn func(Dispute) error) error {
	v, err := r.mayReadDisputes(ctx)
	if err != nil {
		return err
	}
	return store.Read(ctx, func(ctx context.Context) error {
		from, args := f.query(ctx)
		return each(ctx, func(d disputeView) error { return fn(d.show(ctx, v)) }, `SELECT `+disputeViewColumns+from+disputeOrder, args...)
	})
}

func (r *Registry) mayReadDisputes(ctx context.Context) (*policy.Vocabulary, error) {
	if account.ActorFrom(ctx).Public() {
		return nil, fault.New(fault.Forbidden, "请先登录再查看异议")
	}
	return r.vocabulary(ctx)
}

// openDisputes are the ids of disputed facts of some parties, or of all.
func openDisputes(ctx context.Context, party string) (map[string]bool, error) {
	query, args := `SELECT fact FROM disputes WHERE state = 'open'`, []any{}
	if party != "" {
		query, args = query+` AND party = ?`, append(args, party)
	}
	var ids []string
	if err := store.Tx(ctx).NewRaw(query, args...).Scan(ctx, &ids); err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

func digestOfDispute(ctx context.Context, id string) (string, error) {
	var row disputeRow
	err := store.Tx(ctx).NewRaw(`SELECT `+disputeColumns+` FROM disputes AS d WHERE d.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return row.digest(), err
}
