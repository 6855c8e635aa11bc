package process

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

const (
	auditKind      = "process"
	definitionKind = "process_definition"
)

func init() {
	audit.RegisterRow(auditKind, digestOfInstance)
	audit.RegisterList(auditKind, func(ctx context.Context, after string, limit int) ([]string, error) {
		ids := []string{}
		err := store.Tx(ctx).NewRaw(`SELECT id FROM process_instances WHERE id > ? ORDER BY id LIMIT ?`, after, limit).Scan(ctx, &ids)
		return ids, err
	})
	audit.RegisterRow(definitionKind, digestOfDefinition)
	audit.RegisterList(definitionKind, func(ctx context.Context, after string, limit int) ([]string, error) {
		ids := []string{}
		err := store.Tx(ctx).NewRaw(`SELECT hash FROM process_definitions WHERE hash > ? ORDER BY hash LIMIT ?`, after, limit).Scan(ctx, &ids)
		return ids, err
	})
}

type instanceRow struct {
	bun.BaseModel `bun:"table:process_instances,alias:i"`

	ID         string `bun:"id,pk"`
	Flow       string `bun:"flow"`
	Subject    string `bun:"subject"`
	Number     string `bun:"number"`
	Title      string `bun:"title"`
	Party      string `bun:"party"`
	PartyName  string `bun:"party_name"`
	Town       string `bun:"town"`
	Department string `bun:"department"`
	Scheme     string `bun:"scheme"`
	Round      string `bun:"round"`
	Definition string `bun:"definition"`
	Stage      string `bun:"stage"`
	Since      string `bun:"since"`
	Version    int64  `bun:"version"`
	Visit      int64  `bun:"visit"`
	Outcome    string `bun:"outcome"`
	StartedAt  string `bun:"started_at"`
	Steps      int64  `bun:"steps"`
	History    string `bun:"history"`
}

func (r *instanceRow) subject() Subject {
	return Subject{Flow: r.Flow, ID: r.Subject, Number: r.Number, Title: r.Title, Party: r.Party, PartyName: r.PartyName, Town: r.Town,
		Department: r.Department, Scheme: r.Scheme, Round: r.Round}
}

func (r *instanceRow) instance() Instance {
	return Instance{ID: r.ID, Subject: r.subject(), Definition: r.Definition, Stage: r.Stage, Since: r.Since, Version: r.Version, Visit: r.Visit,
		Outcome: r.Outcome, StartedAt: r.StartedAt}
}

type taskRow struct {
	bun.BaseModel `bun:"table:process_tasks,alias:t"`

	ID           string `bun:"id,pk"`
	Instance     string `bun:"instance"`
	Flow         string `bun:"flow"`
	Subject      string `bun:"subject"`
	Number       string `bun:"number"`
	SubjectTitle string `bun:"subject_title"`
	Party        string `bun:"party"`
	PartyName    string `bun:"party_name"`
	SubjectTown  string `bun:"subject_town"`
	SubjectDept  string `bun:"subject_department"`
	Scheme       string `bun:"scheme"`
	Round        string `bun:"round"`
	Stage        string `bun:"stage"`
	StageTitle   string `bun:"stage_title"`
	Visit        int64  `bun:"visit"`
	Key          string `bun:"task_key"`
	Title        string `bun:"title"`
	Role         string `bun:"role"`
	Who          string `bun:"who"`
	Department   string `bun:"department"`
	Version      int64  `bun:"version"`
	State        string `bun:"state"`
	Assignee     string `bun:"assignee"`
	OpenedAt     string `bun:"opened_at"`
	Unit         string `bun:"unit"`
	DueOn        string `bun:"due_on"`
	DueAt        string `bun:"due_at"`
	Unknown      string `bun:"unknown"`
	Remains      int64  `bun:"remains"`
	Overdue      int    `bun:"overdue"`
	Many         int    `bun:"many"`
	ClosedAt     string `bun:"closed_at"`
	ClosedBy     string `bun:"closed_by"`
	Action       string `bun:"action"`
	ActionTitle  string `bun:"action_title"`
}

// States of a task.
const (
	taskOpen   = "open"
	taskDone   = "done"   // by an action of its own
	taskClosed = "closed" // because something else moved the instance on
)

// noRemains marks a task that was closed without a known limit.
const noRemains = -1000

func (r *taskRow) subject() Subject {
	return Subject{Flow: r.Flow, ID: r.Subject, Number: r.Number, Title: r.SubjectTitle, Party: r.Party, PartyName: r.PartyName, Town: r.SubjectTown,
		Department: r.SubjectDept, Scheme: r.Scheme, Round: r.Round}
}

type stepRow struct {
	bun.BaseModel `bun:"table:process_steps,alias:s"`

	Instance    string `bun:"instance,pk"`
	Seq         int64  `bun:"seq,pk"`
	At          string `bun:"at"`
	Kind        string `bun:"kind"`
	Account     string `bun:"account"`
	Role        string `bun:"role"`
	Who         string `bun:"who"`
	Task        string `bun:"task"`
	TaskTitle   string `bun:"task_title"`
	Action      string `bun:"action"`
	ActionTitle string `bun:"action_title"`
	From        string `bun:"stage_from"`
	To          string `bun:"stage_to"`
	Reason      string `bun:"reason"`
	Data        string `bun:"data"`
	Hash        string `bun:"hash"`
}

// after is the hash of a step that follows one with hash prev.
func (s *stepRow) after(prev string) string {
	return digest(prev, s.Instance, fmt.Sprint(s.Seq), s.At, s.Kind, s.Account, s.Role, s.Who, s.Task, s.TaskTitle, s.Action, s.ActionTitle, s.From, s.To, s.Reason, s.Data)
}

// digest is SHA-256 in hex over texts, each with its length before it.
func digest(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(t)))
		h.Write(n[:])
		h.Write([]byte(t))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func errNoSubject() error {
	return fault.New(fault.NotFound, "没有这件事项，或不在您的权限范围内")
}

func instanceOf(ctx context.Context, flow, subject string) (*instanceRow, error) {
	return oneInstance(ctx, "i.flow = ? AND i.subject = ?", flow, subject)
}

func oneInstance(ctx context.Context, where string, args ...any) (*instanceRow, error) {
	row := &instanceRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where(where, args...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoSubject()
	}
	return row, err
}

// lock makes changes of one instance come one after the other, and reads it as it stands then.
func lock(ctx context.Context, id string) (*instanceRow, error) {
	if _, err := store.Tx(ctx).NewRaw(`UPDATE process_instances SET version = version WHERE id = ?`, id).Exec(ctx); err != nil {
		return nil, err
	}
	return oneInstance(ctx, "i.id = ?", id)
}

func taskByID(ctx context.Context, id string) (*taskRow, error) {
	row := &taskRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("t.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoSubject()
	}
	return row, err
}

// tasksOf are the tasks of an instance at a visit; visit 0: of every visit.
func tasksOf(ctx context.Context, instance string, visit int64) ([]taskRow, error) {
	rows := []taskRow{}
	q := store.Tx(ctx).NewSelect().Model(&rows).Where("t.instance = ?", instance)
	if visit > 0 {
		q = q.Where("t.visit = ?", visit)
	}
	return rows, q.OrderExpr("t.visit, t.id").Scan(ctx)
}

func stepsOf(ctx context.Context, instance string) ([]stepRow, error) {
	rows := []stepRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("s.instance = ?", instance).OrderExpr("s.seq").Scan(ctx)
	return rows, err
}

// broken is the digest of what does not hang together.
const broken = "broken"

// digestOfInstance covers the instance with every task and, by the hash of the last step, its whole history.
func digestOfInstance(ctx context.Context, id string) (string, error) {
	r, err := oneInstance(ctx, "i.id = ?", id)
	if fault.CodeOf(err) == fault.NotFound {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	steps, err := stepsOf(ctx, id)
	if err != nil {
		return "", err
	}
	hash := ""
	for i := range steps {
		if hash = steps[i].after(hash); hash != steps[i].Hash || steps[i].Seq != int64(i+1) {
			return broken, nil
		}
	}
	if hash != r.History || int64(len(steps)) != r.Steps {
		return broken, nil
	}
	return digestOfRow(ctx, r)
}

func digestOfRow(ctx context.Context, r *instanceRow) (string, error) {
	texts := []string{r.ID, r.Flow, r.Subject, r.Number, r.Title, r.Party, r.PartyName, r.Town, r.Department, r.Scheme, r.Round, r.Definition, r.Stage, r.Since,
		fmt.Sprint(r.Visit), r.Outcome, r.StartedAt, fmt.Sprint(r.Steps), r.History}
	tasks, err := tasksOf(ctx, r.ID, 0)
	if err != nil {
		return "", err
	}
	for _, t := range tasks {
		texts = append(texts, t.ID, t.Stage, fmt.Sprint(t.Visit), t.Key, t.Role, t.Department, t.State, t.Assignee, t.OpenedAt, t.Unit, t.DueOn, t.DueAt, t.Unknown,
			fmt.Sprint(t.Overdue), t.ClosedAt, t.ClosedBy, t.Action)
	}
	return digest(texts...), nil
}

// record keeps a step, and the audit event of the change, with the instance as it stands now.
func (e *Engine) record(ctx context.Context, r *instanceRow, s stepRow) error {
	s.Instance, s.Seq = r.ID, r.Steps+1
	s.Hash = s.after(r.History)
	if _, err := store.Tx(ctx).NewInsert().Model(&s).Exec(ctx); err != nil {
		return err
	}
	r.Steps, r.History = s.Seq, s.Hash
	if _, err := store.Tx(ctx).NewRaw(`UPDATE process_instances SET steps = ?, history = ? WHERE id = ?`, r.Steps, r.History, r.ID).Exec(ctx); err != nil {
		return err
	}
	d, err := digestOfRow(ctx, r)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: "process." + s.Kind, Kind: auditKind, ID: r.ID, Digest: d,
		Data: map[string]string{"flow": r.Flow, "subject": r.Subject, "action": s.Action, "from": s.From, "to": s.To}})
}

// own are the parties that the actor speaks for.
func own(a *account.Actor) []string {
	out := []string{""}
	for _, g := range a.Grants {
		if g.Role == account.RoleFirm && g.Party != "" {
			out = append(out, g.Party)
		}
	}
	return out
}

// actScope is the condition for open tasks t that the actor may act on: by role, within department and town of one and the same grant; never,
// for an office, about a party that the actor speaks for.
func actScope(a *account.Actor) (string, []any) {
	var or []string
	var args []any
	mine := own(a)
	if len(mine) > 1 {
		or, args = append(or, `(t.role = 'applicant' AND t.party IN (?))`), append(args, bun.List(mine[1:]))
	}
	for _, g := range a.Grants {
		if g.Role == account.RoleFirm || g.Role == account.RoleAuditor {
			continue
		}
		and := []string{`t.role = ?`}
		args = append(args, string(g.Role))
		if g.Department != "" {
			and, args = append(and, `t.department IN ('', ?)`), append(args, g.Department)
		}
		if g.Town != "" {
			and, args = append(and, `t.subject_town = ?`), append(args, g.Town)
		}
		if len(mine) > 1 {
			and, args = append(and, `t.party NOT IN (?)`), append(args, bun.List(mine[1:]))
		}
		or = append(or, `(`+strings.Join(and, ` AND `)+`)`)
	}
	if len(or) == 0 {
		return `1 = 0`, nil
	}
	return `(` + strings.Join(or, ` OR `) + `)`, args
}

// seeScope is the condition for instances or tasks, by the names of their columns, that the actor may see.
func seeScope(a *account.Actor, alias, town, department, subject string) (string, []any) {
	var or []string
	var args []any
	if mine := own(a); len(mine) > 1 {
		or, args = append(or, alias+`.party IN (?)`), append(args, bun.List(mine[1:]))
	}
	for _, g := range a.Grants {
		switch g.Role {
		case account.RoleOfficer, account.RoleLeader, account.RoleAuditor, account.RoleFinance:
		default:
			continue
		}
		and := []string{`1 = 1`}
		if g.Town != "" {
			and, args = append(and, alias+`.`+town+` IN ('', ?)`), append(args, g.Town)
		}
		if g.Department != "" && g.Role != account.RoleFinance {
			asked, more := Asked(alias+`.`+subject, "", g.Department)
			and, args = append(and, `(`+alias+`.`+department+` = ? OR `+asked+`)`), append(append(args, g.Department), more...)
		}
		or = append(or, `(`+strings.Join(and, ` AND `)+`)`)
	}
	if len(or) == 0 {
		return `1 = 0`, nil
	}
	return `(` + strings.Join(or, ` OR `) + `)`, args
}

// Asked is the SQL condition, with its arguments, that the subject in a column has or had a task of a department; an empty flow means any.
func Asked(column, flow, department string) (condition string, args []any) {
	if flow == "" {
		return `EXISTS (SELECT 1 FROM process_tasks AS pt WHERE pt.subject = ` + column + ` AND pt.department = ?)`, []any{department}
	}
	return `EXISTS (SELECT 1 FROM process_tasks AS pt WHERE pt.subject = ` + column + ` AND pt.flow = ? AND pt.department = ?)`, []any{flow, department}
}

// may says whether the actor may act on a task, as actScope does.
func may(a *account.Actor, t *taskRow) bool {
	if t.Role == roleApplicant {
		return a.Speaks(t.Party)
	}
	if t.Party != "" && a.Speaks(t.Party) {
		return false
	}
	return slices.ContainsFunc(a.Grants, func(g account.Grant) bool {
		return string(g.Role) == t.Role && (g.Department == "" || t.Department == "" || g.Department == t.Department) && (g.Town == "" || g.Town == t.SubjectTown)
	})
}

const roleApplicant = "applicant"
