package process

import "context"

func (e *Engine) OnMove(flow string, fn func(ctx context.Context, m Move) error) {}

type Standing struct{ Stage, Title, Public, Outcome string }

func (e *Engine) Standings(ctx context.Context, flow string, subjects []string) (map[string]Standing, error) {
	panic("x")
}
func (e *Engine) Turn(ctx context.Context, flow, subject, role string) (bool, error) { panic("x") }
func Asked(column, flow, department string) (condition string, args []any)           { panic("x") }

func (e *Engine) Happened(ctx context.Context, flow, subject, event, reason string) (Instance, error) {
	panic("x")
}
