package policy

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func settleFacts(t *testing.T, lib *Library, lines map[string]string) *Facts {
	t.Helper()
	f := NewFacts(lib.vocabulary)
	for k, v := range lines {
		if err := f.Set(k, v, Source{Verified: true}); err != nil {
			t.Fatalf("%s: %v", k, err)
		}
	}
	f.CoverReceived(always)
	return f
}

func yuan(n int64) *Fen { f := Fen(n * 100); return &f }

// TestSettleTopUp is X11: 10万 for the city's level, then 30万 less the 10万 received for the nation's: 20万.
// First the nation's 30万, later the province's level: the best is still the nation's, 30 - 30 = 0.
// Mutation: read received( ) as nothing → red.
func TestSettleTopUp(t *testing.T) {
	lib := realLibrary(t)
	const id, on = "cx2022/C027", Date(20230630)
	first := settleFacts(t, lib, map[string]string{"融合示范.级别": "市级"})
	got, err := lib.Settle(Round{On: on, Claims: []Claim{{ID: "1", Party: "甲", Scheme: id, Facts: first, Decided: yuan(100_000)}}})
	if err != nil || got[0].Amount != 10_000_000 {
		t.Fatalf("%+v %v", got, err)
	}
	second := settleFacts(t, lib, map[string]string{"融合示范.级别": "国家级"})
	second.Received(id, got[0].Amount, 20221201, Source{Verified: true})
	got, err = lib.Settle(Round{On: on, Claims: []Claim{{ID: "2", Party: "甲", Scheme: id, Facts: second, Decided: yuan(200_000)}}})
	if err != nil || got[0].Gross.High != 20_000_000 || got[0].Amount != 20_000_000 {
		t.Fatalf("%+v %v", got, err)
	}
	third := settleFacts(t, lib, map[string]string{"融合示范.级别": "国家级"})
	third.Received(id, 30_000_000, 20221201, Source{Verified: true})
	got, err = lib.Settle(Round{On: on, Claims: []Claim{{ID: "3", Party: "甲", Scheme: id, Facts: third}}})
	if err != nil || got[0].Amount != 0 || got[0].Open {
		t.Fatalf("%+v %v", got, err)
	}
	// More than what is left cannot be decided.
	got, err = lib.Settle(Round{On: on, Claims: []Claim{{ID: "4", Party: "甲", Scheme: id, Facts: second, Decided: yuan(200_001)}}})
	if err != nil || got[0].Amount != 0 || !got[0].Open {
		t.Fatalf("%+v %v", got, err)
	}
}

const settleDocument = `define: {}
schemes:
  甲奖:
    title: 甲奖
    cite: 一
    for: 企业
    kind: money
    amount: 6万元
    limits: [{at_most: 1次, per: [企业, 年度], of: [甲奖, 乙奖], share: highest}]
  乙奖:
    title: 乙奖
    cite: 二
    for: 企业
    kind: money
    amount: {give: 1%, of: 收入@当年}
    limits: [{at_most: 1次, per: [企业, 年度], of: [甲奖, 乙奖], share: highest}]
  丙奖:
    title: 丙奖
    cite: 三
    for: 企业
    kind: money
    amount: {give: 100%, of: received(乙奖)}
    limits: [{at_most: 3万元, per: [企业, 年度]}]
`

// TestSettleGroupCapAndLayers: 乙 gives 1% of 1,000万 = 10万, more than 甲's 6万, so 甲 yields; 丙 matches what
// 乙 came to in this round and is cut to 3万 a year. With 500万 乙 is 5万 and yields itself, so 丙 matches nothing.
// Mutation: settle 丙 before 乙, or choose the first instead of the highest → red.
func TestSettleGroupCapAndLayers(t *testing.T) {
	lib, _ := load(t, settleDocument)
	claims := func(revenue string) []Claim {
		f := settleFacts(t, lib, map[string]string{"收入@2025": revenue})
		return []Claim{{ID: "1", Party: "甲", Scheme: "d/甲奖", Facts: f}, {ID: "2", Party: "甲", Scheme: "d/乙奖", Facts: f}, {ID: "3", Party: "甲", Scheme: "d/丙奖", Facts: f}}
	}
	for _, c := range []struct {
		revenue string
		want    [3]Fen
	}{{"1000万元", [3]Fen{0, 10_000_000, 3_000_000}}, {"500万元", [3]Fen{6_000_000, 0, 0}}} {
		got, err := lib.Settle(Round{On: 20260630, Claims: claims(c.revenue)})
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range got {
			if x.Amount != c.want[i] {
				t.Errorf("%s: %s comes to %s, want %s; cuts %+v", c.revenue, x.Scheme, x.Amount, c.want[i], x.Cuts)
			}
		}
	}
	if _, err := lib.Settle(Round{On: 20260630, Claims: []Claim{{ID: "1", Scheme: "d/甲奖", Facts: NewFacts(lib.vocabulary)}, {ID: "1", Scheme: "d/甲奖", Facts: NewFacts(lib.vocabulary)}}}); err == nil {
		t.Error("one claim twice was settled")
	}
}

// TestSettleOrder: the order of the input never matters, and settling twice gives the same.
func TestSettleOrder(t *testing.T) {
	lib, _ := load(t, settleDocument)
	r := rand.New(rand.NewPCG(7, 8))
	var claims []Claim
	for i := range 60 {
		f := settleFacts(t, lib, map[string]string{"收入@2025": []string{"500万元", "700万元", "1000万元"}[r.IntN(3)]})
		claims = append(claims, Claim{ID: string(rune('A' + i)), Party: string(rune('a' + i/3)), Scheme: []string{"d/甲奖", "d/乙奖", "d/丙奖"}[i%3], Facts: f})
	}
	first, err := lib.Settle(Round{On: 20260630, Claims: claims})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		shuffled := slices.Clone(claims)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		again, err := lib.Settle(Round{On: 20260630, Claims: shuffled})
		if err != nil {
			t.Fatal(err)
		}
		for i := range first {
			if first[i].Claim != again[i].Claim || first[i].Amount != again[i].Amount {
				t.Fatalf("%+v, shuffled %+v", first[i], again[i])
			}
		}
	}
}

// sharedCap is a document in which two schemes name one party's yearly limit, each in its own words of who yields.
func sharedCap(first, second string) string {
	limit := func(share string) string {
		return "{at_most: 10万元, per: [企业, 年度], of: [甲奖, 乙奖]" + share + "}"
	}
	return `schemes:
  甲奖: {title: 甲奖, cite: 一, for: 企业, kind: money, amount: {give: 1%, of: 收入@当年}, limits: [` + limit(first) + `]}
  乙奖: {title: 乙奖, cite: 二, for: 企业, kind: money, amount: 6万元, limits: [` + limit(second) + `]}
`
}

// TestSettleCapOverTwoSchemes: one party's 10万 a year over two schemes. 甲 gives 1% of 700万 = 7万, 乙 6万: 13万 against 10万.
// In proportion: 7×10/13 = 53,846.153… and 6×10/13 = 46,153.846…; the floors leave one fen to the larger remainder, which is 乙's (.846 fen
// against .384… in fen 5,384,615.38… and 4,615,384.61…): 53,846.15 + 46,153.85. Who comes first takes all it gives, the other the rest.
// Mutation: settle the schemes of a cap one after the other → red.
func TestSettleCapOverTwoSchemes(t *testing.T) {
	for _, c := range []struct {
		share  string
		first  string // who submitted first
		jia, y Fen
	}{
		{", share: prorata, key: 申报编号", "甲", 5_384_615, 4_615_385},
		{", share: prorata, key: 申报编号", "乙", 5_384_615, 4_615_385},
		{", share: highest", "乙", 7_000_000, 3_000_000},
		{", share: earliest", "甲", 7_000_000, 3_000_000},
		{", share: earliest", "乙", 4_000_000, 6_000_000},
		{"", "甲", 7_000_000, 3_000_000},
		{"", "乙", 4_000_000, 6_000_000},
		{", share: earliest, key: 条款", "乙", 7_000_000, 3_000_000},
	} {
		lib, ps := load(t, sharedCap(c.share, c.share))
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(p)
			}
		}
		f := settleFacts(t, lib, map[string]string{"收入@2025": "700万元"})
		at := func(who string) string {
			return map[bool]string{true: "2026-03-01", false: "2026-03-02"}[who == c.first]
		}
		claims := []Claim{{ID: "1", Party: "企", Scheme: "d/甲奖", Facts: f, Submitted: at("甲")}, {ID: "2", Party: "企", Scheme: "d/乙奖", Facts: f, Submitted: at("乙")}}
		for range 2 {
			got, err := lib.Settle(Round{On: 20260630, Claims: claims})
			if err != nil || got[0].Amount != c.jia || got[1].Amount != c.y {
				t.Errorf("%q, %s first: %+v %v", c.share, c.first, got, err)
			}
			slices.Reverse(claims)
		}
	}
	lib, _ := load(t, sharedCap(", share: prorata, key: 申报编号", ", share: earliest"))
	f := settleFacts(t, lib, map[string]string{"收入@2025": "700万元"})
	if _, err := lib.Settle(Round{On: 20260630, Claims: []Claim{{ID: "1", Party: "企", Scheme: "d/甲奖", Facts: f}, {ID: "2", Party: "企", Scheme: "d/乙奖", Facts: f}}}); err == nil || !strings.Contains(err.Error(), "由谁让却不一样") {
		t.Errorf("one limit with two ways to share it: %v", err)
	}
}

// TestSettleCapOverWhatReads: 丙 matches half of what 甲 came to and shares a yearly 10万 with 甲 and 乙. Without a word of who yields, 甲 and 乙
// share first as one scheme would (乙 submitted first: 乙 6万, 甲 7万 cut to 4万), and 丙, half of 4万, finds nothing left. Sharing in
// proportion what depends on the outcome has no answer and is refused.
func TestSettleCapOverWhatReads(t *testing.T) {
	text := func(share string) string {
		limit := ", limits: [{at_most: 10万元, per: [企业, 年度], of: [甲奖, 乙奖, 丙奖]" + share + "}]}\n"
		return "schemes:\n  甲奖: {title: 甲奖, cite: 一, for: 企业, kind: money, amount: {give: 1%, of: 收入@当年}" + limit +
			"  乙奖: {title: 乙奖, cite: 二, for: 企业, kind: money, amount: 6万元" + limit +
			"  丙奖: {title: 丙奖, cite: 三, for: 企业, kind: money, amount: {give: 50%, of: received(甲奖)}" + limit
	}
	round := func(share string) ([]Settled, error) {
		lib, _ := load(t, text(share))
		f := settleFacts(t, lib, map[string]string{"收入@2025": "700万元"})
		return lib.Settle(Round{On: 20260630, Claims: []Claim{{ID: "1", Party: "企", Scheme: "d/甲奖", Facts: f, Submitted: "2"},
			{ID: "2", Party: "企", Scheme: "d/乙奖", Facts: f, Submitted: "1"}, {ID: "3", Party: "企", Scheme: "d/丙奖", Facts: f, Submitted: "0"}}})
	}
	got, err := round("")
	if err != nil || got[0].Amount != 4_000_000 || got[1].Amount != 6_000_000 || got[2].Amount != 0 || got[2].Gross.High != 2_000_000 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := round(", share: prorata, key: 申报编号"); err == nil || !strings.Contains(err.Error(), "排不出先后") {
		t.Errorf("%v", err)
	}
}

// TestSettleCapsOfTwoFiles: two files of one day each state a yearly cap over both schemes. The one of the document a comes first, whatever the
// files are called: 7万 and 6万 in proportion under 10万 are 53,846.15 and 46,153.85, and under 9万 in order 53,846.15 and 36,153.85.
// Mutation: order documents of one day by their files → red.
func TestSettleCapsOfTwoFiles(t *testing.T) {
	file := func(doc, scheme, sum, limit string) []byte {
		return []byte(strings.Replace(testHead, "document: d", "document: "+doc, 1) + "schemes:\n  " + scheme + ": {title: 奖, cite: 一, for: 企业, kind: money, amount: " + sum +
			", limits: [{per: [企业, 年度], of: [a/一, b/二], " + limit + "}]}\n")
	}
	a := file("a", "一", "7万元", "at_most: 10万元, share: prorata, key: 申报编号")
	b := file("b", "二", "6万元", "at_most: 9万元, share: earliest, key: 条款")
	for _, names := range [][2]string{{"1.yaml", "2.yaml"}, {"2.yaml", "1.yaml"}} {
		lib, _ := Load([]File{{"v.yaml", []byte(testVocabulary)}, {names[0], a}, {names[1], b}})
		f := settleFacts(t, lib, nil)
		got, err := lib.Settle(Round{On: 20260630, Claims: []Claim{{ID: "1", Party: "企", Scheme: "a/一", Facts: f}, {ID: "2", Party: "企", Scheme: "b/二", Facts: f}}})
		if err != nil || got[0].Amount != 5_384_615 || got[1].Amount != 3_615_385 {
			t.Errorf("%v: %+v %v", names, got, err)
		}
	}
}

// What was advanced is recovered though the claim comes to nothing: 5万 were paid, 0 are due, -5万. Who has no claim at all was advanced nothing by it, and
// an advance that is not claimed back (or parts of the sum alone) leaves no payment of nothing.
// Mutations: pay nothing wherever the sum is 0; pay who does not meet the condition → red.
func TestSettleRecoversFromNothing(t *testing.T) {
	const advance = "pay: [{on: 预支, give: 5万元}, {on: 结算, give: rest, below_zero: recover}]"
	for _, c := range []struct {
		name, scheme string
		decided      *Fen
		before       Fen // awarded under the scheme's cap earlier
		want         []Fen
	}{
		{"decided at 1元: 1元 less 5万", "amount: up to 10万元, " + advance, yuan(1), 0, []Fen{5_000_000, -4_999_900}},
		{"decided at nothing", "amount: up to 10万元, " + advance, yuan(0), 0, []Fen{5_000_000, -5_000_000}},
		{"the cap is used up", "amount: up to 10万元, limits: [{at_most: 3万元, per: [企业, 年度]}], " + advance, yuan(30_000), 3_000_000, []Fen{5_000_000, -5_000_000}},
		{"nothing by the clause itself", "amount: {give: 10%, of: 收入@当年}, " + advance, nil, 0, []Fen{5_000_000, -5_000_000}},
		{"not met", "amount: 1万元, require: {of: 收入@当年, over: 0元}, " + advance, nil, 0, nil},
		{"not claimed back", "amount: up to 10万元, pay: [{on: 预支, give: 5万元}, {on: 结算, give: rest, below_zero: none}]", yuan(0), 0, nil},
		{"parts of nothing", "amount: up to 10万元, pay: [{on: 开工, give: 30%}, {on: 完工, give: rest}]", yuan(0), 0, nil},
	} {
		lib, ps := load(t, "schemes:\n  奖: {title: 奖, cite: 一, for: 企业, kind: money, "+c.scheme+"}\n")
		for _, p := range ps {
			if p.Severity == SeverityError && !strings.Contains(p.Message, "至少写一个 examples") {
				t.Fatal(c.name, p)
			}
		}
		round := Round{ID: "一", On: 20260630, Claims: []Claim{{ID: "1", Party: "甲", Scheme: "d/奖", Facts: settleFacts(t, lib, map[string]string{"收入@2025": "0元"}),
			Submitted: "2026-03-01", Decided: c.decided}}}
		if c.before > 0 {
			round.History = []Past{{Party: "甲", Scheme: "d/奖", Year: 2025, Round: "前", Amount: c.before, PaidOn: 20251001}}
		}
		got, err := lib.Settle(round)
		if err != nil || got[0].Open || got[0].Granted != (got[0].Amount > 0) {
			t.Fatalf("%s: %+v %v", c.name, got, err)
		}
		var paid []Fen
		for _, p := range got[0].Payments {
			paid = append(paid, p.Amount)
		}
		if !slices.Equal(paid, c.want) {
			t.Errorf("%s: paid %v, not %v", c.name, paid, c.want)
		}
	}
}
