package server

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/account"
	"shanglin/internal/auditor"
	"shanglin/internal/matching"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// Rooms is every room of the house, wired: who hears of whose changes, who gives whom its vocabulary.
type Rooms struct {
	Accounts *account.Service
	Auditor  *auditor.Auditor
	Registry *registry.Registry
	Matching *matching.Matching
	Treasury *treasury.Treasury
	Notes    *notify.Box
}

// NewRooms wires the rooms of an installation.
func NewRooms(inst *store.Installation) *Rooms { return newRooms(inst) }

func newRooms(inst *store.Installation) *Rooms {
	r := registry.New(vocabulary)
	accounts := account.NewService(inst)
	return &Rooms{Accounts: accounts, Auditor: auditor.New(accounts), Registry: r, Matching: matching.New(r),
		Treasury: treasury.New(), Notes: notify.NewBox(whoAsks)}
}

// whoAsks is the account that asks, or nobody.
func whoAsks(ctx context.Context) string { return account.ActorFrom(ctx).AccountID }

func vocabulary(ctx context.Context) (*policy.Vocabulary, error) {
	library, err := schemes.Library(ctx)
	if err != nil {
		return nil, err
	}
	return library.Vocabulary(), nil
}

// register mounts every room's routes.
func (r *Rooms) register(api huma.API) {
	account.Routes(api, r.Accounts)
	schemes.Routes(api)
	r.Registry.Routes(api)
	r.Matching.Routes(api)
	r.Treasury.Routes(api)
	r.Auditor.Routes(api)
	r.Notes.Routes(api)
	registerJobs(api)
}

// handlers gives every kind of job the room that does it.
func (r *Rooms) handlers() *jobs.Handlers {
	h := &jobs.Handlers{}
	r.Auditor.Handle(h)
	r.Registry.Handle(h)
	r.Matching.Handle(h)
	return h
}
