package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// Reply is an answer to what somebody asked the office (a service request), and how the asker rates it.
type Reply struct {
	Case       string `json:"case"`
	Number     string `json:"number"`
	Title      string `json:"title" doc:"of the scheme"`
	PartyName  string `json:"party_name"`
	Department string `json:"department"`
	Question   string `json:"question"`
	Answer     string `json:"answer"`
	AnsweredAt string `json:"answered_at"`
	AnsweredBy string `json:"answered_by,omitempty" doc:"the desk alone"`
	Score      int    `json:"score" doc:"1 to 5; 0: not rated"`
	Words      string `json:"words,omitempty"`
	RatedAt    string `json:"rated_at,omitempty"`
}

// ReplyPage is a page of replies, with what all that the filter leaves come to.
type ReplyPage struct {
	Items  []Reply `json:"items" nullable:"false"`
	Total  int     `json:"total"`
	Page   int     `json:"page"`
	Scores []int   `json:"scores" nullable:"false" doc:"how many ratings of 1, 2, 3, 4 and 5"`
}

const replyKind = "reply"

func init() {
	audit.RegisterRow(replyKind, replyDigest)
	audit.RegisterList(replyKind, audit.IDs("case_replies"))
}

type replyRow struct {
	ID         string `bun:"id"` // of the case
	Answer     string `bun:"answer"`
	AnsweredAt string `bun:"answered_at"`
	AnsweredBy string `bun:"answered_by"`
	Score      int64  `bun:"score"`
	Words      string `bun:"words"`
	RatedAt    string `bun:"rated_at"`
	RatedBy    string `bun:"rated_by"`
}

const replyColumns = `id, answer, answered_at, answered_by, score, words, rated_at, rated_by`

// said is a text that somebody wrote, trimmed; a detail says what is wrong with it.
func said(field, text string, least, most int, what string) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < least || n > most || !store.Plain(text) {
		return "", fault.New(fault.Invalid, what, fault.At(field, "%s，不超过%d字", what, most))
	}
	return text, nil
}

// keepAnswer keeps what the office answered. An answer anew takes the place of the last, which stays in the history; its rating goes with it.
func (c *Casework) keepAnswer(ctx context.Context, m process.Move, row *caseRow) error {
	var data struct {
		Answer string `json:"answer"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	text, err := said("data.answer", data.Answer, 1, 5000, "请写明答复")
	if err != nil {
		return err
	}
	if _, err := store.Tx(ctx).NewRaw(`INSERT INTO case_replies (`+replyColumns+`) VALUES (?, ?, ?, ?, 0, '', '', '') ON CONFLICT (id) DO UPDATE SET
		answer = excluded.answer, answered_at = excluded.answered_at, answered_by = excluded.answered_by, score = 0, words = '', rated_at = '', rated_by = ''`,
		row.ID, text, store.Stamp(clock.Now(ctx)), by(ctx)).Exec(ctx); err != nil {
		return err
	}
	return recordReply(ctx, "case.answered", row.ID)
}

// keepRating keeps how the asker rates the answer: one to five, with words where it is less than three.
func (c *Casework) keepRating(ctx context.Context, m process.Move, row *caseRow) error {
	var data struct {
		Rating struct {
			Score int    `json:"score"`
			Words string `json:"words"`
		} `json:"rating"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	if data.Rating.Score < 1 || data.Rating.Score > 5 {
		return fault.New(fault.Invalid, "请选择评价", fault.At("data.rating.score", "请选1至5分"))
	}
	least := 0
	if data.Rating.Score < 3 {
		least = 1
	}
	words, err := said("data.rating.words", data.Rating.Words, least, 1000, "不满意的请写明哪里不满意")
	if err != nil {
		return err
	}
	res, err := store.Tx(ctx).NewRaw(`UPDATE case_replies SET score = ?, words = ?, rated_at = ?, rated_by = ? WHERE id = ?`,
		data.Rating.Score, words, store.Stamp(clock.Now(ctx)), account.ActorFrom(ctx).AccountID, row.ID).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "还没有答复，不能评价"))
	}
	return recordReply(ctx, "case.rated", row.ID)
}

// answers says whether somebody of an office answers what is asked in a case of the process.
func (c *Casework) answers(ctx context.Context, row *caseRow) (bool, error) {
	p, err := c.engine.Process(ctx, row.Process)
	if err != nil {
		return false, err
	}
	return p.Flow(flowCase).Has(func(a *policy.Action) bool { return a.Does("answer") }), nil
}

// Replied is what was answered in a case.
type Replied struct {
	Reply *Reply `json:"reply,omitempty" doc:"absent while nothing is answered"`
}

// ReplyFilter selects replies.
type ReplyFilter struct {
	Round, Department string
	Score             int // that rating alone; 0: any, also none
	Page, Per         int
}

// Replies lists what was answered to those whose cases the actor may see, the latest first: the list of ratings of a department, for those who
// work at the desk.
func (c *Casework) Replies(ctx context.Context, f ReplyFilter) (*ReplyPage, error) {
	out := &ReplyPage{Page: f.Page, Items: []Reply{}, Scores: make([]int, 5)}
	err := store.Read(ctx, func(ctx context.Context) error {
		out.Items, out.Scores = out.Items[:0], make([]int, 5)
		if err := mustRead(ctx); err != nil {
			return err
		}
		where, args := caseScope(ctx, "c")
		for _, x := range []struct{ column, value string }{{"round", f.Round}, {"department", f.Department}} {
			if x.value != "" {
				where, args = where+` AND c.`+x.column+` = ?`, append(args, x.value)
			}
		}
		var counts []struct {
			Score int `bun:"score"`
			Count int `bun:"total"`
		}
		if err := store.Tx(ctx).NewRaw(`SELECT a.score, COUNT(*) AS total FROM case_replies AS a JOIN cases AS c ON c.id = a.id WHERE `+where+` GROUP BY a.score`, args...).
			Scan(ctx, &counts); err != nil {
			return err
		}
		out.Total = 0
		for _, x := range counts {
			if x.Score > 0 && x.Score <= len(out.Scores) {
				out.Scores[x.Score-1] = x.Count
			}
			if f.Score == 0 || f.Score == x.Score {
				out.Total += x.Count
			}
		}
		if f.Score != 0 {
			where, args = where+` AND a.score = ?`, append(args, f.Score)
		}
		var ids []string
		if err := store.Tx(ctx).NewRaw(`SELECT a.id FROM case_replies AS a JOIN cases AS c ON c.id = a.id WHERE `+where+` ORDER BY a.answered_at DESC, a.id DESC LIMIT ? OFFSET ?`,
			append(args, per(f.Per), offset(f.Page, f.Per))...).Scan(ctx, &ids); err != nil {
			return err
		}
		for _, id := range ids {
			r, err := c.replyOf(ctx, id)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, *r)
		}
		return nil
	})
	return out, err
}

// ReplyTo is what was answered in a case that the actor may see; nil while nothing is. NotFound if the actor may not see the case.
func (c *Casework) ReplyTo(ctx context.Context, id string) (*Reply, error) {
	var out *Reply
	err := store.Read(ctx, func(ctx context.Context) error {
		if _, err := visibleCase(ctx, id); err != nil {
			return err
		}
		r, err := replyByID(ctx, id)
		if err != nil || r == nil {
			return err
		}
		out, err = c.replyOf(ctx, id)
		return err
	})
	return out, err
}

func (c *Casework) replyOf(ctx context.Context, id string) (*Reply, error) {
	r, err := replyByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fault.New(fault.NotFound, "还没有答复")
	}
	row, err := caseByID(ctx, id)
	if err != nil {
		return nil, err
	}
	set, err := row.rules(ctx)
	if err != nil {
		return nil, err
	}
	draft, err := row.shownDraft(ctx)
	if err != nil {
		return nil, err
	}
	v := &Reply{Case: row.ID, Number: row.Number, Title: titled(liteOf(set, row.Scheme, clock.Today(ctx)).Title, row.Thing), PartyName: row.PartyName, Department: row.Department,
		Question: draft.Note, Answer: r.Answer, AnsweredAt: r.AnsweredAt, Score: int(r.Score), Words: r.Words, RatedAt: r.RatedAt}
	if account.ActorFrom(ctx).Reader() {
		v.AnsweredBy = r.AnsweredBy
	}
	return v, nil
}

func replyByID(ctx context.Context, id string) (*replyRow, error) {
	r := &replyRow{}
	err := store.Tx(ctx).NewRaw(`SELECT `+replyColumns+` FROM case_replies WHERE id = ?`, id).Scan(ctx, r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

func recordReply(ctx context.Context, action, id string) error {
	digest, err := replyDigest(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: replyKind, ID: id, Digest: digest})
}

func replyDigest(ctx context.Context, id string) (string, error) {
	r, err := replyByID(ctx, id)
	if err != nil {
		return "", err
	}
	if r == nil {
		return audit.Deleted, nil
	}
	return audit.Digest(r.ID, r.Answer, r.AnsweredAt, r.AnsweredBy, fmt.Sprint(r.Score), r.Words, r.RatedAt, r.RatedBy), nil
}
