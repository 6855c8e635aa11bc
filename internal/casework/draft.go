package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shanglin/internal/account"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/internal/registry"
	"shanglin/internal/schemes"
	"shanglin/policy"
)

// Draft is what an applicant has typed so far. It is the applicant's alone until it is submitted, and says nothing to anybody else.
type Draft struct {
	Statements []registry.FactBody `json:"statements" maxItems:"600" nullable:"false" doc:"what the party declares of itself, the rows of its lists among them"`
	None       []string            `json:"none,omitempty" maxItems:"10" doc:"the keys of the lists that it says it has nothing for"`
	Thing      string              `json:"thing,omitempty" maxLength:"60" doc:"which of the party's things (its project) it is about, where the scheme is for one"`
	Commitment bool                `json:"commitment" doc:"the letter of commitment was read and accepted"`
	Contact    string              `json:"contact,omitempty" maxLength:"60" doc:"whom to ask; personal"`
	Phone      string              `json:"phone,omitempty" maxLength:"40" doc:"personal"`
	Note       string              `json:"note,omitempty" maxLength:"2000" doc:"what the applicant wants to add"`
	Despite    string              `json:"despite,omitempty" maxLength:"1000" doc:"why it applies although the answer is unmet"`

	Certificate *CertificateDraft `json:"certificate,omitempty" doc:"what the certificate is to say"`
	Marks       []SelfMark        `json:"marks,omitempty" maxItems:"300" doc:"what the party scores itself, by indicator"`
}

func (d *Draft) check() []fault.Detail {
	var out []fault.Detail
	for _, t := range []struct {
		name, label string
		text        *string
		most        int
	}{{"contact", "联系人", &d.Contact, 60}, {"phone", "联系电话", &d.Phone, 40}, {"note", "补充说明", &d.Note, 2000}, {"despite", "理由", &d.Despite, 1000}} {
		*t.text = strings.TrimSpace(*t.text)
		if utf8.RuneCountInString(*t.text) > t.most {
			out = append(out, fault.At(t.name, "%s不能超过%d个字", t.label, t.most))
		}
		if !store.Plain(*t.text) {
			out = append(out, fault.At(t.name, "%s含有不允许的字符", t.label))
		}
	}
	name, wrong := registry.NormalThing(d.Thing)
	if d.Thing = name; wrong != nil {
		out = append(out, *wrong)
	}
	if d.Certificate != nil {
		out = append(out, d.Certificate.check()...)
	}
	if len(d.Marks) > mostMarks {
		return append(out, fault.At("marks", "一次最多%d项", mostMarks))
	}
	for i := range d.Marks {
		if m := &d.Marks[i]; utf8.RuneCountInString(m.Note) > 500 || utf8.RuneCountInString(m.Points) > 20 || !store.Plain(m.Term+m.Points+m.Note) {
			out = append(out, fault.At(fmt.Sprintf("marks[%d]", i), "自评说明不超过500字，不含控制字符"))
		}
	}
	return out
}

func (d *Draft) statements(party string) []registry.Statement {
	out := make([]registry.Statement, len(d.Statements))
	for i, b := range d.Statements {
		out[i] = b.Statement(party)
	}
	return out
}

// Form is what an applicant sees of a draft: what is known with its source, what is asked, what is still missing.
type Form struct {
	Case      *Case          `json:"case"`
	Draft     Draft          `json:"draft"`
	Version   int64          `json:"version" doc:"of the draft; to be sent with the next save"`
	Asked     []Asked        `json:"asked" nullable:"false" doc:"facts that are unknown, or known but not verified"`
	Known     []Shown        `json:"known" nullable:"false" doc:"verified facts that the scheme reads: nothing to fill in"`
	Materials []MaterialFile `json:"materials" nullable:"false"`
	Result    *policy.Result `json:"result" doc:"the answer over what is known and what the draft says"`
	Of        string         `json:"of,omitempty" doc:"what it has to say which one of it is about: a project; absent: it is about the party"`
	Named     bool           `json:"named" doc:"what it is about can no longer be changed"`
	Asks      bool           `json:"asks" doc:"it asks the office something: the note is the question"`
	Missing   []Gap          `json:"missing" nullable:"false" doc:"what keeps it from being submitted"`

	Explanation *policy.Explanation `json:"explanation" doc:"the result in words"`
	Lists       []FormList          `json:"lists" nullable:"false" doc:"what the party is to list by rows"`

	Problems   []fault.Detail `json:"problems" nullable:"false" doc:"statements that cannot be read, by field"`
	Commitment string         `json:"commitment,omitempty" doc:"the letter of commitment; none where the system proposes"`

	Certificate *CertificateForm `json:"certificate,omitempty" doc:"what it asks of the certificate; absent: nothing"`
	Marks       *Marks           `json:"marks,omitempty" doc:"the indicators that it asks the party to score itself by; absent: none"`
}

// Asked is a fact that the form asks for.
type Asked struct {
	Need   policy.Need `json:"need"`
	Value  string      `json:"value,omitempty" doc:"what is known, not verified"`
	Source string      `json:"source,omitempty"`
}

// Shown is a fact that is known and verified.
type Shown struct {
	Label    string `json:"label"`
	Value    string `json:"value"`
	Source   string `json:"source"`
	Evidence string `json:"evidence,omitempty"`
}

// Gap is one thing that keeps an application from being submitted.
type Gap struct {
	Field string `json:"field"`
	Text  string `json:"text"`
}

// commitment is the letter that every applicant accepts. It is a text of ours, not of a document.
const commitment = "本单位承诺：所填报的数据和提交的材料真实、完整、合法，与原件一致；同意有关部门为办理本项申报核查本单位的相关信息；如有虚假，愿意退回已兑付的资金，并承担相应的法律责任。"

// Begin makes the draft of an application of a party for a scheme in a round, or returns the one that is there.
// Forbidden unless the actor speaks for the party; NotFound if there is no such round or scheme in it; Conflict if the round takes no
// applications today.
func (c *Casework) Begin(ctx context.Context, round, scheme, party string) (*Case, error) {
	if err := mustSpeak(ctx, party); err != nil {
		return nil, err
	}
	var out *Case
	err := store.Write(ctx, func(ctx context.Context) error {
		r, err := visibleRound(ctx, round)
		if err != nil {
			return err
		}
		_, set, _, err := r.begun(ctx)
		if err != nil {
			return err
		}
		s := set.Library.Scheme(scheme)
		live, err := liveCase(ctx, r, scheme, party, s != nil && s.Kind() == "support")
		if err != nil {
			return err
		}
		if live == "" {
			if live, err = c.start(ctx, r, scheme, party, ""); err != nil {
				return err
			}
		}
		out, err = c.caseOf(ctx, live)
		return err
	})
	return out, err
}

const (
	originApplicant = "applicant"
	originSystem    = "system"
)

// start makes a case of a round that takes applications, about a certificate where the process asks for one. Of two who start the same at the same moment the second gets Conflict.
func (c *Casework) start(ctx context.Context, r *roundRow, scheme, party, certificate string) (string, error) {
	entry, err := roundScheme(ctx, r.ID, scheme)
	if err != nil {
		return "", err
	}
	if err := r.mustTake(ctx); err != nil {
		return "", err
	}
	b, set, process, err := r.begun(ctx)
	if err != nil {
		return "", err
	}
	if process == nil {
		return "", fault.New(fault.Conflict, "现行政策文件中已没有办理这一事项的流程，请联系责任部门")
	}
	if process.Starts == startsOffice {
		return "", fault.New(fault.Conflict, "这一项由责任部门发起，不用自己开始；要您办理的会在“我的申报”里")
	}
	if process.Starts == originSystem {
		return "", fault.New(fault.Conflict, "这个批次由系统按已核实的数据提名，不用申报")
	}
	if process.About == aboutCertificate && certificate == "" {
		return "", fault.New(fault.Conflict, "这一项办理已有的证书，请先选定一张")
	}
	p, err := c.registry.Named(ctx, party)
	if err != nil {
		return "", err
	}
	s := set.Library.Scheme(scheme)
	if s == nil {
		return "", fault.New(fault.Conflict, "现行政策文件中已没有这一事项，请联系责任部门")
	}
	if why := suits(process, s, r.Standing != 0); why != "" {
		return "", fault.New(fault.Conflict, why)
	}
	if !registry.Concerns(s, p.Kind) {
		return "", fault.New(fault.Conflict, "这项政策不适用于这类主体")
	}
	row := newCase(r, b, *entry, p, originApplicant, account.ActorFrom(ctx).AccountID, store.Stamp(clock.Now(ctx)))
	row.Certificate = certificate
	if err := insertCases(ctx, row); err != nil {
		return "", err
	}
	if err := row.record(ctx, "case.started", map[string]string{"round": r.ID, "scheme": scheme}); err != nil {
		return "", err
	}
	if r.Standing != 0 { // a batch keeps it when it is made
		if _, err := c.engine.Keep(ctx, process); err != nil {
			return "", err
		}
	}
	_, err = c.engine.Start(ctx, row.Process, c.subject(row, s.Title()))
	return row.ID, err
}

// newCase is a case as it begins, before anything is said of it.
func newCase(r *roundRow, b basis, entry roundSchemeRow, p registry.Party, origin, by, at string) *caseRow {
	return &caseRow{ID: store.NewID(), Round: r.ID, Scheme: entry.Scheme, Party: p.ID, PartyName: p.Name, PartyCode: p.Code, Town: p.Town,
		Department: entry.Department, Draft: "{}", DraftVersion: 1, Origin: origin, StartedAt: at, StartedBy: by,
		SavedAt: at, Decided: unset, Settled: unset, Awarded: unset, Paid: unset, Cuts: "[]", Counted: uncounted, Lacking: "[]", Standing: r.Standing, basis: b, Version: 1}
}

// mustTake refuses a round that takes no applications today, and says why.
func (r *roundRow) mustTake(ctx context.Context) error {
	today := clock.Today(ctx).String()
	switch {
	case r.Standing != 0 && r.Open == 0:
		return fault.New(fault.Conflict, "这一事项还没有开始受理")
	case r.Standing != 0 && r.Closes != "" && today > r.Closes:
		return fault.New(fault.Conflict, "这一事项已停止受理")
	case r.Standing != 0 && today < r.Opens:
		return fault.New(fault.Conflict, fmt.Sprintf("这一事项自%s起受理", r.Opens))
	case r.Standing != 0:
		return nil
	case r.Open == 0:
		return fault.New(fault.Conflict, "这个批次还没有开放申报")
	case r.FrozenAt != "" || today > r.Closes:
		return fault.New(fault.Conflict, "这个批次的申报已经截止")
	case today < r.Opens:
		return fault.New(fault.Conflict, fmt.Sprintf("这个批次自%s起受理申报", r.Opens))
	}
	return nil
}

// Save keeps what an applicant has typed. Conflict if it was saved elsewhere since (version), or is submitted already; what was typed is
// then not lost, because the page still holds it. Statements that cannot be read yet are kept as they are typed: the form names them.
func (c *Casework) Save(ctx context.Context, id string, version int64, d Draft) (*Form, error) {
	if details := d.check(); len(details) > 0 {
		return nil, fault.New(fault.Invalid, "请更正标出的内容", details...)
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	var out *Form
	err = store.Write(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if err := mustSpeak(ctx, row.Party); err != nil {
			return err
		}
		if err := c.mustFill(ctx, row); err != nil {
			return err
		}
		set, err := row.rules(ctx)
		if err != nil {
			return err
		}
		if err := row.mayBeAbout(ctx, set, d.Thing); err != nil {
			return err
		}
		saved, err := saveDraft(ctx, id, version, string(text), d.Thing, store.Stamp(clock.Now(ctx)))
		if err != nil {
			return err
		}
		if !saved {
			return fault.New(fault.Conflict, "这份申报刚刚在别处保存过，请刷新后核对")
		}
		if row, err = caseByID(ctx, id); err != nil {
			return err
		}
		if err := row.record(ctx, "case.saved", nil); err != nil {
			return err
		}
		out, err = c.form(ctx, row)
		return err
	})
	return out, err
}

// mustFill refuses to change what an applicant has filled in while it is not the applicant's turn. Of what the system proposed nothing is filled in.
func (c *Casework) mustFill(ctx context.Context, row *caseRow) error {
	if row.origin() == originOffice {
		return fault.New(fault.Conflict, "这一件由责任部门发起，不用填报数据，也不用上传材料")
	}
	if row.Origin == originSystem {
		return fault.New(fault.Conflict, "这一件由系统提名，不用填报数据，也不用上传材料")
	}
	turn, err := c.engine.Turn(ctx, flowCase, row.ID, roleApplicant)
	if err != nil {
		return err
	}
	if !turn {
		return fault.New(fault.Conflict, "申报已经提交，不能再修改；如需更正，请撤回或等待补正通知")
	}
	return nil
}

const roleApplicant = "applicant"

// FormOf is the form of a draft, or of a case that came back for correction. NotFound unless the actor speaks for its party.
func (c *Casework) FormOf(ctx context.Context, id string) (*Form, error) {
	var out *Form
	err := store.Read(ctx, func(ctx context.Context) error {
		row, err := visibleCase(ctx, id)
		if err != nil {
			return err
		}
		if !account.ActorFrom(ctx).Speaks(row.Party) {
			return notFoundCase()
		}
		out, err = c.form(ctx, row)
		return err
	})
	return out, err
}

// form is the form of a case that the actor speaks for.
func (c *Casework) form(ctx context.Context, row *caseRow) (*Form, error) {
	round, err := roundByID(ctx, row.Round)
	if err != nil {
		return nil, err
	}
	set, err := row.rules(ctx)
	if err != nil {
		return nil, err
	}
	draft, err := row.readDraft()
	if err != nil {
		return nil, err
	}
	statements := row.statements(set, draft)
	facts, wrong, err := c.registry.Suppose(ctx, set.Library.Vocabulary(), row.Party, row.about(set), statements)
	if err != nil {
		return nil, err
	}
	placed(wrong, listRows(row.lists(set), statements))
	rating, err := c.rated(ctx, row)
	if err != nil {
		return nil, err
	}
	if rating != nil {
		if err := rating.suppose(facts); err != nil {
			return nil, err
		}
	}
	result, err := row.evaluate(set, facts, clock.Today(ctx))
	if err != nil {
		return nil, err
	}
	f := &Form{Draft: *draft, Version: row.DraftVersion, Result: result, Problems: orEmpty(wrong), Commitment: commitment, Asked: []Asked{}, Known: []Shown{},
		Explanation: set.Library.Scheme(row.Scheme).Explanation(result, policy.Chinese)}
	f.Draft.Statements, f.Lists = orEmpty(f.Draft.Statements), []FormList{}
	f.Draft.Thing, f.Of, f.Named = row.Thing, kindOf(set.Library.Scheme(row.Scheme)), row.SubmittedAt != ""
	if f.Case, err = row.view(ctx, c, round, set); err != nil {
		return nil, err
	}
	if f.Materials, err = c.materials(ctx, row); err != nil {
		return nil, err
	}
	if f.Certificate, err = c.certificateForm(ctx, row, processOf(set, row.Process), set.Library.Scheme(row.Scheme)); err != nil {
		return nil, err
	}
	f.ask(set, result)
	if rating != nil {
		f.Asked = slices.DeleteFunc(f.Asked, func(a Asked) bool { return rating.process.SheetOf(a.Need.Term) != nil })
		if f.Marks, err = c.marks(ctx, rating); err != nil {
			return nil, err
		}
	}
	if row.origin() == originOffice {
		f.Commitment, f.Missing, f.Asked = "", []Gap{}, []Asked{}
		return f, nil
	}
	if row.Origin == originSystem {
		f.Commitment = ""
		return f, c.lackOfProposal(ctx, row, f)
	}
	f.lack(draft)
	f.lackOfCertificate(draft)
	f.askLists(row, set, draft, statements)
	if rating != nil {
		f.lackOfMarks(rating)
	}
	asks, err := c.answers(ctx, row)
	if err == nil && asks && strings.TrimSpace(draft.Note) == "" {
		f.Missing = append(f.Missing, Gap{"note", "请写明要咨询或请求办理的事情"})
	}
	f.Asks = asks
	return f, err
}

// lackOfProposal lists what keeps a proposal from being confirmed: facts that no longer carry it, and nowhere to pay to. Nothing else is asked
// of a firm that has not applied.
func (c *Casework) lackOfProposal(ctx context.Context, row *caseRow, f *Form) error {
	f.Missing = []Gap{}
	if !mayPropose(f.Result) {
		f.Missing = append(f.Missing, Gap{"facts", "提名所依据的数据有变化，按现在的数据不能直接享受；请联系责任部门核对"})
	}
	has, err := c.purse.HasAccount(ctx, row.Party)
	if err == nil && !has {
		f.Missing = append(f.Missing, Gap{"account", "请登记收款账户，资金付到这个账户"})
	}
	return err
}

// ask sorts what the scheme reads: verified facts are shown, everything else is asked for.
func (f *Form) ask(set *schemes.Compiled, result *policy.Result) {
	asked := map[string]bool{}
	for _, n := range result.Missing {
		asked[n.Key] = true
		if n.Regional { // its office states it for everybody
			continue
		}
		f.Asked = append(f.Asked, Asked{Need: n})
	}
	seen := map[string]bool{}
	for _, ref := range factsUsed(result.Reasons) {
		key := ref.Key + "\x00" + ref.Source.ID
		if seen[key] || asked[ref.Key] {
			continue
		}
		seen[key] = true
		if ref.Source.Verified {
			f.Known = append(f.Known, Shown{Label: ref.Label, Value: ref.Value, Source: ref.Source.Origin, Evidence: ref.Source.Evidence})
			continue
		}
		if need, ok := set.Library.Vocabulary().Need(ref.Key); ok {
			f.Asked = append(f.Asked, Asked{Need: need, Value: ref.Value, Source: ref.Source.Origin})
		}
	}
}

// factsUsed are the facts that an answer rests on, in the order of its reasons.
func factsUsed(n *policy.Node) []policy.FactRef {
	if n == nil {
		return nil
	}
	out := append([]policy.FactRef{}, n.Facts...)
	for _, child := range n.Children {
		out = append(out, factsUsed(child)...)
	}
	return out
}

// lack lists what keeps the form from being submitted. What only an office can say (a judgement, a list that the office keeps) does not:
// it is for the review.
func (f *Form) lack(d *Draft) {
	f.Missing = []Gap{}
	gap := func(name, format string, a ...any) {
		f.Missing = append(f.Missing, Gap{name, fmt.Sprintf(format, a...)})
	}
	if f.Of != "" && d.Thing == "" && !f.Named {
		gap("thing", "请写明申报的是哪一个%s", f.Of)
	}
	for _, p := range f.Problems {
		gap(p.Field, "%s", p.Message)
	}
	for _, a := range f.Asked {
		if a.Value == "" && a.Need.Type == "number" {
			gap("asked."+a.Need.Key, "请填写%s", a.Need.Label)
		}
	}
	for _, m := range f.Materials {
		if m.Required && len(m.Files) == 0 {
			gap("materials."+m.Key, "请上传%s", m.Title)
		}
	}
	if f.Result.Answer == policy.Unmet && d.Despite == "" {
		gap("despite", "按现有数据不符合条件；如仍要申报，请说明理由")
	}
	if d.Contact == "" || d.Phone == "" {
		gap("contact", "请填写联系人和联系电话")
	}
	if !d.Commitment {
		gap("commitment", "请阅读并同意承诺书")
	}
}

// readDraft is the draft of the case.
func (r *caseRow) readDraft() (*Draft, error) {
	d := &Draft{}
	if r.Draft == "" {
		return d, nil
	}
	if err := json.Unmarshal([]byte(r.Draft), d); err != nil {
		return nil, fmt.Errorf("casework: draft of %s: %w", r.ID, err)
	}
	return d, nil
}
