package casework

import (
	"context"
	"slices"
	"strings"

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

	Certificate *CertificateRef `json:"certificate,omitempty" doc:"the certificate that it is about or led to, where the actor may read it"`
	Entries     []Entry         `json:"entries" nullable:"false" doc:"what it wants a certificate to say"`
}

// CertificateRef names a certificate.
type CertificateRef struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Title  string `json:"title"`
}

// Entry is one thing that an application wants a certificate to say.
type Entry struct {
	Label string `json:"label"`
	Value string `json:"value" doc:"a person's name masked for officers, to whom unmask-application gives it whole"`
	Was   string `json:"was,omitempty" doc:"what the certificate says now, where that is something else; masked likewise"`
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
		if err := c.inscribe(ctx, row, draft, out); err != nil {
			return err
		}
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

// inscribe says what an application wants a certificate to say, beside what that says now.
func (c *Casework) inscribe(ctx context.Context, row *caseRow, draft *Draft, out *Application) error {
	now := map[string]string{}
	if row.Certificate != "" {
		held, err := c.certificates.Held(ctx, row.Certificate)
		switch fault.CodeOf(err) {
		case "":
			out.Certificate = &CertificateRef{held.ID, held.Number, held.Title}
			now[holderEntry] = held.Holder
			for _, d := range held.Details {
				now[d.Label] = d.Value
			}
		case fault.NotFound, fault.Forbidden: // it is another department's
		default:
			return err
		}
	}
	var err error
	out.Entries, err = c.entries(ctx, row, draft, now, !account.ActorFrom(ctx).Speaks(row.Party))
	return err
}

// holderEntry is what a certificate calls the name of its holder.
const holderEntry = "名称"

// entries are what a draft wants a certificate to say, in the order of the certificate.
func (c *Casework) entries(ctx context.Context, row *caseRow, draft *Draft, now map[string]string, masked bool) ([]Entry, error) {
	out := []Entry{}
	s, err := c.schemeOf(ctx, row)
	if err != nil || s.Grant() == nil || draft.Certificate == nil {
		return out, err
	}
	add := func(label, value string, person bool) {
		e := Entry{Label: label, Value: strings.TrimSpace(value), Was: now[label]}
		if e.Value == "" {
			return
		}
		if e.Was == e.Value {
			e.Was = ""
		}
		if masked && person {
			e.Value, e.Was = registry.MaskName(e.Value), registry.MaskName(e.Was)
		}
		out = append(out, e)
	}
	add(holderEntry, draft.Certificate.Holder, false)
	for _, label := range s.Grant().Shows {
		add(label, draft.Certificate.Details[label], slices.Contains(s.Grant().Masks, label))
	}
	return out, nil
}
