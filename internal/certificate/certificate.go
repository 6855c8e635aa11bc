package certificate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// State of a certificate on a day.
type State string

const (
	Valid       State = "valid"
	Suspended   State = "suspended"
	Expired     State = "expired"
	Revoked     State = "revoked"
	Surrendered State = "surrendered"
)

var stateLabels = map[State]string{Valid: "有效", Suspended: "暂停", Expired: "已届满", Revoked: "已吊销", Surrendered: "已注销"}

// Certificate is one, as its holder and the offices see it.
type Certificate struct {
	ID          string      `json:"id"`
	Number      string      `json:"number"`
	Title       string      `json:"title" doc:"what the certificate is called"`
	Scheme      string      `json:"scheme" doc:"document/scheme"`
	SchemeTitle string      `json:"scheme_title"`
	Kind        string      `json:"kind" enum:"licence,recognition,honour,rating"`
	Record      string      `json:"record" doc:"the kind of record that the party has while it is valid"`
	Party       string      `json:"party"`
	Holder      string      `json:"holder" doc:"the name that it says"`
	Code        string      `json:"code"`
	Details     []Detail    `json:"details" nullable:"false" doc:"what it says of its holder besides"`
	Level       string      `json:"level,omitempty"`
	Department  string      `json:"department" doc:"who issued it, or keeps what the upper body granted"`
	Source      string      `json:"source,omitempty" doc:"the document of the upper body by which it was granted"`
	Town        string      `json:"town"`
	IssuedOn    policy.Date `json:"issued_on"`
	ValidFrom   policy.Date `json:"valid_from"`
	ValidUntil  policy.Date `json:"valid_until" doc:"as it says; empty: it has no end"`
	StandsUntil policy.Date `json:"stands_until" doc:"until when it is valid as things stand: later than it says while a renewal is undecided"`
	Renewal     string      `json:"renewal,omitempty" doc:"the case by which renewal was requested in time and that is undecided"`
	Deemed      bool        `json:"deemed,omitempty" doc:"it came to its end with the renewal undecided: it is deemed renewed"`
	State       State       `json:"state" enum:"valid,suspended,expired,revoked,surrendered" doc:"today"`
	Invented    bool        `json:"invented" doc:"made up for a demonstration"`
	Version     int64       `json:"version"`
	Print       *Print      `json:"print,omitempty" doc:"the last time it was issued on paper; only of a single certificate"`
	Changes     []Change    `json:"changes,omitempty" doc:"what became of it, the first first; only of a single certificate"`
}

// Detail is one thing that a certificate says of its holder.
type Detail struct {
	Label  string `json:"label"`
	Value  string `json:"value"`
	Masked bool   `json:"masked,omitempty" doc:"the public sees it in part only"`
}

// Change is what became of a certificate once.
type Change struct {
	Kind       string      `json:"kind" enum:"issue,amend,request_renewal,drop_renewal,deem_renewed,renew,suspend,resume,revoke,surrender,expire"`
	Label      string      `json:"label"`
	On         policy.Date `json:"on" doc:"from which day it counts"`
	MadeAt     string      `json:"made_at"`
	MadeBy     string      `json:"made_by,omitempty" doc:"only the desk is told who"`
	Case       string      `json:"case,omitempty"`
	CaseNumber string      `json:"case_number,omitempty"`
	Decision   string      `json:"decision,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Cite       string      `json:"cite,omitempty"`
	Told       string      `json:"told,omitempty" doc:"what it changed, in words"`
}

// Kinds of change.
const (
	changeIssue     = "issue"
	changeAmend     = "amend"
	changeRequest   = "request_renewal"
	changeDrop      = "drop_renewal"
	changeDeem      = "deem_renewed"
	changeRenew     = "renew"
	changeSuspend   = "suspend"
	changeResume    = "resume"
	changeRevoke    = "revoke"
	changeSurrender = "surrender"
	changeExpire    = "expire"
)

var changeLabels = map[string]string{changeIssue: "发证", changeAmend: "变更", changeRequest: "提出延续", changeDrop: "延续申请办结，没有延续", changeDeem: "视为准予延续",
	changeRenew: "延续", changeSuspend: "暂停", changeResume: "恢复", changeRevoke: "吊销", changeSurrender: "注销", changeExpire: "届满失效"}

// Basis is what a change rests on.
type Basis struct {
	Case, CaseNumber string
	Decision         string // the action that was taken, in the words of its process
	Reason           string
	Cite             string // which article of which law or document
}

// Issue is what a new certificate says.
type Issue struct {
	Scheme, SchemeTitle, Kind string
	Family                    []string // the ids of the scheme in all its issues
	Grant                     *policy.Grant
	Party, Holder, Code       string
	Person, Invented          bool
	Department, Town          string
	Level                     string
	Details                   map[string]string // by label, of Grant.Shows
	Number                    string            // what whoever grants it gave; only where the grant has no series
	Source                    string            // the document of the upper body by which it was granted; empty: the office that issues it decided
	From, Until               policy.Date       // as that document says; 0: from today, and as long as the grant says
}

// Issue writes a new certificate, valid from today unless a document of the upper body says otherwise, with the next number of its series, and states the record. Conflict if the party holds
// one of the scheme that is still valid or suspended; Invalid for a number that is taken or missing.
func (r *Register) Issue(ctx context.Context, n Issue, b Basis) (*Certificate, error) {
	var out *Certificate
	err := store.Write(ctx, func(ctx context.Context) error {
		today := clock.Today(ctx)
		if err := r.mustHoldNone(ctx, n); err != nil {
			return err
		}
		details, err := detailsOf(n.Grant, n.Details)
		if err != nil {
			return err
		}
		number, err := numberOf(ctx, n, today)
		if err != nil {
			return err
		}
		fields := map[string]string{}
		for k, v := range n.Grant.Fields {
			fields[k] = v
		}
		if n.Grant.Number != "" {
			fields[n.Grant.Number] = number
		}
		if n.Grant.Level != "" && n.Level != "" {
			fields[n.Grant.Level] = n.Level
		}
		title := n.Grant.What
		if title == "" {
			title = n.SchemeTitle
		}
		from, until := today, n.Until
		if n.From != 0 {
			from = n.From
		}
		if until == 0 {
			until = n.Grant.Until(from)
		}
		row := &certificateRow{ID: store.NewID(), Number: number, Title: title, Scheme: n.Scheme, SchemeTitle: n.SchemeTitle, Kind: n.Kind, Record: n.Grant.Record,
			Fields: jsonOf(fields), Party: n.Party, Holder: n.Holder, Code: n.Code, Person: flag(n.Person), Details: jsonOf(details), Level: n.Level,
			Department: n.Department, Town: n.Town, IssuedOn: from.String(), ValidFrom: from.String(), ValidUntil: until.String(), StandsUntil: until.String(), Term: n.Grant.Valid,
			State: Valid, Live: 1, Invented: flag(n.Invented), Source: n.Source}
		if err := row.insert(ctx); err != nil {
			return err
		}
		told := "编号" + number
		if until != 0 {
			told += "，有效期至" + until.String()
		}
		if n.Source != "" {
			told += "，" + n.Source
		}
		if err := r.changed(ctx, row, change(ctx, changeIssue, from, b, told)); err != nil {
			return err
		}
		out, err = row.view(ctx, today)
		return err
	})
	return out, err
}

// mustHoldNone refuses a second certificate of a scheme, and writes of one that came to its end that it did: then a new one may be issued.
func (r *Register) mustHoldNone(ctx context.Context, n Issue) error {
	rows, err := liveOf(ctx, []string{n.Party}, append([]string{n.Scheme}, n.Family...))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := r.settle(ctx, row); err != nil {
			return err
		}
		if row.Live == 1 {
			return fault.New(fault.Conflict, fmt.Sprintf("已持有%s（编号%s，%s），不能再发一张", row.Title, row.Number, row.standing(clock.Today(ctx))))
		}
	}
	return nil
}

// standing is the state of a row in words.
func (row *certificateRow) standing(today policy.Date) string {
	out := stateLabels[row.stateOn(today)]
	if row.StandsUntil != "" && row.Live == 1 {
		out += "，至" + row.StandsUntil
	}
	return out
}

// numberOf is the number of a new certificate: the next of its series, or what it was given.
func numberOf(ctx context.Context, n Issue, today policy.Date) (string, error) {
	if s := n.Grant.Series; s != nil {
		next, err := nextOf(ctx, s.Key(today))
		return s.Number(today, next), err
	}
	number := strings.TrimSpace(n.Number)
	if number == "" || utf8.RuneCountInString(number) > 60 || !store.Plain(number) {
		return "", fault.New(fault.Invalid, "这类证书的编号由授予的机关确定，请填写证书编号", fault.At("data.number", "请填写证书编号，不超过60个字"))
	}
	taken, err := numberTaken(ctx, number)
	if err == nil && taken {
		err = fault.New(fault.Invalid, "这个编号已经用过", fault.At("data.number", "这个编号已经用过"))
	}
	return number, err
}

// mostDetail is how long a detail of a certificate may be.
const mostDetail = 200

// detailsOf are what a certificate says, in the order of its scheme; a label that the scheme does not have is refused, and so is one left empty.
func detailsOf(g *policy.Grant, given map[string]string) ([]Detail, error) {
	out := []Detail{}
	var wrong []fault.Detail
	for _, label := range g.Shows {
		d := Detail{Label: label, Value: strings.TrimSpace(given[label]), Masked: slices.Contains(g.Masks, label)}
		if w := badDetail(label, d.Value); w != "" {
			wrong = append(wrong, fault.At("details."+label, "%s", w))
		}
		out = append(out, d)
	}
	for label := range given {
		if !slices.Contains(g.Shows, label) {
			wrong = append(wrong, fault.At("details."+label, "证书上没有“%s”这一栏", label))
		}
	}
	if len(wrong) > 0 {
		return nil, fault.New(fault.Invalid, "证书的内容不完整："+wrong[0].Message, wrong...)
	}
	return out, nil
}

// badDetail says what is wrong with the text of a detail; empty: nothing.
func badDetail(label, text string) string {
	switch {
	case text == "":
		return "请填写" + label
	case utf8.RuneCountInString(text) > mostDetail:
		return fmt.Sprintf("%s不能超过%d个字", label, mostDetail)
	case !store.Plain(text) || strings.Contains(text, "\n"):
		return label + "含有不允许的字符"
	}
	return ""
}

// Amendment is what a certificate is to say instead. What is empty, or not among them, stays as it is.
type Amendment struct {
	Holder  string
	Details map[string]string
}

// Amend changes what a certificate says of its holder. Invalid if that changes nothing; Conflict unless it is valid.
func (r *Register) Amend(ctx context.Context, id string, a Amendment, b Basis) error {
	return r.change(ctx, id, func(ctx context.Context, row *certificateRow, today policy.Date) error {
		if err := row.must(today, "变更", Valid); err != nil {
			return err
		}
		details, err := row.details()
		if err != nil {
			return err
		}
		var told []string
		var wrong []fault.Detail
		set := func(label, field string, to *string, text string) {
			text = strings.TrimSpace(text)
			switch {
			case text == "" || text == *to:
			case badDetail(label, text) != "":
				wrong = append(wrong, fault.At(field, "%s", badDetail(label, text)))
			default:
				told = append(told, fmt.Sprintf("%s由“%s”变更为“%s”", label, *to, text))
				*to = text
			}
		}
		set(holderLabel, "holder", &row.Holder, a.Holder)
		known := map[string]bool{}
		for i := range details {
			known[details[i].Label] = true
			set(details[i].Label, "details."+details[i].Label, &details[i].Value, a.Details[details[i].Label])
		}
		for label := range a.Details {
			if !known[label] {
				wrong = append(wrong, fault.At("details."+label, "证书上没有“%s”这一栏", label))
			}
		}
		switch {
		case len(wrong) > 0:
			return fault.New(fault.Invalid, "请更正变更的内容", wrong...)
		case len(told) == 0:
			return fault.New(fault.Invalid, "没有要变更的内容：申请的与证书上现有的相同")
		}
		row.Details = jsonOf(details)
		return r.changed(ctx, row, change(ctx, changeAmend, today, b, strings.Join(told, "；")))
	})
}

// RequestRenewal notes that renewal was requested, which the process of the case lets happen in time only. From then on the certificate is
// valid past its end for as long as the case is undecided, and for the new term once the end has passed. Conflict unless it is valid.
func (r *Register) RequestRenewal(ctx context.Context, id string, b Basis) error {
	return r.change(ctx, id, func(ctx context.Context, row *certificateRow, today policy.Date) error {
		if known, err := row.requestedBy(ctx, b.Case); err != nil || known { // it came back from correction
			return err
		}
		if err := row.must(today, "延续", Valid); err != nil {
			return err
		}
		if row.ValidUntil == "" {
			return fault.New(fault.Conflict, "这张证书没有届满日，不用延续")
		}
		if row.Renewal != "" {
			return fault.New(fault.Conflict, "这张证书的延续申请正在办理")
		}
		end, _ := policy.ParseDate(row.ValidUntil)
		row.Renewal, row.StandsUntil = b.Case, row.termAfter(end).String()
		return r.changed(ctx, row, change(ctx, changeRequest, today, b, "届满日"+row.ValidUntil+"前没有决定的，视为准予延续至"+row.StandsUntil))
	})
}

// termAfter is the last day of another term after an end.
func (row *certificateRow) termAfter(end policy.Date) policy.Date {
	return (&policy.Grant{Valid: row.Term}).Until(end.AddDays(1))
}

// Renew gives a certificate another term from the day after its end. One that is deemed renewed by the same case has that term already: the
// decision confirms it. Conflict if it came to its end without, and unless it is valid.
func (r *Register) Renew(ctx context.Context, id string, b Basis) error {
	return r.change(ctx, id, func(ctx context.Context, row *certificateRow, today policy.Date) error {
		if err := row.must(today, "延续", Valid); err != nil {
			return err
		}
		deemed, err := row.deemedBy(ctx, b.Case)
		if err != nil {
			return err
		}
		if deemed {
			return r.changed(ctx, row, change(ctx, changeRenew, today, b, "有效期至"+row.ValidUntil+"，与视为准予延续的相同"))
		}
		if row.ValidUntil == "" {
			return fault.New(fault.Conflict, "这张证书没有届满日，不用延续")
		}
		end, err := policy.ParseDate(row.ValidUntil)
		if err != nil {
			return err
		}
		row.Renewal, row.ValidUntil = "", row.termAfter(end).String()
		row.StandsUntil = row.ValidUntil
		return r.changed(ctx, row, change(ctx, changeRenew, end.AddDays(1), b, fmt.Sprintf("有效期由%s延续至%s", end, row.ValidUntil)))
	})
}

// Suspend keeps a valid certificate from counting, from today on.
func (r *Register) Suspend(ctx context.Context, id string, b Basis) error {
	return r.turn(ctx, id, changeSuspend, Suspended, b, Valid)
}

// Resume lets a suspended certificate count again.
func (r *Register) Resume(ctx context.Context, id string, b Basis) error {
	return r.turn(ctx, id, changeResume, Valid, b, Suspended)
}

// Revoke takes a certificate away, for good.
func (r *Register) Revoke(ctx context.Context, id string, b Basis) error {
	return r.turn(ctx, id, changeRevoke, Revoked, b, Valid, Suspended)
}

// Surrender ends a certificate that its holder gave up.
func (r *Register) Surrender(ctx context.Context, id string, b Basis) error {
	return r.turn(ctx, id, changeSurrender, Surrendered, b, Valid, Suspended)
}

func (r *Register) turn(ctx context.Context, id, kind string, to State, b Basis, from ...State) error {
	return r.change(ctx, id, func(ctx context.Context, row *certificateRow, today policy.Date) error {
		if err := row.must(today, changeLabels[kind], from...); err != nil {
			return err
		}
		row.State = to
		if to == Revoked || to == Surrendered {
			row.Live, row.Renewal, row.StandsUntil = 0, "", row.ValidUntil
		}
		return r.changed(ctx, row, change(ctx, kind, today, b, ""))
	})
}

// Closed says that a case about a certificate has ended. A renewal that it requested and did not bring ends with it, unless the certificate
// came to its end before: then it is deemed renewed, and stays so.
func (r *Register) Closed(ctx context.Context, id, caseID string) error {
	return r.change(ctx, id, func(ctx context.Context, row *certificateRow, today policy.Date) error {
		if row.Renewal != caseID {
			return nil
		}
		row.Renewal, row.StandsUntil = "", row.ValidUntil
		return r.changed(ctx, row, change(ctx, changeDrop, today, Basis{Case: caseID}, "有效期仍至"+row.ValidUntil))
	})
}

// change reads a certificate, writes of it what time alone has made of it, and then what fn does. Of two that change one certificate at a time
// the second finds another version and gets Conflict.
func (r *Register) change(ctx context.Context, id string, fn func(ctx context.Context, row *certificateRow, today policy.Date) error) error {
	return store.Write(ctx, func(ctx context.Context) error {
		row, err := certificateByID(ctx, id)
		if err != nil {
			return err
		}
		if err := r.settle(ctx, row); err != nil {
			return err
		}
		return fn(ctx, row, clock.Today(ctx))
	})
}

// settle writes what time alone has made of a certificate, if it has: deemed renewed, come to its end.
func (r *Register) settle(ctx context.Context, row *certificateRow) error {
	today := clock.Today(ctx).String()
	if row.Renewal != "" && row.ValidUntil < today {
		end, err := policy.ParseDate(row.ValidUntil)
		if err != nil {
			return err
		}
		asked, err := lastChange(ctx, row.ID, changeRequest)
		if err != nil {
			return err
		}
		row.ValidUntil, row.Renewal = row.StandsUntil, ""
		if err := r.changed(ctx, row, changeRow{Kind: changeDeem, On: end.AddDays(1).String(), Case: asked.Case, CaseNumber: asked.CaseNumber, Cite: asked.Cite,
			Told: "届满日" + end.String() + "前没有决定，视为准予延续至" + row.ValidUntil}); err != nil {
			return err
		}
	}
	if row.Live == 1 && row.StandsUntil != "" && row.StandsUntil < today {
		end, err := policy.ParseDate(row.StandsUntil)
		if err != nil {
			return err
		}
		row.State, row.Live = Expired, 0
		return r.changed(ctx, row, changeRow{Kind: changeExpire, On: end.AddDays(1).String(), Told: "有效期至" + row.StandsUntil})
	}
	return nil
}

// stateOn is the state on a day not before the last change.
func (row *certificateRow) stateOn(today policy.Date) State {
	if row.Live == 1 && row.StandsUntil != "" && row.StandsUntil < today.String() {
		return Expired
	}
	return row.State
}

// must refuses what cannot be done to a certificate of the state that it has.
func (row *certificateRow) must(today policy.Date, what string, from ...State) error {
	if s := row.stateOn(today); !slices.Contains(from, s) {
		return fault.New(fault.Conflict, fmt.Sprintf("编号%s的证书%s，不能%s", row.Number, stateLabels[s], what))
	}
	return nil
}

func change(ctx context.Context, kind string, on policy.Date, b Basis, told string) changeRow {
	return changeRow{Kind: kind, On: on.String(), MadeBy: by(ctx), Case: b.Case, CaseNumber: b.CaseNumber, Decision: b.Decision, Reason: b.Reason, Cite: b.Cite, Told: told}
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v) // texts only: cannot fail
	return string(b)
}

func flag(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
