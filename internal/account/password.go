package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"shanglin/internal/platform/fault"
)

// cost is what one guess costs an attacker: memory in KiB, passes, lanes.
type cost struct {
	memory, passes uint32
	lanes          uint8
}

// The parameters that OWASP gives for argon2id on a server that signs many people in: 19 MiB and two passes, some 30 ms.
// Raise them here; older hashes are renewed at the next sign-in.
var currentCost = cost{memory: 19 * 1024, passes: 2, lanes: 1}

const (
	saltBytes, keyBytes = 16, 32
	minPasswordRunes    = 10
	maxPasswordBytes    = 256
)

// hashing bounds how many hashes run at once, so that a burst of sign-ins cannot take all memory (4 × 19 MiB).
var hashing = make(chan struct{}, 4)

// hashPassword makes the encoded argon2id hash of a password: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	c := currentCost
	key, err := c.derive(ctx, password, salt)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

func (c cost) derive(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.passes, c.memory, c.lanes, keyBytes), nil
}

// unknownLogin is what a password is compared with when there is no such account, so that both take the same time.
// Its key is not the hash of any password.
func unknownLogin() string {
	c, b64 := currentCost, base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes,
		b64.EncodeToString(make([]byte, saltBytes)), b64.EncodeToString(make([]byte, keyBytes)))
}

// verifyPassword compares in constant time; stale says that the hash was made with other parameters than today's.
func verifyPassword(ctx context.Context, encoded, password string) (ok, stale bool, err error) {
	parts := strings.Split(encoded, "$")
	var version int
	var c cost
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false, fmt.Errorf("account: stored password hash is malformed")
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, false, fmt.Errorf("account: stored password hash has an unknown version")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil || c.lanes == 0 || c.passes == 0 {
		return false, false, fmt.Errorf("account: stored password hash has malformed parameters")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, false, fmt.Errorf("account: stored password hash has a malformed salt")
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) != keyBytes {
		return false, false, fmt.Errorf("account: stored password hash has a malformed key")
	}
	got, err := c.derive(ctx, password, salt)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, c != currentCost, nil
}

// checkPassword says whether a password may be used: long enough, not one key over and over, not the login.
func checkPassword(login, password string) error {
	refuse := func(why string) error {
		return fault.New(fault.Invalid, "密码不符合要求。", fault.Detail{Field: "password", Message: why})
	}
	runes := []rune(password)
	switch {
	case !utf8.ValidString(password) || len(password) > maxPasswordBytes || slices.ContainsFunc(runes, unicode.IsControl):
		return refuse("密码过长或含有不能使用的字符。")
	case len(runes) < minPasswordRunes:
		return refuse(fmt.Sprintf("密码至少需要%d个字符。", minPasswordRunes))
	case strings.Contains(strings.ToLower(password), strings.ToLower(login)):
		return refuse("密码不能包含登录名。")
	}
	distinct := map[rune]bool{}
	for _, r := range runes {
		distinct[r] = true
	}
	if len(distinct) < 5 {
		return refuse("密码过于简单，请使用更多不同的字符。")
	}
	return nil
}

// NewPassword makes a password that can be read aloud: four groups of four from letters and digits that do not look alike (some 79 bits).
func NewPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789"
	var b strings.Builder
	for i := range 16 {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			panic(err) // crypto/rand does not fail
		}
		b.WriteByte(letters[n.Int64()])
	}
	return b.String()
}
