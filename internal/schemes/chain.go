package schemes

import (
	"context"
	"encoding/json"
	"io/fs"
	"slices"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// Level is one folder of scheme files and what readers call it.
type Level struct {
	Folder string `json:"folder"`
	Label  string `json:"label"`
}

// Chain is the folders that a tenant reads, from the top down; the last is its own.
type Chain []Level

// Own is the folder whose files are the tenant's own, or empty.
func (c Chain) Own() string {
	if len(c) == 0 {
		return ""
	}
	return c[len(c)-1].Folder
}

func (c Chain) position(folder string) int {
	return slices.IndexFunc(c, func(l Level) bool { return l.Folder == folder })
}

// Label is what readers call a folder, or the folder's name.
func (c Chain) Label(folder string) string {
	if i := c.position(folder); i >= 0 {
		return c[i].Label
	}
	return folder
}

// ManifestName is what the manifest beside the scheme folders is called.
const ManifestName = "chain.json"

// ReadChain reads the manifest of a tree of scheme files: which folders a place inherits and what they are called.
// Returns NotFound if the manifest does not know the place, Invalid if it is no manifest.
func ReadChain(files fs.FS, place string) (Chain, error) {
	data, err := fs.ReadFile(files, ManifestName)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "政策文件目录缺少 "+ManifestName, err)
	}
	var manifest struct {
		Levels []Level             `json:"levels"`
		Chains map[string][]string `json:"chains"`
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, fault.Wrap(fault.Invalid, ManifestName+" 不是合法的 JSON", err)
	}
	folders, ok := manifest.Chains[place]
	if !ok {
		return nil, fault.New(fault.NotFound, ManifestName+" 中没有登记该地区的政策层级")
	}
	var chain Chain
	for _, folder := range folders {
		i := slices.IndexFunc(manifest.Levels, func(l Level) bool { return l.Folder == folder })
		if i < 0 || chain.position(folder) >= 0 {
			return nil, fault.New(fault.Invalid, ManifestName+" 中的层级未登记名称或重复")
		}
		chain = append(chain, manifest.Levels[i])
	}
	return chain, nil
}

// Manifest is a manifest in which the chain is that of one place, so that exported files can be checked and seeded where they lie.
func (c Chain) Manifest(place string) ([]byte, error) {
	folders := make([]string, len(c))
	for i, l := range c {
		folders[i] = l.Folder
	}
	out, err := json.MarshalIndent(struct {
		Levels []Level             `json:"levels"`
		Chains map[string][]string `json:"chains"`
	}{c, map[string][]string{place: folders}}, "", "  ")
	return append(out, '\n'), err
}

// ReadManifest is the manifest of the tenant's own levels.
func ReadManifest(ctx context.Context) ([]byte, error) {
	chain, err := readChain(ctx)
	if err != nil {
		return nil, err
	}
	return chain.Manifest(store.Bound(ctx).ID())
}
