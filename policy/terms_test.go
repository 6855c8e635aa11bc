package policy

import (
	"strings"
	"testing"
)

// An explanation tells the parts in which it is paid, with payee, and the limits that only a round settles; the latter of nobody who is not met.
func TestExplanationOfTerms(t *testing.T) {
	s := one(t, "", `kind: money
require: {of: 职工, at_least: 20人}
amount: 10万元
limits: [{at_most: 3次, per: [年度], share: earliest}]
pay: [{on: 立项, give: 60%}, {on: 验收, give: rest}]
payee: 代理机构
`)
	for _, c := range []struct {
		facts string
		lang  Lang
		want  []string
	}{
		// 10万元 × 60% = 6万元, the rest 4万元.
		{"职工: 20人", Chinese, []string{"怎样支付", " 立项：6万元 [付给代理机构]", " 验收：4万元 [付给代理机构]", "另受以下限制，须在批次中结算", "3次"}},
		{"职工: 20人", English, []string{"how it is paid", "also limited as follows, which only the settlement of the round decides"}},
		{"职工: 19人", Chinese, nil},
	} {
		r := s.Evaluate(Question{Facts: facts(t, s, c.facts), On: 20260630, Explain: true, Changes: true, Lang: c.lang})
		text := sectionText(s.Explanation(r, c.lang), "amount")
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the amount is said without %q:\n%s", c.facts, w, text)
			}
		}
		if c.want == nil && strings.Contains(text, "结算") {
			t.Errorf("limits of a round for who is not met:\n%s", text)
		}
	}
}

func TestExplanationOfLevel(t *testing.T) {
	lib, problems := Load(ladderFiles(ladderFile))
	if HasErrors(problems) {
		t.Fatal(problems)
	}
	s := lib.Scheme("d1/评级")
	for given, want := range map[string]string{
		"自评: 60分; 他评: 30分": "丁等",            // 90, the highest
		"自评: 59分; 他评: 16分": "丙等 [再得15分为丁等]", // 75, 15 less than 90
		"自评: 60分":          "在乙等与丁等之间，补充资料后可定",
		"自评: 20分":          "还不能定，至多为乙等",
		"自评: 50分; 他评: 9分":  "",
	} {
		r := s.Evaluate(Question{Facts: facts(t, s, given), On: 20260630, Explain: true})
		if got := strings.TrimSpace(sectionText(s.Explanation(r, Chinese), "level")); got != want {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
	r := s.Evaluate(Question{Facts: facts(t, s, "自评: 59分; 他评: 16分"), On: 20260630, Explain: true})
	if got := s.Explanation(r, Chinese).Short; got != "符合：丙等" {
		t.Errorf("folded: %q", got)
	}
}

// sectionText is a section with what is below a line indented and its notes in brackets.
func sectionText(x *Explanation, kind string) string {
	var b strings.Builder
	var write func(list []Line, depth int)
	write = func(list []Line, depth int) {
		for _, l := range list {
			b.WriteString(strings.Repeat(" ", depth) + l.Text)
			if len(l.Notes) > 0 {
				b.WriteString(" [" + strings.Join(l.Notes, "; ") + "]")
			}
			b.WriteString("\n")
			write(l.Lines, depth+1)
		}
	}
	for _, s := range x.Sections {
		if s.Kind == kind {
			write(s.Lines, 0)
		}
	}
	return b.String()
}
