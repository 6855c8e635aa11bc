package auditor

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/rest"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

// LogQuery narrows the log.
type LogQuery struct {
	Kind   string `query:"kind" maxLength:"64" doc:"of the rows: party, fact, account …"`
	Action string `query:"action" maxLength:"64" doc:"party.unmask, account.signed_in …"`
	By     string `query:"by" maxLength:"128" doc:"login of who did it; or system, or public"`
	About  string `query:"about" maxLength:"64" doc:"id of a party, an import, an account, or of a row"`
	From   string `query:"from" maxLength:"10" doc:"a day in China, included"`
	Until  string `query:"until" maxLength:"10" doc:"a day in China, included"`
}

// query reads the days. Invalid names those that are none.
func (in LogQuery) query() (Query, error) {
	q := Query{Kind: in.Kind, Action: in.Action, Login: in.By, About: in.About}
	var details []fault.Detail
	for _, d := range []struct {
		name, text string
		into       *policy.Date
	}{{"from", in.From, &q.From}, {"until", in.Until, &q.Until}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.into, err = policy.ParseDate(d.text); err != nil {
			details = append(details, fault.Detail{Field: d.name, Message: err.Error()})
		}
	}
	if len(details) > 0 {
		return q, fault.New(fault.Invalid, "日期不正确", details...)
	}
	return q, nil
}

// LogPage is some of the log, the newest first.
type LogPage struct {
	Items []Entry `json:"items" nullable:"false"`
	More  bool    `json:"more" doc:"there are older ones: ask with before = the last seq"`
}

// KindWords are what people call a kind of row and what is done to it.
type KindWords struct {
	Kind    string       `json:"kind"`
	Label   string       `json:"label"`
	Actions []ActionWord `json:"actions" nullable:"false"`
}

// ActionWord is what people call an action.
type ActionWord struct {
	Action string `json:"action"`
	Label  string `json:"label"`
}

// words are all words, sorted.
func words() []KindWords {
	var out []KindWords
	for kind, w := range audit.WordsOf() {
		k := KindWords{Kind: kind, Label: w.Label, Actions: []ActionWord{}}
		for action, label := range w.Actions {
			k.Actions = append(k.Actions, ActionWord{action, label})
		}
		slices.SortFunc(k.Actions, func(a, b ActionWord) int { return strings.Compare(a.Action, b.Action) })
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b KindWords) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}

// Routes registers the reading of the log and its verification. Who may read it is checked where it is read.
func (a *Auditor) Routes(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/{tenant}/audit" + path, Summary: summary, Tags: []string{"audit"}}
	}
	huma.Register(api, op("read-audit", http.MethodGet, "", "The log of changes in words, the newest first (auditors)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			LogQuery
			Before int64 `query:"before" minimum:"0" doc:"only records with a lower number"`
			Per    int   `query:"per" minimum:"1" maximum:"200" default:"50"`
		}) (*rest.Body[LogPage], error) {
			q, err := in.query()
			if err != nil {
				return nil, err
			}
			q.Before = in.Before
			items, more, err := a.Log(ctx, q, in.Per)
			return &rest.Body[LogPage]{Body: LogPage{items, more}}, err
		})
	huma.Register(api, op("export-audit", http.MethodGet, ".xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			LogQuery
		}) (*huma.StreamResponse, error) {
			q, err := in.query()
			if err != nil {
				return nil, err
			}
			return spreadsheet.Answer("审计记录.xlsx", func(w io.Writer) error { return a.Export(ctx, q, w) })
		})
	huma.Register(api, op("list-audit-words", http.MethodGet, "/words", "What the log speaks of: kinds of rows and what is done to them"),
		func(ctx context.Context, _ *rest.TenantPath) (*rest.Body[struct {
			Kinds []KindWords `json:"kinds" nullable:"false"`
		}], error) {
			if err := mayAudit(ctx); err != nil {
				return nil, err
			}
			out := &rest.Body[struct {
				Kinds []KindWords `json:"kinds" nullable:"false"`
			}]{}
			out.Body.Kinds = words()
			return out, nil
		})
	huma.Register(api, op("get-verification", http.MethodGet, "/verification", "How far the verification of the log is, and what the last one found"),
		func(ctx context.Context, _ *rest.TenantPath) (*rest.Body[Verification], error) {
			v, err := a.Verification(ctx)
			return &rest.Body[Verification]{Body: v}, err
		})
	start := op("start-verification", http.MethodPost, "/verification", "Verify the log: records against each other, checkpoints and live rows")
	start.DefaultStatus = http.StatusAccepted
	huma.Register(api, start, func(ctx context.Context, _ *rest.TenantPath) (*rest.Body[Verification], error) {
		v, err := a.Verify(ctx)
		return &rest.Body[Verification]{Body: v}, err
	})
	huma.Register(api, op("cancel-verification", http.MethodDelete, "/verification", "End the verification that is under way"),
		func(ctx context.Context, _ *rest.TenantPath) (*rest.Body[Verification], error) {
			v, err := a.Cancel(ctx)
			return &rest.Body[Verification]{Body: v}, err
		})
}

// Export writes the log as a workbook. Errors as Log.
func (a *Auditor) Export(ctx context.Context, q Query, w io.Writer) error {
	return spreadsheet.Write(w, spreadsheet.Table{Sheet: "审计记录", Columns: []spreadsheet.Column{{Heading: "序号", Width: 10}, {Heading: "时间", Width: 18},
		{Heading: "账号", Width: 24}, {Heading: "事项", Width: 18}, {Heading: "类别", Width: 12}, {Heading: "对象", Width: 50}, {Heading: "对象编号", Width: 38},
		{Heading: "详情", Width: 60}, {Heading: "记录指纹", Width: 66}},
		Rows: func(emit spreadsheet.Emit) error {
			return a.Each(ctx, q, func(e Entry) error {
				subject := ""
				if e.Subject != nil {
					subject = e.Subject.Label
				}
				return emit(e.Seq, clock.Shown(e.At), e.By, e.What, e.Label, subject, e.ID, e.Data, e.Hash)
			})
		}})
}
