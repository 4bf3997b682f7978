package values

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// ErrRefused is what `muban check-values` ends with where every line was read and a value is refused.
var ErrRefused = errors.New("a value is refused")

// LineError is the first line that could not be read. The lines after it were checked all the same.
type LineError struct {
	Line int // from 1
	key  string
	lang string
}

func (e *LineError) Error() string { return fmt.Sprintf(lineTexts[e.lang][e.key], e.Line) }

var lineTexts = map[string]map[string]string{
	"zh": {
		"lang":   "-lang %q：请用 zh 或 en。",
		"json":   `第 %d 行不是 {"key":"thing4","value":"…"} 这样的 JSON 对象。`,
		"key":    `第 %d 行没有 "key"。`,
		"value":  `第 %d 行没有 "value"，或者它不是字符串。`,
		"values": `第 %d 行的 "values" 不是字符串的列表。`,
		"utf8":   "第 %d 行不是 UTF-8 文字；请把文件存成 UTF-8。",
		"long":   "第 %d 行超过 1 MiB。",
	},
	"en": {
		"lang":   "-lang %q: use zh or en.",
		"json":   `Line %d is no JSON object such as {"key":"thing4","value":"…"}.`,
		"key":    `Line %d has no "key".`,
		"value":  `Line %d has no "value", or it is no string.`,
		"values": `The "values" of line %d are no list of strings.`,
		"utf8":   "Line %d is not UTF-8 text. Save the file as UTF-8.",
		"long":   "Line %d has more than 1 MiB.",
	},
}

// maxLine is how long a line may be, in bytes.
const maxLine = 1 << 20

// CheckFile is `muban check-values`: it reads JSON lines {"key":"thing4","value":"…"}, for an enum also
// "values":[…], from a file, or from stdin where the name is "" or "-", and writes
// {"key","value","ok":true|false,"why":"…"} for each to out, with a "note" where WeChat's rule is not settled. The
// texts are in lang, "zh" or "en". *LineError for a line that cannot be read, ErrRefused where a value is refused.
func CheckFile(lang, file string, stdin io.Reader, out io.Writer) error {
	if lineTexts[lang] == nil {
		return fmt.Errorf(lineTexts["en"]["lang"], lang)
	}
	if file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		stdin = f
	}
	w := bufio.NewWriter(out)
	err := checkLines(lang, stdin, w)
	if flushed := w.Flush(); flushed != nil {
		return flushed
	}
	return err
}

func checkLines(lang string, in io.Reader, out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var unread error
	refused, n := false, 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(lines.Bytes())
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(line) == 0 {
			continue
		}
		asked, key := readLine(line)
		if key != "" {
			if unread == nil {
				unread = &LineError{n, key, lang}
			}
			continue
		}
		answer := asked.answer(lang)
		refused = refused || !answer.OK
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return &LineError{n + 1, "long", lang}
	case err != nil:
		return err
	case unread != nil:
		return unread
	case refused:
		return ErrRefused
	}
	return nil
}

// question is a line that was read.
type question struct {
	key, value string
	listed     []string
	number     bool // the value is a number in JSON
}

// readLine reads a line, or answers the key of the text that says why it cannot be.
func readLine(line []byte) (q question, unread string) {
	if !utf8.Valid(line) {
		return q, "utf8"
	}
	var raw struct {
		Key    *string         `json:"key"`
		Value  json.RawMessage `json:"value"`
		Values json.RawMessage `json:"values"`
	}
	var number json.Number
	switch err := json.Unmarshal(line, &raw); {
	case err != nil || line[0] != '{':
		return q, "json"
	case raw.Key == nil || *raw.Key == "":
		return q, "key"
	case len(raw.Value) == 0 || string(raw.Value) == "null":
		return q, "value"
	case len(raw.Values) > 0 && json.Unmarshal(raw.Values, &q.listed) != nil:
		return q, "values"
	case raw.Value[0] != '"':
		if json.Unmarshal(raw.Value, &number) != nil {
			return q, "value"
		}
		q.value, q.number = number.String(), true
	default:
		if err := json.Unmarshal(raw.Value, &q.value); err != nil {
			return q, "value"
		}
	}
	q.key = *raw.Key
	return q, ""
}

// answer is a line of output.
type answer struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	OK    bool   `json:"ok"`
	Why   string `json:"why"`
	Note  string `json:"note,omitempty"`
}

func (q question) answer(lang string) answer {
	v := Check(TypeOf(q.key), q.value, q.listed)
	switch {
	case q.number && v.Type == "amount": // 656887888.00 as a number was refused
		v = Verdict{Why: Number, Type: v.Type}
	case q.number && v.OK() && v.Note == "":
		v.Note = JSONNumber
	}
	a := answer{Key: q.key, Value: q.value, OK: v.OK()}
	if a.OK {
		a.Note = v.Message(lang)
	} else {
		a.Why = v.Message(lang)
	}
	return a
}
