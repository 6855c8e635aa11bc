package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// ReceivedCoverage is the kind of coverage that says that the awards received are complete; receivedLabel is what people call it.
const (
	ReceivedCoverage = "received"
	receivedLabel    = "已兑付的奖补资金"
)

// Coverage says that a source has every record of a kind up to and including a day: until then absence is a fact.
type Coverage struct {
	ID       string      `json:"id"`
	Kind     string      `json:"kind" doc:"a kind of record, or received"`
	Source   string      `json:"source"`
	Through  policy.Date `json:"through"`
	Evidence string      `json:"evidence,omitempty"`
	StatedAt string      `json:"stated_at"`
	StatedBy string      `json:"stated_by"`
	Invented bool        `json:"invented,omitempty" doc:"made up for a demonstration: it speaks of invented parties only"`
	Counts   bool        `json:"counts" doc:"the vocabulary names this source as the one that is complete"`
}

type coverageRow struct {
	ID         string `bun:"id"`
	Kind       string `bun:"kind"`
	Source     string `bun:"source"`
	Through    string `bun:"through_date"`
	Evidence   string `bun:"evidence"`
	Invented   int    `bun:"invented"`
	StatedAt   string `bun:"stated_at"`
	StatedBy   string `bun:"stated_by"`
	Supersedes string `bun:"supersedes"`
}

const coverageColumns = `c.id, c.kind, c.source, c.through_date, c.evidence, c.invented, c.stated_at, c.stated_by, c.supersedes`

const currentCoverage = `FROM coverage_rows AS c WHERE NOT EXISTS (SELECT 1 FROM coverage_rows AS n WHERE n.kind = c.kind AND n.source = c.source AND n.invented = c.invented AND n.supersedes = c.id)`

func (c coverageRow) digest() string {
	return audit.DigestJSON(c.ID, c.Kind, c.Source, c.Through, c.Evidence, number(int64(c.Invented)), c.StatedAt, c.StatedBy, c.Supersedes)
}

// Complete is a kind of record and the source that a vocabulary trusts to be complete about it: what may be declared.
type Complete struct {
	Kind   string `json:"kind" doc:"a kind of record, or received"`
	Source string `json:"source"`
}

// Standing tells of the vocabularies of files no longer in use that something under way is still decided by.
type Standing func(ctx context.Context) ([]*policy.Vocabulary, error)

// UseStanding tells the room of these vocabularies. Without it there are none. Call it before serving.
func (r *Registry) UseStanding(s Standing) { r.standing = s }

// Completes are what may be declared: the kinds of the vocabulary in force, then those of rounds under way that go by earlier files, whose kinds
// may bear another name or another source, and last the awards.
func (r *Registry) Completes(ctx context.Context) ([]Complete, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	all := []*policy.Vocabulary{v}
	if r.standing != nil {
		more, err := r.standing(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	out := []Complete{}
	for _, v := range all {
		for _, k := range v.Records() {
			if c := (Complete{k.Name, k.Complete}); c.Source != "" && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return append(out, Complete{ReceivedCoverage, registryDesk}), nil
}

// completeSource is the source that the vocabulary trusts to be complete about a kind; for awards received it is any.
func completeSource(v *policy.Vocabulary, kind string) (string, bool) {
	if k := v.Record(kind); k != nil {
		return k.Complete, k.Complete != ""
	}
	return "", false
}

// Cover records that the source that a vocabulary trusts for a kind (Completes) is complete through a day; a day earlier than the last one
// needs evidence that says why. Through must not lie in the future.
// Forbidden for anybody but an officer of that department for the whole county.
func (r *Registry) Cover(ctx context.Context, kind string, through policy.Date, evidence string) (Coverage, error) {
	if through > clock.Today(ctx) {
		return Coverage{}, fault.New(fault.Invalid, "截至日期应不晚于今天", fault.At("through", "应不晚于今天"))
	}
	return r.cover(ctx, kind, through, evidence, 0)
}

// CoverInvented is Cover for a demonstration: what is declared speaks of invented parties only, so that no absence is invented for a real
// one, and through may lie in the future, so that the demonstration does not lapse overnight.
func (r *Registry) CoverInvented(ctx context.Context, kind string, through policy.Date, evidence string) (Coverage, error) {
	return r.cover(ctx, kind, through, evidence, 1)
}

func (r *Registry) cover(ctx context.Context, kind string, through policy.Date, evidence string, invented int) (Coverage, error) {
	all, err := r.Completes(ctx)
	if err != nil {
		return Coverage{}, err
	}
	evidence = strings.TrimFunc(evidence, blank)
	if utf8.RuneCountInString(evidence) > 200 || !store.Plain(evidence) {
		return Coverage{}, fault.New(fault.Invalid, "依据不能超过200个字，也不能含控制字符", fault.At("evidence", "不能超过200个字"))
	}
	if through == 0 {
		return Coverage{}, fault.New(fault.Invalid, "请写明截至日期", fault.At("through", "请写明截至日期"))
	}
	may := func(c Complete) bool {
		department := c.Source
		if c.Kind == ReceivedCoverage {
			department = ""
		}
		return account.ActorFrom(ctx).MayVouch(department, "")
	}
	all = slices.DeleteFunc(all, func(c Complete) bool { return c.Kind != kind })
	if len(all) == 0 {
		return Coverage{}, fault.New(fault.Invalid, "这类记录没有能声明完整的来源", fault.At("kind", "没有能声明完整的来源"))
	}
	source := all[max(slices.IndexFunc(all, may), 0)].Source // of several the actor's own
	var out Coverage
	err = store.Write(ctx, func(ctx context.Context) error {
		if !may(Complete{kind, source}) {
			return fault.New(fault.Forbidden, fmt.Sprintf("只有%s中不限辖区的经办人员可以声明", source))
		}
		row := coverageRow{ID: store.NewID(), Kind: kind, Source: source, Through: through.String(), Evidence: evidence, Invented: invented}
		row.StatedAt, row.StatedBy = statedNow(ctx)
		var old coverageRow
		err := store.Tx(ctx).NewRaw(`SELECT `+coverageColumns+` `+currentCoverage+` AND c.kind = ? AND c.source = ? AND c.invented = ?`, kind, source, invented).Scan(ctx, &old)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		case old.Through == row.Through && (evidence == "" || evidence == old.Evidence):
			out = old.coverage(all)
			return nil
		case old.Through > row.Through && evidence == "":
			return fault.New(fault.Invalid, "比上次声明的日期早，请写明理由", fault.At("evidence", "请写明理由"))
		default:
			row.Supersedes = old.ID
		}
		if _, err := store.Tx(ctx).NewInsert().Model(&row).ModelTableExpr("coverage_rows").Exec(ctx); err != nil {
			if store.IsUnique(err) {
				return fault.Wrap(fault.Conflict, "刚有别人声明过，请刷新后再试", err)
			}
			return err
		}
		out = row.coverage(all)
		if err := audit.Append(ctx, audit.Event{Action: "coverage.state", Kind: "coverage", ID: row.ID, Digest: row.digest(),
			Data: map[string]string{"kind": kind, "source": source, "through": row.Through}}); err != nil {
			return err
		}
		return r.tell(ctx, nil)
	})
	return out, err
}

// coverage is a declaration, which counts if it is one of those that may be made.
func (c coverageRow) coverage(all []Complete) Coverage {
	return Coverage{ID: c.ID, Kind: c.Kind, Source: c.Source, Through: c.through(), Evidence: c.Evidence, Invented: c.Invented != 0,
		StatedAt: c.StatedAt, StatedBy: c.StatedBy, Counts: slices.Contains(all, Complete{c.Kind, c.Source})}
}

func (c coverageRow) through() policy.Date {
	d, _ := policy.ParseDate(c.Through)
	return d
}

// counts says whether a vocabulary takes a declaration for the whole of its kind.
func (c coverageRow) counts(v *policy.Vocabulary) bool {
	source, ok := completeSource(v, c.Kind)
	return ok && source == c.Source || c.Kind == ReceivedCoverage
}

// Coverages are the declarations in force, by kind. They concern no single party, so the desk and every firm may read them.
func (r *Registry) Coverages(ctx context.Context) ([]Coverage, error) {
	all, err := r.Completes(ctx)
	if err != nil {
		return nil, err
	}
	// Anybody may make an account; it takes a role to see who declared what.
	switch a := account.ActorFrom(ctx); {
	case a.Public():
		return nil, fault.New(fault.Unauthenticated, "请先登录")
	case !a.Reader() && !a.Is(account.RoleFirm):
		return nil, fault.New(fault.Forbidden, "只有工作台和企业账号可以查看名录的完整性")
	}
	out := []Coverage{}
	err = store.Read(ctx, func(ctx context.Context) error {
		rows, err := coverageRows(ctx)
		for _, row := range rows {
			out = append(out, row.coverage(all))
		}
		return err
	})
	return out, err
}

func coverageRows(ctx context.Context) ([]coverageRow, error) {
	var rows []coverageRow
	err := store.Tx(ctx).NewRaw(`SELECT `+coverageColumns+` `+currentCoverage+` ORDER BY c.kind, c.source`).Scan(ctx, &rows)
	return rows, err
}

func digestOfCoverage(ctx context.Context, id string) (string, error) {
	var row coverageRow
	err := store.Tx(ctx).NewRaw(`SELECT `+coverageColumns+` FROM coverage_rows AS c WHERE c.id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return row.digest(), err
}
