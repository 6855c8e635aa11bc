package policy

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func chartOf(t *testing.T, path string) []Chart {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := ReadProcess(File{Path: path, Data: data})
	if p == nil {
		t.Fatal(problems)
	}
	return p.Charts()
}

// What a diagram says is what the file says, read by hand from process-dispatch-shorter.yaml.
//
// Mutations: leave the arrows of always out; call a limit with a basis alone cited; leave an action that stays out of Besides → red.
func TestChartSaysWhatTheFileSays(t *testing.T) {
	charts := chartOf(t, "../schemes/patterns/process-dispatch-shorter.yaml")
	if len(charts) != 1 || charts[0].Flow != "case" || charts[0].Title != "一件申报" || len(charts[0].Nodes) != 9 {
		t.Fatalf("%+v", charts)
	}
	c := charts[0]
	node := func(key string) ChartNode {
		return c.Nodes[slices.IndexFunc(c.Nodes, func(n ChartNode) bool { return n.Key == key })]
	}
	arrow := func(from, to string) (out []ChartArrow) {
		for _, a := range c.Arrows {
			if a.From == from && a.To == to {
				out = append(out, a)
			}
		}
		return out
	}
	if n := node("填报"); !n.Starts || n.Kind != "work" || n.Line != 12 {
		t.Errorf("%+v", n)
	}
	got := node("收件").Tasks[0]
	if got.Who != "窗口（当地主管部门的经办人）" || got.Limit != "5个工作日" || !got.Cited || got.Lapse != "视为受理" || !slices.Equal(got.Pauses, []string{"补正"}) {
		t.Errorf("%+v", got)
	}
	if got := node("审查").Tasks[0]; got.Cited || got.Source != "上海等地的压缩时限（文件没有找到），法定为20个工作日" || len(got.Besides) != 1 || !slices.Equal(got.Pauses, []string{"听证、检验或评审"}) {
		t.Errorf("a promise: %+v", got)
	}
	if n := node("不予许可"); n.Kind != "end" || n.Ends != "refused" {
		t.Errorf("%+v", n)
	}
	if a := arrow("收件", "审查"); len(a) != 2 || a[0].Kind != "action" || !a[0].Main || a[1].Kind != "clock" {
		t.Errorf("%+v", a)
	}
	if a := arrow("收件", "补正"); len(a) != 1 || !a[0].Letter || a[0].Main {
		t.Errorf("%+v", a)
	}
	if a := arrow("填报", "收件"); len(a) != 1 || a[0].If != "事实、材料和承诺已齐全" {
		t.Errorf("%+v", a)
	}
}

// Every process that comes with the program can be drawn: each arrow joins two stages that are drawn, and each stage but the first is led to.
func TestEveryProcessIsDrawnWhole(t *testing.T) {
	for _, path := range []string{"../schemes/ningbo/process-review.yaml", "../schemes/ningbo/process-direct.yaml", "../schemes/ningbo/process-instant.yaml",
		"../schemes/ningbo/process-selection.yaml", "../schemes/ningbo/process-service.yaml", "../schemes/cixi/process-acceptance.yaml", "../schemes/national/process-recommend.yaml",
		"../schemes/national/process-dispatch-apply.yaml", "../schemes/national/process-dispatch-campaign.yaml"} {
		for _, c := range chartOf(t, path) {
			led := map[string]bool{}
			for _, a := range c.Arrows {
				led[a.To] = true
				for _, end := range []string{a.From, a.To} {
					if !slices.ContainsFunc(c.Nodes, func(n ChartNode) bool { return n.Key == end }) {
						t.Errorf("%s: “%s” leads from or to %q", path, a.Title, end)
					}
				}
			}
			for _, n := range c.Nodes {
				if !n.Starts && !led[n.Key] {
					t.Errorf("%s %s: nothing leads to %q", path, c.Flow, n.Key)
				}
			}
		}
	}
}

// What reads otherwise is marked, and no other: a limit, a title, a stage that is new; not the stages that lead to one that is renamed.
//
// Mutation: compare with the old edition's own titles → red.
func TestChartsBesideMarkWhatChanged(t *testing.T) {
	const path = "../schemes/patterns/process-dispatch-shorter.yaml"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := func(text string) *Process {
		p, problems := ReadProcess(File{Path: path, Data: []byte(text)})
		if p == nil {
			t.Fatal(problems)
		}
		return p
	}
	text := string(data)
	changed := strings.NewReplacer("    送达:\n", "    送达:\n      title: 送证\n", "within: {time: 10工作日, basis: 给申请人", "within: {time: 8工作日, basis: 给申请人").Replace(text)
	after := read(changed)
	for _, n := range after.ChartsBeside(read(text))[0].Nodes {
		if want := map[string]string{"送达": "changed", "补正": "changed"}[n.Key]; n.Changed != want {
			t.Errorf("%s: %q, want %q", n.Key, n.Changed, want)
		}
	}
	d := differ{}
	d.processes(&Library{processes: []*Process{read(text)}, byProcess: map[string]*Process{after.ID: read(text)}}, &Library{processes: []*Process{after}, byProcess: map[string]*Process{after.ID: after}})
	var said []string
	for _, x := range d.list {
		said = append(said, x.Text)
	}
	if got := strings.Join(said, "\n"); len(said) != 3 || !strings.Contains(got, "“送达”改称“送证”。") || !strings.Contains(got, "申请人在8个工作日内办理") {
		t.Errorf("%s", got)
	}
}
