package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Checkpoint says, signed with Ed25519, where the log of a tenant, or of the control database (store.ControlID), stood at a moment. A copy
// outside of the database makes it impossible to cut off or to rewrite unnoticed what was before it.
type Checkpoint struct {
	bun.BaseModel `bun:"table:audit_checkpoints" json:"-"`

	Tenant    string `bun:"-" json:"tenant"`
	Seq       int64  `bun:"seq" json:"seq"`
	Hash      string `bun:"hash" json:"hash"`
	At        string `bun:"at" json:"at"`
	PublicKey string `bun:"public_key" json:"public_key" doc:"hex"`
	Signature string `bun:"signature" json:"signature" doc:"hex"`
}

func (c *Checkpoint) message() []byte {
	return fmt.Appendf(nil, "shanglin checkpoint 1\n%s\n%d\n%s\n%s\n", c.Tenant, c.Seq, c.Hash, c.At)
}

// signed says whether the checkpoint is of this tenant and its signature by one of the trusted keys, or by the key it names if none is given.
func (c *Checkpoint) signed(tenant string, trusted []string) bool {
	key, err := hex.DecodeString(c.PublicKey)
	if err != nil || len(key) != ed25519.PublicKeySize || c.Tenant != tenant {
		return false
	}
	if len(trusted) > 0 && !slices.Contains(trusted, c.PublicKey) {
		return false
	}
	signature, err := hex.DecodeString(c.Signature)
	return err == nil && ed25519.Verify(key, c.message(), signature)
}

// Sign writes a checkpoint of the log of the database in ctx as it stands now, and returns it. Where nothing was logged since the last
// checkpoint of the same key, it returns that one. Conflict if the log is empty.
func Sign(ctx context.Context, key ed25519.PrivateKey) (*Checkpoint, error) {
	var c Checkpoint
	err := store.Write(ctx, func(ctx context.Context) error {
		c = Checkpoint{Tenant: store.Bound(ctx).ID(), At: store.Stamp(clock.Now(ctx)), PublicKey: hex.EncodeToString(key.Public().(ed25519.PublicKey))}
		tx := store.Tx(ctx)
		if err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head WHERE one = 1`).Scan(&c.Seq, &c.Hash); err != nil {
			return err
		}
		if c.Seq == 0 {
			return fault.New(fault.Conflict, "审计日志还没有记录。")
		}
		var had []Checkpoint
		if err := tx.NewSelect().Model(&had).Where("seq = ?", c.Seq).Scan(ctx); err != nil {
			return err
		}
		if len(had) == 1 && had[0].PublicKey == c.PublicKey && had[0].Hash == c.Hash {
			had[0].Tenant = c.Tenant
			c = had[0]
			return nil
		}
		c.Signature = hex.EncodeToString(ed25519.Sign(key, c.message()))
		_, err := tx.ExecContext(ctx, `INSERT INTO audit_checkpoints (seq, hash, at, public_key, signature) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (seq) DO UPDATE SET hash = excluded.hash, at = excluded.at, public_key = excluded.public_key, signature = excluded.signature`,
			c.Seq, c.Hash, c.At, c.PublicKey, c.Signature)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// Checkpoints lists those that stand in the database in ctx, the oldest first.
func Checkpoints(ctx context.Context) ([]Checkpoint, error) {
	out := []Checkpoint{}
	err := store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		return store.Tx(ctx).NewSelect().Model(&out).OrderExpr("seq").Scan(ctx)
	})
	for i := range out {
		out[i].Tenant = store.Bound(ctx).ID()
	}
	return out, err
}

// WriteCheckpoints writes checkpoints as lines of JSON, to be kept outside.
func WriteCheckpoints(w io.Writer, cs []Checkpoint) error {
	for _, c := range cs {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// ReadCheckpoints reads what WriteCheckpoints wrote; files may be joined. Invalid, with the line, for anything else.
func ReadCheckpoints(r io.Reader) ([]Checkpoint, error) {
	var out []Checkpoint
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var c Checkpoint
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil || c.Seq <= 0 || c.Signature == "" {
			return nil, &fault.Error{Code: fault.Invalid, Message: "检查点文件不合格式。", Err: err,
				Details: []fault.Detail{{Field: fmt.Sprintf("第 %d 行", n), Message: "不是一个检查点"}}}
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fault.Wrap(fault.Invalid, "检查点文件不合格式。", err)
	}
	return out, nil
}

const pemType = "PRIVATE KEY"

// NewKey makes a signing key and writes it to a file that only its owner can read. The file must not exist.
func NewKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fault.Wrap(fault.Conflict, "密钥文件已存在。", err)
	}
	if err != nil {
		return nil, err
	}
	err = pem.Encode(f, &pem.Block{Type: pemType, Bytes: der})
	return key, errors.Join(err, f.Sync(), f.Close())
}

// LoadKey reads a signing key. NotFound if there is no such file, Invalid if it is not an Ed25519 key in PEM.
func LoadKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.NotFound, "没有密钥文件。", err)
	}
	if err != nil {
		return nil, err
	}
	invalid := fault.New(fault.Invalid, "密钥文件不是 PEM 格式的 Ed25519 私钥。")
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemType {
		return nil, invalid
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, invalid
	}
	if key, ok := key.(ed25519.PrivateKey); ok {
		return key, nil
	}
	return nil, invalid
}

// PublicKey writes the public half as Checkpoint names it.
func PublicKey(key ed25519.PrivateKey) string {
	return hex.EncodeToString(key.Public().(ed25519.PublicKey))
}
