// Package demo makes a demo county: invented firms over real divisions, from a data file and a seed.
//
// The data file (demo/PLACE/county.yaml) says which towns, industries, figures, records, awards and flaws there are and how they are
// spread; this package only knows how to draw from such a description. The same file and seed make the same county, byte for byte.
package demo

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"shanglin/policy"
)

// County is the description of a demo county, as its file gives it.
type County struct {
	Name       string     `yaml:"name"`
	Place      string     `yaml:"place"`  // which policies hold here
	Played     []string   `yaml:"played"` // documents whose every question is answered for some firm
	Notice     string     `yaml:"notice"`
	Invented   string     `yaml:"invented"` // note of every invented party
	Years      span       `yaml:"years"`
	Codes      codeRange  `yaml:"codes"`
	Towns      []Town     `yaml:"towns"`
	Industries []industry `yaml:"industries"`
	Sizes      sizes      `yaml:"sizes"`
	Names      names      `yaml:"names"`
	Founded    founded    `yaml:"founded"`
	Reported   reported   `yaml:"reported"`
	Figures    []figure   `yaml:"figures"`
	Records    []record   `yaml:"records"`
	Awards     awards     `yaml:"awards"`
	Flaws      []flaw     `yaml:"flaws"`
	Boundaries []boundary `yaml:"boundaries"`
	Showcase   []showcase `yaml:"showcase"`
	Named      named      `yaml:"named"`
	Cohorts    []cohort   `yaml:"cohorts"`
	Licences   []licence  `yaml:"licences"`
	Accounts   []Account  `yaml:"accounts"`
	Rounds     []Round    `yaml:"rounds"`
	Contact    struct {
		Name  string `yaml:"name"`
		Phone string `yaml:"phone"`
	} `yaml:"contact"` // whom firms name in what they hand in
}

// Town is a division of the county, with its official code and the share of firms it gets.
type Town struct {
	Name  string  `yaml:"name"`
	Code  string  `yaml:"code"`
	Share float64 `yaml:"share"`
}

// Account is a demo account; its password is meant to be known.
type Account struct {
	Login      string `yaml:"login"`
	Name       string `yaml:"name"`
	Password   string `yaml:"password"`
	Role       string `yaml:"role"`
	Department string `yaml:"department"`
	Town       string `yaml:"town"`
	Firm       string `yaml:"firm"` // id of a showcase firm or of a cohort's; a county too small for that firm has no such account
	About      string `yaml:"about"`
	Shown      bool   `yaml:"shown"` // told when the demo starts
}

type span struct {
	From int `yaml:"from"`
	To   int `yaml:"to"`
}

func (s span) years() []int {
	var out []int
	for y := s.From; y <= s.To; y++ {
		out = append(out, y)
	}
	return out
}

type days struct {
	First date `yaml:"first"`
	Last  date `yaml:"last"`
}

// date is a day in the file, 2026-12-31.
type date struct{ policy.Date }

func (d *date) UnmarshalYAML(n *yaml.Node) error {
	got, err := policy.ParseDate(n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	d.Date = got
	return nil
}

// weighted is words with their shares, in the order of the file.
type weighted struct {
	words  []string
	shares []float64
}

func (w *weighted) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return fmt.Errorf("line %d: words with their shares are wanted, {word: 3, other: 1}", n.Line)
	}
	for i := 0; i < len(n.Content); i += 2 {
		var share float64
		if err := n.Content[i+1].Decode(&share); err != nil || share < 0 {
			return fmt.Errorf("line %d: a share is a number of 0 or more", n.Content[i+1].Line)
		}
		w.words = append(w.words, n.Content[i].Value)
		w.shares = append(w.shares, share)
	}
	return nil
}

type codeRange struct {
	Prefix string `yaml:"prefix"` // the first characters of every invented code
	Serial int    `yaml:"serial"` // how many digits follow, up to the sixteenth character
}

type industry struct {
	Name     string             `yaml:"name"`
	Share    float64            `yaml:"share"`
	Scale    float64            `yaml:"scale"`
	Traits   map[string]float64 `yaml:"traits"` // trait → chance
	Products []string           `yaml:"products"`
	Only     []string           `yaml:"only"` // the only figures and records that a firm of it has; empty: all that their own rules let it have
}

// cohort is firms of one industry at fixed places among the invented firms. A county that is smaller than where it begins has none of them.
type cohort struct {
	Industry string `yaml:"industry"`
	From     int    `yaml:"from"` // the place of the first, counted from 0 among the firms that are drawn
	Firms    int    `yaml:"firms"`
	ID       string `yaml:"id"`  // by which an account names one of them; empty: none does
	Nth      int    `yaml:"nth"` // which of them, counted from 1
}

// licence is what the firms of an industry hold already when the county is made: the register issues it to each on its day, spread evenly
// from the oldest to the newest.
type licence struct {
	Scheme     string            `yaml:"scheme"`
	Industry   string            `yaml:"industry"`
	Department string            `yaml:"department"`
	Source     string            `yaml:"source"`
	Oldest     int               `yaml:"oldest"` // days before the county is made
	Newest     int               `yaml:"newest"`
	Details    map[string]string `yaml:"details"` // by label; {town}, {n} and {term} stand for the firm's town, its place and a figure of it
}

type sizes struct {
	By    string `yaml:"by"`
	Bands []struct {
		Name  string  `yaml:"name"`
		Under float64 `yaml:"under"` // 0: no bound
	} `yaml:"bands"`
}

type names struct {
	Places weighted `yaml:"places"`
	First  []string `yaml:"first"`
	Second []string `yaml:"second"`
	Forms  weighted `yaml:"forms"`
	Marked string   `yaml:"marked"` // how a name is put together
}

type founded struct {
	Later float64 `yaml:"later"` // chance of being founded within years
	Years span    `yaml:"years"`
}

type origin struct {
	Source   string `yaml:"source"`
	Evidence string `yaml:"evidence"`
}

type reported struct {
	By      string  `yaml:"by"`
	AtLeast float64 `yaml:"at_least"`
	Else    origin  `yaml:"else"`
}

// filter says whom a rule concerns; all that is given must hold.
type filter struct {
	Trait   string  `yaml:"trait"`
	Also    string  `yaml:"also"`
	Figure  string  `yaml:"figure"`
	Year    int     `yaml:"year"`
	AtLeast float64 `yaml:"at_least"`
	Record  string  `yaml:"record"`
}

// draw is a number between two bounds.
type draw struct {
	From  float64 `yaml:"from"`
	To    float64 `yaml:"to"`
	Bend  float64 `yaml:"bend"`  // over 1: small values are commoner; under 1: large ones; 0 is 1
	Drift float64 `yaml:"drift"` // spread of its movement from year to year
	Tilt  float64 `yaml:"tilt"`
}

type figure struct {
	Term     string  `yaml:"term"`
	Unit     string  `yaml:"unit"`
	Decimals *int    `yaml:"decimals"` // 0 to 4; not given: whole units
	Once     bool    `yaml:"once"`     // has no year
	Last     int     `yaml:"last"`     // only so many of the last years are there; 0: all
	If       *filter `yaml:"if"`
	Chance   float64 `yaml:"chance"` // 0: certain
	Later    bool    `yaml:"later"`  // drawn after all that is not, which is then the same without it
	origin   `yaml:",inline"`

	Path *struct {
		Median  float64 `yaml:"median"`
		Spread  float64 `yaml:"spread"`
		Least   float64 `yaml:"least"`
		Most    float64 `yaml:"most"`
		Growth  float64 `yaml:"growth"`
		Shake   float64 `yaml:"shake"`
		Persist float64 `yaml:"persist"`
		Tilt    float64 `yaml:"tilt"`
	} `yaml:"path"`
	Part *struct {
		Of   string `yaml:"of"`
		draw `yaml:",inline"`
	} `yaml:"part"`
	Range *draw     `yaml:"range"`
	Words *weighted `yaml:"words"`
}

type record struct {
	Kind   string  `yaml:"kind"`
	If     *filter `yaml:"if"`
	Chance float64 `yaml:"chance"`
	Later  bool    `yaml:"later"` // as of a figure
	Tilt   float64 `yaml:"tilt"`
	Count  struct {
		Mean float64 `yaml:"mean"`
		Most int     `yaml:"most"`
	} `yaml:"count"`
	From    days             `yaml:"from"`
	Months  int              `yaml:"months"` // how long it is valid; 0: see Until
	Until   date             `yaml:"until"`
	Through string           `yaml:"through"` // a day, today, year_end (of the year in which the county is made), or nothing
	Fields  map[string]field `yaml:"fields"`
	origin  `yaml:",inline"`
}

type field struct {
	Words    *weighted `yaml:"words"`
	Unit     string    `yaml:"unit"`
	draw     `yaml:",inline"`
	Titles   []string `yaml:"titles"`
	Numbered string   `yaml:"numbered"` // follows a title, before a version number
}

type awards struct {
	origin  `yaml:",inline"`
	Covered date `yaml:"covered"`
	Paid    []struct {
		Scheme  string   `yaml:"scheme"`
		If      *filter  `yaml:"if"`
		Chance  float64  `yaml:"chance"`
		Amounts weighted `yaml:"amounts"`
		On      days     `yaml:"on"`
	} `yaml:"paid"`
}

type flaw struct {
	Kind     string   `yaml:"kind"`
	Share    float64  `yaml:"share"`
	Of       []string `yaml:"of"`
	Years    []int    `yaml:"years"`
	By       float64  `yaml:"by"`
	Disputed float64  `yaml:"disputed"`
	origin   `yaml:",inline"`
}

// The kinds of flaw.
const (
	flawMissing    = "missing"     // figures that nobody has stated
	flawDeclared   = "declared"    // the firm declares another figure than the one that was verified
	flawTwoSources = "two_sources" // two departments vouch for different figures
	flawBoundary   = "boundary"    // a figure exactly at a threshold, or one step beside it
)

type boundary struct {
	Term   string  `yaml:"term"`
	Year   int     `yaml:"year"`
	At     float64 `yaml:"at"`
	Of     string  `yaml:"of"`
	OfYear int     `yaml:"of_year"`
	Share  float64 `yaml:"share"`
}

type showcase struct {
	ID       string      `yaml:"id"`
	Name     string      `yaml:"name"`
	Town     string      `yaml:"town"`
	Industry string      `yaml:"industry"`
	Size     string      `yaml:"size"`
	Facts    []givenFact `yaml:"facts"`
}

type givenFact struct {
	Term     string            `yaml:"term"`
	Year     int               `yaml:"year"`
	Value    string            `yaml:"value"`
	From     date              `yaml:"from"`
	Until    date              `yaml:"until"`
	Fields   map[string]string `yaml:"fields"`
	Verified bool              `yaml:"verified"`
	Stated   date              `yaml:"stated"` // not given: see statedOn
	origin   `yaml:",inline"`
}

type named struct {
	origin `yaml:",inline"`
	Stated date   `yaml:"stated"`
	Town   string `yaml:"town"`    // stands where the source names none
	NoCode string `yaml:"no_code"` // why a code is not there
	Firms  []struct {
		Name  string      `yaml:"name"`
		Code  string      `yaml:"code"`
		Said  string      `yaml:"said"`
		Facts []givenFact `yaml:"facts"`
	} `yaml:"firms"`
}

// ReadCounty reads PLACE/county.yaml of a tree of files. Unknown keys are refused, and so is a rule that names what is not there.
func ReadCounty(files fs.FS, place string) (*County, error) {
	data, err := fs.ReadFile(files, place+"/county.yaml")
	if err != nil {
		return nil, fmt.Errorf("no demo county %q: %w", place, err)
	}
	c := &County{}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("%s/county.yaml: %w", place, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s/county.yaml: %w", place, err)
	}
	return c, nil
}

// check finds what would otherwise only show as an odd county.
func (c *County) check() error {
	if len(c.Codes.Prefix)+c.Codes.Serial != 16 {
		return fmt.Errorf("codes: the prefix and the serial are 16 characters together, before the two check characters")
	}
	if len(c.Towns) == 0 || len(c.Industries) == 0 || len(c.Names.First) == 0 || len(c.Names.Second) == 0 || c.Years.From > c.Years.To {
		return fmt.Errorf("towns, industries, names and years are wanted")
	}
	towns := map[string]bool{}
	for _, t := range c.Towns {
		towns[t.Name] = true
	}
	units := map[string]bool{}
	for _, f := range c.Figures {
		ways := 0
		for _, is := range []bool{f.Path != nil, f.Part != nil, f.Range != nil, f.Words != nil} {
			if is {
				ways++
			}
		}
		if ways != 1 {
			return fmt.Errorf("figure %s: one of path, part, range and words is wanted", f.Term)
		}
		if f.Part != nil && !units[f.Part.Of] {
			return fmt.Errorf("figure %s is part of %s, which no figure above it gives", f.Term, f.Part.Of)
		}
		units[f.Term] = f.Words == nil && !f.Once
	}
	for what, term := range map[string]string{"sizes": c.Sizes.By, "reported": c.Reported.By} {
		if !units[term] {
			return fmt.Errorf("%s: %s is no yearly figure", what, term)
		}
	}
	for _, f := range c.Flaws {
		if !slices.Contains([]string{flawMissing, flawDeclared, flawTwoSources, flawBoundary}, f.Kind) {
			return fmt.Errorf("flaw %s is not known", f.Kind)
		}
		for _, term := range f.Of {
			if !units[term] {
				return fmt.Errorf("flaw %s: %s is no yearly figure", f.Kind, term)
			}
		}
	}
	for _, b := range c.Boundaries {
		if !units[b.Term] || !units[b.Of] {
			return fmt.Errorf("boundary of %s: no such yearly figure", b.Term)
		}
	}
	for _, x := range c.Cohorts {
		if c.industry(x.Industry) == nil || x.From < 0 || x.Firms <= 0 {
			return fmt.Errorf("cohort %s: an industry, where it begins and how many firms are wanted", x.Industry)
		}
		if (x.ID == "") != (x.Nth == 0) || x.Nth < 0 || x.Nth > x.Firms {
			return fmt.Errorf("cohort %s: the firm that an account names has an id, and is one of its firms", x.Industry)
		}
	}
	for _, x := range c.Licences {
		if c.industry(x.Industry) == nil || x.Newest < 0 || x.Newest > x.Oldest {
			return fmt.Errorf("licence %s: an industry and days from the oldest to the newest are wanted", x.Scheme)
		}
	}
	ids := map[string]bool{}
	for _, s := range c.Showcase {
		if !towns[s.Town] {
			return fmt.Errorf("showcase %s: %s is no town", s.ID, s.Town)
		}
		ids[s.ID] = true
	}
	for _, x := range c.Cohorts {
		ids[x.ID] = ids[x.ID] || x.ID != ""
	}
	for _, a := range c.Accounts {
		if a.Town != "" && !towns[a.Town] || a.Firm != "" && !ids[a.Firm] {
			return fmt.Errorf("account %s: no such town or firm", a.Login)
		}
	}
	return nil
}

// industry is nil for a name that is none.
func (c *County) industry(name string) *industry {
	for i := range c.Industries {
		if c.Industries[i].Name == name {
			return &c.Industries[i]
		}
	}
	return nil
}

// cohortAt is the industry of the firm at a place among those that are drawn, where a cohort sets it, and the id by which an account names
// that firm; nil: it is drawn like the rest.
func (c *County) cohortAt(place int) (set *industry, id string) {
	for _, x := range c.Cohorts {
		if place >= x.From && place < x.From+x.Firms {
			if x.Nth == place-x.From+1 {
				id = x.ID
			}
			return c.industry(x.Industry), id
		}
	}
	return nil, ""
}

// Coverage is how far the source of a kind of record is complete.
type Coverage struct {
	Kind, Source string
	Through      policy.Date
}

// Coverage lists the kinds of record whose absence is a fact, for a county made on a day.
func (c *County) Coverage(today policy.Date) ([]Coverage, error) {
	var out []Coverage
	for _, r := range c.Records {
		through := today
		switch r.Through {
		case "":
			continue
		case "today":
		case "year_end":
			through = policy.NewDate(today.Year(), 12, 31)
		default:
			day, err := policy.ParseDate(r.Through)
			if err != nil {
				return nil, fmt.Errorf("record %s: through: %w", r.Kind, err)
			}
			through = day
		}
		out = append(out, Coverage{r.Kind, r.Source, through})
	}
	return out, nil
}

// sortedKeys makes walking a map the same every time.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
