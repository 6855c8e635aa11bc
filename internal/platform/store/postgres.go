package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"

	"shanglin/internal/platform/fault"
)

// postgresEngine keeps an installation in one PostgreSQL database: the schema "control", and "t_ID" for the tenant ID.
type postgresEngine struct {
	pool *sql.DB
	bun  *bun.DB
}

// settings of every connection, each with its reason.
var settings = map[string]string{
	// A statement outside of a transaction of ours must find no table at all rather than some tenant's.
	"search_path": "",
	// bun writes arguments into the text of a statement and escapes them for these two.
	"standard_conforming_strings": "on",
	"client_encoding":             "UTF8",
	// Nothing may depend on where the server stands; times are text from Go.
	"timezone": "UTC",
	// A client that vanished in the middle of a transaction must not hold its locks for ever.
	"idle_in_transaction_session_timeout": "300000",
	"application_name":                    "shanglin",
	// Of long lists the beginning is read, by an index that gives it: a disk that seeks as fast as it reads is assumed, and no time to compile.
	"random_page_cost": "1.1",
	"jit":              "off",
}

const defaultConnections = 16

func openPostgres(ctx context.Context, address string) (engine, error) {
	connections := defaultConnections
	u, err := url.Parse(address)
	if err != nil {
		return nil, fault.New(fault.Invalid, "PostgreSQL 地址不合规范。") // the cause would show the password
	}
	q := u.Query()
	if text := q.Get("pool_max_conns"); text != "" {
		if connections, err = strconv.Atoi(text); err != nil || connections < 2 {
			return nil, fault.New(fault.Invalid, "pool_max_conns 应为不小于 2 的整数。")
		}
		q.Del("pool_max_conns")
		u.RawQuery = q.Encode()
	}
	config, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, fault.New(fault.Invalid, "PostgreSQL 地址不合规范。")
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // statements come complete from bun: preparing them costs a round trip more
	for name, value := range settings {
		config.RuntimeParams[name] = value
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections / 2)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := fit(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return &postgresEngine{pool: pool, bun: wrap(pool, postgres)}, nil
}

// fit checks that text sorts by its bytes, as in SQLite and in Go, and can hold every character.
func fit(ctx context.Context, pool *sql.DB) error {
	var encoding, collation string
	err := pool.QueryRowContext(ctx, `SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()`).Scan(&encoding, &collation)
	if err != nil {
		return unavailable(err)
	}
	switch strings.ToLower(collation) {
	case "c", "posix", "c.utf-8", "c.utf8":
		if encoding == "UTF8" {
			return nil
		}
	}
	return fault.New(fault.Conflict, fmt.Sprintf("PostgreSQL 数据库的编码是 %s、排序规则是 %s；请这样建立数据库："+
		"CREATE DATABASE 名称 TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'。", encoding, collation))
}

const tenantPrefix = "t_"

func schemaOf(id string) string {
	if id == ControlID {
		return ControlID
	}
	return tenantPrefix + id
}

func (e *postgresEngine) db(inst *Installation, id string) *DB {
	return &DB{inst: inst, id: id, schema: schemaOf(id), writer: e.bun, reader: e.bun}
}

func (e *postgresEngine) open(ctx context.Context, inst *Installation, id string) (*DB, bool, error) {
	var n int
	if err := e.bun.QueryRowContext(ctx, `SELECT count(*) FROM pg_namespace WHERE nspname = ?`, schemaOf(id)).Scan(&n); err != nil {
		return nil, false, unavailable(err)
	}
	return e.db(inst, id), n == 1, nil
}

func (e *postgresEngine) create(ctx context.Context, inst *Installation, id string) (*DB, error) {
	_, err := e.pool.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+quote(schemaOf(id)))
	// Two servers that start together may both find it missing; the one that comes second is told so by the catalogue's index.
	if err != nil && !IsUnique(err) {
		return nil, unavailable(err)
	}
	return e.db(inst, id), nil
}

// stagedSchema is where the control database of a restore is made.
const stagedSchema = "control_restoring"

func (e *postgresEngine) stage(ctx context.Context, inst *Installation) (*DB, error) {
	_, err := e.pool.ExecContext(ctx, `CREATE SCHEMA `+stagedSchema)
	db := e.db(inst, ControlID)
	db.schema = stagedSchema
	return db, err
}

func (e *postgresEngine) publish(ctx context.Context) error {
	_, err := e.pool.ExecContext(ctx, `ALTER SCHEMA `+stagedSchema+` RENAME TO `+ControlID)
	return err
}

func (e *postgresEngine) drop(ctx context.Context, id string) error {
	_, err := e.pool.ExecContext(ctx, `DROP SCHEMA IF EXISTS `+quote(schemaOf(id))+` CASCADE`)
	if err == nil && id == ControlID {
		_, err = e.pool.ExecContext(ctx, `DROP SCHEMA IF EXISTS `+stagedSchema+` CASCADE`)
	}
	return err
}

func (e *postgresEngine) list(ctx context.Context) ([]string, error) {
	rows, err := e.pool.QueryContext(ctx, `SELECT nspname FROM pg_namespace WHERE nspname IN ('control', 'control_restoring') OR substr(nspname, 1, 2) = 't_' ORDER BY nspname`)
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		ids = append(ids, strings.TrimPrefix(name, tenantPrefix))
	}
	return ids, rows.Err()
}

func (e *postgresEngine) close() error { return e.pool.Close() }
