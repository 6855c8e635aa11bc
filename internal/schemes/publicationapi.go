package schemes

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// How much one proposal may send. A single file is bounded by the language.
const (
	maxUpload      = 16 << 20
	maxUploadFiles = 300
	maxSchemeFile  = 1<<20 + 1 // one more than the language reads, so that it says that the file is too large
)

// DraftPath names a draft. (huma reads the parameters of an embedded struct only when its name is exported.)
type DraftPath struct {
	Tenant string `path:"tenant" maxLength:"64"`
	ID     string `path:"id" maxLength:"64"`
}

// FileQuery names a file of the set, and perhaps a version of it.
type FileQuery struct {
	Tenant  string `path:"tenant" maxLength:"64"`
	Path    string `query:"path" required:"true" maxLength:"400" doc:"folder/name.yaml"`
	Version string `query:"version" maxLength:"64" doc:"default: the one in use, or the last"`
}

// EditionPage is a page of publications.
type EditionPage struct {
	Items []Edition `json:"items" nullable:"false"`
	Total int       `json:"total"`
	Page  int       `json:"page"`
}

// DraftPage is a page of drafts.
type DraftPage struct {
	Items []Draft `json:"items" nullable:"false"`
	Total int     `json:"total"`
	Page  int     `json:"page"`
}

// ProposalForm is a proposal as a form: file and path as often as there are files, in the same order; remove for each path that leaves;
// base, the publication that the page showed; note.
type ProposalForm struct {
	Tenant  string `path:"tenant" maxLength:"64"`
	RawBody multipart.Form
}

type (
	editionsInput struct {
		Tenant string `path:"tenant" maxLength:"64"`
		Page   int    `query:"page" minimum:"1" maximum:"100000" default:"1"`
		Per    int    `query:"per" minimum:"1" maximum:"100" default:"20"`
	}
	draftsInput struct {
		Tenant string `path:"tenant" maxLength:"64"`
		State  string `query:"state" enum:"draft,published,returned,withdrawn"`
		Page   int    `query:"page" minimum:"1" maximum:"100000" default:"1"`
		Per    int    `query:"per" minimum:"1" maximum:"100" default:"20"`
	}
	draftTextInput struct {
		DraftPath
		Path string `query:"path" required:"true" maxLength:"400"`
	}
	approveInput struct {
		DraftPath
		Body struct {
			Base string `json:"base" maxLength:"64" doc:"the publication with which the reader saw the draft compared"`
		}
	}
	returnInput struct {
		DraftPath
		Body struct {
			Reason string `json:"reason" maxLength:"2000"`
		}
	}
	actInput struct {
		DraftPath
		Body struct{}
	}
)

// fresh is an answer that no cache keeps: what may be done with a thing changes with whoever asks.
type fresh[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

func answer[T any](v T, err error) (*fresh[T], error) {
	if err != nil {
		return nil, err
	}
	return &fresh[T]{"no-store", v}, nil
}

// textBody is the text of a file.
type textBody struct {
	Text string `json:"text"`
}

func publicationOp(id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: "/api/{tenant}/publications" + path, Summary: summary, Tags: []string{"publications"}}
}

// PublicationRoutes registers the published set as files, and publishing with four eyes. Who may do what is checked where the data is.
func PublicationRoutes(api huma.API) {
	routesOfPublished(api)
	routesOfYears(api)
	routesOfDrafts(api)
}

func routesOfPublished(api huma.API) {
	huma.Register(api, publicationOp("read-publication", http.MethodGet, "", "The published set: documents, vocabularies, who published and approved them (officers, administrators, auditors)"),
		func(ctx context.Context, in *tenantInput) (*fresh[*Published], error) {
			return answer(ReadPublished(ctx))
		})
	huma.Register(api, publicationOp("list-declared-series", http.MethodGet, "/series", "The series of numbers that the files in use declare, and where"),
		func(ctx context.Context, in *tenantInput) (*fresh[*SeriesDeclared], error) {
			return answer(ReadSeries(ctx))
		})
	huma.Register(api, publicationOp("list-editions", http.MethodGet, "/editions", "Every publication, the latest first"),
		func(ctx context.Context, in *editionsInput) (*fresh[EditionPage], error) {
			items, total, err := Editions(ctx, in.Page, in.Per)
			return answer(EditionPage{items, total, in.Page}, err)
		})
	huma.Register(api, publicationOp("read-scheme-file", http.MethodGet, "/file", "A file with its text and its history"),
		func(ctx context.Context, in *FileQuery) (*fresh[*FileShown], error) {
			return answer(ReadFile(ctx, in.Path, in.Version))
		})
	huma.Register(api, publicationOp("download-scheme-file", http.MethodGet, "/file.yaml", "The same file, byte for byte"),
		func(ctx context.Context, in *FileQuery) (*huma.StreamResponse, error) {
			shown, err := ReadFile(ctx, in.Path, in.Version)
			if err != nil {
				return nil, err
			}
			return attachment("application/yaml; charset=utf-8", path.Base(shown.File.Path), shown.File.Body), nil
		})
	huma.Register(api, publicationOp("download-scheme-files", http.MethodGet, "/files.zip", "The whole published set, byte for byte, with its manifest"),
		func(ctx context.Context, in *tenantInput) (*huma.StreamResponse, error) {
			body, err := Archive(ctx)
			if err != nil {
				return nil, err
			}
			return attachment("application/zip", "政策文件.zip", body), nil
		})
}

type yearsInput struct {
	Tenant string `path:"tenant" maxLength:"64"`
	Year   int    `query:"year" minimum:"1900" maximum:"2200" doc:"default: this year"`
}

func routesOfYears(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "read-calendar", Method: http.MethodGet, Path: "/api/{tenant}/calendar", Tags: []string{"publications"},
		Summary: "The days off and worked weekends by which time limits are counted now: the years that are known, and one of them (everybody who works or applies here)"},
		func(ctx context.Context, in *yearsInput) (*fresh[*Years], error) {
			return answer(ReadYears(ctx, in.Year))
		})
}

func routesOfDrafts(api huma.API) {
	check := publicationOp("check-proposal", http.MethodPost, "/check", "What a proposal would come to: every problem with its place, or what differs; nothing is kept (administrators)")
	check.MaxBodyBytes = maxUpload
	huma.Register(api, check, func(ctx context.Context, in *ProposalForm) (*fresh[*Inspection], error) {
		p, err := in.proposal(ctx)
		if err != nil {
			return nil, err
		}
		return answer(Inspect(ctx, p))
	})
	propose := publicationOp("propose", http.MethodPost, "/proposals", "Keep a proposal as a draft for another administrator to approve (administrators)")
	propose.MaxBodyBytes = maxUpload
	propose.DefaultStatus = http.StatusCreated
	huma.Register(api, propose, func(ctx context.Context, in *ProposalForm) (*fresh[*Draft], error) {
		p, err := in.proposal(ctx)
		if err != nil {
			return nil, err
		}
		return answer(Propose(ctx, p))
	})
	huma.Register(api, publicationOp("list-proposals", http.MethodGet, "/proposals", "Drafts, the latest first (administrators, auditors)"),
		func(ctx context.Context, in *draftsInput) (*fresh[DraftPage], error) {
			items, total, err := Drafts(ctx, in.State, in.Page, in.Per)
			return answer(DraftPage{items, total, in.Page}, err)
		})
	huma.Register(api, publicationOp("read-proposal", http.MethodGet, "/proposals/{id}", "A draft and what it comes to (administrators, auditors)"),
		func(ctx context.Context, in *DraftPath) (*fresh[*Seen], error) { return answer(ReadDraft(ctx, in.ID)) })
	huma.Register(api, publicationOp("read-proposal-file", http.MethodGet, "/proposals/{id}/file", "The text of a file of a draft (administrators, auditors)"),
		func(ctx context.Context, in *draftTextInput) (*fresh[textBody], error) {
			text, err := DraftText(ctx, in.ID, in.Path)
			return answer(textBody{text}, err)
		})
	huma.Register(api, publicationOp("recheck-proposal", http.MethodPost, "/proposals/{id}/recheck", "Compare a draft with the set now in use (whoever proposed it)"),
		func(ctx context.Context, in *actInput) (*fresh[*Seen], error) { return answer(Recheck(ctx, in.ID)) })
	huma.Register(api, publicationOp("approve-proposal", http.MethodPost, "/proposals/{id}/approve", "Approve a draft, which publishes it (another administrator)"),
		func(ctx context.Context, in *approveInput) (*fresh[*Draft], error) {
			return answer(Approve(ctx, in.ID, in.Body.Base))
		})
	huma.Register(api, publicationOp("return-proposal", http.MethodPost, "/proposals/{id}/return", "Return a draft with a reason (another administrator)"),
		func(ctx context.Context, in *returnInput) (*fresh[*Draft], error) {
			return answer(Return(ctx, in.ID, in.Body.Reason))
		})
	huma.Register(api, publicationOp("withdraw-proposal", http.MethodPost, "/proposals/{id}/withdraw", "Withdraw a draft (whoever proposed it)"),
		func(ctx context.Context, in *actInput) (*fresh[*Draft], error) { return answer(Withdraw(ctx, in.ID)) })
}

// proposal reads the form. Only an administrator's files are read at all.
func (in *ProposalForm) proposal(ctx context.Context) (Proposal, error) {
	var p Proposal
	if err := mustPublish(ctx); err != nil {
		return p, err
	}
	files, paths := in.RawBody.File["file"], in.RawBody.Value["path"]
	p.Remove = in.RawBody.Value["remove"]
	one := func(name string) string {
		if v := in.RawBody.Value[name]; len(v) == 1 {
			return v[0]
		}
		return ""
	}
	p.Base, p.Note = one("base"), one("note")
	switch {
	case len(files) != len(paths):
		return p, fault.New(fault.Invalid, "每份文件要写明放在哪里", fault.Detail{Field: "path", Message: "路径与文件应一一对应"})
	case len(files) == 0 && len(p.Remove) == 0:
		return p, fault.New(fault.Invalid, "请选择文件", fault.Detail{Field: "file", Message: "请选择至少一份文件"})
	case len(files)+len(p.Remove) > maxUploadFiles:
		return p, fault.New(fault.TooLarge, "一次提交的文件过多，请分几次")
	}
	for i, header := range files {
		f, err := header.Open()
		if err != nil {
			return p, err
		}
		data, err := io.ReadAll(io.LimitReader(f, maxSchemeFile))
		f.Close()
		if err != nil {
			return p, err
		}
		p.Files = append(p.Files, policy.File{Path: paths[i], Data: data})
	}
	return p, nil
}

func attachment(kind, name string, body []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", kind)
		hc.SetHeader("Content-Disposition", `attachment; filename*=UTF-8''`+url.PathEscape(name))
		hc.SetHeader("Cache-Control", "no-store")
		_, _ = hc.BodyWriter().Write(body) // a reader who went away is nobody to tell
	}}
}
