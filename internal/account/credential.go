package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/store"
)

// credential is how an account proves who it is. It stands in the control database under the account's id.
type credential struct {
	ID         string `bun:"id"`
	Tenant     string `bun:"tenant"`
	Login      string `bun:"login"`
	Password   string `bun:"password"`
	MustChange int    `bun:"must_change"`
	CreatedAt  string `bun:"created_at"`
	ChangedAt  string `bun:"changed_at"`
}

const credentialKind = "credential"

func init() {
	audit.RegisterControl(credentialKind, credentialDigest, credentialsAfter)
	// What was there before the control database had a log.
	store.RegisterStep("control/0190_audit", func(ctx context.Context) error {
		if err := audit.Adopt(ctx, audit.TenantKind); err != nil {
			return err
		}
		return audit.Adopt(ctx, credentialKind)
	})
}

// digest covers the whole row. The salt of the password's hash keeps anybody who reads the log from trying logins and passwords against it.
func (c *credential) digest() (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func credentialDigest(ctx context.Context, id string) (string, error) {
	c, err := findCredential(ctx, `id = ?`, id)
	if err != nil {
		return "", err
	}
	if c == nil {
		return "", sql.ErrNoRows
	}
	return c.digest()
}

// recordCredential appends the audit event of a change to a credential, inside the transaction that made it.
func recordCredential(ctx context.Context, action, id string) error {
	digest, err := credentialDigest(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: credentialKind, ID: id, Digest: digest})
}

// asRecorded says whether a credential, which the transaction holds, is as the audit log last said.
func (c *credential) asRecorded(ctx context.Context) (bool, error) {
	logged, err := audit.LastDigest(ctx, credentialKind, c.ID)
	if err != nil {
		return false, err
	}
	digest, err := c.digest()
	return digest == logged, err
}
