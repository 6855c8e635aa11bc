package certificate

import (
	"context"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// state states the record that the holder has, as it stands: until when the certificate is valid, or until the day before it was suspended or
// taken away. Of one that was taken away on the day of its issue the record is withdrawn.
func (r *Register) state(ctx context.Context, row *certificateRow, on policy.Date) error {
	from, err := policy.ParseDate(row.ValidFrom)
	if err != nil {
		return err
	}
	fields, err := row.fields()
	if err != nil {
		return err
	}
	until, _ := policy.ParseDate(row.StandsUntil)
	if row.State == Suspended || row.State == Revoked || row.State == Surrendered {
		until = on.AddDays(-1)
	}
	s := registry.Statement{Party: row.Party, Term: row.Record, Record: &registry.RecordOf{Number: row.Number, From: from, Until: until, Fields: fields},
		Evidence: strings.TrimSpace(row.Title + " " + row.Number + " " + row.Source), Source: row.Department, Verified: true, StatedBy: by(ctx)}
	if until != 0 && until < from {
		s.Record.Until, s.Withdraw = 0, true
	}
	// The register speaks for the office that issued it, whoever of it acts and whatever they may state by hand.
	_, err = r.facts.PutFacts(account.System(ctx), []registry.Statement{s})
	return err
}
