package registry

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"shanglin/internal/account"
	"shanglin/internal/platform/audit"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Kinds of party.
const (
	KindFirm         = "企业"
	KindPerson       = "个人"
	KindOrganisation = "组织"
)

// Concerns says whether a scheme may be for a party of a kind: it is for that kind, or for something that any party may have (a project, a
// product).
func Concerns(scheme *policy.Scheme, kind string) bool {
	of := scheme.Subject()
	return of == kind || !slices.Contains([]string{KindFirm, KindPerson, KindOrganisation}, of)
}

// Party is a firm, a person or an organisation. Contact, Phone, IDNumber and the name of a person are personal:
// everything but Unmask gives them masked.
type Party struct {
	ID        string `json:"id"`
	Kind      string `json:"kind" enum:"企业,个人,组织"`
	Code      string `json:"code" doc:"unified social credit code; empty for a person"`
	Exception string `json:"exception,omitempty" doc:"why a code is kept although its check digits are wrong, or why there is none"`
	Name      string `json:"name"`
	Town      string `json:"town"`
	Industry  string `json:"industry"`
	Size      string `json:"size"`
	Contact   string `json:"contact,omitempty" doc:"personal: masked"`
	Phone     string `json:"phone,omitempty" doc:"personal: masked"`
	IDNumber  string `json:"id_number,omitempty" doc:"personal: masked"`
	Invented  bool   `json:"invented" doc:"made up for a demonstration"`
	Note      string `json:"note,omitempty"`
	StatedAt  string `json:"stated_at"`
	StatedBy  string `json:"stated_by"`
}

// normal is the party as it is kept.
func (p Party) normal() Party {
	p.Code = NormalCode(p.Code)
	p.IDNumber = NormalCode(p.IDNumber)
	for _, s := range []*string{&p.Kind, &p.Exception, &p.Name, &p.Town, &p.Industry, &p.Size, &p.Contact, &p.Phone, &p.Note} {
		*s = strings.TrimFunc(*s, blank)
	}
	return p
}

// check says everything that is wrong with a normal party. A wrong check digit is forgiven where an exception gives the reason.
func (p Party) check(v *policy.Vocabulary) []fault.Detail {
	var out []fault.Detail
	text := func(name, label, value string, most int, required bool) {
		switch n := utf8.RuneCountInString(value); {
		case required && value == "":
			out = append(out, fault.At(name, "请填写%s", label))
		case n > most:
			out = append(out, fault.At(name, "%s不能超过%d个字", label, most))
		case !store.Plain(value):
			out = append(out, fault.At(name, "%s含有不允许的字符", label))
		}
	}
	switch p.Kind {
	case KindFirm, KindOrganisation:
		if p.Code == "" && p.Exception != "" {
			break // an officer vouches that there is none
		}
		if p.Code == "" {
			out = append(out, fault.At("code", "请填写统一社会信用代码"))
		} else if err := CheckCode(p.Code); err != nil {
			f := err.(*fault.Error)
			if p.Exception == "" || len(p.Code) != codeLength || !store.Plain(p.Code) {
				out = append(out, fault.At("code", "%s", f.Message))
			}
		} else if p.Exception != "" {
			out = append(out, fault.At("exception", "代码校验无误，不需要例外"))
		}
		text("exception", "例外理由", p.Exception, 200, false)
	case KindPerson:
		if p.Code != "" {
			out = append(out, fault.At("code", "个人没有统一社会信用代码"))
		}
	default:
		out = append(out, fault.At("kind", "类型应是企业、个人或组织"))
	}
	if p.IDNumber != "" && !idNumberHolds(p.IDNumber) {
		out = append(out, fault.At("id_number", "身份证号码不对，请核对"))
	}
	text("name", "名称", p.Name, 100, true)
	text("town", "所在镇街", p.Town, 30, p.Kind != KindPerson)
	text("industry", "行业", p.Industry, 60, false)
	text("size", "规模", p.Size, 30, false)
	if err := policy.CheckSize(v, p.Size); p.Size != "" && err != nil {
		out = append(out, fault.At("size", "%s", err))
	}
	text("contact", "联系人", p.Contact, 60, false)
	text("phone", "联系电话", p.Phone, 40, false)
	text("note", "备注", p.Note, 500, false)
	return out
}

// idNumberHolds checks the last of the 18 characters of a resident's identity number (GB 11643, ISO 7064 mod 11-2).
func idNumberHolds(n string) bool {
	if len(n) != 18 {
		return false
	}
	sum := 0
	for i := range 17 {
		if n[i] < '0' || n[i] > '9' {
			return false
		}
		sum = (sum + int(n[i]-'0')) * 2 % 11
	}
	check := (12 - sum) % 11
	return check == 10 && n[17] == 'X' || check < 10 && n[17] == byte('0'+check)
}

// masked hides what is personal.
func (p Party) masked() Party {
	p.Name = ShownName(p.Kind, p.Name)
	p.Contact, p.Phone, p.IDNumber = MaskName(p.Contact), MaskPhone(p.Phone), maskMiddle(p.IDNumber, 4, 4)
	return p
}

// ShownName is a party's name as a list may show it: a person's is masked.
func ShownName(kind, name string) string {
	if kind == KindPerson {
		return MaskName(name)
	}
	return name
}

// MaskName keeps the first character of a person's name.
func MaskName(s string) string {
	r := []rune(s)
	if len(r) < 2 {
		return strings.Repeat("*", len(r))
	}
	return string(r[0]) + strings.Repeat("*", len(r)-1)
}

// MaskPhone keeps what tells two telephones apart.
func MaskPhone(s string) string { return maskMiddle(s, 3, 4) }

func maskMiddle(s string, head, tail int) string {
	r := []rune(s)
	if len(r) <= head+tail {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}

// partyRow is a version of a party as the table keeps it.
type partyRow struct {
	RowID      string `bun:"row_id"`
	ID         string `bun:"id"`
	Kind       string `bun:"kind"`
	Code       string `bun:"code"`
	Exception  string `bun:"exception"`
	Name       string `bun:"name"`
	Town       string `bun:"town"`
	Industry   string `bun:"industry"`
	Size       string `bun:"size"`
	Contact    string `bun:"contact"`
	Phone      string `bun:"phone"`
	IDNumber   string `bun:"id_number"`
	Invented   int    `bun:"invented"`
	Note       string `bun:"note"`
	StatedAt   string `bun:"stated_at"`
	StatedBy   string `bun:"stated_by"`
	Supersedes string `bun:"supersedes"`
	Batch      int64  `bun:"batch"`
	Since      int64  `bun:"since"`
	Till       int64  `bun:"till"`
}

const partyColumns = `p.row_id, p.id, p.kind, p.code, p.exception, p.name, p.town, p.industry, p.size, p.contact, p.phone, p.id_number,
	p.invented, p.note, p.stated_at, p.stated_by, p.supersedes, p.batch, p.since, p.till`

func (r partyRow) party() Party {
	return Party{ID: r.ID, Kind: r.Kind, Code: r.Code, Exception: r.Exception, Name: r.Name, Town: r.Town, Industry: r.Industry, Size: r.Size,
		Contact: r.Contact, Phone: r.Phone, IDNumber: r.IDNumber, Invented: r.Invented != 0, Note: r.Note, StatedAt: r.StatedAt, StatedBy: r.StatedBy}
}

// sameAs says whether a statement would change nothing.
func (r partyRow) sameAs(p Party) bool {
	return r.Kind == p.Kind && r.Code == p.Code && r.Exception == p.Exception && r.Name == p.Name && r.Town == p.Town && r.Industry == p.Industry &&
		r.Size == p.Size && r.Contact == p.Contact && r.Phone == p.Phone && r.IDNumber == p.IDNumber && (r.Invented != 0) == p.Invented && r.Note == p.Note
}

// digest is over everything of the row that never changes. Batch rows and single rows share it; till is checked against the successor.
func (r partyRow) digest() string {
	return audit.DigestJSON(r.RowID, r.ID, r.Kind, r.Code, r.Exception, r.Name, r.Town, r.Industry, r.Size, r.Contact, r.Phone, r.IDNumber,
		number(int64(r.Invented)), r.Note, r.StatedAt, r.StatedBy, r.Supersedes, number(r.Batch), number(r.Since))
}

// Get is the party, masked. NotFound if there is none that the actor may see.
func (r *Registry) Get(ctx context.Context, id string) (Party, error) {
	var p Party
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleParty(ctx, id)
		p = row.party().masked()
		return err
	})
	return p, err
}

// Named is Get with a person's name in clear: for the records of an office, in which a name is what they are about.
func (r *Registry) Named(ctx context.Context, id string) (Party, error) {
	var p Party
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleParty(ctx, id)
		p = row.party().masked()
		p.Name = row.Name
		return err
	})
	return p, err
}

// ByCodes are the enterprises that have codes, by code, whoever asks: for rooms that have checked who may. A code that nobody has is left out.
func (r *Registry) ByCodes(ctx context.Context, codes []string) (map[string]Party, error) {
	out := map[string]Party{}
	err := store.Read(ctx, func(ctx context.Context) error {
		clear(out)
		for some := range slices.Chunk(codes, chunk) {
			var rows []partyRow
			if err := store.Tx(ctx).NewRaw(`SELECT `+partyColumns+` FROM parties AS p WHERE p.code IN (?) AND p.code <> ''`, bun.List(some)).Scan(ctx, &rows); err != nil {
				return err
			}
			for _, row := range rows {
				out[row.Code] = row.party().masked()
			}
		}
		return nil
	})
	return out, err
}

// Unmask is the party with its personal data in clear, for an officer who says why; the reading is kept in the audit log.
// Forbidden for anybody but an officer in scope and the party itself.
func (r *Registry) Unmask(ctx context.Context, id, reason string) (Party, error) {
	reason = strings.TrimFunc(reason, blank)
	if reason == "" || utf8.RuneCountInString(reason) > 200 || !store.Plain(reason) {
		return Party{}, fault.New(fault.Invalid, "请写明查看个人信息的理由（200字以内）", fault.At("reason", "请写明理由"))
	}
	var p Party
	err := store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleParty(ctx, id)
		if err != nil {
			return err
		}
		if a := account.ActorFrom(ctx); !a.Officer() && !a.Speaks(id) {
			return fault.New(fault.Forbidden, "只有经办人员可以查看个人信息")
		}
		p = row.party()
		return audit.Append(ctx, audit.Event{Action: "party.unmask", Kind: "party", ID: row.RowID, Digest: row.digest(),
			Data: map[string]string{"reason": reason}})
	})
	return p, err
}

// Put creates a party (no ID) or states it anew, and returns it masked. Fields left empty become empty, but for masked personal data:
// a text that holds * keeps what is known.
// Invalid names every field; Forbidden for anybody but an officer whose scope covers the town, before and after; Conflict if the code is taken.
func (r *Registry) Put(ctx context.Context, p Party) (Party, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return Party{}, err
	}
	p = p.normal()
	var out Party
	err = store.Write(ctx, func(ctx context.Context) error {
		before := partyRow{}
		if p.ID != "" {
			var err error
			if before, err = lockParty(ctx, p.ID); err != nil {
				return err
			}
			p = p.keepMasked(before.party())
		}
		if details := p.check(v); len(details) > 0 {
			return fault.New(fault.Invalid, "请更正标出的内容", details...)
		}
		if err := mayKeepParty(ctx, before.Town, p.Town, p.ID != ""); err != nil {
			return err
		}
		written, err := r.writeParties(ctx, []Party{p}, writing{})
		if err != nil {
			return err
		}
		if len(written) == 0 {
			out = before.party().masked()
			return nil
		}
		out = written[0].party().masked()
		return r.tell(ctx, []string{out.ID})
	})
	return out, err
}

// mayKeepParty says whether the actor may state a party of these towns.
func mayKeepParty(ctx context.Context, before, after string, known bool) error {
	a := account.ActorFrom(ctx)
	if !a.Officer() {
		return fault.New(fault.Forbidden, "只有经办人员可以登记或修改主体")
	}
	for _, g := range a.Grants {
		if g.Role == account.RoleOfficer && (g.Town == "" || g.Town == after && (!known || g.Town == before)) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "该镇街不在您的权限范围内")
}

// keepMasked puts back what a form could only show masked.
func (p Party) keepMasked(known Party) Party {
	back := func(s *string, old string) {
		if strings.Contains(*s, "*") {
			*s = old
		}
	}
	back(&p.Contact, known.Contact)
	back(&p.Phone, known.Phone)
	back(&p.IDNumber, known.IDNumber)
	if known.Kind == KindPerson {
		back(&p.Name, known.Name)
	}
	p.Invented = known.Invented
	return p
}

// PutParties writes parties in bulk: one transaction, one batch, one audit event with a digest over its rows. It is for generators and
// imports that run as the system, and gives each party without ID the ID of the party of the same code, or a new one.
// It returns the parties as they stand, in the order given. Forbidden for anybody without the whole tenant in scope.
func (r *Registry) PutParties(ctx context.Context, parties []Party) ([]Party, error) {
	v, err := r.vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Party, len(parties))
	err = store.Write(ctx, func(ctx context.Context) error {
		if err := mayWriteBulk(ctx); err != nil {
			return err
		}
		for i, p := range parties {
			out[i] = p.normal()
			if details := out[i].check(v); len(details) > 0 {
				return fault.New(fault.Invalid, "主体资料有误："+details[0].Message, details...)
			}
		}
		if err := nameParties(ctx, out); err != nil {
			return err
		}
		batch, err := newBatch(ctx, "party", "bulk")
		if err != nil {
			return err
		}
		rows, err := r.writeParties(ctx, out, writing{batch: batch.Number})
		if err != nil {
			return err
		}
		if err := batch.close(ctx, partyRowIDs(rows), partyRowDigests(rows), "party.bulk"); err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i := range rows {
			ids[i] = rows[i].ID
		}
		return r.tell(ctx, ids)
	})
	return out, err
}

// mayWriteBulk allows the bulk API to officers without any limit, as the system is.
func mayWriteBulk(ctx context.Context) error {
	if !account.ActorFrom(ctx).MayVouch("", "") {
		return fault.New(fault.Forbidden, "批量写入需要全部范围的权限")
	}
	return nil
}

// nameParties gives each party without ID the ID of the open row of the same code, or a new one.
func nameParties(ctx context.Context, parties []Party) error {
	var codes []string
	for _, p := range parties {
		if p.ID == "" && p.Code != "" {
			codes = append(codes, p.Code)
		}
	}
	known, err := partyIDsByCode(ctx, codes)
	if err != nil {
		return err
	}
	for i := range parties {
		p := &parties[i]
		if p.ID != "" {
			continue
		}
		if p.ID = known[p.Code]; p.ID == "" || p.Code == "" {
			p.ID = store.NewID()
			if p.Code != "" {
				known[p.Code] = p.ID
			}
		}
	}
	return nil
}

func statedNow(ctx context.Context) (at, by string) { return store.Stamp(clock.Now(ctx)), stater(ctx) }
