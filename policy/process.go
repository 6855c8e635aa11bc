package policy

import "slices"

// Process says how something is done: who acts in which order, within which time, and what each may do. It is a file of data
// (process: ID) beside the schemes, checked by Load with them, and never changed once it is published: what runs keeps the copy it
// began with, found by Hash.
//
// A process has flows. Each is a graph of stages; an instance of it stands at one stage at a time. What an action brings about
// besides the next stage is named by general verbs (Effects), which the rooms implement; what must hold before it, by Guards; what the
// person who acts must give, by Needs. The words of a file (stages, actions) are the file's own and stand in no Go file.
type Process struct {
	ID     string
	Title  string
	Path   string
	Hash   string // sha256 of Source, hex
	Source []byte
	From   string           // the process of an upper body that it is the local form of; empty: none
	Starts string           // who begins a case: applicant, system, office
	About  string           // what its cases are about that is there already: certificate; empty: nothing
	Notes  []Interpretation // what its author chose where no source says
	Flows  []*Flow

	Checklists []*Checklist // of visits on the spot
	Sheets     []*MarkSheet // indicators that the party scores itself and that tasks verify
	Lists      []*List      // what the party lists when it hands in
}

// Flow of a process by its key (case, round), or nil.
func (p *Process) Flow(key string) *Flow {
	for _, f := range p.Flows {
		if f.Key == key {
			return f
		}
	}
	return nil
}

// Decides says whether some action of the process decides sums of money. One that does is for schemes of money, and they need one.
func (p *Process) Decides() bool {
	return slices.ContainsFunc(p.Flows, (*Flow).decides)
}

// DecidesAlone says whether a case of the process is decided by itself, and not with those of its round.
func (p *Process) DecidesAlone() bool {
	f := p.Flow(flowCase)
	return f != nil && f.decides()
}

func (f *Flow) decides() bool { return f.Has(func(a *Action) bool { return a.Does("decide") }) }

// Certifies says whether the process speaks of certificates: it issues them, or is about one that somebody holds.
func (p *Process) Certifies() bool {
	return p.About == "certificate" || slices.ContainsFunc(p.Flows, func(f *Flow) bool {
		return f.Has(func(a *Action) bool { return a.Does("issue") || a.Does(conclude) })
	})
}

// Does says whether an action brings something about.
func (a *Action) Does(effect string) bool {
	return slices.ContainsFunc(a.Do, func(e Effect) bool { return e.Name == effect })
}

// Has says whether some action of the flow is so.
func (f *Flow) Has(is func(*Action) bool) bool {
	return slices.ContainsFunc(f.Actions(), is)
}

// Actions are all actions of the flow, in the order of the file.
func (f *Flow) Actions() []*Action {
	var out []*Action
	for _, s := range f.Stages {
		for _, t := range s.Tasks {
			out = append(out, t.Actions...)
		}
		out = append(out, s.AtOnce...)
	}
	return append(out, f.Always...)
}

// Flow is a graph of stages.
type Flow struct {
	Key    string // case: one application; round: the round that gathers them
	Start  string // the stage it begins at: the first of the file
	Stages []*Stage
	Always []*Action // may be taken at any of Action.At, without a task

	Panel *Panel // how experts score the cases of a round; nil: none do

	// Apart are groups of stages: who acted on a case at one of a group may not act on it at another. A round's groups may name stages
	// of the case flow too: who acted on any case of the round at one may not act on the round at another.
	Apart [][]string
}

// Stage of a flow by its key, or nil.
func (f *Flow) Stage(key string) *Stage {
	for _, s := range f.Stages {
		if s.Key == key {
			return s
		}
	}
	return nil
}

// Stage is where an instance stands. No task and no end: it waits, until an action of the round moves it, or until what it waits for has
// come and it goes to Then.
type Stage struct {
	Key    string
	Title  string
	Public string // what it means, in plain words, for the applicant's timeline
	Tasks  []*TaskRule
	Waits  string // what it waits for by itself (see ProcessWaits); empty: for the round, or for whoever has a task
	Then   string // where the instance goes when all of several parallel tasks are done, or when what it Waits for has come; else empty
	Ends   string // how it ended, if nothing follows: granted, refused, withdrawn, done; else empty
	Joint  *Joint // how the opinions of its tasks come together; nil: they are no joint review
	Line   int    // of the file

	// AtOnce is what the system does as soon as an instance comes here: the first whose guards hold. Nothing ever stands at such a stage;
	// the last has no guard.
	AtOnce []*Action
}

// TaskRule is one piece of work at a stage.
type TaskRule struct {
	Key     string // the stage's own key when it is the only one
	Title   string
	Who     Who
	Within  *Within // nil: no limit
	Actions []*Action
	Many    bool // some of its actions may be taken for many cases at once: those with Action.Many
}

// Who acts.
type Who struct {
	Role       string // applicant, or a role of an account: officer, leader, finance, administrator
	Department string // a department's name, or "scheme" (whose office the scheme names); empty: any
	Label      string // what the file calls them: 窗口
}

// Action is what somebody may do at a task, or at any of At.
type Action struct {
	Key      string
	Title    string   // the word on the button: 受理
	To       string   // the stage it leads to; empty for an opinion of parallel tasks and for what stays where it is
	Needs    []string // see ProcessNeeds
	If       []string // see ProcessGuards
	Do       []Effect
	Document string // the Template of the document that is drafted with it; empty: none
	Tone     string // primary, plain, danger: how the button looks
	Who      Who    // of an always action
	At       []string
	Stops    bool // of a parallel task: leads to To at once and closes the other tasks

	Many   bool    // may be taken for many cases at once
	Period *Within // of an action that needs a notice: how long the notice runs, unless the round says otherwise

	Since   string     // the limits of To count from when the case last came to this stage; empty: from when it comes to To
	Extends *Extension // of an always action: adds to the running limit of a task
	Within  *Within    // until when it may be taken, a limit that is Dated; nil: while the stage lasts
}

// Effect is a verb with its words: {move_cases: {from: A, to: B}} has Name move_cases and Args from, to.
type Effect struct {
	Name string
	Args map[string]string
}

// ProcessRoles are who a task may be given to.
var ProcessRoles = []string{"applicant", "officer", "leader", "finance", "administrator"}

// ProcessStarts are who may begin a case.
var ProcessStarts = []string{"applicant", "system", "office"}

// ProcessAbouts are what the cases of a process may be about that is there already: a case begins with one of them chosen.
var ProcessAbouts = []string{
	"certificate", // one that the party holds
}

// ProcessWaits are what a case may wait for that comes by itself.
var ProcessWaits = []string{
	"paid", // its award has arrived in the party's account
}

// ProcessUnits are the units of a time limit.
var ProcessUnits = []string{"工作日", "日", "小时", "月"}

// ProcessTones are how a button may look.
var ProcessTones = []string{"primary", "plain", "danger"}

// ProcessNeeds are what an action may ask of the person who takes it.
var ProcessNeeds = []string{
	"reason",   // 理由, a sentence
	"items",    // 补正事项: what is lacking, each item once and for all
	"amount",   // 核定金额 below a ceiling, with a reason; of an exact amount nothing is asked
	"opinion",  // 意见
	"findings", // 核查结果 of a department's list
	"stance",   // 联合审查的意见 of a department: whether it agrees, with a reason
	"sum",      // 建议金额 that goes with it
	"visit",    // 现场核查: who goes, and the dates that are offered
	"answer",   // 答复 to what was asked
	"rating",   // 评价 of who asked: one to five, with words
	"notice",   // 公示: its title and text
	"places",   // 并列裁定: who comes first among applications of equal rank
	"result",   // 核对名单: which lists of the upper body were looked at
	"sequence", // 推荐次序: the cases that are recommended, the first first
	"letter",   // 书面告知申请人: a reason that is written to the applicant
	"confirm",  // 再次确认: asks once more
}

// ProcessGuards are conditions that a room decides.
var ProcessGuards = []string{
	"overdue",           // the limit of what somebody has to do at the case is over
	"complete",          // the application has every fact, material and commitment that it needs
	"window_open",       // the round takes applications today
	"window_closed",     // the round's window is over, or is closed early by the action itself
	"no_open_objection", // no objection that concerns the case (or any case of the round) is undecided
	"notice_over",       // the public notice has run its whole time
	"amount_set",        // every ceiling of what it concerns has a decided sum
	"cases_ready",       // no case of the round stands before the stages that the action gathers
	"checks_back",       // every department's list has come back
	"budget_covers",     // the budget covers what is to be decided
	"all_paid",          // every award of the round is paid, or given up with a reason
	"none_supported",    // every application of the round has ended without support
	"none_open",         // every application of the round that was handed in has ended
	"facts_decide",      // the answer stands on verified, undisputed facts alone, with an exact amount above nothing
	"scores_in",         // every expert has handed in every score
	"experts_short",     // nobody is left to give a score that is missing
	"minutes_signed",    // the panel's chair has signed its minutes
	"result_in",         // what the upper body published has been read in whole, and waits for another person to confirm it
	"holds",             // the party holds a valid certificate of the scheme
	"holds_not",         // the party holds no valid certificate of the scheme
	"returned",          // what was claimed back of the case is repaid or written off
	"heard",             // every hearing that the process speaks of is held and its record signed
	"rated",             // the level stands on verified scores alone, and every condition of it is met
	"visited",           // every visit on the spot that the process speaks of is signed, and left nothing open that it was to verify

	"documents_issued",    // every official document that was drafted for the case is issued, or given up with a reason
	"documents_delivered", // and delivered
}

// ProcessEffects are what an action may bring about, with the words that each takes.
var ProcessEffects = map[string][]string{
	"submit":      {},                                         // state the declared facts, pin the evaluation, number the case
	"propose":     {},                                         // the system proposes what a party is entitled to
	"call":        {},                                         // a case begins for every party that the scheme's condition names, for the party to fill in
	"remind":      {"from"},                                   // those whose cases are at a stage are told again that they wait
	verify:        {"list"},                                   // the rows of a list are verified
	refer:         {"process"},                                // who was called and is late without having handed in is handed on: a case of another process begins
	"evaluate":    {},                                         // evaluate anew and pin
	"findings":    {},                                         // keep what a department found
	"stance":      {},                                         // keep what a department says in a joint review
	"silence":     {"as", "cite"},                             // what it counts as that a department let its time pass
	"set_amount":  {},                                         // keep the decided sum with its reason
	"exclude":     {},                                         // the case leaves its round
	"open_window": {},                                         // publish the round and take applications
	"freeze":      {},                                         // facts as of now; no case enters any more
	"settle":      {},                                         // the pipeline over the frozen round
	"publish":     {},                                         // the public notice, with its table
	"renotice":    {},                                         // a notice anew after an outcome changed
	"decide":      {},                                         // awards: the sums are owed, the budget is committed
	"order":       {},                                         // awards go to the treasury to be paid
	"release":     {},                                         // a commitment is given back
	"claw_back":   {"time", "rate", "days", "counts", "cite"}, // what was paid is owed back
	"answer":      {},                                         // keep what was answered
	"rating":      {},                                         // keep how the asker rates it
	marks:         {"sheet"},                                  // the scores of a sheet are verified: each becomes a fact of the party
	"visit":       {"checklist"},                              // plan a visit on the spot by a checklist of the process
	"draw":        {"from"},                                   // experts are drawn at random for the cases of the round at a stage
	"score":       {},                                         // the experts' scores become each case's score
	"places":      {},                                         // keep who comes first among applications of equal rank
	"recommend":   {"from"},                                   // the cases of the round at a stage become the list that is recommended upward
	"leave_out":   {"from", "to"},                             // every case of the round at a stage that was settled at nothing goes to another
	"move_cases":  {"from", "to"},                             // every case of the round at a stage goes to another

	// a share of the cases of the round at a stage, drawn at random, goes to one stage, the rest to another
	"sample": {"share", "from", "to", "rest"},

	// what the upper body published becomes a certificate and a record of everybody on it; the cases on it go to one stage, the rest to another
	"conclude":        {"from", "to", "rest", "level", "cite"},
	"issue":           {"cite"},                 // the party gets a certificate of the scheme, with the next number of its series
	"amend":           {"cite"},                 // the certificate says what the application asks it to say
	"request_renewal": {"cite"},                 // undecided at its end, the certificate is deemed renewed
	"renew":           {"cite"},                 // the certificate is valid for another term, from the day after its end
	"suspend":         {"cite"},                 // the certificate does not count until it is resumed
	"resume":          {"cite"},                 // the suspended certificate counts again
	"revoke":          {"cite"},                 // the certificate is taken away
	"record":          {"what", "says", "cite"}, // what came of the case becomes a record of the party, which the next policy reads
	"surrender":       {"cite"},                 // the holder gave the certificate up, or nobody is left to hold it
}

// aboutCertificate are the words that speak of the certificate that a case is about.
var aboutCertificate = []string{"amend", "request_renewal", "renew", "suspend", "resume", "revoke", "surrender"}

// onlyIn are the needs, guards and effects that one flow alone obeys. A room that gives a word its meaning in the other flow too takes it
// out of here.
var onlyIn = map[string]string{
	"items": flowCase, "letter": flowCase, "complete": flowCase, "window_open": flowCase, "submit": flowCase, "evaluate": flowCase, "findings": flowCase,
	stance: flowCase, stanceSum: flowCase, silence: flowCase,
	"set_amount": flowCase, "exclude": flowCase, "release": flowCase, "claw_back": flowCase, "holds": flowCase, "holds_not": flowCase, "documents_issued": flowCase, "documents_delivered": flowCase,
	"facts_decide": flowCase, "overdue": flowCase, "answer": flowCase, "rating": flowCase, visit: flowCase, marks: flowCase, "rated": flowCase, "visited": flowCase, "heard": flowCase, "returned": flowCase,
	"issue": flowCase, "amend": flowCase, "request_renewal": flowCase, "renew": flowCase, "suspend": flowCase, "resume": flowCase, "revoke": flowCase, "surrender": flowCase,
	"window_closed": flowRound, "cases_ready": flowRound, "checks_back": flowRound, "notice_over": flowRound,
	"all_paid": flowRound, "none_supported": flowRound, "none_open": flowRound, "propose": flowRound, call: flowRound, remind: flowRound, refer: flowRound, verify: flowCase, recordEffect: flowCase,
	"open_window": flowRound, "freeze": flowRound, "settle": flowRound,
	leaveOut: flowRound, recommend: flowRound, conclude: flowRound, "sequence": flowRound, "result": flowRound, "result_in": flowRound, "draw": flowRound, "score": flowRound, "scores_in": flowRound, "experts_short": flowRound, "minutes_signed": flowRound, "places": flowRound,
	"publish": flowRound, "renotice": flowRound, moveCases: flowRound, sample: flowRound,
}

// WordsOf are the guards and effects that a flow of a file may name.
func WordsOf(flow string) (guards, effects []string) {
	in := func(word string) bool { return onlyIn[word] == "" || onlyIn[word] == flow }
	for _, g := range ProcessGuards {
		if in(g) {
			guards = append(guards, g)
		}
	}
	for _, e := range sortedKeys(ProcessEffects) {
		if in(e) {
			effects = append(effects, e)
		}
	}
	return guards, effects
}

// moveCases is the effect that the checks know: it joins the two flows.
const moveCases = "move_cases"

// sample too, and leave_out.
const (
	sample   = "sample"
	leaveOut = "leave_out"

	recommend = "recommend"
	conclude  = "conclude"

	call         = "call"
	remind       = "remind"
	recordEffect = "record"
)

// visit is the need and the effect that name a checklist of the process.
const visit = "visit"

// The flows of a process.
const (
	flowCase  = "case"
	flowRound = "round"
)

// ProcessEnds are how an instance may end.
var ProcessEnds = []string{"granted", "refused", "withdrawn", "done"}
