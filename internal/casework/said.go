package casework

import "shanglin/internal/platform/audit"

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(roundKind, audit.Words{Label: "申报批次", Actions: map[string]string{"round.made": "新开批次", "round.changed": "修改批次", "round.opened": "开放申报",
		"round.frozen": "冻结批次", "round.settled": "结算批次"}})
	audit.RegisterWords(caseKind, audit.Words{Label: "申报件", Actions: map[string]string{"case.started": "开始填报", "case.begun": "部门发起", "case.certified": "发证", "case.saved": "保存草稿", "case.submitted": "提交申报",
		"case.proposed": "系统提名",
		"case.called":   "召集填报", "case.attached": "上传材料", "case.detached": "去掉材料", "case.moved": "进入新环节", "case.evaluated": "重新测算", "case.sum_set": "核定金额", "case.scored": "专家评分", "case.placed": "裁定并列", "case.recommended": "列入推荐名单",
		"case.settled": "结算", "case.awarded": "决定兑现", "case.released": "退回预算", "case.paid": "兑付到账", "case.unpaid": "冲回到账", "case.part_paid": "一期到账", "case.part_unpaid": "冲回一期到账", "case.cut_short": "其余各期不再兑付", "case.milestone": "确认分期节点", "case.clawed_back": "追回已付资金", "case.payee": "写明收款方", "case.given_up": "不再兑付", "case.unmask": "查看联系人"}})
	audit.RegisterWords(evaluationKind, audit.Words{Label: "测算", Actions: map[string]string{"case.assessed": "留存测算结果"}})
	audit.RegisterWords(attachmentKind, audit.Words{Label: "申报材料", Actions: map[string]string{"case.file_added": "登记材料", "case.file_removed": "注销材料"}})
	audit.RegisterWords(findingKind, audit.Words{Label: "部门核查", Actions: map[string]string{"case.finding": "反馈核查结果"}})
	audit.RegisterWords(opinionKind, audit.Words{Label: "部门意见", Actions: map[string]string{"case.opinion": "给出意见"}})
	audit.RegisterWords(noticeKind, audit.Words{Label: "公示", Actions: map[string]string{"notice.published": "发布公示"}})
	audit.RegisterWords(objectionKind, audit.Words{Label: "公示异议", Actions: map[string]string{"objection.received": "收到异议", "objection.admission": "决定是否受理异议",
		"objection.disposal": "处理异议", "objection.unmask": "查看异议人"}})
	audit.RegisterWords(resultKind, audit.Words{Label: "上级公布的结果", Actions: map[string]string{"result.read": "导入名单", "result.dropped": "重新导入，前一份作废", "result.confirmed": "核对记下"}})
	audit.RegisterWords(referralKind, audit.Words{Label: "移送", Actions: map[string]string{"case.referred": "移送查处"}})
	audit.RegisterWords(sampleKind, audit.Words{Label: "抽查", Actions: map[string]string{"round.sampled": "随机抽取"}})
	audit.RegisterWords(replyKind, audit.Words{Label: "服务答复", Actions: map[string]string{"case.answered": "答复", "case.rated": "评价"}})
	audit.RegisterWords(visitKind, audit.Words{Label: "现场核查", Actions: map[string]string{"visit.planned": "安排核查", "visit.answered": "企业选定时间", "visit.dates": "另定时间",
		"visit.entered": "填写核查", "visit.photographed": "拍照", "visit.signed": "签字", "visit.cancelled": "取消核查", "visit.record_answered": "企业确认笔录或提出有误"}})
	audit.RegisterWords(markKind, audit.Words{Label: "评级得分", Actions: map[string]string{"case.marked": "核实得分", "case.mark_counts": "得分生效"}})
	audit.RegisterWords(decisionKind, audit.Words{Label: "决定", Actions: map[string]string{"round.decided": "作出决定"}})
}
