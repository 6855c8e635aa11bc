package server

import (
	"context"

	"shanglin/internal/casework"
	"shanglin/internal/paper"
)

// papers lets casework ask the room of official documents.
type papers struct{ room *paper.Room }

func (p papers) Draft(ctx context.Context, d casework.Paper) error {
	_, err := p.room.Draft(ctx, paper.Drafting(d))
	return err
}

func (p papers) Pending(ctx context.Context, caseID string, delivered bool) ([]string, error) {
	return p.room.Pending(ctx, caseID, delivered)
}

// cases lets the room of official documents ask casework, which is made with it.
type cases struct{ casework **casework.Casework }

func (c cases) Sees(ctx context.Context, caseID string) error { return (*c.casework).Sees(ctx, caseID) }

func (c cases) Drafting(ctx context.Context, caseID, template string) (paper.Drafting, error) {
	d, err := (*c.casework).PaperOf(ctx, caseID, template)
	return paper.Drafting(d), err
}

func (c cases) Templates(ctx context.Context, caseID string) ([]string, error) {
	return (*c.casework).TemplatesOf(ctx, caseID)
}
