package casework

import (
	"context"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Panels is what this room asks of the panels of experts.
type Panels interface {
	// Draw draws experts for the cases of a round, in the transaction of ctx. Conflict if too few may be drawn, or they were drawn already.
	Draw(ctx context.Context, p NewPanel, rules *policy.Panel) error
	// In says whether every score of the cases is in: Conflict if not.
	In(ctx context.Context, round string, cases []string) error
	// Sum makes the score of each case of what its experts gave. Conflict unless every score is in.
	Sum(ctx context.Context, round string, cases []string) (map[string]string, error)
	// Scores are the scores of a round's cases by their ids, once they were made; none before, and of a round without a panel.
	Scores(ctx context.Context, round string) (map[string]string, error)
	// Short says whether nobody is left to give some score: Conflict while the panel can go on.
	Short(ctx context.Context, round string) error
	// Signed says whether the minutes of the round's panel are signed: Conflict if not.
	Signed(ctx context.Context, round string) error
}

// NewPanel is what experts are drawn for.
type NewPanel struct {
	Round, Number, Title, Department string
	Cases                            []PanelCase
}

// PanelCase is a case that experts score.
type PanelCase struct {
	Case, Number, Department string
	Party, Name, Code        string
	Term                     string // what its score is stated as; empty: its scheme gives no places by a score

	Payee, PayeeCode string // who is paid for it, if another: the employer of a person
}

// drawPanel draws the experts who score the cases of the round at a stage.
func (c *Casework) drawPanel(ctx context.Context, m process.Move, r *roundRow) error {
	p, err := c.engine.Process(ctx, m.Instance.Definition)
	if err != nil {
		return err
	}
	set, err := r.rules(ctx)
	if err != nil {
		return err
	}
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.stage = ? AND c.ended = '' AND c.number <> ''", r.ID, m.Args["from"]).OrderExpr("c.number").
		Scan(ctx); err != nil {
		return err
	}
	n := NewPanel{Round: r.ID, Number: r.Number, Title: r.Title, Department: r.Department}
	for _, row := range rows {
		x := PanelCase{Case: row.ID, Number: row.Number, Department: row.Department, Party: row.Party, Name: row.PartyName, Code: row.PartyCode}
		if row.Payee != "" {
			payee, err := c.registry.Named(account.System(ctx), row.Payee)
			if err != nil {
				return err
			}
			x.Payee, x.PayeeCode = payee.Name, payee.Code
		}
		if s := set.Library.Scheme(row.Scheme); s != nil {
			x.Term = s.RankTerm()
		}
		n.Cases = append(n.Cases, x)
	}
	return c.panels.Draw(ctx, n, p.Flow(flowRound).Panel)
}

// going are the cases of a round that were handed in and have not ended.
func going(ctx context.Context, r *roundRow) ([]*caseRow, []string, error) {
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.ended = '' AND c.number <> ''", r.ID).OrderExpr("c.number").Scan(ctx); err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return rows, ids, nil
}

func (c *Casework) scoresIn(ctx context.Context, _ process.Move, r *roundRow) error {
	_, ids, err := going(ctx, r)
	if err != nil {
		return err
	}
	return c.panels.In(ctx, r.ID, ids)
}

// score states what the experts' scores come to as a fact of each applicant, which the scheme's ranking reads.
func (c *Casework) score(ctx context.Context, _ process.Move, r *roundRow) error {
	rows, ids, err := going(ctx, r)
	if err != nil {
		return err
	}
	scores, err := c.panels.Sum(ctx, r.ID, ids)
	if err != nil {
		return err
	}
	set, err := r.rules(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		s, score := set.Library.Scheme(row.Scheme), scores[row.ID]
		if s == nil || score == "" {
			return fault.New(fault.Conflict, "申报"+row.Number+"没有评分")
		}
		// The panel speaks for the office, whoever of it acts and whatever they may state by hand.
		if _, err := c.registry.StateIn(account.System(ctx), set.Library.Vocabulary(), registry.Statement{Party: row.Party, Term: s.RankTerm(), Value: score + "分",
			Evidence: r.Title + "专家评审 " + row.Number, Source: row.Department, Verified: true, StatedBy: by(ctx)}); err != nil {
			return err
		}
		if err := row.record(ctx, "case.scored", map[string]string{"score": score}); err != nil {
			return err
		}
	}
	return nil
}

// setPlaces keeps who comes first among cases of equal rank, with the reason.
func (c *Casework) setPlaces(ctx context.Context, m process.Move, r *roundRow) error {
	var data struct {
		Places []string `json:"places"`
	}
	if err := read(m.Input.Data, &data); err != nil {
		return err
	}
	reason := strings.TrimSpace(m.Input.Reason)
	if len(data.Places) < 2 || len(data.Places) > 100 {
		return fault.New(fault.Invalid, "请写明并列的先后", fault.At("data.places", "请把并列的各件依次排好，至少两件"))
	}
	if utf8.RuneCountInString(reason) > 1000 || !store.Plain(reason) {
		return fault.New(fault.Invalid, "理由过长或含有不允许的字符", fault.At("reason", "不超过1000字"))
	}
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.ended = '' AND c.number <> '' AND c.number IN (?)", r.ID, bun.List(data.Places)).Scan(ctx); err != nil {
		return err
	}
	scores, err := c.panels.Scores(ctx, r.ID)
	if err != nil {
		return err
	}
	for i, number := range data.Places {
		at := slices.IndexFunc(rows, func(x *caseRow) bool { return x.Number == number })
		switch {
		case at < 0:
			return fault.New(fault.Invalid, "本批没有编号"+number+"的申报，或已经办结", fault.At("data.places", "没有编号%s的申报", number))
		case slices.Index(data.Places, number) != i:
			return fault.New(fault.Invalid, "同一件写了两次", fault.At("data.places", "%s写了两次", number))
		case scores[rows[at].ID] != scores[rows[0].ID]:
			return fault.New(fault.Invalid, "只有得分相同的才由人排先后", fault.At("data.places", "%s的得分与其他的不同", number))
		}
	}
	for _, row := range rows {
		row.Place, row.PlaceReason = int64(slices.Index(data.Places, row.Number)+1), reason
		if err := row.write(ctx); err != nil {
			return err
		}
		if err := row.record(ctx, "case.placed", map[string]any{"place": row.Place}); err != nil {
			return err
		}
	}
	return nil
}

// PlacedCase is a case that a person put in its place among those of equal rank.
type PlacedCase struct {
	Number, Party string
	Place         int
	Reason        string
}

// Placed are those of a round, whoever asks: for the minutes of its panel, whose reader was checked.
func (c *Casework) Placed(ctx context.Context, round string) ([]PlacedCase, error) {
	rows := []*caseRow{}
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.round = ? AND c.place > 0", round).OrderExpr("c.place, c.number").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]PlacedCase, len(rows))
	for i, row := range rows {
		out[i] = PlacedCase{row.Number, row.PartyName, int(row.Place), row.PlaceReason}
	}
	return out, nil
}

// EvidenceOf is what was attached to a case, whoever asks: for a panel's experts, who were checked.
func (c *Casework) EvidenceOf(ctx context.Context, id string) ([]MaterialFile, error) {
	row, err := caseByID(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.materials(ctx, row)
}

// OpenEvidence is a file of it, with its content. The caller closes it.
func (c *Casework) OpenEvidence(ctx context.Context, id, file string) (files.File, io.ReadCloser, error) {
	row := fileRow{}
	err := store.Read(ctx, func(ctx context.Context) error {
		row = fileRow{}
		return notFoundFile(store.Tx(ctx).NewSelect().Model(&row).Where("f.id = ? AND f.case_id = ? AND f.removed_at = ''", file, id).Scan(ctx))
	})
	if err != nil {
		return files.File{}, nil, err
	}
	return files.Open(ctx, row.File)
}
