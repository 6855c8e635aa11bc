package schemes

import (
	"context"
	"io/fs"
	"path"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
	"shanglin/policy"
)

const seedOrigin = "seed"

// Seed brings the scheme files of a tree into the tenant's published set, by hash: an unchanged tree does nothing, a changed
// file becomes a new version, and a file that was changed here since the last seed is kept and reported.
// place is the entry of the tree's manifest that says which folders the tenant reads.
func Seed(ctx context.Context, files fs.FS, place string) (*Publication, error) {
	chain, err := ReadChain(files, place)
	if err != nil {
		return nil, err
	}
	offered, err := readFiles(files, chain)
	if err != nil {
		return nil, err
	}
	return seed(ctx, chain, offered)
}

// SeedUnder gives a tenant a level of its own, where nothing is published yet, below those of a place of the tree, whose files it takes; with no
// place its own is the only one. Invalid if the place has a level of that folder; errors otherwise as ReadChain.
func SeedUnder(ctx context.Context, files fs.FS, place string, own Level) (*Publication, error) {
	var chain Chain
	var offered []policy.File
	if place != "" {
		var err error
		if chain, err = ReadChain(files, place); err != nil {
			return nil, err
		}
		if offered, err = readFiles(files, chain); err != nil {
			return nil, err
		}
	}
	if chain.position(own.Folder) >= 0 {
		return nil, fault.New(fault.Invalid, "上级已有名为 "+own.Folder+" 的政策层级，请另取一个编号")
	}
	return seed(ctx, append(chain, own), offered)
}

func seed(ctx context.Context, chain Chain, offered []policy.File) (*Publication, error) {
	ctx = account.System(ctx)
	if err := setChain(ctx, chain); err != nil {
		return nil, err
	}
	return adopt(ctx, seedOrigin, offered, false)
}

// readFiles reads every .yaml file of the chain's folders; a folder that is not there is empty.
func readFiles(files fs.FS, chain Chain) ([]policy.File, error) {
	var out []policy.File
	for _, level := range chain {
		names, err := fs.Glob(files, level.Folder+"/*.yaml")
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "无法读取政策文件目录", err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, "无法读取政策文件", err)
			}
			out = append(out, policy.File{Path: name, Data: data})
		}
	}
	return out, nil
}

// Inherit copies down what the tenant `from` has published in the folders above the tenant `to`'s own.
// It goes by content hash, so that doing it twice does nothing; it may be repeated until it succeeds.
// What stands above is decided above: a copy here is replaced. Returns Invalid, and changes nothing, if the tenant's own
// files do not agree with what comes down.
func Inherit(ctx context.Context, from, to *store.DB) (*Publication, error) {
	ctx = account.System(ctx)
	above, err := CurrentSet(store.In(ctx, from))
	if err != nil {
		return nil, err
	}
	ctx = store.In(ctx, to)
	chain, err := readChain(ctx)
	if err != nil {
		return nil, err
	}
	var offered []policy.File
	for _, f := range above.Files {
		folder := path.Dir(f.Path)
		if chain.position(folder) >= 0 && folder != chain.Own() {
			offered = append(offered, policy.File{Path: f.Path, Data: f.Body})
		}
	}
	return adopt(ctx, tenantOrigin(from), offered, true)
}

func tenantOrigin(db *store.DB) string { return "tenant:" + db.ID() }

// adopt takes what an origin offers now, compared with what it last offered. An authoritative origin replaces what it finds.
func adopt(ctx context.Context, origin string, offered []policy.File, authoritative bool) (*Publication, error) {
	current, err := CurrentSet(ctx)
	if err != nil {
		return nil, err
	}
	last, err := adopted(ctx, origin)
	if err != nil {
		return nil, err
	}
	here := current.byPath()
	var p Proposal
	var kept []string
	now := map[string]string{}
	for _, f := range offered {
		hash := contentHash(f.Data)
		now[f.Path] = hash
		have, exists := here[f.Path]
		switch {
		case last[f.Path] == hash && !(authoritative && have.Hash != hash):
			// offered before: whatever became of it here is this tenant's decision
		case exists && have.Hash != hash && have.Hash != last[f.Path] && !authoritative:
			kept = append(kept, f.Path)
			now[f.Path] = last[f.Path] // still to be settled: report it again
		default:
			p.Files = append(p.Files, f)
		}
	}
	for path, hash := range last {
		if _, still := now[path]; still {
			continue
		}
		if have, exists := here[path]; exists && (have.Hash == hash || authoritative) {
			p.Remove = append(p.Remove, path)
		}
	}
	slices.Sort(p.Remove)
	slices.Sort(kept)
	pub, err := replace(ctx, current, p, origin, func(ctx context.Context, _ *Publication) error { return setAdopted(ctx, origin, last, now) })
	if err != nil {
		return nil, err
	}
	pub.Kept = append(pub.Kept, kept...)
	return pub, nil
}

// SetAbove names the tenant from which this one copies its upper folders down; empty: none.
func SetAbove(ctx context.Context, tenant string) error {
	return store.Write(ctx, func(ctx context.Context) error { return setAbove(ctx, tenant) })
}

// Pull copies down from the tenant above if its set differs from the one last looked at. It is cheap when nothing changed; call it
// now and then. A set that does not agree with this tenant's own files is reported once, as Invalid, and looked at again
// when either changes.
func Pull(ctx context.Context, inst *store.Installation, to *store.DB) (*Publication, error) {
	toCtx := store.In(ctx, to)
	tenant, seen, err := above(toCtx)
	if err != nil || tenant == "" {
		return nil, err
	}
	from, err := inst.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	up, err := currentHash(store.In(ctx, from))
	if err != nil {
		return nil, err
	}
	own, err := currentHash(toCtx)
	if err != nil {
		return nil, err
	}
	if seen == up+" "+own {
		return nil, nil
	}
	pub, inheritErr := Inherit(ctx, from, to)
	if inheritErr != nil && fault.CodeOf(inheritErr) != fault.Invalid {
		return nil, inheritErr
	}
	if own, err = currentHash(toCtx); err != nil {
		return nil, err
	}
	if err := store.Write(toCtx, func(ctx context.Context) error { return setSeen(ctx, up+" "+own) }); err != nil {
		return nil, err
	}
	return pub, inheritErr
}

// Export gives the files in use, byte for byte as they were published, in the order of the chain.
func Export(ctx context.Context) ([]policy.File, error) {
	s, err := CurrentSet(ctx)
	if err != nil {
		return nil, err
	}
	return s.policyFiles(), nil
}
