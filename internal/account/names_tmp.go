package account

import "context"

func NamesOf(ctx context.Context, accounts []string) (map[string]string, error) { panic("x") }
