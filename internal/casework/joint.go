package casework

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// JointReview is one joint review (联合审查) of an application: who was asked, who said what and when, what differs, and what came of it.
type JointReview struct {
	Stage   string    `json:"stage"`
	Title   string    `json:"title" doc:"of the stage"`
	Rule    string    `json:"rule" doc:"what carries it, in words, with where that comes from"`
	Blind   bool      `json:"blind" doc:"nobody sees the others' opinions until all have given theirs"`
	Result  string    `json:"result" enum:"waits,agreed,opposed,divided,stopped" doc:"waits: an opinion is missing; stopped: the case was led away before all had answered"`
	Led     string    `json:"led,omitempty" doc:"title of the stage that the result led to"`
	Asked   []Opinion `json:"asked" nullable:"false" doc:"one for each department that is asked, in the order of the file"`
	Differs []string  `json:"differs" nullable:"false" doc:"how the opinions differ, in sentences; empty while they do not, or may not be seen"`
}

// Opinion is what a department says in a joint review.
type Opinion struct {
	Task       string         `json:"task" doc:"title of the task"`
	Department string         `json:"department"`
	Says       string         `json:"says,omitempty" enum:"agree,conditional,object,none" doc:"absent: not yet given, or not yet to be seen; none: it let its time pass"`
	Given      bool           `json:"given" doc:"an opinion was given, whether it may be seen or not"`
	Silent     bool           `json:"silent" doc:"its time passed, and the file says what that counts as"`
	Reason     string         `json:"reason,omitempty"`
	Sum        *policy.Fen    `json:"sum,omitempty" doc:"what it proposes to pay"`
	Cite       string         `json:"cite,omitempty" doc:"the rule by which its silence counts as it does"`
	At         string         `json:"at,omitempty"`
	By         string         `json:"by,omitempty"`
	Limit      *process.Limit `json:"limit,omitempty" doc:"of one that is still to answer"`
}

const opinionKind = "opinion"

func init() {
	audit.RegisterRow(opinionKind, opinionDigest)
	audit.RegisterList(opinionKind, audit.IDs("case_opinions"))
}

type opinionRow struct {
	bun.BaseModel `bun:"table:case_opinions,alias:o"`

	ID         string `bun:"id,pk"`
	Case       string `bun:"case_id"`
	Visit      int64  `bun:"visit"`
	Stage      string `bun:"stage"`
	Task       string `bun:"task"`
	Department string `bun:"department"`
	Says       string `bun:"says"`
	Silent     int64  `bun:"silent"`
	Reason     string `bun:"reason"`
	Sum        int64  `bun:"sum"`
	Cite       string `bun:"cite"`
	SaidAt     string `bun:"said_at"`
	SaidBy     string `bun:"said_by"`
	Account    string `bun:"account"`
}

func (r *opinionRow) digest() string {
	return audit.Digest(r.ID, r.Case, strconv.FormatInt(r.Visit, 10), r.Stage, r.Task, r.Department, r.Says, strconv.FormatInt(r.Silent, 10), r.Reason,
		strconv.FormatInt(r.Sum, 10), r.Cite, r.SaidAt, r.SaidBy, r.Account)
}

func opinionDigest(ctx context.Context, id string) (string, error) {
	r := &opinionRow{}
	err := store.Tx(ctx).NewSelect().Model(r).Where("o.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	return r.digest(), err
}

func (r *opinionRow) stance() policy.Stance { return policy.Stance{Says: r.Says, Sum: fenOrNil(r.Sum)} }

// keepStance keeps what a department says in a joint review.
func (c *Casework) keepStance(ctx context.Context, m process.Move, row *caseRow) error {
	var data struct {
		Stance struct {
			Says string      `json:"says"`
			Sum  *policy.Fen `json:"sum"`
		} `json:"stance"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	s := data.Stance
	var details []fault.Detail
	if !slices.Contains([]string{policy.Agrees, policy.Demurs, policy.Objects}, s.Says) {
		details = append(details, fault.At("data.stance.says", "请选择同意、有条件同意或不同意"))
	}
	if m.Input.Reason == "" && s.Says != policy.Agrees {
		details = append(details, fault.At("reason", "有条件同意的请写明条件，不同意的请写明理由"))
	}
	sum, err := c.proposedSum(ctx, m, row, s.Says, s.Sum)
	if err != nil {
		return err
	}
	details = append(details, sum...)
	if len(details) > 0 {
		return fault.New(fault.Invalid, "请更正意见", details...)
	}
	rows, err := opinionsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	me := account.ActorFrom(ctx).AccountID
	for i := range rows {
		if o := &rows[i]; o.Visit == m.Instance.Visit && o.Account == me {
			return fault.New(fault.Forbidden, "您已代表"+o.Department+"给出意见，另一个部门的意见请由别人给出")
		}
	}
	r := &opinionRow{Says: s.Says, Reason: m.Input.Reason, Sum: unset, SaidBy: by(ctx), Account: me}
	if s.Sum != nil {
		r.Sum = int64(*s.Sum)
	}
	return putOpinion(ctx, m, row, r)
}

// proposedSum says what is wrong with the sum that a department proposes: asked for below a ceiling alone, of who agrees.
func (c *Casework) proposedSum(ctx context.Context, m process.Move, row *caseRow, says string, sum *policy.Fen) ([]fault.Detail, error) {
	const field = "data.stance.sum"
	switch {
	case !slices.Contains(m.Action.Needs, "sum"), says == policy.Objects:
		if sum != nil {
			return []fault.Detail{fault.At(field, "这里不填建议的金额")}, nil
		}
		return nil, nil
	}
	e, err := evaluationByID(ctx, row.Evaluation)
	if err != nil {
		return nil, err
	}
	v, err := e.view()
	if err != nil {
		return nil, err
	}
	amount, _ := v.Result.Claimable(true)
	switch {
	case amount.Kind == policy.Exact && sum != nil && *sum != amount.High:
		return []fault.Detail{fault.At(field, "条款规定的是确定金额，不能另行建议")}, nil
	case amount.Kind == policy.Exact:
		return nil, nil
	case sum == nil:
		return []fault.Detail{fault.At(field, "请填写建议的金额")}, nil
	case *sum < 0 || !amount.Holds(*sum):
		return []fault.Detail{fault.At(field, "建议的金额应在%s之内", amount.Text)}, nil
	}
	return nil, nil
}

// keepSilence keeps what it counts as that a department let its time pass.
func (c *Casework) keepSilence(ctx context.Context, m process.Move, row *caseRow) error {
	if m.Actor != nil {
		return fault.New(fault.Forbidden, "这一步由系统在期限过后办理")
	}
	return putOpinion(ctx, m, row, &opinionRow{Says: m.Args["as"], Silent: 1, Reason: m.Input.Reason, Sum: unset, Cite: m.Args["cite"], SaidBy: by(ctx),
		Account: account.SystemID})
}

func putOpinion(ctx context.Context, m process.Move, row *caseRow, r *opinionRow) error {
	if m.Task == nil {
		return errors.New("casework: an opinion without a task")
	}
	r.ID, r.Case, r.Visit, r.Stage, r.Task, r.Department, r.SaidAt = store.NewID(), row.ID, m.Instance.Visit, m.Task.Stage, m.Task.Key, m.Task.Department, store.Stamp(clock.Now(ctx))
	if _, err := store.Tx(ctx).NewInsert().Model(r).Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return fault.New(fault.Conflict, "这个部门刚刚给出过意见，请刷新后再看")
		}
		return err
	}
	// What it says stays out of the log: the others may not see it yet.
	return audit.Append(ctx, audit.Event{Action: "case.opinion", Kind: opinionKind, ID: r.ID, Digest: r.digest(), Data: map[string]string{"case": row.ID, "department": r.Department}})
}

// opinionsOf are the opinions about a case, the oldest review first.
func opinionsOf(ctx context.Context, id string) (rows []opinionRow, err error) {
	err = store.Tx(ctx).NewSelect().Model(&rows).Where("o.case_id = ?", id).OrderExpr("o.visit, o.task").Scan(ctx)
	return rows, err
}

// stances are what the tasks of a stage say in one review, in the order of the file, and the rows that say it.
func stances(stage *policy.Stage, rows []opinionRow) ([]policy.Stance, []*opinionRow) {
	all, given := make([]policy.Stance, len(stage.Tasks)), make([]*opinionRow, len(stage.Tasks))
	for i, t := range stage.Tasks {
		for j := range rows {
			if rows[j].Task == t.Key {
				all[i], given[i] = rows[j].stance(), &rows[j]
			}
		}
	}
	return all, given
}

// joined says what comes of the joint review that a case stands at.
func (c *Casework) joined(ctx context.Context, m process.Move, row *caseRow) (string, error) {
	p, err := c.engine.Process(ctx, row.Process)
	if err != nil {
		return "", err
	}
	rows, err := opinionsOf(ctx, row.ID)
	if err != nil {
		return "", err
	}
	rows = slices.DeleteFunc(rows, func(r opinionRow) bool { return r.Visit != m.Instance.Visit })
	stage := p.Flow(flowCase).Stage(m.From)
	all, _ := stances(stage, rows)
	return stage.Joint.Result(all), nil
}

// JointReviews are the joint reviews of a case, the latest first: for those who review it, not for the applicant. NotFound if the actor may
// not see the case, Forbidden for the applicant.
func (c *Casework) JointReviews(ctx context.Context, id string) ([]JointReview, error) {
	out := []JointReview{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		actor := account.ActorFrom(ctx)
		if !actor.Reader() || actor.Speaks(row.Party) {
			return fault.New(fault.Forbidden, "部门的意见只供办理人员查看")
		}
		p, err := c.engine.Process(ctx, row.Process)
		if err != nil {
			return err
		}
		flow := p.Flow(flowCase)
		if !slices.ContainsFunc(flow.Stages, func(s *policy.Stage) bool { return s.Joint != nil }) {
			return nil
		}
		view, err := c.engine.Of(ctx, flowCase, id)
		if err != nil {
			return err
		}
		rows, err := opinionsOf(ctx, id)
		if err != nil {
			return err
		}
		byVisit := map[int64][]opinionRow{}
		for _, r := range rows {
			byVisit[r.Visit] = append(byVisit[r.Visit], r)
		}
		at := view.Instance
		if s := flow.Stage(at.Stage); s.Joint != nil && byVisit[at.Visit] == nil {
			byVisit[at.Visit] = []opinionRow{}
		}
		visits := make([]int64, 0, len(byVisit))
		for v := range byVisit {
			visits = append(visits, v)
		}
		slices.Sort(visits)
		slices.Reverse(visits)
		for _, v := range visits {
			key := at.Stage
			if list := byVisit[v]; len(list) > 0 {
				key = list[0].Stage
			}
			out = append(out, jointReview(flow, flow.Stage(key), byVisit[v], v == at.Visit, view.Tasks, actor.AccountID))
		}
		return nil
	})
	return out, err
}

// jointReview is one review as somebody sees it; open are the tasks of the case that nobody has done.
func jointReview(flow *policy.Flow, stage *policy.Stage, rows []opinionRow, goesOn bool, open []process.Task, viewer string) JointReview {
	all, given := stances(stage, rows)
	out := JointReview{Stage: stage.Key, Title: stage.Title, Rule: stage.Joint.Words(), Blind: stage.Joint.Blind, Result: stage.Joint.Result(all), Differs: []string{}}
	switch {
	case out.Result != policy.JointWaits:
		if to := flow.Stage(stage.Leads(out.Result)); to != nil {
			out.Led = to.Title
		}
	case goesOn:
		out.Result = "waits"
	default:
		out.Result = "stopped"
	}
	veiled := goesOn && stage.Joint.Blind
	names := make([]string, len(stage.Tasks))
	for i, t := range stage.Tasks {
		o := Opinion{Task: t.Title, Department: t.Who.Department}
		for j := range open {
			if goesOn && open[j].Key == t.Key {
				o.Limit, o.Department = open[j].Limit, open[j].Department
			}
		}
		if r := given[i]; r != nil {
			o.Given, o.At, o.Department = true, r.SaidAt, r.Department
			if !veiled || r.Account == viewer {
				o.Says, o.Silent, o.Reason, o.Sum, o.Cite, o.By = r.Says, r.Silent != 0, r.Reason, fenOrNil(r.Sum), r.Cite, r.SaidBy
			}
		}
		names[i] = o.Department
		out.Asked = append(out.Asked, o)
	}
	if !veiled {
		out.Differs = append(out.Differs, policy.Differs(names, all)...)
	}
	return out
}
