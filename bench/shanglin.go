package main

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", to make and drop a database

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/internal/server"
	"shanglin/policy"
	schemefiles "shanglin/schemes"
)

//go:embed county.json
var countyFile []byte

// county is what the measured county is made of: data, as everything that names a scheme or a term.
type county struct {
	Folder, Scheme, Process, Open, Submit, Department, Town, Industry string
	Performance                                                       int
	Facts                                                             []struct {
		Term, Value, Source string
		Year                int
		Record              *registry.RecordOf
	}
	Declared struct {
		Term, Value string
		Year, First int
	}
}

const (
	tenant   = "bench"
	password = "Correct horse 9"
	page     = 20
)

// firm is a firm with the session of its account and its applications, each ready to be submitted.
type firm struct {
	id     string
	token  string
	submit []submission
}

type submission struct {
	path string
	body []byte
}

// prepared is a county as it waits to be measured.
type prepared struct {
	firms   []firm
	rounds  []string
	officer string // its session
}

// freshDatabase makes a database in a cluster.
func freshDatabase(ctx context.Context, cluster string) (at string, drop func(), err error) {
	db, err := sql.Open("pgx", cluster)
	if err != nil {
		return "", nil, err
	}
	name := "bench_" + strings.ReplaceAll(store.NewID(), "-", "")
	if _, err := db.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`); err != nil {
		return "", nil, errors.Join(err, db.Close())
	}
	u, err := url.Parse(cluster)
	if err != nil {
		return "", nil, errors.Join(err, db.Close())
	}
	u.Path = "/" + name
	return u.String(), func() {
		_, _ = db.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`)
		_ = db.Close()
	}, nil
}

func measureShanglin(ctx context.Context, o options, who, at string) (*report, error) {
	p, idle, err := prepare(ctx, o, at)
	if err != nil {
		return nil, err
	}
	program, _, err := start(ctx, o.shanglin, "serve", "--store", at, "--listen", "127.0.0.1:0", "--log-level", "warn")
	if err != nil {
		return nil, err
	}
	defer program.stop()
	if err := idle(); err != nil { // the answers of firms that were just registered are computed in the background
		return nil, err
	}
	call := func(method, token, path string, body []byte) (*http.Request, error) {
		r, err := http.NewRequest(method, program.base+"/api/"+tenant+path, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.AddCookie(&http.Cookie{Name: account.CookieName(false), Value: token})
		if body != nil {
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-CSRF-Token", account.CSRF(token))
		}
		return r, nil
	}
	own := func(path string) func(i int) (*http.Request, error) {
		return func(i int) (*http.Request, error) {
			f := p.firms[i%len(p.firms)]
			return call("GET", f.token, strings.ReplaceAll(path, "{firm}", f.id), nil)
		}
	}
	if _, err := drive(ctx, "warming up", o.clients, len(p.firms), own("/parties/{firm}/answers")); err != nil {
		return nil, err
	}
	out := newReport(who)
	for _, m := range []struct {
		what    string
		n       int
		request func(i int) (*http.Request, error)
	}{
		{whatCreate, o.firms * o.rounds, func(i int) (*http.Request, error) {
			f := p.firms[i%len(p.firms)]
			s := f.submit[i/len(p.firms)]
			return call("POST", f.token, s.path, s.body)
		}},
		{whatOwn, o.reads, own(fmt.Sprintf("/cases?party={firm}&per=%d", page))},
		{whatDesk, o.reads, func(i int) (*http.Request, error) {
			return call("GET", p.officer, fmt.Sprintf("/cases?round=%s&per=%d", p.rounds[i%len(p.rounds)], page), nil)
		}},
		{"the firm's page: its answers", o.reads, own("/parties/{firm}/answers")},
		{"what the firm may apply for", o.reads, own("/parties/{firm}/openings")},
	} {
		f, err := drive(ctx, m.what, o.clients, m.n, m.request)
		if err != nil {
			return nil, err
		}
		out.add(f)
	}
	return out, nil
}

// What Shanglin and PocketBase are asked alike.
const (
	whatCreate = "submit an application | create a record"
	whatOwn    = "the firm's cases | its records"
	whatDesk   = "an office's cases, 20 of a round | records"
)

// prepare makes the county with the packages of the program itself: firms with their facts, accounts and sessions, rounds that are open,
// drafts that are complete. It also gives what waits until the program has computed every firm's answers.
func prepare(ctx context.Context, o options, at string) (p *prepared, idle func() error, err error) {
	var c county
	if err := json.Unmarshal(countyFile, &c); err != nil {
		return nil, nil, err
	}
	inst, err := store.Open(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	if err := inst.Migrate(ctx); err != nil {
		return nil, nil, err
	}
	db, err := inst.CreateTenant(ctx, store.Tenant{ID: tenant, Name: tenant})
	if err != nil {
		return nil, nil, err
	}
	m := &maker{county: c, options: o, rooms: server.NewRooms(inst), system: account.System(store.In(ctx, db)), made: &prepared{firms: make([]firm, o.firms)}}
	for _, step := range []func() error{m.publish, m.register, m.openRounds, m.people, m.apply} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	idle = func() error {
		defer inst.Close()
		// The program that computes them is another process, and tells nobody that it is done: look until nothing waits.
		for waiting := 1; waiting > 0; time.Sleep(20 * time.Millisecond) {
			if err := store.Read(m.system, func(ctx context.Context) error {
				return store.Tx(ctx).NewRaw(`SELECT count(*) FROM match_dirty`).Scan(ctx, &waiting)
			}); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		return nil
	}
	return m.made, idle, nil
}

type maker struct {
	county
	options
	rooms  *server.Rooms
	system context.Context
	made   *prepared
}

func (m *maker) publish() error {
	_, err := schemes.Seed(m.system, schemefiles.Files, m.Folder)
	return err
}

func (m *maker) register() error {
	parties := make([]registry.Party, m.firms)
	for i := range parties {
		parties[i] = registry.Party{Kind: registry.KindFirm, Name: fmt.Sprintf("Firm %d", i+1), Exception: "bench", Town: m.Town, Industry: m.Industry}
	}
	made, err := m.rooms.Registry.PutParties(m.system, parties)
	if err != nil {
		return err
	}
	var facts []registry.Statement
	for i, p := range made {
		m.made.firms[i].id = p.ID
		for _, f := range m.Facts {
			facts = append(facts, registry.Statement{Party: p.ID, Term: f.Term, Year: f.Year, Value: f.Value, Record: f.Record, Source: f.Source, Verified: true})
		}
	}
	_, err = m.rooms.Registry.PutFacts(m.system, facts)
	return err
}

func (m *maker) as(grants ...account.Grant) context.Context {
	return account.WithActor(m.system, &account.Actor{AccountID: tenant, Login: tenant, Name: tenant, Tenant: tenant, Grants: grants})
}

func (m *maker) openRounds() error {
	officer := m.as(account.Grant{Role: account.RoleOfficer, Department: m.Department})
	today := clock.Today(m.system)
	for i := range m.rounds {
		name := fmt.Sprintf("B-%d", i+1)
		r, err := m.rooms.Casework.MakeRound(officer, casework.RoundDraft{Number: name, Title: name, Process: m.Process, Performance: m.Performance,
			Opens: today, Closes: today.AddDays(30), Department: m.Department, Schemes: []casework.RoundSchemeDraft{{Scheme: m.Scheme, Department: m.Department}}})
		if err != nil {
			return err
		}
		doing, err := m.doing(officer, "round", r.ID, m.Open)
		if err == nil {
			_, err = m.rooms.Casework.DoRound(officer, r.ID, doing)
		}
		if err != nil {
			return err
		}
		m.made.rounds = append(m.made.rounds, r.ID)
	}
	return nil
}

// doing is an action of the one task that is open.
func (m *maker) doing(ctx context.Context, flow, id, action string) (casework.Doing, error) {
	view, err := m.rooms.Casework.Progress(ctx, flow, id)
	if err != nil {
		return casework.Doing{}, err
	}
	return casework.Doing{Task: view.Tasks[0].ID, Version: view.Tasks[0].Version, Action: action}, nil
}

// people gives every firm and an officer an account and a session. Sessions are opened without HTTP: over it, signing in is limited by address.
func (m *maker) people() error {
	open := func(login string, g account.Grant) (string, error) {
		if _, _, err := m.rooms.Accounts.Create(m.system, tenant, account.New{Login: login, Name: login, Password: password, Grants: []account.Grant{g}}); err != nil {
			return "", err
		}
		return m.rooms.Accounts.SignIn(m.system, tenant, login, password, "127.0.0.1", "")
	}
	errs := make([]error, 2)
	var both sync.WaitGroup // hashing passwords takes its time
	for half := range errs {
		both.Go(func() {
			for i := half; i < len(m.made.firms) && errs[half] == nil; i += len(errs) {
				f := &m.made.firms[i]
				f.token, errs[half] = open(fmt.Sprintf("firm%d", i+1), account.Grant{Role: account.RoleFirm, Party: f.id})
			}
		})
	}
	both.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var err error
	m.made.officer, err = open("officer", account.Grant{Role: account.RoleOfficer, Department: m.Department})
	return err
}

// apply fills in every application, each declaring another figure.
func (m *maker) apply() error {
	for i := range m.made.firms {
		f := &m.made.firms[i]
		ctx := m.as(account.Grant{Role: account.RoleFirm, Party: f.id})
		for n, round := range m.made.rounds {
			k, err := m.rooms.Casework.Begin(ctx, round, m.Scheme, f.id)
			if err != nil {
				return err
			}
			form, err := m.rooms.Casework.FormOf(ctx, k.ID)
			if err != nil {
				return err
			}
			figure := registry.FactBody{Term: m.Declared.Term, Year: m.Declared.Year, Value: fmt.Sprintf(m.Declared.Value, m.Declared.First+n)}
			if form, err = m.rooms.Casework.Save(ctx, k.ID, form.Version, casework.Draft{Statements: []registry.FactBody{figure}, Commitment: true,
				Contact: tenant, Phone: "13800000000"}); err != nil {
				return err
			}
			if len(form.Missing) > 0 || form.Result.Answer != policy.Met {
				return fmt.Errorf("an application is not complete: %v, %s", form.Missing, form.Result.Answer)
			}
			doing, err := m.doing(ctx, "case", k.ID, m.Submit)
			if err != nil {
				return err
			}
			body, err := json.Marshal(doing)
			if err != nil {
				return err
			}
			f.submit = append(f.submit, submission{"/cases/" + k.ID + "/actions", body})
		}
	}
	return nil
}
