package casework

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/lot"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/policy"
)

// Sample (抽查) is a share of the cases of a round, drawn at random to be looked at by people after they were decided by facts alone. Nobody
// can know before what is drawn, since the seed is made with the draw; nobody can draw again, since all that were in it have gone on; and
// anybody who has what is kept here can draw it once more on paper: in the order of HMAC-SHA256 of each number under the seed, the first ones.
type Sample struct {
	ID      string       `json:"id"`
	Round   string       `json:"round"`
	Share   string       `json:"share" doc:"as the process says it"`
	Seed    string       `json:"seed" doc:"32 random bytes, hex: the key of HMAC-SHA256"`
	Cases   int          `json:"cases" doc:"how many it was drawn from"`
	Drawn   int          `json:"drawn" doc:"the share of them, rounded up"`
	DrawnAt string       `json:"drawn_at"`
	DrawnBy string       `json:"drawn_by"`
	Holds   bool         `json:"holds" doc:"drawn once more from what is kept, it is the same"`
	Lines   []SampleLine `json:"lines" nullable:"false" doc:"all that it was drawn from, in the order of their numbers"`
}

// SampleLine is a case that was in a draw.
type SampleLine struct {
	Case   string `json:"case"`
	Number string `json:"number"`
	Party  string `json:"party" doc:"name"`
	Drawn  bool   `json:"drawn"`
	Stage  string `json:"stage" doc:"where it stands now"`
}

// SampleList is the draws of a round.
type SampleList struct {
	Items []Sample `json:"items" nullable:"false"`
}

const sampleKind = "sample"

func init() {
	audit.RegisterRow(sampleKind, sampleDigest)
	audit.RegisterList(sampleKind, audit.IDs("samples"))
}

// draw is which of some numbers are drawn: the share of them, rounded up, in the order of the lot.
func draw(seed string, share *big.Rat, numbers []string) map[string]bool {
	order, ok := lot.Order(seed, numbers)
	if !ok {
		return nil
	}
	count := new(big.Rat).Mul(share, new(big.Rat).SetInt64(int64(len(numbers))))
	whole, rest := new(big.Int).QuoRem(count.Num(), count.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	out := map[string]bool{}
	for _, n := range order[:whole.Int64()] {
		out[n] = true
	}
	return out
}

type sampleRow struct {
	ID      string `bun:"id"`
	Round   string `bun:"round"`
	Share   string `bun:"share"`
	Seed    string `bun:"seed"`
	Cases   int64  `bun:"cases"`
	Drawn   int64  `bun:"drawn"`
	DrawnAt string `bun:"drawn_at"`
	DrawnBy string `bun:"drawn_by"`
}

type sampleLineRow struct {
	bun.BaseModel `bun:"table:sample_lines"`

	Sample string `bun:"sample"`
	Case   string `bun:"case_id"`
	Number string `bun:"number"`
	Drawn  int    `bun:"drawn"`
}

const sampleColumns = `id, round, share, seed, cases, drawn, drawn_at, drawn_by`

// sample draws a share of the cases of a round that stand at a stage; those go to be looked at, the rest goes on.
func (c *Casework) sample(ctx context.Context, m process.Move, r *roundRow) error {
	share, ok := policy.ShareOf(m.Args["share"])
	if !ok {
		return fmt.Errorf("casework: a share of %q", m.Args["share"])
	}
	// Who draws at the same moment waits, and finds nothing left.
	if _, err := store.Tx(ctx).NewRaw(`UPDATE rounds SET version = version WHERE id = ?`, r.ID).Exec(ctx); err != nil {
		return err
	}
	var lines []sampleLineRow
	if err := store.Tx(ctx).NewRaw(`SELECT id AS case_id, number FROM cases WHERE round = ? AND stage = ? AND ended = '' AND number <> '' ORDER BY number`,
		r.ID, m.Args["from"]).Scan(ctx, &lines); err != nil {
		return err
	}
	if len(lines) == 0 {
		return fault.New(fault.Conflict, "现在没有等待抽查的申报")
	}
	seed := lot.Seed()
	numbers := make([]string, len(lines))
	for i, l := range lines {
		numbers[i] = l.Number
	}
	drawn := draw(seed, share, numbers)
	s := sampleRow{ID: store.NewID(), Round: r.ID, Share: m.Args["share"], Seed: seed, Cases: int64(len(lines)), Drawn: int64(len(drawn)),
		DrawnAt: store.Stamp(clock.Now(ctx)), DrawnBy: by(ctx)}
	if _, err := store.Tx(ctx).NewRaw(`INSERT INTO samples (`+sampleColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, s.ID, s.Round, s.Share, s.Seed, s.Cases, s.Drawn,
		s.DrawnAt, s.DrawnBy).Exec(ctx); err != nil {
		return err
	}
	ways := map[bool][]string{}
	for i := range lines {
		l := &lines[i]
		l.Sample, l.Drawn = s.ID, flag(drawn[l.Number])
		ways[drawn[l.Number]] = append(ways[drawn[l.Number]], l.Case)
	}
	for some := range slices.Chunk(lines, 500) {
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
	}
	if err := audit.Append(ctx, audit.Event{Action: "round.sampled", Kind: sampleKind, ID: s.ID, Digest: s.digest(lines),
		Data: map[string]any{"round": r.ID, "share": s.Share, "seed": s.Seed, "cases": s.Cases, "drawn": s.Drawn}}); err != nil {
		return err
	}
	for yes, to := range map[bool]string{true: m.Args["to"], false: m.Args["rest"]} {
		reason := "没有抽中"
		if yes {
			reason = "随机抽查抽中"
		}
		n, err := c.engine.MoveSome(ctx, flowCase, ways[yes], m.Args["from"], to, reason)
		if err != nil {
			return err
		}
		if n != len(ways[yes]) {
			return fault.New(fault.Conflict, "有申报刚刚被他人办理，请重新抽取")
		}
	}
	return nil
}

// Samples are the draws of a round, the latest first, for who works at the desk. NotFound if the actor may not see the round.
func (c *Casework) Samples(ctx context.Context, round string) ([]Sample, error) {
	out := []Sample{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		if _, err := visibleRound(ctx, round); err != nil {
			return err
		}
		if err := mustRead(ctx); err != nil {
			return err
		}
		var rows []sampleRow
		if err := store.Tx(ctx).NewRaw(`SELECT `+sampleColumns+` FROM samples WHERE round = ? ORDER BY drawn_at DESC, id DESC`, round).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, s := range rows {
			v := Sample{ID: s.ID, Round: s.Round, Share: s.Share, Seed: s.Seed, Cases: int(s.Cases), Drawn: int(s.Drawn), DrawnAt: s.DrawnAt, DrawnBy: s.DrawnBy, Lines: []SampleLine{}}
			lines, err := sampleLines(ctx, s.ID)
			if err != nil {
				return err
			}
			v.Holds = s.holds(lines)
			// Who sees a part of the cases sees the draw, and of the cases its own.
			cond, args := caseScope(ctx, "c")
			var seen []struct {
				Case  string `bun:"case_id"`
				Name  string `bun:"party_name"`
				Stage string `bun:"stage"`
				Drawn int    `bun:"drawn"`
				Num   string `bun:"number"`
			}
			if err := store.Tx(ctx).NewRaw(`SELECT l.case_id, l.number, l.drawn, c.party_name, c.stage FROM sample_lines AS l JOIN cases AS c ON c.id = l.case_id
				WHERE l.sample = ? AND `+cond+` ORDER BY l.number`, append([]any{s.ID}, args...)...).Scan(ctx, &seen); err != nil {
				return err
			}
			for _, l := range seen {
				v.Lines = append(v.Lines, SampleLine{Case: l.Case, Number: l.Num, Party: l.Name, Drawn: l.Drawn != 0, Stage: l.Stage})
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// holds draws once more from what is kept.
func (s *sampleRow) holds(lines []sampleLineRow) bool {
	share, ok := policy.ShareOf(s.Share)
	if !ok || len(lines) != int(s.Cases) {
		return false
	}
	numbers := make([]string, len(lines))
	for i, l := range lines {
		numbers[i] = l.Number
	}
	drawn := draw(s.Seed, share, numbers)
	return len(drawn) == int(s.Drawn) && !slices.ContainsFunc(lines, func(l sampleLineRow) bool { return drawn[l.Number] != (l.Drawn != 0) })
}

func sampleLines(ctx context.Context, id string) (lines []sampleLineRow, err error) {
	err = store.Tx(ctx).NewRaw(`SELECT sample, case_id, number, drawn FROM sample_lines WHERE sample = ? ORDER BY number`, id).Scan(ctx, &lines)
	return lines, err
}

func (s *sampleRow) digest(lines []sampleLineRow) string {
	texts := []string{s.ID, s.Round, s.Share, s.Seed, fmt.Sprint(s.Cases), fmt.Sprint(s.Drawn), s.DrawnAt, s.DrawnBy}
	for _, l := range lines {
		texts = append(texts, l.Case, l.Number, fmt.Sprint(l.Drawn))
	}
	return audit.Digest(texts...)
}

func sampleDigest(ctx context.Context, id string) (string, error) {
	s := &sampleRow{}
	err := store.Tx(ctx).NewRaw(`SELECT `+sampleColumns+` FROM samples WHERE id = ?`, id).Scan(ctx, s)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	lines, err := sampleLines(ctx, id)
	if err != nil {
		return "", err
	}
	return s.digest(lines), nil
}
