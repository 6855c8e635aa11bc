package policy

import "slices"

// The grammar of the files: which keys may stand where, and what stands under each. The checker refuses every other key, the formatter writes
// keys in this order, and the JSON Schema for editors is made from it (schema.go), so that the three cannot drift apart.

// shape is what may stand at one place: a text, a map, a list, or one of several.
type shape struct {
	doc  string
	text textShape // what a text here may be
	enum []string  // or one of these words

	keys   []key
	rest   string     // the shape under any other key, each of which is a name of the file's own
	must   []string   // keys without which the checker refuses the map,
	unless string     // but for this key, which brings them along
	heads  [][]string // of each group just one must be there
	item   string     // the shape of a list's items

	either []string // one of these shapes: the one that knows most of the map's keys, the first of equals

	layout layout
}

// key is one key of a map, the shape under it, and what a person is told of it.
type key struct{ name, shape, doc string }

// textShape is a class of texts.
type textShape uint8

const (
	noText textShape = iota
	anyText
	nameText      // a name of the file's own
	exprText      // a figure, or an expression
	valueText     // a literal with its unit, or an expression
	literalText   // a literal with its unit
	countText     // how many: an integer without a unit
	thresholdText // a literal, a name or a word
	dateText      // 2026-04-01, a month or a year, or not_found
	yearText
	periodText
	timeText     // 5工作日
	monthDay     // 03-31
	daysText     // 2027-05-01, or 2027-05-01..2027-05-05
	reminderWord // 前7日, 当日
)

// layout is how the formatter writes a map or list.
type layout uint8

const (
	narrow layout = iota // on one line while that is short
	wide                 // on one line while the page is wide enough
	tall                 // never on one line
)

func (s *shape) allowed() []string {
	out := make([]string, len(s.keys))
	for i, k := range s.keys {
		out[i] = k.name
	}
	return out
}

func (s *shape) key(name string) *key {
	for i := range s.keys {
		if s.keys[i].name == name {
			return &s.keys[i]
		}
	}
	return nil
}

// shapeOf is the shape of that name for a node: of several, the one that knows most of its keys.
func shapeOf(name string, n node) *shape {
	s := shapes[name]
	if s == nil || len(s.either) == 0 {
		return s
	}
	var best *shape
	most := -1
	for _, name := range s.either {
		one, known := shapeOf(name, n), 0
		for _, e := range n.entries() {
			if one.key(e.key) != nil {
				known++
			}
		}
		if known > most {
			best, most = one, known
		}
	}
	return best
}

// under is the shape of what stands under a key of the map.
func (s *shape) under(name string) string {
	if s == nil {
		return ""
	}
	if k := s.key(name); k != nil {
		return k.shape
	}
	return s.rest
}

// ofFile is the shape of a whole file, by the key that says what it is.
func ofFile(root node) string {
	for _, name := range []string{"vocabulary", "document", "process", "template", "calendar"} { // document before process:, which a document may say of its schemes
		if root.get(name).is() {
			return name
		}
	}
	return ""
}

const wordsShape = "words"

var (
	noticeMust = []string{"title", "number", "body", "published", "url"}
	noticeKeys = []key{
		{"title", "text", "通知的标题"},
		{"number", "text", "通知的文号；查不到写 not_found"},
		{"body", "text", "发文机关"},
		{"published", "date", "通知的日期；查不到写 not_found"},
		{"url", "text", "通知的网址；查不到写 not_found"},
	}
)

var shapes = map[string]*shape{
	"text":      {text: anyText},
	"name":      {text: nameText},
	"expr":      {text: exprText},
	"threshold": {text: thresholdText, item: "text", doc: "门槛：带单位的数、起过名的参数、一个词，或一列词"},
	"literal":   {text: literalText},
	"count":     {text: countText},
	"date":      {text: dateText},
	"year":      {text: yearText},
	"yes":       {enum: []string{"是", "否"}},
	wordsShape:  {text: anyText, item: "text", doc: "一个词，或一列词"},
	"names":     {text: nameText, item: "name", doc: "一个名称，或一列名称"},
	"any":       {text: anyText, item: "any", rest: "any"},
	"no_base":   {enum: []string{"manual", "unmet", "unknown", "met"}},

	"interpretation": {doc: "原文没有说清楚时按哪一种理解", layout: wide, must: []string{"choice", "by", "status"}, keys: []key{
		{"choice", "text", "怎样理解"},
		{"by", "text", "谁作的选择，或由哪个部门确认"},
		{"status", "status", "assumption 待确认，confirmed 已确认"},
	}},
	"status":     {enum: []string{"assumption", "confirmed"}},
	"notes":      {item: "interpretation", layout: tall},
	"allowances": {item: "allowance", layout: tall},
	"allowance": {doc: "放行一种提醒", layout: wide, must: []string{"lint", "reason", "by"}, keys: []key{
		{"lint", "lint", "提醒末尾方括号里的编号"},
		{"reason", "text", "为什么可以"},
		{"by", "text", "谁说的"},
	}},
	"lint": {enum: lintIDs},

	"document": {doc: "一份政策文件", layout: tall, must: []string{"document", "title", "number", "dates"}, keys: []key{
		{"document", "name", "短名，全系统唯一，用英文和数字"},
		{"title", "text", "文件标题"},
		{"number", "text", "文号；查不到写 not_found"},
		{"body", "text", "发文机关"},
		{"register", "text", "备案号"},
		{"url", "text", "网址"},
		{"from", "name", "沿用哪份旧文件的名称和条款"},
		{"dates", "dates", "成文、发布、施行、失效等日期"},
		{"periods", "periods", "本文件里“当年”“上年”各指哪几年：P 兑现年度，A 申报年度"},
		{"rounding", "rounding", "金额算到分以后怎样取舍"},
		{"no_base", "no_base", "上年为零或负、增长率算不出来时的回答"},
		{"process", "name", "各条款默认按哪个办理流程办"},
		{"notes", "notes", "关于整份文件的假定"},
		{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
		{"funds", wordsShape, "资金来源的名称：limits 和 funds 里用到的"},
		{"define", "define", "给条件、金额、参数起的名字"},
		{"common", "condition", "本文件每一条都要满足的条件"},
		{"schemes", "schemes", "各条款"},
	}},
	"english": {rest: "text", layout: tall},
	"dates": {doc: "日期；查不到写 not_found", layout: wide, keys: []key{
		{"signed", "date", "成文日期"},
		{"published", "date", "发布日期"},
		{"in_force", "date", "施行日期，不写等于发布日"},
		{"valid_until", "date", "有效期到哪一天"},
		{"replaced", "text", "何时被哪份文件接替，例如 2026-04-01 by 文件短名"},
		{"performance", "year", "兑现年度，四位年份"},
		{"window", "text", "申报期"},
	}},
	"periods": {rest: "period", layout: wide},
	"period":  {text: periodText},
	"rounding": {doc: "取舍", must: []string{"to", "mode"}, keys: []key{
		{"to", "cent", "算到哪一位，目前只能是 0.01元"},
		{"mode", "rounding_mode", "down 舍去，half_up 四舍五入，up 进位"},
	}},
	"cent":          {enum: []string{"0.01元"}},
	"rounding_mode": {enum: []string{"down", "half_up", "up"}},
	"define":        {rest: "definition", layout: tall},
	"definition":    {either: []string{"record_set", "condition", "value"}},
	"record_set": {doc: "一组记录", must: []string{"records"}, keys: []key{
		{"records", "name", "哪一类记录"},
		{"where", "where", "其中哪些：栏目和要求"},
		{"text", "text", "条文的话"},
		{"cite", "text", "出自哪一条"},
	}},

	"schemes": {rest: "scheme", layout: tall},
	"scheme": {doc: "一个条款", layout: tall, must: []string{"title", "cite", "for", "kind"}, unless: "from", keys: []key{
		{"from", "text", "沿用哪一条：文件/条款"},
		{"same_as", wordsShape, "与哪些旧条款是同一项：文件/条款"},
		{"title", "text", "名称"},
		{"cite", "text", "出自哪一条，例如 一(一)1；查不到写 not_found"},
		{"office", "text", "责任部门；查不到写 not_found"},
		{"text", "text", "条文（转述）"},
		{"industries", wordsShape, "行业，给读者筛选用"},
		{"sizes", wordsShape, "企业规模，要用词汇表里声明过的"},
		{"for", "text", "一次申报的对象，例如 企业"},
		{"kind", "scheme_kind", "money 资金，recognition 认定，honour 荣誉，rating 评级，licence 许可，penalty 处罚，support 其他支持，duty 应办的事（例如年度报告）"},
		{"require", "condition", "条件"},
		{"amount", "value", "金额；一事一议写 manual"},
		{"grants", "grants", "钱以外的支持"},
		{"level", "level", "授予哪一级：评级、认定等按分数分级的"},
		{"limits", "limits", "限额：跨几次申报、几家企业的封顶"},
		{"pay", "pay", "分几期支付，每期多少"},
		{"payee", "text", "付给谁，不写就是申报人"},
		{"earmark", wordsShape, "专款专用：只能用于哪些用途，由收到的单位报告使用情况"},
		{"funds", "fund_shares", "每笔钱由哪几个来源分担"},
		{"valid", "text", "有效期，例如 3年"},
		{"process", "name", "按哪个办理流程办，不写就用文件开头的"},
		{"interpretation", "interpretation", "怎样理解"},
		{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
		{"examples", "examples", "例子，上一行用 #= 写手算过程"},
	}},
	"scheme_kind": {enum: schemeKinds},
	"grants": {doc: "给什么，不是钱", must: []string{"what"}, keys: []key{
		{"what", "text", "给什么；认定、许可等写证书的名称"},
		{"amount", "text", "多少，例如 1套"},
		{"record", "text", "持证期间企业有哪一类记录，不写就是本条的名称"},
		{"fields", "grant_fields", "记录里固定的栏目"},
		{"number", "name", "证书编号写进记录的哪一栏；不写就只是记录自己的编号"},
		{"shows", wordsShape, "证书上除名称、代码以外的栏目，例如 住所"},
		{"masks", wordsShape, "其中公开查验时只显示一部分的，例如 法定代表人"},
		{"series", "series", "编号怎样排；不写就由发证的人填写"},
	}},
	"grant_fields": {rest: "text", layout: wide},
	"series": {doc: "编号怎样排", must: []string{"prefix"}, keys: []key{
		{"prefix", "text", "编号以什么开头"},
		{"year", "yes", "后面加不加发证的年份；加年份的每年从1排起"},
		{"digits", "text", "顺序号几位，不写是4位"},
	}},

	"level": {doc: "按一个数授予哪一级", must: []string{"field", "words", "by"}, keys: []key{
		{"field", "name", "写进授予记录的哪一栏"},
		{"words", "text", "词汇表里哪一组等级"},
		{"by", "expr", "按哪个数，通常是评分"},
		{"at_least", "rungs", "分数线: 等级，达到的最高一级"},
		{"over", "rungs", "分数线: 等级，超过的最高一级"},
		{"else", "text", "一条线都没到的是哪一级；不写就是不授予"},
		{"text", "text", "条文的话"},
		{"cite", "text", "出自哪一条"},
	}},
	"rungs": {rest: "text"},

	"conditions": {item: "condition", layout: tall},
	"condition":  {either: []string{"test", "reference"}, text: nameText},
	"test": {doc: "条件：all、any、none、of、has、judge 中写一个；也可以只写一个起过名的条件", text: nameText,
		heads: [][]string{{"all", "any", "none", "of", "has", "judge"}}, keys: []key{
			{"if", "condition", "前提：满足时才要求这一项"},
			{"all", "conditions", "全部满足"},
			{"any", "conditions", "满足任一"},
			{"none", "conditions", "都不满足"},
			{"of", "left", "比较哪个数，例如 指标@当年；或一列条件，配 at_least: 几"},
			{"has", "text", "有某种记录，例如 名单@有效"},
			{"judge", "text", "由人判断什么"},
			{"where", "where", "其中哪些记录：栏目和要求"},
			{"at_least", "threshold", "不低于、以上（含本数）"},
			{"at_most", "threshold", "不超过、以下（含本数）"},
			{"over", "threshold", "超过（不含本数）"},
			{"under", "threshold", "低于、不满（不含本数）"},
			{"is", "threshold", "是这个词，或这几个词之一"},
			{"within", "threshold", "属于：行业代码以这几个之一开头"},
			{"no_base", "no_base", "上期为零或负、算不出来时的回答"},
			{"text", "text", "条文的话"},
			{"cite", "text", "出自哪一条"},
			{"office", "text", "由哪个部门判断"},
			{"interpretation", "interpretation", "怎样理解"},
			{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
		}},
	"left": {text: exprText, item: "condition", layout: tall},
	"reference": {doc: "按另一份文件执行", must: []string{"see"}, keys: []key{
		{"see", "text", "哪一份文件：文号，或已收录文件的短名"},
		{"item", "name", "按那份文件 define 中的哪个名称"},
		{"version", "text", "哪一版"},
		{"text", "text", "条文的话"},
		{"cite", "text", "出自哪一条"},
	}},
	"where": {doc: "栏目: 值，或 栏目: {at_least: …}", rest: "filter"},
	"filter": {doc: "对一个栏目的要求：一个词、一列词，或比较词和门槛", text: thresholdText, item: "text", keys: []key{
		{"at_least", "threshold", "不低于"}, {"at_most", "threshold", "不超过"}, {"over", "threshold", "超过"}, {"under", "threshold", "低于"}, {"is", "threshold", "是"},
		{"within", "threshold", "属于"},
	}},

	"values": {item: "value", layout: tall},
	"value": {doc: "一个金额、分值或比例：give、by、sum、highest、see、open 中写一个；也可以直接写 20万元、up to 20万元、at least 30%、3‰ to 6‰、manual", text: valueText,
		heads: [][]string{{"give", "by", "sum", "highest", "see", "open"}}, keys: []key{
			{"each", "text", "对每一条记录计算，例如 记录@当年"},
			{"by", "expr", "按哪个数或词分档"},
			{"where", "where", "其中哪些记录：栏目和要求"},
			{"at_least", "rows", "达到的最高一档"},
			{"at_most", "rows", "不超过的最低一档"},
			{"over", "rows", "超过的最高一档"},
			{"under", "rows", "低于的最低一档"},
			{"is", "rows", "等于哪一档"},
			{"within", "rows", "行业代码属于哪一档"},
			{"else", "row", "一档都没到给多少"},
			{"sum", "values", "各项相加"},
			{"highest", "values", "取最高一项"},
			{"give", "value", "给多少，或比例"},
			{"per", "literal", "每多少"},
			{"remainder", "remainder", "零头：drop 不计，prorate 按比例，up 算一个"},
			{"of", "expr", "按哪个数计算"},
			{"beyond", "threshold", "超过这么多的部分"},
			{"up_to", "threshold", "到这么多为止的部分"},
			{"see", "text", "见哪一份文件：文号，或已收录文件的短名"},
			{"item", "name", "按那份文件 define 中的哪个名称"},
			{"version", "text", "哪一版"},
			{"open", "text", "留给下级的哪个部门确定"},
			{"bounds", "literal", "可能的范围，例如 0分 to 15分"},
			{"tighten", "tighten", "下级文件只能怎样改：lower 更低，higher 更高，shorter 更短"},
			{"if", "condition", "前提：满足时才有这一项"},
			{"text", "text", "条文的话"},
			{"cite", "text", "出自哪一条"},
			{"interpretation", "interpretation", "怎样理解"},
			{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
			{"then", "steps", "一步一步往下算，次序就是政策"},
		}},
	"tighten":   {enum: tightenWords},
	"remainder": {enum: []string{"drop", "prorate", "up"}},
	"rows":      {rest: "row"},
	"row":       {either: []string{"columns", "value"}, text: valueText},
	"columns":   {rest: "value"},
	"steps":     {item: "step"},
	"step": {doc: "一步：times、less、at_most、at_least 中写一个", heads: [][]string{{"times", "less", "at_most", "at_least"}}, keys: []key{
		{"times", "value", "乘，上浮10%写 110%"},
		{"less", "value", "减"},
		{"at_most", "value", "封顶"},
		{"at_least", "value", "保底"},
		{"below_zero", "below_zero", "减到零以下的：recover 追回"},
		{"if", "condition", "前提"},
		{"text", "text", "条文的话"},
		{"cite", "text", "出自哪一条"},
		{"interpretation", "interpretation", "怎样理解"},
		{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
	}},
	"below_zero": {enum: []string{"recover"}},

	"limits": {item: "limit", layout: tall},
	"limit": {doc: "一项限额", layout: wide, must: []string{"at_most", "per"}, keys: []key{
		{"at_most", "value", "不超过多少，例如 1次、10万元，或基金的名称；没有公布写 not_found"},
		{"per", wordsShape, "按什么计，例如 [企业, 年度]"},
		{"of", wordsShape, "哪几条合在一起，不写就是本条"},
		{"share", "share", "不够时谁让：highest 就高，earliest 先到先得，rank 按名次，prorata 同比例"},
		{"key", "expr", "按什么排序、零头归谁：申报的栏目、条款（of 的次序）或数量"},
		{"tie", "expr", "末位并列时：manual 由人决定，all 都给，none 都不给，或再按哪个数量、栏目排"},
		{"text", "text", "条文的话"},
		{"interpretation", "interpretation", "怎样理解"},
		{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
	}},
	"share": {enum: shareWords},

	"pay": {item: "instalment", layout: tall},
	"instalment": {doc: "一期", layout: wide, must: []string{"on", "give"}, keys: []key{
		{"on", "text", "什么时候付，例如 开工"},
		{"give", "value", "结算金额的比例（30%）、自己的金额（再写 of:），或 rest 其余"},
		{"per", "literal", "每多少"},
		{"remainder", "remainder", "零头：drop 不计，prorate 按比例，up 算一个"},
		{"of", "expr", "按哪个数计算"},
		{"beyond", "threshold", "超过这么多的部分"},
		{"up_to", "threshold", "到这么多为止的部分"},
		{"then", "steps", "一步一步往下算"},
		{"due", "due", "到哪一天，或具备什么条件才付；不写由责任部门凭依据确认"},
		{"below_zero", "rest_below", "只写在 rest 上：前面付多了的，recover 追回，none 不追回"},
		{"text", "text", "条文的话"},
		{"cite", "text", "出自哪一条"},
		{"interpretation", "interpretation", "怎样理解"},
	}},
	"due":         {either: []string{"test", "reference"}, text: anyText},
	"rest_below":  {enum: []string{"recover", "none"}},
	"fund_shares": {item: "fund_share", layout: tall},
	"fund_share": {doc: "一个资金来源", layout: wide, must: []string{"fund", "share"}, keys: []key{
		{"fund", "text", "来源的名称，在文件开头 funds: 声明过"},
		{"share", "text", "分担的比例，例如 50%；最后一个写 rest"},
		{"text", "text", "条文的话"},
		{"cite", "text", "出自哪一条"},
		{"interpretation", "interpretation", "怎样理解"},
	}},

	"examples": {item: "example", layout: tall},
	"example": {doc: "一个例子：手算过程写在上一行的 #= 后面", layout: wide, must: []string{"expect"}, keys: []key{
		{"P", "year", "兑现年度"},
		{"A", "year", "申报年度"},
		{"on", "date", "评价日期"},
		{"batch", "text", "申报批次"},
		{"text", "text", "说明"},
		{"given", "given", "已知什么；没有写的就是不知道"},
		{"round", "round_example", "一整个批次：几件申报一起结算"},
		{"expect", "expect", "手算的结果"},
	}},
	"given":       {rest: "given_value", layout: wide},
	"given_value": {text: anyText, item: "given_record", rest: "text", layout: wide},
	"given_record": {doc: "例子里的一条记录：起止日、有几条，和它的栏目", rest: "text", layout: wide, keys: []key{
		{"from", "text", "开始日"},
		{"until", "text", "截止日"},
		{"times", "text", "这样的记录有几条，最多1000"},
	}},
	"expect": {doc: "手算的结果；起过名的评分也写在这里", rest: "text", layout: wide, keys: []key{
		{"answer", "answer", "met 符合，unmet 不符合，unknown 待补充，manual 需人工判断，not_applicable 不适用"},
		{"amount", "text", "应得"},
		{"potential", "text", "补充后可达"},
		{"cut_by", "text", "被哪个上限削减；没有被削减写 none"},
		{"gap", "text", "还差多少"},
		{"level", "text", "评到哪一级；不能定的写 低 to 高，一级都没有写 none"},
		{"ask", wordsShape, "该问什么，写全；不用问写 []"},
		{"pay", "sums", "各期付多少：{开工: 360万元}；批次里先写申报的名称"},
		{"payee", "text", "付给谁"},
		{"funds", "sums", "各来源承担多少"},
		{"amounts", "sums", "批次：各件申报得多少"},
		{"total", "text", "批次：合计"},
		{"open", wordsShape, "批次：哪几件还定不下来，等人办理；没有写 []"},
		{"granted", wordsShape, "批次：哪几件获得"},
		{"cuts", "chains", "批次：各件一级一级核减的金额，从大到小"},
		{"note", "sums", "批次：就高的说明里应有的话"},
		{"why", "sums", "批次：定不下来的原因里应有的话"},
		{"refused", "text", "批次：整批不能结算的原因里应有的话"},
	}},
	"sums":   {rest: "sum", layout: wide},
	"sum":    {text: anyText, rest: "text", layout: wide},
	"chains": {rest: "level_words", layout: wide},
	"round_example": {doc: "一个批次", must: []string{"claims"}, keys: []key{
		{"id", "text", "批次的名称，也就是“届”"},
		{"funds", "sums", "各基金还能给多少"},
		{"given", "given", "各件申报共同的数据"},
		{"history", "history", "此前批次给过的，先计入限额"},
		{"claims", "claims", "各件申报"},
	}},
	"history": {item: "past", layout: tall},
	"past": {doc: "此前的一笔；其余的键是栏目，例如 企业、展会", layout: wide, rest: "text", keys: []key{
		{"scheme", "text", "哪一条，不写就是本条"},
		{"amount", "text", "得了多少"},
		{"年度", "text", "哪个年度的，不写就是这个例子的年度"},
		{"届", "text", "哪一届的"},
	}},
	"claims": {item: "claim", layout: tall},
	"claim": {doc: "一件申报；其余的键是栏目，例如 企业、展会", layout: wide, rest: "text", keys: []key{
		{"claim", "text", "这件申报的名称，也当作申报人"},
		{"times", "text", "这样的申报有几件，最多1000"},
		{"scheme", "text", "哪一条，不写就是本条"},
		{"提交时间", "text", "2025-03-01 09:00"},
		{"given", "given", "它的数据"},
		{"decided", "text", "核定金额"},
		{"judged", "yes", "须由人判断的都判断为：是（符合）或 否（不符合）；不写就是还没有判断，各项不同的写在 given 里"},
	}},
	"answer": {enum: []string{"met", "unmet", "unknown", "manual", "not_applicable"}},

	"vocabulary": {doc: "一份词汇表", layout: tall, keys: []key{
		{"vocabulary", "text", "词汇表的名称"},
		{"units", "units", "单位和它的倍数"},
		{"levels", "levels", "有高低的一组词，从低到高"},
		{"sizes", wordsShape, "企业规模的词"},
		{"departments", "departments", "不认可任何一项、但在流程里办事的部门"},
		{"terms", "terms", "数字和词"},
		{"records", "records", "名单、证书、奖项等有日期的东西"},
		{"awards", "awards", "本系统以外的奖补，条款可以用 received( ) 读"},
		{"moves", "moves", "哪些数项和记录企业能使它变，有多难"},
		{"english", "english", "条款名称、等级、部门、栏目等词的英文"},
		{"fair_review", "fair_review", "公平竞争审查：条文里不该有的说法"},
	}},
	"fair_review": {rest: "fair_rule", layout: tall},
	"fair_rule": {doc: "一条公平竞争审查的规则", layout: tall, must: []string{"law", "cite", "since", "say", "words"}, keys: []key{
		{"law", "text", "哪部法规"},
		{"cite", "text", "哪一条"},
		{"since", "date", "施行日；此前公布的文件只标明，不提醒"},
		{"say", "text", "不得怎样"},
		{"words", "level_words", "有这些说法的提醒；中间可以隔开的写省略号"},
	}},
	"units":       {rest: "multiples", layout: tall},
	"multiples":   {rest: "text", layout: wide},
	"levels":      {rest: "level_words", layout: tall},
	"level_words": {item: "text", layout: wide},
	"departments": {rest: "department", layout: tall},
	"department": {doc: "一个部门", layout: wide, keys: []key{
		{"english", "text", "英文名"},
		{"help", "text", "说明"},
	}},
	"terms": {rest: "term", layout: tall},
	"term": {doc: "一个数字或词：unit、words、level、type 中写一个", layout: wide, must: []string{"of"}, heads: [][]string{{"unit", "words", "level", "type"}}, keys: []key{
		{"english", "text", "英文名"},
		{"label", "text", "显示的名称"},
		{"of", "text", "属于谁，例如 企业"},
		{"unit", "text", "数字的单位，例如 元、%、人"},
		{"words", "level_words", "只能是这几个词之一"},
		{"level", "text", "哪一组有高低的词"},
		{"type", "term_type", "bool 是或否，date 日期，word 词"},
		{"every", "every", "每年一个数写 年"},
		{"at_least", "literal", "这个数最小可能是多少"},
		{"at_most", "literal", "这个数最大可能是多少"},
		{"whole", "yes", "只能是整数的写 是，例如人数"},
		{"part_of", "text", "是哪个数的一部分，例如新产品产值是总产值的一部分：它变多少，那个数也变多少"},
		{"founded", "yes", "是不是它开始的日子，例如设立的日子：在那以前的年份没有数"},
		{"precision", "literal", "填报的最小单位，例如 1元"},
		{"from", "text", "由哪个部门认可"},
		{"help", "text", "填写说明"},
		{"personal", "yes", "是不是个人信息"},
	}},
	"term_type": {enum: []string{"bool", "date", "word", "code", "是否", "日期", "词"}},
	"every":     {enum: []string{unitYear}},
	"records":   {rest: "record", layout: tall},
	"record": {doc: "一类记录", layout: wide, must: []string{"of"}, keys: []key{
		{"english", "text", "英文名"},
		{"of", "text", "属于谁，例如 企业"},
		{"from", "text", "由哪个部门认可"},
		{"complete", "text", "由哪个部门声明已经齐全；没有部门能声明写 none"},
		{"verb", "text", "这样的记录怎样来的，例如 发生；不写就是“列入或取得”"},
		{"fields", "fields", "栏目"},
		{"help", "text", "填写说明"},
	}},
	"moves": {rest: "move", layout: tall},
	"move": {doc: "企业能不能使它变，有多难；只用来排先后", layout: wide, keys: []key{
		{"way", "move_way", "怎样变：up 变大或新取得，down 变小，both 都可以，no 不能；不写等于 both"},
		{"effort", "text", "变一成或取得一项有多难，1（最易）到 99"},
	}},
	"move_way": {enum: moveWays},
	"fields":   {rest: "field", layout: wide},
	"field": {text: anyText, item: "text", layout: wide, doc: "单位、词、是否、日期、一组等级的名称，或一列词；数字有范围的写成 {unit: 人, at_least: 0人, whole: 是}", must: []string{"unit"}, keys: []key{
		{"unit", "text", "数字的单位，例如 元、%、人"},
		{"at_least", "literal", "栏目的数最小可能是多少；不写就是 0"},
		{"at_most", "literal", "这个数最大可能是多少"},
		{"whole", "yes", "只能是整数的写 是，例如人数"},
	}},
	"awards": {rest: "award", layout: tall},
	"award": {doc: "上级发的一种奖补", layout: wide, rest: "any", keys: []key{
		{"english", "text", "英文名"},
		{"from", "text", "由谁发"},
	}},

	"process": {doc: "一个办理流程", layout: tall, must: []string{"process", "title", "starts", "case"}, keys: []key{
		{"process", "name", "流程的名称"},
		{"title", "text", "标题"},
		{"from", "name", "它是上级哪个流程的本地做法"},
		{"starts", "starts", "applicant 申请人申报，system 系统提名，office 责任部门发起"},
		{"about", "about", "办理已有的什么：certificate 一张证书，开始时先选定"},
		{"notes", "notes", "没有规定、由编写的人选择的"},
		{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
		{"checklists", "checklists", "现场核查的清单，动作的 visit 写的就是它的名称"},
		{"marks", "mark_sheets", "要核实得分的指标，动作的 marks 写的就是评分表的名称"},
		{"lists", "lists", "提交时要逐行报的清单，键是词汇表中记录的名称"},
		{flowCase, "flow", "一件申报怎样办理"},
		{flowRound, "flow", "一批申报怎样办理"},
	}},
	"checklists": {rest: "checklist", layout: tall},
	"checklist": {doc: "一次现场核查：至少几个人去、依据、逐项看什么", layout: tall, must: []string{"officers", "items"}, keys: []key{
		{"title", "text", "显示的名称"},
		{"officers", "text", "至少几名工作人员一起去"},
		{"cite", "text", "依据哪部法规、文件的哪一条"},
		{"basis", "text", "没有规定的，来历是什么"},
		{"items", "check_items", "逐项看什么"},
		{"hearing", "hearing", "这是听证：多久以前告知、谁不能主持"},
	}},
	"hearing": {doc: "听证：日期由部门定", layout: wide, must: []string{"notice"}, keys: []key{
		{"notice", "period_of_notice", "多久以前把时间、地点告知申请人"},
		{"apart", "names", "在哪些阶段办过的人不主持"},
	}},
	"mark_sheets": {rest: "mark_sheet", layout: tall},
	"mark_sheet": {doc: "一张评分表：由同一项任务核实的指标", layout: tall, must: []string{"terms"}, keys: []key{
		{"title", "text", "显示的名称"},
		{"self", "yes", "企业先自评，不写就是；不自评的写否"},
		{"terms", "names", "词汇表里的哪些指标"},
		{"evidence", "names", "其中自评得分的要交佐证的"},
	}},
	"lists": {rest: "list", layout: tall},
	"list": {doc: "一份清单：一行说一家，每一行记为申报单位的一条事实", layout: tall, must: []string{"names", "day", "none"}, keys: []key{
		{"title", "text", "显示的名称"},
		{"names", "name", "哪一栏写一行说的是哪一家的统一社会信用代码"},
		{"day", "day_of_year", "说的是年度里哪一天的情况，例如 12-31"},
		{"none", "text", "没有可报的怎样说"},
		{"sum", "list_sum", "各件所报按那一家相加，判断那一家"},
	}},
	"list_sum": {doc: "一个批次里各件所报按那一家相加", layout: tall, must: []string{"title", "of", "as", "scheme"}, keys: []key{
		{"title", "text", "汇总表的名称"},
		{"of", "name", "加哪一栏的数"},
		{"as", "name", "加起来是那一家的哪一项数据"},
		{"scheme", "text", "按哪一条判断，写作 文件/条款"},
		{"process", "name", "要查处的移送给哪个办理流程"},
	}},
	"day_of_year": {text: monthDay},
	"check_items": {item: "check_item", layout: tall},
	"check_item": {doc: "现场看的一项", layout: wide, must: []string{"ask", "kind"}, keys: []key{
		{"ask", "text", "看什么"},
		{"kind", "check_kind", "怎样回答：yes_no 是、否或无法确认，figure 填数，note 写情况"},
		{"unit", "text", "填数的单位，例如 平方米"},
		{"photo", "yes", "至少拍一张照片"},
		{"scores", "text", "填的数是评分表里哪一项指标的现场得分"},
		{"verifies", "text", "回答核实什么：条款里由人判断的一句话，或词汇表里的一项"},
	}},
	"check_kind": {enum: CheckKinds},
	"template": {doc: "一个文书模板", layout: tall, must: []string{"template", "title", "form", "body"}, keys: []key{
		{"template", "name", "文书的名称，办理流程的 document: 写的就是它"},
		{"title", "text", "文书的标题"},
		{"form", "template_form", "版式：document 有红色发文机关标志的文件，letter 信函，plain 不带标志"},
		{"series", "text", "文号里年份前面的字，例如机关代字；不写就没有文号"},
		{"letterhead", "text", "发文机关标志"},
		{"to", "text", "主送，不写冒号"},
		{"body", "template_blocks", "正文，一段一行；大括号里写一项的名称"},
		{"adverse", "yes", "是不是对收件人不利的决定；是的必须写 remedy"},
		{"remedy", "template_blocks", "怎样申请行政复议、提起行政诉讼"},
		{"copies", "texts", "抄送"},
		{"receipt", "name", "送达回证用哪个模板"},
		{"notes", "notes", "没有规定、由编写的人选择的"},
		{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
	}},
	"template_form":   {enum: TemplateForms},
	"template_blocks": {text: anyText, item: "template_block", layout: tall},
	"template_block": {doc: "文书里的一段", text: anyText, layout: wide, keys: []key{
		{"level", "literal", "层次标题：1 一、，2（一），3 1.，4（1）"},
		{"text", "text", "这一段的文字"},
		{"if", "name", "只有知道这一项时才有这一段"},
		{"table", "template_rows", "表格，一行一列"},
		{"edit", "yes", "起草时可以改写这一段"},
	}},
	"template_rows": {item: "texts", layout: tall},
	"calendar": {doc: "一年的放假和调休上班", layout: tall, must: []string{"calendar", "source", "holidays"}, keys: []key{
		{"calendar", "year", "哪一年"},
		{"source", "calendar_sources", "出自哪份通知；后来又有通知改动的，逐份写"},
		{"holidays", "holidays", "各个节日"},
		{"notes", "notes", "没有核实、由编写的人选择的"},
	}},
	"calendar_sources": {doc: "出自哪份通知；几份的写成一列", layout: wide, must: noticeMust, keys: noticeKeys, item: "calendar_source"},
	"calendar_source":  {doc: "一份安排放假的通知", layout: wide, must: noticeMust, keys: noticeKeys},
	"holidays":         {rest: "holiday", layout: tall},
	"holiday": {doc: "一个节日放假的日子和调休上班的周末", layout: wide, must: []string{"days_off"}, keys: []key{
		{"days_off", "days", "放假的日子，连同其中的周六、周日；连着的写作 2027-05-01..2027-05-05，分开的写成一列"},
		{"workdays", "days", "调休上班的周六、周日"},
	}},
	"days":     {text: daysText, item: "one_span"},
	"one_span": {text: daysText},
	"texts":    {text: anyText, item: "text"},
	"starts":   {enum: ProcessStarts},
	"about":    {enum: ProcessAbouts},
	"flow": {doc: "一件申报或一个批次怎样走：阶段、随时的动作、须分开的人", layout: tall, must: []string{"stages"}, keys: []key{
		{"stages", "stages", "各个阶段，第一个就是开始的阶段"},
		{"always", "always_actions", "不是任务、随时可以做的动作"},
		{"apart", "apart", "不能由同一个人办理的阶段"},
		{"panel", "panel", "专家怎样组成、怎样评分，只写在 round"},
	}},
	"panel": {doc: "评审专家组：多少人、从哪里抽、评什么、怎样算分", layout: tall, must: []string{"experts", "sheet", "mean"}, keys: []key{
		{"experts", "count", "多少位专家"},
		{"pool", "text", "从谁的专家库抽：scheme 条款责任部门的；不写就是各部门的"},
		{"field", "names", "要哪些专业的，有一个就行；不写就不限"},
		{"sheet", "panel_sheet", "评分表：各项的名称和满分"},
		{"step", "literal", "打分以多少为一档，例如 1分（整数）、0.5分；不写就是 1分"},
		{"blind", "yes", "盲评：专家看不到是谁申报的"},
		{"drop", "panel_drop", "去掉几个最高分、几个最低分"},
		{"mean", "panel_mean", "平均分保留到多少、怎样取舍"},
		{"conflict", "panel_conflict", "声明应当回避的：panel 退出专家组，case 只回避有关的申报；不写就是 panel"},
	}},
	"panel_sheet":    {rest: "literal"},
	"panel_drop":     {doc: "去掉几个最高分、几个最低分", keys: []key{{"highest", "count", "几个最高分"}, {"lowest", "count", "几个最低分"}}},
	"panel_mean":     {doc: "平均分怎样取舍", must: []string{"to", "mode"}, keys: []key{{"to", "literal", "保留到多少，例如 0.01分"}, {"mode", "rounding_mode", "down 舍去，half_up 四舍五入，up 进位"}}},
	"panel_conflict": {enum: panelConflicts},
	"stages":         {rest: "stage", layout: tall},
	"stage": {doc: "一个阶段：给申请人看的话，由谁办、多久、可以做什么", layout: tall, must: []string{"public"}, keys: []key{
		{"title", "text", "显示的名称，不写就是它的键"},
		{"public", "text", "给申请人看的话：这个阶段在做什么"},
		{"who", "who", "由谁办理"},
		{"within", "within", "在多少时间内"},
		{"actions", "actions", "办理的人可以做什么"},
		{"tasks", "tasks", "几项并行的任务"},
		{"at_once", "at_once", "由系统当即办理：依次看前提，照第一个办"},
		{"waits", "waits", "等待什么：paid 款项到账"},
		{"joint", "joint", "几项并行的任务是联合审查：怎样才算一致，不一致时怎么办"},
		{"then", "name", "都办完或等到以后到哪个阶段"},
		{"ends", "ends", "到此结束：granted 予以支持并已兑现，refused 不予支持，withdrawn 撤回、放弃或取消，done 办结"},
	}},
	"joint": {doc: "联合审查：各部门的意见怎样合在一起", layout: tall, must: []string{"passes", "divided"}, keys: []key{
		{"passes", "passes", "怎样才算一致：all 各部门都答复、都同意，answered 答复了的都同意，majority 同意的超过征求的部门的一半"},
		{"blind", "yes", "全部给出意见以前，谁也看不到别人的意见"},
		{"divided", "name", "不一致时到哪个阶段，由人写明理由裁定"},
		{"opposed", "name", "按同一规则不同意时到哪个阶段；不写就与 divided 相同"},
		{"cite", "text", "依据哪部法规、文件的哪一条"},
		{"basis", "text", "没有规定的，来历是什么"},
	}},
	"passes": {enum: ProcessPasses},
	"waits":  {enum: ProcessWaits},
	"ends":   {enum: ProcessEnds},
	"tasks":  {rest: "task", layout: tall},
	"task": {doc: "并行的一项任务", must: []string{"who", "actions"}, keys: []key{
		{"title", "text", "显示的名称"},
		{"who", "who", "由谁办理"},
		{"within", "within", "在多少时间内"},
		{"actions", "actions", "可以做什么"},
	}},
	"who": {doc: "由谁办理", enum: ProcessRoles, must: []string{"role"}, keys: []key{
		{"role", "role", "applicant 申请人，officer 经办人，leader 负责人，finance 财务，administrator 管理员"},
		{"department", "text", "哪个部门；scheme 是条款的责任部门"},
		{"town", "text", "不起作用，请删去"},
		{"label", "text", "怎样称呼，例如 窗口"},
	}},
	"role": {enum: ProcessRoles},
	"within": {doc: "办理时限", heads: [][]string{{"time", "until"}}, keys: []key{
		{"time", "time", "多少时间，例如 5工作日、30日、24小时、3月"},
		{"until", "until", "到哪一天为止：每年的一天，例如 03-31；expiry 证书有效期届满日"},
		{"before", "process_day", "从哪一天往回数：expiry 证书有效期届满日"},
		{"day_off", "day_off", "最后一天是休息日的：earlier 提前，later 顺延，stay 不变；都是编写人的假设"},
		{"cite", "text", "依据哪部法规、文件的哪一条"},
		{"basis", "text", "没有规定的，来历是什么"},
		{"tighten", "process_tighten", "下级流程只能怎样改：shorter 更短，longer 更长"},
		{"lapse", "name", "逾期由系统执行哪个动作"},
		{"remind", "reminders", "哪几天提醒，以最后一天为准：前7日、当日、后3日"},
		{"pauses", "names", "在哪些阶段停表"},
	}},
	"period_of_notice": {doc: "公示期", must: []string{"time"}, keys: []key{
		{"time", "time", "公示多久，例如 5工作日"},
		{"cite", "text", "依据哪部法规、文件的哪一条"},
		{"basis", "text", "没有规定的，来历是什么"},
		{"tighten", "process_tighten", "下级流程只能怎样改：shorter 更短，longer 更长"},
	}},
	"in_time": {doc: "最晚哪一天可以做", heads: [][]string{{"time", "until"}}, keys: []key{
		{"time", "time", "那一天以前多久，例如 60日"},
		{"until", "process_day", "最晚到哪一天：expiry 证书有效期届满日"},
		{"before", "process_day", "从哪一天往回数：expiry 证书有效期届满日"},
		{"day_off", "day_off", "最后一天是休息日的：earlier 提前，later 顺延，stay 不变；都是编写人的假设"},
		{"cite", "text", "依据哪部法规、文件的哪一条"},
		{"basis", "text", "没有规定的，来历是什么"},
		{"tighten", "process_tighten", "下级流程只能怎样改：shorter 更短，longer 更长"},
	}},
	"extends": {doc: "延长一项任务的时限", must: []string{"task", "time"}, keys: []key{
		{"task", "name", "延长哪一项任务的时限"},
		{"time", "time", "延长多少时间，例如 10工作日"},
		{"times", "text", "最多延长几次，不写就是一次"},
		{"cite", "text", "依据哪部法规、文件的哪一条"},
		{"basis", "text", "没有规定的，来历是什么"},
		{"tighten", "process_tighten", "下级流程只能怎样改：shorter 更短，longer 更长"},
	}},
	"process_day":     {enum: ProcessDays},
	"until":           {enum: ProcessDays, text: monthDay},
	"day_off":         {enum: ProcessDaysOff},
	"reminder":        {text: reminderWord},
	"reminders":       {text: reminderWord, item: "reminder", doc: "一天，或几天"},
	"process_tighten": {enum: processTightens},
	"time":            {text: timeText},
	"actions":         {rest: "action", layout: tall},
	"action": {doc: "一个动作：到哪个阶段，前提、要填什么、同时办什么", keys: []key{
		{"title", "text", "显示的名称"},
		{"to", "name", "到哪个阶段"},
		{"if", "guards", "前提"},
		{"needs", "needs", "办的人要填什么"},
		{"period", "period_of_notice", "公示一般多久"},
		{"within", "in_time", "最晚哪一天可以做"},
		{"since", "name", "要到的阶段的时限从到哪个阶段起算"},
		{"do", "effects", "做什么"},
		{"document", "name", "同时起草哪一种文书"},
		{"stops", "yes", "其他并行的任务随即停止"},
		{"tone", "tone", "按钮：primary 主要，plain 普通，danger 警示"},
		{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
		{"many", "yes", "可以批量办"},
	}},
	"at_once": {doc: "由系统当时就办的动作，第一个前提都满足的算数", rest: "at_once_action", layout: tall},
	"at_once_action": {doc: "由系统当时就办的一个动作", layout: wide, must: []string{"to"}, keys: []key{
		{"title", "text", "显示的名称"},
		{"to", "name", "到哪个阶段"},
		{"if", "guards", "前提"},
		{"do", "effects", "做什么"},
	}},
	"always_actions": {rest: "always", layout: tall},
	"always": {doc: "不是任务、随时可以做的一个动作", layout: wide, must: []string{"who", "at"}, keys: []key{
		{"title", "text", "显示的名称"},
		{"who", "who", "谁可以做"},
		{"at", "names", "在哪些阶段可以做"},
		{"to", "name", "到哪个阶段"},
		{"if", "guards", "前提"},
		{"needs", "needs", "办的人要填什么"},
		{"period", "period_of_notice", "公示一般多久"},
		{"within", "in_time", "最晚哪一天可以做"},
		{"since", "name", "要到的阶段的时限从到哪个阶段起算"},
		{"extends", "extends", "延长一项任务的时限"},
		{"do", "effects", "做什么"},
		{"document", "name", "同时起草哪一种文书"},
		{"tone", "tone", "按钮：primary 主要，plain 普通，danger 警示"},
		{"allow", "allowances", "放行的提醒：编号、理由和谁说的，读者看得到"},
	}},
	"guards":         {enum: ProcessGuards, item: "guard"},
	"guard":          {enum: ProcessGuards},
	"needs":          {enum: ProcessNeeds, item: "need"},
	"need":           {enum: ProcessNeeds},
	"tone":           {enum: ProcessTones},
	"effects":        {doc: "动作同时办的事", enum: effectNames, keys: effectKeys, item: "effect", layout: wide},
	"effect":         {doc: "动作同时办的一件事", enum: effectNames, keys: effectKeys},
	"effect_args":    {doc: "把各件申报从哪个阶段移到哪个阶段", keys: []key{{"from", "name", "从哪个阶段"}, {"to", "name", "到哪个阶段"}}},
	"sample_args":    {doc: "从哪里抽、抽多少、抽中的和没有抽中的到哪里", keys: []key{{"share", "text", "抽取百分之几，例如 5%"}, {"from", "name", "从哪个阶段"}, {"to", "name", "抽中的到哪个阶段"}, {"rest", "name", "没有抽中的到哪个阶段"}}},
	"visit_args":     {doc: "按哪个清单核查", must: []string{"checklist"}, keys: []key{{"checklist", "name", "checklists 里清单的名称"}}},
	"marks_args":     {doc: "核实哪张评分表的得分", must: []string{"sheet"}, keys: []key{{"sheet", "name", "marks 里评分表的名称"}}},
	"list_args":      {doc: "核实哪份清单", must: []string{"list"}, keys: []key{{"list", "name", "lists 里清单的名称"}}},
	"refer_args":     {doc: "移送给哪个办理流程", must: []string{"process"}, keys: []key{{"process", "name", "写 starts: office、逐件办的流程"}}},
	"draw_args":      {doc: "为哪个阶段的申报抽取专家", keys: []key{{"from", "name", "从哪个阶段"}}},
	"remind_args":    {doc: "催办停在哪个阶段的", keys: []key{{"from", "name", "停在哪个阶段的"}}},
	"record_args":    {doc: "把办理结果记为一条事实", must: []string{"what", "says", "cite"}, keys: []key{{"what", "name", "词汇表中哪一种记录"}, {"says", "record_says", "记录写什么；有几项内容的，栏目: 值，逐项写"}, {"cite", "text", "依据哪部法规、文件的哪一条；查不到写 not_found"}}},
	"record_says":    {text: anyText, rest: "text"},
	"recommend_args": {doc: "推荐停在哪个阶段的申报", keys: []key{{"from", "name", "从哪个阶段"}}},
	"conclude_args": {doc: "按上级公布的名单记下结果", must: []string{"from", "to", "rest", "level", "cite"}, keys: []key{{"from", "name", "等上级结果的阶段"}, {"to", "name", "名单上有的到哪个阶段"},
		{"rest", "name", "名单上没有的到哪个阶段"}, {"level", "name", "公布的级别从词汇表 levels 的哪一种里选"}, {"cite", "text", "依据哪部法规、文件的哪一条；查不到写 not_found"}}},
	"effect_cite":  {doc: "依据", must: []string{"cite"}, keys: []key{{"cite", "text", "依据哪部法规、文件的哪一条；查不到写 not_found"}}},
	"silence_args": {doc: "部门逾期不答复算什么", must: []string{"as", "cite"}, keys: []key{{"as", "silence_as", "none 算没有意见，agree 视为同意（必须有依据）"}, {"cite", "text", "依据哪部法规、文件的哪一条；查不到写 not_found"}}},
	"silence_as":   {enum: ProcessSilences},
	"claw_args": {doc: "追回的资金什么时候缴回、怎样计息", must: []string{"time", "cite"}, keys: []key{
		{"time", "text", "几日内缴回，例如 30日"}, {"rate", "text", "利率，例如 0.05%；不计息的不写这个词和下面两个词"}, {"days", "text", "利率是几天的：1、360 或 365"},
		{"counts", "claw_counts", "从哪天起计息：decision 决定追回之日，due 缴回期满之日"}, {"cite", "text", "依据哪部法规、文件的哪一条；查不到写 not_found"}}},
	"claw_counts": {enum: []string{"decision", "due"}},
	"apart":       {item: "names", layout: tall},
}

var effectNames = sortedKeys(ProcessEffects)

// effectKeys are the effects that take words of their own.
var effectKeys = func() []key {
	var out []key
	for _, name := range effectNames {
		if len(ProcessEffects[name]) > 0 {
			out = append(out, key{name, effectShape(name), effectWords[name]})
		}
	}
	return out
}()

// effectShape is the shape of the words of an effect.
func effectShape(name string) string {
	if name == recordEffect {
		return "record_args"
	}
	if name == silence {
		return "silence_args"
	}
	if name == "claw_back" {
		return "claw_args"
	}
	if name == conclude {
		return "conclude_args"
	}
	if slices.Contains(ProcessEffects[name], "cite") {
		return "effect_cite"
	}
	switch name {
	case recommend:
		return "recommend_args"
	case sample:
		return "sample_args"
	case visit:
		return "visit_args"
	case marks:
		return "marks_args"
	case "draw":
		return "draw_args"
	case remind:
		return "remind_args"
	case verify:
		return "list_args"
	case refer:
		return "refer_args"
	}
	return "effect_args"
}

// keys refuses keys that do not stand in the shape.
func (c *checker) keys(n node, name string) { c.onlyKeys(n, shapes[name].allowed()) }

// onlyKeys refuses keys that are not allowed here.
func (c *checker) onlyKeys(n node, allowed []string) {
	if n.is() && !n.isMap() {
		c.errorAt(n, "这里应写“键: 值”。")
		return
	}
	for _, e := range n.entries() {
		switch {
		case !slices.Contains(allowed, e.key):
			c.errorAt(e.at, "不认识的键“%s”%s", clip(e.key), suggest(e.key, allowed))
		case e.key == allowKey:
			c.allow(n, e.value)
		}
	}
}
