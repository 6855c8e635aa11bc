// Package paper keeps the official documents (公文) of cases: what an action of a process drafts from a template, who drafted, reviewed and issued
// it, under which number, and how it reached its receiver.
//
// A document comes into being in the transaction of the action, so that there is no action without its document and none of an action that
// failed. Its office fills it in, reviews and issues it, and until then nobody outside the office sees it: whoever hands it in for review is
// its drafter (拟稿人), who may neither review (复核) nor issue (签发) it; a leader of the office issues. Everything that was written in drafting is
// kept as versions. Issuing takes the next number of the series of its office and year, writes the DOCX and keeps it with its hash, in one
// transaction: whenever the server is killed, no number is lost and none is taken twice. A document in which something is not known is
// never issued, and one that was issued is never changed. How it was delivered (送达) is kept with a receipt (送达回证).
package paper

import (
	"context"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/policy"
)

// Room is the room. One serves every tenant: the database comes with the context.
type Room struct {
	cases Cases
}

// Cases is what this room asks of the room of the cases.
type Cases interface {
	// Sees is NotFound when the actor may not see a case.
	Sees(ctx context.Context, caseID string) error
	// Drafting is what a case gives to a document that the actor drafts by hand.
	Drafting(ctx context.Context, caseID, template string) (Drafting, error)
	// Templates are the names of the templates by which documents of a case may be drafted by hand.
	Templates(ctx context.Context, caseID string) ([]string, error)
}

// New makes the room.
func New(c Cases) *Room { return &Room{cases: c} }

// Drafting is what a case gives to a document.
type Drafting struct {
	Case, CaseNumber, Party, PartyName string
	Department, Town                   string // whose document it is
	Template, Receipt                  *policy.Template
	Action                             string
	Values                             map[string]string // by policy.TemplateFields; what is not known is not there
}

// State of a document.
type State string

const (
	Draft     State = "draft"
	Review    State = "review"
	Sign      State = "sign"
	Issued    State = "issued"
	Delivered State = "delivered"
	Void      State = "void"
)

// Ways are how a document is delivered.
var Ways = []string{"直接送达", "邮寄送达", "电子送达", "留置送达", "公告送达"}

// electronic is the way that the party takes itself.
const electronic = "电子送达"

// atIssue are the fields that are known only when it is issued.
var atIssue = []string{"文号", "日期", "签发人"}

// Paper is an official document, as far as the actor may read it.
type Paper struct {
	ID            string      `json:"id"`
	Case          string      `json:"case"`
	CaseNumber    string      `json:"case_number"`
	Party         string      `json:"party"`
	PartyName     string      `json:"party_name"`
	Template      string      `json:"template"`
	Title         string      `json:"title"`
	Office        string      `json:"office"`
	Action        string      `json:"action,omitempty" doc:"what it was drafted with; empty: by hand"`
	State         State       `json:"state" enum:"draft,review,sign,issued,delivered,void"`
	Number        string      `json:"number,omitempty" doc:"from its issue on"`
	Remark        string      `json:"remark,omitempty" doc:"the desk: why it was sent back or given up"`
	Sealed        bool        `json:"sealed" doc:"to its receiver until it is delivered: what it says is not told"`
	Paragraphs    []Paragraph `json:"paragraphs" nullable:"false"`
	To            string      `json:"to,omitempty"`
	Copies        []string    `json:"copies" nullable:"false"`
	Fields        []Field     `json:"fields" nullable:"false" doc:"the desk, before its issue: what its drafter fills in"`
	Missing       []string    `json:"missing" nullable:"false" doc:"what is not known yet; with any, it goes no further"`
	MadeAt        string      `json:"made_at"`
	Drafter       string      `json:"drafter,omitempty" doc:"the desk"`
	Reviewer      string      `json:"reviewer,omitempty" doc:"the desk"`
	Issuer        string      `json:"issuer,omitempty"`
	IssuedOn      policy.Date `json:"issued_on"`
	Delivery      *Delivery   `json:"delivery,omitempty"`
	SHA256        string      `json:"sha256,omitempty" doc:"of the file"`
	ReceiptSHA256 string      `json:"receipt_sha256,omitempty" doc:"of the delivery receipt"`
	HasReceipt    bool        `json:"has_receipt" doc:"there is a delivery receipt to be had"`
	Version       int64       `json:"version"`
	May           []string    `json:"may" nullable:"false" doc:"what the actor may do: save, submit, return, review, issue, void, deliver, receive"`
	Versions      []Version   `json:"versions,omitempty" doc:"the desk, of a single document: what was written in drafting, the first first"`
}

// Paragraph is one of what a document says.
type Paragraph struct {
	At    int        `json:"at"`
	Level int        `json:"level" doc:"of a heading, 1 to 4; 0: a paragraph"`
	Text  string     `json:"text"`
	Rows  [][]string `json:"rows,omitempty" doc:"a table, instead of a text"`
	Edit  bool       `json:"edit" doc:"the template lets its drafter put other words in its place"`
	Own   bool       `json:"own" doc:"somebody did"`
}

// Field is something that the drafter fills in.
type Field struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Missing bool   `json:"missing"`
}

// Content is what is written in drafting.
type Content struct {
	Values map[string]string `json:"values,omitempty" doc:"by the name of the field"`
	Texts  map[string]string `json:"texts,omitempty" doc:"by the place of the paragraph: what stands there instead"`
	Copies []string          `json:"copies,omitempty" maxItems:"30" doc:"instead of the template's; empty: the template's"`
}

// Version is what was written in drafting, once.
type Version struct {
	N       int64   `json:"n"`
	At      string  `json:"at"`
	By      string  `json:"by"`
	Content Content `json:"content"`
}

// Delivery is how a document reached its receiver.
type Delivery struct {
	How   string      `json:"how" enum:"直接送达,邮寄送达,电子送达,留置送达,公告送达"`
	On    policy.Date `json:"on"`
	Place string      `json:"place" maxLength:"200"`
	To    string      `json:"to" maxLength:"100" doc:"who received it and signed; of a notice, where it was posted"`
	Note  string      `json:"note" maxLength:"500" doc:"witnesses, the number of the letter"`
}

func notFound() error {
	return fault.New(fault.NotFound, "没有这份文书，或不在您的权限范围内")
}

// office says whether the actor works for the document's office in one of the roles, and does not speak for its receiver.
func (row *paperRow) office(ctx context.Context, roles ...account.Role) bool {
	a := account.ActorFrom(ctx)
	if a.Speaks(row.Party) {
		return false
	}
	for _, r := range roles {
		if a.Covers(r, row.Department, row.Town) {
			return true
		}
	}
	return false
}

func (row *paperRow) desk(ctx context.Context) bool {
	return row.office(ctx, account.RoleOfficer, account.RoleLeader)
}

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(kind, audit.Words{Label: "文书", Actions: map[string]string{"paper.drafted": "起草文书", "paper.saved": "修改文书", "paper.submitted": "文书送复核",
		"paper.returned": "退回文书", "paper.reviewed": "复核文书", "paper.issued": "签发文书", "paper.voided": "作废文书", "paper.delivered": "登记送达", "paper.received": "同意电子送达并查收"}})
}
