package casework

import (
	"context"
	"encoding/json"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Case is one application: of a party, for a scheme, in a round. It exists from the first saved word of its draft.
type Case struct {
	ID          string       `json:"id"`
	Number      string       `json:"number,omitempty" doc:"from its submission on"`
	Round       RoundRef     `json:"round"`
	Scheme      schemes.Lite `json:"scheme"`
	Party       string       `json:"party"`
	PartyName   string       `json:"party_name"`
	PartyCode   string       `json:"party_code"`
	Town        string       `json:"town"`
	Department  string       `json:"department" doc:"who reviews it"`
	Origin      string       `json:"origin" enum:"applicant,system,office,called" doc:"who began: the applicant, the system with a proposal, the department in charge, or the party, which the department called on"`
	SavedAt     string       `json:"saved_at"`
	SubmittedAt string       `json:"submitted_at,omitempty"`
	SubmittedBy string       `json:"submitted_by,omitempty"`
	Assessment  *Assessment  `json:"assessment,omitempty" doc:"the evaluation that counts now; absent before submission"`
	Sum         Sum          `json:"sum"`
	Lacking     []Lack       `json:"lacking" nullable:"false" doc:"what was asked for in the last request for correction"`
	Stage       string       `json:"stage"`
	Public      string       `json:"public" doc:"what the stage means, in plain words"`
	Ended       string       `json:"ended,omitempty" enum:"granted,refused,withdrawn,done"`
	Version     int64        `json:"version"`
	Certificate string       `json:"certificate,omitempty" doc:"the certificate that it is about, or led to"`

	Level string         `json:"level,omitempty" doc:"that it was evaluated at, where its scheme has levels and it is certain"`
	Thing registry.Thing `json:"thing" doc:"which of the party's things (its project) it is about; empty: the party itself"`
}

// RoundRef names a round.
type RoundRef struct {
	ID          string      `json:"id"`
	Number      string      `json:"number"`
	Title       string      `json:"title"`
	Standing    bool        `json:"standing" doc:"a standing item"`
	Performance int         `json:"performance"`
	Opens       policy.Date `json:"opens"`
	Closes      policy.Date `json:"closes"`
}

// Assessment is what an evaluation found, in short.
type Assessment struct {
	ID        string        `json:"id"`
	Answer    policy.Answer `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Amount    policy.Amount `json:"amount"`
	Left      *policy.Left  `json:"left,omitempty" doc:"what the limits of the party left of the amount when it was made"`
	Verified  bool          `json:"verified" doc:"every fact it rests on is verified"`
	On        policy.Date   `json:"on"`
	FactsHash string        `json:"facts_hash"`
	SetHash   string        `json:"set_hash"`
}

// Sum is what became of the money of a case, in fen; absent: not yet.
type Sum struct {
	Decided       *policy.Fen  `json:"decided,omitempty" doc:"set by a person below a ceiling or within a range"`
	DecidedReason string       `json:"decided_reason,omitempty"`
	DecidedBy     string       `json:"decided_by,omitempty"`
	Settled       *policy.Fen  `json:"settled,omitempty"`
	Cuts          []policy.Cut `json:"cuts" nullable:"false"`
	Awarded       *policy.Fen  `json:"awarded,omitempty"`
	Paid          *policy.Fen  `json:"paid,omitempty"`
	PaidOn        policy.Date  `json:"paid_on,omitempty"`
}

// Lack is one thing that a request for correction names.
type Lack struct {
	Material string `json:"material,omitempty" maxLength:"40" doc:"key of the materials list; empty: something else"`
	Text     string `json:"text" maxLength:"500"`
}

// CaseFilter selects cases; zero values select all that the actor may see. Drafts are only their applicants'.
type CaseFilter struct {
	Text       string // number, name or code
	Round      string
	Scheme     string
	Party      string
	Department string
	Town       string
	Stage      string
	Ended      string // granted, refused, withdrawn, open (not ended)
	Late       bool   // only of those whose party was late with what it had to do first
	Page, Per  int
}

// CaseRow is a case in a list.
type CaseRow struct {
	ID          string      `json:"id"`
	Number      string      `json:"number"`
	Round       string      `json:"round"`
	RoundTitle  string      `json:"round_title"`
	Scheme      string      `json:"scheme"`
	SchemeTitle string      `json:"scheme_title" doc:"with what it is about"`
	Thing       string      `json:"thing,omitempty" doc:"which of the party's things (its project) it is about"`
	Party       string      `json:"party"`
	PartyName   string      `json:"party_name"`
	PartyCode   string      `json:"party_code"`
	Town        string      `json:"town"`
	Department  string      `json:"department"`
	Answer      string      `json:"answer" doc:"met, unmet, unknown, manual, not_applicable; empty before submission"`
	AmountText  string      `json:"amount_text"`
	Level       string      `json:"level,omitempty" doc:"that it was last evaluated at"`
	Decided     *policy.Fen `json:"decided,omitempty"`
	Settled     *policy.Fen `json:"settled,omitempty"`
	Awarded     *policy.Fen `json:"awarded,omitempty"`
	Paid        *policy.Fen `json:"paid,omitempty"`
	SubmittedAt string      `json:"submitted_at"`
	SavedAt     string      `json:"saved_at"`
	Stage       string      `json:"stage"`
	StageTitle  string      `json:"stage_title"`
	Public      string      `json:"public" doc:"what the stage means, in plain words"`
	Origin      string      `json:"origin" enum:"applicant,system,office,called" doc:"who began: the applicant, the system with a proposal, the department in charge, or the party, which the department called on"`
	Ended       string      `json:"ended,omitempty"`
	Late        bool        `json:"late,omitempty" doc:"the party was called on and handed in after the limit, or has not and the limit is over"`
}

// CasePage is a page of cases.
type CasePage struct {
	Items []CaseRow `json:"items" nullable:"false"`
	Total int       `json:"total" doc:"counted to 1000; to 100 where a word is in many"`
	More  bool      `json:"more" doc:"there are more"`
	Page  int       `json:"page"`
}

// Cases lists cases that the actor may see, the newest submission first.
func (c *Casework) Cases(ctx context.Context, f CaseFilter) (*CasePage, error) {
	out := &CasePage{Page: f.Page}
	err := store.Read(ctx, func(ctx context.Context) error {
		rows, total, more, err := c.listCases(ctx, f)
		if err != nil {
			return err
		}
		out.Total, out.More = total, more
		out.Items, err = c.caseRows(ctx, rows)
		return err
	})
	return out, err
}

// Case by its id. NotFound if the actor may not see it.
func (c *Casework) Case(ctx context.Context, id string) (*Case, error) {
	var out *Case
	err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		out, err = c.caseOf(ctx, id)
		return err
	})
	return out, err
}

func (c *Casework) caseOf(ctx context.Context, id string) (*Case, error) {
	row, err := visibleCase(ctx, id)
	if err != nil {
		return nil, err
	}
	round, err := roundByID(ctx, row.Round)
	if err != nil {
		return nil, err
	}
	set, err := row.rules(ctx)
	if err != nil {
		return nil, err
	}
	return row.view(ctx, c, round, set)
}

// Progress is where a case (or a round) stands in its process: its stage, what the actor may do, its history, its clocks.
func (c *Casework) Progress(ctx context.Context, flow, id string) (process.View, error) {
	var out process.View
	err := store.Read(ctx, func(ctx context.Context) error {
		var err error
		if flow == flowRound {
			_, err = visibleRound(ctx, id)
		} else {
			_, err = visibleCase(ctx, id)
		}
		if err != nil {
			return err
		}
		out, err = c.engine.Of(ctx, flow, id)
		return err
	})
	return out, err
}

// Doing is an action that somebody takes on a case or a round.
type Doing struct {
	Task    string          `json:"task,omitempty" maxLength:"64" doc:"the task it is an action of; empty for an action that is always there"`
	Action  string          `json:"action" maxLength:"80"`
	Version int64           `json:"version" doc:"of the task or the instance, as it was shown: somebody else's step in between is a conflict"`
	Reason  string          `json:"reason,omitempty" maxLength:"2000"`
	Data    json.RawMessage `json:"data,omitempty" doc:"what the action's needs ask for"`
}

// Do takes an action on a case. NotFound if the actor may not see the case; the engine's errors as they come; Invalid names the field.
func (c *Casework) Do(ctx context.Context, id string, d Doing) (*Case, error) {
	var out *Case
	err := store.Write(ctx, func(ctx context.Context) error {
		if _, err := visibleCase(ctx, id); err != nil {
			return err
		}
		if err := c.act(ctx, flowCase, id, d); err != nil {
			return err
		}
		var err error
		out, err = c.caseOf(ctx, id)
		return err
	})
	return out, err
}

// DoRound takes an action on a round. Errors as Do.
func (c *Casework) DoRound(ctx context.Context, id string, d Doing) (*Round, error) {
	var out *Round
	err := store.Write(ctx, func(ctx context.Context) error {
		if _, err := visibleRound(ctx, id); err != nil {
			return err
		}
		if err := c.act(ctx, flowRound, id, d); err != nil {
			return err
		}
		var err error
		out, err = c.roundOf(ctx, id)
		return err
	})
	return out, err
}

func (c *Casework) act(ctx context.Context, flow, id string, d Doing) error {
	_, err := c.engine.Act(ctx, process.Act{Task: d.Task, Flow: flow, Subject: id, Action: d.Action, Version: d.Version,
		Input: process.Input{Reason: d.Reason, Data: d.Data}})
	return err
}

// record appends the audit event of a change to a case that has been written whole, inside the transaction that wrote it.
func (r *caseRow) record(ctx context.Context, action string, data any) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: caseKind, ID: r.ID, Digest: r.digest(), Data: data})
}

// recordCase is record for a case of which some columns were written.
func recordCase(ctx context.Context, action, id string, data any) error {
	digest, err := caseDigest(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: caseKind, ID: id, Digest: digest, Data: data})
}

func notFoundCase() error {
	return fault.New(fault.NotFound, "没有这件申报，或不在您的权限范围内")
}

func mustSpeak(ctx context.Context, party string) error {
	if !account.ActorFrom(ctx).Speaks(party) {
		return fault.New(fault.Forbidden, "只有企业自己的账号可以填报和提交")
	}
	return nil
}
