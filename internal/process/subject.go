package process

// Subject is the thing that an instance is about, with the words that lists show. A round's own Round is empty; a case's is its round.
type Subject struct {
	Flow       string `json:"flow" doc:"case, round"`
	ID         string `json:"id"`
	Number     string `json:"number" doc:"as people call it; may be empty before it has one"`
	Title      string `json:"title"`
	Party      string `json:"party,omitempty"`
	PartyName  string `json:"party_name,omitempty"`
	Town       string `json:"town,omitempty"`
	Department string `json:"department,omitempty" doc:"whose office the scheme names"`
	Scheme     string `json:"scheme,omitempty"`
	Round      string `json:"round,omitempty"`
}

// Instance is a subject on its way along a flow.
type Instance struct {
	ID         string  `json:"id"`
	Subject    Subject `json:"subject"`
	Definition string  `json:"definition" doc:"hash of the process file that it began with"`
	Stage      string  `json:"stage"`
	Since      string  `json:"since" doc:"when it came to this stage"`
	Version    int64   `json:"version" doc:"rises with every action"`
	Visit      int64   `json:"visit" doc:"how many stages it has come to"`
	Outcome    string  `json:"outcome,omitempty" enum:"granted,refused,withdrawn,done" doc:"how it ended; empty while it runs"`
	StartedAt  string  `json:"started_at"`
	Repeated   bool    `json:"-"` // Act was asked again for what it had done already
}
