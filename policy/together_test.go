package policy

import "testing"

// Two clauses of which one project gets one only, and one that shares a sum with another, by hand. 8% of 500万 is 40万 and 30% of it 150万:
// together 150万. 12万 and 5万 under 15万: together 15万. What no limit joins counts whole.
// Turns red when clauses that exclude each other are added, or a sum that several share is counted more than once.
func TestSumsTakeJointLimits(t *testing.T) {
	body := `schemes:
  技改:
    title: 技改
    cite: 一
    for: 企业
    kind: money
    amount: {give: up to 8%, of: 投入, then: [{at_most: 400万元}]}
    limits: [{at_most: 1次, per: [企业, 年度], of: [技改, 攻关], share: highest}]
  攻关:
    title: 攻关
    cite: 二
    for: 企业
    kind: money
    amount: {give: up to 30%, of: 投入, then: [{at_most: 500万元}]}
  展会:
    title: 展会
    cite: 三
    for: 企业
    kind: money
    amount: 12万元
    limits: [{at_most: 15万元, per: [企业, 年度], of: [展会, 展位]}]
  展位:
    title: 展位
    cite: 四
    for: 企业
    kind: money
    amount: 5万元
  另外:
    title: 另外
    cite: 五
    for: 企业
    kind: money
    amount: 3万元
`
	lib, ps := Load([]File{{"v.yaml", []byte("vocabulary: 测试\nterms:\n  投入: {of: 企业, unit: 元, at_least: 0元}\n")}, {"d.yaml", []byte(testHead + body)}})
	if lib.Scheme("d/另外") == nil {
		t.Fatal(ps)
	}
	var results []*Result
	for _, s := range lib.Schemes() {
		results = append(results, s.Evaluate(Question{Facts: facts(t, s, "投入: 500万元"), On: 20250630}))
	}
	want := map[string]Fen{"d/技改": 0, "d/攻关": 150_000_000, "d/展会": 12_000_000, "d/展位": 3_000_000, "d/另外": 3_000_000}
	for i, got := range Together(results, (*Result).Due) {
		if r := results[i]; got != want[r.Scheme] {
			t.Errorf("%s counts %s, want %s (%+v)", r.Scheme, got, want[r.Scheme], r.Amount)
		}
	}
}
