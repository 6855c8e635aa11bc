package audit

import (
	"context"

	"shanglin/internal/platform/store"
)

// TenantKind is the kind of the rows, in the control database, that name the tenants.
const TenantKind = "tenant"

func init() {
	RegisterControl(TenantKind, store.TenantDigest, store.TenantIDs)
	store.LogTenants(func(ctx context.Context, action string, t store.Tenant, digest string) error {
		return Append(ctx, Event{Action: action, Kind: TenantKind, ID: t.ID, Digest: digest, Data: map[string]string{"name": t.Name}})
	})
}
