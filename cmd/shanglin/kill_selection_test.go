package main

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"shanglin/internal/account"
	"shanglin/internal/casework"
	"shanglin/internal/panel"
	"shanglin/internal/process"
)

// A selection by quota under kills: four firms apply for two places, five experts are drawn out of seven, one of them has a conflict of
// interest and is followed by the next of the lot, all score blind and at the same time, two firms tie for the last place and the leader says
// who comes first, the chair signs the minutes; in every second round somebody objects to the first of the list, is believed, and the ranking and
// the notice are made anew; and the leader decides. Everything is sent by two clients at once.
//
// By hand, by the code under which the experts know a case: the four get 90, 60, 60 and 40 of every expert, and their mean is the same.
//
// Mutations, with SHANGLIN_KILLS=20 and SHANGLIN_KILLS_IN the phase: draw in a transaction after that of the action (draw); keep the scores of the
// cases in one after that of the panel (sum); take a sheet whatever its version and state (score) → red. Call nobody in the place of who has a
// conflict → the walk does not go on.

const killQuota = "killed-selection/遴选"

const (
	killExperts    = 7 // of whom five score a case
	killApplicants = 4 // for the two places of a round
)

// killMarks are what every expert gives by the code of a case: 90, 60, 60 and 40 points.
var killMarks = map[string][]panel.Mark{
	"1": {{Item: "技术技能水平", Points: "40"}, {Item: "创新成果和贡献", Points: "35"}, {Item: "传承和带徒", Points: "15"}},
	"2": {{Item: "技术技能水平", Points: "30"}, {Item: "创新成果和贡献", Points: "20"}, {Item: "传承和带徒", Points: "10"}},
	"3": {{Item: "技术技能水平", Points: "20"}, {Item: "创新成果和贡献", Points: "30"}, {Item: "传承和带徒", Points: "10"}},
	"4": {{Item: "技术技能水平", Points: "20"}, {Item: "创新成果和贡献", Points: "10"}, {Item: "传承和带徒", Points: "10"}},
}

var selections = killWalk{
	usual:  8,
	most:   10,
	files:  []string{"selection.yaml", "selection-vocabulary.yaml"},
	phases: []string{"draw", "declare", "score", "sum", "sign", "places", "rank", "publish", "object", "dispose", "decide"},
	people: (*killer).selectors,
	step:   (*killer).advanceSelection,
	wrongs: slices.Concat(wrongsOfCases, wrongsOfMoney, wrongsOfSelections),
	done: map[string]string{
		"draw":    `SELECT COUNT(*) FROM panels WHERE round = ? AND state <> 'void'`,
		"drawn":   `SELECT COUNT(*) FROM panels WHERE round || '/' || seed = ?`,
		"declare": `SELECT COUNT(*) FROM panel_lot AS l JOIN experts AS e ON e.id = l.expert WHERE l.panel || '/' || e.login = ? AND l.declared_at <> ''`,
		"score": `SELECT COUNT(*) FROM panel_sheets AS s JOIN experts AS e ON e.id = s.expert JOIN panel_cases AS c ON c.panel = s.panel AND c.case_id = s.case_id
			WHERE s.panel || '/' || e.login || '/' || c.code = ? AND s.state = 'submitted'`,
		"sum":     `SELECT COUNT(*) FROM panels WHERE round = ? AND state = 'scored'`,
		"sign":    `SELECT COUNT(*) FROM panels WHERE id = ? AND signed_at <> ''`,
		"places":  `SELECT CASE WHEN COUNT(*) = 2 THEN 1 ELSE 0 END FROM cases WHERE round = ? AND place > 0`,
		"rank":    killTaken("排名结算"),
		"publish": killTaken("发布公示"),
		"object":  `SELECT COUNT(*) FROM objections WHERE case_id = ?`,
		"receipt": `SELECT COUNT(*) FROM objections WHERE number = ?`,
		"dispose": `SELECT COUNT(*) FROM objections WHERE id = ? AND state = 'upheld'`,
		"decide":  `SELECT COUNT(*) FROM process_instances WHERE flow = 'round' AND subject = ? AND stage = '资金下达'`,
	},
}

// killTaken counts 1 when a round, as it is written with a slash and a number, saw an action so many times.
func killTaken(action string) string {
	return `SELECT COUNT(*) FROM (SELECT i.subject || '/' || CAST(ROW_NUMBER() OVER (PARTITION BY i.id ORDER BY s.seq) AS TEXT) AS taken
		FROM process_instances AS i JOIN process_steps AS s ON s.instance = i.id WHERE i.flow = 'round' AND s.action = '` + action + `') AS d WHERE d.taken = ?`
}

// Stages of a selection from its draw on, from its scores on, and from its ranking on.
const (
	killDrawn  = `('评审', '排名', '已排名', '公示', '决定', '资金下达')`
	killScored = `('排名', '已排名', '公示', '决定', '资金下达')`
	killRanked = `('已排名', '公示', '决定', '资金下达')`
)

var wrongsOfSelections = []wrong{
	{"a round in review without its panel, or with two, or a panel of a round that is not", `SELECT COUNT(*) FROM process_instances AS i WHERE i.flow = 'round' AND
		(CASE WHEN i.stage IN ` + killDrawn + ` THEN 1 ELSE 0 END) <> (SELECT COUNT(*) FROM panels AS p WHERE p.round = i.subject)`},
	{"a round that was drawn more or less often than it has panels", `SELECT COUNT(*) FROM process_instances AS i WHERE i.flow = 'round' AND (SELECT COUNT(*) FROM panels AS p WHERE p.round = i.subject) <>
		(SELECT COUNT(*) FROM process_steps AS s WHERE s.instance = i.id AND s.action = '抽取专家')`},
	{"a lot without one of the seven, or with one twice", `SELECT COUNT(*) FROM panels AS p WHERE (SELECT COUNT(DISTINCT l.position) FROM panel_lot AS l WHERE l.panel = p.id AND l.position BETWEEN 1 AND 7) <> 7
		OR (SELECT COUNT(*) FROM panel_lot AS l WHERE l.panel = p.id) <> 7`},
	{"a case that is scored and not in the panel", `SELECT COUNT(*) FROM panels AS p WHERE (SELECT COUNT(DISTINCT c.code) FROM panel_cases AS c WHERE c.panel = p.id) <> 4`},
	{"a case that lacks an expert, or has one too many", `SELECT COUNT(*) FROM panel_cases AS c WHERE
		(SELECT COUNT(DISTINCT s.expert) FROM panel_sheets AS s WHERE s.panel = c.panel AND s.case_id = c.case_id AND s.state <> 'recused') <> 5
		OR (SELECT COUNT(*) FROM panel_sheets AS s WHERE s.panel = c.panel AND s.case_id = c.case_id AND s.state <> 'recused') <> 5`},
	{"two sheets of an expert for a case", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM panel_sheets GROUP BY panel, case_id, expert HAVING COUNT(*) > 1) AS d`},
	{"a sheet that was opened before its declaration", `SELECT COUNT(*) FROM panel_sheets AS s JOIN panel_lot AS l ON l.panel = s.panel AND l.expert = s.expert
		WHERE s.state IN ('open', 'submitted') AND l.declared_at = ''`},
	{"a sheet that was handed in and is not whole", `SELECT COUNT(*) FROM panel_sheets AS s WHERE (s.state = 'submitted') <> (s.submitted_at <> '') OR s.state = 'submitted' AND (s.marks NOT LIKE '%传承和带徒%')`},
	{"a sheet that was handed in more than once", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM audit_events WHERE action = 'panel.submitted' GROUP BY row_id HAVING COUNT(*) > 1) AS d`},
	{"a panel that is scored by half, or whose round does not know it", `SELECT COUNT(*) FROM panels AS p JOIN process_instances AS i ON i.flow = 'round' AND i.subject = p.round
		WHERE (p.state = 'scored') <> (i.stage IN ` + killScored + `)
		OR (SELECT COUNT(*) FROM panel_cases AS c WHERE c.panel = p.id AND c.score <> '') <> CASE WHEN p.state = 'scored' THEN 4 ELSE 0 END`},
	{"a score that is not that of the sheets", `SELECT COUNT(*) FROM panel_cases AS c WHERE c.score <> '' AND c.score <> CASE c.code WHEN '1' THEN '90.00' WHEN '4' THEN '40.00' ELSE '60.00' END`},
	{"a score that the registry does not know, or knows twice", `SELECT COUNT(*) FROM panel_cases AS c WHERE (CASE WHEN c.score <> '' THEN 1 ELSE 0 END) <>
		(SELECT COUNT(*) FROM facts AS f WHERE f.party = c.party AND f.term = c.term AND f.verified = 1)`},
	{"a signature before the scores", `SELECT COUNT(*) FROM panels WHERE signed_at <> '' AND (state <> 'scored' OR chair = '' OR note = '')`},
	{"a place that a leader gave to one of two alone", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM cases WHERE place > 0 GROUP BY round HAVING COUNT(*) <> 2 OR MIN(place) <> 1 OR MAX(place) <> 2) AS d`},
	{"a ranking with other than two places", `SELECT COUNT(*) FROM process_instances AS i WHERE i.flow = 'round' AND i.stage IN ('已排名', '决定', '资金下达')
		AND (SELECT COUNT(*) FROM cases AS c WHERE c.round = i.subject AND c.settled > 0 AND c.ended = '') <> 2`},
	{"a place that the score does not give", `SELECT COUNT(*) FROM process_instances AS i JOIN cases AS c ON c.round = i.subject AND c.settled > 0 AND c.ended = '' JOIN panel_cases AS p ON p.case_id = c.id
		WHERE i.flow = 'round' AND i.stage IN ` + killRanked + ` AND p.code = '4'`},
	{"a notice that names other than the two", `SELECT COUNT(*) FROM notices AS n WHERE n.total <> 800000 OR (SELECT COUNT(*) FROM notice_lines AS l WHERE l.notice = n.id AND l.amount = 400000) <> 2`},
	{"a notice's number that was left out", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM notices GROUP BY round HAVING MAX(number) <> COUNT(*)) AS d`},
	{"two objections of one objector", `SELECT COUNT(*) FROM (SELECT 1 AS x FROM objections GROUP BY notice HAVING COUNT(*) > 1) AS d`},
	{"an objection that was disposed of by half", `SELECT COUNT(*) FROM objections WHERE (state = 'upheld') <> (disposed_at <> '') OR (state = 'received') <> (admitted_at = '')`},
	{"a decided selection with other than two awards", `SELECT COUNT(*) FROM process_instances AS i WHERE i.flow = 'round' AND (CASE WHEN i.stage = '资金下达' THEN 2 ELSE 0 END) <>
		(SELECT COUNT(*) FROM awards AS a JOIN cases AS c ON c.id = a.case_id WHERE c.round = i.subject AND a.amount = 400000 AND c.stage = '待兑付' AND c.awarded = a.amount)`},
	{"a decided selection that left somebody waiting", `SELECT COUNT(*) FROM process_instances AS i JOIN cases AS c ON c.round = i.subject WHERE i.flow = 'round' AND i.stage = '资金下达' AND c.stage NOT IN ('待兑付', '未入选', '不予支持')`},
}

func TestKilledSelection(t *testing.T) {
	if job := os.Getenv(killChild); job != "" {
		serveUntilKilled(job)
		return
	}
	killed(t, selections)
}

// selectors makes the county: the people of the main job, and the experts of the pool.
func (k *killer) selectors() {
	k.t.Helper()
	ctx, rooms, closed := k.county()
	defer closed()
	k.people(ctx, rooms, killApplicants*(k.kills+2))
	system := account.System(ctx)
	pool := account.WithActor(ctx, &account.Actor{AccountID: "pool", Name: "pool", Tenant: killTenant, Grants: []account.Grant{{Role: account.RoleOfficer, Department: killEconomy}}})
	for n := range killExperts {
		login := killExpert(n)
		_, _, err := rooms.Accounts.Create(system, killTenant, account.New{Login: login, Name: login, Password: killPassword, Grants: []account.Grant{{Role: account.RoleExpert}}})
		k.must(err)
		_, err = rooms.Panels.PutExpert(pool, "", panel.ExpertDraft{Department: killEconomy, Name: login, Phone: "13700000000", Login: login, Fields: []string{"数控加工"},
			Employer: fmt.Sprintf("第%d研究院", n+1), Since: date("2026-01-01")})
		k.must(err)
	}
}

// killExpert is the login of an expert, and their name.
func killExpert(n int) string { return fmt.Sprint("expert", n+1) }

// advanceSelection takes the present round one step further from where it is found.
func (k *killer) advanceSelection() error {
	if k.round == "" {
		return k.begin("评选遴选", killQuota)
	}
	path := "/rounds/" + k.round
	var view process.View
	if err := k.ask("officer", "GET", path+"/progress", nil, &view); err != nil {
		return err
	}
	// taking takes an action that may be taken more than once.
	taking := func(phase, action, reason string) error {
		n := 1
		for _, s := range view.Steps {
			if s.Action == action {
				n++
			}
		}
		about := fmt.Sprintf("%s/%d", k.round, n)
		return k.during(phase, about, func() error { return k.actTwice("officer", path, action, reason, nil, k.keep(phase, about)) })
	}
	switch view.Instance.Stage {
	case "筹备":
		return k.act("officer", path, "开放申报", "", nil)
	case "受理申报":
		from := len(k.ended) * killApplicants
		if err := k.submitAll(killQuota, k.parties[from:from+killApplicants]); err != nil {
			return err
		}
		return k.closeWindow()
	case "截止":
		var page casework.CasePage
		if err := k.ask("officer", "GET", "/cases?per=200&round="+k.round, nil, &page); err != nil {
			return err
		}
		for _, c := range page.Items {
			if c.Stage == "形式审查" {
				if err := k.act("officer", "/cases/"+c.ID, "通过", "", nil); err != nil {
					return err
				}
			}
		}
		return k.during("draw", k.round, func() error { return k.actTwice("officer", path, "抽取专家", "", nil, k.keep("draw", k.round)) })
	case "评审":
		return k.score(path)
	case "排名":
		if done, err := k.minutes(path); err != nil || !done {
			return err
		}
		return taking("rank", "排名结算", "")
	case "已排名":
		reason := ""
		if k.objects() {
			reason = "异议成立，一名退出"
		}
		return taking("publish", "发布公示", reason)
	case "公示":
		if done, err := k.objection(path); err != nil || !done {
			return err
		}
		return k.afterNotice()
	case "决定":
		if err := k.budget(2 * killSum); err != nil {
			return err
		}
		return k.during("decide", k.round, func() error {
			return k.actTwice("leader", path, "同意入选", "同意", nil, k.keep("decide", k.round))
		})
	case "资金下达":
		k.ended, k.round = append(k.ended, k.round), ""
		k.setDay(k.day.AddDays(1))
		return nil
	}
	return fmt.Errorf("the selection stands at %s", view.Instance.Stage)
}

// objects says whether somebody objects in the present round: in every second one.
func (k *killer) objects() bool { return len(k.ended)%2 == 0 }

// panel is that of the present round.
func (k *killer) panel() (p panel.Panel, err error) {
	var list panel.PanelList
	if err := k.ask("officer", "GET", "/rounds/"+k.round+"/panels", nil, &list); err != nil {
		return p, err
	}
	if len(list.Items) != 1 || !list.Items[0].Holds || list.Items[0].Short != 0 {
		return p, fmt.Errorf("panels: %+v", list.Items)
	}
	return list.Items[0], k.keep("drawn", k.round+"/"+list.Items[0].Seed)(nil)
}

// score lets the experts declare, and those who have hand in what they give, all of them at once; then it is summed up.
func (k *killer) score(path string) error {
	p, err := k.panel()
	if err != nil {
		return err
	}
	var undeclared, open []panel.Ticket
	seats := map[string]panel.Seat{}
	for _, t := range p.Lot {
		if t.State != "called" {
			continue
		}
		var s panel.Seat
		if err := k.ask(t.Name, "GET", "/seats/"+p.ID, nil, &s); err != nil {
			return err
		}
		seats[t.Name] = s
		if !s.Declared {
			undeclared = append(undeclared, t)
		} else if slices.ContainsFunc(s.Sheets, func(x panel.Sheet) bool { return !x.Submitted }) {
			open = append(open, t)
		}
	}
	if len(undeclared) > 0 {
		about := func(t panel.Ticket) string { return p.ID + "/" + t.Name }
		return k.during("declare", about(undeclared[0]), func() error {
			return together(undeclared, func(t panel.Ticket) error {
				d := panel.Declaration{Conflicts: []string{}}
				if t.Position == 3 {
					d = panel.Declaration{Conflicts: []string{seats[t.Name].Applicants[0].Party}, Reason: "师徒关系"}
				}
				return k.twice(t.Name, "POST", "/seats/"+p.ID+"/declaration", d, k.keep("declare", about(t)))
			})
		})
	}
	if len(open) > 0 {
		about := func(t panel.Ticket, x panel.Sheet) string { return p.ID + "/" + t.Name + "/" + x.Code }
		first := seats[open[0].Name].Sheets
		first = first[slices.IndexFunc(first, func(x panel.Sheet) bool { return !x.Submitted }):]
		return k.during("score", about(open[0], first[0]), func() error {
			return together(open, func(t panel.Ticket) error {
				for _, x := range seats[t.Name].Sheets {
					if x.Submitted {
						continue
					}
					given := panel.Scoring{Marks: killMarks[x.Code], Version: x.Version, Submit: true}
					if err := k.twice(t.Name, "PUT", "/seats/"+p.ID+"/sheets/"+x.Code, given, k.keep("score", about(t, x))); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	return k.during("sum", k.round, func() error { return k.actTwice("officer", path, "汇总评分", "", nil, k.keep("sum", k.round)) })
}

// minutes takes the minutes and the tie one step further; done once the chair has signed and the leader has said who comes first.
func (k *killer) minutes(path string) (done bool, err error) {
	p, err := k.panel()
	switch {
	case err != nil:
		return false, err
	case p.Note == "":
		return false, k.ask("officer", "PUT", "/panels/"+p.ID+"/note", map[string]any{"note": "按得分从高到低推荐。", "version": p.Version}, nil)
	case p.SignedAt == "":
		return false, k.during("sign", p.ID, func() error { return k.twice(p.Chair, "POST", "/seats/"+p.ID+"/signature", nil, k.keep("sign", p.ID)) })
	case k.told[deed{"places", k.round}]:
		return true, nil
	}
	var tied []string
	for _, c := range p.Cases {
		if c.Tied {
			tied = append(tied, c.Number)
		}
	}
	return false, k.during("places", k.round, func() error {
		return k.actTwice("leader", path, "裁定并列", "创新成果更多", map[string]any{"places": tied}, k.keep("places", k.round))
	})
}

// objection takes the objection to the first of the list further, to the ranking anew; done once there is nothing to examine.
func (k *killer) objection(path string) (done bool, err error) {
	notices, err := k.notices()
	if err != nil || !k.objects() || len(notices) == 2 {
		return err == nil, err
	}
	p, err := k.panel()
	if err != nil {
		return false, err
	}
	var list casework.ObjectionPage
	if err := k.ask("officer", "GET", "/objections?round="+k.round, nil, &list); err != nil {
		return false, err
	}
	if len(list.Items) == 0 {
		says := killForm{map[string]string{"case": p.Cases[0].Case, "kind": "person", "name": "赵六一", "contact": "13911112222", "statement": "这一家的业绩证书已于2025年被撤销，附撤销决定。"}, "决定.png", onePixel}
		return false, k.during("object", p.Cases[0].Case, func() error {
			var receipt casework.Receipt
			if err := k.ask("firm", "POST", "/notices/"+notices[0].ID+"/objections", says, &receipt); err != nil {
				return err
			}
			return k.keep("receipt", receipt.Number)(nil)
		})
	}
	o := list.Items[0]
	at := "/objections/" + o.ID
	answer := map[string]any{"version": o.Version, "yes": true, "reason": "署名和依据齐全"}
	switch o.State {
	case "received":
		return false, k.ask("officer", "POST", at+"/admission", answer, nil)
	case "admitted":
		return false, k.during("dispose", o.ID, func() error { return k.twice("officer", "POST", at+"/disposal", answer, k.keep("dispose", o.ID)) })
	}
	var first casework.Case
	if err := k.ask("officer", "GET", "/cases/"+o.Case, nil, &first); err != nil {
		return false, err
	}
	if first.Ended == "" {
		return false, k.act("officer", "/cases/"+o.Case, "改为不予支持", "证书已被撤销，异议成立", nil)
	}
	return false, k.act("officer", path, "重新排名", "异议成立", nil)
}
