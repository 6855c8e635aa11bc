package policy

// Question is one evaluation of a scheme for one party.
type Question struct {
	Facts       *Facts
	On          Date              // evaluation date; required
	Performance int               // performance year P; 0: the document's own, else the year before On
	Batch       string            // the batch of the round (批次: 第四批); empty: not said
	Explain     bool              // build Result.Reasons and Working; bulk runs leave it off
	Changes     bool              // with Explain, find what would have to change: Result.Changes
	Claim       string            // the claim that is looked at: what it was itself awarded uses up no limit of its own; empty: none yet
	Fields      map[string]string // what the claim says of itself that limits count by (Claim.Fields)
	Lang        Lang              // of every sentence; what the documents say stays as published
	seen        *seen             // what examples reach, while their coverage is measured
	Brief       bool              // only answers, amounts and dates: no Missing, no Gaps; for runs over a whole county
}

// Standing says how a document stands on the evaluation date.
type Standing string

const (
	InForce  Standing = "in_force" // 现行有效
	Upcoming Standing = "upcoming" // 尚未施行
	Expired  Standing = "expired"  // 已失效 (its validity ended, or another document replaced it)
)

// Label is the word a reader sees.
func (s Standing) Label() string {
	return map[Standing]string{InForce: "现行有效", Upcoming: "尚未施行", Expired: "已失效"}[s]
}

// Result is the answer of one scheme for one party.
type Result struct {
	Scheme      string   `json:"scheme"` // "cx2025/C001"
	Answer      Answer   `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Standing    Standing `json:"standing" enum:"in_force,upcoming,expired"`
	Performance int      `json:"performance"`     // the year P that was used
	Amount      Amount   `json:"amount"`          // entitled: what is unknown counts the party's worse way; none unless Answer is met
	Potential   Amount   `json:"potential"`       // the better way; equals Amount when nothing is unknown
	Level       *Level   `json:"level,omitempty"` // the level that a rating or recognition with levels grants
	Verified    bool     `json:"verified"`        // every fact the answer rests on is verified
	Disputed    bool     `json:"disputed"`        // some fact the answer rests on is disputed or contradicted
	Missing     []Need   `json:"missing"`         // the facts that would decide, none twice
	Gaps        []Gap    `json:"gaps"`            // of failing conditions, in the order of the document
	ChangesOn   Date     `json:"changes_on"`      // next date on which time alone may change the answer; zero: none
	Reasons     *Node    `json:"reasons,omitempty"`
	Working     []string `json:"working,omitempty"` // the arithmetic of the amount, a line each, in Chinese

	Changes  *Changes  `json:"changes,omitempty"`  // what would have to change, when the scheme is not met
	Payments []Payment `json:"payments,omitempty"` // how the amount is paid, when not at once and whole to the applicant
	// Supposes is the kind of thing that the clause is for (项目), while no fact says that the party has one: what it may come to is in no total.
	Supposes string   `json:"supposes,omitempty"`
	Shared   []string `json:"shared,omitempty"` // limits among applicants, a sentence each: only the whole round can settle them

	hangs []hanging // what the instalments hang on and is not known

	Left *Left `json:"left,omitempty"` // what the limits of this party alone leave of the amount, when it has any

	TurnsOn Date      `json:"turns_on"`        // with Reasons: the first day on which time alone does change the answer or the amount; zero: none
	Rests   []FactRef `json:"rests,omitempty"` // with Reasons: the facts that the amount was computed from

	Doubt string `json:"doubt,omitempty"` // why the document may not be in force yet: only the month or the year of its beginning is known
}

// AmountKind is one of the four modalities, or none.
type AmountKind string

const (
	NoAmount     AmountKind = "none"
	Exact        AmountKind = "exact"
	Ceiling      AmountKind = "ceiling" // 最高: a person sets the sum below it
	Range        AmountKind = "range"
	ManualAmount AmountKind = "manual" // 一事一议; High may still bound it
)

// Amount is money in fen with its modality.
type Amount struct {
	Kind  AmountKind `json:"kind" enum:"none,exact,ceiling,range,manual"`
	Low   Fen        `json:"low"`              // fen
	High  Fen        `json:"high"`             // fen; the figure to sort and sum by
	Open  bool       `json:"open"`             // no upper bound is known (High is then meaningless)
	CutBy string     `json:"cut_by,omitempty"` // the cap that cut it, as written: 30万元
	Text  string     `json:"text"`             // 最高30万元
}

// Node is one condition of a scheme, answered (in Result.Reasons) or only described (in Description.Conditions).
type Node struct {
	Kind           string          `json:"kind"` // all any none at_least compare has judge score table line …
	Answer         Answer          `json:"answer" enum:"met,unmet,unknown,manual,not_applicable"`
	Text           string          `json:"text,omitempty"` // the document's own wording
	Read           string          `json:"read"`           // the language's sentence: what the machine understood
	Cite           string          `json:"cite,omitempty"`
	Actual         string          `json:"actual,omitempty"`    // 9.99%
	Sum            string          `json:"sum,omitempty"`       // how the actual comes about: (10,989万元 − 9,990万元) ÷ 9,990万元
	Threshold      string          `json:"threshold,omitempty"` // 不低于10%
	Asks           []string        `json:"asks,omitempty"`      // keys of the facts it waits for
	Turns          string          `json:"turns,omitempty"`     // where its one missing figure would meet it
	Gap            *Gap            `json:"gap,omitempty"`
	Facts          []FactRef       `json:"facts,omitempty"`  // what it came from
	Office         string          `json:"office,omitempty"` // who judges
	Interpretation *Interpretation `json:"interpretation,omitempty"`
	Children       []*Node         `json:"children,omitempty"`
}

// Gap is how far a failing condition is from being met.
type Gap struct {
	Condition string   `json:"condition"` // the condition's text or sentence
	Short     string   `json:"short"`     // 0.01个百分点
	Moves     []string `json:"moves"`     // each way in which one fact alone closes it: 营业收入(2025年)再增加1万元,达到11000万元

	// Share is by how much the figure of the nearest move would have to change, in per mille of what it is now; 0: not known.
	// It sorts near from far; a reader is told the distance itself.
	Share int `json:"-"`

	distances []string // the figures of Short and Moves alone, for worked examples
}

// FactRef is a fact an answer used.
type FactRef struct {
	Key    string `json:"key"`   // as in a facts file: 营业收入@2025
	Label  string `json:"label"` // 2025年营业收入
	Value  string `json:"value"` // 9990万元
	Source Source `json:"source"`
}

// Need is a fact that is missing and would help to decide.
type Need struct {
	Key     string   `json:"key"`   // the key to write in a facts file: 营业收入@2025, 高新技术企业, received(cx2022/C027)
	Label   string   `json:"label"` // 2025年营业收入
	Term    string   `json:"term"`
	Year    int      `json:"year,omitempty"`
	Type    string   `json:"type"` // number, date, bool, word, level, judgement
	Unit    string   `json:"unit,omitempty"`
	Options []string `json:"options,omitempty"` // for word and level
	Help    string   `json:"help,omitempty"`
	Office  string   `json:"office,omitempty"` // who vouches for it or judges it
	// Regional: the office states it once for the whole place; no party is asked for it.
	Regional bool     `json:"regional,omitempty"`
	Schemes  []string `json:"schemes,omitempty"` // set by Ask: which schemes it may decide

	field string // of a record: which of its fields
	dated bool   // of a record: its date
}

// Interpretation is the meaning its author chose where the document leaves one open.
type Interpretation struct {
	Choice string `json:"choice"`
	By     string `json:"by"`
	Status string `json:"status"` // assumption, confirmed
}

// Description is a scheme as a person reads it, without a party.
type Description struct {
	ID              string           `json:"id"`
	Title           string           `json:"title"`
	Document        DocumentInfo     `json:"document"`
	Cite            string           `json:"cite"`
	Office          string           `json:"office"`
	For             string           `json:"for"`
	Kind            string           `json:"kind"`
	Text            string           `json:"text,omitempty"` // the clause's wording, paraphrased or quoted
	Gives           []string         `json:"gives"`          // a sentence each
	Conditions      *Node            `json:"conditions,omitempty"`
	Limits          []string         `json:"limits"`
	Pays            []string         `json:"pays"`            // how it is paid, when not at once and whole to the applicant
	Valid           string           `json:"valid,omitempty"` // 3年
	Interpretations []Interpretation `json:"interpretations"`
	Allowed         []Allowance      `json:"allowed"` // reminders of the check that somebody let pass, with the reason
	Legacy          []LegacyMark     `json:"legacy"`  // wordings that a document of today may no longer use
	Examples        []ExampleView    `json:"examples"`
	Ceiling         bool             `json:"ceiling"`              // the amount says 最高: show the disclaimer
	Uses            []Need           `json:"uses"`                 // every fact the scheme can read
	Industries      []string         `json:"industries,omitempty"` // words to filter by
	Sizes           []string         `json:"sizes,omitempty"`
	Succeeds        string           `json:"succeeds,omitempty"`     // the scheme of the earlier document it reissues
	SucceededBy     string           `json:"succeeded_by,omitempty"` // the scheme of a later document that reissues it
}

// DocumentInfo is what a reader is told of a document.
type DocumentInfo struct {
	ID          string           `json:"id"`
	Title       string           `json:"title"`
	Number      string           `json:"number"` // 文号; empty when not found
	NumberKnown bool             `json:"number_known"`
	Body        string           `json:"body"`
	Level       string           `json:"level"` // the folder it lies in
	URL         string           `json:"url,omitempty"`
	Signed      When             `json:"signed"`
	Published   When             `json:"published"`
	InForce     When             `json:"in_force"`    // as Published where it is not stated
	ValidUntil  When             `json:"valid_until"` // until its last day; zero: not stated or not found
	Replaced    Date             `json:"replaced"`
	ReplacedBy  string           `json:"replaced_by,omitempty"`
	Performance int              `json:"performance,omitempty"`
	Notes       []Interpretation `json:"notes"` // assumptions about the document as a whole
}

// ExampleView is a worked example as a reader sees it.
type ExampleView struct {
	Comment string   `json:"comment"` // the arithmetic by hand
	Given   []string `json:"given"`   // 营业收入@2025:9990万元
	Expect  []string `json:"expect"`
}
