package casework

import (
	"context"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Application (申报书) is a submitted application as it is printed and signed: what it rests on, each fact with the hash that proves it.
type Application struct {
	Case       *Case          `json:"case"`
	Clause     string         `json:"clause" doc:"document number and clause"`
	Evaluation *Evaluation    `json:"evaluation"`
	Facts      []PrintedFact  `json:"facts" nullable:"false" doc:"what the answer rests on"`
	Materials  []MaterialFile `json:"materials" nullable:"false"`
	Note       string         `json:"note,omitempty"`
	Despite    string         `json:"despite,omitempty"`
	Contact    string         `json:"contact,omitempty" doc:"personal: the party's own; masked for officers, to whom unmask-application gives it whole"`
	Phone      string         `json:"phone,omitempty" doc:"personal: the party's own; masked for officers, to whom unmask-application gives it whole"`
	Commitment string         `json:"commitment,omitempty" doc:"none where the system proposed"`
}

// PrintedFact is a fact on paper.
type PrintedFact struct {
	Label    string `json:"label"`
	Value    string `json:"value"`
	Source   string `json:"source"`
	Verified bool   `json:"verified"`
	Digest   string `json:"digest,omitempty" doc:"SHA-256 of the fact as it stood"`
}

// ApplicationOf is the printed application of a case. NotFound if the actor may not see it; Conflict while it is not submitted.
func (c *Casework) ApplicationOf(ctx context.Context, id string) (*Application, error) {
	var out *Application
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if row.Evaluation == "" {
			return fault.New(fault.Conflict, "提交以后才能打印申报书")
		}
		round, err := roundByID(ctx, row.Round)
		if err != nil {
			return err
		}
		set, err := row.rules(ctx)
		if err != nil {
			return err
		}
		out = &Application{Clause: clauseOf(set, row.Scheme), Facts: []PrintedFact{}}
		if row.Origin == originApplicant {
			out.Commitment = commitment
		}
		if out.Case, err = row.view(ctx, c, round, set); err != nil {
			return err
		}
		e, err := evaluationByID(ctx, row.Evaluation)
		if err != nil {
			return err
		}
		if out.Evaluation, err = e.view(); err != nil {
			return err
		}
		if part, err := c.veiled(ctx, row, set, out.Evaluation); err != nil {
			return err
		} else if part != nil {
			out.Evaluation = part
		}
		if out.Materials, err = c.materials(ctx, row); err != nil {
			return err
		}
		digests := map[string]string{}
		for _, p := range out.Evaluation.Pins {
			digests[p.ID] = p.Digest
		}
		seen := map[policy.FactRef]bool{}
		for _, f := range slices.Concat(factsUsed(out.Evaluation.Result.Reasons), out.Evaluation.Result.Rests) {
			if seen[f] {
				continue
			}
			seen[f] = true
			out.Facts = append(out.Facts, PrintedFact{Label: f.Label, Value: f.Value, Source: f.Source.Origin, Verified: f.Source.Verified, Digest: digests[f.Source.ID]})
		}
		draft, err := row.readDraft()
		if err != nil {
			return err
		}
		out.Note, out.Despite = draft.Note, draft.Despite
		switch a := account.ActorFrom(ctx); {
		case a.Speaks(row.Party):
			out.Contact, out.Phone = draft.Contact, draft.Phone
		case a.Officer():
			out.Contact, out.Phone = registry.MaskName(draft.Contact), registry.MaskPhone(draft.Phone)
		}
		return nil
	})
	return out, err
}
