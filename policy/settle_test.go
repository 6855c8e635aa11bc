package policy

import (
	"math/rand/v2"
	"slices"
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
