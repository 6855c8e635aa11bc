package server

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/notify"
	"shanglin/internal/platform/store"
	"shanglin/internal/schemes"
)

// tickEvery is how often the passing of time is looked at. A day's sweep begins within this after midnight.
const tickEvery = time.Minute

// keepTime looks after what time asks for in every tenant, until ctx ends.
func (s *Server) keepTime(ctx context.Context) {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		s.Tick(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Tick does once, for every tenant, what the passing of time asks for: the sweep of a new day, work that a stopped server left,
// schemes published above, notifications read long ago. One tenant's failure does not keep the others waiting.
func (s *Server) Tick(ctx context.Context) {
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		if ctx.Err() == nil {
			slog.ErrorContext(ctx, "the tenants cannot be listed", "error", err)
		}
		return
	}
	for _, t := range tenants {
		if ctx.Err() != nil {
			return
		}
		if err := s.tickTenant(ctx, t.ID); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "periodic work failed; it is tried again", "tenant", t.ID, "error", err)
		}
	}
}

func (s *Server) tickTenant(ctx context.Context, id string) error {
	db, err := s.store.Tenant(ctx, id)
	if err != nil {
		return err
	}
	if _, err := schemes.Pull(ctx, s.store, db); err != nil {
		if fault.CodeOf(err) != fault.Invalid {
			return err
		}
		slog.WarnContext(ctx, "schemes published above do not agree with the tenant's own", "tenant", id, "error", err)
	}
	ctx = store.In(ctx, db)
	if err := s.rooms.Registry.Recover(ctx); err != nil {
		return err
	}
	if err := notify.Tick(ctx); err != nil {
		return err
	}
	// A case that cannot lapse keeps no answer and no reminder waiting.
	return errors.Join(s.rooms.Engine.Tick(ctx), s.rooms.Treasury.Remind(account.System(ctx)), s.rooms.Matching.Tick(ctx))
}
