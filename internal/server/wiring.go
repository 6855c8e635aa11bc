package server

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/account"
	"shanglin/internal/auditor"
	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/internal/matching"
	"shanglin/internal/panel"
	"shanglin/internal/paper"
	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/internal/rehearsal"
	"shanglin/internal/schemes"
	"shanglin/internal/simulation"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// Rooms is every room of the house, wired: who hears of whose changes, who gives whom its vocabulary.
type Rooms struct {
	Accounts *account.Service
	Auditor  *auditor.Auditor
	Registry *registry.Registry
	Matching *matching.Matching
	Notes    *notify.Box
	Engine   *process.Engine
	Casework *casework.Casework
	Treasury *treasury.Treasury
	Trials   *simulation.Room
	Register *certificate.Register
	Panels   *panel.Room
	Papers   *paper.Room
	Stage    *rehearsal.Room
}

// NewRooms wires the rooms of an installation.
func NewRooms(inst *store.Installation) *Rooms { return newRooms(inst) }

func newRooms(inst *store.Installation) *Rooms {
	accounts := account.NewService(inst)
	accounts.UseTeller(tellOf)
	r := registry.New(vocabulary)
	var c *casework.Casework // the engine asks it for days, and it is made with the engine
	e := process.New(process.World{Holders: account.HoldersOf, Speakers: account.SpeakersByParty, Names: account.NamesOf, Tell: tell,
		Calendar: schemes.Calendar, Day: func(ctx context.Context, s process.Subject, _ string) (policy.Date, bool, error) {
			return c.Expiry(ctx, s.ID)
		}})
	t := treasury.New()
	held := certificate.New(r)
	experts := panel.New(evidence{func() *casework.Casework { return c }}, panel.World{Tell: tellExpert(accounts), Barred: barred(accounts)})
	d := paper.New(cases{&c})
	c = casework.New(r, e, purse{t}, certificates{held}, papers{d}, panels{experts})
	r.UseStanding(c.Vocabularies)
	joinMoney(t, c, r)
	return &Rooms{Accounts: accounts, Auditor: auditor.New(accounts), Registry: r, Matching: matching.New(r), Notes: notify.NewBox(whoAsks, account.LiveOf), Engine: e,
		Casework: c, Treasury: t, Trials: simulation.New(r, budgetsOf(t)), Register: held, Panels: experts, Papers: d, Stage: rehearsal.New(e)}
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
	schemes.PublicationRoutes(api)
	r.Registry.Routes(api)
	r.Matching.Routes(api)
	r.Trials.Routes(api)
	r.Engine.Routes(api)
	r.Casework.Routes(api)
	r.Treasury.Routes(api)
	r.Register.Routes(api)
	r.Panels.Routes(api)
	r.Papers.Routes(api)
	r.Stage.Routes(api)
	r.Auditor.Routes(api)
	r.Notes.Routes(api)
	registerJobs(api)
}

// handlers gives every kind of job the room that does it.
func (r *Rooms) handlers() *jobs.Handlers {
	h := &jobs.Handlers{}
	r.Registry.Handle(h)
	r.Matching.Handle(h)
	r.Trials.Handle(h)
	r.Auditor.Handle(h)
	r.Notes.Handle(h)
	return h
}
