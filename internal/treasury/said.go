package treasury

import (
	"context"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// What the audit log holds of the treasury, in words: for auditors of the whole county, who may see every award.

func init() {
	audit.RegisterWords(kindBudget, audit.Words{Label: "预算", About: budgetsSaid,
		Actions: map[string]string{"budget.create": "录入预算", "budget.move": "预算变动"}})
	audit.RegisterWords(kindEntry, audit.Words{Label: "分录", About: entriesSaid, RowsOf: ofParty(`SELECT e.id FROM ledger_entries AS e JOIN awards AS a ON a.id = e.award WHERE a.party = ?`),
		Actions: map[string]string{"entry.appropriate": "入账：安排预算", "entry.reduce": "入账：调减预算", "entry.commit": "入账：承诺", "entry.release": "入账：解除承诺",
			"entry.order": "入账：送银行", "entry.pay": "入账：已支付", "entry.fail": "入账：支付失败", "entry.correct": "入账：更正"}})
	audit.RegisterWords(kindAward, audit.Words{Label: "奖补", About: awardsSaid, RowsOf: ofParty(`SELECT id FROM awards WHERE ? IN (party, payee)`),
		Actions: map[string]string{"award.commit": "承诺奖补", "award.release": "解除奖补", "award.give_up": "放弃支付", "award.gather": "编入付款批次", "award.drop": "移出付款批次",
			"award.batch_cancel": "随批次取消", "award.hold": "暂缓支付", "award.pay": "奖补付讫", "award.fail": "支付失败", "award.reopen": "更正支付结果", "award.due": "确认分期到期", "award.settle": "结算后调整末期"}})
	audit.RegisterWords(kindAccount, audit.Words{Label: "收款账户", About: accountsSaid, RowsOf: ofParty(`SELECT id FROM bank_accounts WHERE party = ?`),
		Actions: map[string]string{"bank_account.set": "登记收款账户", "bank_account.replace": "更换收款账户", "bank_account.hold": "账户暂缓付款", "bank_account.confirm": "核对收款账户",
			"bank_account.unmask": "查看完整账号"}})
	audit.RegisterWords(kindBatch, audit.Words{Label: "付款批次", About: batchesSaid,
		Actions: map[string]string{"batch.prepare": "编制付款批次", "batch.drop": "移出一笔付款", "batch.approve": "核准付款批次", "batch.cancel": "取消付款批次", "batch.send": "付款批次送银行",
			"batch.bank_file": "导出银行付款文件", "batch.done": "付款批次办结", "batch.reopen": "付款批次重开"}})
	audit.RegisterWords(kindLine, audit.Words{Label: "付款", About: linesSaid, RowsOf: ofParty(`SELECT id FROM payment_lines WHERE party = ?`),
		Actions: map[string]string{"line.prepare": "编入付款", "line.drop": "移出付款", "line.batch_cancel": "随批次取消", "line.hold": "暂缓付款", "line.send": "付款送银行", "line.result": "付款结果入账",
			"line.reopen": "更正付款结果"}})
	audit.RegisterWords(kindResult, audit.Words{Label: "银行回执", About: resultsSaid,
		Actions: map[string]string{"result.upload": "上传银行回执", "result.applied": "银行回执入账", "result.cancelled": "取消银行回执"}})
}

// ofParty reads the ids that a query finds for a party.
func ofParty(query string) func(ctx context.Context, id string) ([]string, error) {
	return func(ctx context.Context, id string) (rows []string, err error) {
		err = store.Read(ctx, func(ctx context.Context) error { return store.Tx(ctx).NewRaw(query, id).Scan(ctx, &rows) })
		return rows, err
	}
}

// said reads what rows are about. The query gets the rows; subject makes of each what people call it.
func said[R any](ctx context.Context, query string, rows []string, subject func(R) (id string, s audit.Subject)) (map[string]audit.Subject, error) {
	out := make(map[string]audit.Subject, len(rows))
	err := store.Read(ctx, func(ctx context.Context) error {
		var found []R
		if err := store.Tx(ctx).NewRaw(query, in(rows)).Scan(ctx, &found); err != nil {
			return err
		}
		for _, r := range found {
			id, s := subject(r)
			out[id] = s
		}
		return nil
	})
	return out, err
}

func budgetsSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+of("b", budgetColumns)+` FROM budgets AS b WHERE b.id IN (?)`, rows, func(r budgetRow) (string, audit.Subject) {
		return r.ID, audit.Subject{Label: r.label(), Kind: kindBudget, ID: r.ID}
	})
}

func entriesSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+entryViewColumns+` `+entryFrom+`e.id IN (?)`, rows, func(r entryView) (string, audit.Subject) {
		label := EntryKind(r.Kind).label()
		if r.CaseNumber != "" {
			label += " " + r.CaseNumber + " " + r.PartyName
		}
		return r.ID, audit.Subject{Label: label, Kind: kindEntry, ID: r.ID}
	})
}

func awardsSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+of("a", awardColumns)+` FROM awards AS a WHERE a.id IN (?)`, rows, func(r awardRow) (string, audit.Subject) {
		return r.ID, audit.Subject{Label: r.CaseNumber + " " + r.PartyName + " " + policy.Fen(r.Amount).String(), Kind: kindAward, ID: r.ID}
	})
}

func accountsSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+accountViewColumns+` `+accountFrom+`k.id IN (?)`, rows, func(r accountRow) (string, audit.Subject) {
		return r.ID, audit.Subject{Label: r.PartyName + " 收款账户 " + masked(r.Number), Kind: "party", ID: r.Party}
	})
}

func batchesSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+of("b", batchColumns)+` FROM payment_batches AS b WHERE b.id IN (?)`, rows, func(r batchRow) (string, audit.Subject) {
		return r.ID, audit.Subject{Label: r.Code + " " + r.Document, Kind: kindBatch, ID: r.ID}
	})
}

func linesSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+lineViewColumns+` `+lineFrom+`l.id IN (?)`, rows, func(r lineView) (string, audit.Subject) {
		return r.ID, audit.Subject{Label: r.Code + " " + r.PartyName, Kind: kindBatch, ID: r.Batch}
	})
}

func resultsSaid(ctx context.Context, rows []string) (map[string]audit.Subject, error) {
	return said(ctx, `SELECT `+of("r", resultColumns)+` FROM bank_results AS r WHERE r.id IN (?)`, rows, func(r resultRow) (string, audit.Subject) {
		return r.ID, audit.Subject{Label: r.FileName, Kind: kindBatch, ID: r.Batch}
	})
}
