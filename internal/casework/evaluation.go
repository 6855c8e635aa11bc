package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Evaluation is what a scheme answers for a case, pinned to the rules and the facts it was made from.
type Evaluation struct {
	ID        string         `json:"id"`
	Occasion  string         `json:"occasion" doc:"when: submit, review, freeze"`
	On        policy.Date    `json:"on"`
	SetHash   string         `json:"set_hash"`
	FactsHash string         `json:"facts_hash" doc:"SHA-256 over the pins, in order"`
	Pins      []registry.Pin `json:"pins" nullable:"false"`
	Result    *policy.Result `json:"result"`
	MadeAt    string         `json:"made_at"`

	Explanation *policy.Explanation `json:"explanation,omitempty"`
}

// on is the day on which a round's cases are evaluated: the day of its freeze, before it today.
func (r *roundRow) on(ctx context.Context) policy.Date {
	if d, err := policy.ParseDate(r.FrozenOn); err == nil && r.FrozenOn != "" {
		return d
	}
	return clock.Today(ctx)
}

// known is what is known of a party as the language reads it, for a claim about one of its things or none, whoever asks: whether the actor may see the party was asked before.
func (c *Casework) known(ctx context.Context, set *schemes.Compiled, party string, about registry.Thing) (registry.Known, error) {
	whom := registry.About{Party: party, Thing: about}
	all, err := c.registry.KnownAbout(account.System(ctx), set.Library.Vocabulary(), []registry.About{whom})
	if err != nil {
		return registry.Known{}, err
	}
	k, ok := all[whom]
	if !ok {
		return k, fault.New(fault.NotFound, "没有这个主体")
	}
	return k, nil
}

// pin evaluates a case over the facts as they stand and keeps the answer with everything it rests on.
func (c *Casework) pin(ctx context.Context, row *caseRow, round *roundRow, occasion string) (*policy.Result, error) {
	set, err := row.rules(ctx)
	if err != nil {
		return nil, err
	}
	known, err := c.known(ctx, set, row.Party, row.about(set))
	if err != nil {
		return nil, err
	}
	if err := c.visitEvidence(ctx, row, set.Library.Vocabulary(), &known); err != nil {
		return nil, err
	}
	if err := c.markEvidence(ctx, row, &known); err != nil {
		return nil, err
	}
	result, err := row.evaluate(set, known.Facts, round.on(ctx))
	if err != nil {
		return nil, err
	}
	return result, keepEvaluation(ctx, row, occasion, round.on(ctx), known.Pins, result)
}

// keepEvaluation writes an evaluation and makes it the one that counts for the case; the caller writes the row.
func keepEvaluation(ctx context.Context, row *caseRow, occasion string, on policy.Date, pins []registry.Pin, result *policy.Result) error {
	e, err := row.evaluated(ctx, occasion, on, pins, result)
	if err != nil {
		return err
	}
	return insertEvaluations(ctx, e)
}

// evaluated is the row of an evaluation, which counts for the case from now on; the caller writes both.
func (row *caseRow) evaluated(ctx context.Context, occasion string, on policy.Date, pins []registry.Pin, result *policy.Result) (*evaluationRow, error) {
	text, err := json.Marshal(result)
	if err != nil {
		return nil, err
	}
	pinned, err := json.Marshal(pins)
	if err != nil {
		return nil, err
	}
	e := &evaluationRow{ID: store.NewID(), Case: row.ID, Occasion: occasion, On: on.String(), SetHash: row.SetHash, FactsHash: factsHash(pins),
		Pins: string(pinned), Result: string(text), MadeAt: store.Stamp(clock.Now(ctx))}
	row.Evaluation, row.Answer = e.ID, result.Answer.String()
	row.Low, row.High, row.AmountKind, row.AmountText = int64(result.Amount.Low), int64(result.Amount.High), string(result.Amount.Kind), result.Amount.Text
	if result.Amount.Open {
		row.High = -1
	}
	row.Level = ""
	if l := result.Level; result.Answer == policy.Met && l != nil && l.Low == l.High {
		row.Level = l.High
	}
	return e, nil
}

func insertEvaluations(ctx context.Context, list ...*evaluationRow) error {
	for some := range slices.Chunk(list, insertAtOnce) {
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
		for _, e := range some {
			if err := audit.Append(ctx, audit.Event{Action: "case.assessed", Kind: evaluationKind, ID: e.ID, Digest: e.digest(), Data: map[string]string{"case": e.Case}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// factsHash is SHA-256 over the pins in their order, each with its length before it.
func factsHash(pins []registry.Pin) string {
	h := sha256.New()
	for _, p := range pins {
		for _, text := range []string{p.ID, p.Digest} {
			h.Write([]byte{byte(len(text) >> 8), byte(len(text))})
			h.Write([]byte(text))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// EvaluationOf is the evaluation that counts for a case, with every reason; before submission one made now from the draft.
func (c *Casework) EvaluationOf(ctx context.Context, id string) (*Evaluation, error) {
	var out *Evaluation
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		set, err := row.rules(ctx)
		if err != nil {
			return err
		}
		if row.Evaluation != "" {
			e, err := evaluationByID(ctx, row.Evaluation)
			if err != nil {
				return err
			}
			if out, err = e.view(); err != nil {
				return err
			}
			part, err := c.veiled(ctx, row, set, out)
			if err != nil {
				return err
			}
			if part != nil {
				out = part
			}
			out.explain(set)
			return nil
		}
		draft, err := row.shownDraft(ctx)
		if err != nil {
			return err
		}
		facts, _, err := c.registry.Suppose(ctx, set.Library.Vocabulary(), row.Party, row.about(set), row.statements(set, draft))
		if err != nil {
			return err
		}
		if r, err := c.rated(ctx, row); err != nil {
			return err
		} else if r != nil {
			if err := r.suppose(facts); err != nil {
				return err
			}
		}
		result, err := row.evaluate(set, facts, clock.Today(ctx))
		if err != nil {
			return err
		}
		out = &Evaluation{Occasion: "draft", On: clock.Today(ctx), SetHash: row.SetHash, Pins: []registry.Pin{}, Result: result}
		out.explain(set)
		return nil
	})
	return out, err
}

// explain says the evaluation in words, as the scheme that the case is pinned to has them.
func (e *Evaluation) explain(set *schemes.Compiled) {
	if s := set.Library.Scheme(e.Result.Scheme); s != nil {
		e.Explanation = s.Explanation(e.Result, policy.Chinese)
	}
}
