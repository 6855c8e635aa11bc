package treasury

import "shanglin/internal/platform/audit"

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(kindBudget, audit.Words{Label: "预算", Actions: map[string]string{"budget.create": "建立预算", "budget.move": "预算变动"}})
	audit.RegisterWords(kindEntry, audit.Words{Label: "分录", Actions: map[string]string{"entry.appropriate": "下达预算", "entry.reduce": "调减预算", "entry.commit": "占用预算",
		"entry.release": "退回预算", "entry.order": "下达支付", "entry.pay": "支付到账", "entry.fail": "支付失败", "entry.correct": "更正分录"}})
	audit.RegisterWords(kindAward, audit.Words{Label: "兑现", Actions: map[string]string{"award.commit": "决定兑现", "award.gather": "列入拨付", "award.drop": "移出拨付",
		"award.pay": "兑付到账", "award.fail": "兑付失败", "award.reopen": "重新待付", "award.release": "退回预算", "award.give_up": "不再兑付"}})
	audit.RegisterWords(kindAccount, audit.Words{Label: "收款账户", Actions: map[string]string{"bank_account.set": "填写收款账户", "bank_account.replace": "更换收款账户",
		"bank_account.hold": "暂停收款账户", "bank_account.confirm": "确认收款账户", "bank_account.unmask": "查看完整账号"}})
	audit.RegisterWords(kindBatch, audit.Words{Label: "拨付批次", Actions: map[string]string{"batch.prepare": "编制拨付批次", "batch.drop": "移出一笔", "batch.approve": "复核拨付批次",
		"batch.cancel": "取消拨付批次", "batch.send": "送银行", "batch.bank_file": "导出银行文件", "batch.done": "批次办结", "batch.reopen": "重开批次"}})
	audit.RegisterWords(kindLine, audit.Words{Label: "付款", Actions: map[string]string{"line.prepare": "编制付款", "line.drop": "移出付款", "line.send": "送银行",
		"line.result": "银行结果", "line.reopen": "重开付款"}})
	audit.RegisterWords(kindResult, audit.Words{Label: "银行结果", Actions: map[string]string{"result.upload": "上传银行结果", "result.apply": "入账银行结果", "result.cancel": "作废银行结果"}})
}
