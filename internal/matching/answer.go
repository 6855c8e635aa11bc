package matching

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"

	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Group is how a firm's page sorts its answers.
type Group string

const (
	Due     Group = "due"     // met: it may apply
	Close   Group = "close"   // unmet, but one or two figures that need not change by more than a quarter separate it
	Unclear Group = "unknown" // a fact or a judgement is missing
	Not     Group = "not"     // unmet
)

// What still counts as close: at most closeGaps failing conditions, each of which one figure alone closes that need not change by more
// than closeShare per mille of itself. A score's next row has no share; it counts as scoreShare.
const (
	closeGaps  = 2
	closeShare = 250
	scoreShare = 100
)

// GroupOf sorts a result into its group.
func GroupOf(r *policy.Result) Group {
	switch r.Answer {
	case policy.Met:
		return Due
	case policy.Unknown, policy.Manual:
		return Unclear
	}
	if closeness(r) > 0 {
		return Close
	}
	return Not
}

// closeness is by how much figures would have to change for an unmet party to meet the scheme, in per mille, summed; 0: not close.
func closeness(r *policy.Result) int {
	if r.Answer != policy.Unmet || len(r.Gaps) == 0 || len(r.Gaps) > closeGaps {
		return 0
	}
	sum := 0
	for _, g := range r.Gaps {
		if len(g.Moves) == 0 || g.Share > closeShare {
			return 0
		}
		if g.Share == 0 {
			g.Share = scoreShare
		}
		sum += g.Share
	}
	return sum
}

// NextAction is what would help most, in one sentence for the party or the officer.
func NextAction(r *policy.Result) string {
	switch {
	case r.Answer == policy.NotApplicable:
		return "不适用于该主体"
	case r.Standing == policy.Expired:
		return "文件已失效，不再受理"
	case r.Answer == policy.Met && r.Standing == policy.Upcoming:
		return "条件已具备，文件施行后可申报"
	case r.Answer == policy.Met && r.Disputed:
		return "所依据的数据有争议，请先核对"
	case r.Answer == policy.Met && !r.Verified:
		return "所依据的部分数据为企业申报，申报时须核实"
	case r.Answer == policy.Met:
		return "条件已具备，请留意申报通知"
	case r.Answer == policy.Unknown || r.Answer == policy.Manual:
		return missingText(r)
	case len(r.Gaps) > 0 && len(r.Gaps[0].Moves) > 0:
		return r.Gaps[0].Moves[0]
	case len(r.Gaps) > 0:
		return r.Gaps[0].Short
	}
	return ""
}

func missingText(r *policy.Result) string {
	if len(r.Missing) == 0 {
		if r.Answer == policy.Manual {
			return "须由主管部门判断"
		}
		return "须补充资料"
	}
	n := r.Missing[0]
	text := "补充" + n.Label
	if n.Type == "judgement" {
		text = "待判断：" + n.Label
		if n.Office != "" {
			text = "待" + n.Office + "判断：" + n.Label
		}
	}
	if len(r.Missing) > 1 {
		text += fmt.Sprintf(" 等%d项", len(r.Missing))
	}
	return text
}

// gapText is the one line that a list shows beside an answer.
func gapText(r *policy.Result) string {
	switch {
	case r.Answer == policy.Met:
		return ""
	case r.Answer != policy.Unmet:
		return missingText(r)
	case len(r.Gaps) == 0:
		return ""
	}
	g := r.Gaps[0]
	text := g.Condition
	if g.Short != "" && text != "" {
		text += "："
	}
	text += g.Short
	if len(r.Gaps) > 1 {
		text += fmt.Sprintf("（共%d项不符合）", len(r.Gaps))
	}
	return text
}

// row is a stored answer. Money in fen.
type row struct {
	Party         string `bun:"party,pk"`
	Scheme        string `bun:"scheme,pk"`
	Answer        string `bun:"answer"`
	Standing      string `bun:"standing"`
	Performance   int64  `bun:"performance"`
	Kind          string `bun:"kind"`
	Low           int64  `bun:"low"`
	High          int64  `bun:"high"`
	Open          int    `bun:"open"`
	CutBy         string `bun:"cut_by"`
	AmountText    string `bun:"amount_text"`
	PotentialKind string `bun:"potential_kind"`
	PotentialLow  int64  `bun:"potential_low"`
	PotentialHigh int64  `bun:"potential_high"`
	PotentialOpen int    `bun:"potential_open"`
	PotentialText string `bun:"potential_text"`
	Closeness     int64  `bun:"closeness"`
	Place         int64  `bun:"place"`
	Owed          int64  `bun:"owed"`
	Ceiling       int64  `bun:"ceiling"`
	MayReach      int64  `bun:"may_reach"`
	Gap           string `bun:"gap"`
	Missing       string `bun:"missing"`
	Verified      int    `bun:"verified"`
	Disputed      int    `bun:"disputed"`
	ChangesOn     string `bun:"changes_on"`
	Version       int64  `bun:"version"`
	Digest        int64  `bun:"digest"`
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func kindOf(k policy.AmountKind) string {
	if k == "" {
		return string(policy.NoAmount)
	}
	return string(k)
}

// rowOf is the stored form of a result; its digest covers everything but the version.
func rowOf(party string, r *policy.Result) row {
	keys := make([]string, len(r.Missing))
	for i, n := range r.Missing {
		keys[i] = n.Key
	}
	missing, _ := json.Marshal(keys) // strings always marshal
	out := row{Party: party, Scheme: r.Scheme, Answer: r.Answer.String(), Standing: string(r.Standing), Performance: int64(r.Performance),
		Kind: kindOf(r.Amount.Kind), Low: int64(r.Amount.Low), High: int64(r.Amount.High), Open: bit(r.Amount.Open), CutBy: r.Amount.CutBy,
		AmountText:    r.Amount.Text,
		PotentialKind: kindOf(r.Potential.Kind), PotentialLow: int64(r.Potential.Low), PotentialHigh: int64(r.Potential.High),
		PotentialOpen: bit(r.Potential.Open), PotentialText: r.Potential.Text,
		Closeness: int64(closeness(r)), Gap: gapText(r), Missing: string(missing), Verified: bit(r.Verified), Disputed: bit(r.Disputed),
		ChangesOn: r.ChangesOn.String()}
	if r.Answer == policy.Met {
		sum := schemes.SumOf(r)
		out.Owed, out.Ceiling = int64(sum.Owed), int64(sum.Ceiling)
	}
	out.MayReach = int64(r.Reach())
	out.Place = out.place()
	out.Digest = out.digest()
	return out
}

// A scheme's list has parts: who meets it, with the most money first; who waits for a judgement; who lacks a fact; the unmet, the closest
// first; and the rest of the unmet, all at one place. A place is its part times placeStep and the place within.
const (
	partMet = iota
	partManual
	partUnknown
	partClose
	partFar

	mostMoney = int64(1_000_000_000_000_000) // fen: above any sum of a scheme
	placeStep = 2 * mostMoney
	farUnmet  = partClose*placeStep + mostMoney
)

func (r *row) place() int64 {
	down := func(fen int64, open int) int64 {
		if open == 1 {
			return 0
		}
		return mostMoney - min(max(fen, 0), mostMoney)
	}
	switch r.Answer {
	case "met":
		return down(r.Owed+r.Ceiling, r.Open)
	case "manual":
		return partManual*placeStep + down(r.MayReach, r.PotentialOpen)
	case "unknown":
		return partUnknown*placeStep + down(r.MayReach, r.PotentialOpen)
	}
	if r.Closeness > 0 {
		return partClose*placeStep + r.Closeness
	}
	return farUnmet
}

// digest covers everything but party and version, and what follows from the rest.
func (r *row) digest() int64 {
	b := make([]byte, 0, 512)
	for _, s := range []string{r.Scheme, r.Answer, r.Standing, r.Kind, r.CutBy, r.AmountText, r.PotentialKind, r.PotentialText, r.Gap, r.Missing, r.ChangesOn} {
		b = append(strconv.AppendInt(b, int64(len(s)), 10), ':')
		b = append(b, s...)
	}
	for _, n := range []int64{r.Performance, r.Low, r.High, r.PotentialLow, r.PotentialHigh, r.Closeness, r.Owed, r.Ceiling, r.MayReach,
		int64(r.Open), int64(r.PotentialOpen), int64(r.Verified), int64(r.Disputed)} {
		b = append(strconv.AppendInt(b, n, 10), ',')
	}
	h := fnv.New64a()
	_, _ = h.Write(b) // never fails
	return int64(h.Sum64())
}

func (r *row) amount() policy.Amount {
	return policy.Amount{Kind: policy.AmountKind(r.Kind), Low: policy.Fen(r.Low), High: policy.Fen(r.High), Open: r.Open == 1, CutBy: r.CutBy, Text: r.AmountText}
}

func (r *row) potential() policy.Amount {
	return policy.Amount{Kind: policy.AmountKind(r.PotentialKind), Low: policy.Fen(r.PotentialLow), High: policy.Fen(r.PotentialHigh),
		Open: r.PotentialOpen == 1, Text: r.PotentialText}
}

// left is what the limits of the party leave of the amount, where they cut it; nil where they do not.
func (r *row) left() *policy.Left {
	sum, of := r.Owed+r.Ceiling, r.High
	if r.Answer != policy.Met.String() {
		sum, of = r.MayReach, r.PotentialHigh
	}
	if r.Answer == policy.Unmet.String() || r.Open == 1 || r.PotentialOpen == 1 || sum >= of {
		return nil
	}
	most := policy.Fen(sum)
	text := most.String()
	if most > 0 { // nothing left is nothing, and no bound
		text = "至多" + text
	}
	return &policy.Left{Most: most, Bound: true, Due: text, Reach: text}
}

// reckoning is one party's answers under one set, as of one day.
type reckoning struct {
	party     string
	rows      []row
	total     schemes.Sum // over schemes in force that are met
	potential policy.Fen  // over schemes in force: the most that may come of it once what is unknown is known
	changesOn string
}

// reckon answers every live scheme for one party of a kind. Not applicable leaves no row.
func reckon(live []*policy.Scheme, party, kind string, facts *policy.Facts, on policy.Date) reckoning {
	out := reckoning{party: party, rows: make([]row, 0, len(live))}
	var inForce []*policy.Result
	for _, s := range live {
		if !registry.Concerns(s, kind) {
			continue
		}
		r := s.Evaluate(policy.Question{Facts: facts, On: on})
		if c := r.ChangesOn.String(); c != "" && (out.changesOn == "" || c < out.changesOn) {
			out.changesOn = c
		}
		if r.Answer == policy.NotApplicable {
			continue
		}
		x := rowOf(party, r)
		if r.Standing == policy.InForce {
			inForce = append(inForce, r)
		}
		out.rows = append(out.rows, x)
	}
	out.total = schemes.SumOf(inForce...)
	for _, fen := range policy.Together(inForce, (*policy.Result).Reach) {
		out.potential += fen
	}
	return out
}

// live are the schemes whose answers are kept: in force on the day, or still to come.
func live(library *policy.Library, on policy.Date) []*policy.Scheme {
	var out []*policy.Scheme
	for _, s := range library.Schemes() {
		if s.Document().StandingOn(on) != policy.Expired {
			out = append(out, s)
		}
	}
	return out
}

func (r *row) state() *registry.AnswerState {
	a, _ := policy.ParseAnswer(r.Answer)
	return &registry.AnswerState{Answer: a, Amount: r.amount(), Left: r.left(), Gap: r.Gap}
}
