package process

import "shanglin/internal/platform/audit"

// What the log says of this room, in words.
func init() {
	audit.RegisterWords(auditKind, audit.Words{Label: "办理进度", Actions: map[string]string{"process.start": "开始办理", "process.act": "办理", "process.lapse": "到期自动办理",
		"process.move": "转入环节", "process.assign": "分派", "process.release": "退回分派", "process.overdue": "超过时限", "process.describe": "更新说明"}})
	audit.RegisterWords(definitionKind, audit.Words{Label: "办理流程", Actions: map[string]string{"process.kept": "保存流程"}})
}
