package registry

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

// completeSource is the source that the vocabulary trusts to be complete about a kind; for awards received it is any.
func completeSource(v *policy.Vocabulary, kind string) (string, bool) {
	if k := v.Record(kind); k != nil {
		return k.Complete, k.Complete != ""
	}
	return "", false
}

// Cover records that the source that the vocabulary trusts for a kind is complete through a day; a day earlier than the last one
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
	v, err := r.vocabulary(ctx)
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
	source, ok := completeSource(v, kind)
	if kind == ReceivedCoverage {
		source, ok = registryDesk, true
	}
	if !ok {
		return Coverage{}, fault.New(fault.Invalid, "这类记录没有能声明完整的来源", fault.At("kind", "没有能声明完整的来源"))
	}
	var out Coverage
	err = store.Write(ctx, func(ctx context.Context) error {
		department := source
		if kind == ReceivedCoverage {
			department = ""
		}
		if !account.ActorFrom(ctx).MayVouch(department, "") {
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
			out = old.coverage(v)
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
		out = row.coverage(v)
		if err := audit.Append(ctx, audit.Event{Action: "coverage.state", Kind: "coverage", ID: row.ID, Digest: row.digest(),
			Data: map[string]string{"kind": kind, "source": source, "through": row.Through}}); err != nil {
			return err
		}
		return r.tell(ctx, nil)
	})
	return out, err
}

func (c coverageRow) coverage(v *policy.Vocabulary) Coverage {
	out := Coverage{ID: c.ID, Kind: c.Kind, Source: c.Source, Evidence: c.Evidence, Invented: c.Invented != 0, StatedAt: c.StatedAt, StatedBy: c.StatedBy}
	out.Through, _ = policy.ParseDate(c.Through)
	source, ok := completeSource(v, c.Kind)
	out.Counts = ok && source == c.Source || c.Kind == ReceivedCoverage
	return out
}

// Coverages are the declarations in force, by kind. They concern no single party, so the desk and every firm may read them.
func (r *Registry) Coverages(ctx context.Context) ([]Coverage, error) {
	v, err := r.vocabulary(ctx)
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
			out = append(out, row.coverage(v))
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
