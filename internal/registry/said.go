package registry

import (
	"context"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

// What the audit log holds of the registry, in words: for auditors of the whole county, who may see every party.

func init() {
	audit.RegisterWords("party", audit.Words{Label: "主体", About: partiesSaid, RowsOf: rowIDs(`SELECT row_id FROM party_rows WHERE id = ?`),
		Actions: map[string]string{"party.create": "登记主体", "party.update": "更正登记", "party.exception": "按代码例外登记", "party.unmask": "查看个人信息"}})
	audit.RegisterWords("fact", audit.Words{Label: "数据", About: factsSaid, RowsOf: rowIDs(`SELECT id FROM fact_rows WHERE party = ?`),
		Actions: map[string]string{"fact.state": "填报数据", "fact.verify": "核实数据", "fact.correct": "按异议更正数据"}})
	audit.RegisterWords("dispute", audit.Words{Label: "数据异议", About: disputesSaid, RowsOf: rowIDs(`SELECT id FROM disputes WHERE party = ?`),
		Actions: map[string]string{"dispute.open": "提出异议", "dispute.upheld": "异议办结：维持原数据", "dispute.corrected": "异议办结：已更正"}})
	audit.RegisterWords("claim", audit.Words{Label: "企业认领", About: claimsSaid, RowsOf: rowIDs(`SELECT c.id FROM claims AS c JOIN parties AS p ON p.code = c.code WHERE p.id = ?`),
		Actions: map[string]string{"claim.made": "申请认领", "claim.approved": "通过认领", "claim.refused": "不通过认领", "claim.withdrawn": "撤回认领", "claim.evidence": "查看证明文件"}})
	audit.RegisterWords("firm-person", audit.Words{Label: "企业人员", About: peopleSaid, RowsOf: rowIDs(`SELECT id FROM firm_people WHERE party = ?`),
		Actions: map[string]string{"firm_person.joined": "加入企业", "firm_person.ended": "解除", "firm_person.appointed": "成为负责人", "firm_person.dismissed": "不再是负责人"}})
	audit.RegisterWords("invitation", audit.Words{Label: "企业邀请", About: invitationsSaid, RowsOf: rowIDs(`SELECT id FROM firm_invitations WHERE party = ?`),
		Actions: map[string]string{"invitation.made": "邀请人员", "invitation.used": "使用邀请", "invitation.withdrawn": "撤回邀请"}})
	audit.RegisterWords("coverage", audit.Words{Label: "名录完整性", About: coverageSaid, Actions: map[string]string{"coverage.state": "声明名录齐全"}})
	audit.RegisterWords("import", audit.Words{Label: "数据导入", About: importsSaid,
		Actions: map[string]string{"import.upload": "上传表格", "import.commit": "确认导入", "import.committed": "导入生效", "import.cancel": "取消导入", "import.fail": "导入没有成功"}})
	audit.RegisterWords("batch", audit.Words{Label: "成批数据", About: batchesSaid, RowsOf: rowIDs(`SELECT id FROM registry_batches WHERE origin = 'import:' || ?`),
		Actions: map[string]string{"party.bulk": "成批登记主体", "fact.bulk": "成批写入数据", "import.rows": "写入导入的行"}})
}

// rowIDs reads the ids that a query finds for what people know by an id.
func rowIDs(query string) func(ctx context.Context, id string) ([]string, error) {
	return func(ctx context.Context, id string) (rows []string, err error) {
		err = store.Read(ctx, func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query, id).Scan(ctx, &rows) })
		return rows, err
	}
}

// saidRow is a row of the log with what it is about.
type saidRow struct {
	Row   string `bun:"row_id"`
	ID    string `bun:"id"`
	Kind  string `bun:"kind"`
	Name  string `bun:"name"`
	Extra string `bun:"extra"`
}

// said reads what rows are about. The query gets the rows; subject makes of each what people call it.
func said(ctx context.Context, query string, rows []string, subject func(saidRow) audit.Subject) (map[string]audit.Subject, error) {
	out := make(map[string]audit.Subject, len(rows))
	err := store.Read(ctx, func(ctx context.Context) error {
		return each(ctx, func(r saidRow) error {
			out[r.Row] = subject(r)
			return nil
		}, query, bun.List(rows))
	})
	return out, err
}

// ofParty names the party that a row is about, masked as in every list, and what of it.
func ofParty(r saidRow) audit.Subject {
	label := ShownName(r.Kind, r.Name)
	if r.Extra != "" {
		label += " " + r.Extra
	}
	if r.ID == Region {
		return audit.Subject{Label: label, Kind: "region", ID: r.ID}
	}
	return audit.Subject{Label: label, Kind: "party", ID: r.ID}
}

func partiesSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT p.row_id, p.id, p.kind, p.name, '' AS extra FROM party_rows AS p WHERE p.row_id IN (?)`, rows, ofParty)
}

func factsSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT f.id AS row_id, COALESCE(p.id, f.party) AS id, COALESCE(p.kind, '地区') AS kind, COALESCE(p.name, '本地区') AS name, CASE WHEN f.period = '' THEN f.term ELSE f.period || '年' || f.term END AS extra FROM fact_rows AS f LEFT JOIN parties AS p ON p.id = f.party WHERE f.id IN (?)`, rows, ofParty)
}

func disputesSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT d.id AS row_id, p.id, p.kind, p.name, CASE WHEN f.period = '' THEN f.term ELSE f.period || '年' || f.term END AS extra FROM disputes AS d JOIN fact_rows AS f ON f.id = d.fact
		JOIN parties AS p ON p.id = d.party WHERE d.id IN (?)`, rows, ofParty)
}

func claimsSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT c.id AS row_id, COALESCE(p.id, '') AS id, COALESCE(p.kind, '') AS kind, COALESCE(p.name, c.name) AS name, c.capacity AS extra
		FROM claims AS c LEFT JOIN parties AS p ON p.code = c.code WHERE c.id IN (?)`, rows, func(r saidRow) audit.Subject {
		if r.ID == "" {
			return audit.Subject{Label: r.Name + " " + r.Extra, Kind: "claim", ID: r.Row}
		}
		return ofParty(r)
	})
}

func peopleSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT f.id AS row_id, p.id, p.kind, p.name, f.capacity AS extra FROM firm_people AS f JOIN parties AS p ON p.id = f.party WHERE f.id IN (?)`, rows, ofParty)
}

func invitationsSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT i.id AS row_id, p.id, p.kind, p.name, i.capacity AS extra FROM firm_invitations AS i JOIN parties AS p ON p.id = i.party WHERE i.id IN (?)`, rows, ofParty)
}

func coverageSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT c.id AS row_id, c.id, c.kind, c.source AS name, c.through_date AS extra FROM coverage_rows AS c WHERE c.id IN (?)`, rows, func(r saidRow) audit.Subject {
		kind := r.Kind
		if kind == ReceivedCoverage {
			kind = receivedLabel
		}
		return audit.Subject{Label: kind + "，截至" + r.Extra, Kind: "coverage", ID: r.ID}
	})
}

func importsSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT i.id AS row_id, i.id, i.kind, i.file_name AS name, '' AS extra FROM imports AS i WHERE i.id IN (?)`, rows, func(r saidRow) audit.Subject {
		return audit.Subject{Label: r.Name + "（" + titleOfImport(r.Kind) + "）", Kind: "import", ID: r.ID}
	})
}

func batchesSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT b.id AS row_id, COALESCE(i.id, '') AS id, b.kind, COALESCE(i.file_name, '') AS name, CAST(b.rows_written AS TEXT) AS extra
		FROM registry_batches AS b LEFT JOIN imports AS i ON b.origin = 'import:' || i.id WHERE b.id IN (?)`, rows, func(r saidRow) audit.Subject {
		label := r.Extra + "条"
		if r.ID == "" {
			return audit.Subject{Label: label, Kind: "batch", ID: r.Row}
		}
		return audit.Subject{Label: r.Name + "，" + label, Kind: "import", ID: r.ID}
	})
}
