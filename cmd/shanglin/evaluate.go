package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shanglin/internal/platform/clock"
	"shanglin/policy"
)

func newEvaluate() *cobra.Command {
	var o struct {
		schemes, facts, on, place string
		scheme                    []string
		all, json, explain        bool
		lang                      string
	}
	cmd := &cobra.Command{
		Use:   "evaluate --schemes DIR --facts FILE",
		Short: "What one party is due, from a plain facts file 按事实文件测算",
		Long: `Evaluate schemes for one party: the answers, the amounts, what is missing and how far away it is, with the clause cited.
Nothing is stored and nothing leaves this machine.

按一个事实文件测算一家企业符合哪些政策、能得多少、还差什么，逐条写明依据。结果不保存。

A facts file looks like this:
  party: 名称
  on: 2026-03-01            (optional: the evaluation date; --on outranks it; default today)
  performance: 2025         (optional: the performance year; default each document's own)
  facts:
    指标@2025: 9990万元      (a figure of a year)
    名单或资质: 是            (a record: 是, 否, a date, or 2024-05-01..2027-04-30)
  coverage:
    记录: 2026-02-28         (the source of these records is complete up to this day)

Documents that are not in force on the evaluation date are only listed, unless --scheme names one or --all is given.

Exit status: 0 evaluated, 1 the scheme files have errors, 2 the facts file or the command line cannot be used.`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.schemes == "" || o.facts == "" {
				return &exitError{2, "请写明 --schemes 政策目录 和 --facts 事实文件。\nshanglin evaluate --help shows what can be given."}
			}
			files, err := schemeFiles(o.schemes, o.place)
			if err != nil {
				return &exitError{2, "错误：" + err.Error()}
			}
			library, problems := policy.Load(files)
			if policy.HasErrors(problems) {
				for _, p := range problems {
					fmt.Fprintln(cmd.ErrOrStderr(), p.String())
				}
				return &exitError{1, "政策文件有错误，不能测算；请先用 shanglin check 检查。"}
			}
			facts, err := readFacts(cmd, o.facts, library.Vocabulary())
			if err != nil {
				return err
			}
			on := facts.On
			if o.on != "" {
				if on, err = policy.ParseDate(o.on); err != nil {
					return &exitError{2, "--on：" + err.Error() + "。"}
				}
			}
			if on.IsZero() {
				on = clock.Today(cmd.Context())
			}
			named, err := namedSchemes(library, o.scheme)
			if err != nil {
				return &exitError{2, err.Error()}
			}
			lang, ok := policy.ParseLang(o.lang)
			if !ok {
				return &exitError{2, "--lang 只能写 zh 或 en。"}
			}
			r := evaluateAll(library, facts, on, named, o.all, lang)
			if o.json {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(r)
			}
			if o.explain {
				return r.explain(cmd.OutOrStdout())
			}
			return r.write(cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.schemes, "schemes", "", "folder of scheme files 政策文件目录 (required)")
	f.StringVar(&o.facts, "facts", "", "facts file of the party 事实文件 (required; - reads standard input)")
	f.StringVar(&o.on, "on", "", "evaluation date 评估日期, e.g. 2026-03-01")
	f.StringSliceVar(&o.scheme, "scheme", nil, "only this scheme 只算这一项: document/scheme, or a document; may be repeated")
	f.StringVar(&o.place, "place", "", "whose schemes 地区, where chain.json knows several")
	f.BoolVar(&o.all, "all", false, "also what has expired or is not yet in force 含已失效、尚未施行的")
	f.BoolVar(&o.explain, "explain", false, "every result in words 逐项说明: clause, conditions, arithmetic, what would have to change, what is not known")
	f.StringVar(&o.lang, "lang", "", "language of --explain 语言: zh, en")
	f.BoolVar(&o.json, "json", false, "for machines: JSON with every reason")
	return cmd
}

func schemeFiles(folder, place string) ([]policy.File, error) {
	root, err := rootOf(folder)
	if err != nil {
		return nil, err
	}
	t, err := readTree(root)
	if err != nil {
		return nil, err
	}
	b, err := t.place(place, folder)
	if err != nil {
		return nil, err
	}
	if len(b.files) == 0 {
		return nil, fmt.Errorf("%s 中没有政策文件（.yaml）", folder)
	}
	return b.files, nil
}

const standardInput = "-"

func readFacts(cmd *cobra.Command, name string, v *policy.Vocabulary) (*policy.FactsFile, error) {
	var data []byte
	var err error
	if name == standardInput {
		name = "stdin"
		data, err = readLimited(cmd.InOrStdin(), maxFactsSize)
	} else {
		var f *os.File
		if f, err = os.Open(name); err == nil {
			defer f.Close()
			data, err = readLimited(f, maxFactsSize)
		}
	}
	if err != nil {
		return nil, &exitError{2, fmt.Sprintf("打不开事实文件 %s：没有这个文件、没有读取的权限，或文件超过4MB。", name)}
	}
	facts, problems := policy.ReadFacts(filepath.ToSlash(name), data, v)
	for _, p := range problems {
		fmt.Fprintln(cmd.ErrOrStderr(), p.String())
	}
	if policy.HasErrors(problems) {
		return nil, &exitError{2, "事实文件有错误，没有测算。"}
	}
	return facts, nil
}

// namedSchemes resolves what --scheme names: a scheme, or every scheme of a document.
func namedSchemes(library *policy.Library, names []string) ([]*policy.Scheme, error) {
	var out []*policy.Scheme
	for _, name := range names {
		switch s, d := library.Scheme(name), library.Document(name); {
		case s != nil:
			out = append(out, s)
		case d != nil:
			out = append(out, d.Schemes()...)
		default:
			var known []string
			for _, s := range library.Schemes() {
				if document, _, _ := strings.Cut(s.ID(), "/"); strings.HasPrefix(name, document) {
					known = append(known, s.ID())
				}
			}
			if len(known) == 0 {
				for _, d := range library.Documents() {
					known = append(known, d.ID)
				}
			}
			slices.Sort(known)
			return nil, fmt.Errorf("--scheme：没有这一项。可以写：%s", strings.Join(known, "、"))
		}
	}
	return out, nil
}

// report is what evaluate found, for JSON as it stands and for people through write.
type report struct {
	Party    string        `json:"party"`
	On       policy.Date   `json:"on"`
	Results  []reported    `json:"results"`
	Ask      []policy.Need `json:"ask"`      // the missing facts, those that decide most first
	Total    reportTotal   `json:"total"`    // of what is met
	Standing []notInForce  `json:"standing"` // not evaluated: not in force on the day
}

type reported struct {
	Scheme      string              `json:"scheme"`
	Description *policy.Description `json:"description"`
	Result      *policy.Result      `json:"result"`
	Explanation *policy.Explanation `json:"explanation"`
}

type reportTotal struct {
	Owed      policy.Fen `json:"owed"`      // fen; exact amounts, as far as the limits of the party leave them
	Floor     policy.Fen `json:"floor"`     // fen; the least of amounts that say 不低于 and no more
	Least     policy.Fen `json:"least"`     // fen; lower ends of ranges
	Ceiling   policy.Fen `json:"ceiling"`   // fen; upper ends of 最高 and ranges
	Recovered policy.Fen `json:"recovered"` // fen; what of earlier payments is surely paid back
	Potential policy.Fen `json:"potential"` // fen; what more there would be if everything unknown came out well

	less bool // of what is owed something may still be deducted: what limits have given before is not known
}

type notInForce struct {
	Scheme      string              `json:"scheme"`
	Standing    policy.Standing     `json:"standing"`
	Description *policy.Description `json:"-"`
	Title       string              `json:"title"`
}

func evaluateAll(library *policy.Library, facts *policy.FactsFile, on policy.Date, named []*policy.Scheme, all bool, lang policy.Lang) *report {
	r := &report{Party: facts.Party, On: on, Results: []reported{}, Ask: []policy.Need{}, Standing: []notInForce{}}
	schemes := named
	if len(named) == 0 {
		schemes = library.Schemes()
	}
	var results []*policy.Result
	for _, s := range schemes {
		d := s.DescribeIn(lang)
		if standing := s.Document().StandingOn(on); standing != policy.InForce && len(named) == 0 && !all {
			r.Standing = append(r.Standing, notInForce{Scheme: s.ID(), Standing: standing, Description: d, Title: d.Title})
			continue
		}
		got := s.Evaluate(policy.Question{Facts: facts.Facts, On: on, Performance: facts.Performance, Batch: facts.Batch, Explain: true, Changes: true, Lang: lang})
		results = append(results, got)
		r.Results = append(r.Results, reported{Scheme: s.ID(), Description: d, Result: got, Explanation: s.Explanation(got, lang)})
	}
	r.Total = totalOf(results)
	slices.SortStableFunc(r.Results, compareReported)
	if ask := policy.Ask(results); ask != nil {
		r.Ask = ask
	}
	return r
}

// totalOf sums what one party gets by what is in force: of clauses that exclude each other, only the most.
func totalOf(results []*policy.Result) reportTotal {
	var t reportTotal
	results = slices.DeleteFunc(slices.Clone(results), func(r *policy.Result) bool { return r.Standing != policy.InForce })
	for i, fen := range policy.Together(results, (*policy.Result).Due) {
		switch r := results[i]; {
		case fen == 0:
		case r.Amount.Kind == policy.Exact:
			t.Owed += fen
			t.less = t.less || r.Left != nil && !r.Left.Sure
		case r.Amount.Open:
			t.Floor += fen
		default:
			t.Least += min(r.Amount.Low, fen)
			t.Ceiling += fen
		}
	}
	unknown := slices.DeleteFunc(slices.Clone(results), func(r *policy.Result) bool { return r.Answer != policy.Unknown })
	for _, fen := range policy.Together(unknown, (*policy.Result).Reach) {
		t.Potential += fen
	}
	for _, r := range results {
		for _, p := range r.Payments {
			if r.Answer == policy.Met && r.Amount.Kind == policy.Exact && p.Amount < 0 {
				t.Recovered -= p.Amount
			}
		}
	}
	return t
}

// compareReported puts what is met first, and in each group the most money first.
func compareReported(a, b reported) int {
	if x, y := groupOf(a.Result.Answer), groupOf(b.Result.Answer); x != y {
		return x - y
	}
	switch x, y := worth(a.Result), worth(b.Result); {
	case x > y:
		return -1
	case x < y:
		return 1
	}
	return 0
}

func worth(r *policy.Result) policy.Fen {
	if r.Answer == policy.Met {
		return r.Left.Of(r.Amount.High)
	}
	return r.Reach()
}

func groupOf(a policy.Answer) int { return slices.Index(groups, a) }

var groups = []policy.Answer{policy.Met, policy.Unknown, policy.Manual, policy.Unmet, policy.NotApplicable}
