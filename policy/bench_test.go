package policy

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The million-row rule: six conditions, three industries, one award formula.
const millionRule = `kind: money
require:
  all:
  - {of: 领域, is: [甲, 乙, 丙]}
  - {of: 收入@当年, at_least: 2000万元}
  - {of: growth(收入@当年), at_least: 10%}
  - {of: 研发@当年 / 收入@当年, at_least: 3%}
  - {of: 负债率@当年, at_most: 70%}
  - {of: 职工, at_least: 20人}
amount: {give: 500元, per: 100万元, remainder: drop, of: increase(收入@当年), then: [{at_most: 30万元}]}
`

var millionVocabulary = strings.Replace(testVocabulary, "words: [甲, 乙]", "words: [甲, 乙, 丙, 丁, 戊]", 1)

type firmRow struct {
	field                 string
	before, now, research int64 // yuan
	debt                  int64 // percent
	staff                 int64
}

func millionRows(n int) []firmRow {
	r := rand.New(rand.NewPCG(11, 12))
	rows := make([]firmRow, n)
	fields := []string{"甲", "乙", "丙", "丁", "戊"}
	for i := range rows {
		before := int64(500+r.IntN(20_000)) * 10_000
		rows[i] = firmRow{field: fields[r.IntN(5)], before: before, now: before + before*int64(r.IntN(60)-20)/100,
			research: before * int64(r.IntN(8)) / 100, debt: int64(r.IntN(100)), staff: int64(r.IntN(200))}
	}
	return rows
}

// plainAward is the same rule written by hand over the same rows: exact integers, in fen.
func plainAward(x *firmRow) Fen {
	switch x.field {
	case "甲", "乙", "丙":
	default:
		return 0
	}
	if x.now < 20_000_000 || x.now*100 < x.before*110 || x.research*100 < x.now*3 || x.debt > 70 || x.staff < 20 {
		return 0
	}
	return Fen(min((x.now-x.before)/1_000_000*500, 300_000) * 100)
}

// BenchmarkMillionRows reads ns per row of the language's evaluator and of the plain loop, in one run over the same rows.
func BenchmarkMillionRows(b *testing.B) {
	const n = 1_000_000
	rows := millionRows(n)
	lib, ps := Load([]File{{"v.yaml", []byte(millionVocabulary)}, {"d.yaml", []byte(testHead + "schemes:\n  S:\n    title: 测试\n    cite: 一\n    for: 企业\n" + indent(millionRule, "    "))}})
	s := lib.Scheme("d/S")
	if s == nil {
		b.Fatal(ps)
	}
	var byHand, byLanguage Fen
	b.Run("plain-go", func(b *testing.B) {
		for b.Loop() {
			byHand = 0
			for i := range rows {
				byHand += plainAward(&rows[i])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
	})
	b.Run("language", func(b *testing.B) {
		f := NewFacts(lib.vocabulary)
		term := func(name string, year int) *valueFact {
			k := valueKey{lib.vocabulary.Term(name), year}
			f.values[k] = []valueFact{{source: Source{Verified: true}}}
			return &f.values[k][0]
		}
		now, before, research, debt, staff, field := term("收入", 2025), term("收入", 2024), term("研发", 2025), term("负债率", 2025), term("职工", 0), term("领域", 0)
		for b.Loop() {
			byLanguage = 0
			for i := range rows {
				x := &rows[i]
				now.datum.num, before.datum.num, research.datum.num = intNum(x.now), intNum(x.before), intNum(x.research)
				debt.datum.num, staff.datum.num, field.datum.word = frac(x.debt, 100), intNum(x.staff), x.field
				byLanguage += s.Evaluate(Question{Facts: f, On: 20260630, Brief: true}).Amount.High
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
	})
	if byHand != byLanguage && byLanguage != 0 && byHand != 0 {
		b.Fatalf("by hand %s, through the language %s", byHand, byLanguage)
	}
}

// BenchmarkOneFirm evaluates one firm over every real scheme: answers alone, with every reason, with what would have to change, and told in words.
func BenchmarkOneFirm(b *testing.B) {
	lib := realLibrary(b)
	f := NewFacts(lib.vocabulary)
	r := rand.New(rand.NewPCG(13, 14))
	said := map[string]bool{}
	for _, s := range lib.Schemes() {
		for _, n := range s.uses() {
			if key, text := randomFact(r, lib.vocabulary, n, s, 20260630); text != "" && !said[key] {
				said[key] = true
				if err := f.Set(key, text, Source{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	schemes := lib.Schemes()
	for _, way := range []struct {
		name string
		q    Question
		tell bool
	}{
		{"answers", Question{}, false},
		{"reasons", Question{Explain: true}, false},
		{"changes", Question{Explain: true, Changes: true}, false},
		{"told", Question{Explain: true}, true},
		{"told in English", Question{Explain: true, Lang: English}, true},
	} {
		b.Run(way.name, func(b *testing.B) {
			way.q.Facts, way.q.On = f, 20260630
			for b.Loop() {
				for _, s := range schemes {
					if r := s.Evaluate(way.q); way.tell {
						s.Explanation(r, way.q.Lang)
					}
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N)/float64(len(schemes))*100, "ms/100schemes")
		})
	}
}
