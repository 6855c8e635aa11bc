package paper

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/files"
	"shanglin/internal/platform/rest"
)

// PaperList is documents.
type PaperList struct {
	Items []Paper `json:"items" nullable:"false"`
}

// private is an answer that nobody may keep a copy of.
type private[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

var op = rest.Operations("paper", "")

// Routes registers the documents. Who may do what is checked where the data is.
func (r *Room) Routes(api huma.API) {
	huma.Register(api, op("case-papers", http.MethodGet, "/cases/{id}/papers", "The official documents of an application: to its office all, to others who may see it what was issued"),
		func(ctx context.Context, in *rest.ItemPath) (*private[PaperList], error) {
			out, err := r.Of(ctx, in.ID)
			return &private[PaperList]{"no-store", PaperList{out}}, err
		})
	huma.Register(api, op("fill-paper", http.MethodPut, "/papers/{id}/values", "Fill in what a document lacks"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Version int64             `json:"version"`
				Values  map[string]string `json:"values" doc:"by the name of the field"`
			}
		}) (*private[Paper], error) {
			out, err := r.FillIn(ctx, in.ID, in.Body.Version, in.Body.Values)
			return &private[Paper]{"no-store", out}, err
		})
	type versioned struct {
		rest.ItemPath
		Body struct {
			Version int64 `json:"version"`
		}
	}
	huma.Register(api, op("review-paper", http.MethodPost, "/papers/{id}/review", "Say that a document may be issued"),
		func(ctx context.Context, in *versioned) (*private[Paper], error) {
			out, err := r.Review(ctx, in.ID, in.Body.Version)
			return &private[Paper]{"no-store", out}, err
		})
	huma.Register(api, op("issue-paper", http.MethodPost, "/papers/{id}/issue", "Issue a document: it is numbered, and its file is written"),
		func(ctx context.Context, in *versioned) (*private[Paper], error) {
			out, err := r.Issue(ctx, in.ID, in.Body.Version)
			return &private[Paper]{"no-store", out}, err
		})
	huma.Register(api, op("deliver-paper", http.MethodPost, "/papers/{id}/delivery", "Keep the receipt of a document"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Version int64 `json:"version"`
				Delivery
			}
		}) (*private[Paper], error) {
			out, err := r.Deliver(ctx, in.ID, in.Body.Version, in.Body.Delivery)
			return &private[Paper]{"no-store", out}, err
		})
	huma.Register(api, op("download-paper", http.MethodGet, "/papers/{id}/file", "The file of a document that was issued"),
		func(ctx context.Context, in *rest.ItemPath) (*huma.StreamResponse, error) {
			f, content, err := r.Open(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return files.Download(f, content), nil
		})
}
