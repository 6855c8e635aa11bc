package panel

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

const (
	expertKind = "expert"
	panelKind  = "panel"
	sheetKind  = "panel_sheet"
)

func init() {
	audit.RegisterRow(expertKind, func(ctx context.Context, id string) (string, error) {
		row, err := expertByID(ctx, id)
		if fault.CodeOf(err) == fault.NotFound {
			return audit.Deleted, nil
		}
		return row.digest(), err
	})
	audit.RegisterList(expertKind, audit.IDs("experts"))
	audit.RegisterRow(panelKind, func(ctx context.Context, id string) (string, error) {
		row, err := panelByID(ctx, id)
		if fault.CodeOf(err) == fault.NotFound {
			return audit.Deleted, nil
		}
		if err != nil {
			return "", err
		}
		return row.digest(ctx)
	})
	audit.RegisterList(panelKind, audit.IDs("panels"))
	audit.RegisterRow(sheetKind, func(ctx context.Context, id string) (string, error) {
		row := sheetRow{}
		err := store.Tx(ctx).NewSelect().Model(&row).Where("s.id = ?", id).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return audit.Deleted, nil
		}
		return row.digest(), err
	})
	audit.RegisterList(sheetKind, audit.IDs("panel_sheets"))
}

type expertRow struct {
	bun.BaseModel `bun:"table:experts,alias:e"`

	ID           string `bun:"id,pk"`
	Department   string `bun:"department"`
	Name         string `bun:"name"`
	Phone        string `bun:"phone"`
	Login        string `bun:"login"`
	Fields       string `bun:"fields"`
	Employer     string `bun:"employer"`
	EmployerCode string `bun:"employer_code"`
	Related      string `bun:"related"`
	Since        string `bun:"since"`
	Until        string `bun:"until"`
	State        string `bun:"state"`
	Invented     int    `bun:"invented"`
	ChangedAt    string `bun:"changed_at"`
	ChangedBy    string `bun:"changed_by"`
	Version      int64  `bun:"version"`
}

func (e *expertRow) digest() string {
	if e == nil {
		return ""
	}
	return audit.Digest(e.ID, e.Department, e.Name, e.Phone, e.Login, e.Fields, e.Employer, e.EmployerCode, e.Related, e.Since, e.Until, e.State, fmt.Sprint(e.Invented),
		e.ChangedAt, e.ChangedBy, fmt.Sprint(e.Version))
}

func expertByID(ctx context.Context, id string) (*expertRow, error) {
	row := &expertRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("e.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "专家库中没有这位专家，或不在您的权限范围内")
	}
	return row, err
}

type panelRow struct {
	bun.BaseModel `bun:"table:panels,alias:p"`

	ID          string `bun:"id,pk"`
	Round       string `bun:"round"`
	RoundNumber string `bun:"round_number"`
	RoundTitle  string `bun:"round_title"`
	Department  string `bun:"department"`
	Rules       string `bun:"rules"`
	Seed        string `bun:"seed"`
	DrawnAt     string `bun:"drawn_at"`
	DrawnBy     string `bun:"drawn_by"`
	State       string `bun:"state"`
	ScoredAt    string `bun:"scored_at"`
	Chair       string `bun:"chair"`
	Note        string `bun:"note"`
	SignedAt    string `bun:"signed_at"`
	Version     int64  `bun:"version"`
}

// States of a panel.
const (
	stateOpen   = "open"
	stateScored = "scored"
	stateVoid   = "void"
)

type ticketRow struct {
	bun.BaseModel `bun:"table:panel_lot,alias:l"`

	Panel      string `bun:"panel,pk"`
	Expert     string `bun:"expert,pk"`
	Position   int64  `bun:"position"`
	Excluded   string `bun:"excluded"`
	State      string `bun:"state"`
	DeclaredAt string `bun:"declared_at"`
	Reason     string `bun:"reason"`
}

// States of a ticket of the lot.
const (
	ticketWaiting = "waiting"
	ticketCalled  = "called"
	ticketOut     = "out"
)

type lineRow struct {
	bun.BaseModel `bun:"table:panel_cases,alias:c"`

	Panel     string `bun:"panel,pk"`
	Case      string `bun:"case_id,pk"`
	Number    string `bun:"number"`
	Party     string `bun:"party"`
	PartyName string `bun:"party_name"`
	Term      string `bun:"term"`
	Code      string `bun:"code"`
	Mean      string `bun:"mean"`
	Score     string `bun:"score"`
}

type sheetRow struct {
	bun.BaseModel `bun:"table:panel_sheets,alias:s"`

	ID          string `bun:"id,pk"`
	Panel       string `bun:"panel"`
	Case        string `bun:"case_id"`
	Expert      string `bun:"expert"`
	State       string `bun:"state"`
	Marks       string `bun:"marks"`
	Remark      string `bun:"remark"`
	SavedAt     string `bun:"saved_at"`
	SubmittedAt string `bun:"submitted_at"`
	Version     int64  `bun:"version"`
}

// States of a sheet.
const (
	sheetCalled    = "called"
	sheetRecused   = "recused"
	sheetOpen      = "open"
	sheetSubmitted = "submitted"
)

func (s *sheetRow) digest() string {
	return audit.Digest(s.ID, s.Panel, s.Case, s.Expert, s.State, s.Marks, s.Remark, s.SavedAt, s.SubmittedAt, fmt.Sprint(s.Version))
}

// record tells the log of a sheet that was written. It says nothing of the points.
func (s *sheetRow) record(ctx context.Context, action string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: sheetKind, ID: s.ID, Digest: s.digest(), Data: map[string]string{"panel": s.Panel, "case": s.Case, "expert": s.Expert}})
}

// write writes a sheet if nobody wrote it since it was read.
func (s *sheetRow) write(ctx context.Context, action string) error {
	was := s.Version
	s.Version++
	result, err := store.Tx(ctx).NewUpdate().Model(s).WherePK().Where("s.version = ?", was).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "这张评分表刚刚有了别的变动，请刷新后再试"))
	}
	return s.record(ctx, action)
}

func panelByID(ctx context.Context, id string) (*panelRow, error) {
	row := &panelRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("p.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errUnknown()
	}
	return row, err
}

func errUnknown() error {
	return fault.New(fault.NotFound, "没有这个专家组，或不在您的权限范围内")
}

// standing is the panel of a round that stands; nil: none.
func standing(ctx context.Context, round string) (*panelRow, error) {
	row := &panelRow{}
	err := store.Tx(ctx).NewSelect().Model(row).Where("p.round = ? AND p.state <> ?", round, stateVoid).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return row, err
}

func lotOf(ctx context.Context, panel string) ([]*ticketRow, error) {
	rows := []*ticketRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("l.panel = ?", panel).OrderExpr("l.position, l.expert").Scan(ctx)
	return rows, err
}

func linesOf(ctx context.Context, panel string) ([]*lineRow, error) {
	rows := []*lineRow{}
	err := store.Tx(ctx).NewSelect().Model(&rows).Where("c.panel = ?", panel).OrderExpr("c.number").Scan(ctx)
	return rows, err
}

// sheetsOf are the sheets of a panel, or of one of its experts.
func sheetsOf(ctx context.Context, panel, expert string) ([]*sheetRow, error) {
	rows := []*sheetRow{}
	q := store.Tx(ctx).NewSelect().Model(&rows).Where("s.panel = ?", panel)
	if expert != "" {
		q = q.Where("s.expert = ?", expert)
	}
	err := q.OrderExpr("s.case_id, s.expert").Scan(ctx)
	return rows, err
}

func (t *ticketRow) write(ctx context.Context) error {
	_, err := store.Tx(ctx).NewUpdate().Model(t).WherePK().Exec(ctx)
	return err
}

// changed writes a panel as it stands and tells the log; the lot and the cases were written before. Of two that change one panel the second gets Conflict.
func (p *panelRow) changed(ctx context.Context, action string, data any) error {
	was := p.Version
	p.Version++
	result, err := store.Tx(ctx).NewUpdate().Model(p).WherePK().Where("p.version = ?", was).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.Conflict, "专家组刚刚有了别的变动，请刷新后再试"))
	}
	return p.record(ctx, action, data)
}

func (p *panelRow) record(ctx context.Context, action string, data any) error {
	digest, err := p.digest(ctx)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: panelKind, ID: p.ID, Digest: digest, Data: data})
}

// digest is of a panel with its lot and its cases.
func (p *panelRow) digest(ctx context.Context) (string, error) {
	texts := []string{p.ID, p.Round, p.RoundNumber, p.RoundTitle, p.Department, p.Rules, p.Seed, p.DrawnAt, p.DrawnBy, p.State, p.ScoredAt, p.Chair, p.Note, p.SignedAt, fmt.Sprint(p.Version)}
	tickets, err := lotOf(ctx, p.ID)
	if err != nil {
		return "", err
	}
	for _, t := range tickets {
		texts = append(texts, t.Expert, fmt.Sprint(t.Position), t.Excluded, t.State, t.DeclaredAt, t.Reason)
	}
	lines, err := linesOf(ctx, p.ID)
	if err != nil {
		return "", err
	}
	for _, c := range lines {
		texts = append(texts, c.Case, c.Number, c.Party, c.PartyName, c.Term, c.Code, c.Mean, c.Score)
	}
	return audit.Digest(texts...), nil
}
