package schemes

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

// onDate reads an optional day; none is today.
func onDate(ctx context.Context, text string) (policy.Date, error) {
	if text == "" {
		return clock.Today(ctx), nil
	}
	d, err := policy.ParseDate(text)
	if err != nil {
		return 0, fault.New(fault.Invalid, "日期不正确", fault.Detail{Field: "on", Message: err.Error()})
	}
	return d, nil
}

// FindQuery says what a reader looks for.
type FindQuery struct {
	Tenant     string `path:"tenant"`
	Q          string `query:"q" maxLength:"200" doc:"words; two-character words too"`
	Industry   string `query:"industry" maxLength:"100"`
	Size       string `query:"size" maxLength:"100"`
	Department string `query:"department" maxLength:"100"`
	Kind       string `query:"kind" maxLength:"100"`
	Document   string `query:"document" maxLength:"100"`
	Standing   string `query:"standing" enum:"in_force,expired,upcoming,all" default:"all"`
	On         string `query:"on" maxLength:"10" doc:"the day of the standing, 2026-11-23; default today"`
}

// query is a page of what is asked for; without a day, of today.
func (in FindQuery) query(ctx context.Context, page, per int) (Query, error) {
	on, err := onDate(ctx, in.On)
	q := Query{Words: in.Q, Industry: in.Industry, Size: in.Size, Department: in.Department, Kind: in.Kind, Document: in.Document,
		On: on, Page: page, Per: per}
	if in.Standing != "all" {
		q.Standing = policy.Standing(in.Standing)
	}
	return q, err
}

type findInput struct {
	FindQuery
	Page int `query:"page" minimum:"1" maximum:"100000" default:"1"`
	Per  int `query:"per" minimum:"1" maximum:"200" default:"20"`
}

type foundOutput struct{ Body *Found }

type schemeInput struct {
	Tenant   string `path:"tenant"`
	Document string `path:"doc" maxLength:"100"`
	Scheme   string `path:"scheme" maxLength:"100"`
	On       string `query:"on" maxLength:"10" doc:"the day of the standing, 2026-11-23; default today"`
	Lang     string `query:"lang" enum:"zh,en" default:"zh" doc:"of every sentence; what the documents say stays as published"`
}

// Shown is a scheme as a person reads it.
type Shown struct {
	Description *policy.Description `json:"description"`
	Standing    policy.Standing     `json:"standing" enum:"in_force,upcoming,expired"`
	On          policy.Date         `json:"on"`
	Level       string              `json:"level" doc:"what readers call the level of the document"`
	Industries  []string            `json:"industries" nullable:"false"`
	Sizes       []string            `json:"sizes" nullable:"false"`
	Version     string              `json:"version" doc:"sha256 of the document's file, hex"`
}

type shownOutput struct{ Body *Shown }

type tenantInput struct {
	Tenant string `path:"tenant"`
}

// Words is the vocabulary as a form needs it.
type Words struct {
	Terms   []*policy.Term      `json:"terms" nullable:"false"`
	Records []*policy.Record    `json:"records" nullable:"false"`
	Levels  map[string][]string `json:"levels" doc:"ordered words, low to high"`
}

type wordsOutput struct{ Body *Words }

type calculatorInput struct {
	Tenant string `path:"tenant"`
	Body   struct {
		Facts       map[string]string `json:"facts" maxProperties:"1000" doc:"key to text, as in a facts file: TERM@2025, KIND, KIND.FIELD"`
		On          string            `json:"on,omitempty" maxLength:"10" doc:"evaluation date, 2026-11-23; default today"`
		Performance int               `json:"performance,omitempty" minimum:"0" maximum:"2200" doc:"performance year; default each document's own"`
		Schemes     []string          `json:"schemes,omitempty" maxItems:"500" doc:"document/scheme; default every scheme in force"`
		Lang        string            `json:"lang,omitempty" enum:"zh,en" doc:"of every sentence; what the documents say stays as published; default zh"`
	}
}

type calculationOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         *Calculation
}

// Routes registers the public reading of the schemes and the calculator. Everybody may call them.
// They keep nothing: the calculator's figures are neither stored nor logged.
func Routes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "find-schemes", Method: http.MethodGet, Path: "/api/{tenant}/schemes",
		Summary: "Find schemes by words, industry, size, department, kind and standing", Tags: []string{"schemes"}},
		func(ctx context.Context, in *findInput) (*foundOutput, error) {
			c, err := Current(ctx)
			if err != nil {
				return nil, err
			}
			q, err := in.query(ctx, in.Page, in.Per)
			if err != nil {
				return nil, err
			}
			return &foundOutput{c.Find(q)}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "export-schemes", Method: http.MethodGet, Path: "/api/{tenant}/schemes.xlsx",
		Summary: "The same as a workbook", Tags: []string{"schemes"}},
		func(ctx context.Context, in *FindQuery) (*huma.StreamResponse, error) {
			c, err := Current(ctx)
			if err != nil {
				return nil, err
			}
			q, err := in.query(ctx, 1, len(c.entries))
			if err != nil {
				return nil, err
			}
			return spreadsheet.Answer("政策.xlsx", func(w io.Writer) error { return c.Export(q, w) })
		})
	huma.Register(api, huma.Operation{OperationID: "get-scheme", Method: http.MethodGet, Path: "/api/{tenant}/schemes/{doc}/{scheme}",
		Summary: "Read a scheme: what it gives, conditions, examples, citations, assumptions", Tags: []string{"schemes"}},
		func(ctx context.Context, in *schemeInput) (*shownOutput, error) {
			c, err := Current(ctx)
			if err != nil {
				return nil, err
			}
			on, err := onDate(ctx, in.On)
			if err != nil {
				return nil, err
			}
			lang, _ := policy.ParseLang(in.Lang)
			s, err := c.Scheme(ctx, in.Document+"/"+in.Scheme)
			if err != nil {
				return nil, err
			}
			return &shownOutput{c.Show(s, on, lang)}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "get-vocabulary", Method: http.MethodGet, Path: "/api/{tenant}/vocabulary",
		Summary: "Every term and kind of record", Tags: []string{"schemes"}},
		func(ctx context.Context, in *tenantInput) (*wordsOutput, error) {
			library, err := Library(ctx)
			if err != nil {
				return nil, err
			}
			v := library.Vocabulary()
			w := &Words{Terms: v.Terms(), Records: v.Records(), Levels: v.Levels()}
			if w.Terms == nil {
				w.Terms = []*policy.Term{}
			}
			if w.Records == nil {
				w.Records = []*policy.Record{}
			}
			return &wordsOutput{w}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "calculate", Method: http.MethodPost, Path: "/api/{tenant}/calculator",
		Summary: "Evaluate figures against every scheme in force; nothing is stored", Tags: []string{"schemes"}, MaxBodyBytes: 256 << 10},
		func(ctx context.Context, in *calculatorInput) (*calculationOutput, error) {
			c, err := Current(ctx)
			if err != nil {
				return nil, err
			}
			on, err := onDate(ctx, in.Body.On)
			if err != nil {
				return nil, err
			}
			if p := in.Body.Performance; p != 0 && p < 1949 {
				return nil, fault.New(fault.Invalid, "年度不正确", fault.Detail{Field: "performance", Message: "年度应是四位数字，例如 2025"})
			}
			lang, _ := policy.ParseLang(in.Body.Lang)
			f := Figures{Facts: in.Body.Facts, On: on, Performance: in.Body.Performance, Lang: lang}
			for _, id := range in.Body.Schemes {
				s, err := c.Scheme(ctx, id)
				if err != nil {
					return nil, err
				}
				f.Schemes = append(f.Schemes, s)
			}
			out := c.Calculate(f)
			return &calculationOutput{CacheControl: "no-store", Body: out}, nil
		})
}

// Show is a scheme of the set as a person reads it on a day.
func (c *Compiled) Show(s *policy.Scheme, on policy.Date, lang policy.Lang) *Shown {
	d := s.DescribeIn(lang)
	return &Shown{Description: d, Standing: s.Document().StandingOn(on), On: on, Level: c.Chain.Label(d.Document.Level),
		Industries: orEmpty(d.Industries), Sizes: orEmpty(d.Sizes), Version: s.Document().Hash}
}
