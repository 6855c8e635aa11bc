package casework

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
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
)

// FilePath names a file of something.
type FilePath struct {
	rest.ItemPath
	File string `path:"file" maxLength:"64"`
}

// secret is an answer that nobody may keep a copy of.
type secret[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

type doInput struct {
	rest.ItemPath
	Body Doing
}

var op = rest.Operations("casework", "")

// Routes registers rounds, applications, notices, objections and decisions. Who may do what is checked where the data is.
func (c *Casework) Routes(api huma.API) {
	c.routesOfRounds(api)
	c.routesOfDrafts(api)
	c.routesOfCases(api)
	c.routesOfNotices(api)
	c.routesOfObjections(api)
	c.routesOfVisits(api)
	c.routesOfInstalments(api)
	c.routesOfTallies(api)
}

func (c *Casework) routesOfRounds(api huma.API) {
	type RoundsQuery struct {
		Q      string `query:"q" maxLength:"100"`
		State  string `query:"state" enum:"open,closed,preparing"`
		Scheme string `query:"scheme" maxLength:"160" doc:"document/scheme"`
		Kind   string `query:"kind" enum:"standing,batch"`
	}
	huma.Register(api, op("list-rounds", http.MethodGet, "/rounds", "Rounds: everybody sees what was published, the desk also what is being prepared"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			RoundsQuery
			rest.PageQuery
		}) (*rest.Body[*RoundPage], error) {
			out, err := c.Rounds(ctx, RoundFilter{Text: in.Q, State: in.State, Scheme: in.Scheme, Kind: in.Kind, Page: in.Page, Per: in.Per})
			return &rest.Body[*RoundPage]{Body: out}, err
		})
	huma.Register(api, op("export-rounds", http.MethodGet, "/rounds.xlsx", "The same as a workbook (the desk)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			RoundsQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("申报批次.xlsx", func(w io.Writer) error {
				return c.ExportRounds(ctx, RoundFilter{Text: in.Q, State: in.State, Scheme: in.Scheme, Kind: in.Kind}, w)
			})
		})
	make := op("make-round", http.MethodPost, "/rounds", "Make a round (officers of its department); nobody else sees it until it is opened")
	make.DefaultStatus = http.StatusCreated
	huma.Register(api, make, func(ctx context.Context, in *struct {
		rest.TenantPath
		Body RoundDraft
	}) (*rest.Body[*Round], error) {
		out, err := c.MakeRound(ctx, in.Body)
		return &rest.Body[*Round]{Body: out}, err
	})
	huma.Register(api, op("list-processes", http.MethodGet, "/processes", "The published processes that a round may run by"),
		func(ctx context.Context, in *rest.TenantPath) (*rest.Body[ProcessList], error) {
			out, err := c.Processes(ctx)
			return &rest.Body[ProcessList]{Body: ProcessList{out}}, err
		})
	huma.Register(api, op("get-round", http.MethodGet, "/rounds/{id}", "A round"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Round], error) {
			out, err := c.Round(ctx, in.ID)
			return &rest.Body[*Round]{Body: out}, err
		})
	huma.Register(api, op("change-round", http.MethodPut, "/rounds/{id}", "Change a round: everything before it is opened, afterwards the end of its window and the notice to applicants"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				RoundDraft
				Version int64 `json:"version"`
			}
		}) (*rest.Body[*Round], error) {
			out, err := c.ChangeRound(ctx, in.ID, in.Body.Version, in.Body.RoundDraft)
			return &rest.Body[*Round]{Body: out}, err
		})
	huma.Register(api, op("round-guide", http.MethodGet, "/rounds/{id}/guide", "What somebody has to know who would apply in a round (everybody)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Guide], error) {
			out, err := c.Guide(ctx, in.ID)
			return &rest.Body[*Guide]{Body: out}, err
		})
	huma.Register(api, op("open-round", http.MethodPost, "/rounds/{id}/open", "Open a standing item (officers of its department); a batch is opened by its process"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Version int64 `json:"version"`
			}
		}) (*rest.Body[*Round], error) {
			out, err := c.OpenRound(ctx, in.ID, in.Body.Version)
			return &rest.Body[*Round]{Body: out}, err
		})
	huma.Register(api, op("round-progress", http.MethodGet, "/rounds/{id}/progress", "Where a round stands, and what whoever asks may do"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[process.View], error) {
			out, err := c.Progress(ctx, flowRound, in.ID)
			return &rest.Body[process.View]{Body: out}, err
		})
	huma.Register(api, op("act-on-round", http.MethodPost, "/rounds/{id}/actions", "Take an action on a round"),
		func(ctx context.Context, in *doInput) (*rest.Body[*Round], error) {
			out, err := c.DoRound(ctx, in.ID, in.Body)
			return &rest.Body[*Round]{Body: out}, err
		})
	huma.Register(api, op("round-stages", http.MethodGet, "/rounds/{id}/stages", "How many cases of a round stand at which stage (the desk)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[StageList], error) {
			out, err := c.Stages(ctx, in.ID)
			return &rest.Body[StageList]{Body: StageList{out}}, err
		})
	huma.Register(api, op("list-decisions", http.MethodGet, "/rounds/{id}/decisions", "Decisions of a round with the arithmetic of each case (the desk)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[DecisionList], error) {
			out, err := c.Decisions(ctx, in.ID)
			return &rest.Body[DecisionList]{Body: DecisionList{out}}, err
		})
	huma.Register(api, op("list-samples", http.MethodGet, "/rounds/{id}/samples", "What was drawn at random from a round, with all that it takes to draw it once more (the desk)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[SampleList], error) {
			out, err := c.Samples(ctx, in.ID)
			return &rest.Body[SampleList]{Body: SampleList{out}}, err
		})
	c.routesOfResults(api)
	huma.Register(api, op("export-checks", http.MethodGet, "/rounds/{id}/checks.xlsx", "The list of a round for the actor's department to check"),
		func(ctx context.Context, in *rest.ItemPath) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("部门核查名单.xlsx", func(w io.Writer) error { return c.CheckList(ctx, in.ID, w) })
		})
	take := op("import-checks", http.MethodPost, "/rounds/{id}/checks", "The list that comes back (form field file): all of it or nothing")
	take.MaxBodyBytes = 16 << 20
	huma.Register(api, take, func(ctx context.Context, in *struct {
		rest.ItemPath
		RawBody multipart.Form
	}) (*rest.Body[*CheckResult], error) {
		f, header, err := fileIn(in.RawBody, "file")
		if err != nil {
			return nil, err
		}
		defer f.Close()
		out, err := c.TakeChecks(ctx, in.ID, f, header.Size)
		return &rest.Body[*CheckResult]{Body: out}, err
	})
}

func (c *Casework) routesOfTallies(api huma.API) {
	type TallyPath struct {
		rest.ItemPath
		List string `path:"list" maxLength:"160" doc:"key of the list that is added up"`
	}
	type TallyQuery struct {
		Q      string `query:"q" maxLength:"100"`
		Answer string `query:"answer" enum:"unmet,unknown,met"`
	}
	huma.Register(api, op("list-tallies", http.MethodGet, "/rounds/{id}/tallies", "What the parties of a round list of firms, added up: which tallies there are, with their counts (the desk)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[TallyList], error) {
			out, err := c.Tallies(ctx, in.ID)
			return &rest.Body[TallyList]{Body: TallyList{out}}, err
		})
	huma.Register(api, op("get-tally", http.MethodGet, "/rounds/{id}/tallies/{list}", "A tally, firm by firm, the worst first (the desk of the round's department, by town)"),
		func(ctx context.Context, in *struct {
			TallyPath
			TallyQuery
			rest.PageQuery
		}) (*rest.Body[*Tally], error) {
			out, err := c.Tally(ctx, in.ID, in.List, TallyFilter{Text: in.Q, Answer: in.Answer, Page: in.Page, Per: in.Per})
			return &rest.Body[*Tally]{Body: out}, err
		})
	huma.Register(api, op("export-tally", http.MethodGet, "/rounds/{id}/tallies/{list}/firms.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			TallyPath
			TallyQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("汇总.xlsx", func(w io.Writer) error {
				return c.ExportTally(ctx, in.ID, in.List, TallyFilter{Text: in.Q, Answer: in.Answer}, w)
			})
		})
	huma.Register(api, op("refer-firm", http.MethodPost, "/rounds/{id}/tallies/{list}/referrals", "Hand a firm of a tally on: a case about it begins, once (officers of the round's department)"),
		func(ctx context.Context, in *struct {
			TallyPath
			Body struct {
				Code string `json:"code" minLength:"1" maxLength:"40" doc:"unified social credit code of the firm"`
			}
		}) (*rest.Body[*Case], error) {
			out, err := c.ReferSum(ctx, in.ID, in.List, in.Body.Code)
			return &rest.Body[*Case]{Body: out}, err
		})
	huma.Register(api, op("case-lists", http.MethodGet, "/cases/{id}/lists", "What the party of a case listed when it handed in"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[CaseLists], error) {
			out, err := c.ListsOf(ctx, in.ID)
			return &rest.Body[CaseLists]{Body: CaseLists{out}}, err
		})
	huma.Register(api, op("case-referrals", http.MethodGet, "/cases/{id}/referrals", "What a case began with that was handed on, with the figures and their sources"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[ReferralList], error) {
			out, err := c.ReferralsOf(ctx, in.ID)
			return &rest.Body[ReferralList]{Body: ReferralList{out}}, err
		})
}

func (c *Casework) routesOfResults(api huma.API) {
	huma.Register(api, op("list-recommended", http.MethodGet, "/rounds/{id}/recommended", "The list of a round that is recommended upward, and the cases that wait to be put on it (the desk)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Recommendations], error) {
			out, err := c.Recommendations(ctx, in.ID)
			return &rest.Body[*Recommendations]{Body: out}, err
		})
	huma.Register(api, op("export-recommended", http.MethodGet, "/rounds/{id}/recommended.xlsx", "The list that is recommended upward as a workbook (the desk)"),
		func(ctx context.Context, in *rest.ItemPath) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("推荐名单.xlsx", func(w io.Writer) error { return c.ExportRecommended(ctx, in.ID, w) })
		})
	huma.Register(api, op("recommendation-letter", http.MethodGet, "/rounds/{id}/recommended.docx", "The report by which the list is sent to the upper body, as a draft (the desk)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			To string `query:"to" maxLength:"100" doc:"whom it goes to"`
		}) (*huma.StreamResponse, error) {
			var whole bytes.Buffer // a failure is an error and not half a file
			if err := c.RecommendationLetter(ctx, in.ID, in.To, &whole); err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				hc.SetHeader("Content-Type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
				hc.SetHeader("Content-Disposition", `attachment; filename*=UTF-8''`+url.PathEscape("推荐报告.docx"))
				hc.SetHeader("Cache-Control", "no-store")
				_, _ = whole.WriteTo(hc.BodyWriter()) // the reader went away: nobody is left to tell
			}}, nil
		})
	huma.Register(api, op("list-results", http.MethodGet, "/rounds/{id}/results", "What upper bodies published of a round (the desk of its department)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*ResultList], error) {
			out, err := c.Results(ctx, in.ID)
			return &rest.Body[*ResultList]{Body: out}, err
		})
	take := op("read-result", http.MethodPost, "/rounds/{id}/results", "Read in the list that an upper body published, all of it or nothing (officers of the round's department; form fields scheme, issuer, number, level, published_on, valid_from, valid_until and file)")
	take.MaxBodyBytes = mostList + 1<<20
	huma.Register(api, take, func(ctx context.Context, in *struct {
		rest.ItemPath
		RawBody multipart.Form
	}) (*rest.Body[*Result], error) {
		f, header, err := fileIn(in.RawBody, "file")
		if err != nil {
			return nil, err
		}
		defer f.Close()
		d := ResultDraft{Name: spreadsheet.FileName(header.Filename)}
		for name, to := range map[string]*string{"scheme": &d.Scheme, "issuer": &d.Issuer, "number": &d.Number, "level": &d.Level, "published_on": &d.PublishedOn,
			"valid_from": &d.ValidFrom, "valid_until": &d.ValidUntil} {
			*to = valueIn(in.RawBody, name)
		}
		file, err := NewListFile(header.Filename, f)
		if err != nil {
			return nil, err
		}
		out, err := c.ReadResult(ctx, in.ID, d, file)
		return &rest.Body[*Result]{Body: out}, err
	})
}

// ProcessList is published processes.
type ProcessList struct {
	Items []ProcessRef `json:"items" nullable:"false"`
}

// StageList is the stages of a round with their counts.
type StageList struct {
	Items []process.StageCount `json:"items" nullable:"false"`
}

// DecisionList is the decisions of a round.
type DecisionList struct {
	Items []Decision `json:"items" nullable:"false"`
}

// Stages counts the cases of a round by stage, for who works at the desk.
func (c *Casework) Stages(ctx context.Context, id string) ([]process.StageCount, error) {
	out := []process.StageCount{}
	err := store.Read(ctx, func(ctx context.Context) error {
		r, err := visibleRound(ctx, id)
		if err != nil {
			return err
		}
		if err := mustRead(ctx); err != nil {
			return err
		}
		out, err = c.engine.Standing(ctx, id)
		if out = orEmpty(out); err != nil || r.Standing != 0 {
			return err
		}
		return c.countTardy(ctx, r, out)
	})
	return out, err
}

func (c *Casework) routesOfDrafts(api huma.API) {
	huma.Register(api, op("list-openings", http.MethodGet, "/parties/{id}/openings", "What a party may apply for today: open rounds, their schemes, its answer to each"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[OpeningList], error) {
			out, err := c.Openings(ctx, in.ID)
			return &rest.Body[OpeningList]{Body: OpeningList{out}}, err
		})
	huma.Register(api, op("list-dues", http.MethodGet, "/parties/{id}/dues", "What a party has to do by a day: about the certificates it holds, and its yearly duties"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[DueList], error) {
			out, err := c.Dues(ctx, in.ID)
			return &rest.Body[DueList]{Body: DueList{out}}, err
		})
	begin := op("begin-case", http.MethodPost, "/cases", "Begin an application, or find the one that was begun")
	begin.DefaultStatus = http.StatusCreated
	huma.Register(api, begin, func(ctx context.Context, in *struct {
		rest.TenantPath
		Body struct {
			Round  string `json:"round" maxLength:"64"`
			Scheme string `json:"scheme" maxLength:"160"`
			Party  string `json:"party,omitempty" maxLength:"64"`

			Certificate string `json:"certificate,omitempty" maxLength:"64" doc:"the certificate that the case is about, where its process asks for one; party is then its holder"`
		}
	}) (*rest.Body[*Case], error) {
		if in.Body.Certificate != "" {
			out, err := c.BeginAbout(ctx, in.Body.Round, in.Body.Scheme, in.Body.Certificate)
			return &rest.Body[*Case]{Body: out}, err
		}
		out, err := c.Begin(ctx, in.Body.Round, in.Body.Scheme, in.Body.Party)
		return &rest.Body[*Case]{Body: out}, err
	})
	huma.Register(api, op("get-form", http.MethodGet, "/cases/{id}/form", "The form of an application: what is asked, what is known, what is missing (its party)"),
		func(ctx context.Context, in *rest.ItemPath) (*secret[*Form], error) {
			out, err := c.FormOf(ctx, in.ID)
			return &secret[*Form]{"no-store", out}, err
		})
	huma.Register(api, op("save-draft", http.MethodPut, "/cases/{id}/draft", "Keep what was typed; a save elsewhere since (version) is a conflict"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Version int64 `json:"version"`
				Draft   Draft `json:"draft"`
			}
		}) (*secret[*Form], error) {
			out, err := c.Save(ctx, in.ID, in.Body.Version, in.Body.Draft)
			return &secret[*Form]{"no-store", out}, err
		})
	attach := op("attach-file", http.MethodPost, "/cases/{id}/files", "Attach a file (form fields material and file); its type is found in its content")
	attach.MaxBodyBytes = files.DefaultSize + 1<<20
	huma.Register(api, attach, func(ctx context.Context, in *struct {
		rest.ItemPath
		RawBody multipart.Form
	}) (*secret[*Form], error) {
		f, header, err := fileIn(in.RawBody, "file")
		if err != nil {
			return nil, err
		}
		defer f.Close()
		out, err := c.Attach(ctx, in.ID, valueIn(in.RawBody, "material"), header.Filename, f)
		return &secret[*Form]{"no-store", out}, err
	})
	huma.Register(api, op("detach-file", http.MethodDelete, "/cases/{id}/files/{file}", "Take a file away"),
		func(ctx context.Context, in *FilePath) (*secret[*Form], error) {
			out, err := c.Detach(ctx, in.ID, in.File)
			return &secret[*Form]{"no-store", out}, err
		})
}

func (c *Casework) routesOfCases(api huma.API) {
	type CasesQuery struct {
		Q          string `query:"q" maxLength:"100" doc:"part of a number, a name or a code"`
		Round      string `query:"round" maxLength:"64"`
		Scheme     string `query:"scheme" maxLength:"160"`
		Party      string `query:"party" maxLength:"64"`
		Department string `query:"department" maxLength:"64"`
		Town       string `query:"town" maxLength:"64"`
		Stage      string `query:"stage" maxLength:"80"`
		Ended      string `query:"ended" enum:"open,granted,refused,withdrawn"`
		Late       bool   `query:"late" doc:"only of those whose party was late with what it had to do first"`
	}
	filter := func(q CasesQuery, p rest.PageQuery) CaseFilter {
		return CaseFilter{Text: q.Q, Round: q.Round, Scheme: q.Scheme, Party: q.Party, Department: q.Department, Town: q.Town, Stage: q.Stage, Ended: q.Ended, Late: q.Late, Page: p.Page, Per: p.Per}
	}
	huma.Register(api, op("list-cases", http.MethodGet, "/cases", "Applications that whoever asks may see"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			CasesQuery
			rest.PageQuery
		}) (*rest.Body[*CasePage], error) {
			out, err := c.Cases(ctx, filter(in.CasesQuery, in.PageQuery))
			return &rest.Body[*CasePage]{Body: out}, err
		})
	huma.Register(api, op("export-cases", http.MethodGet, "/cases.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			CasesQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("申报清单.xlsx", func(w io.Writer) error { return c.ExportCases(ctx, filter(in.CasesQuery, rest.PageQuery{}), w) })
		})
	huma.Register(api, op("get-case", http.MethodGet, "/cases/{id}", "An application"),
		func(ctx context.Context, in *rest.ItemPath) (*secret[*Case], error) {
			out, err := c.Case(ctx, in.ID)
			return &secret[*Case]{"no-store", out}, err
		})
	huma.Register(api, op("case-progress", http.MethodGet, "/cases/{id}/progress", "Where it stands, its history, its time limits, and what whoever asks may do"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[process.View], error) {
			out, err := c.Progress(ctx, flowCase, in.ID)
			return &rest.Body[process.View]{Body: out}, err
		})
	huma.Register(api, op("act-on-case", http.MethodPost, "/cases/{id}/actions", "Take an action on an application: submit, accept, ask for correction, review, withdraw …, as its process has them"),
		func(ctx context.Context, in *doInput) (*secret[*Case], error) {
			out, err := c.Do(ctx, in.ID, in.Body)
			return &secret[*Case]{"no-store", out}, err
		})
	huma.Register(api, op("case-evaluation", http.MethodGet, "/cases/{id}/evaluation", "The evaluation that counts, with every reason and what it rests on"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Evaluation], error) {
			out, err := c.EvaluationOf(ctx, in.ID)
			return &rest.Body[*Evaluation]{Body: out}, err
		})
	huma.Register(api, op("case-findings", http.MethodGet, "/cases/{id}/findings", "What departments found (the desk)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[FindingList], error) {
			out, err := c.Findings(ctx, in.ID)
			return &rest.Body[FindingList]{Body: FindingList{out}}, err
		})
	huma.Register(api, op("case-joint-reviews", http.MethodGet, "/cases/{id}/joint-reviews", "What departments said in joint review, what differs and what came of it, the latest review first (the desk)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[JointReviewList], error) {
			out, err := c.JointReviews(ctx, in.ID)
			return &rest.Body[JointReviewList]{Body: JointReviewList{out}}, err
		})
	huma.Register(api, op("case-reply", http.MethodGet, "/cases/{id}/reply", "What was answered to a service request, and how it was rated"),
		func(ctx context.Context, in *rest.ItemPath) (*secret[Replied], error) {
			out, err := c.ReplyTo(ctx, in.ID)
			return &secret[Replied]{"no-store", Replied{out}}, err
		})
	huma.Register(api, op("list-replies", http.MethodGet, "/replies", "Answers to service requests with their ratings, the latest first (the desk)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Round      string `query:"round" maxLength:"64"`
			Department string `query:"department" maxLength:"64"`
			Score      int    `query:"score" minimum:"0" maximum:"5" doc:"0: any"`
			rest.PageQuery
		}) (*rest.Body[*ReplyPage], error) {
			out, err := c.Replies(ctx, ReplyFilter{Round: in.Round, Department: in.Department, Score: in.Score, Page: in.Page, Per: in.Per})
			return &rest.Body[*ReplyPage]{Body: out}, err
		})
	huma.Register(api, op("case-marks", http.MethodGet, "/cases/{id}/marks", "The scores of a rating, indicator by indicator, as whoever asks may see them; empty where none are verified"),
		func(ctx context.Context, in *rest.ItemPath) (*secret[*Marks], error) {
			out, err := c.MarksOf(ctx, in.ID)
			return &secret[*Marks]{"no-store", out}, err
		})
	huma.Register(api, op("set-marks", http.MethodPut, "/cases/{id}/marks", "Verify scores of indicators, all or none (officers whose task they are); they count once the task is done"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Marks []NewMark `json:"marks" maxItems:"300" nullable:"false"`
			}
		}) (*secret[*Marks], error) {
			out, err := c.SetMarks(ctx, in.ID, in.Body.Marks)
			return &secret[*Marks]{"no-store", out}, err
		})
	huma.Register(api, op("case-materials", http.MethodGet, "/cases/{id}/materials", "The materials list with what is attached"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[MaterialList], error) {
			out, err := c.Materials(ctx, in.ID)
			return &rest.Body[MaterialList]{Body: MaterialList{out}}, err
		})
	huma.Register(api, op("download-file", http.MethodGet, "/cases/{id}/files/{file}", "An attached file"),
		func(ctx context.Context, in *FilePath) (*huma.StreamResponse, error) {
			f, content, err := c.OpenFile(ctx, in.ID, in.File)
			if err != nil {
				return nil, err
			}
			return files.Download(f, content), nil
		})
	huma.Register(api, op("print-application", http.MethodGet, "/cases/{id}/application", "The application as it is printed: what was declared, every fact with its hash, the letter of commitment"),
		func(ctx context.Context, in *rest.ItemPath) (*secret[*Application], error) {
			out, err := c.ApplicationOf(ctx, in.ID)
			return &secret[*Application]{"no-store", out}, err
		})
	huma.Register(api, op("unmask-application", http.MethodPost, "/cases/{id}/unmask", "Read the contact of an application (officers); the reading is logged with its reason"),
		func(ctx context.Context, in *whyInput) (*secret[*Whom], error) {
			out, err := c.UnmaskApplication(ctx, in.ID, in.Body.Reason)
			return &secret[*Whom]{"no-store", out}, err
		})
}

// whyInput asks for something personal of a thing.
type whyInput struct {
	rest.ItemPath
	Body struct {
		Reason string `json:"reason" maxLength:"800" doc:"why it is read; kept in the log"`
	}
}

// JointReviewList is the joint reviews of a case.
type JointReviewList struct {
	Items []JointReview `json:"items" nullable:"false"`
}

// FindingList is what departments found.
type FindingList struct {
	Items []Finding `json:"items" nullable:"false"`
}

// MaterialList is a materials list.
type MaterialList struct {
	Items []MaterialFile `json:"items" nullable:"false"`
}

func (c *Casework) routesOfNotices(api huma.API) {
	huma.Register(api, op("list-notices", http.MethodGet, "/notices", "Public notices, the latest first (everybody)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Running bool   `query:"running" doc:"only those that receive objections today"`
			Round   string `query:"round" maxLength:"64"`
			rest.PageQuery
		}) (*rest.Body[*NoticePage], error) {
			out, err := c.Notices(ctx, in.Running, in.Round, in.Page, in.Per)
			return &rest.Body[*NoticePage]{Body: out}, err
		})
	huma.Register(api, op("get-notice", http.MethodGet, "/notices/{id}", "A public notice with its table (everybody)"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Notice], error) {
			out, err := c.Notice(ctx, in.ID)
			return &rest.Body[*Notice]{Body: out}, err
		})
	huma.Register(api, op("export-notice", http.MethodGet, "/notices/{id}/table.xlsx", "The table of a notice as a workbook (汇总表, everybody)"),
		func(ctx context.Context, in *rest.ItemPath) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("公示汇总表.xlsx", func(w io.Writer) error { return c.ExportNotice(ctx, in.ID, w) })
		})
}

func (c *Casework) routesOfInstalments(api huma.API) {
	huma.Register(api, op("case-instalments", http.MethodGet, "/cases/{id}/instalments", "How a case is paid: its instalments, what was paid, what is still to come and what it waits for"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[*Instalments], error) {
			out, err := c.Instalments(ctx, in.ID)
			return &rest.Body[*Instalments]{Body: out}, err
		})
	huma.Register(api, op("confirm-milestone", http.MethodPost, "/cases/{id}/milestones", "Say on what evidence an instalment's milestone was reached (officers of the department in charge)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Milestone string `json:"milestone" maxLength:"100"`
				Evidence  string `json:"evidence" maxLength:"2000"`
			}
		}) (*rest.Body[*Instalments], error) {
			out, err := c.ConfirmMilestone(ctx, in.ID, in.Body.Milestone, in.Body.Evidence)
			return &rest.Body[*Instalments]{Body: out}, err
		})
	huma.Register(api, op("name-payee", http.MethodPut, "/cases/{id}/payee", "Name the party that is paid, where the file says another than the applicant (officers of the department in charge)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Party string `json:"party" maxLength:"64"`
			}
		}) (*rest.Body[*Instalments], error) {
			out, err := c.NamePayee(ctx, in.ID, in.Body.Party)
			return &rest.Body[*Instalments]{Body: out}, err
		})
}

func (c *Casework) routesOfObjections(api huma.API) {
	object := op("make-objection", http.MethodPost, "/notices/{id}/objections", "Object to a notice, by name (everybody; form fields case, kind, name, contact, statement, file…)")
	object.DefaultStatus = http.StatusCreated
	object.MaxBodyBytes = 64 << 20
	huma.Register(api, object, func(ctx context.Context, in *struct {
		rest.ItemPath
		RawBody multipart.Form
	}) (*secret[*Receipt], error) {
		d := ObjectionDraft{Case: valueIn(in.RawBody, "case"), Kind: valueIn(in.RawBody, "kind"), Name: valueIn(in.RawBody, "name"),
			Contact: valueIn(in.RawBody, "contact"), Statement: valueIn(in.RawBody, "statement")}
		for _, header := range in.RawBody.File["file"] {
			f, err := header.Open()
			if err != nil {
				return nil, err
			}
			defer f.Close()
			d.Files = append(d.Files, Upload{header.Filename, f})
		}
		out, err := c.Object(ctx, in.ID, d)
		return &secret[*Receipt]{"no-store", out}, err
	})
	huma.Register(api, op("track-objection", http.MethodPost, "/objections/track", "The state of an objection, for who has its receipt"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Body struct {
				Number string `json:"number" maxLength:"80"`
				Secret string `json:"secret" maxLength:"80"`
			}
		}) (*secret[*Objection], error) {
			out, err := c.Track(ctx, in.Body.Number, in.Body.Secret)
			return &secret[*Objection]{"no-store", out}, err
		})
	type ObjectionsQuery struct {
		Round string `query:"round" maxLength:"64"`
		Case  string `query:"case" maxLength:"64"`
		State string `query:"state" enum:"open,received,inadmissible,admitted,upheld,dismissed"`
	}
	huma.Register(api, op("list-objections", http.MethodGet, "/objections", "Objections (the desk)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ObjectionsQuery
			rest.PageQuery
		}) (*secret[*ObjectionPage], error) {
			if err := mustRead(ctx); err != nil {
				return nil, err
			}
			out, err := c.Objections(ctx, ObjectionFilter{in.Round, in.Case, in.State, in.Page, in.Per})
			return &secret[*ObjectionPage]{"no-store", out}, err
		})
	huma.Register(api, op("export-objections", http.MethodGet, "/objections.xlsx", "The same as a workbook (the desk)"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ObjectionsQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("公示异议.xlsx", func(w io.Writer) error {
				return c.ExportObjections(ctx, ObjectionFilter{Round: in.Round, Case: in.Case, State: in.State}, w)
			})
		})
	type handleInput struct {
		rest.ItemPath
		Body struct {
			Version int64  `json:"version"`
			Yes     bool   `json:"yes" doc:"admitted; or upheld"`
			Reason  string `json:"reason" maxLength:"5000"`
		}
	}
	huma.Register(api, op("admit-objection", http.MethodPost, "/objections/{id}/admission", "Say whether an objection is received for examination, and why"),
		func(ctx context.Context, in *handleInput) (*secret[*Objection], error) {
			out, err := c.Admit(ctx, in.ID, in.Body.Version, in.Body.Yes, in.Body.Reason)
			return &secret[*Objection]{"no-store", out}, err
		})
	huma.Register(api, op("dispose-objection", http.MethodPost, "/objections/{id}/disposal", "Say what became of an objection, and why"),
		func(ctx context.Context, in *handleInput) (*secret[*Objection], error) {
			out, err := c.Dispose(ctx, in.ID, in.Body.Version, in.Body.Yes, in.Body.Reason)
			return &secret[*Objection]{"no-store", out}, err
		})
	huma.Register(api, op("unmask-objection", http.MethodPost, "/objections/{id}/unmask", "Read who objected (who handles it); the reading is logged with its reason"),
		func(ctx context.Context, in *whyInput) (*secret[*Whom], error) {
			out, err := c.UnmaskObjection(ctx, in.ID, in.Body.Reason)
			return &secret[*Whom]{"no-store", out}, err
		})
	huma.Register(api, op("download-objection-file", http.MethodGet, "/objections/{id}/files/{file}", "A file of an objection (the desk)"),
		func(ctx context.Context, in *FilePath) (*huma.StreamResponse, error) {
			f, content, err := c.OpenObjectionFile(ctx, in.ID, in.File)
			if err != nil {
				return nil, err
			}
			return files.Download(f, content), nil
		})
}

func (c *Casework) routesOfVisits(api huma.API) {
	huma.Register(api, op("list-visits", http.MethodGet, "/visits", "The visits on the spot on which whoever asks goes"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Done bool `query:"done" doc:"those that are over"`
		}) (*rest.Body[VisitList], error) {
			out, err := c.MyVisits(ctx, in.Done)
			return &rest.Body[VisitList]{Body: VisitList{out}}, err
		})
	huma.Register(api, op("case-visits", http.MethodGet, "/cases/{id}/visits", "The visits of an application; the party is told when and where, and of no finding"),
		func(ctx context.Context, in *rest.ItemPath) (*secret[*CaseVisits], error) {
			out, err := c.VisitsOf(ctx, in.ID)
			return &secret[*CaseVisits]{"no-store", out}, err
		})
	huma.Register(api, op("get-visit", http.MethodGet, "/visits/{id}", "A visit with its checklist and what was said of each item"),
		func(ctx context.Context, in *rest.ItemPath) (*secret[*Visit], error) {
			out, err := c.Visit(ctx, in.ID)
			return &secret[*Visit]{"no-store", out}, err
		})
	huma.Register(api, op("answer-visit", http.MethodPost, "/visits/{id}/answer", "Choose a date of those offered, or ask for another (the party)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				At   string `json:"at,omitempty" maxLength:"40"`
				Wish string `json:"wish,omitempty" maxLength:"500"`
			}
		}) (*secret[*Visit], error) {
			out, err := c.AnswerVisit(ctx, in.ID, in.Body.At, in.Body.Wish)
			return &secret[*Visit]{"no-store", out}, err
		})
	huma.Register(api, op("offer-visit-dates", http.MethodPost, "/visits/{id}/dates", "Offer other dates, or set one (those who go)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Dates  []string `json:"dates" maxItems:"10"`
				Set    bool     `json:"set,omitempty" doc:"it holds without the party's choice"`
				Reason string   `json:"reason,omitempty" maxLength:"500"`
			}
		}) (*secret[*Visit], error) {
			out, err := c.OfferDates(ctx, in.ID, in.Body.Dates, in.Body.Set, in.Body.Reason)
			return &secret[*Visit]{"no-store", out}, err
		})
	huma.Register(api, op("keep-visit-entries", http.MethodPost, "/visits/{id}/entries", "Keep what was said on the spot (those who go); what is sent again is kept once"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Entries []NewVisitEntry `json:"entries" maxItems:"200"`
			}
		}) (*secret[*Visit], error) {
			out, err := c.KeepEntries(ctx, in.ID, in.Body.Entries)
			return &secret[*Visit]{"no-store", out}, err
		})
	photo := op("keep-visit-photo", http.MethodPost, "/visits/{id}/photos", "Keep a photo (form fields id, item, taken_at, note and file; those who go); what is sent again is kept once")
	photo.MaxBodyBytes = files.DefaultSize + 1<<20
	huma.Register(api, photo, func(ctx context.Context, in *struct {
		rest.ItemPath
		RawBody multipart.Form
	}) (*secret[*Visit], error) {
		f, header, err := fileIn(in.RawBody, "file")
		if err != nil {
			return nil, err
		}
		defer f.Close()
		out, err := c.KeepPhoto(ctx, in.ID, NewVisitPhoto{ID: valueIn(in.RawBody, "id"), Item: valueIn(in.RawBody, "item"), Note: valueIn(in.RawBody, "note"),
			TakenAt: valueIn(in.RawBody, "taken_at"), Name: header.Filename, Content: f})
		return &secret[*Visit]{"no-store", out}, err
	})
	huma.Register(api, op("visit-photo", http.MethodGet, "/visits/{id}/photos/{file}", "A photo of a visit (the desk)"),
		func(ctx context.Context, in *FilePath) (*huma.StreamResponse, error) {
			f, content, err := c.OpenPhoto(ctx, in.ID, in.File)
			if err != nil {
				return nil, err
			}
			return files.Download(f, content), nil
		})
	huma.Register(api, op("confirm-visit", http.MethodPost, "/visits/{id}/signature", "Sign what a visit found, as it was seen (those who go); who signs last closes it"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Content string `json:"content" maxLength:"64" doc:"the digest of what was seen"`
			}
		}) (*secret[*Visit], error) {
			out, err := c.SignVisit(ctx, in.ID, in.Body.Content)
			return &secret[*Visit]{"no-store", out}, err
		})
	huma.Register(api, op("answer-record", http.MethodPost, "/visits/{id}/record", "Say of the record of a hearing that it is right, or what is wrong with it (the party)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Right bool   `json:"right"`
				Says  string `json:"says,omitempty" maxLength:"1000" doc:"what is wrong with it"`
			}
		}) (*secret[*Visit], error) {
			out, err := c.AnswerRecord(ctx, in.ID, in.Body.Right, in.Body.Says)
			return &secret[*Visit]{"no-store", out}, err
		})
	huma.Register(api, op("cancel-visit", http.MethodPost, "/visits/{id}/cancellation", "Give a visit up (those who go)"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Reason string `json:"reason" maxLength:"500"`
			}
		}) (*secret[*Visit], error) {
			out, err := c.CancelVisit(ctx, in.ID, in.Body.Reason)
			return &secret[*Visit]{"no-store", out}, err
		})
}

// VisitList is visits.
type VisitList struct {
	Items []VisitRow `json:"items" nullable:"false"`
}

// fileIn is the one file of a form.
func fileIn(form multipart.Form, name string) (multipart.File, *multipart.FileHeader, error) {
	list := form.File[name]
	if len(list) != 1 {
		return nil, nil, fault.New(fault.Invalid, "请选择一个文件", fault.At(name, "请选择一个文件"))
	}
	f, err := list[0].Open()
	return f, list[0], err
}

func valueIn(form multipart.Form, name string) string {
	if list := form.Value[name]; len(list) == 1 {
		return list[0]
	}
	return ""
}
