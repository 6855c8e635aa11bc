package process

import "shanglin/internal/platform/audit"

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(kindInstance, audit.Words{Label: "办理进度", Actions: map[string]string{"process.start": "开始办理", "process.act": "办理", "process.lapse": "到期自动办理",
		"process.move": "转入环节", "process.assign": "分派", "process.release": "退回分派", "process.overdue": "超过时限", "process.describe": "更新说明", "process.due": "算出到期日"}})
	audit.RegisterWords(kindDefinition, audit.Words{Label: "办理流程", Actions: map[string]string{"process.keep": "保存流程"}})
	audit.RegisterWords(kindFilter, audit.Words{Label: "存好的条件", Actions: map[string]string{"filter.save": "存下条件", "filter.forget": "删去条件"}})
}
