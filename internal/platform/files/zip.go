package files

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"io"
	"path"
	"strings"
)

// What a package of parts (DOCX, XLSX, OFD) may be. Every bound is far above what honest documents have.
const (
	mostParts     = 2000
	mostDirectory = 1 << 20   // bytes of the list of parts, which is read into memory
	mostUnzipped  = 256 << 20 // bytes of all parts together
	mostXML       = 1 << 20   // bytes of a part that is read here
)

// checkZip finds which package it is, or refuses it. What its parts claim to be together is bounded,
// and every part is unzipped once, into nothing, and must be what it claims: it is no bomb and not damaged.
func checkZip(r io.ReaderAt, size int64) (Type, error) {
	broken := refused("这个文件已损坏或不完整；请重新保存后再上传")
	if err := checkDirectory(r, size); err != nil {
		return "", err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return "", broken
	}
	if len(z.File) > mostParts {
		return "", refused("文件内部的部件过多")
	}
	parts := map[string]*zip.File{}
	var claimed uint64
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return "", refused("文件加了密码；请去掉密码再上传")
		}
		// Some programs write the separators of Windows, or a slash in front.
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		if name == "" || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\x00:") || path.Clean(name) != strings.TrimSuffix(name, "/") || strings.HasPrefix(path.Clean(name), "..") {
			return "", broken
		}
		key := partKey(name)
		if parts[key] != nil {
			return "", broken
		}
		if f.Method != zip.Store && f.Method != zip.Deflate {
			return "", refused("文件使用了不支持的压缩方式；请重新保存后再上传")
		}
		if active(key) {
			return "", withMacros()
		}
		parts[key] = f
		if claimed += f.UncompressedSize64; f.UncompressedSize64 > mostUnzipped || claimed > mostUnzipped {
			return "", refused("文件解压后过大；请精简内容或拆成几个文件再上传")
		}
	}
	for _, f := range z.File {
		body, err := f.Open()
		if err != nil {
			return "", broken
		}
		_, err = io.Copy(io.Discard, body) // ends in an error as soon as there is more than the part claims
		body.Close()
		if err != nil {
			return "", broken
		}
	}
	switch {
	case parts["[content_types].xml"] != nil:
		return officeType(parts)
	case parts["ofd.xml"] != nil:
		return OFD, checkOFD(parts)
	}
	return "", refused("这是压缩包，或不支持的文件；请解压后逐个上传" + list(Types) + "文件")
}

// checkDirectory looks at the end of the package, where the list of its parts is described, before the list is read into memory: it must
// be small, and stand between the parts and the very end, so that nothing is appended and no second list hides.
func checkDirectory(r io.ReaderAt, size int64) error {
	broken := refused("这个文件已损坏或不完整；请重新保存后再上传")
	tail := make([]byte, min(size, 22+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < 22 {
		return broken
	}
	end := tail[at:]
	comment := int(binary.LittleEndian.Uint16(end[20:]))
	length, offset := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	if 22+comment != len(end) || offset+length != size-int64(len(end)) {
		return broken
	}
	if length > mostDirectory {
		return refused("文件内部的部件过多")
	}
	return nil
}

// active finds parts that run when a document is opened.
func active(name string) bool {
	switch path.Base(name) {
	case "vbaproject.bin", "vbadata.xml", "vbaprojectsignature.bin":
		return true
	}
	return strings.Contains("/"+name, "/macrosheets/") || strings.Contains("/"+name, "/activex/")
}

func withMacros() error {
	return refused("文件含有宏或控件；请另存为不带宏的 .docx、.xlsx 或 PDF 再上传")
}

// mainParts is the content type of the part that a document begins with. Templates and documents with macros have others.
var mainParts = map[string]Type{
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml":       XLSX,
}

// officeType reads [Content_Types].xml.
func officeType(parts map[string]*zip.File) (Type, error) {
	broken := refused("这个 Office 文件已损坏或不完整；请重新保存后再上传")
	var types struct {
		XMLName  xml.Name `xml:"http://schemas.openxmlformats.org/package/2006/content-types Types"`
		Defaults []struct {
			ContentType string `xml:"ContentType,attr"`
		} `xml:"Default"`
		Overrides []struct {
			PartName    string `xml:"PartName,attr"`
			ContentType string `xml:"ContentType,attr"`
		} `xml:"Override"`
	}
	if err := readXML(parts["[content_types].xml"], &types); err != nil {
		return "", broken
	}
	var found []Type
	runs := func(contentType string) bool {
		low := strings.ToLower(contentType)
		return strings.Contains(low, "macroenabled") || strings.Contains(low, "vbaproject")
	}
	for _, d := range types.Defaults {
		if runs(d.ContentType) {
			return "", withMacros()
		}
	}
	for _, o := range types.Overrides {
		if runs(o.ContentType) {
			return "", withMacros()
		}
		if t := mainParts[o.ContentType]; t != "" {
			if parts[partKey(o.PartName)] == nil {
				return "", broken
			}
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return "", refused("只接受 Word 文档 (.docx) 和 Excel 工作簿 (.xlsx)；其他 Office 文件请另存为 PDF 再上传")
	}
	return found[0], nil
}

// checkOFD reads the root of an OFD document (GB/T 33190): it must name a document that is there.
func checkOFD(parts map[string]*zip.File) error {
	var root struct {
		XMLName xml.Name `xml:"http://www.ofdspec.org/2016 OFD"`
		Roots   []string `xml:"DocBody>DocRoot"`
	}
	if err := readXML(parts["ofd.xml"], &root); err != nil || len(root.Roots) == 0 {
		return damaged(OFD)
	}
	for _, name := range root.Roots {
		if parts[partKey(strings.TrimSpace(name))] == nil {
			return damaged(OFD)
		}
	}
	return nil
}

// partKey is how a part is looked up: names differ in case and may begin at the root.
func partKey(name string) string { return strings.ToLower(strings.TrimPrefix(name, "/")) }

// readXML reads a part, which has no end when it is too large. Go's decoder follows no entity and loads nothing from elsewhere.
func readXML(f *zip.File, to any) error {
	body, err := f.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	return xml.NewDecoder(io.LimitReader(body, mostXML)).Decode(to)
}
