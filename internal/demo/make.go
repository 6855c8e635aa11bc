package demo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/internal/matching"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// Options of a demo county.
type Options struct {
	Place       string // which county.yaml of CountyFiles; required
	Seed        int64
	Firms       int                // 0: 5,000
	Page        int                // firms written in one transaction; 0: 500, some 15,000 rows
	CountyFiles fs.FS              // PLACE/county.yaml; required
	SchemeFiles fs.FS              // the tree of scheme files with its manifest; required
	Matching    *matching.Matching // the room that computes the answers; required
	Casework    *casework.Casework // the room that opens the county's round; nil: no round
	Treasury    *treasury.Treasury // the room that sets money aside for it; nil: none
}

const (
	defaultFirms = 5000
	defaultPage  = 500
)

// Make makes the tenant into a demo county, and makes the tenant first if there is none. It is safe to call again: what is complete is
// left alone, and what was interrupted goes on where its last transaction ended, with the options it was begun with.
// progress is told in steps of a page of firms; it may be nil. Conflict if the tenant has parties of its own, or is the demo of another place.
func Make(ctx context.Context, inst *store.Installation, tenantID string, o Options, progress func(done, total int, note string)) error {
	if progress == nil {
		progress = func(int, int, string) {}
	}
	if o.Firms == 0 {
		o.Firms = defaultFirms
	}
	if o.Page == 0 {
		o.Page = defaultPage
	}
	county, err := ReadCounty(o.CountyFiles, o.Place)
	if err != nil {
		return err
	}
	db, err := inst.Tenant(ctx, tenantID)
	if fault.CodeOf(err) == fault.NotFound {
		db, err = inst.CreateTenant(ctx, store.Tenant{ID: tenantID, Name: county.Name})
	}
	if err != nil {
		return err
	}
	ctx = account.System(store.In(ctx, db))
	m := &maker{county: county, options: o, tenant: tenantID, inst: inst, progress: progress}
	// A registry of its own, that tells nobody: the answers are computed once, at the end.
	m.registry = registry.New(func(ctx context.Context) (*policy.Vocabulary, error) {
		lib, err := schemes.Library(ctx)
		if err != nil {
			return nil, err
		}
		return lib.Vocabulary(), nil
	})
	m.register = certificate.New(m.registry)
	return m.make(ctx)
}

type maker struct {
	register *certificate.Register // over the registry, so that nobody is told either
	county   *County
	options  Options
	tenant   string
	inst     *store.Installation
	registry *registry.Registry
	progress func(done, total int, note string)
}

func (m *maker) make(ctx context.Context) error {
	s, err := m.begin(ctx)
	if err != nil || s.Done != 0 {
		return err
	}
	m.progress(int(s.Made), int(s.Firms), "正在发布政策文件")
	if _, err := schemes.Seed(ctx, m.options.SchemeFiles, m.county.Place); err != nil {
		return err
	}
	if err := m.firms(ctx, s); err != nil {
		return err
	}
	if err := m.cover(ctx); err != nil {
		return err
	}
	if err := m.dispute(ctx, s); err != nil {
		return err
	}
	if err := m.past(ctx, s); err != nil {
		return err
	}
	err = m.options.Matching.All(ctx, func(_ context.Context, done, total int64, _ string) error {
		m.progress(int(done), int(total), "正在计算每家企业的政策答案")
		return nil
	})
	if err != nil {
		return err
	}
	// The accounts and the mark that all is done are one transaction, so that an account is either whole or not there.
	return store.Write(ctx, func(ctx context.Context) error {
		if err := m.accounts(ctx, s); err != nil {
			return err
		}
		if err := m.rounds(ctx, s, false); err != nil {
			return err
		}
		s.Done = 1
		return s.write(ctx)
	})
}

// past makes what the county's file tells of the time before the day on which it is made, in one transaction: there whole, or not at all.
func (m *maker) past(ctx context.Context, s *state) error {
	m.progress(int(s.Made), int(s.Firms), "正在登记已有的证照和办过的事项")
	return store.Write(ctx, func(ctx context.Context) error {
		issued, err := m.licences(ctx, s)
		if err != nil || issued == 0 { // nobody holds anything, or this was made before
			return err
		}
		return m.rounds(ctx, s, true)
	})
}

// begin reads how far the county is, or notes that it begins.
func (m *maker) begin(ctx context.Context) (*state, error) {
	var s *state
	err := store.Write(ctx, func(ctx context.Context) error {
		var err error
		if s, err = readState(ctx); err != nil {
			return err
		}
		if s != nil && s.Place != m.options.Place {
			return fault.New(fault.Conflict, "这个站点已是另一个县（市、区）的演示")
		}
		if s != nil {
			return nil
		}
		n, err := m.registry.Count(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "这个站点已有自己的企业，不能再做成演示站点")
		}
		s = &state{One: 1, Place: m.options.Place, Seed: m.options.Seed, Firms: int64(m.options.Firms), MadeOn: clock.Today(ctx).String(), Notice: m.county.Notice}
		return s.write(ctx)
	})
	return s, err
}

// firms writes the firms that are not there yet, a page in a transaction.
func (m *maker) firms(ctx context.Context, s *state) error {
	var batch []Firm
	place := int64(0)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := store.Write(ctx, func(ctx context.Context) error {
			if err := m.write(ctx, s, batch); err != nil {
				return err
			}
			next := *s
			next.Made = place
			return next.write(ctx)
		})
		if err != nil {
			return err
		}
		s.Made, batch = place, batch[:0]
		m.progress(int(s.Made), int(s.Firms), "正在登记企业和数据")
		return ctx.Err()
	}
	err := m.county.Generate(s.Seed, int(s.Firms), func(f Firm) error {
		place++
		if place <= s.Made {
			return nil
		}
		if batch = append(batch, f); len(batch) == m.options.Page {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

func (m *maker) write(ctx context.Context, s *state, batch []Firm) error {
	parties := make([]registry.Party, len(batch))
	var statements []registry.Statement
	for i, f := range batch {
		p := registry.Party{
			ID: partyID(s.Seed, f), Kind: registry.KindFirm, Code: f.Code, Name: f.Name, Town: f.Town, Industry: f.Industry, Size: f.Size,
			Invented: f.Invented, Note: f.Note,
		}
		if f.Code == "" {
			p.Exception = m.county.Named.NoCode
		}
		parties[i] = p
		for _, x := range f.Facts {
			statements = append(statements, x.statement(p.ID))
		}
	}
	if _, err := m.registry.PutParties(ctx, parties); err != nil {
		return err
	}
	_, err := m.registry.PutFacts(ctx, statements)
	return err
}

func (x Fact) statement(party string) registry.Statement {
	s := registry.Statement{
		Party: party, Term: x.Term, Year: x.Year, Value: x.Value, Evidence: x.Evidence, Source: x.Source, Verified: x.Verified,
		StatedBy: x.Source, StatedAt: store.Stamp(x.Stated.Time()),
	}
	switch {
	case strings.HasPrefix(x.Term, award):
		s.On = x.From
	case x.Record:
		s.Record = &registry.RecordOf{From: x.From, Until: x.Until, Fields: x.Fields}
	}
	return s
}

// idsFrom is the millisecond that the ids of a demo county begin at (2026-01-01 UTC): in the form of UUIDv7, in the order in which the firms are made.
const idsFrom = 1767225600000

// partyID is the same in every county of the same seed.
func partyID(seed int64, f Firm) string {
	var b [16]byte
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", seed, f.Code, f.Name))
	copy(b[:], sum[:])
	binary.BigEndian.PutUint64(b[:8], uint64(idsFrom+f.Place)<<16|uint64(b[6])<<8|uint64(b[7]))
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// cover declares the sources of the invented firms complete, as far as the county's file says.
func (m *maker) cover(ctx context.Context) error {
	list, err := m.county.Coverage(clock.Today(ctx))
	if err != nil {
		return err
	}
	list = append(list, Coverage{Kind: registry.ReceivedCoverage, Through: m.county.Awards.Covered.Date})
	return store.Write(ctx, func(ctx context.Context) error {
		for _, c := range list {
			if _, err := m.registry.CoverInvented(ctx, c.Kind, c.Through, m.county.Invented); err != nil {
				return err
			}
		}
		return nil
	})
}

// dispute lets the firms that have one against a fact say so.
func (m *maker) dispute(ctx context.Context, s *state) error {
	return m.county.Generate(s.Seed, int(s.Firms), func(f Firm) error {
		for _, x := range f.Facts {
			if x.Disputed == "" {
				continue
			}
			if err := m.disputeFact(ctx, partyID(s.Seed, f), f.Name, x); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *maker) disputeFact(ctx context.Context, party, name string, x Fact) error {
	facts, err := m.registry.Facts(ctx, party)
	if err != nil {
		return err
	}
	speaker := account.WithActor(ctx, &account.Actor{
		AccountID: account.SystemID, Login: account.SystemID, Name: name, Grants: []account.Grant{{Role: account.RoleFirm, Party: party}},
	})
	for _, f := range facts {
		if f.Term != x.Term || f.Period != fmt.Sprint(x.Year) || f.Source != x.Source || f.Disputed {
			continue
		}
		_, err := m.registry.Dispute(speaker, f.ID, x.Disputed)
		return err
	}
	return nil
}

// accounts makes the demo accounts whose firms are there.
func (m *maker) accounts(ctx context.Context, s *state) error {
	service := account.NewService(m.inst)
	ids := map[string]string{}
	err := m.county.Generate(s.Seed, int(s.Firms), func(f Firm) error {
		if f.ID != "" {
			ids[f.ID] = partyID(s.Seed, f)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range m.county.Accounts {
		if a.Firm != "" && ids[a.Firm] == "" {
			continue // the county is too small for its firm
		}
		grant := account.Grant{Role: account.Role(a.Role), Department: a.Department, Town: a.Town, Party: ids[a.Firm]}
		made, _, err := service.Create(ctx, m.tenant, account.New{Login: a.Login, Name: a.Name, Password: a.Password, Grants: []account.Grant{grant}})
		if err != nil {
			return err
		}
		if grant.Party == "" {
			continue
		}
		if _, err := m.registry.HandOver(ctx, grant.Party, made.ID); err != nil {
			return err
		}
	}
	return nil
}
