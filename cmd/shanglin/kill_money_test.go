package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/platform/notify"
	"shanglin/internal/process"
	"shanglin/internal/treasury"
	"shanglin/policy"
)

// A sum that departments agree on, that is cut, comes in parts and goes back, under kills. Of three firms in a round the first is agreed to by three
// departments; of the second one agrees, one objects and one lets its time pass, so that the leader decides; the third is opposed, and told so by a
// document. The round is settled under a total that is less than both ask for; each is paid in two instalments, each when its milestone is
// confirmed; and what the second was paid is claimed back by a decision with its document, reminded of before and after its day, and comes back in two parts with
// interest. Everything that changes something is sent by two clients at once.
//
// Mutations, with SHANGLIN_KILLS=8 and SHANGLIN_KILLS_IN the phase: claim back in a transaction after that of the decision (claim); book what came back in one after
// that of its confirmation (confirm); keep an opinion in one after that of its task (opinion); confirm a milestone that is confirmed (reach) → red.
//
// By hand: the first asks for 4,000.00 and the second for 3,500.00 of the 5,000.00 that there are: 4,000 × 5,000 ÷ 7,500 = 2,666.66…, and 3,500 × 5,000 ÷ 7,500
// = 2,333.33…; the cent that is left goes to the first, whose remainder is larger: 2,666.67 and 2,333.33. 30% of them are 800.00 and 699.99, the rest 1,866.67 and
// 1,633.34. The second owes 2,333.33 until the tenth day, and from then on 0.05% a day: 1,000.00 come back three days later, and the rest after three more:
// (2,333.33 × 3 + 1,333.33 × 3) × 0.0005 = 5.49999, so 5.50, and the last part is 1,338.83.
const (
	killMoney    = "killed-money/分期补助"
	killAsking   = 3 // firms in a round
	killTotal    = 5000_00
	killOwed     = 2333_33
	killBack     = 1000_00
	killInterest = 5_50
)

// killReviewers are the departments that are asked, by the login of who speaks for them, and what they say of the three firms; nothing: silence.
var killReviewers = []struct {
	login, department string
	says              [killAsking]string
}{
	{"economist", killEconomy, [killAsking]string{"agree", "agree", "object"}},
	{"planner", "市发改局", [killAsking]string{"agree", "object", "object"}},
	{"taxman", "市税务局", [killAsking]string{"agree", "", "agree"}},
}

var sums = killWalk{
	usual:  6,
	most:   8,
	files:  []string{"money.yaml", "money-process.yaml"},
	phases: []string{"opinion", "lapse", "rule", "settle", "decide", "reach", "import", "pay", "claim", "issue", "remind", "state", "confirm"},
	people: (*killer).sumOffices,
	step:   (*killer).advanceSum,
	wrongs: slices.Concat(wrongsOfCases, wrongsOfMoney, wrongsOfPapers, wrongsOfSums),
	done: map[string]string{
		"opinion": `SELECT COUNT(*) FROM case_opinions WHERE case_id || '/' || department = ? AND silent = 0`,
		"lapse":   `SELECT COUNT(*) FROM case_opinions WHERE case_id = ? AND silent = 1 AND says = 'none'`,
		"rule":    `SELECT COUNT(*) FROM process_instances AS i JOIN process_steps AS s ON s.instance = i.id WHERE i.flow = 'case' AND i.subject = ? AND s.action = '裁定通过'`,
		"settle":  `SELECT COUNT(*) FROM process_instances WHERE flow = 'round' AND subject = ? AND stage IN ('决定', '兑付', '办结')`,
		"decide":  `SELECT COUNT(*) FROM process_instances WHERE flow = 'round' AND subject = ? AND stage IN ('兑付', '办结')`,
		"reach":   `SELECT COUNT(*) FROM awards WHERE case_id || '/' || milestone = ? AND due <> ''`,
		"import":  `SELECT COUNT(*) FROM bank_results WHERE sha256 = ?`,
		"pay":     `SELECT COUNT(*) FROM bank_results WHERE id = ? AND state = 'applied'`,
		"claim":   `SELECT COUNT(*) FROM receivables WHERE case_id = ?`,
		"issue":   `SELECT COUNT(*) FROM papers WHERE id = ? AND state IN ('issued', 'delivered') AND number > 0`,
		"remind":  `SELECT COUNT(*) FROM receivables WHERE ? IN (id || '/soon', CASE WHEN reminded = 'late' THEN id || '/late' ELSE '' END) AND reminded <> ''`,
		"state":   `SELECT COUNT(*) FROM repayments WHERE bank_serial = ?`,
		"confirm": `SELECT COUNT(*) FROM repayments WHERE bank_serial = ? AND state = 'confirmed'`,
	},
}

// killPaidBack are the stages of a case whose money was claimed back.
const killPaidBack = `('追缴', '已追回')`

var wrongsOfSums = []wrong{
	{"a case that left its joint review without three opinions, or waits with all of them", `SELECT COUNT(*) FROM cases AS c WHERE c.number <> '' AND
		((SELECT COUNT(*) FROM case_opinions AS o WHERE o.case_id = c.id) = 3) = (c.stage = '联审')`},
	{"silence that is not what the clock made of it", `SELECT COUNT(*) FROM cases AS c WHERE (SELECT COUNT(*) FROM case_opinions AS o WHERE o.case_id = c.id AND o.silent = 1) <>
		(SELECT COUNT(*) FROM process_instances AS i JOIN process_steps AS s ON s.instance = i.id WHERE i.flow = 'case' AND i.subject = c.id AND s.kind = 'lapse')`},
	{"a disagreement that nobody decided, or an agreement that somebody did", `SELECT COUNT(*) FROM cases AS c WHERE c.stage NOT IN ('填报', '联审', '分歧裁定', '多数不同意', '不予支持') AND
		(CASE WHEN EXISTS (SELECT 1 FROM case_opinions AS o WHERE o.case_id = c.id AND o.silent = 1) THEN 1 ELSE 0 END) <>
		(SELECT COUNT(*) FROM process_instances AS i JOIN process_steps AS s ON s.instance = i.id WHERE i.flow = 'case' AND i.subject = c.id AND s.action = '裁定通过')`},
	{"a round that is settled otherwise than by shares", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM cases WHERE settled >= 0 GROUP BY round HAVING COUNT(*) <> 2 OR SUM(settled) <> 500000 OR MAX(settled) <> 266667) AS d`},
	{"a settled round with a case that is not, or the other way round", `SELECT COUNT(*) FROM process_instances AS i WHERE i.flow = 'round' AND (CASE WHEN i.stage IN ('决定', '兑付', '办结') THEN 2 ELSE 0 END) <>
		(SELECT COUNT(*) FROM cases AS c WHERE c.round = i.subject AND c.settled > 0 AND c.stage <> '待结算')`},
	{"a decided case without its two instalments, or instalments of one that is not", `SELECT COUNT(*) FROM cases AS c LEFT JOIN process_instances AS i ON i.flow = 'round' AND i.subject = c.round
		WHERE (CASE WHEN c.settled > 0 AND i.stage IN ('兑付', '办结') THEN c.settled ELSE 0 END) <> (SELECT COALESCE(SUM(a.amount), 0) FROM awards AS a WHERE a.case_id = c.id AND a.state <> 'released')
		OR (SELECT COUNT(*) FROM awards AS a WHERE a.case_id = c.id) NOT IN (0, 2)`},
	{"an instalment of another sum", `SELECT COUNT(*) FROM awards WHERE (part = 0 AND amount NOT IN (80000, 69999)) OR (part = 1 AND amount NOT IN (186667, 163334))`},
	{"an instalment that was paid before its milestone", `SELECT COUNT(*) FROM awards WHERE state = 'paid' AND due = ''`},
	{"a milestone that was confirmed twice", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM audit_events WHERE action = 'award.due' GROUP BY row_id HAVING COUNT(*) > 1) AS d`},
	{"a case that waits though it was paid, or goes on though it was not", `SELECT COUNT(*) FROM cases AS c WHERE c.awarded > 0 AND
		(c.stage = '待兑付') <> (c.awarded > (SELECT COALESCE(SUM(a.amount), 0) FROM awards AS a WHERE a.case_id = c.id AND a.state = 'paid'))`},
	{"a claim without its decision, or a decision with two claims or with none", `SELECT COUNT(*) FROM cases AS c WHERE (CASE WHEN c.stage IN ` + killPaidBack + ` THEN 1 ELSE 0 END) <>
		(SELECT COUNT(*) FROM receivables AS r WHERE r.case_id = c.id)`},
	{"a claim of another sum, or for another day", `SELECT COUNT(*) FROM receivables AS r WHERE r.principal <> 233333 OR r.due <= r.made_at OR r.starts <> r.due`},
	{"a decision without its document, or with two", `SELECT COUNT(*) FROM cases AS c WHERE (CASE WHEN c.stage IN ('追缴', '已追回', '不予支持') THEN 1 ELSE 0 END) <> (SELECT COUNT(*) FROM papers AS p WHERE p.case_id = c.id)`},
	{"a case that ended before its money came back", `SELECT COUNT(*) FROM cases AS c LEFT JOIN receivables AS r ON r.case_id = c.id WHERE c.stage = '已追回' AND (r.state IS NULL OR r.state <> 'settled')`},
	{"a receivable whose bookings are not its balance", `SELECT COUNT(*) FROM receivables AS r WHERE
		(SELECT COALESCE(SUM(e.amount), 0) FROM receivable_entries AS e WHERE e.receivable = r.id AND e.kind = 'claim') <> r.principal
		OR (SELECT COALESCE(SUM(e.amount), 0) FROM receivable_entries AS e WHERE e.receivable = r.id AND e.kind = 'repay') <> r.repaid + r.interest
		OR (SELECT COALESCE(SUM(e.amount), 0) FROM receivable_entries AS e WHERE e.receivable = r.id AND e.kind = 'interest') <> r.interest
		OR (SELECT COALESCE(SUM(p.amount), 0) FROM repayments AS p WHERE p.receivable = r.id AND p.state = 'confirmed') <> r.repaid + r.interest
		OR (r.state = 'settled') <> (r.repaid = r.principal AND r.interest = 550)`},
	{"a repayment that was booked more or less often than it was confirmed", `SELECT COUNT(*) FROM repayments AS p WHERE (CASE WHEN p.state = 'confirmed' THEN 1 ELSE 0 END) <>
		(SELECT COUNT(*) FROM receivable_entries AS e WHERE e.repayment = p.id AND e.kind = 'repay')`},
	{"a party whose record says otherwise than what it was paid and gave back", `SELECT COUNT(*) FROM parties AS p WHERE (SELECT COALESCE(SUM(a.amount), 0) FROM awards AS a WHERE a.party = p.id AND a.state = 'paid') -
		(SELECT COALESCE(SUM(r.repaid), 0) FROM receivables AS r WHERE r.party = p.id) <> (SELECT COALESCE(SUM(CAST(f.value AS BIGINT)), 0)
		FROM facts AS f WHERE f.party = p.id AND f.term LIKE 'received:%')`},
	{"a reminder that nobody was told, or told twice", `SELECT COUNT(*) FROM receivables AS r WHERE
		(SELECT COUNT(*) FROM audit_events AS e WHERE e.action = 'receivable.remind' AND e.row_id = r.id) <> CASE r.reminded WHEN '' THEN 0 WHEN 'soon' THEN 1 ELSE 2 END
		OR (SELECT COUNT(*) FROM notifications AS n WHERE n.kind = 'treasury.owed_soon' AND n.note_key = r.id) <> CASE WHEN r.reminded = '' THEN 0 ELSE 1 END
		OR (SELECT COUNT(*) FROM notifications AS n WHERE n.kind = 'treasury.owed_late' AND n.note_key = r.id) <> CASE WHEN r.reminded = 'late' THEN 3 ELSE 0 END`},
}

func TestKilledSum(t *testing.T) {
	if job := os.Getenv(killChild); job != "" {
		serveUntilKilled(job)
		return
	}
	killed(t, sums)
}

// sumOffices makes the county: the people of the main job, and who speaks for the departments.
func (k *killer) sumOffices() {
	k.t.Helper()
	ctx, rooms, closed := k.county()
	defer closed()
	k.people(ctx, rooms, killAsking*(k.kills+2))
	for _, r := range killReviewers {
		_, _, err := rooms.Accounts.Create(account.System(ctx), killTenant, account.New{Login: r.login, Name: r.login, Password: killPassword,
			Grants: []account.Grant{{Role: account.RoleOfficer, Department: r.department}}})
		k.must(err)
	}
}

// advanceSum takes the present round one step further from where it is found.
func (k *killer) advanceSum() error {
	if k.round == "" {
		return k.begin("测试用的联审追回", killMoney)
	}
	path := "/rounds/" + k.round
	var view process.View
	if err := k.ask("officer", "GET", path+"/progress", nil, &view); err != nil {
		return err
	}
	switch view.Instance.Stage {
	case "筹备":
		return k.act("officer", path, "开放申报", "", nil)
	case "受理申报":
		if err := k.submitAll(killMoney, k.asking()); err != nil {
			return err
		}
		return k.closeWindow()
	case "截止":
		if done, err := k.eachAsking(k.reviewed); err != nil || !done {
			return err
		}
		return k.during("settle", k.round, func() error { return k.actTwice("officer", path, "冻结结算", "", nil, k.keep("settle", k.round)) })
	case "决定":
		if err := k.budget(killTotal); err != nil {
			return err
		}
		return k.during("decide", k.round, func() error {
			return k.actTwice("leader", path, "同意支持", "同意", nil, k.keep("decide", k.round))
		})
	case "兑付":
		if done, err := k.paid(); err != nil || !done {
			return err
		}
		if done, err := k.eachAsking(k.received); err != nil || !done {
			return err
		}
		return k.act("finance", path, "办结", "", nil)
	case "办结":
		k.ended, k.round = append(k.ended, k.round), ""
		k.setDay(k.day.AddDays(1))
		return nil
	}
	return fmt.Errorf("the round stands at %s", view.Instance.Stage)
}

// asking are the firms of the present round.
func (k *killer) asking() []string {
	from := len(k.ended) * killAsking
	return k.parties[from : from+killAsking]
}

// eachAsking does something about the case of each firm of the round, one step at a time; done once all are.
func (k *killer) eachAsking(step func(c casework.CaseRow, n int) (bool, error)) (done bool, err error) {
	var page casework.CasePage
	if err := k.ask("officer", "GET", "/cases?per=200&round="+k.round, nil, &page); err != nil {
		return false, err
	}
	for _, n := range []int{0, 2, 1} { // of the second somebody lets the time pass: the others have spoken of the rest by then
		at := slices.IndexFunc(page.Items, func(c casework.CaseRow) bool { return c.Party == k.asking()[n] })
		if at < 0 {
			return false, fmt.Errorf("no application of the firm %d", n)
		}
		if done, err := step(page.Items[at], n); err != nil || !done {
			return false, err
		}
	}
	return true, nil
}

// reviewed takes a case one step further, to where it waits for the settlement or was refused.
func (k *killer) reviewed(c casework.CaseRow, n int) (done bool, err error) {
	path := "/cases/" + c.ID
	switch c.Stage {
	case "联审":
		return false, k.opinions(c.ID, n)
	case "分歧裁定":
		return false, k.during("rule", c.ID, func() error {
			return k.actTwice("leader", path, "裁定通过", "现场看过", nil, k.keep("rule", c.ID))
		})
	case "多数不同意":
		return false, k.act("officer", path, "不予支持", "两个部门不同意", nil)
	case "核定":
		return false, k.act("officer", path, "核定", "", map[string]any{"amount": []policy.Fen{4000_00, 3500_00}[n], "reason": "按造价核定"})
	case "不予支持":
		return k.papers(c.ID)
	case "待结算":
		return true, nil
	}
	return false, fmt.Errorf("a case stands at %s", c.Stage)
}

// opinions lets the departments that have not spoken of a case do so, all at once, or lets the time of the one that is silent pass.
func (k *killer) opinions(id string, n int) error {
	var reviews struct {
		Items []casework.JointReview `json:"items"`
	}
	if err := k.ask("officer", "GET", "/cases/"+id+"/joint-reviews", nil, &reviews); err != nil {
		return err
	}
	var due string
	var ask []int
	for i, r := range killReviewers {
		at := slices.IndexFunc(reviews.Items[0].Asked, func(o casework.Opinion) bool { return o.Department == r.department })
		switch o := reviews.Items[0].Asked[at]; {
		case o.Given:
		case r.says[n] == "":
			due = o.Limit.Due
		default:
			ask = append(ask, i)
		}
	}
	about := func(i int) string { return id + "/" + killReviewers[i].department }
	if len(ask) > 0 {
		return k.during("opinion", about(ask[0]), func() error {
			return together(ask, func(i int) error {
				r := killReviewers[i]
				return k.actTwice(r.login, "/cases/"+id, "给出意见", "看过材料", map[string]any{"stance": map[string]string{"says": r.says[n]}}, k.keep("opinion", about(i)))
			})
		})
	}
	if due == "" {
		return nil // its limit was seen to be over in between
	}
	day, err := policy.ParseDate(due)
	if err != nil {
		return err
	}
	return k.tomorrow("lapse", id, day.AddDays(1), func() (bool, error) {
		var now casework.Case
		err := k.ask("officer", "GET", "/cases/"+id, nil, &now)
		return now.Stage == "分歧裁定", err
	})
}

// received takes a case one step further from its first instalment on, to its end.
func (k *killer) received(c casework.CaseRow, n int) (done bool, err error) {
	path := "/cases/" + c.ID
	switch c.Stage {
	case "不予支持", "已兑付", "已追回":
		return true, nil
	case "待兑付":
		var pays casework.Instalments
		if err := k.ask("officer", "GET", path+"/instalments", nil, &pays); err != nil {
			return false, err
		}
		at := slices.IndexFunc(pays.Parts, func(p casework.Part) bool { return p.State != "paid" })
		if at < 0 {
			return false, fmt.Errorf("paid and waiting: %+v", pays)
		}
		if p := pays.Parts[at]; p.State == "waiting" {
			about := c.ID + "/" + p.Milestone
			return false, k.during("reach", about, func() error {
				return k.twice("officer", "POST", path+"/milestones", map[string]string{"milestone": p.Milestone, "evidence": "现场看过"}, k.keep("reach", about))
			})
		}
		return false, nil
	case "抽查":
		if n == 0 {
			return false, k.act("officer", path, "相符", "相符", nil)
		}
		return false, k.act("officer", path, "不符", "设备已经转卖", nil)
	case "追回":
		return false, k.during("claim", c.ID, func() error {
			return k.actTwice("leader", path, "决定追回", "设备已经转卖", nil, k.keep("claim", c.ID))
		})
	case "追缴":
		if done, err := k.papers(c.ID); err != nil || !done {
			return false, err
		}
		if done, err := k.back(c.ID); err != nil || !done {
			return false, err
		}
		return false, k.act("officer", path, "追回办结", "", nil)
	}
	return false, fmt.Errorf("a case stands at %s", c.Stage)
}

// back takes what a case owes one step further: the two reminders, and the two parts in which it comes back; done once it is settled.
func (k *killer) back(id string) (done bool, err error) {
	var page treasury.ReceivablePage
	if err := k.ask("finance", "GET", "/treasury/receivables?case="+id, nil, &page); err != nil {
		return false, err
	}
	if len(page.Items) != 1 || page.Items[0].Principal != killOwed {
		return false, fmt.Errorf("owed: %+v", page.Items)
	}
	r := page.Items[0]
	for _, x := range []struct {
		kind string
		on   policy.Date
	}{{"soon", r.Due.AddDays(-7)}, {"late", r.Due.AddDays(1)}} {
		if about := r.ID + "/" + x.kind; !k.told[deed{"remind", about}] {
			return false, k.tomorrow("remind", about, max(k.day, x.on), func() (bool, error) {
				var list notify.Page
				err := k.ask("firm", "GET", "/notifications?per=200", nil, &list)
				return slices.ContainsFunc(list.Items, func(n notify.Notification) bool {
					return n.Kind == "treasury.owed_"+x.kind && strings.Contains(n.Body, r.CaseNumber)
				}), err
			})
		}
	}
	for i, amount := range []policy.Fen{killBack, killOwed - killBack + killInterest} {
		serial := fmt.Sprintf("BACK-%s-%d", r.ID, i)
		on := r.Due.AddDays(3 * (i + 1))
		at := slices.IndexFunc(r.Repayments, func(p treasury.Repayment) bool { return p.Serial == serial })
		if at < 0 {
			if k.day < on {
				k.setDay(on)
			}
			stated := treasury.RepaymentBody{Amount: amount, On: on, Serial: serial}
			return false, k.during("state", serial, func() error {
				return k.twice("finance", "POST", "/treasury/receivables/"+r.ID+"/repayments", stated, k.keep("state", serial))
			})
		}
		if p := r.Repayments[at]; p.State == "stated" {
			return false, k.during("confirm", serial, func() error {
				return k.twice("finance2", "POST", "/treasury/receivables/"+r.ID+"/repayments/"+p.ID, map[string]bool{"confirm": true}, k.keep("confirm", serial))
			})
		}
	}
	if r.State != "settled" || r.Left != 0 {
		return false, errors.Join(errors.New("it all came back and is not settled"), fmt.Errorf("%+v", r))
	}
	return true, nil
}
