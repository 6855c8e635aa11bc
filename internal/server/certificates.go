package server

import (
	"context"
	"fmt"

	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/policy"
)

// certificates lets casework ask the register.
type certificates struct{ register *certificate.Register }

func (c certificates) Issue(ctx context.Context, n casework.NewCertificate, b casework.Basis) (string, error) {
	out, err := c.register.Issue(ctx, certificate.Issue{Scheme: n.Scheme, SchemeTitle: n.SchemeTitle, Kind: n.Kind, Family: n.Family, Grant: n.Grant, Party: n.Party,
		Holder: n.Holder, Code: n.Code, Person: n.Person, Invented: n.Invented, Department: n.Department, Town: n.Town, Level: n.Level, Number: n.Number, Source: n.Source, From: n.From, Until: n.Until,
		Details: n.Details}, certificate.Basis(b))
	if err != nil {
		return "", err
	}
	return out.ID, nil
}

func (c certificates) Amend(ctx context.Context, id string, to casework.CertificateDraft, b casework.Basis) error {
	return c.register.Amend(ctx, id, certificate.Amendment(to), certificate.Basis(b))
}

func (c certificates) Turn(ctx context.Context, id, verb string, b casework.Basis) error {
	turns := map[string]func(context.Context, string, certificate.Basis) error{"request_renewal": c.register.RequestRenewal, "renew": c.register.Renew, "suspend": c.register.Suspend, "resume": c.register.Resume,
		"revoke": c.register.Revoke, "surrender": c.register.Surrender}
	turn := turns[verb]
	if turn == nil {
		return fmt.Errorf("server: certificates know no %s", verb)
	}
	return turn(ctx, id, certificate.Basis(b))
}

func (c certificates) Closed(ctx context.Context, id, caseID string) error {
	return c.register.Closed(ctx, id, caseID)
}

func (c certificates) Taken(ctx context.Context, numbers []string) (map[string]bool, error) {
	return c.register.Taken(ctx, numbers)
}

func (c certificates) Holders(ctx context.Context, parties, schemes []string) (map[string]bool, error) {
	return c.register.Holders(ctx, parties, schemes)
}

func (c certificates) End(ctx context.Context, id string) (policy.Date, error) {
	return c.register.End(ctx, id)
}

func (c certificates) Held(ctx context.Context, id string) (casework.HeldCertificate, error) {
	v, err := c.register.Held(ctx, id)
	if err != nil {
		return casework.HeldCertificate{}, err
	}
	return heldOf(v), nil
}

func (c certificates) HeldBy(ctx context.Context, party string) ([]casework.HeldCertificate, error) {
	var out []casework.HeldCertificate
	for page := 1; ; page++ {
		list, err := c.register.Certificates(ctx, certificate.Filter{Party: party, Page: page, Per: 200})
		if err != nil {
			return nil, err
		}
		for i := range list.Items {
			out = append(out, heldOf(&list.Items[i]))
		}
		if page*200 >= list.Total {
			return out, nil
		}
	}
}

func heldOf(v *certificate.Certificate) casework.HeldCertificate {
	out := casework.HeldCertificate{ID: v.ID, Number: v.Number, Title: v.Title, Scheme: v.Scheme, Record: v.Record, Party: v.Party, Until: v.ValidUntil,
		Valid: v.State == certificate.Valid, Holder: v.Holder, Details: []casework.Inscription{}}
	for _, d := range v.Details {
		out.Details = append(out.Details, casework.Inscription{Label: d.Label, Value: d.Value})
	}
	return out
}
