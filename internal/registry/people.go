package registry

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
)

// The people of a firm: who acts for it, in what capacity, and who is its principal (负责人). That somebody acts for it is a grant of the
// account; the rest stands here. The principal lets people in and sends them away; an officer of the town may do the latter, and say who
// the principal is.

// FirmPerson is somebody who acts for a firm, or did.
type FirmPerson struct {
	Account   string `json:"account"`
	Name      string `json:"name"`
	Login     string `json:"login,omitempty" doc:"told to the principal and to the desk"`
	Capacity  string `json:"capacity,omitempty" doc:"absent: an administrator let them in"`
	Principal bool   `json:"principal"`
	Since     string `json:"since,omitempty"`
	Speaks    bool   `json:"speaks" doc:"false: the account is disabled, or an administrator took the role"`
	Self      bool   `json:"self" doc:"it is whoever asks"`
}

// FirmPeople is what the people of a firm, and officers, see of them.
type FirmPeople struct {
	People      []FirmPerson `json:"people" nullable:"false"`
	Claims      []Claim      `json:"claims" nullable:"false" doc:"open ones; for the principal"`
	Invitations []Invitation `json:"invitations" nullable:"false" doc:"that nobody has used yet; for the principal"`
	Principal   bool         `json:"principal" doc:"whoever asks is the principal: may invite, send away and hand over"`
	Officer     bool         `json:"officer" doc:"whoever asks may send away and appoint as officer"`
}

// Membership is a firm as somebody acts for it, told to themselves.
type Membership struct {
	Party     string `json:"party"`
	Name      string `json:"name"`
	Code      string `json:"code"`
	Capacity  string `json:"capacity,omitempty"`
	Principal bool   `json:"principal"`
	Since     string `json:"since,omitempty"`
	EndedAt   string `json:"ended_at,omitempty"`
	Reason    string `json:"reason,omitempty" doc:"why it ended"`
}

type personRow struct {
	ID        string `bun:"id"`
	Party     string `bun:"party"`
	Account   string `bun:"account"`
	Capacity  string `bun:"capacity"`
	Principal int    `bun:"principal"`
	Origin    string `bun:"origin"`
	Since     string `bun:"since"`
	SinceBy   string `bun:"since_by"`
	EndedAt   string `bun:"ended_at"`
	EndedBy   string `bun:"ended_by"`
	Reason    string `bun:"reason"`
}

const personColumns = `f.id, f.party, f.account, f.capacity, f.principal, f.origin, f.since, f.since_by, f.ended_at, f.ended_by, f.reason`

func (p personRow) digest() string {
	return audit.DigestJSON(p.ID, p.Party, p.Account, p.Capacity, number(int64(p.Principal)), p.Origin, p.Since, p.SinceBy, p.EndedAt, p.EndedBy, p.Reason)
}

func (p personRow) audit(ctx context.Context, action string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: "firm-person", ID: p.ID, Digest: p.digest(),
		Data: map[string]string{"party": p.Party, "account": p.Account, "capacity": p.Capacity}})
}

func digestOfPerson(ctx context.Context, id string) (string, error) {
	var row personRow
	err := store.Tx(ctx).NewRaw(`SELECT `+personColumns+` FROM firm_people AS f WHERE f.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return row.digest(), err
}

// holdParty makes writers about the people of one firm wait for each other, whoever they are.
func holdParty(ctx context.Context, party string) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE party_rows SET till = till WHERE id = ? AND till = ?`, party, open).Exec(ctx)
	return err
}

// peopleOf are the rows of those who have not ended.
func peopleOf(ctx context.Context, party string) (rows []personRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT `+personColumns+` FROM firm_people AS f WHERE f.party = ? AND f.ended_at = '' ORDER BY f.principal DESC, f.since, f.id`, party).Scan(ctx, &rows)
	return rows, err
}

// principalOf is the account of the firm's principal, or empty: a principal whose account was disabled, or from whom an administrator
// took the role, is none.
func principalOf(ctx context.Context, party string) (string, error) {
	var id string
	err := store.Tx(ctx).NewRaw(`SELECT account FROM firm_people WHERE party = ? AND principal = 1 AND ended_at = ''`, party).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	speakers, err := account.SpeakersOf(ctx, party)
	if err != nil || !slices.Contains(speakers, id) {
		return "", err
	}
	return id, nil
}

// admit lets an account act for a firm, in a transaction that holds the party. The first who is no agent is the principal.
func admit(ctx context.Context, party, id, capacity, origin string) error {
	if err := account.AddSpeaker(ctx, id, party, map[string]string{"party": party, "origin": origin}); err != nil {
		return err
	}
	rows, err := peopleOf(ctx, party)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Account == id { // left from a role that an administrator took
			if err := row.end(ctx, "重新加入"); err != nil {
				return err
			}
		}
	}
	principal, err := principalOf(ctx, party)
	if err != nil {
		return err
	}
	row := personRow{ID: store.NewID(), Party: party, Account: id, Capacity: capacity, Origin: origin, Since: store.Stamp(clock.Now(ctx)), SinceBy: account.ActorFrom(ctx).AccountID}
	if principal == "" && capacity != CapacityAgent {
		if err := dismissPrincipal(ctx, party); err != nil {
			return err
		}
		row.Principal = 1
	}
	return row.join(ctx)
}

func (p personRow) join(ctx context.Context) error {
	if _, err := store.Tx(ctx).NewInsert().Model(&p).ModelTableExpr("firm_people").Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return fault.Wrap(fault.Conflict, "这家企业的人员刚有变动，请刷新后再试", err)
		}
		return err
	}
	return p.audit(ctx, "firm_person.joined")
}

// end notes that somebody no longer acts for the firm.
func (p personRow) end(ctx context.Context, reason string) error {
	p.EndedAt, p.EndedBy, p.Reason = store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID, reason
	if _, err := store.Tx(ctx).NewRaw(`UPDATE firm_people SET ended_at = ?, ended_by = ?, reason = ? WHERE id = ? AND ended_at = ''`, p.EndedAt, p.EndedBy, p.Reason, p.ID).Exec(ctx); err != nil {
		return err
	}
	return p.audit(ctx, "firm_person.ended")
}

// setPrincipal makes somebody the principal, or no longer.
func (p personRow) setPrincipal(ctx context.Context, principal int, action string) error {
	p.Principal = principal
	if _, err := store.Tx(ctx).NewRaw(`UPDATE firm_people SET principal = ? WHERE id = ?`, principal, p.ID).Exec(ctx); err != nil {
		return err
	}
	return p.audit(ctx, action)
}

// dismissPrincipal leaves the firm without a principal: who was it goes on acting for the firm, if she does.
func dismissPrincipal(ctx context.Context, party string) error {
	rows, err := peopleOf(ctx, party)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Principal != 0 {
			if err := row.setPrincipal(ctx, 0, "firm_person.dismissed"); err != nil {
				return err
			}
		}
	}
	return nil
}

// manager says as what the actor manages the people of a firm: its principal, or an officer of its town who does not act for it; empty: not at all.
func manager(ctx context.Context, p partyRow) (string, error) {
	a := account.ActorFrom(ctx)
	principal, err := principalOf(ctx, p.ID)
	switch {
	case err != nil:
		return "", err
	case principal != "" && principal == a.AccountID:
		return asPrincipal, nil
	case a.Covers(account.RoleOfficer, "", p.Town) && !a.Speaks(p.ID):
		return asOfficer, nil
	}
	return "", nil
}

// PeopleOf tells who acts for a firm, to those who do and to officers and auditors of its town. NotFound for everybody else.
func (r *Registry) PeopleOf(ctx context.Context, party string) (FirmPeople, error) {
	out := FirmPeople{People: []FirmPerson{}, Claims: []Claim{}, Invitations: []Invitation{}}
	err := store.Read(ctx, func(ctx context.Context) error {
		p, err := visibleFirm(ctx, party)
		if err != nil {
			return err
		}
		out, err = showPeople(ctx, p)
		return err
	})
	return out, err
}

// visibleFirm is a party whose people the actor may see: its own, or one that it reads at the desk as officer or auditor.
func visibleFirm(ctx context.Context, party string) (partyRow, error) {
	p, err := visibleParty(ctx, party)
	if err != nil || account.ActorFrom(ctx).Speaks(party) {
		return p, err
	}
	if towns, all := claimTowns(ctx); all || slices.Contains(towns, p.Town) {
		return p, nil
	}
	return p, notFoundParty()
}

func showPeople(ctx context.Context, p partyRow) (FirmPeople, error) {
	out := FirmPeople{People: []FirmPerson{}, Claims: []Claim{}, Invitations: []Invitation{}}
	as, err := manager(ctx, p)
	if err != nil {
		return out, err
	}
	out.Principal, out.Officer = as == asPrincipal, as == asOfficer
	rows, err := peopleOf(ctx, p.ID)
	if err != nil {
		return out, err
	}
	speakers, err := account.SpeakersOf(ctx, p.ID)
	if err != nil {
		return out, err
	}
	for _, id := range speakers {
		if !slices.ContainsFunc(rows, func(row personRow) bool { return row.Account == id }) {
			rows = append(rows, personRow{Account: id})
		}
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.Account
	}
	who, err := account.People(ctx, ids)
	if err != nil {
		return out, err
	}
	actor := account.ActorFrom(ctx)
	for _, row := range rows {
		person := FirmPerson{Account: row.Account, Name: who[row.Account].Name, Capacity: row.Capacity, Since: row.Since,
			Speaks: slices.Contains(speakers, row.Account), Self: row.Account == actor.AccountID}
		person.Principal = row.Principal != 0 && person.Speaks
		if out.Principal || !actor.Speaks(p.ID) {
			person.Login = who[row.Account].Login
		}
		out.People = append(out.People, person)
	}
	if !out.Principal {
		return out, nil
	}
	var open []claimView
	if err := store.Tx(ctx).NewRaw(`SELECT `+claimViewColumns+claimTables+` WHERE c.state = 'open' AND c.code = ? AND c.code <> '' AND c.account <> ? ORDER BY c.opened_at, c.id LIMIT 100`,
		p.Code, actor.AccountID).Scan(ctx, &open); err != nil {
		return out, err
	}
	if out.Claims, err = showClaims(ctx, open, toPrincipal); err != nil {
		return out, err
	}
	for i := range out.Claims {
		out.Claims[i].Mine = true
	}
	out.Invitations, err = invitationsOf(ctx, p.ID)
	return out, err
}

// changePeople runs a change of a firm's people while nobody else can make one, and tells how they stand then.
func (r *Registry) changePeople(ctx context.Context, party string, change func(ctx context.Context, p partyRow, as string) error) (FirmPeople, error) {
	var out FirmPeople
	err := store.Write(ctx, func(ctx context.Context) error {
		if _, err := visibleFirm(ctx, party); err != nil {
			return err
		}
		if err := holdParty(ctx, party); err != nil {
			return err
		}
		p, err := visibleFirm(ctx, party)
		if err != nil {
			return err
		}
		as, err := manager(ctx, p)
		if err != nil {
			return err
		}
		if err := change(ctx, p, as); err != nil {
			return err
		}
		out, err = showPeople(ctx, p)
		return err
	})
	return out, err
}

func notAPerson() error {
	return fault.New(fault.NotFound, "这家企业没有这名人员，可能刚被解除")
}

// Dismiss ends somebody's acting for a firm, from their next request on: by the firm's principal, by an officer of its town, with a
// reason; or by themselves. Conflict for a principal who would leave without handing over.
func (r *Registry) Dismiss(ctx context.Context, party, id, reason string) (FirmPeople, error) {
	self := account.ActorFrom(ctx).AccountID == id
	if reason = strings.TrimFunc(reason, blank); reason == "" && self {
		reason = "本人退出"
	}
	reason, err := reasonText(reason)
	if err != nil {
		return FirmPeople{}, err
	}
	return r.changePeople(ctx, party, func(ctx context.Context, p partyRow, as string) error {
		switch {
		case self && as == asPrincipal:
			return fault.New(fault.Conflict, "您是企业负责人，请先把负责人移交给他人")
		case !self && as == "":
			return fault.New(fault.Forbidden, "只有企业负责人或镇街经办人员可以解除人员")
		}
		rows, err := peopleOf(ctx, party)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(rows, func(row personRow) bool { return row.Account == id })
		removed, err := account.RemoveSpeaker(ctx, id, party, map[string]string{"party": party, "as": as})
		if fault.CodeOf(err) == fault.NotFound || err == nil && !removed && at < 0 {
			return notAPerson()
		}
		if err != nil {
			return err
		}
		row := personRow{ID: store.NewID(), Party: party, Account: id}
		if at >= 0 {
			row = rows[at]
		} else if err := row.join(ctx); err != nil { // whom an administrator let in: kept, so that they learn why it ended
			return err
		}
		if err := row.end(ctx, reason); err != nil {
			return err
		}
		if self {
			return nil
		}
		return notify.Tell(ctx, []string{id}, notify.Note{Kind: "firm.dismissed", Title: "您不再代表" + p.Name, Body: "理由：" + reason, Link: "claim", Key: party})
	})
}

// HandOver makes somebody who acts for the firm its principal, in place of whoever is: by the principal, or by an officer of the town.
// Conflict for an agent.
func (r *Registry) HandOver(ctx context.Context, party, id string) (FirmPeople, error) {
	return r.changePeople(ctx, party, func(ctx context.Context, p partyRow, as string) error {
		if as == "" {
			return fault.New(fault.Forbidden, "只有企业负责人或镇街经办人员可以移交负责人")
		}
		speakers, err := account.SpeakersOf(ctx, party)
		if err != nil {
			return err
		}
		if !slices.Contains(speakers, id) {
			return notAPerson()
		}
		rows, err := peopleOf(ctx, party)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(rows, func(row personRow) bool { return row.Account == id })
		if at >= 0 && rows[at].Capacity == CapacityAgent {
			return fault.New(fault.Conflict, "代理机构不能作为企业负责人")
		}
		if at >= 0 && rows[at].Principal != 0 {
			return nil
		}
		if err := dismissPrincipal(ctx, party); err != nil {
			return err
		}
		if at >= 0 {
			err = rows[at].setPrincipal(ctx, 1, "firm_person.appointed")
		} else { // whom an administrator let in
			err = personRow{ID: store.NewID(), Party: party, Account: id, Principal: 1, Since: store.Stamp(clock.Now(ctx)), SinceBy: account.ActorFrom(ctx).AccountID}.join(ctx)
		}
		if err != nil {
			return err
		}
		return notify.Tell(ctx, []string{id}, notify.Note{Kind: "firm.principal", Title: "您已成为" + p.Name + "的负责人", Body: "可以邀请、审核和解除本企业的人员。", Link: "firm/" + party + "/people"})
	})
}

// Memberships are the firms that the actor acts for, and those that it did, the latest first. Unauthenticated for the public.
func (r *Registry) Memberships(ctx context.Context) ([]Membership, error) {
	actor := account.ActorFrom(ctx)
	if actor.Public() {
		return nil, fault.New(fault.Unauthenticated, "请先登录")
	}
	out := []Membership{}
	err := store.Read(ctx, func(ctx context.Context) error {
		var rows []struct {
			personRow
			Name string `bun:"name"`
			Code string `bun:"code"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT `+personColumns+`, p.name, p.code FROM firm_people AS f JOIN parties AS p ON p.id = f.party
			WHERE f.account = ? ORDER BY f.since DESC, f.id DESC LIMIT 200`, actor.AccountID).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, row := range rows {
			m := Membership{Party: row.Party, Name: row.Name, Code: row.Code, Capacity: row.Capacity, Principal: row.Principal != 0, Since: row.Since, EndedAt: row.EndedAt, Reason: row.Reason}
			if m.EndedAt == "" && !actor.Speaks(m.Party) {
				continue // an administrator took the role
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}
