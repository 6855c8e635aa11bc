// Package panel is the experts' part of a selection: the pool that departments keep (expert.go), the panel that is drawn from it for a round
// (draw.go), what each expert declares (declare.go) and scores (sheet.go), and what their scores come to (score.go, minutes.go).
//
// What is kept true:
//
//   - Nobody chooses who scores. The lot is drawn under a seed that is made with the draw and kept with it; who may not be in it is left out by rule, with the
//     reason; whoever leaves is followed by the next of the lot.
//   - An expert sees evidence only after declaring, sees only the cases that are theirs to score, and never another's score.
//   - Nobody at the desk sees a score before every one is in; afterwards the scores of a case stand without names.
//   - No score comes of a panel that is not complete.
//
// Casework says when a panel is drawn and when its scores count, as the words of a process say it; this room asks it for the evidence of a case.
package panel

import (
	"context"
	"encoding/json"
	"io"
	"slices"

	"shanglin/internal/account"
	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/files"
	"shanglin/policy"
)

// Room is the room. One serves every tenant.
type Room struct {
	cases Cases
	world World
}

// Cases is what this room asks of casework, whoever asks: who may ask, it has found out itself.
type Cases interface {
	Evidence(ctx context.Context, caseID string) ([]Evidence, error)
	File(ctx context.Context, caseID, file string) (files.File, io.ReadCloser, error)
	Places(ctx context.Context, round string) ([]Place, error)
}

// World is what this room asks of the accounts.
type World struct {
	Tell func(ctx context.Context, login, title, body string) error
	// Barred says why the account of a login cannot score parties; empty: it can.
	Barred func(ctx context.Context, login string, parties []string) (string, error)
}

// Evidence is an item of an application's materials.
type Evidence struct {
	Title string         `json:"title"`
	Files []EvidenceFile `json:"files" nullable:"false"`
}

// EvidenceFile is a file under it.
type EvidenceFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
	Size int64  `json:"size"`
}

// Place is where a person put a case among those of equal rank.
type Place struct {
	Number, Party string
	Place         int
	Reason        string
}

// Round is what a panel is drawn for.
type Round struct{ ID, Number, Title, Department string }

// Candidate is a case that is to be scored.
type Candidate struct {
	Case, Number string
	Department   string
	Party, Name  string
	Code         string // of the party; empty: a person
	Term         string // what its score is stated as

	Payee, PayeeCode string // who is paid for it, if another: the employer of a person
}

// New makes the room.
func New(c Cases, w World) *Room { return &Room{c, w} }

// mayKeep refuses whoever does not keep the pool of a department.
func mayKeep(ctx context.Context, department string) error {
	if !holds(ctx, department, account.RoleOfficer) {
		return fault.New(fault.Forbidden, "只有本部门的经办人员可以管理专家库和专家组")
	}
	return nil
}

// reads says whether the actor reads what a department keeps here.
func reads(ctx context.Context, department string) bool {
	return holds(ctx, department, account.RoleOfficer, account.RoleLeader, account.RoleAuditor)
}

// holds says whether one grant of the roles covers a whole department: who works for one town does not.
func holds(ctx context.Context, department string, roles ...account.Role) bool {
	return slices.ContainsFunc(account.ActorFrom(ctx).Grants, func(g account.Grant) bool {
		return slices.Contains(roles, g.Role) && g.Town == "" && (g.Department == "" || g.Department == department)
	})
}

// departments are those that the actor reads here; all is true when one of its grants names none.
func departments(ctx context.Context) (list []string, all bool) {
	for _, g := range account.ActorFrom(ctx).Grants {
		if g.Town != "" || g.Role != account.RoleOfficer && g.Role != account.RoleLeader && g.Role != account.RoleAuditor {
			continue
		}
		if g.Department == "" {
			return nil, true
		}
		list = append(list, g.Department)
	}
	return list, false
}

func by(ctx context.Context) string {
	if a := account.ActorFrom(ctx); a.Name != "" {
		return a.Name
	} else {
		return a.Login
	}
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v) // texts only: cannot fail
	return string(b)
}

func listOf(text string) []string {
	out := []string{}
	_ = json.Unmarshal([]byte(text), &out) // written by jsonOf
	return out
}

// rulesOf are the rules of a panel as its row keeps them.
func rulesOf(text string) (*policy.Panel, error) {
	out := &policy.Panel{}
	return out, json.Unmarshal([]byte(text), out)
}
