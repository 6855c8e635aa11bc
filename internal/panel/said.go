package panel

import "shanglin/internal/platform/audit"

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(expertKind, audit.Words{Label: "专家", Actions: map[string]string{"expert.added": "专家入库", "expert.changed": "修改专家信息", "expert.unmask": "查看专家联系方式"}})
	audit.RegisterWords(panelKind, audit.Words{Label: "专家组", Actions: map[string]string{"panel.drawn": "随机抽取专家", "panel.declared": "回避声明", "panel.excused": "专家缺席", "panel.scored": "汇总评分",
		"panel.voided": "专家组作废", "panel.noted": "填写评审会纪要", "panel.signed": "签署评审会纪要"}})
	audit.RegisterWords(sheetKind, audit.Words{Label: "评分表", Actions: map[string]string{"panel.called": "分配评分", "panel.opened": "可以评分", "panel.recused": "回避", "panel.saved": "保存评分",
		"panel.submitted": "提交评分"}})
}
