package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Result (上级公布的结果) is what an upper body published of those who were recommended to it: a document with a list. One officer reads the list
// in, all of it or nothing; another confirms it, and only then is anything written of anybody. Nobody here decides who is on it.
type Result struct {
	ID          string       `json:"id"`
	Round       string       `json:"round"`
	Scheme      string       `json:"scheme" doc:"document/scheme"`
	SchemeTitle string       `json:"scheme_title"`
	State       string       `json:"state" enum:"read,confirmed,dropped"`
	Issuer      string       `json:"issuer" doc:"who published it"`
	Number      string       `json:"number" doc:"of the document"`
	Level       string       `json:"level"`
	PublishedOn policy.Date  `json:"published_on"`
	ValidFrom   policy.Date  `json:"valid_from"`
	ValidUntil  policy.Date  `json:"valid_until" doc:"absent: no end is known"`
	FileName    string       `json:"file_name"`
	SHA256      string       `json:"sha256" doc:"of the list"`
	Listed      int          `json:"listed" doc:"how many the document names"`
	Recommended int          `json:"recommended" doc:"of them, were recommended here"`
	Missing     int          `json:"missing" doc:"were recommended and are not named"`
	Known       int          `json:"known" doc:"were not recommended, and are enterprises of this register"`
	Held        int          `json:"held" doc:"of those, hold a certificate already: nothing is written of them"`
	Unknown     int          `json:"unknown" doc:"are none of this register: nothing is written of them"`
	ReadAt      string       `json:"read_at"`
	Reader      string       `json:"reader"`
	Mine        bool         `json:"mine" doc:"whoever asks read it in, and may not confirm it"`
	ClosedAt    string       `json:"closed_at,omitempty"`
	Closer      string       `json:"closer,omitempty"`
	Lines       []ResultLine `json:"lines" nullable:"false" doc:"those who were recommended, those who are missing, those who are of this register, and the first 200 of the others"`
}

// ResultLine is somebody of it.
type ResultLine struct {
	Line        int    `json:"line" doc:"in the list; 0: not on it"`
	Code        string `json:"code"`
	Name        string `json:"name"`
	Mark        string `json:"mark,omitempty" doc:"the number of the certificate that the document gives"`
	Standing    string `json:"standing" enum:"recommended,missing,known,held,unknown"`
	Case        string `json:"case,omitempty"`
	Certificate string `json:"certificate,omitempty"`
}

// ResultList is the results of a round.
type ResultList struct {
	Items  []Result `json:"items" nullable:"false"`
	Levels []string `json:"levels" nullable:"false" doc:"of which a result is, as the process says"`
	Waits  bool     `json:"waits" doc:"cases wait for the upper body, so that a result may be read in"`
}

// ResultDraft is what an officer states of a document whose list they read in.
type ResultDraft struct {
	Scheme, Issuer, Number, Level string
	PublishedOn                   string
	ValidFrom, ValidUntil         string // as the document says; empty: from the day of its publication, as long as the scheme says
	Name                          string // of the file
}

const resultKind = "result"

func init() {
	audit.RegisterRow(resultKind, resultDigest)
	audit.RegisterList(resultKind, audit.IDs("results"))
}

// States of a result.
const (
	resultRead      = "read"
	resultConfirmed = "confirmed"
	resultDropped   = "dropped"
)

// Standings of a line.
const (
	lineRecommended = "recommended"
	lineMissing     = "missing"
	lineKnown       = "known"
	lineHeld        = "held"
	lineUnknown     = "unknown"
)

type resultRow struct {
	bun.BaseModel `bun:"table:results,alias:x"`

	ID          string `bun:"id,pk"`
	Round       string `bun:"round"`
	Scheme      string `bun:"scheme"`
	State       string `bun:"state"`
	Issuer      string `bun:"issuer"`
	Number      string `bun:"number"`
	Level       string `bun:"level"`
	PublishedOn string `bun:"published_on"`
	ValidFrom   string `bun:"valid_from"`
	ValidUntil  string `bun:"valid_until"`
	FileName    string `bun:"file_name"`
	SHA256      string `bun:"sha256"`
	Listed      int64  `bun:"listed"`
	ReadAt      string `bun:"read_at"`
	ReadBy      string `bun:"read_by"`
	Reader      string `bun:"reader"`
	ClosedAt    string `bun:"closed_at"`
	ClosedBy    string `bun:"closed_by"`
	Closer      string `bun:"closer"`
	Version     int64  `bun:"version"`
}

type resultLineRow struct {
	bun.BaseModel `bun:"table:result_lines,alias:l"`

	Result      string `bun:"result,pk"`
	Position    int64  `bun:"position,pk"`
	Line        int64  `bun:"line"`
	Code        string `bun:"code"`
	Name        string `bun:"name"`
	Mark        string `bun:"mark"`
	Standing    string `bun:"standing"`
	Case        string `bun:"case_id"`
	Party       string `bun:"party"`
	Certificate string `bun:"certificate"`
}

// words are how a certificate cites the document.
func (x *resultRow) words() string {
	return fmt.Sprintf("%s %s（%s，%s公布）", x.Issuer, x.Number, x.Level, x.PublishedOn)
}

// concluding is the effect by which a process writes what an upper body published.
func concluding(p *policy.Process) *policy.Effect {
	if p == nil || p.Flow(flowRound) == nil {
		return nil
	}
	for _, a := range p.Flow(flowRound).Actions() {
		for i := range a.Do {
			if a.Do[i].Name == "conclude" {
				return &a.Do[i]
			}
		}
	}
	return nil
}

// check reads what an officer states of a document.
func (d *ResultDraft) check(today policy.Date, levels []string) (x resultRow, details []fault.Detail) {
	text := func(field, label, value string, most int) string {
		value = strings.TrimSpace(value)
		switch {
		case value == "":
			details = append(details, fault.At(field, "请填写%s", label))
		case utf8.RuneCountInString(value) > most || !store.Plain(value) || strings.Contains(value, "\n"):
			details = append(details, fault.At(field, "%s不能超过%d个字，也不能含控制字符", label, most))
		}
		return value
	}
	day := func(field, label, value string, asked bool) policy.Date {
		value = strings.TrimSpace(value)
		if value == "" && !asked {
			return 0
		}
		out, err := policy.ParseDate(value)
		if err != nil {
			details = append(details, fault.At(field, "请填写%s，写成2026-01-31这样", label))
		}
		return out
	}
	x = resultRow{Scheme: d.Scheme, Issuer: text("issuer", "公布机关", d.Issuer, 60), Number: text("number", "文号", d.Number, 40), Level: strings.TrimSpace(d.Level),
		FileName: strings.TrimSpace(d.Name)}
	if !slices.Contains(levels, x.Level) {
		details = append(details, fault.At("level", "请选择级别：%s", strings.Join(levels, "、")))
	}
	published := day("published_on", "公布日期", d.PublishedOn, true)
	from, until := day("valid_from", "有效期起始日", d.ValidFrom, false), day("valid_until", "有效期截止日", d.ValidUntil, false)
	if published > today {
		details = append(details, fault.At("published_on", "公布日期晚于今天"))
	}
	if from == 0 {
		from = published
	}
	if until != 0 && until < from {
		details = append(details, fault.At("valid_until", "有效期截止日早于起始日"))
	}
	x.PublishedOn, x.ValidFrom, x.ValidUntil = published.String(), from.String(), until.String()
	return x, details
}

// ReadResult reads in what an upper body published of the cases of a round that wait for it, all of the list or nothing, and in the place of
// what was read in before and is not confirmed. Invalid names every bad cell with the reason; Conflict while no case waits, and once one was
// confirmed; Forbidden to all but the officers of the round's department.
func (c *Casework) ReadResult(ctx context.Context, round string, d ResultDraft, file *ListFile) (*Result, error) {
	var out *Result
	err := store.Write(ctx, func(ctx context.Context) error {
		r, err := visibleRound(ctx, round)
		if err != nil {
			return err
		}
		if err := mayRun(ctx, r.Department); err != nil {
			return err
		}
		if err := holdRound(ctx, round); err != nil {
			return err
		}
		set, err := r.rules(ctx)
		if err != nil {
			return err
		}
		do := concluding(processOf(set, r.Process))
		if do == nil {
			return fault.New(fault.Conflict, "这个批次的流程不等上级公布结果")
		}
		if _, err := roundScheme(ctx, round, d.Scheme); err != nil {
			return err
		}
		scheme := set.Library.Scheme(d.Scheme)
		if scheme == nil || scheme.Grant() == nil {
			return fault.New(fault.Conflict, "这一条不是认定、荣誉、评级或许可，没有可以记下的证书", fault.At("scheme", "没有可以记下的证书"))
		}
		x, details := d.check(clock.Today(ctx), set.Library.Vocabulary().Levels()[do.Args["level"]])
		if len(details) > 0 {
			return fault.New(fault.Invalid, "请更正标出的内容", details...)
		}
		rows, err := waiting(ctx, round, d.Scheme, do.Args["from"])
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.Conflict, "这一条没有等上级公布结果的申报")
		}
		list, err := file.read()
		if err != nil {
			return err
		}
		x.ID, x.Round, x.State, x.SHA256, x.Listed, x.Version = store.NewID(), round, resultRead, file.SHA256, int64(len(list.rows)), 1
		x.ReadAt, x.ReadBy, x.Reader = store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID, by(ctx)
		lines, err := c.matched(ctx, list, x.ID, rows, scheme.Family())
		if err != nil {
			return err
		}
		if err := dropResult(ctx, round, d.Scheme); err != nil {
			return err
		}
		if err := x.insert(ctx, lines); err != nil {
			return err
		}
		if err := x.record(ctx, "result.read", lines); err != nil {
			return err
		}
		out, err = c.resultOf(ctx, &x)
		return err
	})
	return out, err
}

// holdRound takes a round, so that of two who change what hangs on it the second waits.
func holdRound(ctx context.Context, round string) error {
	_, err := store.Tx(ctx).NewRaw(`UPDATE rounds SET version = version WHERE id = ?`, round).Exec(ctx)
	return err
}

// waiting are the cases of a scheme that wait at a stage, in the order in which they were recommended; an empty scheme asks for all.
func waiting(ctx context.Context, round, scheme, stage string) ([]*caseRow, error) {
	rows := []*caseRow{}
	q := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.stage = ? AND c.ended = '' AND c.number <> ''", round, stage).OrderExpr("c.place, c.number")
	if scheme != "" {
		q = q.Where("c.scheme = ?", scheme)
	}
	return rows, q.Scan(ctx)
}

// matched says of everybody whom a list names who they are here, and of everybody who was recommended whether they are named. Invalid names
// every row that does not match, by its cell.
func (c *Casework) matched(ctx context.Context, list *publishedList, id string, rows []*caseRow, family []string) ([]resultLineRow, error) {
	byCode, byName := map[string]*caseRow{}, map[string]*caseRow{}
	for _, row := range rows {
		byCode[row.PartyCode] = row
		byName[registry.FoldName(row.PartyName)] = row
	}
	codes := make([]string, len(list.rows))
	for i, x := range list.rows {
		codes[i] = x.code
	}
	known, err := c.registry.ByCodes(ctx, codes)
	if err != nil {
		return nil, err
	}
	var ids, numbers []string
	for _, x := range list.rows {
		if p := known[x.code]; p.ID != "" {
			ids = append(ids, p.ID)
		}
		if x.mark != "" {
			numbers = append(numbers, x.mark)
		}
	}
	taken, err := c.certificates.Taken(ctx, numbers)
	if err != nil {
		return nil, err
	}
	holders, err := c.certificates.Holders(ctx, ids, family)
	if err != nil {
		return nil, err
	}
	seen, named, marks := map[string]int{}, map[string]bool{}, map[string]int{}
	var lines []resultLineRow
	for _, x := range list.rows {
		l := resultLineRow{Result: id, Position: int64(len(lines) + 1), Line: int64(x.line), Code: x.code, Name: x.name, Mark: x.mark, Standing: lineUnknown}
		if other := seen[x.code]; other != 0 {
			list.bad(x.line, headCode, "与第%d行是同一家企业", other)
			continue
		}
		seen[x.code] = x.line
		row, p := byCode[x.code], known[x.code]
		here := registry.FoldName(x.name)
		switch {
		case row != nil && here != registry.FoldName(row.PartyName) && here != registry.FoldName(p.Name):
			list.bad(x.line, headName, "代码是推荐的“%s”的，名称不一致", row.PartyName)
			continue
		case row == nil && byName[here] != nil:
			list.bad(x.line, headCode, "名称与推荐的“%s”相同，代码不同：推荐的是%s", byName[here].PartyName, byName[here].PartyCode)
			continue
		case row == nil && p.ID != "" && here != registry.FoldName(p.Name):
			list.bad(x.line, headName, "名录中这个代码是“%s”，名称不一致", p.Name)
			continue
		}
		if l.Mark != "" {
			switch {
			case taken[l.Mark]:
				list.bad(x.line, headMark, "这个编号已经用过")
			case marks[l.Mark] != 0:
				list.bad(x.line, headMark, "与第%d行的编号相同", marks[l.Mark])
			}
			marks[l.Mark] = x.line
		}
		holds := holders[p.ID]
		switch {
		case row != nil && holds:
			list.bad(x.line, headCode, "“%s”已持有有效的证书，不能再记一次", row.PartyName)
			continue
		case row != nil:
			l.Standing, l.Case, l.Party = lineRecommended, row.ID, row.Party
			named[row.ID] = true
		case holds:
			l.Standing, l.Party = lineHeld, p.ID
		case p.ID != "":
			l.Standing, l.Party = lineKnown, p.ID
		}
		lines = append(lines, l)
	}
	if err := list.wrong(); err != nil {
		return nil, err
	}
	for _, row := range rows {
		if !named[row.ID] {
			lines = append(lines, resultLineRow{Result: id, Position: int64(len(lines) + 1), Code: row.PartyCode, Name: row.PartyName, Standing: lineMissing, Case: row.ID, Party: row.Party})
		}
	}
	return lines, nil
}

// resultIn passes when what was published has been read in for every scheme of which cases wait.
func (c *Casework) resultIn(ctx context.Context, m process.Move, r *roundRow) error {
	set, err := r.rules(ctx)
	if err != nil {
		return err
	}
	do := concluding(processOf(set, r.Process))
	if do == nil {
		return fmt.Errorf("casework: round %s waits for no upper body", r.ID)
	}
	_, err = due(ctx, r.ID, do.Args["from"])
	return err
}

// due are the results that are to be confirmed of a round, by scheme, for every one of which cases wait. Conflict if one is not read in.
func due(ctx context.Context, round, stage string) (map[string]*resultRow, error) {
	rows, err := waiting(ctx, round, "", stage)
	if err != nil {
		return nil, err
	}
	out := map[string]*resultRow{}
	for _, row := range rows {
		if out[row.Scheme] != nil {
			continue
		}
		x, err := currentResult(ctx, round, row.Scheme)
		if err != nil {
			return nil, err
		}
		if x == nil || x.State != resultRead {
			return nil, fault.New(fault.Conflict, "上级还没有公布结果，或者公布的名单还没有导入")
		}
		out[row.Scheme] = x
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Conflict, "没有等上级公布结果的申报")
	}
	return out, nil
}

// conclude writes what the upper body published: a certificate, and with it the record, of everybody on the list who was recommended, and of
// everybody else on it who is of this register and holds none; the cases go to their ends. It is done by another person than read the list in,
// who says which lists they looked at.
func (c *Casework) conclude(ctx context.Context, m process.Move, r *roundRow) error {
	if err := holdRound(ctx, r.ID); err != nil {
		return err
	}
	results, err := due(ctx, r.ID, m.Args["from"])
	if err != nil {
		return err
	}
	var data struct {
		Results []string `json:"results"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	set, err := r.rules(ctx)
	if err != nil {
		return err
	}
	for id, x := range results {
		read, err := account.Did(ctx, x.ReadBy, resultKind, x.ID)
		switch {
		case err != nil:
			return err
		case !slices.Contains(data.Results, x.ID):
			return fault.New(fault.Conflict, "您看到的名单已经重新导入，请刷新后再核对", fault.At("data.results", "请核对现在的名单"))
		case read:
			return fault.New(fault.Forbidden, "导入名单的人不能核对自己导入的名单，请由他人核对")
		}
		scheme := set.Library.Scheme(id)
		if scheme == nil || scheme.Grant() == nil {
			return fmt.Errorf("casework: round %s: %s grants nothing", r.ID, id)
		}
		if err := c.concludeOne(ctx, m, r, x, scheme); err != nil {
			return err
		}
	}
	return nil
}

func (c *Casework) concludeOne(ctx context.Context, m process.Move, r *roundRow, x *resultRow, scheme *policy.Scheme) error {
	rows, err := waiting(ctx, r.ID, x.Scheme, m.Args["from"])
	if err != nil {
		return err
	}
	lines, err := resultLines(ctx, x.ID)
	if err != nil {
		return err
	}
	entry, err := roundScheme(ctx, r.ID, x.Scheme)
	if err != nil {
		return err
	}
	byID := map[string]*caseRow{}
	for _, row := range rows {
		byID[row.ID] = row
	}
	ways := map[string][]string{}
	for i := range lines {
		l := &lines[i]
		if l.Standing == lineUnknown || l.Standing == lineHeld {
			continue
		}
		row := byID[l.Case]
		if l.Case != "" && row == nil {
			return fault.New(fault.Conflict, "等结果的申报在名单导入以后变了，请重新导入名单", fault.At("data.results", "“%s”的申报已经不在等结果", l.Name))
		}
		delete(byID, l.Case)
		if l.Standing == lineMissing {
			ways[m.Args["rest"]] = append(ways[m.Args["rest"]], l.Case)
			continue
		}
		if err := c.grantPublished(ctx, m, x, l, row, entry, scheme); err != nil {
			if code := fault.CodeOf(err); code != fault.Internal {
				err = fault.Wrap(code, fmt.Sprintf("名单第%d行“%s”：%s", l.Line, l.Name, fault.Public(err).Message), err)
			}
			return err
		}
		if row != nil {
			ways[m.Args["to"]] = append(ways[m.Args["to"]], l.Case)
		}
	}
	if len(byID) > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("有%d件等结果的申报不在导入时的名单中，请重新导入名单", len(byID)))
	}
	for to, ids := range ways {
		n, err := c.engine.MoveSome(ctx, flowCase, ids, m.Args["from"], to, x.words())
		if err != nil {
			return err
		}
		if n != len(ids) {
			return fault.New(fault.Conflict, "有申报刚刚被他人办理，请刷新后再试")
		}
	}
	x.State, x.ClosedAt, x.ClosedBy, x.Closer = resultConfirmed, store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID, by(ctx)
	if err := x.close(ctx, lines); err != nil {
		return err
	}
	return x.record(ctx, "result.confirmed", lines)
}

// grantPublished writes the certificate of somebody on a list.
func (c *Casework) grantPublished(ctx context.Context, m process.Move, x *resultRow, l *resultLineRow, row *caseRow, entry *roundSchemeRow, scheme *policy.Scheme) error {
	p, err := c.registry.Named(account.System(ctx), l.Party)
	if err != nil {
		return err
	}
	g := scheme.Grant()
	n := NewCertificate{Scheme: x.Scheme, SchemeTitle: scheme.Title(), Kind: scheme.Kind(), Family: scheme.Family(), Grant: g, Party: l.Party, Holder: l.Name, Code: l.Code,
		Invented: p.Invented, Department: entry.Department, Town: p.Town, Number: l.Mark, Source: x.words()}
	if n.Number == "" { // the document gives none: where in which document somebody is named
		n.Number = fmt.Sprintf("%s-%d", x.Number, l.Line)
	}
	if n.From, err = policy.ParseDate(x.ValidFrom); err != nil {
		return err
	}
	n.Until, _ = policy.ParseDate(x.ValidUntil)
	b := Basis{Decision: m.Action.Title, Reason: strings.TrimSpace(m.Input.Reason), Cite: m.Args["cite"]}
	if row != nil {
		b.Case, b.CaseNumber = row.ID, row.Number
		if draft, err := row.readDraft(); err != nil {
			return err
		} else if draft.Certificate != nil {
			n.Details = draft.Certificate.Details
		}
	}
	if l.Certificate, err = c.certificates.Issue(ctx, n, b); err != nil || row == nil {
		return err
	}
	row.Certificate = l.Certificate
	if err := row.write(ctx); err != nil {
		return err
	}
	return row.record(ctx, "case.certified", map[string]string{"certificate": row.Certificate})
}

// Results are what was published of a round, the latest first, for who works at the desk of its department. NotFound if the actor may not see the round.
func (c *Casework) Results(ctx context.Context, round string) (*ResultList, error) {
	out := &ResultList{Items: []Result{}, Levels: []string{}}
	err := store.Read(ctx, func(ctx context.Context) error {
		out.Items = out.Items[:0]
		r, err := visibleRound(ctx, round)
		if err != nil {
			return err
		}
		if err := mustRead(ctx); err != nil {
			return err
		}
		set, err := r.rules(ctx)
		if err != nil {
			return err
		}
		if do := concluding(processOf(set, r.Process)); do != nil {
			out.Levels = orEmpty(set.Library.Vocabulary().Levels()[do.Args["level"]])
			rows, err := waiting(ctx, round, "", do.Args["from"])
			if err != nil {
				return err
			}
			out.Waits = len(rows) > 0
		}
		if !readsRound(ctx, r.Department) {
			return nil
		}
		rows := []resultRow{}
		if err := store.Tx(ctx).NewSelect().Model(&rows).Where("x.round = ? AND x.state <> ?", round, resultDropped).OrderExpr("x.read_at DESC, x.id DESC").Scan(ctx); err != nil {
			return err
		}
		for i := range rows {
			v, err := c.resultOf(ctx, &rows[i])
			if err != nil {
				return err
			}
			out.Items = append(out.Items, *v)
		}
		return nil
	})
	return out, err
}

// readsRound says whether the actor works for a department and for every town of it.
func readsRound(ctx context.Context, department string) bool {
	return slices.ContainsFunc(account.ActorFrom(ctx).Grants, func(g account.Grant) bool {
		return g.Town == "" && (g.Department == "" || g.Department == department) &&
			slices.Contains([]account.Role{account.RoleOfficer, account.RoleLeader, account.RoleAuditor}, g.Role)
	})
}

// mostShown is how many of those who are not of this register are shown.
const mostShown = 200

func (c *Casework) resultOf(ctx context.Context, x *resultRow) (*Result, error) {
	v := &Result{ID: x.ID, Round: x.Round, Scheme: x.Scheme, SchemeTitle: x.Scheme, State: x.State, Issuer: x.Issuer, Number: x.Number, Level: x.Level, FileName: x.FileName,
		SHA256: x.SHA256, Listed: int(x.Listed), ReadAt: x.ReadAt, Reader: x.Reader, Mine: account.ActorFrom(ctx).Same(x.ReadBy), ClosedAt: x.ClosedAt, Closer: x.Closer,
		Lines: []ResultLine{}}
	r, err := roundByID(ctx, x.Round)
	if err != nil {
		return nil, err
	}
	set, err := r.rules(ctx)
	if err != nil {
		return nil, err
	}
	v.PublishedOn, _ = policy.ParseDate(x.PublishedOn)
	v.ValidFrom, _ = policy.ParseDate(x.ValidFrom)
	v.ValidUntil, _ = policy.ParseDate(x.ValidUntil)
	if s := set.Library.Scheme(x.Scheme); s != nil {
		v.SchemeTitle = s.Title()
		if g := s.Grant(); v.ValidUntil == 0 && g != nil {
			v.ValidUntil = g.Until(v.ValidFrom)
		}
	}
	lines, err := resultLines(ctx, x.ID)
	if err != nil {
		return nil, err
	}
	counts := map[string]*int{lineRecommended: &v.Recommended, lineMissing: &v.Missing, lineKnown: &v.Known, lineHeld: &v.Held, lineUnknown: &v.Unknown}
	for _, l := range lines {
		*counts[l.Standing]++
		if l.Standing == lineUnknown && v.Unknown > mostShown {
			continue
		}
		v.Lines = append(v.Lines, ResultLine{Line: int(l.Line), Code: l.Code, Name: l.Name, Mark: l.Mark, Standing: l.Standing, Case: l.Case, Certificate: l.Certificate})
	}
	return v, nil
}

// currentResult is the one of a scheme of a round that counts, or nil.
func currentResult(ctx context.Context, round, scheme string) (*resultRow, error) {
	x := &resultRow{}
	err := store.Tx(ctx).NewSelect().Model(x).Where("x.round = ? AND x.scheme = ? AND x.state <> ?", round, scheme, resultDropped).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return x, err
}

// dropResult makes room for another result of a scheme. Conflict if the one that is there was confirmed.
func dropResult(ctx context.Context, round, scheme string) error {
	x, err := currentResult(ctx, round, scheme)
	if err != nil || x == nil {
		return err
	}
	if x.State == resultConfirmed {
		return fault.New(fault.Conflict, "这一条的结果已经核对记下，不能再导入")
	}
	lines, err := resultLines(ctx, x.ID)
	if err != nil {
		return err
	}
	x.State, x.ClosedAt, x.ClosedBy, x.Closer = resultDropped, store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID, by(ctx)
	if err := x.close(ctx, nil); err != nil {
		return err
	}
	return x.record(ctx, "result.dropped", lines)
}

func (x *resultRow) insert(ctx context.Context, lines []resultLineRow) error {
	if _, err := store.Tx(ctx).NewInsert().Model(x).Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return fault.New(fault.Conflict, "名单刚刚由他人导入，请刷新后再看")
		}
		return err
	}
	for some := range slices.Chunk(lines, 500) {
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// close writes how a result ended, with the certificates of its lines.
func (x *resultRow) close(ctx context.Context, lines []resultLineRow) error {
	was := x.Version
	x.Version++
	done, err := store.Tx(ctx).NewUpdate().Model(x).WherePK().Where("x.version = ? AND x.state = ?", was, resultRead).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "这份名单刚刚被他人办理，请刷新后再试"))
	}
	for _, l := range lines {
		if l.Certificate == "" {
			continue
		}
		if _, err := store.Tx(ctx).NewRaw(`UPDATE result_lines SET certificate = ? WHERE result = ? AND position = ?`, l.Certificate, l.Result, l.Position).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func resultLines(ctx context.Context, id string) ([]resultLineRow, error) {
	lines := []resultLineRow{}
	err := store.Tx(ctx).NewSelect().Model(&lines).Where("l.result = ?", id).OrderExpr("l.position").Scan(ctx)
	return lines, err
}

func (x *resultRow) record(ctx context.Context, action string, lines []resultLineRow) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: resultKind, ID: x.ID, Digest: x.digest(lines),
		Data: map[string]any{"round": x.Round, "number": x.Number, "listed": x.Listed, "sha256": x.SHA256}})
}

func (x *resultRow) digest(lines []resultLineRow) string {
	texts := []string{x.ID, x.Round, x.Scheme, x.State, x.Issuer, x.Number, x.Level, x.PublishedOn, x.ValidFrom, x.ValidUntil, x.FileName, x.SHA256, fmt.Sprint(x.Listed),
		x.ReadAt, x.ReadBy, x.Reader, x.ClosedAt, x.ClosedBy, x.Closer, fmt.Sprint(x.Version)}
	for _, l := range lines {
		texts = append(texts, fmt.Sprint(l.Position), fmt.Sprint(l.Line), l.Code, l.Name, l.Mark, l.Standing, l.Case, l.Party, l.Certificate)
	}
	return audit.Digest(texts...)
}

func resultDigest(ctx context.Context, id string) (string, error) {
	x := &resultRow{}
	err := store.Tx(ctx).NewSelect().Model(x).Where("x.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	lines, err := resultLines(ctx, id)
	if err != nil {
		return "", err
	}
	return x.digest(lines), nil
}
