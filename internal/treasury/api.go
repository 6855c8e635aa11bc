package treasury

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/rest"
	"shanglin/internal/platform/spreadsheet"
	"shanglin/policy"
)

// BudgetQuery narrows a list of budgets.
type BudgetQuery struct {
	Round  string `query:"round" maxLength:"64"`
	Scheme string `query:"scheme" maxLength:"100"`
	Source string `query:"source" maxLength:"100"`
}

func (q BudgetQuery) filter() BudgetFilter { return BudgetFilter(q) }

// EntryQuery narrows a list of bookings.
type EntryQuery struct {
	Round  string    `query:"round" maxLength:"64"`
	Budget string    `query:"budget" maxLength:"64"`
	Award  string    `query:"award" maxLength:"64"`
	Line   string    `query:"line" maxLength:"64" doc:"code of a payment"`
	Kind   EntryKind `query:"kind" enum:"appropriate,reduce,commit,release,order,pay,fail,correct"`
}

func (q EntryQuery) filter() EntryFilter {
	return EntryFilter(q)
}

// AwardQuery narrows a list of awards.
type AwardQuery struct {
	Round  string `query:"round" maxLength:"64"`
	Scheme string `query:"scheme" maxLength:"100"`
	Party  string `query:"party" maxLength:"64"`
	State  string `query:"state" enum:"committed,paid,released"`
	Q      string `query:"q" maxLength:"100" doc:"part of the party's name or the case's number"`
	Free   bool   `query:"free" doc:"only what the next payment batch can gather"`
}

func (q AwardQuery) filter() AwardFilter {
	return AwardFilter{Round: q.Round, Scheme: q.Scheme, Party: q.Party, State: q.State, Text: q.Q, Free: q.Free}
}

// AccountQuery narrows a list of bank accounts.
type AccountQuery struct {
	State string `query:"state" enum:"held,confirmed"`
	Q     string `query:"q" maxLength:"100" doc:"part of the party's name"`
}

func (q AccountQuery) filter() AccountFilter { return AccountFilter{State: q.State, Text: q.Q} }

// BatchQuery narrows a list of payment batches.
type BatchQuery struct {
	Round string `query:"round" maxLength:"64"`
	State string `query:"state" enum:"draft,approved,sent,done,cancelled"`
}

func (q BatchQuery) filter() BatchFilter { return BatchFilter(q) }

// ReceivableQuery narrows a list of receivables.
type ReceivableQuery struct {
	Party string `query:"party" maxLength:"64"`
	Case  string `query:"case" maxLength:"64"`
	State string `query:"state" enum:"open,partly,settled,written_off"`
	Q     string `query:"q" maxLength:"100" doc:"part of the party's name or the case's number"`
	Late  bool   `query:"late" doc:"only what is overdue"`
}

func (q ReceivableQuery) filter() OwedFilter {
	return OwedFilter{Party: q.Party, Case: q.Case, State: q.State, Text: q.Q, Late: q.Late}
}

// LineQuery narrows the lines of a batch.
type LineQuery struct {
	State string `query:"state" enum:"waiting,sent,paid,failed,held,dropped"`
}

// TraceQuery says where a trace begins: exactly one is given.
type TraceQuery struct {
	Line   string `query:"line" maxLength:"64" doc:"id or code of a payment"`
	Serial string `query:"serial" maxLength:"64" doc:"the bank's"`
	Case   string `query:"case" maxLength:"64" doc:"id or number of a case"`
	Scheme string `query:"scheme" maxLength:"100"`
	Budget string `query:"budget" maxLength:"64"`
}

func (q TraceQuery) from() TraceOf {
	return TraceOf(q)
}

// ReportQuery narrows a report.
type ReportQuery struct {
	Round string `query:"round" maxLength:"64"`
}

// BudgetBody is what finance states of a budget.
type BudgetBody struct {
	Round      string     `json:"round" maxLength:"64"`
	Scheme     string     `json:"scheme,omitempty" maxLength:"100" doc:"empty: any scheme of the round without a budget of its own"`
	Source     string     `json:"source" maxLength:"200"`
	Department string     `json:"department,omitempty" maxLength:"64"`
	Place      int64      `json:"place,omitempty" minimum:"0" maximum:"999" doc:"of several sources the lowest is used up first"`
	Note       string     `json:"note,omitempty" maxLength:"2000"`
	Total      policy.Fen `json:"total" doc:"fen"`
}

// ResizeBody raises or lowers a budget.
type ResizeBody struct {
	Version int64      `json:"version" doc:"the budget's as it was seen"`
	Amount  policy.Fen `json:"amount" doc:"by how much, in fen"`
	Reason  string     `json:"reason" maxLength:"2000"`
}

// ReasonBody is why somebody does something.
type ReasonBody struct {
	Reason string `json:"reason" maxLength:"2000"`
}

// AccountBody is what is stated of a bank account.
type AccountBody struct {
	Holder   string `json:"holder" maxLength:"400" doc:"the account's name at the bank"`
	Bank     string `json:"bank" maxLength:"400"`
	Number   string `json:"number" maxLength:"64" doc:"8 to 32 digits; blanks and hyphens are left out"`
	Replaces string `json:"replaces,omitempty" maxLength:"64" doc:"id of the live account as it was seen; empty if there was none"`
}

// BatchBody asks for a payment batch.
type BatchBody struct {
	Round        string      `json:"round" maxLength:"64"`
	Department   string      `json:"department,omitempty" maxLength:"64" doc:"only awards of this department"`
	Town         string      `json:"town,omitempty" maxLength:"64" doc:"only parties of this town"`
	Document     string      `json:"document,omitempty" maxLength:"200" doc:"number of the funding document; empty: that of the round's latest batch"`
	DocumentDate policy.Date `json:"document_date,omitempty"`
	Title        string      `json:"title,omitempty" maxLength:"400"`
	Awards       []string    `json:"awards,omitempty" maxItems:"10000" doc:"only these; empty: all that can be gathered"`
}

// BudgetPage is a page of budgets.
type BudgetPage struct {
	Items []Budget `json:"items" nullable:"false"`
	Total int      `json:"total"`
	Page  int      `json:"page"`
}

// EntryPage is a page of bookings.
type EntryPage struct {
	Items []Entry `json:"items" nullable:"false"`
	Total int     `json:"total"`
	Page  int     `json:"page"`
}

// AwardPage is a page of awards.
type AwardPage struct {
	Items []AwardView `json:"items" nullable:"false"`
	Total int         `json:"total"`
	Page  int         `json:"page"`
}

// AccountPage is a page of bank accounts.
type AccountPage struct {
	Items []BankAccount `json:"items" nullable:"false"`
	Total int           `json:"total"`
	Page  int           `json:"page"`
}

// EarmarkQuery narrows a list of earmarked money.
type EarmarkQuery struct {
	Receiver string `query:"receiver" maxLength:"64"`
	Case     string `query:"case" maxLength:"64"`
	Q        string `query:"q" maxLength:"100" doc:"part of the receiver's name or the case's number"`
	Only     string `query:"only" enum:"stated,left" doc:"what has something to accept or return; what is not accounted for in full"`
}

func (q EarmarkQuery) filter() EarmarkFilter {
	return EarmarkFilter{Receiver: q.Receiver, Case: q.Case, Text: q.Q, Stated: q.Only == "stated", Left: q.Only == "left"}
}

// EarmarkPage is a page of earmarked money.
type EarmarkPage struct {
	Items []Earmark `json:"items" nullable:"false"`
	Total int       `json:"total"`
	Page  int       `json:"page"`
}

// UsePath names a use of earmarked money.
type UsePath struct {
	Tenant string `path:"tenant" maxLength:"64"`
	ID     string `path:"id" maxLength:"64"`
	Use    string `path:"use" maxLength:"64"`
}

// ReceivablePage is a page of receivables.
type ReceivablePage struct {
	Items []Receivable `json:"items" nullable:"false"`
	Total int          `json:"total"`
	Page  int          `json:"page"`
}

// RepaymentBody is what finance states of money that came back.
type RepaymentBody struct {
	Amount policy.Fen  `json:"amount" doc:"fen"`
	On     policy.Date `json:"on" doc:"the day on which it arrived"`
	Serial string      `json:"serial" maxLength:"60" doc:"the bank's number of it"`
}

// BatchPage is a page of payment batches.
type BatchPage struct {
	Items []Batch `json:"items" nullable:"false"`
	Total int     `json:"total"`
	Page  int     `json:"page"`
}

// PaymentPage is a page of a batch's payments.
type PaymentPage struct {
	Items []Payment `json:"items" nullable:"false"`
	Total int       `json:"total"`
	Page  int       `json:"page"`
}

// ResultList is the result workbooks of a batch.
type ResultList struct {
	Items []BankResult `json:"items" nullable:"false"`
}

// ResultRowPage is a page of a result's rows.
type ResultRowPage struct {
	Items []ResultRow `json:"items" nullable:"false"`
	Total int         `json:"total"`
	Page  int         `json:"page"`
}

// TracePage is a page of traces.
type TracePage struct {
	Items []Trace `json:"items" nullable:"false"`
	Total int     `json:"total"`
	Page  int     `json:"page"`
}

// answered gives a result its place in the answer.
func answered[T any](v T, err error) (*rest.Body[T], error) { return &rest.Body[T]{Body: v}, err }

type (
	reasonInput struct {
		rest.ItemPath
		Body ReasonBody
	}
	resizeInput struct {
		rest.ItemPath
		Body ResizeBody
	}
	emptyInput struct {
		rest.ItemPath
		Body struct{}
	}
)

// RowsQuery narrows the rows of a result.
type RowsQuery struct {
	rest.ItemPath
	Bad bool `query:"bad" doc:"only rows with problems"`
}

var op = rest.Operations("treasury", "/treasury")

func created(o huma.Operation) huma.Operation {
	o.DefaultStatus = http.StatusCreated
	return o
}

// Routes registers budgets, ledger, awards, bank accounts, payments and reports. Who may do what is checked where the data is.
func (t *Treasury) Routes(api huma.API) {
	t.routesOfBudgets(api)
	t.routesOfAwards(api)
	t.routesOfAccounts(api)
	t.routesOfBatches(api)
	t.routesOfResults(api)
	t.routesOfReceivables(api)
	t.routesOfEarmarks(api)
	t.routesOfReports(api)
}

func (t *Treasury) routesOfBudgets(api huma.API) {
	huma.Register(api, op("list-budgets", http.MethodGet, "/budgets", "Budgets with what is left, in the order in which they are used"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			BudgetQuery
			rest.PageQuery
		}) (*rest.Body[BudgetPage], error) {
			items, total, err := t.Budgets(ctx, in.filter(), Page{in.Page, in.Per})
			return answered(BudgetPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-budgets", http.MethodGet, "/budgets.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			BudgetQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("预算.xlsx", func(w io.Writer) error { return t.ExportBudgets(ctx, in.filter(), w) })
		})
	huma.Register(api, created(op("create-budget", http.MethodPost, "/budgets", "Give a round money from a source")),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Body BudgetBody
		}) (*rest.Body[Budget], error) {
			b := in.Body
			return answered(t.CreateBudget(ctx, BudgetDraft{Round: b.Round, Scheme: b.Scheme, Source: b.Source, Department: b.Department, Note: b.Note, Place: b.Place, Total: b.Total}))
		})
	huma.Register(api, op("get-budget", http.MethodGet, "/budgets/{id}", "A budget with the balances of its accounts"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[BudgetDetail], error) {
			return answered(t.Budget(ctx, in.ID))
		})
	huma.Register(api, op("raise-budget", http.MethodPost, "/budgets/{id}/raise", "Put more into a budget"),
		func(ctx context.Context, in *resizeInput) (*rest.Body[Budget], error) {
			return answered(t.Raise(ctx, in.ID, in.Body.Version, in.Body.Amount, in.Body.Reason))
		})
	huma.Register(api, op("lower-budget", http.MethodPost, "/budgets/{id}/lower", "Take out of a budget what is not committed"),
		func(ctx context.Context, in *resizeInput) (*rest.Body[Budget], error) {
			return answered(t.Lower(ctx, in.ID, in.Body.Version, in.Body.Amount, in.Body.Reason))
		})
	huma.Register(api, op("list-ledger-entries", http.MethodGet, "/entries", "Bookings, the latest first"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			EntryQuery
			rest.PageQuery
		}) (*rest.Body[EntryPage], error) {
			items, total, err := t.Entries(ctx, in.filter(), Page{in.Page, in.Per})
			return answered(EntryPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-ledger-entries", http.MethodGet, "/entries.xlsx", "The same as a workbook, a line of the ledger a row"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			EntryQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("分录.xlsx", func(w io.Writer) error { return t.ExportEntries(ctx, in.filter(), w) })
		})
	huma.Register(api, created(op("correct-ledger-entry", http.MethodPost, "/entries/{id}/correct", "Take a booking back by a new one that names it")),
		func(ctx context.Context, in *reasonInput) (*rest.Body[Entry], error) {
			return answered(t.Correct(ctx, in.ID, in.Body.Reason))
		})
}

func (t *Treasury) routesOfAwards(api huma.API) {
	huma.Register(api, op("list-awards", http.MethodGet, "/awards", "Awards on their way to the bank: those in scope, or a firm's own"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			AwardQuery
			rest.PageQuery
		}) (*rest.Body[AwardPage], error) {
			items, total, err := t.Awards(ctx, in.filter(), Page{in.Page, in.Per})
			return answered(AwardPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-awards", http.MethodGet, "/awards.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			AwardQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("奖补.xlsx", func(w io.Writer) error { return t.ExportAwards(ctx, in.filter(), w) })
		})
	huma.Register(api, op("get-award", http.MethodGet, "/awards/{id}", "An award, the budgets it is taken from, and every attempt to pay it"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[AwardView], error) {
			return answered(t.AwardOf(ctx, in.ID))
		})
	huma.Register(api, op("give-up-award", http.MethodPost, "/awards/{id}/give-up", "End an award that cannot be paid; its promise is given back"),
		func(ctx context.Context, in *reasonInput) (*rest.Body[AwardView], error) {
			return answered(t.GiveUp(ctx, in.ID, in.Body.Reason))
		})
}

func (t *Treasury) routesOfAccounts(api huma.API) {
	huma.Register(api, op("list-bank-accounts", http.MethodGet, "/accounts", "Bank accounts of parties, masked, the held ones first"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			AccountQuery
			rest.PageQuery
		}) (*rest.Body[AccountPage], error) {
			items, total, err := t.BankAccounts(ctx, in.filter(), Page{in.Page, in.Per})
			return answered(AccountPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-bank-accounts", http.MethodGet, "/accounts.xlsx", "The same as a workbook, masked"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			AccountQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("收款账户.xlsx", func(w io.Writer) error { return t.ExportBankAccounts(ctx, in.filter(), w) })
		})
	huma.Register(api, op("confirm-bank-account", http.MethodPost, "/accounts/{id}/confirm", "Let payments go to a held account: a second person of finance"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Evidence string `json:"evidence" maxLength:"1000" doc:"what was looked at"`
			}
		}) (*rest.Body[BankAccount], error) {
			return answered(t.ConfirmBankAccount(ctx, in.ID, in.Body.Evidence))
		})
	huma.Register(api, op("get-bank-account", http.MethodGet, "/parties/{id}/account", "The live account of a party, masked"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[BankAccount], error) {
			return answered(t.BankAccountOf(ctx, in.ID))
		})
	huma.Register(api, op("set-bank-account", http.MethodPut, "/parties/{id}/account", "State where a party is paid; held until a second person confirms it"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body AccountBody
		}) (*rest.Body[BankAccount], error) {
			return answered(t.SetBankAccount(ctx, in.ID, AccountDraft(in.Body)))
		})
	huma.Register(api, op("unmask-bank-account", http.MethodPost, "/parties/{id}/account/unmask", "Read the whole number; the reading is logged"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Reason string `json:"reason,omitempty" maxLength:"2000" doc:"needed of finance, not of the party itself"`
			}
		}) (*rest.Body[BankAccount], error) {
			return answered(t.UnmaskBankAccount(ctx, in.ID, in.Body.Reason))
		})
}

func (t *Treasury) routesOfBatches(api huma.API) {
	huma.Register(api, op("list-payment-batches", http.MethodGet, "/batches", "Payment batches, the latest first"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			BatchQuery
			rest.PageQuery
		}) (*rest.Body[BatchPage], error) {
			items, total, err := t.Batches(ctx, in.filter(), Page{in.Page, in.Per})
			return answered(BatchPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-payment-batches", http.MethodGet, "/batches.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			BatchQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("付款批次.xlsx", func(w io.Writer) error { return t.ExportBatches(ctx, in.filter(), w) })
		})
	huma.Register(api, created(op("prepare-payment-batch", http.MethodPost, "/batches", "Gather committed awards of a round under a funding document")),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			Body BatchBody
		}) (*rest.Body[Batch], error) {
			return answered(t.Prepare(ctx, BatchOrder(in.Body)))
		})
	huma.Register(api, op("get-payment-batch", http.MethodGet, "/batches/{id}", "A payment batch and what became of its lines"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[Batch], error) {
			return answered(t.BatchOf(ctx, in.ID))
		})
	huma.Register(api, op("list-payments", http.MethodGet, "/batches/{id}/lines", "The payments of a batch; a held one says why"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			LineQuery
			rest.PageQuery
		}) (*rest.Body[PaymentPage], error) {
			items, total, err := t.BatchLines(ctx, in.ID, LineFilter{in.State}, Page{in.Page, in.Per})
			return answered(PaymentPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-payments", http.MethodGet, "/batches/{id}/lines.xlsx", "The table of the funding document as a workbook, masked"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			LineQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("资金下达表.xlsx", func(w io.Writer) error { return t.ExportBatchLines(ctx, in.ID, LineFilter{in.State}, w) })
		})
	huma.Register(api, op("drop-payment", http.MethodPost, "/batches/{id}/lines/{line}/drop", "Take a payment out of a draft"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Line string `path:"line" maxLength:"64"`
			Body ReasonBody
		}) (*rest.Body[Batch], error) {
			return answered(t.Drop(ctx, in.ID, in.Line, in.Body.Reason))
		})
	huma.Register(api, op("approve-payment-batch", http.MethodPost, "/batches/{id}/approve", "Let a draft be paid: a second person of finance"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Version int64 `json:"version" doc:"the batch's as it was seen"`
			}
		}) (*rest.Body[Batch], error) {
			return answered(t.Approve(ctx, in.ID, in.Body.Version))
		})
	huma.Register(api, op("send-payment-batch", http.MethodPost, "/batches/{id}/send", "Give an approved batch to the bank: accounts are pinned, payees without a confirmed one set aside"),
		func(ctx context.Context, in *emptyInput) (*rest.Body[Batch], error) {
			return answered(t.Send(ctx, in.ID))
		})
	huma.Register(api, op("cancel-payment-batch", http.MethodPost, "/batches/{id}/cancel", "End a batch that has not been sent"),
		func(ctx context.Context, in *reasonInput) (*rest.Body[Batch], error) {
			return answered(t.Cancel(ctx, in.ID, in.Body.Reason))
		})
	huma.Register(api, op("export-bank-file", http.MethodPost, "/batches/{id}/bank-file", "The workbook for the bank, with whole account numbers; whoever takes it is logged"),
		func(ctx context.Context, in *emptyInput) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("银行付款文件.xlsx", func(w io.Writer) error { return t.BankFile(ctx, in.ID, w) })
		})
}

func (t *Treasury) routesOfResults(api huma.API) {
	upload := created(op("upload-bank-result", http.MethodPost, "/batches/{id}/results", "Upload the bank's result workbook: form field file (.xlsx); nothing is booked yet"))
	upload.MaxBodyBytes = MaxUpload + 1<<20
	huma.Register(api, upload, func(ctx context.Context, in *struct {
		rest.ItemPath
		RawBody multipart.Form
	}) (*rest.Body[BankResult], error) {
		files := in.RawBody.File["file"]
		if len(files) != 1 {
			return nil, fault.New(fault.Invalid, "请选择一个文件", fault.At("file", "请选择一个文件"))
		}
		f, err := files[0].Open()
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return answered(t.Upload(ctx, in.ID, files[0].Filename, f))
	})
	huma.Register(api, op("list-bank-results", http.MethodGet, "/batches/{id}/results", "The bank's results of a batch, the latest first"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[ResultList], error) {
			items, err := t.Results(ctx, in.ID)
			return answered(ResultList{items}, err)
		})
	huma.Register(api, op("get-bank-result", http.MethodGet, "/results/{id}", "A result workbook of the bank"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[BankResult], error) {
			return answered(t.ResultOf(ctx, in.ID))
		})
	huma.Register(api, op("list-bank-result-rows", http.MethodGet, "/results/{id}/rows", "The preview: rows as they were understood, and every bad cell"),
		func(ctx context.Context, in *struct {
			RowsQuery
			rest.PageQuery
		}) (*rest.Body[ResultRowPage], error) {
			items, total, err := t.ResultRows(ctx, in.ID, in.Bad, Page{in.Page, in.Per})
			return answered(ResultRowPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-bank-result-rows", http.MethodGet, "/results/{id}/rows.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *RowsQuery) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("银行回执.xlsx", func(w io.Writer) error { return t.ExportResultRows(ctx, in.ID, in.Bad, w) })
		})
	huma.Register(api, op("apply-bank-result", http.MethodPost, "/results/{id}/apply", "Book what the bank says: the good rows, or all or none"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Mode string `json:"mode" enum:"good_only,all_or_none"`
			}
		}) (*rest.Body[BankResult], error) {
			return answered(t.Apply(ctx, in.ID, in.Body.Mode))
		})
	huma.Register(api, op("cancel-bank-result", http.MethodPost, "/results/{id}/cancel", "Set a result aside that was not booked"),
		func(ctx context.Context, in *emptyInput) (*rest.Body[BankResult], error) {
			return answered(t.CancelResult(ctx, in.ID))
		})
}

func (t *Treasury) routesOfReceivables(api huma.API) {
	huma.Register(api, op("list-receivables", http.MethodGet, "/receivables", "What is owed back of what was paid, the overdue first: those in scope, or a firm's own"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ReceivableQuery
			rest.PageQuery
		}) (*rest.Body[ReceivablePage], error) {
			items, total, err := t.Receivables(ctx, in.filter(), Page{in.Page, in.Per})
			return answered(ReceivablePage{items, total, in.Page}, err)
		})
	huma.Register(api, op("get-receivable", http.MethodGet, "/receivables/{id}", "What is owed back, what it bears, what came back, and its bookings"),
		func(ctx context.Context, in *rest.ItemPath) (*rest.Body[Receivable], error) {
			return answered(t.ReceivableOf(ctx, in.ID))
		})
	huma.Register(api, created(op("state-repayment", http.MethodPost, "/receivables/{id}/repayments", "State that money came back; a second person of finance confirms it")),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body RepaymentBody
		}) (*rest.Body[Receivable], error) {
			return answered(t.StateRepayment(ctx, in.ID, in.Body.Amount, in.Body.On, in.Body.Serial))
		})
	huma.Register(api, op("decide-repayment", http.MethodPost, "/receivables/{id}/repayments/{repayment}", "Confirm or refuse what another stated came back"),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Repayment string `path:"repayment" maxLength:"64"`
			Body      struct {
				Confirm bool `json:"confirm"`
			}
		}) (*rest.Body[Receivable], error) {
			return answered(t.DecideRepayment(ctx, in.ID, in.Repayment, in.Body.Confirm))
		})
	huma.Register(api, op("write-off-receivable", http.MethodPost, "/receivables/{id}/write-off", "End what will not be paid back: a leader of its scope"),
		func(ctx context.Context, in *reasonInput) (*rest.Body[Receivable], error) {
			return answered(t.WriteOff(ctx, in.ID, in.Body.Reason))
		})
}

func (t *Treasury) routesOfEarmarks(api huma.API) {
	huma.Register(api, op("list-earmarks", http.MethodGet, "/earmarks", "Money that may be used for some purposes alone, and what was used of it: those in scope, or what a firm receives"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			EarmarkQuery
			rest.PageQuery
		}) (*rest.Body[EarmarkPage], error) {
			items, total, err := t.Earmarks(ctx, in.filter(), Page{in.Page, in.Per})
			return answered(EarmarkPage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-earmarks", http.MethodGet, "/earmarks.xlsx", "The same as a workbook, a row for each use"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			EarmarkQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("专项资金使用.xlsx", func(w io.Writer) error { return t.ExportEarmarks(ctx, in.filter(), w) })
		})
	huma.Register(api, created(op("state-use", http.MethodPost, "/earmarks/{id}/uses", "Tell what some of it was used for: who received it")),
		func(ctx context.Context, in *struct {
			rest.ItemPath
			Body struct {
				Amount  policy.Fen  `json:"amount" doc:"fen"`
				On      policy.Date `json:"on" doc:"the day of the expense"`
				Purpose string      `json:"purpose" maxLength:"200"`
				Spent   string      `json:"spent" maxLength:"2000"`
				Paper   string      `json:"paper" maxLength:"800"`
			}
		}) (*rest.Body[Earmark], error) {
			b := in.Body
			return answered(t.StateUse(ctx, in.ID, NewUse{b.Amount, b.On, b.Purpose, b.Spent, b.Paper}))
		})
	huma.Register(api, op("decide-use", http.MethodPost, "/earmarks/{id}/uses/{use}", "Accept what was told of a use, or return it: officers of the department in charge"),
		func(ctx context.Context, in *struct {
			UsePath
			Body struct {
				Accept bool   `json:"accept"`
				Reason string `json:"reason,omitempty" maxLength:"2000" doc:"why it is returned"`
			}
		}) (*rest.Body[Earmark], error) {
			return answered(t.DecideUse(ctx, in.ID, in.Use, in.Body.Accept, in.Body.Reason))
		})
	huma.Register(api, op("withdraw-use", http.MethodPost, "/earmarks/{id}/uses/{use}/withdraw", "Take back what one told of a use, before it is decided"),
		func(ctx context.Context, in *UsePath) (*rest.Body[Earmark], error) {
			return answered(t.WithdrawUse(ctx, in.ID, in.Use))
		})
}

func (t *Treasury) routesOfReports(api huma.API) {
	huma.Register(api, op("trace-money", http.MethodGet, "/trace", "From the clause through the case to the bank's serial number, whichever end one begins at"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			TraceQuery
			rest.PageQuery
		}) (*rest.Body[TracePage], error) {
			items, total, err := t.Trace(ctx, in.from(), Page{in.Page, in.Per})
			return answered(TracePage{items, total, in.Page}, err)
		})
	huma.Register(api, op("export-trace", http.MethodGet, "/trace.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			TraceQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("资金去向.xlsx", func(w io.Writer) error { return t.ExportTrace(ctx, in.from(), w) })
		})
	huma.Register(api, op("get-treasury-report", http.MethodGet, "/report", "Totals by round, scheme and source: budget, committed, paid, left"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ReportQuery
		}) (*rest.Body[Report], error) {
			return answered(t.Report(ctx, ReportFilter{in.Round}))
		})
	huma.Register(api, op("export-treasury-report", http.MethodGet, "/report.xlsx", "The same as a workbook"),
		func(ctx context.Context, in *struct {
			rest.TenantPath
			ReportQuery
		}) (*huma.StreamResponse, error) {
			return spreadsheet.Answer("资金汇总.xlsx", func(w io.Writer) error { return t.ExportReport(ctx, ReportFilter{in.Round}, w) })
		})
}
