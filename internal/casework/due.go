package casework

import (
	"context"
	"slices"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Due is something that a party has to do by a day: about a certificate that it holds, or because it meets the condition of a duty.
type Due struct {
	Title       string         `json:"title" doc:"of the standing item, or of the duty"`
	Scheme      string         `json:"scheme" doc:"document/scheme"`
	Certificate string         `json:"certificate,omitempty" doc:"the certificate that it is about"`
	Round       string         `json:"round,omitempty" doc:"where it may be begun today; absent: nowhere yet, or it was begun"`
	Case        string         `json:"case,omitempty" doc:"where it was begun and waits for the party, or was handed in and is not over"`
	Stage       string         `json:"stage,omitempty" doc:"where that case stands"`
	Waits       bool           `json:"waits" doc:"that case waits for the party"`
	Submitted   bool           `json:"submitted" doc:"that case was handed in, so that the limit is kept or past"`
	Rule        string         `json:"rule" doc:"the limit in words: 证书有效期届满日的60日前"`
	Nominal     policy.Date    `json:"nominal" doc:"the last day before days off move it"`
	Limit       *process.Limit `json:"limit"`
}

// DueList is what a party has to do, the first first.
type DueList struct {
	Items []Due `json:"items" nullable:"false"`
}

// Dues are what a party has to do by a day that a process file names: to begin, at the latest, what is about each certificate it holds that
// comes to an end, where a standing item takes it; and what every party has to do once a year that meets the condition of a duty, whether or
// not it was called on yet. NotFound if the actor may not see the party.
func (c *Casework) Dues(ctx context.Context, party string) ([]Due, error) {
	out := []Due{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		p, err := c.registry.Get(ctx, party)
		if err != nil {
			return err
		}
		mine, err := casesOfParty(ctx, party)
		if err != nil {
			return err
		}
		about, err := c.duesOfCertificates(ctx, party)
		if err != nil {
			return err
		}
		duties, err := c.duties(ctx, p, mine)
		if err != nil {
			return err
		}
		out = append(append(out, about...), duties...)
		slices.SortStableFunc(out, func(a, b Due) int { return int(a.Nominal) - int(b.Nominal) })
		return c.placesOf(ctx, out)
	})
	return out, err
}

// placesOf says of dues with a case where it stands.
func (c *Casework) placesOf(ctx context.Context, list []Due) error {
	var ids []string
	for _, d := range list {
		if d.Case != "" {
			ids = append(ids, d.Case)
		}
	}
	places, err := c.engine.Standings(ctx, flowCase, ids)
	if err != nil {
		return err
	}
	for i := range list {
		d := &list[i]
		if d.Case == "" {
			continue
		}
		d.Stage = places[d.Case].Title
		if d.Waits, err = c.engine.Turn(ctx, flowCase, d.Case, originApplicant); err != nil {
			return err
		}
	}
	return nil
}

// begin is the limit of whoever begins a case of a process; nil: it has none.
func begin(p *policy.Process) *policy.Within {
	f := p.Flow(flowCase)
	if f == nil {
		return nil
	}
	if s := f.Stage(f.Start); s != nil && len(s.Tasks) == 1 {
		return s.Tasks[0].Within
	}
	return nil
}

// duesOfCertificates are those of the standing items that begin with a certificate, and may only be begun until a time before its end.
func (c *Casework) duesOfCertificates(ctx context.Context, party string) ([]Due, error) {
	held, err := c.certificates.HeldBy(ctx, party)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	rows, _, err := listRounds(ctx, RoundFilter{State: "open", Kind: KindStanding, Per: 200}, clock.Today(ctx))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	entries, err := schemesOfRounds(ctx, ids)
	if err != nil {
		return nil, err
	}
	live, err := liveOfCertificates(ctx, party)
	if err != nil {
		return nil, err
	}
	var out []Due
	for i := range rows {
		_, set, way, err := rows[i].begun(ctx)
		if err != nil {
			return nil, err
		}
		if way == nil || way.Starts != originApplicant || way.About != aboutCertificate {
			continue
		}
		w := begin(way)
		if w == nil || !slices.Contains(policy.ProcessDays, w.Before) && !slices.Contains(policy.ProcessDays, w.Until) {
			continue
		}
		for _, e := range entries[rows[i].ID] {
			s := set.Library.Scheme(e.Scheme)
			if s == nil || s.Grant() == nil {
				continue
			}
			for _, h := range held {
				if h.Record != s.Grant().Record || h.Until == 0 || !h.Valid {
					continue
				}
				d := Due{Title: rows[i].Title, Scheme: e.Scheme, Certificate: h.ID, Round: rows[i].ID, Rule: w.Text()}
				if k, ok := live[rows[i].ID+"\x00"+h.ID]; ok {
					d.Case, d.Round, d.Submitted = k.ID, "", k.SubmittedAt != ""
				}
				if d.Limit, d.Nominal, err = c.engine.Ahead(ctx, w, h.Until); err != nil {
					return nil, err
				}
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// liveOfCertificates are the cases of a party about a certificate that have not ended, by round and certificate.
func liveOfCertificates(ctx context.Context, party string) (map[string]caseRow, error) {
	cond, args := caseScope(ctx, "c")
	rows := []caseRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.party = ? AND c.certificate <> '' AND c.ended = '' AND "+cond, append([]any{party}, args...)...).
		OrderExpr("c.started_at, c.id").Scan(ctx)
	out := map[string]caseRow{}
	for _, r := range rows {
		out[r.Round+"\x00"+r.Certificate] = r
	}
	return out, err
}

// duties are those of the schemes that oblige whoever meets their condition, and whose process says by which day of a year. What was handed
// in or ended for one year leaves the next.
func (c *Casework) duties(ctx context.Context, p registry.Party, mine map[string]caseRow) ([]Due, error) {
	publication, err := schemes.InUse(ctx)
	if err != nil {
		return nil, err
	}
	set, err := schemes.At(ctx, publication)
	if err != nil {
		return nil, err
	}
	today := clock.Today(ctx)
	var known registry.Known
	var out []Due
	for _, s := range set.Library.Schemes() {
		way := set.Library.Process(s.Process())
		if s.Kind() != "duty" || way == nil || !registry.Concerns(s, p.Kind) {
			continue
		}
		w := begin(way)
		if w == nil {
			continue
		}
		if month, _ := w.MonthDay(); month == 0 {
			continue
		}
		if known.Facts == nil {
			if known, err = c.known(ctx, set, p.ID, registry.Thing{}); err != nil {
				return nil, err
			}
		}
		b := basis{Performance: int64(today.Year())}
		if s.Evaluate(b.question(known.Facts, today)).Answer != policy.Met {
			continue
		}
		d := Due{Title: s.Title(), Scheme: s.ID(), Rule: w.Text()}
		from := today
		for _, k := range mine {
			if k.Scheme != s.ID() {
				continue
			}
			began, err := store.ParseStamp(k.StartedAt)
			if err != nil {
				return nil, err
			}
			_, last, err := c.engine.Ahead(ctx, w, clock.DayOf(began))
			if err != nil {
				return nil, err
			}
			if k.Ended == "" {
				d.Case, d.Submitted, from = k.ID, k.SubmittedAt != "", clock.DayOf(began)
				break
			}
			from = max(from, last.AddDays(1))
		}
		if d.Limit, d.Nominal, err = c.engine.Ahead(ctx, w, from); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}
