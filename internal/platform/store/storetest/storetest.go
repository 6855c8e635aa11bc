// Package storetest gives tests real databases: fresh ones of both kinds, SQLite in a temporary directory and PostgreSQL 15 in a cluster
// that it starts itself, or finds at SHANGLIN_TEST_POSTGRES. Where PostgreSQL is not installed the tests fail and say what to install:
// a test that was skipped proves nothing.
package storetest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", to make and drop databases

	"shanglin/internal/platform/store"
)

// Kinds of database that every test runs on.
var Kinds = []string{"sqlite", "postgres"}

// TenantID is the tenant that Each makes.
const TenantID = "testcounty"

// EachURL runs fn once for each kind, with the url of a place for an installation where nothing is yet.
func EachURL(t *testing.T, fn func(t *testing.T, ctx context.Context, url string)) {
	t.Helper()
	for _, kind := range Kinds {
		t.Run(kind, func(t *testing.T) { fn(t, context.Background(), URL(t, kind)) })
	}
}

// EachInstallation runs fn once for each kind, on an installation with its control database and no tenant.
func EachInstallation(t *testing.T, fn func(t *testing.T, ctx context.Context, inst *store.Installation)) {
	t.Helper()
	EachURL(t, func(t *testing.T, ctx context.Context, url string) { fn(t, ctx, Open(t, ctx, url)) })
}

// Each runs fn once for each kind, with a context that is bound to a fresh tenant.
func Each(t *testing.T, fn func(t *testing.T, ctx context.Context)) {
	t.Helper()
	EachInstallation(t, func(t *testing.T, ctx context.Context, inst *store.Installation) {
		db, err := inst.CreateTenant(ctx, store.Tenant{ID: TenantID, Name: "测试县"})
		if err != nil {
			t.Fatal(err)
		}
		fn(t, store.In(ctx, db))
	})
}

// Open opens the installation at url, migrated, and closes it when the test ends.
func Open(t testing.TB, ctx context.Context, url string) *store.Installation {
	t.Helper()
	inst, err := store.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inst.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := inst.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return inst
}

// URL is a place for an installation of a kind where nothing is yet. It goes with the test.
func URL(t testing.TB, kind string) string {
	t.Helper()
	if kind == "sqlite" {
		return "sqlite:" + t.TempDir()
	}
	server := clusterURL(t)
	name := "test_" + strings.ReplaceAll(store.NewID(), "-", "")
	execute(t, server, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`)
	t.Cleanup(func() { execute(t, server, `DROP DATABASE `+name+` WITH (FORCE)`) })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

var (
	clusterOnce sync.Once
	clusterAt   string
	clusterErr  error
)

// clusterURL is the server for this process: the shared one if there is one, else its own, which ends with the process.
func clusterURL(t testing.TB) string {
	t.Helper()
	clusterOnce.Do(func() {
		if clusterAt = os.Getenv(Env); clusterAt != "" {
			return
		}
		var c *Cluster
		if c, clusterErr = StartCluster(false); clusterErr == nil {
			clusterAt = c.URL
		}
	})
	if clusterErr != nil {
		t.Fatal(clusterErr)
	}
	return clusterAt
}

func execute(t testing.TB, server, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}
