package demo

import (
	"context"
	"database/sql"
	"errors"

	"shanglin/internal/platform/store"
)

// state is how far a demo county is made.
type state struct {
	One    int    `bun:"one"`
	Place  string `bun:"place"`
	Seed   int64  `bun:"seed"`
	Firms  int64  `bun:"firms"`
	Made   int64  `bun:"made"`
	Done   int    `bun:"done"`
	MadeOn string `bun:"made_on"` // the day it was begun
	Notice string `bun:"notice"`
}

// readState is nil when the tenant of ctx is no demo. Call it inside Read or Write.
func readState(ctx context.Context) (*state, error) {
	var s state
	err := store.Tx(ctx).NewRaw(`SELECT one, place, seed, firms, made, done, made_on, notice FROM demo WHERE one = 1`).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &s, err
}

func (s state) write(ctx context.Context) error {
	_, err := store.Tx(ctx).NewRaw(`INSERT INTO demo (one, place, seed, firms, made, done, made_on, notice) VALUES (1, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (one) DO UPDATE SET made = excluded.made, done = excluded.done, notice = excluded.notice`,
		s.Place, s.Seed, s.Firms, s.Made, s.Done, s.MadeOn, s.Notice).Exec(ctx)
	return err
}

// Notice says whether the tenant of ctx is a demo county, and what its readers have to be told.
func Notice(ctx context.Context) (demo bool, notice string, err error) {
	err = store.Read(ctx, func(ctx context.Context) error {
		s, err := readState(ctx)
		if s != nil {
			demo, notice = true, s.Notice
		}
		return err
	})
	return demo, notice, err
}
