package simulation

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/rest"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

// ParametersOf are the parameters of a scheme with what a form says of it.
type ParametersOf struct {
	Scheme string             `json:"scheme"`
	Title  string             `json:"title"`
	Text   string             `json:"text" doc:"the clause, paraphrased"`
	Cite   string             `json:"cite"`
	Office string             `json:"office"`
	Limits []string           `json:"limits" nullable:"false" doc:"limits across claims, which a run does not apply"`
	Items  []policy.Parameter `json:"items" nullable:"false"`
}

// SchemePath names a scheme.
type SchemePath struct {
	rest.TenantPath
	Document string `path:"doc" maxLength:"100"`
	Scheme   string `path:"scheme" maxLength:"100"`
}

// StartBody asks for a run.
type StartBody struct {
	Scheme  string          `json:"scheme,omitempty" maxLength:"200" doc:"document/scheme whose form it was"`
	Changes []policy.Change `json:"changes,omitempty" maxItems:"60" doc:"other literals for parameters"`
	Draft   string          `json:"draft,omitempty" maxLength:"64" doc:"or a draft of files, for who may read it"`
	On      string          `json:"on,omitempty" maxLength:"10" doc:"the day for which it is reckoned, 2026-11-23; default today"`
}

// SaveBody names a run.
type SaveBody struct {
	Name string `json:"name" maxLength:"300"`
	Note string `json:"note,omitempty" maxLength:"3000"`
}

// Page is a page of runs.
type Page struct {
	Items []Simulation `json:"items" nullable:"false"`
	Total int          `json:"total"`
	Page  int          `json:"page"`
}

// PartyPage is a page of the parties of a run.
type PartyPage struct {
	Items []Party `json:"items" nullable:"false"`
	Total int     `json:"total" doc:"of those whom whoever asks may see by name"`
	Page  int     `json:"page"`
}

// SavedQuery narrows a list of runs.
type SavedQuery struct {
	Saved bool `query:"saved" doc:"only those with a name"`
}

// LineQuery narrows the parties of a run.
type LineQuery struct {
	Way    string `query:"way" enum:"enter,leave,gain,lose"`
	Scheme string `query:"scheme" maxLength:"200"`
	Town   string `query:"town" maxLength:"100"`
}

func (q LineQuery) query() PartyQuery { return PartyQuery(q) }

func told[T any](v T, err error) (*rest.Body[T], error) {
	if err != nil {
		return nil, err
	}
	return &rest.Body[T]{Body: v}, nil
}

// Routes registers the room's calls. Who may see what is checked where it is read.
func (r *Room) Routes(api huma.API) {
	op := rest.Operations("simulations", "")
	huma.Register(api, op("read-parameters", http.MethodGet, "/schemes/{doc}/{scheme}/parameters", "What may be turned in a scheme: thresholds, rates, sums, caps, each with its sentence (the desk)"),
		func(ctx context.Context, in *SchemePath) (*rest.Body[ParametersOf], error) {
			id := in.Document + "/" + in.Scheme
			items, d, err := r.Parameters(ctx, id)
			if err != nil {
				return nil, err
			}
			return told(ParametersOf{id, d.Title, d.Text, d.Cite, d.Office, d.Limits, items}, nil)
		})
	start := op("start-simulation", http.MethodPost, "/simulations", "Try other parameters, or a draft, over the registry (officers, leaders, finance, administrators)")
	start.DefaultStatus = http.StatusCreated
	huma.Register(api, start, func(ctx context.Context, in *struct {
		rest.TenantPath
		Body StartBody
	}) (*rest.Body[*Simulation], error) {
		o := Order{Changes: in.Body.Changes, Scheme: in.Body.Scheme, Draft: in.Body.Draft}
		if in.Body.On != "" {
			on, err := policy.ParseDate(in.Body.On)
			if err != nil {
				return nil, fault.New(fault.Invalid, "日期不正确", fault.At("on", "%s", err.Error()))
			}
			o.On = on
		}
		return told(r.Start(ctx, o))
	})
	huma.Register(api, op("list-simulations", http.MethodGet, "/simulations", "Runs: one's own and those that were saved, the latest first (the desk)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			SavedQuery
			rest.PageQuery
		}) (*rest.Body[Page], error) {
			items, total, err := r.List(ctx, in.Saved, in.Page, in.Per)
			return told(Page{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-simulations", http.MethodGet, "/simulations.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			SavedQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("测算方案.xlsx", func(w io.Writer) error { return r.Export(ctx, in.Saved, w) })
		})
	huma.Register(api, op("compare-simulations", http.MethodGet, "/simulations/compare", "Two to four runs side by side"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			IDs string `query:"ids" required:"true" maxLength:"300" doc:"ids, with commas between"`
		}) (*rest.Body[*Aside], error) {
			return told(r.Beside(ctx, strings.Split(in.IDs, ",")))
		})
	huma.Register(api, op("read-simulation", http.MethodGet, "/simulations/{id}", "A run: what was asked, how far it is, what it found"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Simulation], error) {
			return told(r.Get(ctx, in.ID))
		})
	huma.Register(api, op("list-simulation-parties", http.MethodGet, "/simulations/{id}/parties", "Whom it changes something for, the largest changes first; of those whom whoever asks may see"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			LineQuery
			rest.PageQuery
		}) (*rest.Body[PartyPage], error) {
			items, total, err := r.Parties(ctx, in.ID, in.query(), in.Page, in.Per)
			return told(PartyPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-simulation-parties", http.MethodGet, "/simulations/{id}/parties.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			LineQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("受影响企业.xlsx", func(w io.Writer) error { return r.ExportParties(ctx, in.ID, in.query(), w) })
		})
	huma.Register(api, op("save-simulation", http.MethodPost, "/simulations/{id}/save", "Save a run under a name (whoever made it)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body SaveBody
		}) (*rest.Body[*Simulation], error) {
			return told(r.Save(ctx, in.ID, in.Body.Name, in.Body.Note))
		})
	huma.Register(api, op("stop-simulation", http.MethodPost, "/simulations/{id}/stop", "Stop a run that is under way (whoever made it)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Simulation], error) {
			return told(r.Stop(ctx, in.ID))
		})
	huma.Register(api, op("delete-simulation", http.MethodDelete, "/simulations/{id}", "Take a run away (whoever made it)"),
		func(ctx context.Context, in *rest.ItemPath) (*struct{}, error) { return nil, r.Delete(ctx, in.ID) })
}
