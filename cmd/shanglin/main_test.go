package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"shanglin/internal/platform/clock"
	"shanglin/policy"
)

const schemesFolder = "../../schemes"

// outcome is what a run of the program came to.
type outcome struct {
	code      int
	out, errs string
}

func shanglin(t *testing.T, stdin string, arguments ...string) outcome {
	t.Helper()
	ctx := clock.With(context.Background(), func() time.Time { return time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC) })
	var out, errs bytes.Buffer
	code := run(ctx, arguments, strings.NewReader(stdin), &out, &errs)
	return outcome{code, out.String(), errs.String()}
}

func (o outcome) expect(t *testing.T, code int, must, mustNot []string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit %d, want %d", o.code, code)
	}
	all := o.out + o.errs
	for _, text := range must {
		if !strings.Contains(all, text) {
			t.Errorf("does not say %q", text)
		}
	}
	for _, text := range mustNot {
		if strings.Contains(all, text) {
			t.Errorf("says %q", text)
		}
	}
	if t.Failed() {
		t.Logf("stdout:\n%s\nstderr:\n%s", o.out, o.errs)
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	full := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return full
}

// The published clause of 2025 asks 10 % and the figures come to 9.99 %.
const nearMiss = `party: 示例电器有限公司
facts:
  营业收入@2023: 9000万元
  营业收入@2024: 10000万元
  营业收入@2025: 10999万元
  规上数字经济制造业名录: 是
  省级数商名录: 2025-07-15
`

// Mutations that turn this red: evaluate documents that are not in force; leave the disclaimer out; drop the gap or the citation.
func TestEvaluateReport(t *testing.T) {
	facts := write(t, "firm.yaml", nearMiss)
	shanglin(t, "", "evaluate", "--schemes", schemesFolder, "--facts", facts).expect(t, 0, []string{
		"示例电器有限公司", "评估日期：2026-03-01", "【符合】3项", "省级数商奖励  最高20万元", "慈政办发〔2025〕20号） 一(一)2(3)",
		"✗ 当年增速达到门槛（实际9.99%，要求不低于10%，相差0.01个百分点）", "2025年营业收入差1万元", "假设：年均增长率指各年增长率的平均",
		"【未测算：不在施行期内】", "cx2024/C011", "已失效", "2026-04-01起施行", "写明“最高”的，金额是上限", "先补充这些",
	}, []string{"编号：cx2024/C011", "差相差", "not_found"})
	shanglin(t, "", "evaluate", "--schemes", schemesFolder, "--facts", facts, "--scheme", "cx2024/C011").expect(t, 0,
		[]string{"编号：cx2024/C011", "效力：已失效"}, []string{"cx2025/C004", "未测算"})
	shanglin(t, "", "evaluate", "--schemes", schemesFolder, "--facts", facts, "--all").expect(t, 0, []string{"编号：cx2024/C011", "编号：miit-2026-2/"}, []string{"未测算"})
	shanglin(t, nearMiss, "evaluate", "--schemes", schemesFolder, "--facts", "-", "--on", "2026-04-01").expect(t, 0,
		[]string{"评估日期：2026-04-01", "编号：miit-2026-2/"}, []string{"编号：miit-2022-63/"})
}

func TestEvaluateJSON(t *testing.T) {
	facts := write(t, "firm.yaml", nearMiss)
	got := shanglin(t, "", "evaluate", "--schemes", schemesFolder, "--facts", facts, "--json", "--scheme", "cx2025")
	var r struct {
		On      string
		Results []struct {
			Scheme string
			Result struct {
				Answer  string
				Amount  struct{ High int64 }
				Reasons map[string]any
			}
		}
		Total struct{ Owed, Ceiling int64 }
	}
	if err := json.Unmarshal([]byte(got.out), &r); err != nil || got.code != 0 {
		t.Fatal(err, got)
	}
	if r.On != "2026-03-01" || len(r.Results) != 4 || r.Results[0].Scheme != "cx2025/C004" || r.Results[0].Result.Answer != "met" ||
		r.Results[0].Result.Amount.High != 20_000_000 || r.Results[0].Result.Reasons == nil || r.Total.Ceiling != 20_000_000 || r.Total.Owed != 0 {
		t.Errorf("%+v", r)
	}
}

// Mutations that turn this red: return 1 for bad facts; stop at the first problem; quote the value that was given.
func TestEvaluateBadFacts(t *testing.T) {
	facts := write(t, "bad.yaml", "party: 甲\non: 2026-13-01\nfacts:\n  营业收人@2023: 9000万元\n  营业收入@2024: 3305221999吨\n")
	shanglin(t, "", "evaluate", "--schemes", schemesFolder, "--facts", facts).expect(t, 2,
		[]string{"bad.yaml:2:5: 错误", "bad.yaml:4:3: 错误", "是否应为“营业收入”", "bad.yaml:5:3: 错误"}, []string{"3305221999", "评估日期"})
	good := write(t, "firm.yaml", nearMiss)
	for name, arguments := range map[string][]string{
		"no such facts":  {"--schemes", schemesFolder, "--facts", "nowhere.yaml"},
		"no such folder": {"--schemes", "nowhere", "--facts", good},
		"no facts":       {"--schemes", schemesFolder},
		"bad date":       {"--schemes", schemesFolder, "--facts", good, "--on", "yesterday"},
		"no such scheme": {"--schemes", schemesFolder, "--facts", good, "--scheme", "cx2025/C9"},
		"no such place":  {"--schemes", schemesFolder, "--facts", good, "--place", "atlantis"},
		"unknown flag":   {"--figs"},
	} {
		t.Run(name, func(t *testing.T) {
			shanglin(t, "", append([]string{"evaluate"}, arguments...)...).expect(t, 2, nil, []string{"评估日期"})
		})
	}
	shanglin(t, "", "evaluate", "--schemes", schemesFolder, "--facts", good, "--scheme", "cx2025/C9").expect(t, 2, []string{"cx2025/C001"}, nil)
}

// Mutations that turn this red: return 0 when there are errors; print only the first; print absolute paths for files below here.
func TestCheck(t *testing.T) {
	shanglin(t, "", "check", schemesFolder).expect(t, 0, []string{"没有问题", "（其中办理流程17个）"}, []string{"错误"})
	one := filepath.Join(schemesFolder, "cixi", "cx2025.yaml")
	shanglin(t, "", "check", one).expect(t, 0, []string{"检查了1个文件：", "没有问题"}, []string{"错误", "办理流程"})
	if got := shanglin(t, "", "check", "--json", schemesFolder); got.code != 0 || strings.TrimSpace(got.out) != "[]" {
		t.Errorf("no problems as JSON: %d %s", got.code, got.out)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"a.yaml": "document: a\nfoo: 1\n", "b.yaml": "vocabulary: 词汇\nterms:\n  甲: {unit: 元}\n", "notes.txt": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	got := shanglin(t, "", "check", ".")
	got.expect(t, 1, []string{"a.yaml:2:1: 错误", "b.yaml:3:3: 错误", "请写 of:", "检查了2个文件"}, []string{dir, "没有问题"})
	if first, _, _ := strings.Cut(got.out, "\n"); !strings.HasPrefix(first, "a.yaml:") {
		t.Errorf("the first line is %q", first)
	}
	shanglin(t, "", "check", "b.yaml").expect(t, 1, []string{"b.yaml:3:3"}, []string{"a.yaml:2"})
	var problems []policy.Problem
	if got := shanglin(t, "", "check", "--json", "."); got.code != 1 || json.Unmarshal([]byte(got.out), &problems) != nil || len(problems) < 2 || problems[0].File != "a.yaml" || problems[0].Line == 0 {
		t.Errorf("as JSON: %d %s", got.code, got.out)
	}
	shanglin(t, "", "check", "nowhere").expect(t, 1, []string{"打不开"}, nil)
	shanglin(t, "", "check", "notes.txt").expect(t, 1, []string{"没有找到政策文件"}, nil)
	shanglin(t, "", "check").expect(t, 2, nil, nil)
}

func TestHelpReads(t *testing.T) {
	root := newRoot()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			continue
		}
		if c.Short == "" || c.Long == "" || !strings.ContainsFunc(c.Short, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: Short %q should say it in English and Chinese, and Long explain it", c.Name(), c.Short)
		}
		if c.GroupID == "" {
			t.Errorf("%s stands in no group", c.Name())
		}
	}
}
