package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

const (
	storeVariable = "SHANGLIN_STORE"
	defaultStore  = "sqlite:./data"
)

// storeFlag adds --store. A password in an address should not stand on the command line, hence the environment variable.
func storeFlag(cmd *cobra.Command, url *string) {
	cmd.Flags().StringVar(url, "store", "", "where the data lies 数据位置: sqlite:DIR or postgres://… (default $"+storeVariable+", else "+defaultStore+")")
}

func storeURL(url string) string {
	if url == "" {
		url = os.Getenv(storeVariable)
	}
	if url == "" {
		url = defaultStore
	}
	return url
}

// openStore connects, and brings every tenant's tables up to this program when migrate says so.
func openStore(ctx context.Context, url string, migrate bool) (*store.Installation, error) {
	url = storeURL(url)
	if !migrate && store.Missing(url) {
		return nil, noSuchTenant(nil)
	}
	inst, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if migrate {
		if err := inst.Migrate(ctx); err != nil {
			inst.Close()
			return nil, err
		}
	}
	return inst, nil
}

// chosenTenants are the tenant that was named, or all of them.
func chosenTenants(ctx context.Context, inst *store.Installation, id string) ([]store.Tenant, error) {
	tenants, err := inst.Tenants(ctx)
	if err != nil || id == "" {
		return tenants, err
	}
	for _, t := range tenants {
		if t.ID == id {
			return []store.Tenant{t}, nil
		}
	}
	return nil, noSuchTenant(tenants)
}

// openTenant connects as openStore does and binds the context to the tenant that was named. Whoever calls it closes the installation.
func openTenant(ctx context.Context, url, id string, migrate bool) (context.Context, *store.Installation, error) {
	if store.Missing(storeURL(url)) { // looked into, it would be made
		return nil, nil, noSuchTenant(nil)
	}
	inst, err := openStore(ctx, url, migrate)
	if err != nil {
		return nil, nil, err
	}
	if _, err = chosenTenants(ctx, inst, id); err == nil {
		var db *store.DB
		if db, err = inst.Tenant(ctx, id); err == nil {
			return store.In(ctx, db), inst, nil
		}
	}
	inst.Close()
	return nil, nil, err
}

func noSuchTenant(tenants []store.Tenant) error {
	known := ""
	for _, t := range tenants {
		known += fmt.Sprintf("\n  %s  %s", t.ID, t.Name)
	}
	if known == "" {
		return fault.New(fault.NotFound, "还没有县（市、区）。请先运行 shanglin init。")
	}
	return fault.New(fault.NotFound, "没有这个编号，现有的是："+known)
}
