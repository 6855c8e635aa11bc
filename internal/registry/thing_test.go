package registry_test

import (
	"context"
	"testing"

	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// 100万 less what was received under 奖, for each project. On one day 10万 went to 一号线, 20万 to 二号线 and 7万 to a product that has the name of a project
// as well; 5万 do not say for what. By hand: 一号线 100 − 10 − 5 − 7 = 78万 (the product's do not say for which project), 二号线 100 − 20 − 5 − 7 = 68万,
// 三号线 100 − 5 − 7 = 88万, and for the firm as a whole 100 − 42 = 58万. 一号线 gives 10万 back: 88万, and the others are as they were.
//
// Mutations that turn this red: leave the thing out of the key; read for a project what went to another; read for it nothing that does not say for which.
func TestAwardsReceivedForAProject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		party := r.party(1, "东镇")
		on, _ := policy.ParseDate("2026-03-02")
		put := func(kind, name, value string, withdraw bool) {
			t.Helper()
			_, err := r.PutFacts(r.sys, []registry.Statement{{Party: party, ThingKind: kind, Thing: name, Term: "received:d/奖", Value: value, On: on, Source: "财政兑付", Verified: true, Withdraw: withdraw}})
			r.must(err)
		}
		put("项目", "一号线", "10万元", false)
		put("项目", "二号线", "20万元", false)
		put("产品", "一号线", "7万元", false)
		put("", "", "5万元", false)
		_, err := r.Cover(r.sys, registry.ReceivedCoverage, on, "全部由财政兑付")
		r.must(err)
		files := []policy.File{{Path: "d/d.yaml", Data: []byte("document: d\ntitle: 样例\nnumber: not_found\nbody: 本县人民政府\ndates: {published: 2025-01-01, performance: 2025}\nrounding: {to: 0.01元, mode: down}\nschemes:\n" +
			"  奖: {title: 奖, cite: 一, for: 项目, kind: money, text: 每个项目20万元。, amount: 20万元, examples: [{P: 2025, given: {}, expect: {answer: met, amount: 20万元}}]}\n" +
			"  补: {title: 补, cite: 二, for: 项目, kind: money, text: 补足到100万元。, amount: {give: 100万元, then: [{less: received(奖)}]}, examples: [{P: 2025, given: {received(奖): 30万元}, expect: {answer: met, amount: 70万元}}]}\n")},
			{Path: "d/vocabulary.yaml", Data: []byte("vocabulary: d\nterms: {}\n")}}
		library, problems := policy.Load(files)
		if library == nil {
			t.Fatal(problems)
		}
		comes := func(when string, want map[string]policy.Fen) {
			t.Helper()
			var about []registry.About
			for name := range want {
				of := registry.Thing{}
				if name != "" {
					of = registry.Thing{Kind: "项目", Name: name}
				}
				about = append(about, registry.About{Party: party, Thing: of})
			}
			known, err := r.KnownAbout(r.sys, library.Vocabulary(), about)
			r.must(err)
			for _, a := range about {
				got := library.Scheme("d/补").Evaluate(policy.Question{Facts: known[a].Facts, On: on})
				if got.Amount.High != want[a.Thing.Name] {
					t.Errorf("%s, %q: %s, want %s", when, a.Thing.Name, got.Amount.High, want[a.Thing.Name])
				}
			}
		}
		comes("paid", map[string]policy.Fen{"一号线": 78_0000_00, "二号线": 68_0000_00, "三号线": 88_0000_00, "": 58_0000_00})
		put("项目", "一号线", "0元", true)
		comes("given back", map[string]policy.Fen{"一号线": 88_0000_00, "二号线": 68_0000_00, "三号线": 88_0000_00, "": 68_0000_00})
	})
}
