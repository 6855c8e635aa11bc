package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// A scheme may be for something that a party has several of: a project. Its applicant says which one an application is about (cases.thing), once,
// before it is handed in; the figures of the thing are then the application's, the limits count it by its name, and another application may be
// about another thing.

// kindOf is what kind of thing the scheme is for; empty: for the party itself.
func kindOf(s *policy.Scheme) string {
	if s == nil || !registry.Things(s) {
		return ""
	}
	return s.Subject()
}

// about is the thing that the case is about; the zero one: the party, or nobody has said yet.
func (r *caseRow) about(set *schemes.Compiled) registry.Thing {
	if r.Thing == "" {
		return registry.Thing{}
	}
	return registry.Thing{Kind: kindOf(set.Library.Scheme(r.Scheme)), Name: r.Thing}
}

// fields are what the case says of itself that limits count by.
func (r *caseRow) fields(set *schemes.Compiled) map[string]string {
	out := map[string]string{policy.FieldCode: r.PartyCode, policy.FieldTown: r.Town}
	if t := r.about(set); t.Name != "" {
		out[t.Kind] = t.Name
	}
	return out
}

// titled is the title of a scheme with what a case is about.
func titled(title, thing string) string {
	if thing == "" {
		return title
	}
	return title + "（" + thing + "）"
}

// outcome is titled with the level that is granted.
func outcome(title, thing, level string) string {
	if level == "" {
		return titled(title, thing)
	}
	return titled(title, thing) + "：" + level
}

// mayBeAbout refuses a thing that the draft cannot be about, and says why.
func (r *caseRow) mayBeAbout(ctx context.Context, set *schemes.Compiled, thing string) error {
	if thing == r.Thing {
		return nil
	}
	kind := kindOf(set.Library.Scheme(r.Scheme))
	switch {
	case kind == "":
		return fault.New(fault.Invalid, "这项政策按申报单位申报，一个单位申报一件，不分是哪一个", fault.At("thing", "不用填写"))
	case r.SubmittedAt != "":
		return fault.New(fault.Conflict, fmt.Sprintf("这件申报提交时写的是%s“%s”，不能改成另一个；要申报另一个%s，请另报一件", kind, r.Thing, kind))
	case thing == "":
		return nil
	}
	var other struct {
		Number string `bun:"number"`
	}
	err := store.Tx(ctx).NewRaw(`SELECT number FROM cases WHERE round = ? AND scheme = ? AND party = ? AND thing = ? AND id <> ?
		AND (ended = '' OR ended = 'granted' AND standing = 0) ORDER BY id LIMIT 1`, r.Round, r.Scheme, r.Party, thing, r.ID).Scan(ctx, &other)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if other.Number == "" {
		other.Number = "一份草稿"
	}
	return fault.New(fault.Conflict, fmt.Sprintf("%s“%s”在本批次已经申报（%s），同一个%s不能再报", kind, thing, other.Number, kind),
		fault.At("thing", "换一个%s，或到已有的那一件里办理", kind))
}
