package panel

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/rest"
	"shanglin/internal/platform/spreadsheet"
)

var op = rest.Operations("panel", "")

// ExpertQuery narrows the pool.
type ExpertQuery struct {
	Q          string `query:"q" maxLength:"100" doc:"part of the name, the employer or a field"`
	Department string `query:"department" maxLength:"64"`
	Field      string `query:"field" maxLength:"40"`
	State      string `query:"state" enum:"active,paused,left"`
}

func (q ExpertQuery) filter() ExpertFilter {
	return ExpertFilter{Text: q.Q, Department: q.Department, Field: q.Field, State: q.State}
}

// PanelList is the panels of a round.
type PanelList struct {
	Items []Panel `json:"items" nullable:"false"`
}

// SeatList is the panels of an expert.
type SeatList struct {
	Items []SeatLine `json:"items" nullable:"false"`
}

// Routes registers the pool, panels, and what experts do. Who may is checked where the data is.
func (r *Room) Routes(api huma.API) {
	r.routesOfExperts(api)
	huma.Register(api, op("list-panels", http.MethodGet, "/rounds/{id}/panels", "The panels that were drawn for a round, with all that it takes to draw them once more (the desk of its department)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[PanelList], error) {
			out, err := r.Panels(ctx, in.ID)
			return &rest.Body[PanelList]{Body: PanelList{out}}, err
		})
	huma.Register(api, op("excuse-expert", http.MethodPost, "/panels/{id}/excuse", "Take an expert off a panel who cannot attend, before they scored (officers of its department)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Expert string `json:"expert" maxLength:"64"`
				Reason string `json:"reason" maxLength:"500"`
			}
		}) (*rest.Body[*Panel], error) {
			out, err := r.Excuse(ctx, in.ID, in.Body.Expert, in.Body.Reason)
			return &rest.Body[*Panel]{Body: out}, err
		})
	huma.Register(api, op("note-minutes", http.MethodPut, "/panels/{id}/note", "What the minutes of a panel say besides its figures (officers of its department)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Note    string `json:"note" maxLength:"5000"`
				Version int64  `json:"version"`
			}
		}) (*rest.Body[*Panel], error) {
			out, err := r.Note(ctx, in.ID, in.Body.Version, in.Body.Note)
			return &rest.Body[*Panel]{Body: out}, err
		})
	huma.Register(api, op("panel-minutes", http.MethodGet, "/panels/{id}/minutes.docx", "The minutes of a panel as a document (the desk of its department, the panel's chair)"),
		func(ctx context.Context, in *rest.ItemPath) (*huma.StreamResponse, error) {
			var whole bytes.Buffer // a failure is an error and not half a file
			if err := r.Minutes(ctx, in.ID, &whole); err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				hc.SetHeader("Content-Type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
				hc.SetHeader("Content-Disposition", `attachment; filename*=UTF-8''`+url.PathEscape("评审会纪要.docx"))
				hc.SetHeader("Cache-Control", "no-store")
				_, _ = whole.WriteTo(hc.BodyWriter()) // the reader went away: nobody is left to tell
			}}, nil
		})
	huma.Register(api, op("list-seats", http.MethodGet, "/seats", "The panels that an expert was called to (experts)"),
		func(ctx context.Context, _ *rest.TenantPath) (*rest.Body[SeatList], error) {
			out, err := r.Seats(ctx)
			return &rest.Body[SeatList]{Body: SeatList{out}}, err
		})
	huma.Register(api, op("get-seat", http.MethodGet, "/seats/{id}", "A panel as one of its experts sees it (that expert)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Seat], error) {
			out, err := r.Seat(ctx, in.ID)
			return &rest.Body[*Seat]{Body: out}, err
		})
	huma.Register(api, op("declare-conflicts", http.MethodPost, "/seats/{id}/declaration", "Declare whether there is a conflict of interest; only then is evidence shown (that expert)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body Declaration
		}) (*rest.Body[*Seat], error) {
			out, err := r.Declare(ctx, in.ID, in.Body)
			return &rest.Body[*Seat]{Body: out}, err
		})
	huma.Register(api, op("score-case", http.MethodPut, "/seats/{id}/sheets/{code}", "Save what an expert gives a case, or hand it in for good (that expert)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Code string `path:"code" maxLength:"10"`
			Body Scoring
		}) (*rest.Body[*Seat], error) {
			out, err := r.Score(ctx, in.ID, in.Code, in.Body)
			return &rest.Body[*Seat]{Body: out}, err
		})
	huma.Register(api, op("sign-minutes", http.MethodPost, "/seats/{id}/signature", "Sign the minutes (the panel's chair)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Seat], error) {
			out, err := r.Sign(ctx, in.ID)
			return &rest.Body[*Seat]{Body: out}, err
		})
	huma.Register(api, op("evidence-file", http.MethodGet, "/seats/{id}/sheets/{code}/files/{file}", "A file of the evidence of a case (the expert who is to score it)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Code string `path:"code" maxLength:"10"`
			File string `path:"file" maxLength:"64"`
		}) (*huma.StreamResponse, error) {
			f, content, err := r.File(ctx, in.ID, in.Code, in.File)
			if err != nil {
				return nil, err
			}
			return files.Download(f, content), nil
		})
}

func (r *Room) routesOfExperts(api huma.API) {
	huma.Register(api, op("list-experts", http.MethodGet, "/experts", "The pool of experts (the desk of its department)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ExpertQuery
			rest.PageQuery
		}) (*rest.Body[*ExpertPage], error) {
			f := in.filter()
			f.Page, f.Per = in.Page, in.Per
			out, err := r.Experts(ctx, f)
			return &rest.Body[*ExpertPage]{Body: out}, err
		})
	huma.Register(api, op("export-experts", http.MethodGet, "/experts.xlsx", "The same as a workbook, which can be filled in and uploaded"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ExpertQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("专家库.xlsx", func(w io.Writer) error { return r.ExportExperts(ctx, in.filter(), w) })
		})
	add := op("add-expert", http.MethodPost, "/experts", "Add an expert to the pool (officers of its department)")
	add.DefaultStatus = http.StatusCreated
	huma.Register(api, add, func(ctx context.Context, in *struct {
		rest.TenantPath
		Body ExpertDraft
	}) (*rest.Body[*Expert], error) {
		out, err := r.PutExpert(ctx, "", in.Body)
		return &rest.Body[*Expert]{Body: out}, err
	})
	huma.Register(api, op("change-expert", http.MethodPut, "/experts/{id}", "Change an expert of the pool (officers of its department)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body ExpertDraft
		}) (*rest.Body[*Expert], error) {
			out, err := r.PutExpert(ctx, in.ID, in.Body)
			return &rest.Body[*Expert]{Body: out}, err
		})
	huma.Register(api, op("unmask-expert", http.MethodPost, "/experts/{id}/unmask", "The telephone of an expert; the reading is logged (officers of its department)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Reason string `json:"reason" maxLength:"200"`
			}
		}) (*rest.Body[*Expert], error) {
			out, err := r.UnmaskExpert(ctx, in.ID, in.Body.Reason)
			return &rest.Body[*Expert]{Body: out}, err
		})
	take := op("import-experts", http.MethodPost, "/experts/import", "Take a workbook of experts, all or none (officers of its department)")
	take.MaxBodyBytes = 5 << 20
	huma.Register(api, take,
		func(ctx context.Context, in *struct {
			rest.TenantPath
			RawBody multipart.Form
		}) (*rest.Body[*Imported], error) {
			headers := in.RawBody.File["file"]
			if len(headers) == 0 {
				return nil, fault.New(fault.Invalid, "请选择文件", fault.At("file", "请选择文件"))
			}
			f, err := headers[0].Open()
			if err != nil {
				return nil, err
			}
			defer f.Close()
			out, err := r.ImportExperts(ctx, f, headers[0].Size)
			return &rest.Body[*Imported]{Body: out}, err
		})
}
