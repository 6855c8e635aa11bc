package registry

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/rest"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

// ListQuery narrows a list of parties.
type ListQuery struct {
	Q        string `query:"q" maxLength:"100" doc:"words of the name, two characters are enough; or a code or its beginning"`
	Town     string `query:"town" maxLength:"100"`
	Industry string `query:"industry" maxLength:"100"`
	Size     string `query:"size" maxLength:"100"`
	Kind     string `query:"kind" enum:"企业,个人,组织"`
	Sort     string `query:"sort" enum:"name,code,latest" doc:"default: by name, or the best match first"`
}

func (q ListQuery) filter() Filter {
	return Filter{Text: q.Q, Town: q.Town, Industry: q.Industry, Size: q.Size, Kind: q.Kind, Sort: q.Sort}
}

// DisputeQuery narrows a list of disputes.
type DisputeQuery struct {
	State string `query:"state" enum:"open,upheld,corrected"`
	Party string `query:"party" maxLength:"64"`
}

func (q DisputeQuery) filter() DisputeFilter { return DisputeFilter(q) }

// PartyPage is a page of the register.
type PartyPage struct {
	Items []PartyRow `json:"items" nullable:"false"`
	Total int        `json:"total"`
	Page  int        `json:"page"`
}

// OwnParties are the parties that a firm account speaks for.
type OwnParties struct {
	Items []Party `json:"items" nullable:"false"`
}

// PartyBody is what an officer states of a party.
type PartyBody struct {
	Kind      string `json:"kind" enum:"企业,个人,组织"`
	Code      string `json:"code,omitempty" maxLength:"60"`
	Exception string `json:"exception,omitempty" maxLength:"800" doc:"why a code is kept although its check digits are wrong, or why there is none"`
	Name      string `json:"name" maxLength:"400"`
	Town      string `json:"town,omitempty" maxLength:"200"`
	Industry  string `json:"industry,omitempty" maxLength:"300"`
	Size      string `json:"size,omitempty" maxLength:"200"`
	Contact   string `json:"contact,omitempty" maxLength:"300" doc:"personal; a text that holds * keeps what is known"`
	Phone     string `json:"phone,omitempty" maxLength:"200" doc:"personal; a text that holds * keeps what is known"`
	IDNumber  string `json:"id_number,omitempty" maxLength:"60" doc:"personal; a text that holds * keeps what is known"`
	Note      string `json:"note,omitempty" maxLength:"2000"`
}

func (b PartyBody) party(id string) Party {
	return Party{ID: id, Kind: b.Kind, Code: b.Code, Exception: b.Exception, Name: b.Name, Town: b.Town, Industry: b.Industry, Size: b.Size,
		Contact: b.Contact, Phone: b.Phone, IDNumber: b.IDNumber, Note: b.Note}
}

// ReasonBody is why somebody does something.
type ReasonBody struct {
	Reason string `json:"reason" maxLength:"2000"`
}

// FactBody is what somebody states about a party: the value of a term, a record, or an award received.
type FactBody struct {
	Term     string      `json:"term" maxLength:"200" doc:"a term or a kind of record of the vocabulary, or received(SCHEME)"`
	Thing    string      `json:"thing,omitempty" maxLength:"120" doc:"which of the party's things (its project) it is said of, where the term describes one"`
	Year     int         `json:"year,omitempty" minimum:"0" maximum:"2200" doc:"of a yearly term"`
	Value    string      `json:"value,omitempty" maxLength:"400" doc:"with its unit: 9990万元"`
	Record   *RecordBody `json:"record,omitempty"`
	On       policy.Date `json:"on,omitempty" doc:"the day of an award received"`
	Evidence string      `json:"evidence,omitempty" maxLength:"1000"`
	Replaces string      `json:"replaces,omitempty" maxLength:"64" doc:"the fact that this one corrects"`
	Withdraw bool        `json:"withdraw,omitempty" doc:"no longer claim what replaces, or the same term and year, says"`
}

// RecordBody is a record as it is stated.
type RecordBody struct {
	Number string            `json:"number,omitempty" maxLength:"300" doc:"its own number, which identifies it"`
	From   policy.Date       `json:"from,omitempty"`
	Until  policy.Date       `json:"until,omitempty"`
	Fields map[string]string `json:"fields,omitempty" maxProperties:"50"`
}

// Statement is the body as said about a party.
func (b FactBody) Statement(party string) Statement {
	s := Statement{Party: party, Thing: b.Thing, Term: strings.TrimFunc(b.Term, blank), Year: b.Year, Value: b.Value, On: b.On, Evidence: b.Evidence, Replaces: b.Replaces, Withdraw: b.Withdraw}
	if b.Record != nil {
		s.Record = &RecordOf{Number: b.Record.Number, From: b.Record.From, Until: b.Record.Until, Fields: b.Record.Fields}
	}
	return s
}

// Stated is a fact that now stands, and the answers that it changed.
type Stated struct {
	Fact    Fact           `json:"fact"`
	Changes []AnswerChange `json:"answers_changed" nullable:"false"`
}

// FactList is what is known of a party.
type FactList struct {
	Items []Fact `json:"items" nullable:"false"`
}

// DisputePage is a page of disputes.
type DisputePage struct {
	Items []Dispute `json:"items" nullable:"false"`
	Total int       `json:"total"`
	Page  int       `json:"page"`
}

// ImportPage is a page of imports.
type ImportPage struct {
	Items []Import `json:"items" nullable:"false"`
	Total int      `json:"total"`
	Page  int      `json:"page"`
}

// StagedPage is a page of an import's preview.
type StagedPage struct {
	Items []StagedRow `json:"items" nullable:"false"`
	Total int         `json:"total"`
	Page  int         `json:"page"`
}

type (
	listInput struct {
		rest.TenantPath
		ListQuery
		rest.PageQuery
	}
	exportInput struct {
		rest.TenantPath
		ListQuery
	}
	partyInput struct {
		rest.TenantPath
		Body PartyBody
	}
	changeInput struct {
		rest.ItemPath
		Body PartyBody
	}
	reasonInput struct {
		rest.ItemPath
		Body ReasonBody
	}
	factsInput struct {
		rest.ItemPath
		History bool `query:"history" doc:"also what was superseded or withdrawn"`
	}
	factInput struct {
		rest.ItemPath
		Body FactBody
	}
	verifyInput struct {
		rest.ItemPath
		Body struct {
			Evidence string `json:"evidence,omitempty" maxLength:"1000"`
		}
	}
	disputesInput struct {
		rest.TenantPath
		DisputeQuery
		rest.PageQuery
	}
	exportDisputesInput struct {
		rest.TenantPath
		DisputeQuery
	}
	resolveInput struct {
		rest.ItemPath
		Body struct {
			Decision   string    `json:"decision" enum:"upheld,corrected"`
			Reason     string    `json:"reason" maxLength:"2000"`
			Correction *FactBody `json:"correction,omitempty" doc:"the right value; its term follows from the dispute"`
		}
	}
	coverageList struct {
		Items []Coverage `json:"items" nullable:"false"`
		Kinds []Complete `json:"kinds" nullable:"false" doc:"what may be declared"`
	}
	coverInput struct {
		rest.TenantPath
		Body struct {
			Kind     string      `json:"kind" maxLength:"200" doc:"a kind of record, or received"`
			Through  policy.Date `json:"through"`
			Evidence string      `json:"evidence,omitempty" maxLength:"1000"`
		}
	}
	templateInput struct {
		rest.TenantPath
		Kind  string `query:"kind" required:"true" maxLength:"200"`
		Years []int  `query:"years" maxItems:"12" minimum:"1949" maximum:"2200" doc:"of yearly terms; default the last two"`
	}
	uploadInput struct {
		rest.TenantPath
		RawBody multipart.Form
	}
	rowsInput struct {
		rest.ItemPath
		State string `query:"state" enum:"good,bad"`
		rest.PageQuery
	}
	commitInput struct {
		rest.ItemPath
		Body struct {
			Mode string `json:"mode" enum:"good_only,all_or_none"`
		}
	}
	emptyInput struct {
		rest.ItemPath
		Body struct{}
	}
)

// watched runs a change and tells which answers it changed.
func (r *Registry) watched(ctx context.Context, change func(ctx context.Context) (Fact, error)) (*rest.Body[Stated], error) {
	changes := func() []AnswerChange { return nil }
	if r.watch != nil {
		ctx, changes = r.watch(ctx)
	}
	f, err := change(ctx)
	if err != nil {
		return nil, err
	}
	out := &rest.Body[Stated]{Body: Stated{Fact: f, Changes: []AnswerChange{}}}
	out.Body.Changes = append(out.Body.Changes, changes()...)
	return out, nil
}

var op = rest.Operations("registry", "")

// Routes registers parties, facts, disputes, coverage and imports. Who may do what is checked where the data is.
func (r *Registry) Routes(api huma.API) {
	r.routesOfParties(api)
	r.routesOfFacts(api)
	r.routesOfImports(api)
	r.routesOfClaims(api)
	r.routesOfPeople(api)
}

func (r *Registry) routesOfParties(api huma.API) {
	huma.Register(api, op("list-parties", http.MethodGet, "/parties", "The parties in the officer's scope"),
		func(ctx context.Context, in *listInput) (*rest.Body[PartyPage], error) {
			items, total, err := r.List(ctx, in.filter(), Page{in.Page, in.Per})
			return &rest.Body[PartyPage]{Body: PartyPage{items, total, in.Page}}, err
		})
	huma.Register(api, op("export-parties", http.MethodGet, "/parties.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("主体名录.xlsx", func(w io.Writer) error { return r.ExportParties(ctx, in.filter(), w) })
		})
	huma.Register(api, op("list-firms", http.MethodGet, "/firms", "The parties that the account speaks for"),
		func(ctx context.Context, in *rest.TenantPath) (*rest.Body[OwnParties], error) {
			items, err := r.Own(ctx)
			return &rest.Body[OwnParties]{Body: OwnParties{items}}, err
		})
	create := op("create-party", http.MethodPost, "/parties", "Register a party")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *partyInput) (*rest.Body[Party], error) {
		p, err := r.Put(ctx, in.Body.party(""))
		return &rest.Body[Party]{Body: p}, err
	})
	huma.Register(api, op("get-party", http.MethodGet, "/parties/{id}", "A party; personal data is masked"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[Party], error) {
			p, err := r.Get(ctx, in.ID)
			return &rest.Body[Party]{Body: p}, err
		})
	huma.Register(api, op("change-party", http.MethodPut, "/parties/{id}", "State a party anew"),
		func(ctx context.Context, in *changeInput) (*rest.Body[Party], error) {
			p, err := r.Put(ctx, in.Body.party(in.ID))
			return &rest.Body[Party]{Body: p}, err
		})
	huma.Register(api, op("unmask-party", http.MethodPost, "/parties/{id}/unmask", "Read a party's personal data; the reading is logged with its reason"),
		func(ctx context.Context, in *reasonInput) (*rest.Body[Party], error) {
			p, err := r.Unmask(ctx, in.ID, in.Body.Reason)
			return &rest.Body[Party]{Body: p}, err
		})
}

func (r *Registry) routesOfFacts(api huma.API) {
	huma.Register(api, op("list-facts", http.MethodGet, "/parties/{id}/facts", "What is known of a party, with sources"),
		func(ctx context.Context, in *factsInput) (*rest.Body[FactList], error) {
			items, err := r.facts(ctx, in.ID, in.History)
			return &rest.Body[FactList]{Body: FactList{items}}, err
		})
	huma.Register(api, op("export-facts", http.MethodGet, "/parties/{id}/facts.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Q string `query:"q" maxLength:"100" doc:"part of the name of a term or kind of record"`
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("企业数据.xlsx", func(w io.Writer) error { return r.ExportFacts(ctx, in.ID, in.Q, w) })
		})
	huma.Register(api, op("state-fact", http.MethodPost, "/parties/{id}/facts", "State a fact: declared by the firm itself, verified by an officer whose department vouches for it"),
		func(ctx context.Context, in *factInput) (*rest.Body[Stated], error) {
			return r.watched(ctx, func(ctx context.Context) (Fact, error) { return r.State(ctx, in.Body.Statement(in.ID)) })
		})
	huma.Register(api, op("verify-fact", http.MethodPost, "/facts/{id}/verify", "Vouch for a declared fact as it stands"),
		func(ctx context.Context, in *verifyInput) (*rest.Body[Stated], error) {
			return r.watched(ctx, func(ctx context.Context) (Fact, error) { return r.Verify(ctx, in.ID, in.Body.Evidence) })
		})
	huma.Register(api, op("dispute-fact", http.MethodPost, "/facts/{id}/dispute", "Object to a fact about one's own firm"),
		func(ctx context.Context, in *reasonInput) (*rest.Body[Dispute], error) {
			d, err := r.Dispute(ctx, in.ID, in.Body.Reason)
			return &rest.Body[Dispute]{Body: d}, err
		})
	huma.Register(api, op("list-disputes", http.MethodGet, "/disputes", "Objections in scope, the latest first"),
		func(ctx context.Context, in *disputesInput) (*rest.Body[DisputePage], error) {
			items, total, err := r.Disputes(ctx, in.filter(), Page{in.Page, in.Per})
			return &rest.Body[DisputePage]{Body: DisputePage{items, total, in.Page}}, err
		})
	huma.Register(api, op("export-disputes", http.MethodGet, "/disputes.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *exportDisputesInput) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("数据异议.xlsx", func(w io.Writer) error { return r.ExportDisputes(ctx, in.filter(), w) })
		})
	huma.Register(api, op("resolve-dispute", http.MethodPost, "/disputes/{id}/resolve", "End an objection: the fact is upheld, or corrected"),
		func(ctx context.Context, in *resolveInput) (*rest.Body[Dispute], error) {
			res := Resolution{Decision: in.Body.Decision, Reason: in.Body.Reason}
			if in.Body.Correction != nil {
				s := in.Body.Correction.Statement("")
				res.Correction = &s
			}
			d, err := r.Resolve(ctx, in.ID, res)
			return &rest.Body[Dispute]{Body: d}, err
		})
	huma.Register(api, op("list-coverage", http.MethodGet, "/coverage", "Which sources are complete, and through which day"),
		func(ctx context.Context, in *rest.TenantPath) (*rest.Body[coverageList], error) {
			items, err := r.Coverages(ctx)
			if err != nil {
				return nil, err
			}
			kinds, err := r.Completes(ctx)
			return &rest.Body[coverageList]{Body: coverageList{Items: items, Kinds: kinds}}, err
		})
	huma.Register(api, op("export-coverage", http.MethodGet, "/coverage.xlsx", "The same as a workbook, with what nobody has declared"),
		func(ctx context.Context, in *rest.TenantPath) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("名录完整性.xlsx", func(w io.Writer) error { return r.ExportCoverage(ctx, w) })
		})
	huma.Register(api, op("state-coverage", http.MethodPost, "/coverage", "Declare a source complete through a day"),
		func(ctx context.Context, in *coverInput) (*rest.Body[Coverage], error) {
			c, err := r.Cover(ctx, in.Body.Kind, in.Body.Through, in.Body.Evidence)
			return &rest.Body[Coverage]{Body: c}, err
		})
}

func (r *Registry) routesOfImports(api huma.API) {
	huma.Register(api, op("list-import-kinds", http.MethodGet, "/imports/kinds", "What the officer may import"),
		func(ctx context.Context, in *rest.TenantPath) (*rest.Body[struct {
			Items []ImportKind `json:"items" nullable:"false"`
		}], error) {
			items, err := r.ImportKinds(ctx)
			out := &rest.Body[struct {
				Items []ImportKind `json:"items" nullable:"false"`
			}]{}
			out.Body.Items = items
			return out, err
		})
	huma.Register(api, op("get-template", http.MethodGet, "/imports/template.xlsx", "The workbook to fill in"),
		func(ctx context.Context, in *templateInput) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("导入模板.xlsx", func(w io.Writer) error { return r.Template(ctx, in.Kind, in.Years, w) })
		})
	upload := op("upload-import", http.MethodPost, "/imports", "Upload a workbook: form fields kind and file (.xlsx)")
	upload.MaxBodyBytes = MaxUpload + 1<<20
	upload.DefaultStatus = http.StatusAccepted
	huma.Register(api, upload, func(ctx context.Context, in *uploadInput) (*rest.Body[Import], error) {
		files := in.RawBody.File["file"]
		kinds := in.RawBody.Value["kind"]
		if len(files) != 1 || len(kinds) != 1 {
			return nil, fault.New(fault.Invalid, "请选择导入类型和一个文件", fault.At("file", "请选择一个文件"))
		}
		f, err := files[0].Open()
		if err != nil {
			return nil, err
		}
		defer f.Close()
		i, err := r.Upload(ctx, kinds[0], files[0].Filename, f)
		return &rest.Body[Import]{Body: i}, err
	})
	huma.Register(api, op("list-imports", http.MethodGet, "/imports", "Imports, the latest first"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			rest.PageQuery
		}) (*rest.Body[ImportPage], error) {
			items, total, err := r.Imports(ctx, Page{in.Page, in.Per})
			return &rest.Body[ImportPage]{Body: ImportPage{items, total, in.Page}}, err
		})
	huma.Register(api, op("export-imports", http.MethodGet, "/imports.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *rest.TenantPath) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("数据导入.xlsx", func(w io.Writer) error { return r.ExportImports(ctx, w) })
		})
	huma.Register(api, op("get-import", http.MethodGet, "/imports/{id}", "An import and how far it is"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[Import], error) {
			i, err := r.ImportOf(ctx, in.ID)
			return &rest.Body[Import]{Body: i}, err
		})
	huma.Register(api, op("list-import-rows", http.MethodGet, "/imports/{id}/rows", "The preview: rows as they were understood, and every bad cell"),
		func(ctx context.Context, in *rowsInput) (*rest.Body[StagedPage], error) {
			items, total, err := r.ImportRows(ctx, in.ID, in.State, Page{in.Page, in.Per})
			return &rest.Body[StagedPage]{Body: StagedPage{items, total, in.Page}}, err
		})
	huma.Register(api, op("export-import-rows", http.MethodGet, "/imports/{id}/rows.xlsx", "The same as a workbook: every bad cell, or what the good rows state"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			State string `query:"state" enum:"good,bad" default:"bad"`
		}) (*huma.StreamResponse, error) {
			name := map[string]string{"bad": "有误的格子.xlsx", "good": "无误的行.xlsx"}[in.State]
			return spreadsheet.Answer(name, func(w io.Writer) error { return r.ExportImportRows(ctx, in.ID, in.State, w) })
		})
	huma.Register(api, op("commit-import", http.MethodPost, "/imports/{id}/commit", "Write a staged import: the good rows, or all or none"),
		func(ctx context.Context, in *commitInput) (*rest.Body[Import], error) {
			i, err := r.Commit(ctx, in.ID, in.Body.Mode)
			return &rest.Body[Import]{Body: i}, err
		})
	huma.Register(api, op("cancel-import", http.MethodPost, "/imports/{id}/cancel", "End an import that is not yet visible"),
		func(ctx context.Context, in *emptyInput) (*rest.Body[Import], error) {
			i, err := r.Cancel(ctx, in.ID)
			return &rest.Body[Import]{Body: i}, err
		})
}
