package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"shanglin/policy"
)

// chunk is how many firms a worker draws and answers at a time.
const chunk = 16 * 1024

const on = policy.Date(20260630)

// county runs every published scheme of the chain over firms that are drawn as it goes, one worker for each core, and sums what they give.
func county(schemes string, firms, workers int) error {
	lib, err := published(schemes)
	if err != nil {
		return err
	}
	program := lib.Compile(lib.Schemes(), policy.Question{On: on})
	figures, records := program.Reads()
	fmt.Printf("%d published schemes over %d firms, %d workers: %d figures and %d kinds of record are read; not compiled: %d\n", len(lib.Schemes()), firms, workers,
		len(figures), len(records), len(program.NotCompiled()))
	type sums struct {
		answers          [5]int
		fen              policy.Fen
		counts           policy.Counts
		drawing, running time.Duration
	}
	all := make([]sums, workers)
	errs := make([]error, workers)
	var next atomic.Int64
	var group sync.WaitGroup
	var peak atomic.Uint64
	began, cpu := time.Now(), processor()
	for w := range workers {
		group.Go(func() {
			mine, c, runner := &all[w], program.NewColumns(), program.NewRunner()
			for errs[w] == nil {
				first := int(next.Add(chunk)) - chunk
				if first >= firms {
					return
				}
				started := time.Now()
				c.Reset()
				if errs[w] = draw(c, figures, records, min(chunk, firms-first), uint64(first)); errs[w] != nil {
					return
				}
				drawn := time.Now()
				mine.drawing += drawn.Sub(started)
				counts, err := runner.Run(c, func(p *policy.Page) error {
					for _, a := range p.Answers {
						mine.answers[a]++
					}
					for i := range p.Entitled {
						mine.fen += p.Entitled[i].High
					}
					return nil
				})
				errs[w] = err
				mine.counts = mine.counts.Add(counts)
				mine.running += time.Since(drawn)
				if first/chunk%16 == 0 {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					peak.Store(max(peak.Load(), m.HeapInuse))
				}
			}
		})
	}
	group.Wait()
	wall, spent := time.Since(began), processor()-cpu
	var sum sums
	for i, s := range all {
		if errs[i] != nil {
			return errs[i]
		}
		for a, n := range s.answers {
			sum.answers[a] += n
		}
		sum.fen += s.fen
		sum.counts = sum.counts.Add(s.counts)
		sum.drawing, sum.running = sum.drawing+s.drawing, sum.running+s.running
	}
	fmt.Printf("%d answers: %d not applicable, %d met, %d unmet, %d unknown, %d manual; %d left to the plain evaluator; %s\n", sum.counts.Answers, sum.answers[0],
		sum.answers[1], sum.answers[2], sum.answers[3], sum.answers[4], sum.counts.Plain, sum.fen)
	share := float64(sum.running) / float64(sum.running+sum.drawing)
	fmt.Printf("answering %.1f s by the clock of each worker, about %.1f s of the processors; drawing the firms %.1f s by the clock; all together %.1f s by the clock, %.1f s of the processors; heap %d MB\n",
		sum.running.Seconds()/float64(workers), share*spent.Seconds(), sum.drawing.Seconds()/float64(workers), wall.Seconds(), spent.Seconds(), peak.Load()>>20)
	return nil
}

// published loads the files of the whole chain, from the state down to a county.
func published(dir string) (*policy.Library, error) {
	var chain struct {
		Levels []struct{ Folder string }
	}
	data, err := os.ReadFile(filepath.Join(dir, "chain.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &chain); err != nil {
		return nil, err
	}
	var files []policy.File
	for _, level := range chain.Levels {
		folder := level.Folder
		names, err := filepath.Glob(filepath.Join(dir, folder, "*.yaml"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			files = append(files, policy.File{Path: folder + "/" + filepath.Base(name), Data: data})
		}
	}
	lib, problems := policy.Load(files)
	for _, p := range problems {
		if p.Severity == policy.SeverityError {
			return nil, fmt.Errorf("%s", p)
		}
	}
	return lib, nil
}

// draw fills a batch with invented firms: a quarter of the figures is not known, one firm in ten has a record of a kind.
func draw(c *policy.Columns, figures []policy.Figure, records []*policy.Record, n int, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 21))
	c.Grow(n)
	numbers, unknown, index, dates := make([]int64, n), make([]bool, n), make([]int32, n), make([]policy.Date, n)
	for _, f := range figures {
		var err error
		switch options := f.Term.Options; f.Term.Type {
		case policy.TypeNumber:
			least, most := 0, 200_000
			den := int64(1)
			if f.Term.Unit == "%" || f.Term.Unit == "‰" {
				least, most, den = 0, 1000, 1000
			} else if f.Term.Unit != "元" {
				most = 100
			}
			for i := range n {
				unknown[i] = r.IntN(4) == 0
				numbers[i] = int64(least + r.IntN(most+1))
				if most == 200_000 {
					numbers[i] *= 1000
				}
			}
			err = c.Numbers(f.Term.Name, f.Year, den, numbers, unknown)
		case policy.TypeDate:
			for i := range n {
				dates[i] = on.AddDays(-r.IntN(4000))
			}
			err = c.Dates(f.Term.Name, dates)
		default:
			switch {
			case f.Term.Type == policy.TypeBool:
				options = []string{"是", "否"}
			case f.Term.Type == policy.TypeCode:
				options = []string{"C38", "C3841", "C39", "I65", "F51"}
			case len(options) == 0:
				options = []string{"甲", "乙"}
			}
			for i := range n {
				index[i] = int32(r.IntN(len(options)+1)) - 1
			}
			err = c.Words(f.Term.Name, f.Year, options, index)
		}
		if err != nil {
			return err
		}
	}
	lists := make([][]policy.RecordFact, n)
	for _, k := range records {
		for i := range lists {
			lists[i] = nil
			if r.IntN(10) == 0 {
				fact := policy.RecordFact{From: on.AddDays(-r.IntN(1500)), Fields: map[string]string{}}
				for _, f := range k.Fields {
					if len(f.Options) > 0 && r.IntN(4) > 0 {
						fact.Fields[f.Name] = f.Options[r.IntN(len(f.Options))]
					} else if f.Type == policy.TypeBool {
						fact.Fields[f.Name] = "是"
					}
				}
				lists[i] = []policy.RecordFact{fact}
			}
		}
		if err := c.Records(k.Name, lists); err != nil {
			return err
		}
		if k.Complete != "" {
			c.Cover(k.Name, on)
		}
	}
	c.CoverReceived(on)
	return nil
}
