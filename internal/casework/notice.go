package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Notice is what the public may object to: the table of what a round comes to (汇总表), as it was published. It is never changed; when an
// outcome changes, another takes its place and its time runs anew.
type Notice struct {
	ID          string       `json:"id"`
	Round       string       `json:"round"`
	RoundTitle  string       `json:"round_title"`
	Number      int          `json:"number" doc:"the first notice of a round is 1"`
	Title       string       `json:"title"`
	Body        string       `json:"body"`
	PublishedOn policy.Date  `json:"published_on"`
	Until       policy.Date  `json:"until" doc:"the last day on which objections are received"`
	Days        int          `json:"days"`
	Unit        string       `json:"unit" enum:"工作日,日"`
	Total       policy.Fen   `json:"total"`
	Lines       []NoticeLine `json:"lines" nullable:"false"`
	Running     bool         `json:"running" doc:"objections are received today"`
	Replaces    string       `json:"replaces,omitempty"`
	ReplacedBy  string       `json:"replaced_by,omitempty"`
	Reason      string       `json:"reason,omitempty" doc:"why there is a notice anew"`
	Rule        string       `json:"rule" doc:"how to object, with what it rests on"`
}

// NoticeLine is a line of the table.
type NoticeLine struct {
	Case   string     `json:"case"`
	Number string     `json:"number"`
	Party  string     `json:"party"`
	Scheme string     `json:"scheme"`
	Title  string     `json:"title" doc:"of the scheme"`
	Amount policy.Fen `json:"amount"`
	Level  string     `json:"level,omitempty" doc:"that a rating comes to"`
}

// objectionRule is how an objection is made; what it rests on stands in the process file, with the period of the notice.
const objectionRule = "对公示内容有异议的，请在公示期内以书面形式实名提出：个人写明真实姓名和联系方式，单位写明全称和联系方式并附加盖公章的书面意见，同时附事实依据。匿名异议不予受理。"

const noticeKind = "notice"

func init() {
	audit.RegisterRow(noticeKind, noticeDigest)
	audit.RegisterList(noticeKind, audit.IDs("notices"))
}

type noticeRow struct {
	bun.BaseModel `bun:"table:notices,alias:n"`

	ID          string `bun:"id,pk"`
	Round       string `bun:"round"`
	Number      int64  `bun:"number"`
	Title       string `bun:"title"`
	Body        string `bun:"body"`
	PublishedOn string `bun:"published_on"`
	Until       string `bun:"until_date"`
	Days        int64  `bun:"days"`
	Unit        string `bun:"unit"`
	Total       int64  `bun:"total"`
	Rule        string `bun:"rule"`
	Replaces    string `bun:"replaces"`
	Reason      string `bun:"reason"`
	PublishedAt string `bun:"published_at"`
	PublishedBy string `bun:"published_by"`
}

type noticeLineRow struct {
	bun.BaseModel `bun:"table:notice_lines,alias:l"`

	Notice    string `bun:"notice,pk"`
	Position  int64  `bun:"position,pk"`
	Case      string `bun:"case_id"`
	Number    string `bun:"number"`
	PartyName string `bun:"party_name"`
	Scheme    string `bun:"scheme"`
	Title     string `bun:"title"`
	Amount    int64  `bun:"amount"`
	Level     string `bun:"level"`
}

// firstNotice is what the first notice of a round replaces: the round itself, so that there is only one first.
func firstNotice(round string) string { return "round:" + round }

// publish makes the public notice of a settled round: every case that comes to money, in the order of its number. A round that has one
// already gets another that takes its place. The time runs from the day after: as long as the round says, else as the action in the process
// file does.
func (c *Casework) publish(ctx context.Context, m process.Move, r *roundRow) error {
	var data struct {
		Title string `json:"title"`
		Body  string `json:"body"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	last, err := lastNotice(ctx, r.ID)
	if err != nil {
		return err
	}
	n := noticeRow{ID: store.NewID(), Round: r.ID, Number: 1, Title: strings.TrimSpace(data.Title), Body: strings.TrimSpace(data.Body), Days: r.NoticeDays,
		Unit: r.NoticeUnit, Rule: objectionRule, Replaces: firstNotice(r.ID), Reason: strings.TrimSpace(m.Input.Reason), PublishedAt: store.Stamp(clock.Now(ctx)), PublishedBy: by(ctx)}
	what, err := r.tells(ctx)
	if err != nil {
		return err
	}
	if n.Title == "" {
		n.Title = "关于" + r.Title + what.title + "名单的公示"
	}
	if utf8.RuneCountInString(n.Title) > 200 || utf8.RuneCountInString(n.Body) > 20000 || !store.Plain(n.Title+n.Body) {
		return fault.New(fault.Invalid, "公示的标题或正文过长，或含有不允许的字符", fault.At("data.title", "标题不超过200字，正文不超过2万字"))
	}
	if last != nil {
		n.Number, n.Replaces = last.Number+1, last.ID
		if n.Reason == "" {
			return fault.New(fault.Invalid, "重新公示请写明原因", fault.At("reason", "请写明重新公示的原因"))
		}
	}
	if period := m.Action.Period; n.Days == 0 {
		n.Days, n.Unit = int64(period.N), period.Unit
		if period.Cite != "" {
			n.Rule += "（" + period.Cite + "）"
		}
	} else {
		n.Rule += "（公示期由组织部门为本批确定）"
	}
	today := clock.Today(ctx)
	until, err := lastDay(ctx, today, int(n.Days), n.Unit)
	if err != nil {
		return err
	}
	n.PublishedOn, n.Until = today.String(), until.String()
	lines, total, err := c.noticeLines(ctx, r, n.ID)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fault.New(fault.Conflict, "这个批次没有可以公示的申报")
	}
	n.Total = total
	if _, err := store.Tx(ctx).NewInsert().Model(&n).Exec(ctx); err != nil {
		if store.IsUnique(err) {
			return fault.New(fault.Conflict, "公示刚刚由他人发布，请刷新后再看")
		}
		return err
	}
	for from := 0; from < len(lines); from += 500 {
		some := lines[from:min(from+500, len(lines))]
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
	}
	digest, err := noticeDigest(ctx, n.ID)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: "notice.published", Kind: noticeKind, ID: n.ID, Digest: digest,
		Data: map[string]any{"round": r.ID, "lines": len(lines), "fen": n.Total, "until": n.Until}})
}

func (c *Casework) noticeLines(ctx context.Context, r *roundRow, notice string) ([]noticeLineRow, int64, error) {
	set, err := r.rules(ctx)
	if err != nil {
		return nil, 0, err
	}
	what, err := r.tells(ctx)
	if err != nil {
		return nil, 0, err
	}
	rows := []caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.number <> '' AND c.ended = '' AND "+what.names, r.ID).
		OrderExpr(what.order).Scan(ctx); err != nil {
		return nil, 0, err
	}
	lines, total := make([]noticeLineRow, len(rows)), int64(0)
	for i, row := range rows {
		lines[i] = noticeLineRow{Notice: notice, Position: int64(i + 1), Case: row.ID, Number: row.Number, PartyName: row.PartyName, Scheme: row.Scheme,
			Title: outcome(liteOf(set, row.Scheme, clock.Today(ctx)).Title, row.Thing, row.Level), Amount: max(0, row.Settled)}
		if what == noticeOfLevels { // in a column of its own
			lines[i].Title, lines[i].Level = titled(liteOf(set, row.Scheme, clock.Today(ctx)).Title, row.Thing), row.Level
		}
		total += max(0, row.Settled)
	}
	return lines, total, nil
}

// noticeOf is what a notice of a round tells of: title is what the list is called, names the cases on it, order theirs, and same says that a
// line still says what would be decided.
type noticeOf struct{ title, names, order, same string }

var (
	// Where the process decides sums of money, the cases that come to some.
	noticeOfMoney = &noticeOf{"拟兑现", "c.settled > 0", "c.number", "l.amount = c.settled"}
	// Where it verifies scores, those whose level is decided.
	noticeOfLevels = &noticeOf{"拟评定等级", "c.level <> ''", "c.number", "l.level = c.level"}
	// Else those on the list that is recommended upward.
	noticeOfPlaces = &noticeOf{"拟推荐", "c.place > 0", "c.place, c.number", "(l.amount = c.settled OR c.settled < 0 AND l.amount = 0)"}
)

// tells is what the notices of a round tell of.
func (r *roundRow) tells(ctx context.Context) (*noticeOf, error) {
	set, err := r.rules(ctx)
	if err != nil {
		return nil, err
	}
	switch p := processOf(set, r.Process); {
	case p != nil && p.Decides():
		return noticeOfMoney, nil
	case p != nil && len(p.Sheets) > 0:
		return noticeOfLevels, nil
	}
	return noticeOfPlaces, nil
}

func lastNotice(ctx context.Context, round string) (*noticeRow, error) {
	row := &noticeRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("n.round = ?", round).OrderExpr("n.number DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return row, err
}

// noticeOver passes when the last day of the round's latest notice is over, and its table is still what would be decided.
func (c *Casework) noticeOver(ctx context.Context, _ process.Move, r *roundRow) error {
	n, err := lastNotice(ctx, r.ID)
	if err != nil {
		return err
	}
	if n == nil {
		return fault.New(fault.Conflict, "这个批次还没有公示")
	}
	if today := clock.Today(ctx).String(); today <= n.Until {
		return fault.New(fault.Conflict, fmt.Sprintf("公示期到%s届满，届满后才能办理", n.Until))
	}
	// What is decided must be what the public saw: a case whose sum changed since, or that was not in the table, needs a notice anew.
	what, err := r.tells(ctx)
	if err != nil {
		return err
	}
	var changed int
	if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM cases AS c WHERE c.round = ? AND c.number <> '' AND c.ended = '' AND `+what.names+` AND NOT EXISTS
		(SELECT 1 FROM notice_lines AS l WHERE l.notice = ? AND l.case_id = c.id AND `+what.same+`)`, r.ID, n.ID).Scan(ctx, &changed); err != nil {
		return err
	}
	if changed > 0 {
		return fault.New(fault.Conflict, fmt.Sprintf("有%d件的结果在公示后改变，请重新公示", changed))
	}
	return nil
}

// NoticePage is a page of notices.
type NoticePage struct {
	Items []Notice `json:"items" nullable:"false"`
	Total int      `json:"total"`
	Page  int      `json:"page"`
}

// Notices lists notices without their tables, the latest first; running: only those that receive objections today. Everybody may read them.
func (c *Casework) Notices(ctx context.Context, running bool, round string, page, count int) (*NoticePage, error) {
	out := &NoticePage{Page: page, Items: []Notice{}}
	err := store.Read(ctx, func(ctx context.Context) error {
		out.Items = out.Items[:0]
		where, args := "1 = 1", []any(nil)
		if running {
			where, args = where+` AND n.until_date >= ? AND NOT EXISTS (SELECT 1 FROM notices AS x WHERE x.replaces = n.id)`, append(args, clock.Today(ctx).String())
		}
		if round != "" {
			where, args = where+` AND n.round = ?`, append(args, round)
		}
		rows := []noticeRow{}
		total, err := store.Tx(ctx).NewSelect().Model(&rows).Where(where, args...).OrderExpr("n.published_at DESC, n.id DESC").
			Limit(per(count)).Offset(offset(page, count)).ScanAndCount(ctx)
		if err != nil {
			return err
		}
		out.Total = int(total)
		out.Items, err = noticeViews(ctx, rows)
		return err
	})
	return out, err
}

// Notice with its table. Everybody may read it.
func (c *Casework) Notice(ctx context.Context, id string) (*Notice, error) {
	var out *Notice
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := noticeByID(ctx, id)
		if err != nil {
			return err
		}
		if out, err = row.view(ctx); err != nil {
			return err
		}
		lines, err := linesOf(ctx, id)
		if err != nil {
			return err
		}
		for _, l := range lines {
			out.Lines = append(out.Lines, NoticeLine{Case: l.Case, Number: l.Number, Party: l.PartyName, Scheme: l.Scheme, Title: l.Title, Amount: policy.Fen(l.Amount), Level: l.Level})
		}
		return nil
	})
	return out, err
}

func noticeByID(ctx context.Context, id string) (*noticeRow, error) {
	row := &noticeRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("n.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "没有这份公示")
	}
	return row, err
}

func linesOf(ctx context.Context, notice string) ([]noticeLineRow, error) {
	lines := []noticeLineRow{}
	err := store.Tx(ctx).NewSelect().Model(&lines).Where("l.notice = ?", notice).OrderExpr("l.position").Scan(ctx)
	return lines, err
}

// view is a notice without its table.
func (n *noticeRow) view(ctx context.Context) (*Notice, error) {
	list, err := noticeViews(ctx, []noticeRow{*n})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// noticeViews are notices without their tables: their rounds and what replaces them in two queries.
func noticeViews(ctx context.Context, rows []noticeRow) ([]Notice, error) {
	out := make([]Notice, 0, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	ids, roundIDs := make([]string, len(rows)), make([]string, len(rows))
	for i, n := range rows {
		ids[i], roundIDs[i] = n.ID, n.Round
	}
	rounds, err := roundsByID(ctx, roundIDs)
	if err != nil {
		return nil, err
	}
	later := []noticeRow{}
	if err := store.Tx(ctx).NewSelect().Model(&later).Column("id", "replaces").Where("n.replaces IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	replaced := map[string]string{}
	for _, n := range later {
		replaced[n.Replaces] = n.ID
	}
	for i := range rows {
		n := &rows[i]
		v := Notice{ID: n.ID, Round: n.Round, RoundTitle: rounds[n.Round].Title, Number: int(n.Number), Title: n.Title, Body: n.Body, Days: int(n.Days), Unit: n.Unit,
			Total: policy.Fen(n.Total), Lines: []NoticeLine{}, Reason: n.Reason, Rule: n.Rule, ReplacedBy: replaced[n.ID]}
		v.PublishedOn, _ = policy.ParseDate(n.PublishedOn)
		v.Until, _ = policy.ParseDate(n.Until)
		if n.Replaces != firstNotice(n.Round) {
			v.Replaces = n.Replaces
		}
		v.Running = v.ReplacedBy == "" && clock.Today(ctx) <= v.Until
		out = append(out, v)
	}
	return out, nil
}

func noticeDigest(ctx context.Context, id string) (string, error) {
	n, err := noticeByID(ctx, id)
	if fault.CodeOf(err) == fault.NotFound {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	lines, err := linesOf(ctx, id)
	if err != nil {
		return "", err
	}
	texts := []string{n.ID, n.Round, fmt.Sprint(n.Number), n.Title, n.Body, n.PublishedOn, n.Until, fmt.Sprint(n.Days), n.Unit, fmt.Sprint(n.Total), n.Rule, n.Replaces,
		n.Reason, n.PublishedAt, n.PublishedBy}
	for _, l := range lines {
		texts = append(texts, fmt.Sprint(l.Position), l.Case, l.Number, l.PartyName, l.Scheme, l.Title, fmt.Sprint(l.Amount))
		if l.Level != "" { // what was published before there were levels has the digest that it had
			texts = append(texts, l.Level)
		}
	}
	return audit.Digest(texts...), nil
}

// clauseOf is how a document cites a scheme: its number and clause.
func clauseOf(set *schemes.Compiled, id string) string {
	s := set.Library.Scheme(id)
	if s == nil {
		return id
	}
	number := s.Document().Info().Number
	if number == "" {
		number = s.Document().Info().Title
	}
	return strings.TrimSpace(number + " " + s.Cite())
}
