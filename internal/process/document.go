package process

import (
	"context"
	"maps"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/document"
	"shanglin/policy"
)

// Gives is what an action gives to the official document that it drafts, by policy.TemplateFields: the reason, what was decided, and what that
// rests on. What only its data says (the items of a correction) is for the room that reads them.
func (m Move) Gives() map[string]string {
	out := map[string]string{"理由": m.Input.Reason, "办理决定": m.Action.Title}
	for _, do := range m.Action.Do {
		if cite := do.Args["cite"]; cite != "" && cite != "not_found" {
			out["处理依据"] = cite
		}
	}
	return out
}

// AsksItems says whether the action of a move lists what is to be corrected.
func (m Move) AsksItems() bool { return slices.Contains(m.Action.Needs, "items") }

// Awaits is what a subject gives to a document of the work that is open now: until when, and where that comes from; empty where nothing has a limit.
func (e *Engine) Awaits(ctx context.Context, flow, subject string) (map[string]string, error) {
	out := map[string]string{}
	view, err := e.Of(account.System(ctx), flow, subject)
	if err != nil {
		return nil, err
	}
	for _, t := range view.Tasks {
		if t.Limit == nil {
			continue
		}
		if day, err := policy.ParseDate(t.Limit.Due); err == nil {
			out["期限"], out["期限依据"] = document.Day(day), t.Limit.Cite+t.Limit.Basis
			break
		}
	}
	return out, nil
}

// draft drafts the document of a rehearsed action: with what the action gives, as a case's is, and a sample of what a case would.
func (s *stageRoom) draft(ctx context.Context, m Move) error {
	p := RehearsedPaper{Template: m.Action.Document, Text: []string{}, Missing: []string{}, Values: m.Gives()}
	p.Values["申请人"], p.Values["统一代码"] = SampleApplicant, "样例代码（虚构）"
	p.Values["编号"], p.Values["事项"] = s.r.Subject.Number, s.r.Subject.Title
	if !s.handed.IsZero() {
		p.Values["申请日期"] = document.Day(clock.DayOf(s.handed))
	}
	if m.AsksItems() {
		p.Values["补正事项"] = "1." + sampleReason
	}
	limit, err := s.e.Awaits(ctx, s.r.Flow, sampleID)
	if err != nil {
		return err
	}
	maps.Copy(p.Values, limit)
	s.papers = append(s.papers, p)
	return nil
}
