package notify

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"time"

	"github.com/uptrace/bun"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Reach is how its owner is reached by one channel.
type Reach struct {
	Channel   string `json:"channel" enum:"mail,phone"`
	To        string `json:"to" doc:"the address, masked; empty: none"`
	Confirmed bool   `json:"confirmed"`
	How       string `json:"how" enum:"at_once,digest,off"`
	QuietFrom string `json:"quiet_from" doc:"21:00, of China; nothing is sent from then"`
	QuietTo   string `json:"quiet_to" doc:"until then; the same as quiet_from: there are no quiet hours"`
	DigestAt  string `json:"digest_at" doc:"when the digest of a day is sent"`
	Failed    string `json:"failed" doc:"why the last message could not be delivered; empty: it could, or there was none"`
}

// Wish is what somebody wants of a channel. An empty To leaves the address as it is.
type Wish struct {
	To        string `json:"to,omitempty" maxLength:"254"`
	How       string `json:"how" enum:"at_once,digest,off"`
	QuietFrom string `json:"quiet_from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$"`
	QuietTo   string `json:"quiet_to" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$"`
	DigestAt  string `json:"digest_at" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$"`
	Again     bool   `json:"again,omitempty" doc:"send another code to the address that waits to be confirmed"`
}

// The ways of being told.
const (
	atOnce = "at_once"
	digest = "digest"
	off    = "off"
)

// What holds for whoever has chosen nothing.
const (
	quietFrom = "21:00"
	quietTo   = "08:00"
	digestAt  = "08:30"
)

// The code that confirms an address: how long it is good for, how often it may be tried, and how many are sent within a time.
const (
	codeFor    = 30 * time.Minute
	mostTries  = 5
	mostCodes  = 5
	codesEvery = time.Hour
)

var channelNames = map[string]string{Mail: "邮箱", Phone: "手机号"}

// Channels are those of this installation.
func (b *Box) Channels() []string {
	out := []string{}
	for _, name := range []string{Mail, Phone} {
		if b.channels[name] != nil {
			out = append(out, name)
		}
	}
	return out
}

// Reaches is how the actor is reached, for every channel of this installation. Forbidden for the public.
func (b *Box) Reaches(ctx context.Context) ([]Reach, error) {
	account, err := b.mine(ctx)
	if err != nil {
		return nil, err
	}
	out := []Reach{}
	err = store.Read(ctx, func(ctx context.Context) error {
		out = out[:0]
		for _, channel := range b.Channels() {
			row, err := reachOf(ctx, account, channel)
			if err != nil {
				return err
			}
			out = append(out, row.reach())
		}
		return nil
	})
	return out, err
}

// Reach changes how the actor is reached by a channel. A new address is sent a code, and nothing else goes there before Confirm has been
// given the code. Invalid for what is no address, NotFound for a channel that this installation does not have, TooMany when codes are asked for
// again and again, Unavailable when the code cannot be sent: the address stands then, and may be given again.
func (b *Box) Reach(ctx context.Context, channel string, w Wish) (Reach, error) {
	account, err := b.mine(ctx)
	if err != nil {
		return Reach{}, err
	}
	out := b.channels[channel]
	if out == nil {
		return Reach{}, noChannel()
	}
	var row reachRow
	code := ""
	err = store.Write(ctx, func(ctx context.Context) (err error) {
		code = ""
		if row, err = reachOf(ctx, account, channel); err != nil {
			return err
		}
		row.How, row.QuietFrom, row.QuietTo, row.DigestAt = w.How, w.QuietFrom, w.QuietTo, w.DigestAt
		if w.To != "" {
			address, ok := addressOf(channel, w.To)
			if !ok {
				return invalid(map[string]string{Mail: "这不是一个邮箱地址，例如 name@example.com", Phone: "这不是一个手机号，应为11位数字"}[channel])
			}
			if address != row.Address {
				row.Address, row.ConfirmedAt, row.Failed = address, "", ""
			}
		}
		if row.Address != "" && row.ConfirmedAt == "" && (w.To != "" || w.Again) {
			if code, err = row.newCode(clock.Now(ctx)); err != nil {
				return err
			}
		}
		if row.Address == "" {
			return invalid("请填写" + channelNames[channel])
		}
		return row.save(ctx, "reach.changed")
	})
	if err != nil || code == "" {
		return row.reach(), err
	}
	sending, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	failed := out.Send(sending, []Message{{ID: audit.Digest("code", account, channel, row.CodeHash), Tenant: store.Bound(ctx).ID(), To: row.Address,
		Title: "验证码 " + code, Body: "您在上林填写了这个" + channelNames[channel] + "用来接收提醒。验证码是 " + code + "，30分钟内有效。不是您本人填写的，不用理会。"}})[0]
	if failed != nil {
		slog.WarnContext(ctx, "a code could not be sent", "channel", channel, "error", failed)
		return row.reach(), fault.New(fault.Unavailable, "验证码没有发出去，请检查"+channelNames[channel]+"是否写对，或者过一会儿再试")
	}
	return row.reach(), nil
}

// Confirm confirms the actor's address of a channel with the code that was sent there. Conflict when no code is open or it has been tried too
// often or too late, Invalid for a wrong one.
func (b *Box) Confirm(ctx context.Context, channel, code string) (Reach, error) {
	account, err := b.mine(ctx)
	if err != nil {
		return Reach{}, err
	}
	if b.channels[channel] == nil {
		return Reach{}, noChannel()
	}
	var row reachRow
	wrong := false
	err = store.Write(ctx, func(ctx context.Context) (err error) {
		if row, err = reachOf(ctx, account, channel); err != nil {
			return err
		}
		now := store.Stamp(clock.Now(ctx))
		if row.CodeHash == "" || row.CodeUntil < now || row.Tries >= mostTries {
			return fault.New(fault.Conflict, "验证码已失效，请重新获取")
		}
		if wrong = subtle.ConstantTimeCompare([]byte(row.CodeHash), []byte(codeHash(account, channel, row.Address, code))) != 1; wrong {
			row.Tries++
			return row.save(ctx, "")
		}
		row.ConfirmedAt, row.CodeHash, row.CodeUntil, row.Tries = now, "", "", 0
		return row.save(ctx, "reach.confirmed")
	})
	if err == nil && wrong {
		err = invalid(fmt.Sprintf("验证码不对，还可以试%d次", mostTries-row.Tries))
	}
	return row.reach(), err
}

// Unreach forgets the actor's address of a channel; what waits to be sent there is dropped. How many codes were sent is not forgotten: taking an
// address away and giving it again sends no more of them.
func (b *Box) Unreach(ctx context.Context, channel string) error {
	account, err := b.mine(ctx)
	if err != nil {
		return err
	}
	return store.Write(ctx, func(ctx context.Context) error {
		row, err := reachOf(ctx, account, channel)
		if err != nil || row.Address == "" {
			return err
		}
		row.Address, row.ConfirmedAt, row.CodeHash, row.CodeUntil, row.Failed = "", "", "", "", ""
		return row.save(ctx, "reach.removed")
	})
}

func invalid(message string) error { return fault.New(fault.Invalid, message) }

func noChannel() error { return fault.New(fault.NotFound, "这里没有开通这种提醒方式") }

const kindReach = "reach"

func init() {
	audit.RegisterRow(kindReach, func(ctx context.Context, id string) (string, error) {
		row := reachRow{}
		err := store.Tx(ctx).NewRaw(`SELECT * FROM reaches WHERE account || ' ' || channel = ?`, id).Scan(ctx, &row)
		if errors.Is(err, sql.ErrNoRows) {
			return audit.Deleted, nil
		}
		return row.digest(), err
	})
	audit.RegisterList(kindReach, audit.IDsBy(`SELECT account || ' ' || channel FROM reaches WHERE account || ' ' || channel > ? ORDER BY 1 LIMIT ?`))
	audit.RegisterWords(kindReach, audit.Words{Label: "提醒方式", Actions: map[string]string{
		"reach.changed": "修改提醒方式", "reach.confirmed": "确认提醒的地址", "reach.removed": "删除提醒方式"}})
}

type reachRow struct {
	bun.BaseModel `bun:"table:reaches"`

	Account     string `bun:"account,pk"`
	Channel     string `bun:"channel,pk"`
	Address     string `bun:"address"`
	How         string `bun:"how"`
	QuietFrom   string `bun:"quiet_from"`
	QuietTo     string `bun:"quiet_to"`
	DigestAt    string `bun:"digest_at"`
	ConfirmedAt string `bun:"confirmed_at"`
	CodeHash    string `bun:"code_hash"`
	CodeUntil   string `bun:"code_until"`
	Tries       int    `bun:"tries"`
	Codes       int    `bun:"codes"`
	CodesSince  string `bun:"codes_since"`
	Failed      string `bun:"failed"`
	ChangedAt   string `bun:"changed_at"`
}

// reachOf is how an account is reached by a channel, or what holds for whoever has chosen nothing.
func reachOf(ctx context.Context, account, channel string) (reachRow, error) {
	row := reachRow{}
	err := store.Tx(ctx).NewSelect().Model(&row).Where("account = ? AND channel = ?", account, channel).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return reachRow{Account: account, Channel: channel, How: atOnce, QuietFrom: quietFrom, QuietTo: quietTo, DigestAt: digestAt}, nil
	}
	return row, err
}

func (r reachRow) reach() Reach {
	out := Reach{Channel: r.Channel, Confirmed: r.ConfirmedAt != "", How: r.How, QuietFrom: r.QuietFrom, QuietTo: r.QuietTo, DigestAt: r.DigestAt, Failed: r.Failed}
	if r.Address != "" {
		out.To = masked(r.Channel, r.Address)
	}
	return out
}

// digest is of the row without what comes and goes: codes, tries, whether the last message arrived.
func (r reachRow) digest() string {
	return audit.Digest(r.Account, r.Channel, r.Address, r.How, r.QuietFrom, r.QuietTo, r.DigestAt, r.ConfirmedAt, r.ChangedAt)
}

// save writes the row, and the log unless action is empty: then nothing that the log keeps has changed.
func (r *reachRow) save(ctx context.Context, action string) error {
	if action != "" {
		r.ChangedAt = store.Stamp(clock.Now(ctx))
	}
	_, err := store.Tx(ctx).NewInsert().Model(r).On("CONFLICT (account, channel) DO UPDATE").
		Set("address = excluded.address, how = excluded.how, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, digest_at = excluded.digest_at").
		Set("confirmed_at = excluded.confirmed_at, code_hash = excluded.code_hash, code_until = excluded.code_until, tries = excluded.tries").
		Set("codes = excluded.codes, codes_since = excluded.codes_since, failed = excluded.failed, changed_at = excluded.changed_at").Exec(ctx)
	if err != nil || action == "" {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: kindReach, ID: r.Account + " " + r.Channel, Digest: r.digest(), Data: map[string]string{"how": r.How}})
}

// newCode makes a code for the row's address. TooMany when it was asked for again and again.
func (r *reachRow) newCode(now time.Time) (string, error) {
	if since, err := store.ParseStamp(r.CodesSince); err != nil || now.Sub(since) >= codesEvery {
		r.Codes, r.CodesSince = 0, store.Stamp(now)
	}
	if r.Codes >= mostCodes {
		return "", fault.New(fault.TooMany, "验证码要得太频繁，请一小时后再试")
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	code := fmt.Sprintf("%06d", n)
	r.Codes++
	r.CodeUntil, r.Tries = store.Stamp(now.Add(codeFor)), 0
	r.CodeHash = codeHash(r.Account, r.Channel, r.Address, code)
	return code, nil
}

func codeHash(account, channel, address, code string) string {
	return audit.Digest(account, channel, address, code)
}
