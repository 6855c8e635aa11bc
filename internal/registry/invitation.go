package registry

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
)

// An invitation lets in whoever brings its code, once: a firm's principal gives the code to a colleague or an agent, who needs no officer
// then. The code is shown when it is made and never again.

// How long an invitation holds, and how many a firm may have open.
const (
	invitationFor      = 7 * 24 * time.Hour
	maxOpenInvitations = 20
)

const (
	invitationOpen      = "open"
	invitationUsed      = "used"
	invitationWithdrawn = "withdrawn"
)

// Invitation is one that nobody has used yet.
type Invitation struct {
	ID       string `json:"id"`
	Name     string `json:"name" doc:"whom it is meant for, in the principal's words"`
	Capacity string `json:"capacity" enum:"法定代表人,经办人,代理机构"`
	Until    string `json:"until"`
	MadeAt   string `json:"made_at"`
	Code     string `json:"code,omitempty" doc:"shown this once"`
}

type invitationRow struct {
	ID       string `bun:"id"`
	Party    string `bun:"party"`
	Name     string `bun:"name"`
	Capacity string `bun:"capacity"`
	Code     string `bun:"code"`
	State    string `bun:"state"`
	Until    string `bun:"until_at"`
	MadeAt   string `bun:"made_at"`
	MadeBy   string `bun:"made_by"`
	EndedAt  string `bun:"ended_at"`
	EndedBy  string `bun:"ended_by"`
}

const invitationColumns = `i.id, i.party, i.name, i.capacity, i.code, i.state, i.until_at, i.made_at, i.made_by, i.ended_at, i.ended_by`

func (i invitationRow) digest() string {
	return audit.DigestJSON(i.ID, i.Party, i.Name, i.Capacity, i.Code, i.State, i.Until, i.MadeAt, i.MadeBy, i.EndedAt, i.EndedBy)
}

func (i invitationRow) audit(ctx context.Context, action string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: "invitation", ID: i.ID, Digest: i.digest(), Data: map[string]string{"party": i.Party, "capacity": i.Capacity}})
}

func (i invitationRow) invitation() Invitation {
	return Invitation{ID: i.ID, Name: i.Name, Capacity: i.Capacity, Until: i.Until, MadeAt: i.MadeAt}
}

func digestOfInvitation(ctx context.Context, id string) (string, error) {
	var row invitationRow
	err := store.Tx(ctx).NewRaw(`SELECT `+invitationColumns+` FROM firm_invitations AS i WHERE i.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return row.digest(), err
}

// hashInvitation is how a code is kept; it may be written with blanks and in capitals.
func hashInvitation(code string) string {
	sum := sha256.Sum256([]byte("shanglin invitation\x00" + strings.ToLower(NormalCode(code))))
	return hex.EncodeToString(sum[:])
}

// invitationsOf are the open invitations of a firm that still hold.
func invitationsOf(ctx context.Context, party string) ([]Invitation, error) {
	var rows []invitationRow
	err := store.Tx(ctx).NewRaw(`SELECT `+invitationColumns+` FROM firm_invitations AS i WHERE i.party = ? AND i.state = 'open' AND i.until_at > ? ORDER BY i.made_at, i.id`,
		party, store.Stamp(clock.Now(ctx))).Scan(ctx, &rows)
	out := make([]Invitation, len(rows))
	for i, row := range rows {
		out[i] = row.invitation()
	}
	return out, err
}

// Invite makes an invitation to act for a firm. Forbidden for all but its principal.
func (r *Registry) Invite(ctx context.Context, party, name, capacity string) (Invitation, error) {
	name = strings.TrimFunc(name, blank)
	var wrong []fault.Detail
	if n := utf8.RuneCountInString(name); n < 1 || n > 60 || !store.Plain(name) {
		wrong = append(wrong, fault.At("name", "请写明邀请谁（60字以内）"))
	}
	if capacity != CapacityLegal && capacity != CapacityHandler && capacity != CapacityAgent {
		wrong = append(wrong, fault.At("capacity", "请选择对方的身份"))
	}
	if len(wrong) > 0 {
		return Invitation{}, fault.New(fault.Invalid, "请更正标出的内容", wrong...)
	}
	var out Invitation
	_, err := r.changePeople(ctx, party, func(ctx context.Context, p partyRow, as string) error {
		if as != asPrincipal {
			return fault.New(fault.Forbidden, "只有企业负责人可以邀请人员")
		}
		open, err := invitationsOf(ctx, party)
		if err != nil {
			return err
		}
		if len(open) >= maxOpenInvitations {
			return fault.New(fault.Conflict, "还没有使用的邀请太多了，请先撤回一些")
		}
		code, now := account.NewPassword(), clock.Now(ctx)
		row := invitationRow{ID: store.NewID(), Party: party, Name: name, Capacity: capacity, Code: hashInvitation(code), State: invitationOpen,
			Until: store.Stamp(now.Add(invitationFor)), MadeAt: store.Stamp(now), MadeBy: account.ActorFrom(ctx).AccountID}
		if _, err := store.Tx(ctx).NewInsert().Model(&row).ModelTableExpr("firm_invitations").Exec(ctx); err != nil {
			return err
		}
		out = row.invitation()
		out.Code = code
		return row.audit(ctx, "invitation.made")
	})
	return out, err
}

// WithdrawInvitation ends an invitation that nobody has used. Forbidden for all but the firm's principal, NotFound if there is none.
func (r *Registry) WithdrawInvitation(ctx context.Context, party, id string) (FirmPeople, error) {
	return r.changePeople(ctx, party, func(ctx context.Context, p partyRow, as string) error {
		if as != asPrincipal {
			return fault.New(fault.Forbidden, "只有企业负责人可以撤回邀请")
		}
		var row invitationRow
		err := store.Tx(ctx).NewRaw(`SELECT `+invitationColumns+` FROM firm_invitations AS i WHERE i.id = ? AND i.party = ? AND i.state = 'open'`, id, party).Scan(ctx, &row)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "没有这份邀请，可能刚被使用")
		}
		if err != nil {
			return err
		}
		return row.end(ctx, invitationWithdrawn, "invitation.withdrawn")
	})
}

// end ends an open invitation. Conflict if it has ended: of two who bring one code one is let in.
func (i invitationRow) end(ctx context.Context, state, action string) error {
	i.State, i.EndedAt, i.EndedBy = state, store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID
	done, err := store.Tx(ctx).NewRaw(`UPDATE firm_invitations SET state = ?, ended_at = ?, ended_by = ? WHERE id = ? AND state = 'open'`, i.State, i.EndedAt, i.EndedBy, i.ID).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fault.Wrap(fault.Conflict, "这份邀请刚被使用或撤回", err)
	}
	return i.audit(ctx, action)
}

// Join lets the actor act for the firm that an invitation is of. Unauthenticated for the public; NotFound for a code that is none, was used
// or withdrawn, is out of date, or came from somebody who no longer acts for the firm; Conflict for somebody who does already.
func (r *Registry) Join(ctx context.Context, code string) (Membership, error) {
	actor := account.ActorFrom(ctx)
	if actor.Public() {
		return Membership{}, fault.New(fault.Unauthenticated, "请先登录")
	}
	none := fault.New(fault.NotFound, "邀请码不对，或者已经用过、撤回或过期", fault.At("code", "请与邀请您的人核对"))
	var out Membership
	err := store.Write(ctx, func(ctx context.Context) error {
		var row invitationRow
		err := store.Tx(ctx).NewRaw(`SELECT `+invitationColumns+` FROM firm_invitations AS i WHERE i.code = ? AND i.state = 'open' AND i.until_at > ?`,
			hashInvitation(code), store.Stamp(clock.Now(ctx))).Scan(ctx, &row)
		if errors.Is(err, sql.ErrNoRows) {
			return none
		}
		if err != nil {
			return err
		}
		if err := holdParty(ctx, row.Party); err != nil {
			return err
		}
		var p partyRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+partyColumns+` FROM parties AS p WHERE p.id = ?`, row.Party).Scan(ctx, &p); err != nil {
			return err
		}
		speakers, err := account.SpeakersOf(ctx, p.ID)
		if err != nil {
			return err
		}
		if !slices.Contains(speakers, row.MadeBy) {
			return none
		}
		if slices.Contains(speakers, actor.AccountID) {
			return fault.New(fault.Conflict, "您已经可以代表这家企业")
		}
		if err := row.end(ctx, invitationUsed, "invitation.used"); err != nil {
			return err
		}
		if err := admit(ctx, p.ID, actor.AccountID, row.Capacity, row.ID); err != nil {
			return err
		}
		out = Membership{Party: p.ID, Name: p.Name, Code: p.Code, Capacity: row.Capacity, Since: store.Stamp(clock.Now(ctx))}
		return notify.Tell(ctx, []string{row.MadeBy}, notify.Note{Kind: "firm.joined", Title: stater(ctx) + "已加入" + p.Name, Body: "身份：" + row.Capacity, Link: "firm/" + p.ID + "/people", Key: row.ID})
	})
	return out, err
}
