package casework

import (
	"context"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Whom is whom to ask about an application, or who objected, in full. Everywhere else an office reads it masked.
type Whom struct {
	Name    string `json:"name"`
	Contact string `json:"contact" doc:"telephone or address"`

	Entries []Entry `json:"entries,omitempty" doc:"what an application wants a certificate to say"`
}

// UnmaskApplication gives an officer the contact of an application; the reading is logged with its reason. NotFound if the actor may not see
// it, Forbidden for anybody but officers.
func (c *Casework) UnmaskApplication(ctx context.Context, id, reason string) (*Whom, error) {
	if err := whyUnmask(&reason); err != nil {
		return nil, err
	}
	var out *Whom
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if !account.ActorFrom(ctx).Officer() {
			return fault.New(fault.Forbidden, "只有经办人员可以查看个人信息")
		}
		draft, err := row.shownDraft(ctx)
		if err != nil {
			return err
		}
		out = &Whom{Name: draft.Contact, Contact: draft.Phone}
		if out.Entries, err = c.entries(ctx, row, draft, nil, false); err != nil {
			return err
		}
		return recordCase(ctx, "case.unmask", id, map[string]string{"reason": reason})
	})
	return out, err
}

// UnmaskObjection gives whoever handles an objection its objector; the reading is logged with its reason. Errors as Admit.
func (c *Casework) UnmaskObjection(ctx context.Context, id, reason string) (*Whom, error) {
	if err := whyUnmask(&reason); err != nil {
		return nil, err
	}
	var out *Whom
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleObjection(ctx, id)
		if err != nil {
			return err
		}
		o, err := c.objection(ctx, row)
		if err != nil {
			return err
		}
		if !o.Mine {
			return errNotHandled()
		}
		digest, err := objectionDigest(ctx, id)
		if err != nil {
			return err
		}
		out = &Whom{Name: row.Name, Contact: row.Contact}
		return audit.Append(ctx, audit.Event{Action: "objection.unmask", Kind: objectionKind, ID: id, Digest: digest, Data: map[string]string{"reason": reason}})
	})
	return out, err
}

func whyUnmask(reason *string) error {
	*reason = strings.TrimSpace(*reason)
	if n := utf8.RuneCountInString(*reason); n == 0 || n > 200 || !store.Plain(*reason) {
		return fault.New(fault.Invalid, "请写明查看个人信息的理由（200字以内）", fault.At("reason", "请写明理由"))
	}
	return nil
}
