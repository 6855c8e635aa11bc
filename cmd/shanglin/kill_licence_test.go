package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/certificate"
	"shanglin/internal/paper"
	"shanglin/internal/platform/clock"
	"shanglin/internal/registry"
	"shanglin/policy"
)

// A licence under kills, from its application to its revocation: a visit on the spot whose phones send what they noted twice, its signatures,
// the decision with the certificate and the documents that it drafts, their numbers, a hearing with its record and what the party says of it,
// and the revocation. Each important step is sent by two clients at once. What the phones noted is sent again, all of it, until it was
// acknowledged: the same ids, so that nothing is doubled.
//
// Mutations: take the number of a document in a transaction before that of its issue; keep an entry under another id than the phone's; keep the
// first of the entries that were sent together → red.

const (
	killOffice  = "市人力社保局"
	killLicence = "labour-dispatch/劳务派遣经营许可"
)

var licences = killWalk{
	usual:  10,
	most:   10, // a licence takes two or three weeks: so many end before the days do whose holidays are published
	phases: []string{"apply", "plan", "entries", "sign", "grant", "issue", "hearing", "record", "answer", "revoke"},
	people: (*killer).officeOfLicences,
	step:   (*killer).advanceLicence,
	wrongs: slices.Concat(wrongsOfCases, wrongsOfPapers, wrongsOfLicences),
	done: map[string]string{
		"apply":   `SELECT COUNT(*) FROM cases WHERE id = ? AND number <> ''`,
		"plan":    `SELECT COUNT(*) FROM visits WHERE case_id = ?`,
		"entries": `SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM visit_entries WHERE visit = ?`,
		"photos":  `SELECT COUNT(*) FROM visit_photos WHERE visit = ?`,
		"sign":    `SELECT COUNT(*) FROM visits WHERE id = ? AND state = 'done'`,
		"grant":   `SELECT COUNT(*) FROM cases AS c JOIN certificate_changes AS x ON x.case_id = c.id AND x.kind = 'issue' WHERE c.id = ? AND c.stage IN ('送达', '办结')`,
		"issue":   `SELECT COUNT(*) FROM papers WHERE id = ? AND state IN ('issued', 'delivered') AND number > 0`,
		"hearing": `SELECT COUNT(*) FROM visits WHERE case_id = ?`,
		"record":  `SELECT COUNT(*) FROM visits WHERE id = ? AND state = 'done'`,
		"answer":  `SELECT COUNT(*) FROM visits WHERE id = ? AND answered_at <> ''`,
		"revoke":  `SELECT COUNT(*) FROM cases AS c JOIN certificate_changes AS x ON x.case_id = c.id AND x.kind = 'revoke' WHERE c.id = ? AND c.stage = '已吊销'`,
	},
}

var wrongsOfLicences = []wrong{
	{"a decision with two certificates, or with none", `SELECT COUNT(*) FROM cases AS c JOIN process_instances AS i ON i.flow = 'case' AND i.subject = c.id
		WHERE (CASE WHEN i.stage IN ('送达', '办结') THEN 1 ELSE 0 END) <> (SELECT COUNT(*) FROM certificate_changes AS x WHERE x.case_id = c.id AND x.kind = 'issue')`},
	{"a certificate that stands and its record does not, or the other way round", `SELECT COUNT(*) FROM certificates AS c WHERE (c.state = 'valid') <>
		(EXISTS (SELECT 1 FROM facts AS f WHERE f.party = c.party AND f.term = c.record AND f.withdrawn = 0 AND (f.until_date = '' OR f.until_date > '2026-12-31')))`},
	{"a revocation without its decision, or the other way round", `SELECT COUNT(*) FROM cases AS c WHERE (CASE WHEN c.stage = '已吊销' THEN 1 ELSE 0 END) <>
		(SELECT COUNT(*) FROM certificate_changes AS x WHERE x.case_id = c.id AND x.kind = 'revoke')`},
	{"a visit that is done without its signatures", `SELECT COUNT(*) FROM visits AS v WHERE v.state = 'done' AND (SELECT COUNT(*) FROM visit_officers AS o WHERE o.visit = v.id AND o.signed <> '') <> 2`},
	{"an item that was answered twice by one phone", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM visit_entries GROUP BY visit, item, account HAVING COUNT(*) > 1) AS d`},
	{"a visit whose entries came by half", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM visit_entries AS e JOIN visits AS v ON v.id = e.visit GROUP BY v.id, v.checklist
		HAVING COUNT(*) <> CASE v.checklist WHEN '听证' THEN 5 ELSE 6 END) AS d`},
	{"two visits of one case", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM visits GROUP BY case_id HAVING COUNT(*) > 1) AS d`},
	{"a photo without its file", `SELECT COUNT(*) FROM visit_photos AS p LEFT JOIN files AS f ON f.id = p.file WHERE f.id IS NULL`},
}

func TestKilledLicence(t *testing.T) {
	if job := os.Getenv(killChild); job != "" {
		serveUntilKilled(job)
		return
	}
	killed(t, licences)
}

// officeOfLicences makes the county: firms that ask for a licence, and who decides.
func (k *killer) officeOfLicences() {
	k.t.Helper()
	ctx, rooms, closed := k.county()
	defer closed()
	system := account.System(ctx)
	var speaks []account.Grant
	for i := range k.kills + 2 {
		p, err := rooms.Registry.Put(system, registry.Party{Kind: registry.KindFirm, Name: fmt.Sprintf("第%d劳务有限公司", i+1), Exception: "测试用", Town: "周巷镇", Industry: "服务业", Size: "小型"})
		k.must(err)
		_, err = rooms.Registry.State(system, registry.Statement{Party: p.ID, Term: "注册资本", Value: "500万元"})
		k.must(err)
		k.parties = append(k.parties, p.ID)
		speaks = append(speaks, account.Grant{Role: account.RoleFirm, Party: p.ID})
	}
	officer, leader := []account.Grant{{Role: account.RoleOfficer, Department: killOffice}}, []account.Grant{{Role: account.RoleLeader, Department: killOffice}}
	for login, grants := range map[string][]account.Grant{"firm": speaks, "officer": officer, "organiser": officer, "walker": officer, "driver": officer, "leader": leader} {
		a, _, err := rooms.Accounts.Create(system, killTenant, account.New{Login: login, Name: login, Password: killPassword, Grants: grants})
		k.must(err)
		k.ids[login] = a.ID
	}
	officerAt := account.WithActor(ctx, &account.Actor{AccountID: k.ids["officer"], Name: "officer", Tenant: killTenant, Grants: officer})
	for i, process := range []string{"劳务派遣许可申请", "劳务派遣许可处理"} {
		r, err := rooms.Casework.MakeRound(officerAt, casework.RoundDraft{Number: fmt.Sprintf("2026-%02d", i+1), Title: process, Process: process, Standing: true, Opens: k.day,
			Department: killOffice, Schemes: []casework.RoundSchemeDraft{{Scheme: killLicence, Department: killOffice}}})
		k.must(err)
		_, err = rooms.Casework.OpenRound(officerAt, r.ID, r.Version)
		k.must(err)
		k.ids[process] = r.ID
	}
}

// advanceLicence takes the present licence one step further from where it is found.
func (k *killer) advanceLicence() error {
	party := k.parties[len(k.ended)]
	var page casework.CasePage
	if err := k.ask("officer", "GET", "/cases?per=50&party="+party, nil, &page); err != nil {
		return err
	}
	at := func(round string) *casework.CaseRow {
		i := slices.IndexFunc(page.Items, func(c casework.CaseRow) bool { return c.Round == round })
		if i < 0 {
			return nil
		}
		return &page.Items[i]
	}
	asked, oversight := at(k.ids["劳务派遣许可申请"]), at(k.ids["劳务派遣许可处理"])
	switch {
	case oversight != nil:
		return k.overseen(oversight.ID, oversight.Stage)
	case asked == nil || asked.Number == "":
		return k.during("apply", party, func() error { return k.apply(party) })
	case asked.Stage == "办结":
		var list certificate.Page
		if err := k.ask("officer", "GET", "/certificates?per=50&party="+url.QueryEscape(party), nil, &list); err != nil {
			return err
		}
		i := slices.IndexFunc(list.Items, func(c certificate.Certificate) bool { return c.Party == party })
		if i < 0 {
			return errors.New("no certificate")
		}
		return k.ask("officer", "POST", "/cases", map[string]string{"round": k.ids["劳务派遣许可处理"], "scheme": killLicence, "certificate": list.Items[i].ID}, nil)
	}
	return k.licensed(asked.ID, asked.Stage)
}

func (k *killer) apply(party string) error {
	var c casework.Case
	if err := k.ask("firm", "POST", "/cases", map[string]string{"round": k.ids["劳务派遣许可申请"], "scheme": killLicence, "party": party}, &c); err != nil {
		return err
	}
	path := "/cases/" + c.ID
	var f casework.Form
	if err := k.ask("firm", "GET", path+"/form", nil, &f); err != nil {
		return err
	}
	draft := map[string]any{"version": f.Version, "draft": map[string]any{"statements": []any{}, "commitment": true, "contact": "张三", "phone": "13800000000",
		"certificate": map[string]any{"details": map[string]string{"住所": "甲路1号", "法定代表人": "王小明", "注册资本": "500万元"}}}}
	if err := k.ask("firm", "PUT", path+"/draft", draft, nil); err != nil {
		return err
	}
	return k.actTwice("firm", path, "提交", "", nil, k.keep("apply", c.ID))
}

// licensed takes an application one step further.
func (k *killer) licensed(id, stage string) error {
	path := "/cases/" + id
	switch stage {
	case "收件":
		return k.act("officer", path, "受理", "", nil)
	case "审查":
		v, err := k.visitOf(id)
		if err != nil {
			return err
		}
		if v == nil {
			return k.during("plan", id, func() error {
				return k.actTwice("officer", path, "安排核查", "", k.planned(k.day.AddDays(1)), k.keep("plan", id))
			})
		}
		if done, err := k.visited(v, "sign"); err != nil || !done {
			return err
		}
		return k.during("grant", id, func() error {
			return k.actTwice("officer", path, "准予许可", "符合条件", nil, k.keep("grant", id))
		})
	case "送达":
		if done, err := k.papers(id); err != nil || !done {
			return err
		}
		return k.act("officer", path, "通知领证", "", nil)
	}
	return fmt.Errorf("the application stands at %s", stage)
}

// overseen takes the oversight of a licence one step further, to its revocation.
func (k *killer) overseen(id, stage string) error {
	path := "/cases/" + id
	switch stage {
	case "核查":
		return k.act("officer", path, "提请吊销", "逾期不改正", nil)
	case "待吊销":
		return k.act("leader", path, "告知听证权", "逾期不改正，拟吊销", nil)
	case "听证权":
		return k.act("firm", path, "要求听证", "已经改正", nil)
	case "组织听证":
		v, err := k.visitOf(id)
		if err != nil {
			return err
		}
		if v == nil {
			var all casework.CaseVisits
			if err := k.ask("organiser", "GET", path+"/visits", nil, &all); err != nil {
				return err
			}
			first, err := policy.ParseDate(all.Plans[0].Earliest)
			if err != nil {
				return err
			}
			return k.during("hearing", id, func() error {
				return k.actTwice("organiser", path, "安排听证", "", k.planned(first), k.keep("hearing", id))
			})
		}
		if done, err := k.visited(v, "record"); err != nil || !done {
			return err
		}
		if v.AnsweredAt == "" {
			return k.during("answer", v.ID, func() error {
				return k.twice("firm", "POST", "/visits/"+v.ID+"/record", map[string]any{"right": false, "says": "整改报告是两份"}, k.keep("answer", v.ID))
			})
		}
		return k.act("organiser", path, "听证结束", "已举行听证", nil)
	case "待决定吊销":
		return k.during("revoke", id, func() error {
			return k.actTwice("leader", path, "决定吊销", "逾期不改正", nil, k.keep("revoke", id))
		})
	case "已吊销":
		if done, err := k.papers(id); err != nil || !done {
			return err
		}
		k.ended = append(k.ended, id)
		k.setDay(k.day.AddDays(1))
		return nil
	}
	return fmt.Errorf("the oversight stands at %s", stage)
}

func (k *killer) planned(day policy.Date) any {
	at := clock.Start(day).Add(10 * time.Hour).Format(time.RFC3339)
	return map[string]any{"visit": map[string]any{"dates": []string{at}, "officers": []string{k.ids["walker"], k.ids["driver"]}, "place": "甲路1号"}}
}

// visitOf is the visit of a case, as who goes sees it; nil when none is planned.
func (k *killer) visitOf(id string) (*casework.Visit, error) {
	var all casework.CaseVisits
	if err := k.ask("walker", "GET", "/cases/"+id+"/visits", nil, &all); err != nil || len(all.Items) == 0 {
		return nil, err
	}
	return &all.Items[0], nil
}

// visited takes a visit one step further; done once both have signed.
func (k *killer) visited(v *casework.Visit, phase string) (done bool, err error) {
	path := "/visits/" + v.ID
	switch v.State {
	case "done":
		return true, nil
	case "planned":
		return false, k.ask("firm", "POST", path+"/answer", map[string]string{"at": v.Offered[0]}, nil)
	}
	if day, err := time.Parse(time.RFC3339, v.At); err != nil {
		return false, err
	} else if on := clock.DayOf(day); k.day <= on {
		k.setDay(on.AddDays(1))
	}
	// Ids as a phone makes them: of the visit and the item, so that what is sent again is the same.
	phone := func(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", len(k.ended)*10+len(v.Items), n) }
	said := clock.Start(k.day).Add(9 * time.Hour).Format(time.RFC3339)
	if len(v.Items[0].Standing) == 0 {
		var entries []casework.NewVisitEntry
		for i, item := range v.Items {
			e := casework.NewVisitEntry{ID: phone(i), Item: item.Item, SaidAt: said}
			switch item.Kind {
			case "yes_no":
				e.Answer = "yes"
			case "figure":
				e.Answer = "120.5"
			default:
				e.Note = "看到的情况"
			}
			entries = append(entries, e)
		}
		return false, k.during("entries", v.ID, func() error {
			return k.twice("walker", "POST", path+"/entries", map[string]any{"entries": entries}, k.keep("entries", v.ID))
		})
	}
	for i, item := range v.Items {
		if item.Photo && !slices.ContainsFunc(v.Photos, func(p casework.VisitPhoto) bool { return p.Item == item.Item }) {
			photo := killForm{map[string]string{"id": phone(100 + i), "item": item.Item, "taken_at": said}, "门头.png", onePixel}
			return false, k.twice("driver", "POST", path+"/photos", photo, func([]byte) error { return nil })
		}
	}
	return false, k.during(phase, v.ID, func() error {
		for _, who := range []string{"walker", "driver"} {
			var now casework.Visit
			if err := k.ask(who, "GET", path, nil, &now); err != nil {
				return err
			}
			if i := slices.IndexFunc(now.Officers, func(o casework.VisitOfficer) bool { return o.Mine }); now.Officers[i].SignedAt != "" {
				continue
			}
			if err := k.twice(who, "POST", path+"/signature", map[string]string{"content": now.Content}, func([]byte) error { return nil }); err != nil {
				return err
			}
		}
		return k.keep(phase, v.ID)(nil)
	})
}

// onePixel is a picture.
var onePixel = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82")

// papers takes the documents of a case further, each by its officer, its reviewer and its issuer; done once all of them are issued.
func (k *killer) papers(id string) (done bool, err error) {
	var list paper.OfCase
	if err := k.ask("officer", "GET", "/cases/"+id+"/papers", nil, &list); err != nil {
		return false, err
	}
	for _, p := range list.Items {
		who, step := "", ""
		switch p.State {
		case "draft":
			who, step = "officer", "submit"
		case "review":
			who, step = "leader", "review"
		case "sign":
			who, step = "leader", "issue"
		default:
			continue
		}
		if values := map[string]string{}; len(p.Missing) > 0 {
			for _, name := range p.Missing {
				values[name] = "某" + name
			}
			return false, k.ask("officer", "PUT", "/papers/"+p.ID, map[string]any{"version": p.Version, "values": values}, nil)
		}
		path, version := "/papers/"+p.ID+"/"+step, map[string]int64{"version": p.Version}
		if step != "issue" {
			return false, k.ask(who, "POST", path, version, nil)
		}
		return false, k.during("issue", p.ID, func() error { return k.twice(who, http.MethodPost, path, version, k.keep("issue", p.ID)) })
	}
	return true, nil
}
