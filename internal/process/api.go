package process

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/rest"
	"shanglin/internal/platform/spreadsheet"
)

// InboxQuery narrows the inbox.
type InboxQuery struct {
	Q          string `query:"q" maxLength:"100" doc:"part of a number, a name or a title"`
	Flow       string `query:"flow" enum:"case,round"`
	Round      string `query:"round" maxLength:"64"`
	Scheme     string `query:"scheme" maxLength:"160"`
	Stage      string `query:"stage" maxLength:"100"`
	Department string `query:"department" maxLength:"100"`
	Town       string `query:"town" maxLength:"100"`
	Late       bool   `query:"late"`
	Whose      string `query:"whose" enum:"mine,unassigned"`
	Which      string `query:"which" enum:"act,see,done" doc:"act (default): may act on; see: may see; done: did"`
}

func (q InboxQuery) filter() Filter {
	return Filter{Text: q.Q, Flow: q.Flow, Round: q.Round, Scheme: q.Scheme, Stage: q.Stage, Department: q.Department, Town: q.Town, Late: q.Late, Whose: q.Whose, Which: q.Which}
}

// SavedList is somebody's filters.
type SavedList struct {
	Items []Saved `json:"items" nullable:"false"`
}

// PersonList is people.
type PersonList struct {
	Items []Person `json:"items" nullable:"false"`
}

// DefinitionList is kept processes.
type DefinitionList struct {
	Items []Definition `json:"items" nullable:"false"`
}

// ManyResult is what became of one of many.
type ManyResult struct {
	Task  string     `json:"task"`
	Stage string     `json:"stage,omitempty" doc:"where it stands now"`
	Code  fault.Code `json:"code,omitempty" doc:"what kind of failure, as in an error"`
	Error string     `json:"error,omitempty" doc:"why it was not done"`
}

// ManyResults is what became of many.
type ManyResults struct {
	Items []ManyResult `json:"items" nullable:"false"`
	Done  int          `json:"done"`
}

var op = rest.Operations("process", "")

// Routes registers the inbox. What is done to one subject stands with the room whose subject it is.
func (e *Engine) Routes(api huma.API) {
	huma.Register(api, op("list-tasks", http.MethodGet, "/tasks", "The inbox of whoever asks, what is due first at the top"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			InboxQuery
			Page int `query:"page" minimum:"1" maximum:"100000" default:"1"`
			Per  int `query:"per" minimum:"1" maximum:"200" default:"20"`
		}) (*rest.Body[Page], error) {
			f := in.filter()
			f.Page, f.Per = in.Page, in.Per
			out, err := e.Inbox(ctx, f)
			return &rest.Body[Page]{Body: out}, err
		})
	huma.Register(api, op("count-tasks", http.MethodGet, "/tasks/counts", "How many tasks wait, by stage, and how many are late"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			InboxQuery
		}) (*rest.Body[Counts], error) {
			out, err := e.Count(ctx, in.filter())
			return &rest.Body[Counts]{Body: out}, err
		})
	huma.Register(api, op("export-tasks", http.MethodGet, "/tasks.xlsx", "The inbox as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			InboxQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("待办.xlsx", func(w io.Writer) error { return e.Export(ctx, in.filter(), w) })
		})
	huma.Register(api, op("act-on-many", http.MethodPost, "/tasks/actions", "Take one action at many tasks whose process allows it; each by itself"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Body struct {
				Action string `json:"action" maxLength:"80"`
				Reason string `json:"reason,omitempty" maxLength:"2000"`
				Tasks  []struct {
					ID      string `json:"id" maxLength:"64"`
					Version int64  `json:"version"`
				} `json:"tasks" minItems:"1" maxItems:"200"`
			}
		}) (*rest.Body[ManyResults], error) {
			acts := make([]Act, len(in.Body.Tasks))
			for i, t := range in.Body.Tasks {
				acts[i] = Act{Task: t.ID, Version: t.Version, Action: in.Body.Action, Input: Input{Reason: in.Body.Reason}}
			}
			results, err := e.ActMany(ctx, acts)
			if err != nil {
				return nil, err
			}
			out := ManyResults{Items: []ManyResult{}}
			for _, r := range results {
				x := ManyResult{Task: r.Task}
				if r.Error != nil {
					x.Code, x.Error = r.Error.Code, r.Error.Message
				} else {
					x.Stage = r.Instance.Stage
					out.Done++
				}
				out.Items = append(out.Items, x)
			}
			return &rest.Body[ManyResults]{Body: out}, nil
		})
	huma.Register(api, op("assign-task", http.MethodPost, "/tasks/{id}/assignee", "Give a task to an account; empty: take it back"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Version int64  `json:"version"`
				Account string `json:"account,omitempty" maxLength:"64"`
				Reason  string `json:"reason,omitempty" maxLength:"500"`
			}
		}) (*rest.Body[Task], error) {
			if in.Body.Account == "" {
				out, err := e.Release(ctx, in.ID, in.Body.Version, in.Body.Reason)
				return &rest.Body[Task]{Body: out}, err
			}
			out, err := e.Assign(ctx, in.ID, in.Body.Version, in.Body.Account, in.Body.Reason)
			return &rest.Body[Task]{Body: out}, err
		})
	huma.Register(api, op("list-assignees", http.MethodGet, "/tasks/{id}/assignees", "To whom a task may be given"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[PersonList], error) {
			out, err := e.Assignees(ctx, in.ID)
			return &rest.Body[PersonList]{Body: PersonList{out}}, err
		})
	huma.Register(api, op("list-filters", http.MethodGet, "/task-filters", "One's own saved filters of the inbox"),
		func(ctx context.Context, in *rest.TenantPath) (*rest.Body[SavedList], error) {
			out, err := e.Saved(ctx)
			return &rest.Body[SavedList]{Body: SavedList{out}}, err
		})
	huma.Register(api, op("save-filter", http.MethodPut, "/task-filters", "Keep a filter under a name"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Body struct {
				Name   string `json:"name" maxLength:"80"`
				Filter Filter `json:"filter"`
			}
		}) (*rest.Body[Saved], error) {
			out, err := e.Save(ctx, in.Body.Name, in.Body.Filter)
			return &rest.Body[Saved]{Body: out}, err
		})
	huma.Register(api, op("forget-filter", http.MethodDelete, "/task-filters/{id}", "Drop a saved filter"),
		func(ctx context.Context, in *rest.ItemPath) (*struct{}, error) { return nil, e.Forget(ctx, in.ID) })
	huma.Register(api, op("list-definitions", http.MethodGet, "/process-definitions", "The processes that something runs by, the newest first"),
		func(ctx context.Context, in *rest.TenantPath) (*rest.Body[DefinitionList], error) {
			out, err := e.Definitions(ctx)
			return &rest.Body[DefinitionList]{Body: DefinitionList{out}}, err
		})
	huma.Register(api, op("get-definition", http.MethodGet, "/process-definitions/{hash}", "A kept process with its file"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Hash string `path:"hash" maxLength:"64"`
		}) (*rest.Body[Definition], error) {
			out, err := e.Definition(ctx, in.Hash)
			return &rest.Body[Definition]{Body: out}, err
		})
}

// Export writes the inbox as a workbook. Errors as Inbox; TooLarge for more rows than a workbook should have.
func (e *Engine) Export(ctx context.Context, f Filter, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "待办", Columns: []spreadsheet.Column{{Heading: "编号", Width: 22}, {Heading: "企业名称", Width: 36},
		{Heading: "事项", Width: 36}, {Heading: "镇街", Width: 12}, {Heading: "责任部门", Width: 14}, {Heading: "环节", Width: 14}, {Heading: "任务", Width: 18},
		{Heading: "到达时间", Width: 18}, {Heading: "到期日", Width: 14}, {Heading: "时限", Width: 16}, {Heading: "分派给", Width: 14}},
		Rows: func(emit spreadsheet.Emit) error {
			return e.Each(ctx, f, func(t Task) error {
				due, text := "", ""
				if t.Limit != nil {
					due, text = t.Limit.Due, t.Limit.Text
				}
				return emit(t.Subject.Number, t.Subject.PartyName, t.Subject.Title, t.Subject.Town, t.Subject.Department, t.StageTitle, t.Title, clock.Shown(t.OpenedAt), due, text, t.AssigneeName)
			})
		}})
}
