package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/server"
)

func newAudit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Verify the log of changes, and sign checkpoints of it 审计",
		Long: `Every change of state appends to a hash-chained log in the same transaction. These commands find out whether anything was changed behind it.
Every tenant has a log, and so has the control database, which holds tenants, credentials and sign-ins.

每一次变更都记入一条前后相扣的记录，每个县（市、区）一条，控制库（登录凭证、登录退出）一条。用这里的命令核对有没有被改动。`,
	}
	cmd.AddCommand(newAuditVerify(), newAuditCheckpoint())
	return cmd
}

// auditLog is a log by the database that holds it.
type auditLog struct {
	id, name string
	db       *store.DB
}

// eachLog goes through the log of the control database, then those of the tenants; or takes the one that was named. The tables have to be
// this program's.
func eachLog(ctx context.Context, inst *store.Installation, id string, do func(auditLog) error) error {
	control := auditLog{store.ControlID, "控制库", inst.Control()}
	if err := control.db.Migrated(ctx); err != nil {
		return err
	}
	if id == "" || id == store.ControlID {
		if err := do(control); err != nil || id != "" {
			return err
		}
	}
	tenants, err := chosenTenants(ctx, inst, id)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		db, err := inst.Tenant(ctx, t.ID)
		if err != nil {
			return err
		}
		if err := db.Migrated(ctx); err != nil {
			return err
		}
		if err := do(auditLog{t.ID, t.Name, db}); err != nil {
			return err
		}
	}
	return nil
}

func newAuditVerify() *cobra.Command {
	var o struct {
		store, tenant     string
		checkpoints, keys []string
	}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Find edited, missing, reordered, truncated or rewritten records, and rows that no longer match 核对审计记录",
		Long: `Read the whole log of the control database and of every tenant and compare it with itself, with its signed checkpoints and with the live rows.
Give the checkpoints that were kept outside, and the public key they were signed with: without them a log that was rewritten as a whole cannot be told.

通读控制库和每个县（市、区）的审计记录，与自身、与签名的检查点、与现有数据逐一核对。请带上另存在别处的检查点文件和公钥。

Exit status: 0 nothing is wrong, 1 something is.`,
		Example: `  shanglin audit verify
  shanglin audit verify --checkpoints checkpoints.jsonl --trust 9f…`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			outside, err := readCheckpoints(o.checkpoints)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			inst, err := openStore(ctx, o.store, false)
			if err != nil {
				return err
			}
			defer inst.Close()
			server.NewRooms(inst) // the rooms say how their rows are compared
			out, wrong := cmd.OutOrStdout(), 0
			err = eachLog(ctx, inst, o.tenant, func(l auditLog) error {
				own := slices.DeleteFunc(slices.Clone(outside), func(c audit.Checkpoint) bool { return c.Tenant != l.id })
				r, err := audit.VerifyAgainst(store.In(ctx, l.db), own, o.keys...)
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "%s（%s）：记录%d条，数据%d项，检查点%d个", l.name, l.id, r.Records, r.Rows, r.Checkpoints)
				if r.OK() {
					fmt.Fprintln(out, "，没有发现改动。")
					return nil
				}
				wrong += len(r.Problems)
				fmt.Fprintf(out, "，发现%d处问题：\n", len(r.Problems))
				for _, p := range r.Problems {
					fmt.Fprintf(out, "  %s  记录%d  %s %s  %s\n", p.What, p.Seq, p.Kind, p.ID, p.Message)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if wrong > 0 {
				return &exitError{1, fmt.Sprintf("共%d处问题。请保留现场，与备份和另存的检查点比对。", wrong)}
			}
			return nil
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.tenant, "tenant", "", "only this tenant, or "+store.ControlID+" 只核对这一个，或控制库")
	f.StringSliceVar(&o.checkpoints, "checkpoints", nil, "file of checkpoints that was kept outside; may be repeated")
	f.StringSliceVar(&o.keys, "trust", nil, "public key (hex) that checkpoints must be signed with; may be repeated")
	return cmd
}

func readCheckpoints(names []string) ([]audit.Checkpoint, error) {
	var all []audit.Checkpoint
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("打不开检查点文件 %s：没有这个文件，或没有读取的权限", name)
		}
		some, err := audit.ReadCheckpoints(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func newAuditCheckpoint() *cobra.Command {
	var o struct{ store, tenant, key, out string }
	cmd := &cobra.Command{
		Use:   "checkpoint --key FILE",
		Short: "Sign where every log stands now 签署检查点",
		Long: `Sign, with an Ed25519 key, where the log of the control database and of every tenant stands now, and print the checkpoints as lines of JSON.
Keep them, and the key, where nobody who can write the database can write: then nothing before them can be changed unnoticed.
A key that does not exist is made; its public half is printed on standard error.

为控制库和每个县（市、区）的审计记录签署检查点。请把检查点和密钥保存在数据库管理员改不到的地方。`,
		Example: `  shanglin audit checkpoint --key /secure/audit.pem --out /elsewhere/checkpoints.jsonl`,
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.key == "" {
				return &exitError{2, "请用 --key 写明密钥文件。"}
			}
			ctx := cmd.Context()
			inst, err := openStore(ctx, o.store, false)
			if err != nil {
				return err
			}
			defer inst.Close()
			var key ed25519.PrivateKey
			var made []audit.Checkpoint
			err = eachLog(ctx, inst, o.tenant, func(l auditLog) error {
				if key == nil { // not before it is known that there is something to sign
					if key, err = signingKey(cmd.ErrOrStderr(), o.key); err != nil {
						return err
					}
				}
				c, err := audit.Sign(store.In(ctx, l.db), key)
				if fault.CodeOf(err) == fault.Conflict {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s（%s）：还没有审计记录。\n", l.name, l.id)
					return nil
				}
				if err == nil {
					made = append(made, *c)
				}
				return err
			})
			if err != nil {
				return err
			}
			if o.out == "" {
				return audit.WriteCheckpoints(cmd.OutOrStdout(), made)
			}
			f, err := os.OpenFile(o.out, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			if err := audit.WriteCheckpoints(f, made); err != nil {
				f.Close()
				return err
			}
			if err := f.Sync(); err != nil {
				f.Close()
				return err
			}
			return f.Close()
		},
	}
	storeFlag(cmd, &o.store)
	f := cmd.Flags()
	f.StringVar(&o.tenant, "tenant", "", "only this tenant, or "+store.ControlID+" 只签署这一个，或控制库")
	f.StringVar(&o.key, "key", "", "file of the signing key, PEM 密钥文件 (required)")
	f.StringVar(&o.out, "out", "", "file to append the checkpoints to (default standard output)")
	return cmd
}

// signingKey reads the key, or makes one.
func signingKey(w io.Writer, name string) (ed25519.PrivateKey, error) {
	key, err := audit.LoadKey(name)
	if fault.CodeOf(err) == fault.NotFound {
		if key, err = audit.NewKey(name); err == nil {
			fmt.Fprintf(w, "已生成密钥 %s\n", name)
		}
	}
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "公钥：%s\n", audit.PublicKey(key))
	return key, nil
}
