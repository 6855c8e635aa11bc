package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"shanglin/bench/columns/rows"
	"shanglin/policy"
)

// A second rule is drawn from other terms and thresholds, so that the program is not measured on one rule only. The kernel beside it is
// generated as Go source from the same template as hand.go's, compiled and run by the go command.

// test is one condition of a drawn rule: as the language has it, and as Go over row i.
type test struct{ language, code string }

type drawn struct {
	Seed   uint64
	Rows   int
	Times  int
	Codes  []string
	Tests  []string
	Amount string
}

//go:embed kernel.tmpl
var kernel string

func second(n, times int, seed uint64, x *rows.Rows) error {
	r := rand.New(rand.NewPCG(seed, 1))
	divisions := []string{"C38", "C39", "I65", "C17", "C33", "F51"}
	r.Shuffle(len(divisions), func(i, j int) { divisions[i], divisions[j] = divisions[j], divisions[i] })
	d := drawn{Seed: seed, Rows: n, Times: times, Codes: divisions[:2+r.IntN(3)]}
	term := r.Perm(len(rows.Money))
	a, b := term[0], term[1]
	growth, share := 5+r.IntN(10), 1+r.IntN(4)
	base := 0 // the larger of two figures is below: a share of the first term
	part := 1 + r.IntN(len(rows.Money)-1)
	least := int64(1 + r.IntN(20))
	if a == 0 {
		least *= 100
	}
	tests := []test{
		{fmt.Sprintf("{of: growth(%s@当年), at_least: %d%%}", rows.Money[a], growth), fmt.Sprintf("now%d[i]*100 >= before%d[i]*%d && before%d[i] > 0", a, a, 100+growth, a)},
		{fmt.Sprintf("{of: %s@当年 / %s@当年, at_least: %d%%}", rows.Money[part], rows.Money[base], share), fmt.Sprintf("now%d[i]*100 >= now%d[i]*%d", part, base, share)},
		{fmt.Sprintf("{of: %s@当年, over: %d万元}", rows.Money[a], least), fmt.Sprintf("now%d[i] > %d", a, least*10_000)},
	}
	if k := r.IntN(100-60) + 50; true {
		s := r.IntN(len(rows.Shares))
		tests = append(tests, test{fmt.Sprintf("{of: %s@当年, under: %d%%}", rows.Shares[s], k), fmt.Sprintf("share%d[i] < %d", s, k)})
	}
	if k := 10 + r.IntN(60); true {
		h := r.IntN(len(rows.Heads))
		tests = append(tests, test{fmt.Sprintf("{of: %s, over: %d人}", rows.Heads[h], k), fmt.Sprintf("head%d[i] > %d", h, k)})
	}
	var language []string
	for _, t := range tests {
		language = append(language, "      - "+t.language)
		d.Tests = append(d.Tests, t.code)
	}
	give, per, most := int64(100*(1+r.IntN(9))), int64(10*(1+r.IntN(9))), int64(1+r.IntN(30))
	d.Amount = fmt.Sprintf("min(max(now%d[i]-before%d[i], 0)/%d*%d, %d)", b, b, per*10_000, give, most*10_000)
	rule := fmt.Sprintf("    require:\n      all:\n      - {of: %s, within: [%s]}\n%s\n    amount: {give: %d元, per: %d万元, remainder: drop, of: increase(%s@当年), then: [{at_most: %d万元}]}\n",
		rows.Code, strings.Join(d.Codes, ", "), strings.Join(language, "\n"), give, per, rows.Money[b], most)
	from := bytes.Index(million, []byte("    require:"))
	document := append(bytes.Clone(million[:from]), rule+"    examples:\n    - {P: 2025, given: {}, expect: {answer: unknown}}\n"...)
	fmt.Printf("a second rule, drawn from seed %d:\n%s", seed, rule)

	want, base1, err := generated(d)
	if err != nil {
		return err
	}
	lib, err := load(document)
	if err != nil {
		return err
	}
	program := lib.Compile(lib.Schemes(), policy.Question{On: 20260630})
	c, err := columns(program, x)
	if err != nil {
		return err
	}
	runner := program.NewRunner()
	m := bench{rows: n, times: times, want: want, base: base1}
	m.measure("columns", func() (rows.Total, error) {
		t, _, err := ours(runner, c)
		return t, err
	})
	if m.err != nil {
		return m.err
	}
	fmt.Printf("both agree: %d firms, %d yuan\n\n", want.Firms, want.Yuan)
	return nil
}

// generated writes the kernel of a drawn rule, runs it, and reads what it says.
func generated(d drawn) (t rows.Total, ns float64, err error) {
	tmpl, err := template.New("").Parse(kernel)
	if err != nil {
		return t, 0, err
	}
	var source bytes.Buffer
	if err := tmpl.Execute(&source, d); err != nil {
		return t, 0, err
	}
	dir, err := os.MkdirTemp("", "kernel")
	if err != nil {
		return t, 0, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, source.Bytes(), 0o600); err != nil {
		return t, 0, err
	}
	cmd := exec.Command("go", "run", file)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return t, 0, err
	}
	var clock float64
	if _, err := fmt.Sscan(string(out), &t.Firms, &t.Yuan, &ns, &clock); err != nil {
		return t, 0, err
	}
	fmt.Printf("%-20s %8.2f ns/row of the processor, %8.2f by the clock %8.2f x\n", "by hand, generated", ns, clock, 1.0)
	return t, ns, nil
}
