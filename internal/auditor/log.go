// Package auditor is what an auditor reads: the log of changes in words, and what a verification of it found. It changes nothing but the
// log itself, where every verification is noted with its finding.
//
// The log is kept for the whole tenant and says of every party what was done to it, so only an auditor of the whole tenant reads it.
package auditor

import (
	"context"
	"maps"
	"slices"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Auditor is the room. One serves every tenant: the database comes with the context.
type Auditor struct{ accounts *account.Service }

// New makes the room.
func New(accounts *account.Service) *Auditor { return &Auditor{accounts: accounts} }

// Query chooses records of the log; empty fields ask for nothing.
type Query struct {
	Kind   string // of the rows
	Action string
	Login  string      // of who did it, or the id of the account; or system, or public
	About  string      // what it was done to: the id of a party, an import, an account, or of the row itself
	From   policy.Date // days in China, both included
	Until  policy.Date
	Before int64 // only records with a lower number
}

// Entry is a record of the log as a person reads it.
type Entry struct {
	audit.Record
	What    string         `json:"what" doc:"what was done, in words"`
	Label   string         `json:"kind_label" doc:"what kind of row it was done to, in words"`
	By      string         `json:"by" doc:"who did it: login and name; and in whose stead"`
	Subject *audit.Subject `json:"subject,omitempty" doc:"what it was done to; absent: it is no longer there"`
}

// mayAudit says Forbidden to everybody but an auditor of the whole tenant.
func mayAudit(ctx context.Context) error {
	a := account.ActorFrom(ctx)
	switch {
	case a.Audits():
		return nil
	case a.Is(account.RoleAuditor):
		return fault.New(fault.Forbidden, "审计记录不分镇街，只有不限镇街的审计人员可以查看。")
	}
	return fault.New(fault.Forbidden, "只有审计人员可以查看审计记录。")
}

// others are those that act without an account, by the name that the log has for them.
var others = map[string]string{account.SystemID: "系统", "public": "未登录"}

// filter asks the log what the query means. What is no login is taken for the id of an account, as the log has it.
func (a *Auditor) filter(ctx context.Context, q Query) (audit.Filter, error) {
	f := audit.Filter{Kind: q.Kind, Action: q.Action, Actor: strings.TrimSpace(q.Login), Before: q.Before}
	if f.Kind == "" && f.Action != "" { // an action is of one kind, by which the log is found faster
		for kind, w := range audit.WordsOf() {
			if w.Actions[f.Action] != "" {
				f.Kind = kind
			}
		}
	}
	if f.Actor != "" && others[f.Actor] == "" {
		id, err := a.accounts.IDOf(ctx, f.Actor)
		if err == nil {
			f.Actor = id
		} else if fault.CodeOf(err) != fault.NotFound {
			return f, err
		}
	}
	if about := strings.TrimSpace(q.About); about != "" {
		var err error
		if f.Rows, err = audit.RowsOf(ctx, about); err != nil {
			return f, err
		}
	}
	if !q.From.IsZero() {
		f.From = store.Stamp(clock.Start(q.From))
	}
	if !q.Until.IsZero() {
		f.To = store.Stamp(clock.Start(q.Until.AddDays(1)))
	}
	return f, nil
}

// Log is some records, the newest first, and whether there are older ones. Forbidden for everybody but an auditor of the whole tenant.
func (a *Auditor) Log(ctx context.Context, q Query, most int) (entries []Entry, more bool, err error) {
	if err := mayAudit(ctx); err != nil {
		return nil, false, err
	}
	entries = []Entry{}
	err = store.Read(ctx, func(ctx context.Context) error {
		f, err := a.filter(ctx, q)
		if err != nil {
			return err
		}
		f.Limit = most + 1
		records, err := audit.List(ctx, f)
		if err != nil {
			return err
		}
		if more = len(records) > most; more {
			records = records[:most]
		}
		entries, err = read(ctx, records)
		return err
	})
	return entries, more, err
}

// Each calls fn for every record that Log gives, in its order; for exports. Errors as Log.
func (a *Auditor) Each(ctx context.Context, q Query, fn func(Entry) error) error {
	if err := mayAudit(ctx); err != nil {
		return err
	}
	return store.Read(ctx, func(ctx context.Context) error {
		f, err := a.filter(ctx, q)
		if err != nil {
			return err
		}
		return audit.Each(ctx, f, func(some []audit.Record) error {
			entries, err := read(ctx, some)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if err := fn(e); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// atOnce keeps the ids that one statement names few.
const atOnce = 500

// read puts records into words.
func read(ctx context.Context, records []audit.Record) ([]Entry, error) {
	words := audit.WordsOf()
	who, of := map[string]bool{}, map[string]map[string]bool{}
	for _, r := range records {
		if others[r.Actor] == "" {
			who[r.Actor] = true
		}
		if id := r.For(); id != "" {
			who[id] = true
		}
		if of[r.Kind] == nil {
			of[r.Kind] = map[string]bool{}
		}
		of[r.Kind][r.ID] = true
	}
	people, err := about(ctx, "account", who)
	if err != nil {
		return nil, err
	}
	subjects := map[string]map[string]audit.Subject{}
	for kind, rows := range of {
		if subjects[kind], err = about(ctx, kind, rows); err != nil {
			return nil, err
		}
	}
	out := make([]Entry, len(records))
	for i, r := range records {
		e := Entry{Record: r, What: words[r.Kind].Actions[r.Action], Label: words[r.Kind].Label, By: others[r.Actor]}
		if e.What == "" {
			e.What = r.Action
		}
		if e.Label == "" {
			e.Label = r.Kind
		}
		if e.By == "" {
			e.By = people[r.Actor].Label
		}
		if e.By == "" {
			e.By = r.Actor
		}
		if id := r.For(); id != "" {
			absent := people[id].Label
			if absent == "" {
				absent = id
			}
			e.By += "，代" + absent
		}
		if s, ok := subjects[r.Kind][r.ID]; ok {
			e.Subject = &s
		}
		out[i] = e
	}
	return out, nil
}

// about names rows of a kind, some at a time.
func about(ctx context.Context, kind string, rows map[string]bool) (map[string]audit.Subject, error) {
	out := map[string]audit.Subject{}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(rows)), atOnce) {
		found, err := audit.About(ctx, kind, some)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, found)
	}
	return out, nil
}
