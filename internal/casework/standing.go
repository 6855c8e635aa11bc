package casework

import (
	"context"
	"fmt"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// basis is what a case is dealt with by: the published rules, its process, and the year and the batch whose figures count. A batch has one
// for all its cases. A standing item (常年受理) gives each case what is published on the day it is begun; what stands in the item's own row
// is what its officer last saw.
type basis struct {
	Publication string `bun:"publication"`
	SetHash     string `bun:"set_hash"`
	Process     string `bun:"process"`
	Performance int64  `bun:"performance"`
	Batch       string `bun:"batch"`
}

type rulesKey struct{}

// rules are the published rules; each publication is asked for once in a transaction, since what it says never changes.
func (b *basis) rules(ctx context.Context) (*schemes.Compiled, error) {
	known := store.Local(ctx, rulesKey{}, func() map[string]*schemes.Compiled { return map[string]*schemes.Compiled{} })
	set := known[b.Publication]
	if set == nil {
		var err error
		if set, err = schemes.At(ctx, b.Publication); err != nil {
			return nil, err
		}
		known[b.Publication] = set
	}
	if set.Hash != b.SetHash {
		return nil, fault.New(fault.Internal, "所依据的政策文件与开始办理时不符，请联系管理员")
	}
	return set, nil
}

// question is what a scheme is asked over facts.
func (b *basis) question(facts *policy.Facts, on policy.Date) policy.Question {
	return policy.Question{Facts: facts, On: on, Performance: int(b.Performance), Batch: b.Batch}
}

// evaluate answers a scheme over facts, for a claim or for none, with everything that can be said about the answer.
func (b *basis) evaluate(set *schemes.Compiled, scheme, claim string, fields map[string]string, facts *policy.Facts, on policy.Date) (*policy.Result, error) {
	s := set.Library.Scheme(scheme)
	if s == nil {
		return nil, fault.New(fault.NotFound, "没有这项政策")
	}
	q := b.question(facts, on)
	q.Explain, q.Changes, q.Claim, q.Fields = true, true, claim, fields
	return s.Evaluate(q), nil
}

// evaluate answers the scheme of a case over facts; what the case was itself awarded uses up no limit of its own.
func (row *caseRow) evaluate(set *schemes.Compiled, facts *policy.Facts, on policy.Date) (*policy.Result, error) {
	return row.basis.evaluate(set, row.Scheme, row.Number, row.fields(set), facts, on)
}

// texts are its part of a digest.
func (b *basis) texts() []string {
	return []string{b.Publication, b.SetHash, b.Process, fmt.Sprint(b.Performance), b.Batch}
}

// begun is what a case of the round is dealt with by that is begun now, with its rules and its process: nil if nothing published has it any
// more, which only a standing item can live to see.
func (r *roundRow) begun(ctx context.Context) (basis, *schemes.Compiled, *policy.Process, error) {
	made, err := r.rules(ctx)
	if err != nil {
		return basis{}, nil, nil, err
	}
	p := processOf(made, r.Process)
	if r.Standing == 0 {
		return r.basis, made, p, nil
	}
	b := basis{Performance: int64(clock.Today(ctx).Year())}
	if b.Publication, err = schemes.InUse(ctx); err != nil {
		return b, nil, nil, err
	}
	set, err := schemes.At(ctx, b.Publication)
	if err != nil {
		return b, nil, nil, err
	}
	b.SetHash = set.Hash
	if p != nil {
		p = set.Library.Process(p.ID)
	}
	if p != nil {
		b.Process = p.Hash
	}
	return b, set, p, nil
}

// suits says why a process cannot deal with a scheme in a round that stands or in a batch; empty: it can.
func suits(p *policy.Process, s *policy.Scheme, standing bool) string {
	switch {
	case s.Kind() == "money" && !p.Decides():
		return fmt.Sprintf("“%s”是资金类条款，流程“%s”不决定金额", s.Title(), p.Title)
	case s.Kind() != "money" && p.Decides():
		return fmt.Sprintf("“%s”不是资金类条款，流程“%s”要决定金额、占用预算", s.Title(), p.Title)
	case p.Certifies() && s.Grant() == nil:
		return fmt.Sprintf("“%s”不发证书，流程“%s”办的是证书", s.Title(), p.Title)
	case p.DecidesAlone() && s.Alone() != "":
		return fmt.Sprintf("“%s”不能逐件决定，要和同一批的其他申报一起结算：%s", s.Title(), s.Alone())
	}
	return p.Rates(s)
}

// OpenRound opens a standing item: everybody sees it, and applications are taken from its first day on. A batch is opened by its process.
// Forbidden unless the actor is an officer of its department; Conflict if it is open, is a batch, or was changed since (version).
func (c *Casework) OpenRound(ctx context.Context, id string, version int64) (*Round, error) {
	var out *Round
	err := store.Write(ctx, func(ctx context.Context) error {
		r, err := visibleRound(ctx, id)
		if err != nil {
			return err
		}
		if err := mayRun(ctx, r.Department); err != nil {
			return err
		}
		if r.Standing == 0 {
			return fault.New(fault.Conflict, "申报批次按它的办理流程开放")
		}
		if r.Closes != "" && r.Closes < clock.Today(ctx).String() {
			return fault.New(fault.Conflict, "停止受理的日期已过，请先修改", fault.At("closes", "早于今天"))
		}
		if err := c.setRound(ctx, r, "round.opened", `open = 1`, fmt.Sprintf(`open = 0 AND version = %d`, version)); err != nil {
			return err
		}
		out, err = c.roundOf(ctx, id)
		return err
	})
	return out, err
}

// numbers are those of the last n cases of a round, of which it has had last; a standing item counts them by the year of today.
func (r *roundRow) numbers(ctx context.Context, last, n int) ([]string, error) {
	series := r.Number
	if r.Standing != 0 {
		year := clock.Today(ctx).Year()
		series = fmt.Sprintf("%s-%d", r.Number, year)
		if err := store.Tx(ctx).QueryRowContext(ctx, `INSERT INTO round_years (round, year, cases) VALUES (?, ?, ?)
			ON CONFLICT (round, year) DO UPDATE SET cases = round_years.cases + excluded.cases RETURNING cases`, r.ID, year, n).Scan(&last); err != nil {
			return nil, err
		}
	}
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%05d", series, last-n+1+i)
	}
	return out, nil
}

// strayed says whether a case of a batch is dealt with by something else than its batch, which nobody can have meant.
func (r *caseRow) strayed(ctx context.Context) (bool, error) {
	if r.Standing != 0 {
		return false, nil
	}
	round, err := roundByID(ctx, r.Round)
	if err != nil {
		return false, err
	}
	return round.basis != r.basis, nil
}
