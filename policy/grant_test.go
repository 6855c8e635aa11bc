package policy

import (
	"strings"
	"testing"
)

const grantVocabulary = `vocabulary: 证
levels: {星: [一星, 二星]}
terms:
  资本: {of: 企业, unit: 元, at_least: 0元, from: 局}
  得分: {of: 企业, unit: 分, at_least: 0分, at_most: 100分, from: 局}
records:
  许可: {of: 企业, from: 局, complete: 局, fields: {类别: 词, 证号: 词, 等级: 星}}
  人证: {of: 个人, from: 局, complete: 局}
`

const grantFile = `document: d1
title: 证
number: not_found
body: 局
dates: {published: 2025-01-01}
rounding: {to: 0.01元, mode: down}
schemes:
  经营许可:
    title: 经营许可
    cite: 一
    for: 企业
    kind: licence
    require: {of: 资本, at_least: 200万元}
    level: {field: 等级, words: 星, by: 得分, at_least: {90分: 二星}, else: 一星}
    grants:
      what: 经营许可证
      record: 许可
      fields: {类别: 派遣}
      number: 证号
      shows: [住所, 法定代表人]
      masks: [法定代表人]
      series: {prefix: 证字, year: 是, digits: 3}
    valid: 3年
    examples:
    #= 200万元，恰好。
    - {on: 2025-06-30, given: {资本: 200万元}, expect: {answer: met}}
  奖:
    title: 奖
    cite: 二
    for: 企业
    kind: money
    require: {has: 许可@有效, where: {类别: 派遣}}
    amount: 1万元
    examples:
    #= 有证：1万元。
    - {A: 2025, given: {许可.类别: 派遣}, expect: {answer: met, amount: 1万元}}
`

func grantFiles(document string) []File {
	return []File{{Path: "a/vocabulary.yaml", Data: []byte(grantVocabulary)}, {Path: "a/d1.yaml", Data: []byte(document)}}
}

// A scheme says what holding it means, in words that the next scheme reads, and how its certificates are numbered.
//
// Mutations: take the scheme's name for the record although it names another; fill the counter up to four digits always; leave the year out
// of the key of the counter → red.
func TestGrantNamesTheRecordThatTheNextSchemeReads(t *testing.T) {
	l, ps := Load(grantFiles(grantFile))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	s := l.Scheme("d1/经营许可")
	g := s.Grant()
	if g == nil || g.What != "经营许可证" || g.Record != "许可" || g.Fields["类别"] != "派遣" || g.Number != "证号" || g.Level != "等级" ||
		strings.Join(g.Shows, ",") != "住所,法定代表人" || strings.Join(g.Masks, ",") != "法定代表人" {
		t.Fatalf("the grant: %+v", g)
	}
	if l.Vocabulary().Record("经营许可") != nil {
		t.Error("a second kind of record was made, of the scheme's own name")
	}
	on := NewDate(2026, 7, 1)
	if got := g.Series.Key(on) + " " + g.Series.Number(on, 7) + " " + g.Series.Number(on, 1234); got != "证字2026 证字2026007 证字20261234" {
		t.Errorf("numbers: %s", got)
	}
	told := strings.Join(s.Describe().Gives, "\n")
	for _, want := range []string{"许可经营许可，有效期3年", "发给经营许可证", "有效期内记为“许可”（类别 派遣；等级按评定的等级），以后的条款可以读到", "编号为 证字（年份） 加3位顺序号，不断号"} {
		if !strings.Contains(told, want) {
			t.Errorf("the description lacks %q:\n%s", want, told)
		}
	}
	if m := l.Scheme("d1/奖"); m.Grant() != nil {
		t.Error("money is no certificate")
	}

	// What the grant names is a fact of the holder: the next scheme reads it while it is valid, not a day longer.
	f := NewFacts(l.Vocabulary())
	rec := RecordFact{From: NewDate(2023, 7, 1), Until: g.Until(NewDate(2023, 7, 1)), Fields: map[string]string{"类别": g.Fields["类别"], g.Number: "证字2023001"}}
	if err := f.Record("许可", rec); err != nil {
		t.Fatal(err)
	}
	f.Cover("许可", NewDate(2026, 12, 31))
	for day, want := range map[Date]Answer{NewDate(2023, 7, 1): Met, NewDate(2026, 6, 30): Met, NewDate(2026, 7, 1): Unmet, NewDate(2023, 6, 30): Unmet} {
		if got := l.Scheme("d1/奖").Evaluate(Question{Facts: f, On: day}).Answer; got != want {
			t.Errorf("on %s: %s, want %s", day, got, want)
		}
	}
}

// The last day of a term, by hand: three years from 1 July 2023 end on 30 June 2026 (X17); from 29 February 2024, in a year that has none,
// on 28 February 2027; a month from 31 January on 28 February.
//
// Mutations: take a day off where the month has no such day; leave the day on → red.
func TestLastDayOfATerm(t *testing.T) {
	for _, c := range []struct{ from, valid, want string }{
		{"2023-07-01", "3年", "2026-06-30"}, {"2024-02-29", "3年", "2027-02-28"}, {"2024-03-01", "1年", "2025-02-28"}, {"2026-01-31", "1个月", "2026-02-28"},
		{"2026-01-01", "18月", "2027-06-30"}, {"2026-01-01", "90日", "2026-03-31"}, {"2026-01-01", "", ""},
	} {
		from, _ := ParseDate(c.from)
		if got := (&Grant{Valid: c.valid}).Until(from).String(); got != c.want {
			t.Errorf("%s from %s: %s, want %s", c.valid, c.from, got, c.want)
		}
	}
}

func TestGrantsSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ old, new, says string }{
		{"record: 许可", "record: 许科", "没有“许科”这一类记录，是否应为“许可”"},
		{"record: 许可", "record: 人证", "“人证”是个人的记录，本条的对象是企业"},
		{"类别: 派遣", "类型: 派遣", "“许可”的“类型”：这类记录没有这个栏目"},
		{"number: 证号", "number: 等级", "没有可以写编号的栏目“等级”"},
		{"masks: [法定代表人]", "masks: [法人]", "“法人”不在 shows: 中"},
		{"digits: 3", "digits: 三", "位数应是 1 到 10"},
		{"prefix: 证字, ", "", "请写 prefix:"},
		{"valid: 3年", "valid: 三年", "valid: 应写多久有效，例如 3年"},
		{"      what: 经营许可证", "      what: 经营许可证\n      amount: 1张", "不写 amount:"},
		{"    amount: 1万元", "    grants: {what: 物, record: 许可}\n    amount: 1万元", "只有认定、荣誉、评级和许可"},
	} {
		if !strings.Contains(grantFile, c.old) {
			t.Fatal(c.old)
		}
		_, ps := Load(grantFiles(strings.Replace(grantFile, c.old, c.new, 1)))
		if !says(ps, c.says) {
			t.Errorf("%s: %v, want %q", c.new, ps, c.says)
		}
	}
}

func says(ps []Problem, text string) bool {
	for _, p := range ps {
		if strings.Contains(p.Message, text) {
			return true
		}
	}
	return false
}

const certificateProcess = `process: 延续
title: 延续
starts: applicant
about: certificate
case:
  stages:
    填报:
      public: 填写。
      who: applicant
      actions:
        提交: {to: 审查, if: [complete, holds], do: [submit, {request_renewal: {cite: 令第19号}}]}
    审查:
      public: 审查。
      who: officer
      actions:
        准予: {to: 办结, do: {renew: {cite: 某办法第五条}}}
        吊销: {to: 办结, needs: reason, do: {revoke: {cite: 某办法第六条}}}
    办结: {public: 办结。, ends: granted}
`

func TestProcessAboutACertificate(t *testing.T) {
	p, ps := ReadProcess(File{Path: "a/p.yaml", Data: []byte(certificateProcess)})
	if len(ps) > 0 || p.About != "certificate" {
		t.Fatal(p, ps)
	}
	submit := p.Flow("case").Stage("填报").Tasks[0].Actions[0]
	if e := submit.Do[1]; e.Name != "request_renewal" || e.Args["cite"] != "令第19号" {
		t.Errorf("the effect: %+v", e)
	}
	v := p.Describe()
	told := strings.Join(v.Flows[0].Stages[0].Lines, "\n")
	if want := "前提是事实、材料和承诺已齐全、持有本条有效的证书；正式提交并编号；提出延续（届满前没有决定的，视为准予延续）（令第19号）；转入“审查”"; v.About != "办理企业已有的一张证书" ||
		!strings.Contains(told, want) {
		t.Errorf("read back: %s\n%s", v.About, told)
	}
	for _, c := range []struct{ old, new, says string }{
		{"about: certificate\n", "", "请在流程开头写 about: certificate"},
		{"about: certificate\n", "about: firm\n", "about: 不认识“firm”"},
		{"starts: applicant\nabout: certificate\n", "starts: office\n", "请在流程开头写 about: certificate"},
		{"starts: applicant", "starts: system", "系统提名的流程不办理已有的证书"},
		{"do: {renew: {cite: 某办法第五条}}", "do: {issue: {cite: 某办法第五条}}", "不能再 issue"},
		{"do: {renew: {cite: 某办法第五条}}", "do: renew", "renew 缺少 cite:"},
		{"needs: reason, ", "", "要告知理由，请写 needs: reason"},
	} {
		if !strings.Contains(certificateProcess, c.old) {
			t.Fatal(c.old)
		}
		_, ps := ReadProcess(File{Path: "a/p.yaml", Data: []byte(strings.Replace(certificateProcess, c.old, c.new, 1))})
		if !says(ps, c.says) {
			t.Errorf("%q: %v, want %q", c.new, ps, c.says)
		}
	}
}
