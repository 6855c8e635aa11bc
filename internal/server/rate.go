package server

import (
	"net/http"
	"sync"
	"time"

	"shanglin/internal/platform/fault"
)

// allowance is how many calls of an operation one address may make: so many at once, and then so many a second. A whole office may share one
// address.
type allowance struct {
	burst     float64
	perSecond float64
	public    bool // callable without a session
	visitors  bool // and limited only then: a page of the portal that the desk reads too
}

// open is what everybody may read.
var open = allowance{burst: 300, perSecond: 30, public: true, visitors: true}

// allowances are the operations that anybody may call, each with its limit, and those signed in that are worth guessing at. An operation that is
// not here asks for a session.
var allowances = map[string]allowance{
	"about":          open,
	"read-session":   open,
	"read-sign-up":   open,
	"get-vocabulary": open,
	"find-schemes":   open,
	"get-scheme":     open,
	"list-rounds":    open,
	"get-round":      open,
	"round-guide":    open,
	"list-notices":   open,
	"get-notice":     open,
	"export-schemes": {burst: 20, perSecond: 0.5, public: true, visitors: true},
	"export-notice":  {burst: 20, perSecond: 0.5, public: true, visitors: true},
	// A number is looked up one at a time: enough for a desk that checks a pile of them, too little to read the register through.
	"verify-paper":       {burst: 60, perSecond: 1, public: true, visitors: true},
	"verify-certificate": {burst: 60, perSecond: 1, public: true, visitors: true},
	"sign-in":            {burst: 30, perSecond: 0.5, public: true},
	"sign-out":           {burst: 60, perSecond: 1, public: true, visitors: true},
	"sign-up":            {burst: 20, perSecond: 0.1, public: true},
	"calculate":          {burst: 60, perSecond: 4, public: true},
	"make-objection":     {burst: 20, perSecond: 0.02, public: true},
	"track-objection":    {burst: 30, perSecond: 0.1, public: true},
	"change-password":    {burst: 10, perSecond: 0.2},
	"read-firm-name":     {burst: 30, perSecond: 0.1},
	"make-claim":         {burst: 10, perSecond: 0.02},
	"join-firm":          {burst: 10, perSecond: 0.05},
}

var errTooMany = fault.New(fault.TooMany, ofStatus[http.StatusTooManyRequests].message)

// limiter counts calls in buckets that refill with time. Buckets that are full again are forgotten.
type limiter struct {
	mu      sync.Mutex
	buckets map[bucketKey]*bucket
	swept   time.Time
}

type bucketKey struct{ operation, address string }

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter() *limiter { return &limiter{buckets: map[bucketKey]*bucket{}} }

// take says whether the address may call the operation at this moment.
func (l *limiter) take(operation, address string, now time.Time) bool {
	a, limited := allowances[operation]
	if !limited {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	k := bucketKey{operation, address}
	b := l.buckets[k]
	if b == nil {
		b = &bucket{left: a.burst, at: now}
		l.buckets[k] = b
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.left = min(a.burst, b.left+passed*a.perSecond)
		b.at = now
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for k, b := range l.buckets {
		if a := allowances[k.operation]; b.left+now.Sub(b.at).Seconds()*a.perSecond >= a.burst {
			delete(l.buckets, k)
		}
	}
}
