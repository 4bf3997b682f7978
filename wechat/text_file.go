package wechat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// MaxTextFile is how large a file ReadText reads, in bytes.
const MaxTextFile = 64 << 20

// TextError says what a file is, where it is no text that can be read.
type TextError struct {
	// Format is "HTML", "Excel", "PDF", "gzip", "image", "SQLite", "binary", or an
	// encoding: "Big5", "Shift_JIS", "UTF-32", and, where they are damaged,
	// "UTF-8" and "UTF-16". It is empty where nobody can tell.
	Format string
}

func (e *TextError) Error() string {
	if e.Format == "" {
		return "wechat: the file is in no known encoding: UTF-8, GB18030 (GBK) and UTF-16 can be read"
	}
	return "wechat: the file is not whole text in UTF-8, GB18030 (GBK) or UTF-16, but " + e.Format
}

// ErrTextTooLarge is the error for a file of more than MaxTextFile bytes.
var ErrTextTooLarge = errors.New("wechat: the file has more than 64 MiB")

// ReadText reads a text file as programs of China write it: in UTF-8, in GB18030
// and its part GBK, or in UTF-16, with or without a byte order mark. Anything
// else is a *TextError that names it: a page of HTML, a workbook, another encoding.
func ReadText(r io.Reader) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxTextFile+1))
	if err != nil {
		return "", fmt.Errorf("wechat: read text: %w", err)
	}
	if len(raw) > MaxTextFile {
		return "", ErrTextTooLarge
	}
	return DecodeText(raw)
}

// DecodeText is ReadText for bytes in memory.
func DecodeText(raw []byte) (string, error) {
	text, err := decodeText(raw)
	if err != nil {
		return "", err
	}
	if isHTML(text) {
		return "", &TextError{Format: "HTML"}
	}
	return text, nil
}

func decodeText(raw []byte) (string, error) {
	for _, m := range magicNumbers {
		if bytes.HasPrefix(raw, []byte(m.begins)) {
			return "", &TextError{Format: m.format}
		}
	}
	switch {
	case bytes.HasPrefix(raw, []byte{0xef, 0xbb, 0xbf}):
		raw = raw[3:]
		if !utf8.Valid(raw) {
			return "", &TextError{Format: "UTF-8"}
		}
		return string(raw), nil
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		return decodeUTF16(raw[2:], binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		return decodeUTF16(raw[2:], binary.BigEndian)
	case bytes.IndexByte(raw, 0) >= 0:
		return decodeUnmarkedUTF16(raw)
	case utf8.Valid(raw):
		return string(raw), nil
	}
	return decodeLegacy(raw)
}

// magicNumbers are how files begin that people take for a table of text.
var magicNumbers = []struct{ begins, format string }{
	{"PK\x03\x04", "Excel"},
	{"\xd0\xcf\x11\xe0", "Excel"},
	{"%PDF-", "PDF"},
	{"\x1f\x8b", "gzip"},
	{"\x89PNG", "image"},
	{"\xff\xd8\xff", "image"},
	{"SQLite format 3", "SQLite"},
	{"\x00\x00\xfe\xff", "UTF-32"},
	{"\xff\xfe\x00\x00", "UTF-32"},
}

func decodeUTF16(raw []byte, order binary.ByteOrder) (string, error) {
	if len(raw)%2 != 0 {
		return "", &TextError{Format: "UTF-16"}
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	text := string(utf16.Decode(units))
	if strings.ContainsRune(text, utf8.RuneError) {
		return "", &TextError{Format: "UTF-16"}
	}
	return text, nil
}

// decodeUnmarkedUTF16 reads bytes with zeros among them, which text has in UTF-16
// alone: in the order that makes likelier text of them.
func decodeUnmarkedUTF16(raw []byte) (string, error) {
	best, most := "", 0.9
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		text, err := decodeUTF16(raw, order)
		if err != nil || strings.ContainsRune(text, 0) {
			continue
		}
		if share := likely(text); share > most {
			best, most = text, share
		}
	}
	if best == "" {
		return "", &TextError{Format: "binary"}
	}
	return best, nil
}

// likely returns the share of characters that a Chinese text of business holds.
func likely(text string) float64 {
	usual, all := 0, 0
	for _, r := range text {
		all++
		if r < 0x7f && (r >= ' ' || r == '\n' || r == '\r' || r == '\t') || r >= '一' && r <= '鿿' ||
			r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r >= 0x2010 && r <= 0x2030 {
			usual++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(usual) / float64(all)
}

// decodeLegacy reads bytes that are no UTF-8. Nearly any bytes can be read as
// GB18030, so it has to be the common part of it: texts of business consist of
// the characters of GB 2312, where both bytes are 0xA1 and above.
func decodeLegacy(raw []byte) (string, error) {
	if damagedUTF8(raw) {
		return "", &TextError{Format: "UTF-8"}
	}
	if text, ok := decodeAs(simplifiedchinese.GB18030, raw); ok && commonGB(raw) {
		return text, nil
	}
	if _, ok := decodeAs(traditionalchinese.Big5, raw); ok && mostPairs(raw, 0xa4, 0xc6) {
		return "", &TextError{Format: "Big5"}
	}
	if text, ok := decodeAs(japanese.ShiftJIS, raw); ok && strings.ContainsFunc(text, isKana) {
		return "", &TextError{Format: "Shift_JIS"}
	}
	return "", &TextError{}
}

func decodeAs(e encoding.Encoding, raw []byte) (string, bool) {
	text, err := e.NewDecoder().Bytes(raw)
	return string(text), err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

func isKana(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }

// mostPairs says whether most characters of two bytes begin with one of a range:
// the common characters of Big5 begin with 0xA4 to 0xC6.
func mostPairs(raw []byte, from, to byte) bool {
	within, all := 0, 0
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] < 0x81 {
			continue
		}
		if all++; raw[i] >= from && raw[i] <= to {
			within++
		}
		i++
	}
	return all > 0 && within*5 >= all*4
}

// commonGB says whether most of the characters of two bytes are common Chinese
// ones (GB 2312, level 1: 0xB0–0xD7) or its signs.
func commonGB(raw []byte) bool {
	common, all := 0, 0
	for i := 0; i+1 < len(raw); i++ {
		lead, trail := raw[i], raw[i+1]
		if lead < 0x81 {
			continue
		}
		i++
		all++
		if trail >= 0xa1 && (lead >= 0xb0 && lead <= 0xd7 || lead >= 0xa1 && lead <= 0xa3) {
			common++
		}
	}
	return all > 0 && common*5 >= all*4
}

// damagedUTF8 says whether nearly all characters above ASCII are whole ones of
// UTF-8: a file that was cut or joined in the middle of one.
func damagedUTF8(raw []byte) bool {
	whole, broken := 0, 0
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		switch {
		case r == utf8.RuneError && n == 1:
			broken++
		case n > 2:
			whole++
		}
		raw = raw[n:]
	}
	return whole > 20*broken
}

// isHTML says whether a text is a page: what a proxy or a sign-in answers in
// place of a file. A title with a tag in it is none.
func isHTML(text string) bool {
	head := strings.ToLower(strings.TrimLeft(text[:min(len(text), 1024)], " \t\r\n\ufeff"))
	for strings.HasPrefix(head, "<!--") {
		_, rest, _ := strings.Cut(head, "-->")
		head = strings.TrimLeft(rest, " \t\r\n")
	}
	for _, begins := range []string{
		"<!doctype", "<html", "<head>", "<head ", "<body", "<?xml", "<meta",
		"<title>", "<center>", "<script",
	} {
		if strings.HasPrefix(head, begins) {
			return true
		}
	}
	return false
}
