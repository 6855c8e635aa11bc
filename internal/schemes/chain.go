package schemes

import (
	"encoding/json"
	"io/fs"
	"slices"

	"shanglin/internal/platform/fault"
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

// chainFile is the manifest beside the scheme folders.
const chainFile = "chain.json"

// ReadChain reads the manifest of a tree of scheme files: which folders a place inherits and what they are called.
// Returns NotFound if the manifest does not know the place, Invalid if it is no manifest.
func ReadChain(files fs.FS, place string) (Chain, error) {
	data, err := fs.ReadFile(files, chainFile)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "政策文件目录缺少 "+chainFile, err)
	}
	var manifest struct {
		Levels []Level             `json:"levels"`
		Chains map[string][]string `json:"chains"`
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, fault.Wrap(fault.Invalid, chainFile+" 不是合法的 JSON", err)
	}
	folders, ok := manifest.Chains[place]
	if !ok {
		return nil, fault.New(fault.NotFound, chainFile+" 中没有登记该地区的政策层级")
	}
	var chain Chain
	for _, folder := range folders {
		i := slices.IndexFunc(manifest.Levels, func(l Level) bool { return l.Folder == folder })
		if i < 0 || chain.position(folder) >= 0 {
			return nil, fault.New(fault.Invalid, chainFile+" 中的层级未登记名称或重复")
		}
		chain = append(chain, manifest.Levels[i])
	}
	return chain, nil
}
