package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
)

// A claim is how somebody comes to act for a firm: they give its code, say in what capacity they act, and bring evidence; an officer of the
// firm's town decides, or the firm's principal does. Approved, it is a firm grant of the account from its next request on.

// In what capacity somebody acts for a firm.
const (
	CapacityLegal   = "法定代表人"
	CapacityHandler = "经办人"
	CapacityAgent   = "代理机构" // acts for many firms and is never a firm's principal
)

// States of a claim.
const (
	ClaimOpen      = "open"
	ClaimApproved  = "approved"
	ClaimRefused   = "refused"
	ClaimWithdrawn = "withdrawn"
)

// Who ended a claim.
const (
	asOfficer   = "officer"
	asPrincipal = "principal"
	asClaimant  = "claimant"
)

// What may be attached to a claim.
const (
	maxEvidence     = 5
	maxEvidenceSize = 10 << 20
	maxEvidenceSum  = 20 << 20
	maxOpenClaims   = 20 // of one account
)

var evidenceTypes = []files.Type{files.PDF, files.JPEG, files.PNG, files.OFD}

// FirmName is all that the code of a firm tells somebody who wants to act for it.
type FirmName struct {
	Code  string `json:"code"`
	Known bool   `json:"known" doc:"the registry has a firm of this code"`
	Name  string `json:"name,omitempty" doc:"of the firm, when it is known"`
}

// Claim is somebody's request to act for a firm. What it holds depends on who reads it: the claimant learns nothing of the firm but its name.
type Claim struct {
	ID        string       `json:"id"`
	Code      string       `json:"code"`
	Name      string       `json:"name" doc:"of the firm"`
	Known     bool         `json:"known" doc:"the registry has a firm of this code"`
	Party     string       `json:"party,omitempty" doc:"the firm; the claimant learns it when the claim is approved"`
	Town      string       `json:"town,omitempty" doc:"not told to the claimant"`
	Guarded   bool         `json:"guarded" doc:"the firm has a principal, who was asked first; not told to the claimant"`
	Claimant  string       `json:"claimant"`
	Login     string       `json:"login"`
	Capacity  string       `json:"capacity" enum:"法定代表人,经办人,代理机构"`
	Statement string       `json:"statement"`
	Evidence  []files.File `json:"evidence" nullable:"false"`
	State     string       `json:"state" enum:"open,approved,refused,withdrawn"`
	OpenedAt  string       `json:"opened_at"`
	Waiting   int          `json:"waiting" doc:"days from the claim until today, or until it ended"`
	Reason    string       `json:"reason,omitempty" doc:"of the decision"`
	DecidedAt string       `json:"decided_at,omitempty"`
	DecidedAs string       `json:"decided_as,omitempty" enum:"officer,principal,claimant"`
	DecidedBy string       `json:"decided_by,omitempty" doc:"not told to the claimant"`
	Mine      bool         `json:"mine" doc:"whoever asks may decide it"`
}

// NewClaim is what a claimant states. Name and Town are for a firm that the registry does not have.
type NewClaim struct {
	Code, Name, Town, Capacity, Statement string
	Evidence                              []Evidence
}

// Evidence is a file on its way in. Open is called again when the transaction is run again.
type Evidence struct {
	Name string
	Open func() (io.ReadCloser, error)
}

type claimRow struct {
	ID        string `bun:"id"`
	Account   string `bun:"account"`
	Code      string `bun:"code"`
	Name      string `bun:"name"`
	Town      string `bun:"town"`
	Capacity  string `bun:"capacity"`
	Statement string `bun:"statement"`
	Evidence  string `bun:"evidence"`
	State     string `bun:"state"`
	Party     string `bun:"party"`
	OpenedAt  string `bun:"opened_at"`
	Reason    string `bun:"reason"`
	DecidedAt string `bun:"decided_at"`
	DecidedBy string `bun:"decided_by"`
	DecidedAs string `bun:"decided_as"`
}

const claimColumns = `c.id, c.account, c.code, c.name, c.town, c.capacity, c.statement, c.evidence, c.state, c.party, c.opened_at, c.reason, c.decided_at, c.decided_by, c.decided_as`

func (c claimRow) digest() string {
	return audit.DigestJSON(c.ID, c.Account, c.Code, c.Name, c.Town, c.Capacity, c.Statement, c.Evidence, c.State, c.Party, c.OpenedAt, c.Reason, c.DecidedAt, c.DecidedBy, c.DecidedAs)
}

func (c claimRow) audit(ctx context.Context, action string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: "claim", ID: c.ID, Digest: c.digest(),
		Data: map[string]string{"code": c.Code, "account": c.Account, "capacity": c.Capacity, "party": c.Party, "as": c.DecidedAs}})
}

func digestOfClaim(ctx context.Context, id string) (string, error) {
	var row claimRow
	err := store.Tx(ctx).NewRaw(`SELECT `+claimColumns+` FROM claims AS c WHERE c.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return row.digest(), err
}

func (c claimRow) owner() string { return "claim:" + c.ID }

func (c claimRow) fileIDs() (ids []string) {
	_ = json.Unmarshal([]byte(c.Evidence), &ids) // written by ourselves
	return ids
}

// FirmName tells what firm a code is of. Unauthenticated for the public, Invalid for what is no code.
func (r *Registry) FirmName(ctx context.Context, code string) (FirmName, error) {
	if account.ActorFrom(ctx).Public() {
		return FirmName{}, fault.New(fault.Unauthenticated, "请先登录")
	}
	out := FirmName{Code: NormalCode(code)}
	err := store.Read(ctx, func(ctx context.Context) error {
		p, err := firmOfCode(ctx, out.Code)
		if err == nil && p != nil {
			out.Known, out.Name = true, p.Name
		}
		return err
	})
	if err == nil && !out.Known {
		err = goodCode(out.Code)
	}
	return out, err
}

// firmOfCode is the firm or organisation of a normal code, whoever asks; nil when the registry has none.
func firmOfCode(ctx context.Context, code string) (*partyRow, error) {
	var rows []partyRow
	err := store.Tx(ctx).NewRaw(`SELECT `+partyColumns+` FROM parties AS p WHERE p.code = ? AND p.code <> '' AND p.kind <> ?`, code, KindPerson).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// goodCode is CheckCode beside the field.
func goodCode(code string) error {
	err := CheckCode(code)
	if f := fault.Public(err); f != nil {
		return fault.New(fault.Invalid, f.Message, fault.At("code", "%s", f.Message))
	}
	return err
}

// Claim asks to act for the firm of a code, with evidence, in one transaction. Unauthenticated for the public, Invalid names every field,
// Conflict when the claimant acts for the firm already or has an open claim to it.
func (r *Registry) Claim(ctx context.Context, n NewClaim) (Claim, error) {
	actor := account.ActorFrom(ctx)
	if actor.Public() {
		return Claim{}, fault.New(fault.Unauthenticated, "请先登录")
	}
	var out Claim
	err := store.Write(ctx, func(ctx context.Context) error {
		row := claimRow{ID: store.NewID(), Account: actor.AccountID, Code: NormalCode(n.Code), Name: strings.TrimFunc(n.Name, blank), Town: strings.TrimFunc(n.Town, blank),
			Capacity: n.Capacity, Statement: strings.TrimFunc(n.Statement, blank), State: ClaimOpen, OpenedAt: store.Stamp(clock.Now(ctx))}
		p, err := firmOfCode(ctx, row.Code)
		if err != nil {
			return err
		}
		if p != nil {
			row.Name, row.Town = p.Name, p.Town
		}
		if err := r.checkClaim(ctx, row, p != nil, len(n.Evidence)); err != nil {
			return err
		}
		if p != nil && actor.Speaks(p.ID) {
			return fault.New(fault.Conflict, "您已经可以代表这家企业，不用再认领")
		}
		var waiting int
		if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM claims WHERE account = ? AND state = 'open'`, row.Account).Scan(ctx, &waiting); err != nil {
			return err
		}
		if waiting >= maxOpenClaims {
			return fault.New(fault.Conflict, "您待审核的认领申请太多了，请等办结一些后再提交")
		}
		if row.Evidence, err = keepEvidence(ctx, row.owner(), n.Evidence); err != nil {
			return err
		}
		if _, err := store.Tx(ctx).NewInsert().Model(&row).ModelTableExpr("claims").Exec(ctx); err != nil {
			if store.IsUnique(err) {
				return fault.Wrap(fault.Conflict, "您已提交过这家企业的认领申请，请等待审核", err)
			}
			return err
		}
		if err := row.audit(ctx, "claim.made"); err != nil {
			return err
		}
		v := claimView{claimRow: row}
		if p != nil {
			v.Of = *p
		}
		if err := askAboutClaim(ctx, v); err != nil {
			return err
		}
		out, err = showClaim(ctx, v, toClaimant)
		return err
	})
	return out, err
}

// checkClaim says everything that is wrong with a new claim.
func (r *Registry) checkClaim(ctx context.Context, c claimRow, known bool, evidence int) error {
	var wrong []fault.Detail
	if !known {
		if err := CheckCode(c.Code); err != nil {
			wrong = append(wrong, fault.At("code", "%s", fault.Public(err).Message))
		}
		if c.Name == "" || utf8.RuneCountInString(c.Name) > 100 || !store.Plain(c.Name) {
			wrong = append(wrong, fault.At("name", "请填写企业名称（100字以内）"))
		}
		words, err := r.Words(ctx)
		if err != nil {
			return err
		}
		if !slices.Contains(words.Towns, c.Town) {
			wrong = append(wrong, fault.At("town", "请选择企业所在镇街"))
		}
	}
	switch c.Capacity {
	case CapacityLegal, CapacityHandler, CapacityAgent:
	default:
		wrong = append(wrong, fault.At("capacity", "请选择您的身份"))
	}
	if n := utf8.RuneCountInString(c.Statement); n < 2 || n > 500 || !store.Plain(c.Statement) {
		wrong = append(wrong, fault.At("statement", "请写明情况（2至500个字）"))
	}
	if evidence < 1 || evidence > maxEvidence {
		wrong = append(wrong, fault.At("file", "请上传1至%d个证明文件", maxEvidence))
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "请更正标出的内容", wrong...)
	}
	return nil
}

// keepEvidence keeps the files of a claim, which can never be deleted, and gives their ids as the table holds them.
func keepEvidence(ctx context.Context, owner string, evidence []Evidence) (string, error) {
	var ids []string
	for _, e := range evidence {
		content, err := e.Open()
		if err != nil {
			return "", err
		}
		f, err := files.Put(ctx, content, files.Meta{Name: e.Name, Owner: owner}, files.Limits{Types: evidenceTypes, Size: maxEvidenceSize, Files: maxEvidence, Total: maxEvidenceSum})
		content.Close()
		if err != nil {
			return "", err
		}
		ids = append(ids, f.ID)
	}
	if err := files.Pin(ctx, owner, ids...); err != nil {
		return "", err
	}
	return jsonText(ids)
}

// WithdrawClaim ends an open claim of the actor's own. NotFound if there is no such claim, Conflict if it has ended.
func (r *Registry) WithdrawClaim(ctx context.Context, id string) (Claim, error) {
	var out Claim
	err := store.Write(ctx, func(ctx context.Context) error {
		v, to, err := visibleClaim(ctx, id)
		if err != nil {
			return err
		}
		if to != toClaimant {
			return notFoundClaim()
		}
		v.State, v.DecidedAs = ClaimWithdrawn, asClaimant
		if err := endClaim(ctx, &v.claimRow); err != nil {
			return err
		}
		if err := v.audit(ctx, "claim.withdrawn"); err != nil {
			return err
		}
		out, err = showClaim(ctx, v, to)
		return err
	})
	return out, err
}

// DecideClaim approves or refuses an open claim, with a reason for a refusal. The firm's principal may, and an officer whose scope covers
// the town; never the claimant, nor an officer who acts for the firm or wants to. Approved, the claimant acts for the firm from the next
// request on; the first who is no agent becomes the firm's principal.
// NotFound if the actor may not see it, Conflict if somebody was faster, or the registry has no firm of the code yet.
func (r *Registry) DecideClaim(ctx context.Context, id string, approve bool, reason string) (Claim, error) {
	reason = strings.TrimFunc(reason, blank)
	if !approve || reason != "" {
		var err error
		if reason, err = reasonText(reason); err != nil {
			return Claim{}, err
		}
	}
	var out Claim
	err := store.Write(ctx, func(ctx context.Context) error {
		v, to, err := visibleClaim(ctx, id)
		if err != nil {
			return err
		}
		if v.Of.ID != "" {
			// Whoever else changes the people of this firm waits; who its principal is was read before.
			if err := holdParty(ctx, v.Of.ID); err != nil {
				return err
			}
			if v, to, err = visibleClaim(ctx, id); err != nil {
				return err
			}
		}
		as, err := mayDecideClaim(ctx, v)
		if err != nil {
			return err
		}
		if v.State != ClaimOpen {
			return endedClaim(ctx, v.claimRow)
		}
		action := "claim.refused"
		v.State, v.Reason, v.DecidedAs = ClaimRefused, reason, as
		if approve {
			if v.Of.ID == "" {
				return fault.New(fault.Conflict, "名录里还没有这家企业。请先登记这家企业，再通过认领")
			}
			action, v.State, v.Party = "claim.approved", ClaimApproved, v.Of.ID
		}
		if err := endClaim(ctx, &v.claimRow); err != nil {
			if fault.CodeOf(err) == fault.Conflict {
				return endedClaim(ctx, v.claimRow)
			}
			return err
		}
		if approve {
			if err := admit(ctx, v.Party, v.Account, v.Capacity, v.ID); err != nil {
				return err
			}
		}
		if err := v.audit(ctx, action); err != nil {
			return err
		}
		if err := tellClaimant(ctx, v); err != nil {
			return err
		}
		out, err = showClaim(ctx, v, to)
		return err
	})
	return out, err
}

// mayDecideClaim says as what the actor may decide a claim that it may see. Forbidden says why not.
func mayDecideClaim(ctx context.Context, v claimView) (string, error) {
	a := account.ActorFrom(ctx)
	if a.Same(v.Account) {
		return "", fault.New(fault.Forbidden, "不能审核自己的认领申请")
	}
	if v.Of.ID != "" {
		principal, err := principalOf(ctx, v.Of.ID)
		if err != nil {
			return "", err
		}
		if principal == a.AccountID && a.For == nil {
			return asPrincipal, nil
		}
		if a.Speaks(v.Of.ID) {
			return "", fault.New(fault.Forbidden, "您自己代表这家企业，不能以经办人员的身份审核")
		}
	}
	if !a.Covers(account.RoleOfficer, "", v.town()) {
		return "", fault.New(fault.Forbidden, "只有镇街经办人员或企业负责人可以审核认领申请")
	}
	var own int
	if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM claims WHERE account IN (?) AND code = ? AND state = 'open'`, bun.List(a.Persons()), v.Code).Scan(ctx, &own); err != nil {
		return "", err
	}
	if own > 0 {
		return "", fault.New(fault.Forbidden, "您自己也在认领这家企业，不能审核")
	}
	return asOfficer, nil
}

// endClaim ends a claim as its row now says. Conflict if it is no longer open: of two who decide at once one wins.
func endClaim(ctx context.Context, c *claimRow) error {
	c.DecidedAt, c.DecidedBy = store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID
	done, err := store.Tx(ctx).NewRaw(`UPDATE claims SET state = ?, party = ?, reason = ?, decided_at = ?, decided_by = ?, decided_as = ? WHERE id = ? AND state = 'open'`,
		c.State, c.Party, c.Reason, c.DecidedAt, c.DecidedBy, c.DecidedAs, c.ID).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fault.Wrap(fault.Conflict, "这份认领申请已经办结", err)
	}
	return nil
}

// endedClaim tells whoever came second who was first, and when.
func endedClaim(ctx context.Context, c claimRow) error {
	if err := store.Tx(ctx).NewRaw(`SELECT `+claimColumns+` FROM claims AS c WHERE c.id = ?`, c.ID).Scan(ctx, &c); err != nil {
		return err
	}
	people, err := account.People(ctx, []string{c.DecidedBy})
	if err != nil {
		return err
	}
	who := people[c.DecidedBy].Name
	if c.DecidedAs == asClaimant || who == "" {
		who = "申请人"
	}
	return fault.New(fault.Conflict, "这份认领申请已由"+who+"于"+clock.Shown(c.DecidedAt)+"办结")
}

// ClaimEvidence opens a file of a claim that the actor may see; the reading is logged. NotFound as ClaimOf.
func (r *Registry) ClaimEvidence(ctx context.Context, id, file string) (files.File, io.ReadCloser, error) {
	err := store.Write(ctx, func(ctx context.Context) error {
		v, to, err := visibleClaim(ctx, id)
		if err != nil {
			return err
		}
		if !slices.Contains(v.fileIDs(), file) {
			return notFoundClaim()
		}
		if to == toClaimant {
			return nil // her own
		}
		return audit.Append(ctx, audit.Event{Action: "claim.evidence", Kind: "claim", ID: v.ID, Data: map[string]string{"file": file}})
	})
	if err != nil {
		return files.File{}, nil, err
	}
	return files.Open(ctx, file)
}

func notFoundClaim() error {
	return fault.New(fault.NotFound, "没有这份认领申请，或不在您的权限范围内")
}
