package schemefiles_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"shanglin/policy"
)

// facts fills a party's facts from lines of a facts file; "是" stands for a record that is there, and a line without a value is left out.
func facts(t *testing.T, lib *policy.Library, lines ...string) *policy.Facts {
	t.Helper()
	f := policy.NewFacts(lib.Vocabulary())
	for i := 0; i+1 < len(lines); i += 2 {
		if err := f.Set(lines[i], lines[i+1], policy.Source{}); err != nil {
			t.Fatalf("%s: %v", lines[i], err)
		}
	}
	return f
}

func day(t *testing.T, s string) policy.Date {
	t.Helper()
	d, err := policy.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func evaluate(t *testing.T, lib *policy.Library, scheme, on string, lines ...string) *policy.Result {
	t.Helper()
	s := lib.Scheme(scheme)
	if s == nil {
		t.Fatalf("there is no scheme %s", scheme)
	}
	return s.Evaluate(policy.Question{Facts: facts(t, lib, lines...), On: day(t, on), Explain: true})
}

// The cases of the reference notes whose arithmetic was checked by hand against what was published, in fen.
// Turns red when a parameter of a file changes (每档奖励 up to 501元, 增速门槛 10.01%, the cap 29万元, 6% for 硬件销售额),
// when remainder: drop becomes up, or when at_least becomes over.
func TestGoldenCases(t *testing.T) {
	lib := load(t)
	c001 := func(y2, y1, y0 string) []string {
		return []string{"营业收入@2023", y2, "营业收入@2024", y1, "营业收入@2025", y0, "规上数字经济制造业名录", "是"}
	}
	c011 := func(y2, y1, y0 string) []string {
		return []string{"营业收入@2022", y2, "营业收入@2023", y1, "营业收入@2024", y0, "规上数字经济制造业名录", "是"}
	}
	for _, x := range []struct {
		name, scheme, on string
		facts            []string
		answer           policy.Answer
		kind             policy.AmountKind
		low, high        policy.Fen
		cut              string
	}{
		{"X04 999万 at 10%", "cx2025/C001", "2026-06-30", c001("9000万元", "9990万元", "10989万元"), policy.Met, policy.Ceiling, 0, 450000, ""},
		{"X04 6000万", "cx2025/C001", "2026-06-30", c001("5亿元", "6亿元", "6.6亿元"), policy.Met, policy.Ceiling, 0, 3000000, ""},
		{"X04 6.1亿 is cut", "cx2025/C001", "2026-06-30", c001("9亿元", "10亿元", "16.1亿元"), policy.Met, policy.Ceiling, 0, 30000000, "30万元"},
		{"X04 9.99%", "cx2025/C001", "2026-06-30", c001("9000万元", "10000万元", "10999万元"), policy.Unmet, policy.NoAmount, 0, 0, ""},
		{"exactly the cap is not cut", "cx2025/C001", "2026-06-30", c001("9亿元", "10亿元", "16亿元"), policy.Met, policy.Ceiling, 0, 30000000, ""},
		{"one yuan short of 10%", "cx2025/C001", "2026-06-30", c001("9000万元", "1亿元", "109999999元"), policy.Unmet, policy.NoAmount, 0, 0, ""},
		{"exactly 10%", "cx2025/C001", "2026-06-30", c001("9000万元", "1亿元", "110000000元"), policy.Met, policy.Ceiling, 0, 500000, ""},
		{"X05 999万 at 12% in 2024", "cx2024/C011", "2025-06-30", c011("8000万元", "8325万元", "9324万元"), policy.Met, policy.Exact, 900000, 900000, ""},
		{"X05 11% in 2024", "cx2024/C011", "2025-06-30", c011("9000万元", "9081.8181万元", "10080.8181万元"), policy.Unmet, policy.NoAmount, 0, 0, ""},
		{"X05 11% in 2025", "cx2025/C001", "2026-06-30", c001("9000万元", "9081.8181万元", "10080.8181万元"), policy.Met, policy.Ceiling, 0, 450000, ""},
		{"X06 15% of 1亿", "cx2023/C014", "2024-06-30", []string{"产值@2022", "1亿元", "产值@2023", "1.15亿元", "数字经济核心制造业库", "2022-03-01"},
			policy.Met, policy.Exact, 2500000, 2500000, ""},
		{"X06 newly listed", "cx2023/C014", "2024-06-30", []string{"产值@2022", "1亿元", "产值@2023", "1.15亿元", "数字经济核心制造业库", "2023-03-01"},
			policy.Unmet, policy.NoAmount, 0, 0, ""},
		{"X06 newly listed has C013", "cx2023/C013", "2024-06-30", []string{"产值@2022", "1亿元", "产值@2023", "1.15亿元", "数字经济核心制造业库", "2023-03-01"},
			policy.Met, policy.Ceiling, 0, 6000000, ""},
		{"X08 two rates, one cap", "cx2021/C035", "2022-06-30", []string{"智能制造工程服务公司", "是", "主营业务收入@2021", "500万元", "硬件销售额@2021", "200万元", "软件服务额@2021", "300万元"},
			policy.Met, policy.Exact, 20000000, 20000000, "20万元"},
		{"two fen below the cap", "cx2021/C035", "2022-06-30", []string{"智能制造工程服务公司", "是", "主营业务收入@2021", "700万元", "硬件销售额@2021", "6666666元", "软件服务额@2021", "0元"},
			policy.Met, policy.Exact, 19999998, 19999998, ""},
		{"X11 the city's 10万 is made up to 30万", "cx2022/C027", "2023-06-30", []string{"融合示范.级别", "国家级", "received(cx2022/C027)", "10万元"},
			policy.Met, policy.Ceiling, 0, 20000000, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := evaluate(t, lib, x.scheme, x.on, x.facts...)
			if r.Answer != x.answer {
				t.Errorf("answer %s, want %s", r.Answer, x.answer)
			}
			if a := r.Amount; a.Kind != x.kind || a.Low != x.low || a.High != x.high || a.CutBy != x.cut || a.Open {
				t.Errorf("amount %+v, want %s %d..%d cut by %q", a, x.kind, x.low, x.high, x.cut)
			}
		})
	}
}

// X11's second half needs two records: the national demonstration first, the provincial one later.
// Turns red when less: received(C027) is taken away or reads only the same level.
func TestTopUpAfterTheHighestIsNothing(t *testing.T) {
	lib := load(t)
	f := facts(t, lib, "received(cx2022/C027)", "30万元")
	for _, r := range []policy.RecordFact{
		{From: day(t, "2021-05-01"), Fields: map[string]string{"级别": "国家级"}},
		{From: day(t, "2022-05-01"), Fields: map[string]string{"级别": "省级"}},
	} {
		if err := f.Record("融合示范", r); err != nil {
			t.Fatal(err)
		}
	}
	f.Cover("融合示范", day(t, "2023-12-31"))
	r := lib.Scheme("cx2022/C027").Evaluate(policy.Question{Facts: f, On: day(t, "2023-06-30")})
	if r.Amount.High != 0 || r.Potential.High != 0 {
		t.Errorf("amount %+v, potential %+v, want nothing", r.Amount, r.Potential)
	}
}

// A plain loop over whole yuan is the oracle: the growth clauses of two years at, just below and just above their threshold,
// for previous years that do not divide evenly. Turns red when at_least becomes over, when growth is rounded or computed in
// floating point, or when a part of a step is paid.
func TestGrowthClausesAtTheirThresholds(t *testing.T) {
	lib := load(t)
	for _, c := range []struct {
		scheme          string
		p               int
		percent, perFen int64
	}{{"cx2025/C001", 2025, 10, 50000}, {"cx2024/C011", 2024, 12, 100000}} {
		on := strconv.Itoa(c.p+1) + "-06-30"
		for base := int64(33_333_333); base < 5_000_000_000; base = base*17/13 + 1_234_567 {
			at := (base*(100+c.percent) + 99) / 100 // the least whole yuan that reaches the threshold
			for _, now := range []int64{at - 1, at, at + 1} {
				met := (now-base)*100 >= c.percent*base
				var want policy.Fen
				if met {
					want = min(policy.Fen((now-base)/1_000_000*c.perFen), 30_000_000)
				}
				yuan := func(n int64) string { return strconv.FormatInt(n, 10) + "元" }
				r := evaluate(t, lib, c.scheme, on, fmt.Sprintf("营业收入@%d", c.p-2), yuan(base*9/10),
					fmt.Sprintf("营业收入@%d", c.p-1), yuan(base), fmt.Sprintf("营业收入@%d", c.p), yuan(now), "规上数字经济制造业名录", "是")
				if (r.Answer == policy.Met) != met || r.Amount.High != want {
					t.Fatalf("%s from %d to %d: %s %d fen, want met %t %d fen", c.scheme, base, now, r.Answer, r.Amount.High, met, want)
				}
			}
		}
	}
}

// Turns red when replaced: or in_force: of either document moves by a day, or the standing is no longer read from the evaluation date.
func TestTheDateChoosesTheRules(t *testing.T) {
	lib := load(t)
	standing := func(scheme, on string) policy.Standing {
		return lib.Scheme(scheme).Document().StandingOn(day(t, on))
	}
	for _, x := range []struct {
		scheme, on string
		want       policy.Standing
	}{
		{"miit-2022-63/创新型中小企业", "2022-07-31", policy.Upcoming},
		{"miit-2022-63/创新型中小企业", "2022-08-01", policy.InForce},
		{"miit-2022-63/创新型中小企业", "2026-03-31", policy.InForce},
		{"miit-2022-63/创新型中小企业", "2026-04-01", policy.Expired},
		{"miit-2026-2/科技和创新型中小企业", "2026-03-31", policy.Upcoming},
		{"miit-2026-2/科技和创新型中小企业", "2026-04-01", policy.InForce},
		{"cx2024/C011", "2025-09-16", policy.InForce},
		{"cx2024/C011", "2025-09-17", policy.Expired},
		{"cx2025/C001", "2025-09-16", policy.Upcoming},
		{"cx2025/C001", "2025-09-17", policy.InForce},
		{"cx2025/C001", "2026-11-23", policy.InForce},
		{"cx2023/C014", "2026-11-23", policy.Expired},
		{"cx2022/C027", "2026-11-23", policy.Expired},
		{"cx2021/C035", "2026-11-23", policy.Expired},
	} {
		if got := standing(x.scheme, x.on); got != x.want {
			t.Errorf("%s on %s: %s, want %s", x.scheme, x.on, got, x.want)
		}
	}
	// The result says so too, and on which day it will turn.
	r := evaluate(t, lib, "miit-2022-63/创新型中小企业", "2026-03-31", "高新技术企业", "2024-01-01..2026-12-31")
	if r.Answer != policy.Met || r.Standing != policy.InForce || r.ChangesOn != day(t, "2026-04-01") {
		t.Errorf("on the last day: %s %s, changes on %s", r.Answer, r.Standing, r.ChangesOn)
	}
	r = evaluate(t, lib, "miit-2022-63/创新型中小企业", "2026-04-01", "高新技术企业", "2024-01-01..2026-12-31")
	if r.Standing != policy.Expired {
		t.Errorf("the day after: %s, want expired", r.Standing)
	}
}

// One firm, the day before and the day of the new rules: by the old ones an innovative SME, by the new ones only if it holds
// the old certificate, else for a person to decide because the new standard is not known.
func TestOldCertificateCarriesIntoTheNewRules(t *testing.T) {
	lib := load(t)
	const scheme = "miit-2026-2/科技和创新型中小企业"
	if r := evaluate(t, lib, scheme, "2026-04-01", "创新型中小企业", "2023-12-01..2026-11-30"); r.Answer != policy.Met {
		t.Errorf("with the old certificate: %s, want met", r.Answer)
	} else if r.ChangesOn != day(t, "2026-12-01") {
		t.Errorf("it changes on %s, want the day after the certificate ends", r.ChangesOn)
	}
	if r := evaluate(t, lib, scheme, "2026-12-01", "创新型中小企业", "2023-12-01..2026-11-30", "科技型中小企业", "否"); r.Answer != policy.Manual {
		t.Errorf("after it ended: %s, want manual", r.Answer)
	}
}

// No listing date gives both awards of the clause, and every one within a year gives one of them.
// Turns red when none: of C014 is taken away.
func TestNewlyListedAndGrowthExcludeEachOther(t *testing.T) {
	lib := load(t)
	for d := day(t, "2022-12-25"); d <= day(t, "2024-01-05"); d = d.AddDays(1) {
		lines := []string{"产值@2022", "1亿元", "产值@2023", "1.15亿元", "数字经济核心制造业库", d.String()}
		newly := evaluate(t, lib, "cx2023/C013", "2024-06-30", lines...).Answer == policy.Met
		growth := evaluate(t, lib, "cx2023/C014", "2024-06-30", lines...).Answer == policy.Met
		if newly && growth || newly != (d.Year() == 2023) || growth == newly {
			t.Errorf("listed on %s: C013 %t, C014 %t", d, newly, growth)
		}
	}
}

// What is assumed is shown: every scheme tells its source, its clause and its wording, is worked at least twice, and a document
// without a number or a validity end says so in its notes. Turns red when a note or an example is taken away.
func TestFilesTellTheirSource(t *testing.T) {
	lib := load(t)
	for _, d := range lib.Documents() {
		i := d.Info()
		told := i.URL != "" || slices.ContainsFunc(i.Notes, func(n policy.Interpretation) bool { return strings.Contains(n.Choice, "网址没有找到") })
		if !told || i.Title == "" || i.Body == "" || len(i.Notes) == 0 {
			t.Errorf("%s: url, title, body and notes are all needed", d.ID)
		}
		for _, n := range i.Notes {
			if n.Status != "assumption" {
				t.Errorf("%s: %q is not marked as an assumption", d.ID, n.Choice)
			}
		}
	}
	for _, s := range lib.Schemes() {
		v := s.Describe()
		if v.Text == "" || len(v.Examples) < 2 {
			t.Errorf("%s: wording %t, examples %d, want the wording and at least two examples", s.ID(), v.Text != "", len(v.Examples))
		}
		for i, x := range v.Examples {
			if x.Comment == "" {
				t.Errorf("%s: example %d has no arithmetic", s.ID(), i+1)
			}
		}
	}
	partial := lib.Scheme("cx2023/C014").Describe().Interpretations
	if len(partial) != 1 || partial[0].Status != "assumption" {
		t.Errorf("C014's partial steps must be shown as an assumption: %+v", partial)
	}
}
