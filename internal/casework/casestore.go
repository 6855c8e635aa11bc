package casework

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

type caseRow struct {
	bun.BaseModel `bun:"table:cases,alias:c"`

	ID            string `bun:"id,pk"`
	Number        string `bun:"number"`
	Round         string `bun:"round"`
	Scheme        string `bun:"scheme"`
	Party         string `bun:"party"`
	PartyName     string `bun:"party_name"`
	PartyCode     string `bun:"party_code"`
	Town          string `bun:"town"`
	Department    string `bun:"department"`
	Draft         string `bun:"draft"`
	DraftVersion  int64  `bun:"draft_version"`
	Origin        string `bun:"origin"`
	StartedAt     string `bun:"started_at"`
	StartedBy     string `bun:"started_by"`
	SavedAt       string `bun:"saved_at"`
	SubmittedAt   string `bun:"submitted_at"`
	SubmittedBy   string `bun:"submitted_by"`
	Evaluation    string `bun:"evaluation"`
	Answer        string `bun:"answer"`
	Low           int64  `bun:"low"`
	High          int64  `bun:"high"`
	AmountKind    string `bun:"amount_kind"`
	AmountText    string `bun:"amount_text"`
	Judged        int    `bun:"judged"`
	Decided       int64  `bun:"decided"`
	DecidedReason string `bun:"decided_reason"`
	DecidedBy     string `bun:"decided_by"`
	Settled       int64  `bun:"settled"`
	Cuts          string `bun:"cuts"`
	Counted       string `bun:"counted"`
	Awarded       int64  `bun:"awarded"`
	Paid          int64  `bun:"paid"`
	PaidOn        string `bun:"paid_on"`
	Stage         string `bun:"stage"`
	Ended         string `bun:"ended"`
	Lacking       string `bun:"lacking"`
	Certificate   string `bun:"certificate"` // that it is about, or led to
	Standing      int    `bun:"standing"`    // of a standing item
	Payee         string `bun:"payee"`
	PayeeName     string `bun:"payee_name"`
	Place         int64  `bun:"place"` // among those of equal rank, as a person decided
	PlaceReason   string `bun:"place_reason"`
	Thing         string `bun:"thing"` // that it is about: which project of the party
	Level         string `bun:"level"` // that it was last evaluated at; empty: not decided
	basis
	Version int64 `bun:"version"`
}

func visibleCase(ctx context.Context, id string) (*caseRow, error) {
	cond, args := caseScope(ctx, "c")
	row := &caseRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("c.id = ? AND "+cond, append([]any{id}, args...)...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFoundCase()
	}
	return row, err
}

// caseByID is a case whoever asks: for effects, whose actor the engine has checked.
func caseByID(ctx context.Context, id string) (*caseRow, error) {
	row := &caseRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("c.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFoundCase()
	}
	return row, err
}

// casesByID are cases by their ids.
func casesByID(ctx context.Context, ids []string) (map[string]*caseRow, error) {
	out := make(map[string]*caseRow, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []*caseRow
	if err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// liveCase is the case of a party for a scheme in a round that goes on, or in a batch was granted; empty: none. What is asked for again and
// again (support) is begun anew as soon as the last was handed in; so is what is for a thing, as soon as the last says for which.
func liveCase(ctx context.Context, r *roundRow, scheme, party string, again bool) (string, error) {
	while := `(ended = '' OR ended = 'granted')`
	switch {
	case r.Standing != 0 && again:
		while = `ended = '' AND number = ''`
	case r.Standing != 0:
		while = `ended = ''`
	}
	var id string
	err := store.Tx(ctx).NewRaw(`SELECT id FROM cases WHERE round = ? AND scheme = ? AND party = ? AND thing = '' AND `+while+` ORDER BY id LIMIT 1`,
		r.ID, scheme, party).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// insertAtOnce is how many rows go into one statement; an evaluation is some ten kilobytes.
const insertAtOnce = 50

// insertCases writes cases that are new. Of two the same at the same moment the second gets Conflict.
func insertCases(ctx context.Context, list ...*caseRow) error {
	for some := range slices.Chunk(list, insertAtOnce) {
		if _, err := store.Tx(ctx).NewInsert().Model(&some).Exec(ctx); err != nil {
			if store.IsUnique(err) {
				return fault.New(fault.Conflict, "本批次中已有这项政策的申报")
			}
			return err
		}
	}
	return nil
}

// write writes the whole row if nobody wrote it since it was read; Conflict otherwise.
func (r *caseRow) write(ctx context.Context) error {
	was := r.Version
	r.Version++
	result, err := store.Tx(ctx).NewUpdate().Model(r).WherePK().Where("c.version = ?", was).Exec(ctx)
	if err != nil {
		if store.IsUnique(err) {
			return fault.New(fault.Conflict, "本批次中已有这项政策的申报")
		}
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errChanged())
	}
	return nil
}

// standing is what a move changes of a case.
type standing struct{ stage, ended, lacking string }

// stand writes where cases stand that were read, and counts their versions. Conflict if one has changed since.
func stand(ctx context.Context, at standing, rows []*caseRow) error {
	ids, read := make([]string, len(rows)), make(map[string]*caseRow, len(rows))
	for i, r := range rows {
		r.Version++
		ids[i], read[r.ID] = r.ID, r
	}
	var written []struct {
		ID      string `bun:"id"`
		Version int64  `bun:"version"`
	}
	err := store.Tx(ctx).NewRaw(`UPDATE cases SET stage = ?, ended = ?, lacking = ?, version = version + 1 WHERE id IN (?) RETURNING id, version`,
		at.stage, at.ended, at.lacking, bun.List(ids)).Scan(ctx, &written)
	switch {
	case store.IsUnique(err):
		return fault.New(fault.Conflict, "本批次中已有这项政策的申报")
	case err != nil:
		return err
	case len(written) != len(rows):
		return errChanged()
	}
	for _, w := range written {
		if read[w.ID].Version != w.Version {
			return errChanged()
		}
	}
	return nil
}

func errChanged() error {
	return fault.New(fault.Conflict, "这件申报刚刚被他人办理，请刷新后再试")
}

func saveDraft(ctx context.Context, id string, version int64, text, thing, at string) (bool, error) {
	result, err := store.Tx(ctx).NewRaw(`UPDATE cases SET draft = ?, thing = ?, draft_version = draft_version + 1, saved_at = ?, version = version + 1
		WHERE id = ? AND draft_version = ?`, text, thing, at, id, version).Exec(ctx)
	if store.IsUnique(err) {
		return false, fault.New(fault.Conflict, "同一个已经在本批次申报，请刷新后核对")
	}
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// How far a list of cases is counted, and by a word that is in so many cases that each has to be looked at.
const (
	mostCounted = 1000
	mostWorded  = 100
)

// listCases is a page of cases, how many there are, counted so far, and whether there are more.
func (c *Casework) listCases(ctx context.Context, f CaseFilter) (rows []caseRow, total int, more bool, err error) {
	parts, err := c.caseScopes(ctx)
	if err != nil {
		return nil, 0, false, err
	}
	var where []string
	var args []any
	add := func(condition string, a ...any) { where, args = append(where, condition), append(args, a...) }
	for _, x := range []struct{ column, value string }{{"round", f.Round}, {"scheme", f.Scheme}, {"party", f.Party}, {"department", f.Department},
		{"town", f.Town}, {"stage", f.Stage}} {
		if x.value != "" {
			add(`c.`+x.column+` = ?`, x.value)
		}
	}
	if f.Late {
		condition, some := process.Tardy("c.id", flowCase, store.Stamp(clock.Now(ctx)))
		add(condition, some...)
	}
	switch f.Ended {
	case "":
	case "open":
		add(`c.ended = ''`)
	default:
		add(`c.ended = ?`, f.Ended)
	}
	most, few := mostCounted, f.Party != ""
	if text := strings.TrimSpace(f.Text); text != "" {
		code := registry.NormalCode(text)
		found, many, err := c.engine.Worded(ctx, flowCase, text)
		switch {
		case err != nil:
			return nil, 0, false, err
		case many:
			most = mostWorded
			for _, word := range strings.Fields(text) {
				condition, some := store.Like(ctx, word, "c.number", "c.party_name", "c.party_code")
				add(condition, some...)
			}
		case len(code) >= 12: // the beginning of a code, long enough to mean few
			add(`(c.id IN (?) OR c.party_code <> '' AND c.party_code >= ? AND c.party_code < ?)`, bun.List(append(found, "")), code, code+"~")
		default:
			add(`c.id IN (?)`, bun.List(append(found, "")))
		}
		few = few || !many
	}
	narrow := ``
	if len(where) > 0 {
		narrow = ` AND ` + strings.Join(where, ` AND `)
	}
	order := `submitted_at DESC, id DESC`
	if len(account.ActorFrom(ctx).Parties()) > 0 { // drafts, which have no number, come first for the applicant whose they are
		order = `CASE WHEN number = '' THEN 0 ELSE 1 END, ` + order
	}
	if len(parts) == 0 {
		return nil, 0, false, nil
	}
	var lists, counts []string
	var listArgs, countArgs []any
	last := offset(f.Page, f.Per) + per(f.Per)
	for _, p := range parts {
		if few {
			p.condition = store.Filter(p.condition)
		}
		lists = append(lists, `SELECT * FROM (SELECT c.* FROM cases AS c WHERE `+p.condition+narrow+` ORDER BY `+order+` LIMIT ?) AS part`)
		listArgs = append(append(append(listArgs, p.args...), args...), last)
		counts = append(counts, `SELECT 1 AS one FROM cases AS c WHERE `+p.condition+narrow)
		countArgs = append(append(countArgs, p.args...), args...)
	}
	if narrow == `` && slices.ContainsFunc(parts, func(p part) bool { return p.many }) {
		total = most + 1 // counting each would come to the same
	} else if err := store.Tx(ctx).NewRaw(`SELECT COUNT(*) FROM (`+strings.Join(counts, ` UNION ALL `)+` LIMIT ?) AS counted`, append(countArgs, most+1)...).Scan(ctx, &total); err != nil {
		return nil, 0, false, err
	}
	err = store.Tx(ctx).NewRaw(`SELECT * FROM (`+strings.Join(lists, ` UNION ALL `)+`) AS listed ORDER BY `+order+` LIMIT ? OFFSET ?`,
		append(listArgs, per(f.Per), offset(f.Page, f.Per))...).Scan(ctx, &rows)
	return rows, min(total, most), total > most, err
}

// caseRows shows rows: the rounds and stages of all of them in a few queries.
func (c *Casework) caseRows(ctx context.Context, rows []caseRow) ([]CaseRow, error) {
	ids, roundIDs := make([]string, len(rows)), map[string]bool{}
	for i, r := range rows {
		ids[i] = r.ID
		roundIDs[r.Round] = true
	}
	standing, err := c.engine.Standings(ctx, flowCase, ids)
	if err != nil {
		return nil, err
	}
	late, err := tardy(ctx, rows)
	if err != nil {
		return nil, err
	}
	known := map[string]*roundRow{}
	list, err := roundsByID(ctx, slices.Collect(maps.Keys(roundIDs)))
	if err != nil {
		return nil, err
	}
	for id, r := range list {
		known[id] = r
	}
	today := clock.Today(ctx)
	out := make([]CaseRow, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		set, err := r.rules(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, CaseRow{ID: r.ID, Number: r.Number, Round: r.Round, RoundTitle: known[r.Round].Title, Scheme: r.Scheme,
			SchemeTitle: titled(liteOf(set, r.Scheme, today).Title, r.Thing), Thing: r.Thing, Party: r.Party, PartyName: r.PartyName, PartyCode: r.PartyCode, Town: r.Town,
			Department: r.Department, Answer: r.Answer, AmountText: r.AmountText, Level: r.Level, Decided: fenOrNil(r.Decided), Settled: fenOrNil(r.Settled),
			Awarded: fenOrNil(r.Awarded), Paid: fenOrNil(r.Paid), SubmittedAt: r.SubmittedAt, SavedAt: r.SavedAt, Stage: r.Stage,
			StageTitle: standing[r.ID].Title, Public: standing[r.ID].Public, Origin: r.origin(), Ended: r.Ended, Late: late[r.ID]})
	}
	return out, nil
}

func (r *caseRow) view(ctx context.Context, c *Casework, round *roundRow, set *schemes.Compiled) (*Case, error) {
	standing, err := c.engine.Standings(ctx, flowCase, []string{r.ID})
	if err != nil {
		return nil, err
	}
	s := standing[r.ID]
	v := &Case{ID: r.ID, Number: r.Number, Scheme: liteOf(set, r.Scheme, clock.Today(ctx)), Party: r.Party, PartyName: r.PartyName, PartyCode: r.PartyCode,
		Town: r.Town, Department: r.Department, Origin: r.origin(), SavedAt: r.SavedAt, SubmittedAt: r.SubmittedAt, Stage: s.Title, Public: s.Public,
		Ended: r.Ended, Version: r.Version, Lacking: []Lack{}, Certificate: r.Certificate, Level: r.Level, Thing: r.about(set),
		Round: RoundRef{ID: round.ID, Number: round.Number, Title: round.Title, Performance: int(r.Performance), Standing: round.Standing != 0},
		Sum: Sum{Decided: fenOrNil(r.Decided), DecidedReason: r.DecidedReason, DecidedBy: r.DecidedBy, Settled: fenOrNil(r.Settled),
			Awarded: fenOrNil(r.Awarded), Paid: fenOrNil(r.Paid), Cuts: []policy.Cut{}}}
	v.Round.Opens, _ = policy.ParseDate(round.Opens)
	v.Round.Closes, _ = policy.ParseDate(round.Closes)
	v.Sum.PaidOn, _ = policy.ParseDate(r.PaidOn)
	if a := account.ActorFrom(ctx); a.Reader() || a.AccountID == r.SubmittedBy {
		v.SubmittedBy = r.SubmittedBy
	}
	if err := errors.Join(json.Unmarshal([]byte(r.Cuts), &v.Sum.Cuts), json.Unmarshal([]byte(r.Lacking), &v.Lacking)); err != nil {
		return nil, fmt.Errorf("casework: case %s: %w", r.ID, err)
	}
	if r.Evaluation != "" {
		e, err := evaluationByID(ctx, r.Evaluation)
		if err != nil {
			return nil, err
		}
		full, err := e.view()
		if err != nil {
			return nil, err
		}
		v.Assessment = &Assessment{ID: e.ID, Answer: full.Result.Answer, Amount: full.Result.Amount, Left: full.Result.Left, Verified: full.Result.Verified, On: full.On,
			FactsHash: e.FactsHash, SetHash: e.SetHash}
	}
	return v, nil
}

func caseDigest(ctx context.Context, id string) (string, error) {
	r, err := caseByID(ctx, id)
	if fault.CodeOf(err) == fault.NotFound {
		return audit.Deleted, nil
	}
	if err != nil {
		return "", err
	}
	if stray, err := r.strayed(ctx); err != nil || stray {
		return audit.Digest(r.digest(), "not its batch's"), err
	}
	return r.digest(), nil
}

func (r *caseRow) digest() string {
	texts := []string{r.ID, r.Number, r.Round, r.Scheme, r.Party, r.PartyName, r.PartyCode, r.Town, r.Department, r.Draft, r.Origin, r.StartedAt, r.StartedBy,
		r.SavedAt, r.SubmittedAt, r.SubmittedBy, r.Evaluation, r.Answer, fmt.Sprint(r.Low), fmt.Sprint(r.High), r.AmountKind, r.AmountText, fmt.Sprint(r.Judged), fmt.Sprint(r.Decided), r.DecidedReason,
		r.DecidedBy, fmt.Sprint(r.Settled), r.Cuts, fmt.Sprint(r.Awarded), fmt.Sprint(r.Paid), r.PaidOn, r.Stage, r.Ended, r.Lacking}
	if r.Standing != 0 { // a batch's cases have what their batch has
		texts = append(append(texts, fmt.Sprint(r.Standing)), r.basis.texts()...)
	}
	if r.Counted != uncounted { // what was settled before limits were counted by fields has the digest that it had
		texts = append(texts, r.Counted)
	}
	if r.Place != 0 || r.PlaceReason != "" {
		texts = append(texts, fmt.Sprint(r.Place), r.PlaceReason)
	}
	if r.Thing != "" {
		texts = append(texts, "thing", r.Thing)
	}
	if r.Level != "" {
		texts = append(texts, "level", r.Level)
	}
	if r.Certificate != "" { // as for what has nothing to do with certificates
		texts = append(texts, r.Certificate)
	}
	if r.Payee != "" || r.PayeeName != "" {
		texts = append(texts, "payee", r.Payee, r.PayeeName)
	}
	return audit.Digest(texts...)
}

// uncounted is what a case was counted by before it is settled.
const uncounted = "{}"

// ---- evaluations ----

type evaluationRow struct {
	bun.BaseModel `bun:"table:case_evaluations,alias:e"`

	ID        string `bun:"id,pk"`
	Case      string `bun:"case_id"`
	Occasion  string `bun:"occasion"`
	On        string `bun:"on_date"`
	SetHash   string `bun:"set_hash"`
	FactsHash string `bun:"facts_hash"`
	Pins      string `bun:"pins"`
	Result    string `bun:"result"`
	MadeAt    string `bun:"made_at"`
}

func evaluationByID(ctx context.Context, id string) (*evaluationRow, error) {
	row := &evaluationRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("e.id = ?", id).Scan(ctx)
	return row, err
}

func (e *evaluationRow) digest() string {
	return audit.Digest(e.ID, e.Case, e.Occasion, e.On, e.SetHash, e.FactsHash, e.Pins, e.Result, e.MadeAt)
}

func (e *evaluationRow) view() (*Evaluation, error) {
	v := &Evaluation{ID: e.ID, Occasion: e.Occasion, SetHash: e.SetHash, FactsHash: e.FactsHash, MadeAt: e.MadeAt, Pins: []registry.Pin{}, Result: &policy.Result{}}
	v.On, _ = policy.ParseDate(e.On)
	if err := errors.Join(json.Unmarshal([]byte(e.Pins), &v.Pins), json.Unmarshal([]byte(e.Result), v.Result)); err != nil {
		return nil, fmt.Errorf("casework: evaluation %s: %w", e.ID, err)
	}
	return v, nil
}

// subject is a case as the engine lists it.
func (c *Casework) subject(row *caseRow, title string) process.Subject {
	return process.Subject{Flow: flowCase, ID: row.ID, Number: row.Number, Title: titled(title, row.Thing), Party: row.Party, PartyName: row.PartyName,
		Town: row.Town, Department: row.Department, Scheme: row.Scheme, Round: row.Round}
}
