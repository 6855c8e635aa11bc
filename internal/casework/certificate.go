package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/process"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// Certificates is what this room asks of the register of certificates. Every change is part of the transaction of ctx.
type Certificates interface {
	// Issue gives a party a certificate; Conflict if it holds one of the scheme already.
	Issue(ctx context.Context, n NewCertificate, b Basis) (id string, err error)
	// Amend makes a certificate say something else of its holder; what is empty stays as it is.
	Amend(ctx context.Context, id string, to CertificateDraft, b Basis) error
	// Turn is the verb of a process file that needs no more words: request_renewal, renew, suspend, resume, revoke, surrender.
	Turn(ctx context.Context, id, verb string, b Basis) error
	// Closed says that a case about a certificate has ended, whatever it brought.
	Closed(ctx context.Context, id, caseID string) error
	// Taken are those of the numbers that a certificate has.
	Taken(ctx context.Context, numbers []string) (map[string]bool, error)
	// Holders are those of the parties who hold a valid certificate of any of schemes today.
	Holders(ctx context.Context, parties, schemes []string) (map[string]bool, error)
	// End is the last day on which a certificate is valid as it says; 0: it has none.
	End(ctx context.Context, id string) (policy.Date, error)
	// HeldBy are the certificates of a party that the actor may see.
	HeldBy(ctx context.Context, party string) ([]HeldCertificate, error)
	// Held is a certificate that the actor may see; NotFound otherwise.
	Held(ctx context.Context, id string) (HeldCertificate, error)
}

// NewCertificate is what a certificate is to say.
type NewCertificate struct {
	Scheme, SchemeTitle, Kind string
	Family                    []string
	Grant                     *policy.Grant
	Party, Holder, Code       string
	Person, Invented          bool
	Department, Town          string
	Level, Number             string
	Source                    string      // the document of the upper body by which it is granted; empty: the office decides
	From, Until               policy.Date // as that document says; 0: from today, and as long as the grant says
	Details                   map[string]string
}

// Basis is what a change of a certificate rests on.
type Basis struct{ Case, CaseNumber, Decision, Reason, Cite string }

// HeldCertificate is a certificate that somebody holds.
type HeldCertificate struct {
	ID      string        `json:"id"`
	Number  string        `json:"number"`
	Title   string        `json:"title"`
	Scheme  string        `json:"-"`
	Record  string        `json:"-"`
	Party   string        `json:"-"`
	Until   policy.Date   `json:"-"` // as it says; 0: it has no end
	Valid   bool          `json:"-"` // today
	Holder  string        `json:"holder"`
	Details []Inscription `json:"details" nullable:"false"`
}

// Inscription is one thing that a certificate says of its holder.
type Inscription struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// CertificateDraft is what an applicant wants a certificate to say: all of it when it is to be issued, what changes when it is to be amended.
type CertificateDraft struct {
	Holder  string            `json:"holder,omitempty" maxLength:"100" doc:"the holder's new name"`
	Details map[string]string `json:"details,omitempty" doc:"by label"`
}

// CertificateForm is what the form of an application asks of the certificate.
type CertificateForm struct {
	Held  *HeldCertificate `json:"held,omitempty" doc:"the certificate that it is about"`
	Asks  string           `json:"asks" enum:"all,changes,nothing" doc:"whether to say everything, what changes, or nothing"`
	Shows []string         `json:"shows" nullable:"false" doc:"what it says besides name and code"`
}

// aboutCertificate is what a process says of itself whose cases begin with a certificate.
const aboutCertificate = "certificate"

// startsOffice is who begins the cases of a process that the department in charge begins itself.
const startsOffice = "office"

// originOffice is the origin of a case that the department began. Its row says that nobody applied, and an officer started it.
const originOffice = "office"

// origin is who began a case: the applicant, the system, the office, or the party that the office called.
func (r *caseRow) origin() string {
	switch bySystem := r.StartedBy == account.SystemID; {
	case r.Origin == originSystem && !bySystem:
		return originOffice
	case r.Origin == originApplicant && bySystem:
		return originCalled
	}
	return r.Origin
}

// wireCertificates gives the verbs that speak of certificates their meaning.
func (c *Casework) wireCertificates() {
	e := c.engine
	e.Guard(flowCase, "holds", c.ofCase(func(ctx context.Context, _ process.Move, row *caseRow) error { return c.holds(ctx, row, true) }))
	e.Guard(flowCase, "holds_not", c.ofCase(func(ctx context.Context, _ process.Move, row *caseRow) error { return c.holds(ctx, row, false) }))
	e.Effect(flowCase, "issue", c.ofCase(c.issue))
	e.Effect(flowCase, "amend", c.ofCase(c.amend))
	for _, verb := range []string{"request_renewal", "renew", "suspend", "resume", "revoke", "surrender"} {
		e.Effect(flowCase, verb, c.ofCase(func(ctx context.Context, m process.Move, row *caseRow) error {
			return c.certificates.Turn(ctx, row.Certificate, verb, groundsOf(m, row))
		}))
	}
}

// groundsOf are what an action rests on.
func groundsOf(m process.Move, row *caseRow) Basis {
	b := Basis{Case: row.ID, CaseNumber: row.Number, Reason: strings.TrimSpace(m.Input.Reason), Cite: m.Args["cite"]}
	if m.Action != nil {
		b.Decision = m.Action.Title
	}
	return b
}

// schemeOf is the scheme of a case, by the rules that it is dealt with by.
func (c *Casework) schemeOf(ctx context.Context, row *caseRow) (*policy.Scheme, error) {
	set, err := row.rules(ctx)
	if err != nil {
		return nil, err
	}
	s := set.Library.Scheme(row.Scheme)
	if s == nil {
		return nil, fmt.Errorf("casework: case %s: no scheme %s", row.ID, row.Scheme)
	}
	return s, nil
}

func (c *Casework) holds(ctx context.Context, row *caseRow, want bool) error {
	s, err := c.schemeOf(ctx, row)
	if err != nil {
		return err
	}
	holders, err := c.certificates.Holders(ctx, []string{row.Party}, s.Family())
	switch {
	case err != nil || holders[row.Party] == want:
		return err
	case want:
		return fault.New(fault.Conflict, "没有有效的“"+s.Title()+"”")
	}
	return fault.New(fault.Conflict, "已持有有效的“"+s.Title()+"”")
}

// issue gives the party the certificate that the scheme grants, with the level that the case was evaluated at.
func (c *Casework) issue(ctx context.Context, m process.Move, row *caseRow) error {
	s, err := c.schemeOf(ctx, row)
	if err != nil {
		return err
	}
	g := s.Grant()
	if g == nil {
		return fault.New(fault.Conflict, "“"+s.Title()+"”不发证书：只有认定、荣誉、评级和许可发证书")
	}
	if err := c.mayCertify(ctx, m, row); err != nil {
		return err
	}
	draft, err := row.readDraft()
	if err != nil {
		return err
	}
	var given struct {
		Number string `json:"number"`
	}
	if err := read(m.Input.Data, &given); err != nil {
		return err
	}
	p, err := c.registry.Get(account.System(ctx), row.Party)
	if err != nil {
		return err
	}
	n := NewCertificate{Scheme: row.Scheme, SchemeTitle: s.Title(), Kind: s.Kind(), Family: s.Family(), Grant: g, Party: row.Party, Holder: row.PartyName, Code: row.PartyCode,
		Person: p.Kind == registry.KindPerson, Invented: p.Invented, Department: row.Department, Town: row.Town, Number: given.Number}
	if draft.Certificate != nil {
		n.Details = draft.Certificate.Details
	}
	if g.Level != "" {
		if n.Level, err = levelOf(ctx, row); err != nil {
			return err
		}
	}
	if row.Certificate, err = c.certificates.Issue(ctx, n, groundsOf(m, row)); err != nil {
		return err
	}
	if err := row.write(ctx); err != nil {
		return err
	}
	return row.record(ctx, "case.certified", map[string]string{"certificate": row.Certificate})
}

// mayCertify evaluates a case over the facts as they stand: what is not met or not known is not granted, and where conditions are left to a
// person the one who grants says why.
func (c *Casework) mayCertify(ctx context.Context, m process.Move, row *caseRow) error {
	if err := c.evaluateAnew(ctx, m, row); err != nil {
		return err
	}
	switch row.Answer {
	case policy.Met.String():
	case policy.Manual.String():
		if strings.TrimSpace(m.Input.Reason) == "" {
			return fault.New(fault.Invalid, "有的条件由人判断，请写明核查的情况和意见", fault.At("reason", "请写明核查的情况和意见"))
		}
	case policy.Unknown.String():
		return fault.New(fault.Conflict, "还有条件不知道是否符合，不能发证：请先补齐或核实数据")
	default:
		return fault.New(fault.Conflict, "按现有数据不符合条件，不能发证")
	}
	return nil
}

// levelOf is the level that a case was evaluated at. Conflict while it is not decided.
func levelOf(ctx context.Context, row *caseRow) (string, error) {
	if row.Evaluation == "" {
		return "", fault.New(fault.Conflict, "还没有测算，等级没有定")
	}
	e, err := evaluationByID(ctx, row.Evaluation)
	if err != nil {
		return "", err
	}
	v, err := e.view()
	if err != nil {
		return "", err
	}
	if l := v.Result.Level; l != nil && l.Low == l.High && l.High != "" {
		return l.High, nil
	}
	return "", fault.New(fault.Conflict, "等级还没有定：请把缺的数据补齐后重新测算")
}

func (c *Casework) amend(ctx context.Context, m process.Move, row *caseRow) error {
	draft, err := row.readDraft()
	if err != nil {
		return err
	}
	if draft.Certificate == nil {
		return fault.New(fault.Conflict, "申请里没有写要变更的内容")
	}
	return c.certificates.Amend(ctx, row.Certificate, *draft.Certificate, groundsOf(m, row))
}

// Expiry is the last day on which the certificate that a case is about is valid, as it says; not known: it is about none, or it has no end.
func (c *Casework) Expiry(ctx context.Context, caseID string) (day policy.Date, known bool, err error) {
	row, err := caseByID(ctx, caseID)
	if fault.CodeOf(err) == fault.NotFound { // a round
		return 0, false, nil
	}
	if err != nil || row.Certificate == "" {
		return 0, false, err
	}
	day, err = c.certificates.End(ctx, row.Certificate)
	return day, day != 0, err
}

// closed tells the register that a case has ended.
func (c *Casework) closed(ctx context.Context, row *caseRow) error {
	if row.Certificate == "" || row.Ended == "" {
		return nil
	}
	return c.certificates.Closed(ctx, row.Certificate, row.ID)
}

// BeginAbout begins a case about a certificate, or returns the one that is there: by its holder where the process lets applicants begin, by an
// officer of the department where it lets the office. NotFound if there is no such round, scheme in it or certificate that the actor may see;
// Forbidden for anybody else; Conflict if the certificate is of something else than the scheme grants.
func (c *Casework) BeginAbout(ctx context.Context, round, scheme, certificate string) (*Case, error) {
	var out *Case
	err := store.Write(ctx, func(ctx context.Context) error {
		r, err := visibleRound(ctx, round)
		if err != nil {
			return err
		}
		held, err := c.certificates.Held(ctx, certificate)
		if err != nil {
			return err
		}
		_, set, p, err := r.begun(ctx)
		if err != nil {
			return err
		}
		s := set.Library.Scheme(scheme)
		switch {
		case p == nil || p.About != aboutCertificate:
			return fault.New(fault.Conflict, "这一项不是办理已有的证书，请直接申报")
		case s == nil || s.Grant() == nil || s.Grant().Record != held.Record:
			return fault.New(fault.Conflict, fmt.Sprintf("编号%s的证书不归这一项办理", held.Number))
		}
		live, err := liveAbout(ctx, round, scheme, certificate)
		if err != nil {
			return err
		}
		if live == "" {
			if live, err = c.startAbout(ctx, r, scheme, held, p.Starts); err != nil {
				return err
			}
		} else if !account.ActorFrom(ctx).Speaks(held.Party) && p.Starts != startsOffice {
			return fault.New(fault.Forbidden, "只有持证主体自己的账号可以申请")
		}
		out, err = c.caseOf(ctx, live)
		return err
	})
	return out, err
}

// liveAbout is the case about a certificate in a round that has not ended; empty: none.
func liveAbout(ctx context.Context, round, scheme, certificate string) (string, error) {
	var ids []string
	err := store.Tx(ctx).NewRaw(`SELECT id FROM cases WHERE round = ? AND scheme = ? AND certificate = ? AND ended = ''`, round, scheme, certificate).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

func (c *Casework) startAbout(ctx context.Context, r *roundRow, scheme string, held HeldCertificate, starts string) (string, error) {
	if starts == originApplicant {
		if err := mustSpeak(ctx, held.Party); err != nil {
			return "", err
		}
		return c.start(ctx, r, scheme, held.Party, held.ID)
	}
	entry, err := roundScheme(ctx, r.ID, scheme)
	if err != nil {
		return "", err
	}
	p, err := c.registry.Named(ctx, held.Party)
	if err != nil {
		return "", err
	}
	a := account.ActorFrom(ctx)
	if !a.Covers(account.RoleOfficer, entry.Department, p.Town) {
		return "", fault.New(fault.Forbidden, "由"+entry.Department+"的经办人员发起")
	}
	if a.Speaks(held.Party) {
		return "", fault.New(fault.Forbidden, "不能办理您所代表的企业的证书，请由他人办理")
	}
	if err := r.mustTake(ctx); err != nil {
		return "", err
	}
	b, set, flow, err := r.begun(ctx)
	if err != nil {
		return "", err
	}
	now := store.Stamp(clock.Now(ctx))
	// Nothing is filled in, and there is no draft to keep from anybody: it has its number at once. The table knows two origins, and this is
	// the one at which nobody has applied.
	row := newCase(r, b, *entry, p, originSystem, a.AccountID, now)
	row.Certificate, row.SubmittedAt, row.SubmittedBy = held.ID, now, a.AccountID
	if row.Number, err = nextNumber(ctx, r); err != nil {
		return "", err
	}
	if err := insertCases(ctx, row); err != nil {
		return "", err
	}
	if err := row.record(ctx, "case.begun", map[string]string{"round": r.ID, "scheme": scheme, "certificate": held.ID}); err != nil {
		return "", err
	}
	if r.Standing != 0 { // a batch keeps it when it is made
		if _, err := c.engine.Keep(ctx, flow); err != nil {
			return "", err
		}
	}
	_, err = c.engine.Start(ctx, row.Process, c.subject(row, liteOf(set, scheme, clock.Today(ctx)).Title))
	return row.ID, err
}

// applicationSays is what an application wants its certificate to say, but what names persons.
func (c *Casework) applicationSays(ctx context.Context, row *caseRow) ([]Inscription, error) {
	out := []Inscription{}
	s, err := c.schemeOf(ctx, row)
	if err != nil {
		return nil, err
	}
	draft, err := row.shownDraft(ctx)
	if err != nil || s.Grant() == nil || draft.Certificate == nil {
		return out, err
	}
	for _, label := range s.Grant().Shows {
		if text := draft.Certificate.Details[label]; text != "" && !slices.Contains(s.Grant().Masks, label) {
			out = append(out, Inscription{label, text})
		}
	}
	return out, nil
}

// certificateForm is what the form of a case asks of the certificate; nil: nothing, and it is about none.
func (c *Casework) certificateForm(ctx context.Context, row *caseRow, p *policy.Process, s *policy.Scheme) (*CertificateForm, error) {
	g := s.Grant()
	if p == nil || g == nil {
		return nil, nil
	}
	out := &CertificateForm{Asks: "nothing", Shows: orEmpty(g.Shows)}
	switch {
	case does(p, "amend"):
		out.Asks = "changes"
	case does(p, "issue") && len(g.Shows) > 0:
		out.Asks = "all"
	}
	if p.About == aboutCertificate && row.Certificate != "" {
		held, err := c.certificates.Held(ctx, row.Certificate)
		if err != nil {
			return nil, err
		}
		out.Held = &held
		out.Shows = []string{}
		for _, d := range held.Details {
			out.Shows = append(out.Shows, d.Label)
		}
	}
	if out.Asks == "nothing" && out.Held == nil {
		return nil, nil
	}
	return out, nil
}

// does says whether some action of the case flow brings a verb about.
func does(p *policy.Process, verb string) bool {
	f := p.Flow(flowCase)
	if f == nil {
		return false
	}
	in := func(a *policy.Action) bool {
		return slices.ContainsFunc(a.Do, func(e policy.Effect) bool { return e.Name == verb })
	}
	return slices.ContainsFunc(f.Always, in) || slices.ContainsFunc(f.Stages, func(s *policy.Stage) bool {
		return slices.ContainsFunc(s.Tasks, func(t *policy.TaskRule) bool { return slices.ContainsFunc(t.Actions, in) })
	})
}

// lackOfCertificate lists what the draft does not yet say of the certificate.
func (f *Form) lackOfCertificate(d *Draft) {
	a := f.Certificate
	if a == nil {
		return
	}
	given := d.Certificate
	if given == nil {
		given = &CertificateDraft{}
	}
	switch a.Asks {
	case "all":
		for _, label := range a.Shows {
			if strings.TrimSpace(given.Details[label]) == "" {
				f.Missing = append(f.Missing, Gap{"details." + label, "请填写证书载明的" + label})
			}
		}
	case "changes":
		changes := strings.TrimSpace(given.Holder) != "" && (a.Held == nil || strings.TrimSpace(given.Holder) != a.Held.Holder)
		if a.Held != nil {
			for _, now := range a.Held.Details {
				text := strings.TrimSpace(given.Details[now.Label])
				changes = changes || text != "" && text != now.Value
			}
		}
		if !changes {
			f.Missing = append(f.Missing, Gap{"certificate", "请填写要变更的内容：至少有一项与证书上现有的不同"})
		}
	}
}

// check says what is wrong with the texts of a draft.
func (d *CertificateDraft) check() []fault.Detail {
	var out []fault.Detail
	text := func(field, label, value string, most int) {
		if utf8.RuneCountInString(value) > most || !store.Plain(value) || strings.Contains(value, "\n") {
			out = append(out, fault.At(field, "%s不能超过%d个字，也不能含控制字符", label, most))
		}
	}
	text("holder", "名称", d.Holder, 100)
	if len(d.Details) > 50 {
		return append(out, fault.At("details", "证书的栏目太多"))
	}
	for label, value := range d.Details {
		if utf8.RuneCountInString(label) > 40 || !store.Plain(label) {
			out = append(out, fault.At("details", "没有这样的栏目"))
			continue
		}
		text("details."+label, label, value, 200)
	}
	return out
}
