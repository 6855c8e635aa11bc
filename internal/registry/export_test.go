package registry_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store/storetest"
	"shanglin/internal/registry"
)

// Every list as a workbook: what its page shows to whoever asks, masked as there, and no text as a formula.
//
// Mutations: leave scope out of DisputeFilter.query; read the imports of others; do not mask the party of a dispute; leave the state of a
// dispute out of the query; write cells past spreadsheet.Text → red.
func TestExports(t *testing.T) {
	storetest.Each(t, func(t *testing.T, ctx context.Context) {
		r := open(t, ctx)
		evil := "=HYPERLINK(\"http://x\")"
		firm, err := r.Put(r.sys, registry.Party{Kind: registry.KindFirm, Code: code(1), Name: evil, Town: "东镇", Note: "@SUM(A1)", Contact: "张三丰", Phone: "13812345678"})
		r.must(err)
		person, err := r.Put(r.sys, registry.Party{Kind: registry.KindPerson, Name: "李小龙", Town: "西镇"})
		r.must(err)
		_, err = r.State(r.sys, registry.Statement{Party: firm.ID, Term: "营业收入", Year: 2025, Value: "1万元", Evidence: "+年报"})
		r.must(err)
		_, err = r.State(r.sys, registry.Statement{Party: firm.ID, Term: "经办电话", Value: "13900000000"})
		r.must(err)
		disputes := map[string]string{}
		for _, party := range []string{firm.ID, person.ID} {
			f, err := r.State(r.sys, registry.Statement{Party: party, Term: "高新技术企业", Record: &registry.RecordOf{From: date("2025-01-01"), Until: date("2027-12-31")}})
			r.must(err)
			d, err := r.Dispute(r.firm(party), f.ID, "-日期不对")
			r.must(err)
			disputes[party] = d.ID
		}
		_, err = r.Resolve(r.officer("", ""), disputes[person.ID], registry.Resolution{Decision: registry.DisputeUpheld, Reason: "与证书一致"})
		r.must(err)
		_, err = r.Cover(r.officer("科技局", ""), "高新技术企业", date("2026-09-30"), "=cmd")
		r.must(err)
		figures := r.upload(r.officer("统计局", ""), registry.ImportFigures, book(t, figureHead[:4], []any{nil, code(1), nil, "x"}, []any{nil, code(1), nil, 20}))

		town := func(name string) context.Context { return r.officer("", name) }
		auditor := r.as("auditor", account.Grant{Role: account.RoleAuditor})
		townAuditor := r.as("auditor", account.Grant{Role: account.RoleAuditor, Town: "东镇"})
		parties := func(ctx context.Context, w io.Writer) error { return r.ExportParties(ctx, registry.Filter{}, w) }
		facts := func(ctx context.Context, w io.Writer) error { return r.ExportFacts(ctx, firm.ID, "", w) }
		some := func(ctx context.Context, w io.Writer) error { return r.ExportFacts(ctx, firm.ID, " 收入", w) }
		disputed := func(f registry.DisputeFilter) func(context.Context, io.Writer) error {
			return func(ctx context.Context, w io.Writer) error { return r.ExportDisputes(ctx, f, w) }
		}
		rows := func(state string) func(context.Context, io.Writer) error {
			return func(ctx context.Context, w io.Writer) error { return r.ExportImportRows(ctx, figures.ID, state, w) }
		}
		for _, c := range []struct {
			what       string
			export     func(context.Context, io.Writer) error
			ctx        context.Context
			want       fault.Code
			has, never []string
		}{
			{"parties of a town", parties, town("东镇"), "", []string{"'=HYPERLINK", "'@SUM", code(1), "138****5678", "张**"}, []string{"13812345678", "张三丰", "李"}},
			{"parties of another town", parties, town("西镇"), "", []string{"李**"}, []string{code(1), "李小龙"}},
			{"parties for a firm", parties, r.firm(firm.ID), fault.Forbidden, nil, nil},
			{"parties for the public", parties, r.public(), fault.Forbidden, nil, nil},
			{"facts for the firm", facts, r.firm(firm.ID), "", []string{"1万元", "'+年报", "2025-01-01 至 2027-12-31", "2026-11-23 12:00"}, []string{"13900000000"}},
			{"some facts", some, r.firm(firm.ID), "", []string{"1万元"}, []string{"高新技术企业"}},
			{"facts for another firm", facts, r.firm(person.ID), fault.NotFound, nil, nil},
			{"facts for another town", facts, town("西镇"), fault.NotFound, nil, nil},
			{"disputes", disputed(registry.DisputeFilter{}), town(""), "", []string{"待处理", "维持原数据", "'=HYPERLINK", "李**", "'-日期不对", "与证书一致", "2025-01-01 至 2027-12-31"}, []string{"李小龙", "13812345678"}},
			{"open disputes", disputed(registry.DisputeFilter{State: registry.DisputeOpen}), town(""), "", []string{code(1)}, []string{"李", "维持"}},
			{"disputes of a party", disputed(registry.DisputeFilter{Party: person.ID}), town(""), "", []string{"李**"}, []string{code(1)}},
			{"disputes of a town", disputed(registry.DisputeFilter{}), town("西镇"), "", []string{"李**"}, []string{code(1)}},
			{"disputes for a firm", disputed(registry.DisputeFilter{}), r.firm(firm.ID), "", []string{code(1)}, []string{"李"}},
			{"disputes for the public", disputed(registry.DisputeFilter{}), r.public(), fault.Forbidden, nil, nil},
			{"coverage", r.ExportCoverage, town("东镇"), "", []string{"高新技术企业 科技局 2026-09-30 全部企业 '=cmd", "科技奖励 科技局 没有声明", "已兑付的奖补资金"}, []string{"股权融资"}},
			{"coverage for the public", r.ExportCoverage, r.public(), fault.Unauthenticated, nil, nil},
			{"imports for who uploaded", r.ExportImports, r.officer("统计局", ""), "", []string{"测试.xlsx 指标数据 待确认 2 1 1 0 0"}, nil},
			{"imports for an officer without limit", r.ExportImports, town(""), "", []string{"测试.xlsx"}, nil},
			{"imports for another officer", r.ExportImports, r.officer("税务局", ""), "", []string{"文件"}, []string{"测试.xlsx"}},
			{"imports for an auditor", r.ExportImports, auditor, "", []string{"测试.xlsx"}, nil},
			{"imports for an auditor of a town", r.ExportImports, townAuditor, fault.Forbidden, nil, nil},
			{"imports for a firm", r.ExportImports, r.firm(firm.ID), fault.Forbidden, nil, nil},
			{"bad cells", rows("bad"), r.officer("统计局", ""), "", []string{"D2", "应写数字和单位", code(1)}, nil},
			{"bad cells for an auditor", rows("bad"), auditor, "", []string{"D2"}, nil},
			{"bad cells for another officer", rows("bad"), r.officer("税务局", ""), fault.NotFound, nil, nil},
			{"good rows for another officer", rows("good"), r.officer("税务局", ""), fault.NotFound, nil, nil},
		} {
			var b bytes.Buffer
			err := c.export(c.ctx, &b)
			wantCode(t, c.what, err, c.want)
			if err != nil {
				continue
			}
			got := sheetOf(t, &b)
			for _, text := range c.has {
				if !strings.Contains(got, text) {
					t.Errorf("%s: no %q in\n%s", c.what, text, got)
				}
			}
			for _, text := range c.never {
				if strings.Contains(got, text) {
					t.Errorf("%s: %q in\n%s", c.what, text, got)
				}
			}
		}
		list, n, err := r.Imports(auditor, registry.Page{})
		if err != nil || n != 1 || list[0].Mine {
			t.Errorf("an auditor reads %d imports and may decide about them: %+v, %v", n, list, err)
		}
		if _, err := r.Cancel(auditor, figures.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("an auditor cancels: %v", err)
		}
		good := r.upload(r.officer("", ""), registry.ImportFirms, book(t, []any{"序号", "统一社会信用代码*", "企业名称*", "所在镇街*", "行业", "规模", "联系人", "联系电话", "备注"}, []any{nil, code(7), "第七电器有限公司", "东镇", nil, nil, "王五", "13700000000"}))
		var b bytes.Buffer
		r.must(r.ExportImportRows(r.officer("", ""), good.ID, "good", &b))
		if got := sheetOf(t, &b); !strings.Contains(got, "第七电器有限公司 所在镇街 东镇") || strings.Contains(got, "王五") || strings.Contains(got, "13700000000") {
			t.Errorf("good rows:\n%s", got)
		}
	})
}

// sheetOf is the first sheet of a workbook as lines of cells.
func sheetOf(t testing.TB, b *bytes.Buffer) string {
	t.Helper()
	f, err := excelize.OpenReader(b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, row := range rows {
		out.WriteString(strings.Join(row, " ") + "\n")
	}
	return out.String()
}
