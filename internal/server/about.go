package server

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/demo"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/store"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// About is what every page of a tenant needs to know.
type About struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Today       policy.Date `json:"today" doc:"the day in China"`
	Departments []string    `json:"departments" doc:"that vouch for facts or handle schemes"`
	Towns       []string    `json:"towns"`
	Industries  []string    `json:"industries"`
	Sizes       []string    `json:"sizes"`
	Demo        bool        `json:"demo" doc:"the parties and figures are invented"`
	Notice      string      `json:"notice" doc:"to be shown on every page; may be empty"`
}

// aboutFor is how long the words of a tenant are kept: they change with an import or a publication, and every page asks for them.
const aboutFor = 30 * time.Second

type abouts struct {
	mu    sync.Mutex
	known map[string]keptAbout
}

type keptAbout struct {
	about About
	until time.Time
}

type aboutOutput struct{ Body About }

func (s *Server) registerAbout(api huma.API) {
	kept := &abouts{known: map[string]keptAbout{}}
	huma.Register(api, huma.Operation{OperationID: "about", Method: http.MethodGet, Path: "/api/{tenant}/about", Summary: "What every page of a tenant needs to know", Tags: []string{"about"}},
		func(ctx context.Context, in *struct {
			Tenant string `path:"tenant" maxLength:"64"`
		}) (*aboutOutput, error) {
			now := clock.Now(ctx)
			kept.mu.Lock()
			k, ok := kept.known[in.Tenant]
			kept.mu.Unlock()
			if !ok || now.After(k.until) {
				a, err := s.about(ctx, in.Tenant)
				if err != nil {
					return nil, err
				}
				k = keptAbout{a, now.Add(aboutFor)}
				kept.mu.Lock()
				kept.known[in.Tenant] = k
				kept.mu.Unlock()
			}
			k.about.Today = clock.Today(ctx)
			return &aboutOutput{k.about}, nil
		})
}

// about gathers the words of the tenant in ctx from its schemes and its registry.
func (s *Server) about(ctx context.Context, id string) (About, error) {
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		return About{}, err
	}
	a := About{ID: id}
	if i := slices.IndexFunc(tenants, func(t store.Tenant) bool { return t.ID == id }); i >= 0 {
		a.Name = tenants[i].Name
	}
	if a.Demo, a.Notice, err = demo.Notice(ctx); err != nil {
		return About{}, err
	}
	library, err := schemes.Library(ctx)
	if err != nil {
		return About{}, err
	}
	departments, industries, sizes := words{}, words{}, words{}
	declared := library.Vocabulary().Sizes()
	for _, t := range library.Vocabulary().Terms() {
		departments.add(t.From)
	}
	for _, r := range library.Vocabulary().Records() {
		departments.add(r.From, r.Complete)
	}
	for _, scheme := range library.Schemes() {
		d := scheme.Describe()
		departments.add(d.Office)
		industries.add(d.Industries...)
		sizes.add(d.Sizes...)
	}
	kept, err := s.rooms.Registry.Words(ctx)
	if err != nil {
		return About{}, err
	}
	industries.add(kept.Industries...)
	sizes.add(kept.Sizes...)
	for _, s := range declared {
		delete(sizes, s)
	}
	a.Departments, a.Industries, a.Towns = departments.sorted(), industries.sorted(), kept.Towns
	a.Sizes = append(declared, sizes.sorted()...) // in their own order, and not in that of characters
	return a, nil
}

// words is a set of names.
type words map[string]bool

func (w words) add(names ...string) {
	for _, n := range names {
		if n != "" {
			w[n] = true
		}
	}
}

func (w words) sorted() []string {
	out := make([]string, 0, len(w))
	for n := range w {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
