package server

import (
	"context"
	"io"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/panel"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/internal/platform/notify"
	"shanglin/policy"
)

// panels lets casework ask the experts' room.
type panels struct{ room *panel.Room }

func (p panels) Draw(ctx context.Context, n casework.NewPanel, rules *policy.Panel) error {
	list := make([]panel.Candidate, len(n.Cases))
	for i, c := range n.Cases {
		list[i] = panel.Candidate(c)
	}
	return p.room.Draw(ctx, panel.Round{ID: n.Round, Number: n.Number, Title: n.Title, Department: n.Department}, rules, list)
}

func (p panels) In(ctx context.Context, round string, cases []string) error {
	return p.room.In(ctx, round, cases)
}

func (p panels) Sum(ctx context.Context, round string, cases []string) (map[string]string, error) {
	list, err := p.room.Sum(ctx, round, cases)
	out := map[string]string{}
	for _, s := range list {
		out[s.Case] = s.Score
	}
	return out, err
}

func (p panels) Scores(ctx context.Context, round string) (map[string]string, error) {
	return p.room.Scores(ctx, round)
}

func (p panels) Short(ctx context.Context, round string) error { return p.room.Short(ctx, round) }

func (p panels) Signed(ctx context.Context, round string) error { return p.room.Signed(ctx, round) }

// evidence lets the experts' room ask casework, which is made after it.
type evidence struct{ casework func() *casework.Casework }

func (e evidence) Evidence(ctx context.Context, id string) ([]panel.Evidence, error) {
	list, err := e.casework().EvidenceOf(ctx, id)
	out := []panel.Evidence{}
	for _, m := range list {
		if len(m.Files) == 0 {
			continue
		}
		x := panel.Evidence{Title: m.Title}
		for _, f := range m.Files {
			x.Files = append(x.Files, panel.EvidenceFile{ID: f.ID, Name: f.Name, Kind: f.Kind, Size: f.Size})
		}
		out = append(out, x)
	}
	return out, err
}

func (e evidence) File(ctx context.Context, id, file string) (files.File, io.ReadCloser, error) {
	return e.casework().OpenEvidence(ctx, id, file)
}

func (e evidence) Places(ctx context.Context, round string) ([]panel.Place, error) {
	list, err := e.casework().Placed(ctx, round)
	out := make([]panel.Place, len(list))
	for i, p := range list {
		out[i] = panel.Place(p)
	}
	return out, err
}

// tellExpert tells an expert by their login; of a login without an account nobody is told.
func tellExpert(accounts *account.Service) func(ctx context.Context, login, title, body string) error {
	return func(ctx context.Context, login, title, body string) error {
		id, err := accounts.IDOf(account.System(ctx), login)
		if fault.CodeOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return notify.Tell(ctx, []string{id}, notify.Note{Kind: "panel", Title: title, Body: body, Link: "expert", Key: title + body})
	}
}

// barred says why the account of a login cannot score parties: it is not there, is no expert's, or speaks for one of them.
func barred(accounts *account.Service) func(ctx context.Context, login string, parties []string) (string, error) {
	return func(ctx context.Context, login string, parties []string) (string, error) {
		const none = "登录名没有对应的评审专家账号"
		id, err := accounts.IDOf(account.System(ctx), login)
		if fault.CodeOf(err) == fault.NotFound {
			return none, nil
		}
		if err != nil {
			return "", err
		}
		if experts, err := account.HoldersOf(ctx, account.RoleExpert, "", ""); err != nil || !slices.Contains(experts, id) {
			return none, err
		}
		by, err := account.SpeakersByParty(ctx, parties)
		for _, list := range by {
			if slices.Contains(list, id) {
				return "代表申报人", err
			}
		}
		return "", err
	}
}
