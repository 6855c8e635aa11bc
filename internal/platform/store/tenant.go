package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"unicode/utf8"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
)

// Tenant is a county, or the city itself. ID is 1 to 32 lower-case letters, digits and hyphens, the first a letter or digit;
// it names a file or a schema and stands in addresses.
type Tenant struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
}

var tenantID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// Validate says what is wrong with id or name: Invalid, or nil.
func (t Tenant) Validate() error {
	var details []fault.Detail
	if !tenantID.MatchString(t.ID) || t.ID == ControlID {
		details = append(details, fault.Detail{Field: "id", Message: "应为 1 至 32 个小写字母、数字或连字符，且不能是 control"})
	}
	if n := utf8.RuneCountInString(t.Name); n < 1 || n > 64 {
		details = append(details, fault.Detail{Field: "name", Message: "应为 1 至 64 个字"})
	}
	if details != nil {
		return fault.New(fault.Invalid, "租户的编号或名称不合规范。", details...)
	}
	return nil
}

// A tenant's row is written before its database exists and says "creating" until that is complete, so that what a crash leaves behind
// is known and can be completed.
const (
	stateCreating = "creating"
	stateReady    = "ready"
)

// logTenant notes in the control database's audit log what is done to a tenant's row. The log stands above this package, which cannot
// import it, and puts itself here (LogTenants).
var logTenant = func(ctx context.Context, action string, t Tenant, digest string) error { return nil }

// LogTenants says how a change of a tenant's row is logged; log runs in the transaction that made it. Call it from init.
func LogTenants(log func(ctx context.Context, action string, t Tenant, digest string) error) {
	logTenant = log
}

// TenantDigest is what the audit log keeps of a tenant's row, which is all of it; sql.ErrNoRows if there is no such row.
func TenantDigest(ctx context.Context, id string) (string, error) {
	row := struct{ ID, Name, State, CreatedAt string }{ID: id}
	err := Tx(ctx).QueryRowContext(ctx, `SELECT name, state, created_at FROM tenants WHERE id = ?`, id).Scan(&row.Name, &row.State, &row.CreatedAt)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(row)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// TenantIDs lists the ids of tenants after one, rising, also of those that are not complete.
func TenantIDs(ctx context.Context, after string, limit int) (ids []string, err error) {
	err = Tx(ctx).NewRaw(`SELECT id FROM tenants WHERE id > ? ORDER BY id LIMIT ?`, after, limit).Scan(ctx, &ids)
	return ids, err
}

// recordTenant logs a change of a tenant's row, inside the transaction that made it.
func recordTenant(ctx context.Context, action string, t Tenant) error {
	digest, err := TenantDigest(ctx, t.ID)
	if err != nil {
		return err
	}
	return logTenant(ctx, action, t, digest)
}

// CreateTenant makes the tenant's database with all its tables. A creation that was interrupted is completed. The control database's
// audit log tells when it was begun and when it was complete; the tenant's own log begins empty.
// Invalid for an id or name of wrong shape, Conflict if there is such a tenant, or a database of its name that no tenant owns.
func (i *Installation) CreateTenant(ctx context.Context, t Tenant) (*DB, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	db, found, err := i.engine.open(ctx, i, t.ID)
	if err != nil {
		return nil, err
	}
	if found {
		db.shut()
	}
	err = Write(In(ctx, i.control), func(ctx context.Context) error {
		var state string
		err := scanOne(ctx, &state, `SELECT state FROM tenants WHERE id = ?`, t.ID)
		switch {
		case err != nil:
			return err
		case state == stateReady:
			return fault.New(fault.Conflict, "已有这个编号的租户。")
		case state == stateCreating:
			if _, err = Tx(ctx).ExecContext(ctx, `UPDATE tenants SET name = ? WHERE id = ?`, t.Name, t.ID); err != nil {
				return err
			}
			return recordTenant(ctx, "tenant.begun", t)
		case found:
			return fault.New(fault.Conflict, "已有这个编号的库，但它不属于任何租户：请先查明它的来历。")
		}
		_, err = Tx(ctx).ExecContext(ctx, `INSERT INTO tenants (id, name, state, created_at) VALUES (?, ?, ?, ?)`,
			t.ID, t.Name, stateCreating, Stamp(clock.Now(ctx)))
		if IsUnique(err) {
			return fault.Wrap(fault.Conflict, "已有这个编号的租户。", err)
		}
		if err != nil {
			return err
		}
		return recordTenant(ctx, "tenant.begun", t)
	})
	if err != nil {
		return nil, err
	}
	if db, err = i.engine.create(ctx, i, t.ID); err != nil {
		return nil, err
	}
	if err := db.migrate(ctx, latest); err != nil {
		db.shut()
		return nil, err
	}
	err = Write(In(ctx, i.control), func(ctx context.Context) error {
		if _, err := Tx(ctx).ExecContext(ctx, `UPDATE tenants SET state = ? WHERE id = ?`, stateReady, t.ID); err != nil {
			return err
		}
		return recordTenant(ctx, "tenant.created", t)
	})
	if err != nil {
		db.shut()
		return nil, err
	}
	return i.keep(db), nil
}

// keep remembers an open database, or returns the one that somebody else opened meanwhile.
func (i *Installation) keep(db *DB) *DB {
	i.mu.Lock()
	defer i.mu.Unlock()
	if other := i.tenants[db.id]; other != nil {
		db.shut()
		return other
	}
	i.tenants[db.id] = db
	return db
}

// Tenants lists the tenants by id.
func (i *Installation) Tenants(ctx context.Context) ([]Tenant, error) {
	var out []Tenant
	err := Read(In(ctx, i.control), func(ctx context.Context) error {
		out = []Tenant{}
		rows, err := Tx(ctx).QueryContext(ctx, `SELECT id, name, created_at FROM tenants WHERE state = ? ORDER BY id`, stateReady)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t Tenant
			if err := rows.Scan(&t.ID, &t.Name, &t.CreatedAt); err != nil {
				return err
			}
			out = append(out, t)
		}
		return rows.Err()
	})
	return out, err
}

// Tenant is the database of a tenant; NotFound if there is no such tenant.
func (i *Installation) Tenant(ctx context.Context, id string) (*DB, error) {
	i.mu.Lock()
	db := i.tenants[id]
	i.mu.Unlock()
	if db != nil {
		return db, nil
	}
	notFound := fault.New(fault.NotFound, "没有这个地区。")
	if !tenantID.MatchString(id) || id == ControlID {
		return nil, notFound
	}
	var state string
	err := Read(In(ctx, i.control), func(ctx context.Context) error {
		return scanOne(ctx, &state, `SELECT state FROM tenants WHERE id = ?`, id)
	})
	if err != nil {
		return nil, err
	}
	if state != stateReady {
		return nil, notFound
	}
	db, found, err := i.engine.open(ctx, i, id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fault.New(fault.Unavailable, "这个地区的库不见了：请联系管理员从备份恢复。")
	}
	return i.keep(db), nil
}
