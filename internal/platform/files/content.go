package files

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"

	"shanglin/internal/platform/fault"
	"shanglin/internal/platform/store"
)

// spooled is content that has been read to its end, in a temporary file without a name: nothing is left of it, however the program ends.
type spooled struct {
	*os.File
	size int64
	sum  string
}

func (s *spooled) close() { s.File.Close() }

// spool reads at most limit bytes.
func spool(r io.Reader, limit int64) (*spooled, error) {
	f, err := os.CreateTemp("", "shanglin-file-")
	if err != nil {
		return nil, err
	}
	s := &spooled{File: f}
	if err := os.Remove(f.Name()); err != nil {
		s.close()
		return nil, err
	}
	sum := sha256.New()
	from := &source{r: io.LimitReader(r, limit+1)}
	s.size, err = io.Copy(io.MultiWriter(f, sum), from)
	switch {
	case from.err != nil:
		err = fault.Wrap(fault.Invalid, "文件没有传完，请重新上传", from.err)
	case err != nil:
	case s.size > limit:
		message := "文件超过" + megabytes(limit)
		err = fault.New(fault.TooLarge, message, fault.Detail{Field: "file", Message: message})
	case s.size == 0:
		err = refused("文件是空的")
	}
	if err != nil {
		s.close()
		return nil, err
	}
	s.sum = hex.EncodeToString(sum.Sum(nil))
	return s, nil
}

// source tells an error of whoever sends from one of our disk.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func megabytes(n int64) string {
	if n%(1<<20) != 0 {
		return fmt.Sprintf("%dKB", n>>10)
	}
	return fmt.Sprintf("%dMB", n>>20)
}

// Damaged says that the content which is stored is not what was sent.
type Damaged struct{ ID, What string }

func (d *Damaged) Error() string { return "files: the content of " + d.ID + " is damaged: " + d.What }

// content reads a file chunk by chunk.
type content struct {
	ctx  context.Context
	row  fileRow
	next int64 // the chunk to read
	rest []byte
	read int64
	sum  hash.Hash
	err  error
}

func newContent(ctx context.Context, row fileRow) *content {
	return &content{ctx: ctx, row: row, next: 1, sum: sha256.New()}
}

func (c *content) Read(b []byte) (int, error) {
	for len(c.rest) == 0 && c.err == nil {
		c.err = c.load()
	}
	if len(c.rest) == 0 {
		return 0, c.err
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// load reads the next chunk. The last one is given out only when the whole was what it should be.
func (c *content) load() error {
	if c.next > c.row.Chunks {
		if c.read != c.row.Size {
			return &Damaged{c.row.ID, "no content"}
		}
		return io.EOF
	}
	var text string
	err := store.Read(c.ctx, func(ctx context.Context) (err error) {
		text, err = chunk(ctx, c.row.ID, c.next)
		return err
	})
	if err != nil {
		return err
	}
	part, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(part) == 0 {
		return &Damaged{c.row.ID, fmt.Sprintf("chunk %d", c.next)}
	}
	c.sum.Write(part)
	c.read += int64(len(part))
	if c.next == c.row.Chunks && (c.read != c.row.Size || hex.EncodeToString(c.sum.Sum(nil)) != c.row.SHA256) {
		return &Damaged{c.row.ID, "SHA-256"}
	}
	c.next++
	c.rest = part
	return nil
}

func (c *content) Close() error {
	c.rest, c.err = nil, os.ErrClosed
	return nil
}
