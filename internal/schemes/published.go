package schemes

import (
	"archive/zip"
	"bytes"
	"context"
	"path"
	"slices"
	"time"

	"shanglin/internal/account"
	"shanglin/internal/platform/calendar"
	"shanglin/internal/platform/clock"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

// Published is the set in use as those who work here look at it.
type Published struct {
	Edition        *Edition        `json:"edition,omitempty" doc:"the publication in use; none before the first"`
	Levels         []Level         `json:"levels" nullable:"false" doc:"the folders that are read, from the top down; the last is the tenant's own"`
	Documents      []PublishedFile `json:"documents" nullable:"false"`
	Processes      []PublishedFile `json:"processes" nullable:"false" doc:"processes, and the templates of the documents that they draft"`
	Calendars      []PublishedFile `json:"calendars" nullable:"false" doc:"the days off of years; those that come with the program are no files"`
	Vocabularies   []PublishedFile `json:"vocabularies" nullable:"false"`
	Follows        bool            `json:"follows" doc:"the upper levels are copied from the tenant above and are changed there"`
	Administrators int             `json:"administrators,omitempty" doc:"how many can sign in: with one, nobody can approve; only administrators are told"`
	Waiting        int             `json:"waiting" doc:"drafts that wait for approval; only administrators and auditors are told"`
}

// PublishedFile is a file of the set in use.
type PublishedFile struct {
	Version
	Level    string          `json:"level" doc:"what readers call the folder"`
	Title    string          `json:"title"`
	About    *DocumentFacts  `json:"about,omitempty" doc:"of a document"`
	Process  string          `json:"process,omitempty" doc:"of a process, its id"`
	Template string          `json:"template,omitempty" doc:"of a template of documents, its id"`
	Year     int             `json:"year,omitempty" doc:"of a year's days off"`
	Standing policy.Standing `json:"standing,omitempty" enum:"in_force,upcoming,expired," doc:"of a document, today"`
	Size     int             `json:"size" doc:"bytes"`
}

// DocumentFacts is what a list tells of a document.
type DocumentFacts struct {
	Number      string      `json:"number"`
	NumberKnown bool        `json:"number_known"`
	Body        string      `json:"body"`
	Published   policy.When `json:"published"`
	InForce     policy.When `json:"in_force"`
	ValidUntil  policy.When `json:"valid_until"`
	Replaced    policy.Date `json:"replaced"`
	Schemes     []Item      `json:"schemes" nullable:"false"`
}

// Item names a scheme.
type Item struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Edition is a publication as its readers see it.
type Edition struct {
	ID          string        `json:"id"`
	Origin      string        `json:"origin" doc:"seed, desk, tenant:ID"`
	Note        string        `json:"note"`
	PublishedBy string        `json:"published_by"`
	ApprovedBy  string        `json:"approved_by"`
	PublishedAt string        `json:"published_at"`
	Files       []EditionFile `json:"files" nullable:"false" doc:"what it changed"`
}

// EditionFile is what became of a file in a publication.
type EditionFile struct {
	Path   string `json:"path"`
	Change string `json:"change" enum:"added,changed,removed"`
}

// FileEvent is a publication that changed a file.
type FileEvent struct {
	Edition    string  `json:"edition"`
	Change     string  `json:"change" enum:"added,changed,removed"`
	At         string  `json:"at"`
	By         string  `json:"by"`
	ApprovedBy string  `json:"approved_by"`
	Note       string  `json:"note"`
	Version    Version `json:"version" doc:"the version that it brought; of a removal, the last one"`
}

// FileShown is one file with its text and its history.
type FileShown struct {
	File    PublishedFile  `json:"file"`
	Text    string         `json:"text"`
	Current bool           `json:"current" doc:"this version is in use"`
	Reading []Part         `json:"reading" nullable:"false" doc:"of a process: what it says, as the machine reads it, stage by stage"`
	Charts  []policy.Chart `json:"charts" nullable:"false" doc:"of a process: its flows as diagrams"`
	Year    *Year          `json:"year,omitempty" doc:"of a year's days off: the year, against the version before"`
	History []FileEvent    `json:"history" nullable:"false" doc:"the latest first"`
}

// mustRead: the published set as files is for those who work here; the portal tells everybody what it says.
func mustRead(ctx context.Context) error {
	if a := account.ActorFrom(ctx); !a.Reader() && !a.Is(account.RoleAdministrator) {
		return fault.New(fault.Forbidden, "只有经办、管理和审计人员可以查看政策文件")
	}
	return nil
}

// ReadPublished is the set in use. Forbidden to all but officers, auditors and administrators.
func ReadPublished(ctx context.Context) (*Published, error) {
	if err := mustRead(ctx); err != nil {
		return nil, err
	}
	out := &Published{}
	err := store.Read(ctx, func(ctx context.Context) error {
		*out = Published{Levels: []Level{}, Documents: []PublishedFile{}, Processes: []PublishedFile{}, Calendars: []PublishedFile{}, Vocabularies: []PublishedFile{}}
		set, err := CurrentSet(ctx)
		if err != nil {
			return err
		}
		out.Levels = append(out.Levels, set.Chain...)
		library, _ := policy.Load(set.policyFiles())
		for _, v := range set.Files {
			switch f := describeFile(ctx, v, set.Chain, library); {
			case f.About != nil:
				out.Documents = append(out.Documents, f)
			case f.Process != "", f.Template != "":
				out.Processes = append(out.Processes, f)
			case f.Year > 0:
				out.Calendars = append(out.Calendars, f)
			default:
				out.Vocabularies = append(out.Vocabularies, f)
			}
		}
		if set.Publication != "" {
			editions, err := editionsOf(ctx, []string{set.Publication})
			if err != nil {
				return err
			}
			out.Edition = &editions[0]
		}
		tenant, _, err := above(ctx)
		if err != nil {
			return err
		}
		out.Follows = tenant != ""
		a := account.ActorFrom(ctx)
		if mayReadDrafts(a) {
			if _, out.Waiting, err = listDrafts(ctx, DraftWaiting, 1, 0); err != nil {
				return err
			}
		}
		if a.Is(account.RoleAdministrator) {
			out.Administrators, err = account.Administrators(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// describeFile tells of a file what the library read in it. A version that is not in use is not in the library; of a process it is read
// by itself.
func describeFile(ctx context.Context, v Version, chain Chain, library *policy.Library) PublishedFile {
	f := PublishedFile{Version: v, Level: chain.Label(path.Dir(v.Path)), Title: v.Path, Size: len(v.Body)}
	for _, d := range library.Documents() {
		if d.Path != v.Path || d.Hash != v.Hash {
			continue
		}
		i := d.Info()
		f.Title, f.Standing = i.Title, d.StandingOn(clock.Today(ctx))
		f.About = &DocumentFacts{Number: i.Number, NumberKnown: i.NumberKnown, Body: i.Body, Published: i.Published, InForce: i.InForce,
			ValidUntil: i.ValidUntil, Replaced: i.Replaced, Schemes: []Item{}}
		for _, s := range d.Schemes() {
			f.About.Schemes = append(f.About.Schemes, Item{s.ID(), s.Title()})
		}
	}
	if f.About == nil {
		if p := processIn(v); p != nil {
			f.Title, f.Process = p.Title, p.ID
		} else if t := templateIn(v); t != nil {
			f.Title, f.Template = t.ID, t.ID
		} else if y := yearIn(v); y != nil {
			f.Title, f.Year = y.Title(), y.Year
		}
	}
	return f
}

// processIn is the process that a version holds, or nil.
func processIn(v Version) *policy.Process {
	p, _ := policy.ReadProcess(policy.File{Path: v.Path, Data: v.Body})
	return p
}

// templateIn is the template that a version holds, or nil.
func templateIn(v Version) *policy.Template {
	t, _ := policy.ReadTemplate(policy.File{Path: v.Path, Data: v.Body})
	return t
}

// yearIn is the year's calendar that a version holds, or nil.
func yearIn(v Version) *policy.Calendar {
	y, _ := policy.ReadCalendar(policy.File{Path: v.Path, Data: v.Body})
	return y
}

// ReadFile is a version of a file, by default the one in use or, of a file that is no longer published, the last; with its history.
// Forbidden as ReadPublished; NotFound if it was never published.
func ReadFile(ctx context.Context, name, version string) (*FileShown, error) {
	if err := mustRead(ctx); err != nil {
		return nil, err
	}
	out := &FileShown{}
	err := store.Read(ctx, func(ctx context.Context) error {
		history, err := historyOf(ctx, name)
		if err != nil {
			return err
		}
		*out = FileShown{History: history}
		for _, e := range history {
			if version == "" || e.Version.ID == version {
				out.File.Version = e.Version
				break
			}
		}
		if out.File.ID == "" {
			return fault.New(fault.NotFound, "没有发布过这份文件")
		}
		out.Current = history[0].Change != changeRemoved && history[0].Version.ID == out.File.ID
		if out.File.Body, err = bodyOf(ctx, out.File.Version); err != nil {
			return err
		}
		chain, err := readChain(ctx)
		if err != nil {
			return err
		}
		library, err := Library(ctx)
		if err != nil {
			return err
		}
		out.File = describeFile(ctx, out.File.Version, chain, library)
		out.Text, out.Reading, out.Charts = string(out.File.Body), []Part{}, []policy.Chart{}
		if p := processIn(out.File.Version); p != nil {
			out.Charts = p.Charts()
			out.Reading = compareReadings(p.ID, p.Title, nil, readProcess(p)).Parts
		} else if t := templateIn(out.File.Version); t != nil {
			out.Reading = compareReadings(t.ID, t.Title, nil, readTemplate(t)).Parts
		} else if y := yearIn(out.File.Version); y != nil {
			out.Reading = compareReadings(y.Title(), y.Title(), nil, readYear(y)).Parts
			old, against, err := yearBefore(ctx, history, out.File.Version, y.Year)
			if err != nil {
				return err
			}
			shown := showYear(nil, y, old, against)
			out.Year = &shown
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// yearBefore is what a version of a year is compared with: the version before it, or the year that comes with the program.
func yearBefore(ctx context.Context, history []FileEvent, v Version, year int) (*policy.Calendar, string, error) {
	at := slices.IndexFunc(history, func(e FileEvent) bool { return e.Version.ID == v.ID })
	for _, e := range history[at+1:] {
		if e.Version.ID == v.ID || e.Change == changeRemoved {
			continue
		}
		body, err := bodyOf(ctx, e.Version)
		if err != nil {
			return nil, "", err
		}
		if y, _ := policy.ReadCalendar(policy.File{Path: e.Version.Path, Data: body}); y != nil && y.Year == year {
			return y, againstEdition, nil
		}
		break
	}
	if y := calendar.Shipped().Year(year); y != nil {
		return y, againstProgram, nil
	}
	return nil, "", nil
}

// Editions lists publications, the latest first, and how many there are. Forbidden as ReadPublished.
func Editions(ctx context.Context, page, per int) (items []Edition, total int, err error) {
	if err := mustRead(ctx); err != nil {
		return nil, 0, err
	}
	err = store.Read(ctx, func(ctx context.Context) error {
		ids, err := publicationsBack(ctx)
		if err != nil {
			return err
		}
		total = len(ids)
		from := min((page-1)*per, total)
		items, err = editionsOf(ctx, ids[from:min(from+per, total)])
		return err
	})
	return items, total, err
}

// Archive is the set in use as a zip file that can be unpacked, checked and seeded: the files byte for byte, and their manifest.
// Forbidden as ReadPublished; NotFound before the first publication.
func Archive(ctx context.Context) ([]byte, error) {
	if err := mustRead(ctx); err != nil {
		return nil, err
	}
	var set *Set
	var edition Edition
	err := store.Read(ctx, func(ctx context.Context) (err error) {
		if set, err = CurrentSet(ctx); err != nil {
			return err
		}
		if set.Publication == "" {
			return fault.New(fault.NotFound, "还没有发布过政策文件")
		}
		list, err := editionsOf(ctx, []string{set.Publication})
		if err == nil {
			edition = list[0]
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	put := func(name, stamp string, body []byte) error {
		at, err := store.ParseStamp(stamp)
		if err != nil {
			at = time.Time{}
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
		if err == nil {
			_, err = f.Write(body)
		}
		return err
	}
	for _, f := range set.Files {
		if err := put(f.Path, f.PublishedAt, f.Body); err != nil {
			return nil, err
		}
	}
	manifest, err := set.Chain.Manifest(store.Bound(ctx).ID())
	if err != nil {
		return nil, err
	}
	if err := put(ManifestName, edition.PublishedAt, manifest); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
