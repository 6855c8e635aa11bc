package files

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image/jpeg"
	"io"
	"slices"
)

// Type is a kind of file that is accepted.
type Type string

// Types that are accepted.
const (
	PDF  Type = "PDF"
	JPEG Type = "JPEG"
	PNG  Type = "PNG"
	DOCX Type = "DOCX"
	XLSX Type = "XLSX"
	OFD  Type = "OFD"
)

// Types is every type there is.
var Types = []Type{PDF, JPEG, PNG, DOCX, XLSX, OFD}

// known is how a type is called on the wire and at the end of a name; the first ending is the one that is appended.
var known = map[Type]struct {
	media   string
	endings []string
}{
	PDF:  {"application/pdf", []string{".pdf"}},
	JPEG: {"image/jpeg", []string{".jpg", ".jpeg"}},
	PNG:  {"image/png", []string{".png"}},
	DOCX: {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}},
	XLSX: {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx"}},
	OFD:  {"application/ofd", []string{".ofd"}},
}

// MediaType is the type as HTTP names it.
func (t Type) MediaType() string { return known[t].media }

// most pixels of a picture: more than any telephone takes, less than fills the memory of whoever looks at it.
const mostPixels = 250_000_000

// sniff finds what content is, and refuses what is none of Types, or damaged, or more than it seems.
//
// Beyond the first bytes: a PDF must have its end; a JPEG's segments are walked to its end, and what a camera appends after it is left
// alone; every chunk of a PNG is checked, and nothing may follow; a package is unzipped whole (see checkZip). The scripts that a PDF may
// hold are not looked for: they hide in compressed streams.
func sniff(r io.ReaderAt, size int64) (Type, error) {
	head := make([]byte, 512)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	head = head[:n]
	has := func(at int, text string) bool { return len(head) >= at && bytes.HasPrefix(head[at:], []byte(text)) }
	all := io.NewSectionReader(r, 0, size)
	switch {
	case has(0, "%PDF-"):
		return PDF, checkPDF(r, size, head)
	case has(0, "\xFF\xD8\xFF"):
		return JPEG, checkJPEG(all)
	case has(0, "\x89PNG\r\n\x1a\n"):
		return PNG, checkPNG(all)
	case has(0, "PK\x03\x04"):
		return checkZip(r, size)
	case has(0, "\xD0\xCF\x11\xE0"):
		return "", refused("这是旧版的 Office 文件（.doc、.xls）或加了密码的文件；请去掉密码，另存为 .docx、.xlsx 或 PDF 再上传")
	case has(4, "ftypheic"), has(4, "ftypheix"), has(4, "ftypmif1"):
		return "", refused("这是 HEIC 格式的照片；请在手机上另存为 JPG，或截图后再上传")
	case has(0, "Rar!"), has(0, "7z\xBC\xAF\x27\x1C"), has(0, "\x1F\x8B"):
		return "", refused("不接受压缩包；请解压后逐个上传")
	}
	return "", refused("认不出这个文件；请上传" + list(Types) + "文件")
}

func damaged(t Type) error {
	return refused(fmt.Sprintf("这个%s文件已损坏或不完整；请重新保存后再上传", t))
}

// pdfTail is where the end of a PDF is looked for.
const pdfTail = 2048

func checkPDF(r io.ReaderAt, size int64, head []byte) error {
	if len(head) < 8 || head[5] < '1' || head[5] > '2' || head[6] != '.' || head[7] < '0' || head[7] > '9' {
		return damaged(PDF)
	}
	tail := make([]byte, min(size, pdfTail))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	start, end := bytes.LastIndex(tail, []byte("startxref")), bytes.LastIndex(tail, []byte("%%EOF"))
	if start < 0 || end < start {
		return damaged(PDF)
	}
	return nil
}

func checkJPEG(r io.ReadSeeker) error {
	config, err := jpeg.DecodeConfig(r)
	if err != nil || config.Width == 0 || config.Height == 0 {
		return damaged(JPEG)
	}
	if config.Width*config.Height > mostPixels {
		return tooManyPixels()
	}
	if _, err := r.Seek(2, io.SeekStart); err != nil {
		return err
	}
	b := bufio.NewReaderSize(r, 64<<10)
	scan := false
	for {
		if _, err := b.ReadSlice(0xFF); err == bufio.ErrBufferFull {
			continue
		} else if err != nil {
			return damaged(JPEG)
		}
		marker := byte(0xFF)
		for marker == 0xFF { // as many as one likes may stand before it
			if marker, err = b.ReadByte(); err != nil {
				return damaged(JPEG)
			}
		}
		switch {
		case marker == 0xD9:
			if !scan {
				return damaged(JPEG)
			}
			return nil
		case marker == 0 || marker == 1 || marker >= 0xD0 && marker <= 0xD8: // no segment
			continue
		}
		var length [2]byte
		if _, err := io.ReadFull(b, length[:]); err != nil {
			return damaged(JPEG)
		}
		n := int(binary.BigEndian.Uint16(length[:])) - 2
		if n < 0 {
			return damaged(JPEG)
		}
		if _, err := b.Discard(n); err != nil {
			return damaged(JPEG)
		}
		scan = scan || marker == 0xDA
	}
}

func tooManyPixels() error { return refused("图片的尺寸过大；请缩小后再上传") }

func checkPNG(r io.ReadSeeker) error {
	b := bufio.NewReaderSize(r, 64<<10)
	if _, err := b.Discard(8); err != nil {
		return damaged(PNG)
	}
	var seen []string
	for {
		var head [8]byte
		if _, err := io.ReadFull(b, head[:]); err != nil {
			return damaged(PNG)
		}
		n, name := binary.BigEndian.Uint32(head[:4]), string(head[4:])
		sum := crc32.NewIEEE()
		sum.Write(head[4:])
		data := io.TeeReader(io.LimitReader(b, int64(n)), sum)
		if len(seen) == 0 {
			var size [8]byte
			if _, err := io.ReadFull(data, size[:]); name != "IHDR" || n != 13 || err != nil {
				return damaged(PNG)
			}
			width, height := uint64(binary.BigEndian.Uint32(size[:4])), uint64(binary.BigEndian.Uint32(size[4:]))
			if width == 0 || height == 0 || width > 1<<31 || height > 1<<31 {
				return damaged(PNG)
			}
			if width*height > mostPixels {
				return tooManyPixels()
			}
		}
		if _, err := io.Copy(io.Discard, data); err != nil {
			return err
		}
		var want [4]byte
		if _, err := io.ReadFull(b, want[:]); err != nil || sum.Sum32() != binary.BigEndian.Uint32(want[:]) {
			return damaged(PNG)
		}
		if name == "IEND" {
			if _, err := b.ReadByte(); err != io.EOF || !slices.Contains(seen, "IDAT") {
				return damaged(PNG)
			}
			return nil
		}
		if len(seen) == 0 || name == "IDAT" && !slices.Contains(seen, name) {
			seen = append(seen, name)
		}
	}
}
