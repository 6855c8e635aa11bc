package paper

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/files"
	"shanglin/internal/platform/rest"
)

// private is an answer that nobody may keep a copy of.
type private[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

func answer[T any](v T, err error) (*private[T], error) { return &private[T]{"no-store", v}, err }

var op = rest.Operations("paper", "")

type versioned struct {
	rest.ItemPath
	Body struct {
		Version int64 `json:"version"`
	}
}

type reasoned struct {
	rest.ItemPath
	Body struct {
		Version int64  `json:"version"`
		Reason  string `json:"reason" maxLength:"500"`
	}
}

// Routes registers the documents. Who may do what is checked where the data is.
func (r *Room) Routes(api huma.API) {
	huma.Register(api, op("case-papers", http.MethodGet, "/cases/{id}/papers", "The official documents of an application: to its office all, to others who may see it what was issued"),
		func(ctx context.Context, in *rest.ItemPath) (*private[*OfCase], error) {
			return answer(r.Of(ctx, in.ID))
		})
	huma.Register(api, op("draft-paper", http.MethodPost, "/cases/{id}/papers", "Draft a document by hand"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Template string `json:"template" maxLength:"100"`
			}
		}) (*private[*Paper], error) {
			return answer(r.ByHand(ctx, in.ID, in.Body.Template))
		})
	huma.Register(api, op("list-papers", http.MethodGet, "/papers", "The documents of one's offices, the latest first"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			rest.PageQuery
			Q     string `query:"q" maxLength:"100" doc:"part of the number, the title, the case's number or the receiver's name"`
			State State  `query:"state" enum:"draft,review,sign,issued,delivered,void"`
		}) (*private[*Page], error) {
			return answer(r.List(ctx, Filter{Text: in.Q, State: in.State, Page: in.Page, Per: in.Per}))
		})
	huma.Register(api, op("verify-paper", http.MethodGet, "/papers/verify", "What is public of the document whose file has that hash (everybody)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			SHA256 string `query:"sha256" required:"true" minLength:"64" maxLength:"64" pattern:"^[0-9a-fA-F]{64}$"`
		}) (*private[*Verified], error) {
			return answer(r.Verify(ctx, in.SHA256))
		})
	huma.Register(api, op("list-paper-series", http.MethodGet, "/papers/series", "How far the numbers of documents have come, and whether one is missing (administrators, auditors)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			rest.PageQuery
		}) (*private[*SeriesPage], error) {
			return answer(r.ReadSeries(ctx, in.Page, in.Per))
		})
	huma.Register(api, op("get-paper", http.MethodGet, "/papers/{id}", "A document"),
		func(ctx context.Context, in *rest.ItemPath) (*private[*Paper], error) {
			return answer(r.Get(ctx, in.ID))
		})
	huma.Register(api, op("save-paper", http.MethodPut, "/papers/{id}", "Keep what is written in drafting, as a version"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Version int64 `json:"version"`
				Content
			}
		}) (*private[*Paper], error) {
			return answer(r.Save(ctx, in.ID, in.Body.Version, in.Body.Content))
		})
	huma.Register(api, op("submit-paper", http.MethodPost, "/papers/{id}/submit", "Hand a draft in for review; whoever does is its drafter"),
		func(ctx context.Context, in *versioned) (*private[*Paper], error) {
			return answer(r.Submit(ctx, in.ID, in.Body.Version))
		})
	huma.Register(api, op("review-paper", http.MethodPost, "/papers/{id}/review", "Say that a document may be issued"),
		func(ctx context.Context, in *versioned) (*private[*Paper], error) {
			return answer(r.Review(ctx, in.ID, in.Body.Version))
		})
	huma.Register(api, op("return-paper", http.MethodPost, "/papers/{id}/return", "Send a document back to be drafted again"),
		func(ctx context.Context, in *reasoned) (*private[*Paper], error) {
			return answer(r.Return(ctx, in.ID, in.Body.Version, in.Body.Reason))
		})
	huma.Register(api, op("issue-paper", http.MethodPost, "/papers/{id}/issue", "Issue a document: it is numbered, and its file is written"),
		func(ctx context.Context, in *versioned) (*private[*Paper], error) {
			return answer(r.Issue(ctx, in.ID, in.Body.Version))
		})
	huma.Register(api, op("void-paper", http.MethodPost, "/papers/{id}/void", "Give up a document that was not issued"),
		func(ctx context.Context, in *reasoned) (*private[*Paper], error) {
			return answer(r.Void(ctx, in.ID, in.Body.Version, in.Body.Reason))
		})
	huma.Register(api, op("deliver-paper", http.MethodPost, "/papers/{id}/delivery", "Keep how a document was delivered"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Version int64 `json:"version"`
				Delivery
			}
		}) (*private[*Paper], error) {
			return answer(r.Deliver(ctx, in.ID, in.Body.Version, in.Body.Delivery))
		})
	huma.Register(api, op("receive-paper", http.MethodPost, "/papers/{id}/receive", "Agree to electronic delivery of a document, and receive it (those who speak for its receiver)"),
		func(ctx context.Context, in *versioned) (*private[*Paper], error) {
			return answer(r.Receive(ctx, in.ID, in.Body.Version))
		})
	huma.Register(api, op("download-paper", http.MethodGet, "/papers/{id}/file", "The file of a document that was issued"),
		func(ctx context.Context, in *rest.ItemPath) (*huma.StreamResponse, error) {
			f, content, err := r.Open(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return files.Download(f, content), nil
		})
	huma.Register(api, op("preview-paper", http.MethodGet, "/papers/{id}/draft.docx", "A document as it would be issued now"),
		func(ctx context.Context, in *rest.ItemPath) (*huma.StreamResponse, error) {
			return docx(r.Preview(ctx, in.ID))
		})
	huma.Register(api, op("paper-receipt", http.MethodGet, "/papers/{id}/receipt.docx", "The delivery receipt of a document"),
		func(ctx context.Context, in *rest.ItemPath) (*huma.StreamResponse, error) {
			return docx(r.ReceiptOf(ctx, in.ID))
		})
}

func docx(name string, content []byte, err error) (*huma.StreamResponse, error) {
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", files.DOCX.MediaType())
		hc.SetHeader("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
		hc.SetHeader("Cache-Control", "no-store")
		_, _ = hc.BodyWriter().Write(content) // the reader went away: nobody is left to tell
	}}, nil
}
