package matching

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

func today(ctx context.Context) policy.Date { return clock.Today(ctx) }

func onDate(text string) (policy.Date, error) {
	if text == "" {
		return 0, nil
	}
	d, err := policy.ParseDate(text)
	if err != nil {
		return 0, fault.New(fault.Invalid, "日期不正确", fault.Detail{Field: "on", Message: err.Error()})
	}
	return d, nil
}

type answersInput struct {
	Tenant string `path:"tenant"`
	Party  string `path:"id" maxLength:"64"`
	On     string `query:"on" maxLength:"10" doc:"evaluation date, 2026-11-23; default today"`
	All    bool   `query:"all" doc:"also schemes whose document has expired"`
}

type answersOutput struct{ Body *Standpoints }

type answerInput struct {
	Tenant      string `path:"tenant"`
	Party       string `path:"id" maxLength:"64"`
	Document    string `path:"doc" maxLength:"100"`
	Scheme      string `path:"scheme" maxLength:"100"`
	On          string `query:"on" maxLength:"10" doc:"evaluation date, 2026-11-23; default today"`
	Performance int    `query:"performance" minimum:"0" maximum:"2200" doc:"performance year; default the document's own"`
	Lang        string `query:"lang" enum:"zh,en" default:"zh" doc:"of every sentence; what the documents say stays as published"`
}

type answerOutput struct{ Body *Explained }

// AffectedInput asks who a scheme concerns. (huma reads the parameters of an embedded struct only when its name is exported.)
type AffectedInput struct {
	Tenant   string `path:"tenant"`
	Document string `path:"doc" maxLength:"100"`
	Scheme   string `path:"scheme" maxLength:"100"`
	Answer   string `query:"answer" enum:"met,unmet,close,unknown,manual"`
	Town     string `query:"town" maxLength:"100"`
	Q        string `query:"q" maxLength:"100" doc:"words in name or code"`
}

func (in *AffectedInput) query() AffectedQuery {
	return AffectedQuery{Scheme: in.Document + "/" + in.Scheme, Answer: in.Answer, Town: in.Town, Words: in.Q}
}

type affectedPageInput struct {
	AffectedInput
	Page int `query:"page" minimum:"1" maximum:"100000" default:"1"`
	Per  int `query:"per" minimum:"1" maximum:"200" default:"20"`
}

type affectedOutput struct{ Body *AffectedPage }

// Routes registers the answers of a party and who a scheme concerns. Who may see what is checked where it is read.
func (m *Matching) Routes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "get-answers", Method: http.MethodGet, Path: "/api/{tenant}/parties/{id}/answers",
		Summary: "Where a party stands: due, close, unknown, not; sorted by money", Tags: []string{"matching"}},
		func(ctx context.Context, in *answersInput) (*answersOutput, error) {
			on, err := onDate(in.On)
			if err != nil {
				return nil, err
			}
			out, err := m.StandpointsOf(ctx, in.Party, on, in.All)
			if err != nil {
				return nil, err
			}
			return &answersOutput{out}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "export-answers", Method: http.MethodGet, Path: "/api/{tenant}/parties/{id}/answers.xlsx",
		Summary: "The same as a workbook", Tags: []string{"matching"}},
		func(ctx context.Context, in *answersInput) (*huma.StreamResponse, error) {
			on, err := onDate(in.On)
			if err != nil {
				return nil, err
			}
			return spreadsheet.Answer("政策结论.xlsx", func(w io.Writer) error { return m.ExportAnswers(ctx, in.Party, on, in.All, w) })
		})
	huma.Register(api, huma.Operation{OperationID: "get-answer", Method: http.MethodGet, Path: "/api/{tenant}/parties/{id}/answers/{doc}/{scheme}",
		Summary: "One scheme's answer for a party with every reason", Tags: []string{"matching"}},
		func(ctx context.Context, in *answerInput) (*answerOutput, error) {
			on, err := onDate(in.On)
			if err != nil {
				return nil, err
			}
			lang, _ := policy.ParseLang(in.Lang)
			out, err := m.Explain(ctx, in.Party, in.Document+"/"+in.Scheme, on, in.Performance, lang)
			if err != nil {
				return nil, err
			}
			return &answerOutput{out}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "get-affected", Method: http.MethodGet, Path: "/api/{tenant}/schemes/{doc}/{scheme}/affected",
		Summary: "Which parties a scheme concerns, with counts and sums", Tags: []string{"matching"}},
		func(ctx context.Context, in *affectedPageInput) (*affectedOutput, error) {
			q := in.query()
			q.Page, q.Per = in.Page, in.Per
			out, err := m.AffectedBy(ctx, q)
			if err != nil {
				return nil, err
			}
			return &affectedOutput{out}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "export-affected", Method: http.MethodGet, Path: "/api/{tenant}/schemes/{doc}/{scheme}/affected.xlsx",
		Summary: "The same as a workbook", Tags: []string{"matching"}},
		func(ctx context.Context, in *AffectedInput) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("涉及企业.xlsx", func(w io.Writer) error { return m.ExportAffected(ctx, in.query(), w) })
		})
}
