package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Account is somebody who signs in, as the administrators of its tenant see it.
type Account struct {
	ID        string  `json:"id"`
	Login     string  `json:"login"`
	Name      string  `json:"name"`
	Disabled  bool    `json:"disabled"`
	CreatedAt string  `json:"created_at"`
	ChangedAt string  `json:"changed_at" doc:"to be sent back with a change, so that nobody else's is undone"`
	Grants    []Grant `json:"grants"`

	Waiting *Authorization `json:"waiting,omitempty" doc:"what it is to be given, once a second administrator approves"`
}

// New is an account to be made. An empty Password asks for a generated one, which has to be changed at the first sign-in. Reason is why it
// gets its Grants.
type New struct {
	Login    string
	Name     string
	Password string
	Grants   []Grant
	Reason   string
}

// Change is what an administrator may change of an account; nil leaves a thing as it is. Since, when given, is the ChangedAt of what the
// administrator saw: somebody else's change meanwhile, a firm's grant above all, is then not undone. Reason is why it is given more.
type Change struct {
	Since    string
	Reason   string
	Name     *string
	Disabled *bool
	Grants   *[]Grant
}

// Filter selects accounts; zero values select all. Page counts from 1.
type Filter struct {
	Text      string
	Role      Role
	Page, Per int
}

// Service signs people in and manages accounts. Methods that take a context bound to a tenant say so.
type Service struct {
	inst   *store.Installation
	teller Teller
}

// NewService works on one installation.
func NewService(inst *store.Installation) *Service { return &Service{inst: inst} }

const auditKind = "account"

func init() {
	audit.RegisterRow(auditKind, digestOf)
	audit.RegisterList(auditKind, audit.IDs("accounts"))
	audit.RegisterWords(auditKind, audit.Words{Label: "账号", About: accountsSaid, Actions: map[string]string{
		"account.created": "开通账号", "account.changed": "修改账号", "account.password_reset": "重置密码", "account.password_changed": "修改密码",
		"account.signed_in": "登录", "account.signed_up": "自行注册", "account.speaks": "开始代表企业", "account.silenced": "不再代表企业"}})
}

// digestOf is what the audit log keeps of an account: which it is and what it may do. Login and name are personal and open nothing here.
func digestOf(ctx context.Context, id string) (string, error) {
	a, err := find(ctx, id)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(struct {
		ID       string
		Disabled bool
		Grants   []Grant
	}{a.ID, a.Disabled, a.Grants})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// record appends the audit event of a change to an account, inside the transaction that made it.
func record(ctx context.Context, action, id string, data any) error {
	digest, err := digestOf(ctx, id)
	if err != nil {
		return err
	}
	return audit.Append(ctx, audit.Event{Action: action, Kind: auditKind, ID: id, Digest: digest, Data: data})
}

// mention appends an event that changes nothing of the account's row. It carries no digest: an account that was changed behind the log's
// back must not look right because of it.
func mention(ctx context.Context, action, id string) error {
	return audit.Append(ctx, audit.Event{Action: action, Kind: auditKind, ID: id})
}

func mustAdminister(ctx context.Context) error {
	if !ActorFrom(ctx).Is(RoleAdministrator) {
		return fault.New(fault.Forbidden, "只有管理员可以管理账号。")
	}
	return nil
}

// heldAdministrator holds the administrators until the transaction ends and refuses whoever is none any more.
func heldAdministrator(ctx context.Context) error {
	if err := lockAdministrators(ctx); err != nil {
		return err
	}
	still, err := isAdministrator(ctx, ActorFrom(ctx).AccountID)
	if err == nil && !still {
		err = fault.New(fault.Forbidden, "您已不是管理员。")
	}
	return err
}

func notFound() error { return fault.New(fault.NotFound, "没有这个账号。") }

// List the accounts of the tenant in ctx, by login. Forbidden to all but administrators.
func (s *Service) List(ctx context.Context, f Filter) (items []Account, total int, err error) {
	if err := mustAdminister(ctx); err != nil {
		return nil, 0, err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		if items, total, err = list(ctx, f); err != nil {
			return err
		}
		return addWaiting(ctx, items)
	})
	return items, total, err
}

// Each calls fn for every account of the list, in its order; for exports. fn runs inside a read transaction. Errors as List.
func (s *Service) Each(ctx context.Context, f Filter, fn func(Account) error) error {
	if err := mustAdminister(ctx); err != nil {
		return err
	}
	return each(ctx, func(ctx context.Context, page, per int) ([]Account, int, error) {
		f.Page, f.Per = page, per
		return list(ctx, f)
	}, fn)
}

// exportedAtOnce is how many rows an export reads in one statement.
const exportedAtOnce = 500

// each calls fn for every row of a list, page by page, all of one unchanging state.
func each[T any](ctx context.Context, list func(ctx context.Context, page, per int) ([]T, int, error), fn func(T) error) error {
	return store.Read(ctx, func(ctx context.Context) error {
		for page := 1; ; page++ {
			items, total, err := list(ctx, page, exportedAtOnce)
			if err != nil {
				return err
			}
			for _, item := range items {
				if err := fn(item); err != nil {
					return err
				}
			}
			if page*exportedAtOnce >= total {
				return nil
			}
		}
	})
}

// Get one account of the tenant in ctx. Forbidden to all but administrators; NotFound when the tenant has no such account.
func (s *Service) Get(ctx context.Context, id string) (a Account, err error) {
	if err := mustAdminister(ctx); err != nil {
		return a, err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		a, err = seen(ctx, id)
		return err
	})
	return a, err
}

// seen is an account as an administrator reads it.
func seen(ctx context.Context, id string) (Account, error) {
	a, err := find(ctx, id)
	if err != nil {
		return Account{}, err
	}
	one := []Account{a}
	err = addWaiting(ctx, one)
	return one[0], err
}

// IDOf is the id of the account of a login, for whoever reads the audit log. Forbidden to all but auditors of the whole tenant and administrators;
// NotFound when the tenant has no such account.
func (s *Service) IDOf(ctx context.Context, login string) (id string, err error) {
	if a := ActorFrom(ctx); !a.Audits() && !a.Is(RoleAdministrator) {
		return "", fault.New(fault.Forbidden, "只有审计人员和管理员可以按登录名查找账号。")
	}
	login, err = cleanLogin(login)
	if err != nil {
		return "", notFound()
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		id, err = idOf(ctx, login)
		return err
	})
	return id, err
}

// Create makes an account in the tenant in ctx and returns the password that was generated, if none was given. Its grants wait for a second
// administrator (Authorization); it can sign in before, without any.
// Invalid when a field is not acceptable, Conflict when the login is taken, Forbidden to all but administrators.
//
// The tenant's own transaction comes first; its log tells of the account and what it may do (account.created). The control database's
// transaction follows; its log tells of the credential (credential.created). Should the credential fail to be written, the account exists
// but cannot sign in, and ResetPassword mends it.
func (s *Service) Create(ctx context.Context, tenant string, n New) (Account, string, error) {
	if err := mustAdminister(ctx); err != nil {
		return Account{}, "", err
	}
	generated := ""
	if n.Password == "" {
		generated = NewPassword()
		n.Password = generated
	}
	a, err := s.add(ctx, tenant, n, generated != "", "account.created")
	if err != nil {
		return Account{}, "", err
	}
	return a, generated, nil
}

// add makes an account, by whoever acts. mustChange says that somebody else knows the password.
func (s *Service) add(ctx context.Context, tenant string, n New, mustChange bool, action string) (Account, error) {
	login, err := cleanLogin(n.Login)
	if err != nil {
		return Account{}, err
	}
	name, err := cleanName(n.Name)
	if err != nil {
		return Account{}, err
	}
	grants, err := cleanGrants(n.Grants)
	if err != nil {
		return Account{}, err
	}
	if !mustChange {
		if err := checkPassword(login, n.Password); err != nil {
			return Account{}, err
		}
	}
	// Before anything is looked up: a login that is taken costs the same time as one that is free.
	hash, err := hashPassword(ctx, n.Password)
	if err != nil {
		return Account{}, err
	}
	now := store.Stamp(clock.Now(ctx))
	a := Account{ID: store.NewID(), Login: login, Name: name, CreatedAt: now, ChangedAt: now, Grants: grants}
	if actor := ActorFrom(ctx); actor.Public() {
		ctx = WithActor(ctx, actorOf(a, tenant)) // who signs up acts for the first time
	}
	err = store.Write(ctx, func(ctx context.Context) error {
		if err := lockAdministrators(ctx); err != nil { // no two at once are the second one that the only one appoints
			return err
		}
		v := draft{account: a.ID, give: grants, reason: n.Reason}
		waits, err := v.waits(ctx)
		if err != nil {
			return err
		}
		a.Grants = grants
		if waits {
			a.Grants = []Grant{}
		}
		if err := insert(ctx, a, ActorFrom(ctx).AccountID); err != nil {
			if store.IsUnique(err) {
				return fault.New(fault.Conflict, "登录名已被使用。", fault.Detail{Field: "login", Message: "请换一个登录名。"})
			}
			return err
		}
		if err := record(ctx, action, a.ID, map[string]any{"grants": a.Grants}); err != nil || v.empty() {
			return err
		}
		if err := s.write(ctx, v, waits); err != nil {
			return err
		}
		a, err = seen(ctx, a.ID)
		return err
	})
	if err != nil {
		return Account{}, err
	}
	err = s.control(ctx, func(ctx context.Context) error {
		return putCredential(ctx, credential{ID: a.ID, Tenant: tenant, Login: login, Password: hash, MustChange: flag(mustChange), CreatedAt: now, ChangedAt: now}, "credential.created")
	})
	return a, err
}

// Update changes an account of the tenant in ctx. Disabling it, or taking a role, works from its next request on; what gives it more waits
// for a second administrator, with all that was asked for of its grants together (Authorization).
// NotFound, Invalid, Forbidden as above; Conflict when no administrator would remain, when it was changed since the administrator saw it, or
// when something of it waits already.
func (s *Service) Update(ctx context.Context, id string, c Change) (Account, error) {
	if err := mustAdminister(ctx); err != nil {
		return Account{}, err
	}
	var a Account
	err := store.Write(ctx, func(ctx context.Context) error {
		// Two administrators who remove each other at the same moment take turns here.
		if err := lockAdministrators(ctx); err != nil {
			return err
		}
		var err error
		if a, err = lock(ctx, id); err != nil {
			return err
		}
		if c.Since != "" && c.Since != a.ChangedAt {
			return fault.New(fault.Conflict, "这个账号刚被修改过，请刷新后再改。")
		}
		before := a
		if c.Name != nil {
			if a.Name, err = cleanName(*c.Name); err != nil {
				return err
			}
		}
		v := draft{account: id, reason: c.Reason}
		if c.Grants != nil {
			grants, err := cleanGrants(*c.Grants)
			if err != nil {
				return err
			}
			v.give, v.take = difference(a.Grants, grants)
		}
		switch {
		case c.Disabled == nil || *c.Disabled == a.Disabled:
		case *c.Disabled:
			v.usage, a.Disabled = usageClosed, true
		case len(a.Grants)+len(v.give) == 0:
			a.Disabled = false // it opens nothing
		default:
			v.usage = usageOpened
		}
		waits, err := v.waits(ctx)
		if err != nil {
			return err
		}
		if waits && v.usage == usageClosed {
			// Closing does not wait for what is given.
			if err := s.write(ctx, draft{account: id, usage: usageClosed, reason: c.Reason}, false); err != nil {
				return err
			}
			v.usage = ""
		}
		if !v.empty() {
			if err := s.write(ctx, v, waits); err != nil {
				return err
			}
		}
		if !waits {
			if a.Grants, err = applied(a.Grants, v.give, v.take); err != nil {
				return err
			}
			if v.usage == usageOpened {
				a.Disabled = false
			}
		}
		if !waits || a.Name != before.Name || a.Disabled != before.Disabled {
			if err := s.put(ctx, a); err != nil {
				return err
			}
		}
		a, err = seen(ctx, id)
		return err
	})
	if err != nil {
		return Account{}, err
	}
	if a.Disabled {
		err := s.control(ctx, func(ctx context.Context) error {
			n, err := closeSessions(ctx, id)
			if err != nil || n == 0 {
				return err
			}
			return recordSession(ctx, "session.ended", id, map[string]any{"why": "disabled", "sessions": n})
		})
		if err != nil {
			return Account{}, err
		}
	}
	return a, nil
}

// ResetPassword gives an account of the tenant in ctx a generated password, which has to be changed at the next sign-in, and ends its sessions.
// The tenant's log tells who asked (account.password_reset), and is committed first: there may be a record of a reset that failed, never a
// reset without one. The control database's log tells what became of the credential (credential.password_reset), with the change itself.
// Conflict when the account is another administrator: only the installation may (shanglin administrator).
func (s *Service) ResetPassword(ctx context.Context, tenant, id string) (string, error) {
	if err := mustAdminister(ctx); err != nil {
		return "", err
	}
	password := NewPassword()
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return "", err
	}
	var a Account
	err = store.Write(ctx, func(ctx context.Context) error {
		if a, err = find(ctx, id); err != nil {
			return err
		}
		// Who could sign in as another administrator would be two persons.
		if me := ActorFrom(ctx).AccountID; me != SystemID && me != id && actorOf(a, "").Is(RoleAdministrator) {
			return fault.New(fault.Conflict, "管理员的密码不能由另一名管理员重置：那样一个人就能办两个人的事。请系统运维人员用 shanglin administrator 命令重置。")
		}
		return mention(ctx, "account.password_reset", id)
	})
	if err != nil {
		return "", err
	}
	err = s.control(ctx, func(ctx context.Context) error {
		now := store.Stamp(clock.Now(ctx))
		if err := putCredential(ctx, credential{ID: id, Tenant: tenant, Login: a.Login, Password: hash, MustChange: 1, CreatedAt: now, ChangedAt: now}, "credential.password_reset"); err != nil {
			return err
		}
		_, err := closeSessions(ctx, id)
		return err
	})
	if err != nil {
		return "", err
	}
	return password, nil
}

// Administrators is how many administrators of the tenant in ctx can sign in. Forbidden to all but administrators.
func Administrators(ctx context.Context) (n int, err error) {
	if err := mustAdminister(ctx); err != nil {
		return 0, err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		n, err = countAdministrators(ctx)
		return err
	})
	return n, err
}

// control runs a transaction on the control database, apart from any transaction in ctx.
func (s *Service) control(ctx context.Context, fn func(ctx context.Context) error) error {
	return store.Write(store.In(ctx, s.inst.Control()), fn)
}

// maxGrants is how many roles one account may have: an agent speaks for many firms.
const maxGrants = 200

// cleanLogin writes a login as it is stored: lower case, compatible characters folded.
func cleanLogin(text string) (string, error) {
	login := strings.ToLower(norm.NFKC.String(strings.TrimSpace(text)))
	bad := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._@-", r)
	}
	if n := utf8.RuneCountInString(login); n < 2 || n > 64 || strings.ContainsFunc(login, bad) {
		return "", fault.New(fault.Invalid, "登录名不符合要求。", fault.Detail{Field: "login", Message: "登录名为2至64个字符，只能使用文字、数字和 . _ @ -"})
	}
	return login, nil
}

func cleanName(text string) (string, error) {
	name := strings.TrimSpace(text)
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "姓名或名称不符合要求。", fault.Detail{Field: "name", Message: "请写1至100个字符。"})
	}
	return name, nil
}

// cleanGrants refuses what makes no sense, drops doubles and puts the rest in one order.
func cleanGrants(grants []Grant) ([]Grant, error) {
	out := []Grant{}
	for i, g := range grants {
		refuse := func(why string) ([]Grant, error) {
			return nil, fault.New(fault.Invalid, "角色不符合要求。", fault.Detail{Field: fmt.Sprintf("grants[%d]", i), Message: why})
		}
		g.Department, g.Town, g.Party = strings.TrimSpace(g.Department), strings.TrimSpace(g.Town), strings.TrimSpace(g.Party)
		switch {
		case !g.Role.Valid():
			return refuse("没有这种角色。")
		case g.Role == RoleFirm && (g.Party == "" || g.Department != "" || g.Town != ""):
			return refuse("企业账号只绑定一家企业，不设部门和镇（街道）。")
		case g.Role != RoleFirm && g.Party != "":
			return refuse("只有企业账号可以绑定企业。")
		case g.Role == RoleExpert && (g.Department != "" || g.Town != ""):
			return refuse("评审专家不设部门和镇（街道）：他看到的只有抽到他评的。")
		case g.Role == RoleAdministrator && (g.Department != "" || g.Town != ""):
			return refuse("管理员不设部门和镇（街道）。")
		}
		for _, text := range []string{g.Department, g.Town, g.Party} {
			if utf8.RuneCountInString(text) > 64 || strings.ContainsFunc(text, unicode.IsControl) {
				return refuse("内容过长或含有不能使用的字符。")
			}
		}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	if len(out) > maxGrants {
		return nil, fault.New(fault.Invalid, "角色过多。", fault.At("grants", "最多%d项。", maxGrants))
	}
	slices.SortFunc(out, compareGrants)
	return out, nil
}

func compareGrants(a, b Grant) int {
	for _, pair := range [][2]string{{string(a.Role), string(b.Role)}, {a.Department, b.Department}, {a.Town, b.Town}, {a.Party, b.Party}} {
		if c := strings.Compare(pair[0], pair[1]); c != 0 {
			return c
		}
	}
	return 0
}
