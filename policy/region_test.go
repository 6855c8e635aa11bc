package policy

import (
	"slices"
	"strings"
	"testing"
)

const regionVocabulary = `vocabulary: 地区测试
terms:
  全市增速: {of: 地区, unit: '%', every: 年, from: 统计局}
`

// TestRegionTerm: a term of the region is read like any other, and by both engines; a facts file says it under region: alone; it is the office's to state and
// nobody's to change: what is missing says so, and no gap proposes another figure for it. A limit does not take it for who claims.
// Mutations that turn this red: leave Regional out of termNeed, out of mayMove, or out of ReadFacts.
func TestRegionTerm(t *testing.T) {
	lib, ps := Load([]File{{"v.yaml", []byte(testVocabulary)}, {"r.yaml", []byte(regionVocabulary)}, {"d.yaml", []byte(testHead + `schemes:
  S: {title: 奖, cite: 一, for: 企业, kind: recognition, require: {of: growth(收入@当年) - 全市增速@当年, at_least: 0百分点}}
  R: {title: 奖, cite: 一, for: 地区, kind: recognition}
  L: {title: 奖, cite: 一, for: 企业, kind: money, amount: 1元, limits: [{at_most: 1次, per: [地区], share: highest}]}
`)}})
	for _, want := range []string{"地区不申报", "“地区”不是申报的栏目"} {
		if !slices.ContainsFunc(ps, func(p Problem) bool { return strings.Contains(p.Message, want) }) {
			t.Errorf("no problem says %q: %v", want, ps)
		}
	}
	s := lib.Scheme("d/S")
	// 收入 100 to 108 grows by 8%: as much as the whole place in the one case, a tenth of a point less in the other.
	for region, want := range map[string]Answer{"全市增速@2025: 8%": Met, "全市增速@2025: 8.1%": Unmet, "": Unknown} {
		file, ps := ReadFacts("f.yaml", []byte("on: 2026-06-30\nfacts: {收入@2024: 100元, 收入@2025: 108元}\nregion: {"+region+"}\n"), lib.vocabulary)
		if len(ps) > 0 {
			t.Fatal(ps)
		}
		r := s.Evaluate(Question{Facts: file.Facts, On: file.On, Explain: true, Changes: true})
		if r.Answer != want {
			t.Errorf("%q: %v, want %v", region, r.Answer, want)
		}
		if want == Unknown && (len(r.Missing) != 1 || !r.Missing[0].Regional || r.Missing[0].Office != "统计局") {
			t.Errorf("missing %+v", r.Missing)
		}
		for _, g := range r.Gaps {
			for _, m := range g.Moves {
				if strings.HasPrefix(m, "2025年全市增速") {
					t.Errorf("proposes another figure for the whole place: %s", m)
				}
			}
		}
	}
	_, ps = ReadFacts("f.yaml", []byte("facts: {全市增速@2025: 8%}\nregion: {收入@2025: 1元}\n"), lib.vocabulary)
	if len(ps) != 2 || !strings.Contains(ps[0].Message, "请写在 region: 下") || !strings.Contains(ps[1].Message, "请写在 facts: 下") {
		t.Errorf("%v", ps)
	}
	_, ps = Load([]File{{"v.yaml", []byte("vocabulary: 坏\nterms: {增速: {of: 地区, unit: '%'}}\nrecords: {名单: {of: 地区, from: 统计局, complete: none}}\n")}})
	if len(ps) != 2 || !strings.Contains(ps[0].Message, "请写 from:") || !strings.Contains(ps[1].Message, "没有记录") {
		t.Errorf("%v", ps)
	}
}
