package wechat

import "strings"

// maxFields bounds the work on a hostile content; a combination has up to MaxKeywords.
const maxFields = 2 * MaxKeywords

// Fields reads the lines of a template off its content and example:
//
//	购买地点{{keyword1.DATA}}\n   购买地点：TIT造舰厂\n
//
// gives {keyword1 购买地点 TIT造舰厂}. A field whose line the example lacks has no example.
func (t Template) Fields() []Field {
	fields := placeholders(t.Content)
	rest := t.Example
	for i := range fields {
		_, after, found := cutLine(rest, fields[i].Name)
		if !found {
			continue
		}
		fields[i].Example, rest = until(after, fields[i+1:])
	}
	return fields
}

// placeholders finds every "name{{key.DATA}}". The name is what stands before it on its line.
func placeholders(content string) []Field {
	var fields []Field
	for len(fields) < maxFields {
		before, rest, closed := strings.Cut(content, "}}")
		if !closed {
			break
		}
		content = rest
		open := strings.LastIndex(before, "{{")
		if open < 0 {
			continue
		}
		key, isData := strings.CutSuffix(strings.TrimSpace(before[open+2:]), ".DATA")
		if isData && key != "" {
			fields = append(fields, Field{Key: key, Name: nameOf(before[:open])})
		}
	}
	return fields
}

func nameOf(before string) string {
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return strings.TrimSpace(strings.TrimRight(strings.TrimSpace(line), ":："))
}

// until cuts an example where the line of one of the next fields begins. An example may
// hold newlines of its own.
func until(example string, next []Field) (value, rest string) {
	end := len(example)
	for _, f := range next {
		if before, _, found := cutLine(example[:end], f.Name); found {
			end = len(before)
		}
	}
	return strings.TrimSpace(example[:end]), example[end:]
}

// cutLine cuts text around the first "name：" that begins a line. The colon is full-width
// with WeChat (spec/README); the half-width one is accepted.
func cutLine(text, name string) (before, after string, found bool) {
	if name == "" {
		return text, "", false
	}
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return text, "", false
		}
		start := at + i
		at = start + len(name)
		tail, colon := cutColon(text[at:])
		if colon && (start == 0 || text[start-1] == '\n') {
			return text[:start], tail, true
		}
	}
}

func cutColon(text string) (tail string, found bool) {
	text = strings.TrimLeft(text, " \t\u3000")
	if tail, found = strings.CutPrefix(text, "："); found {
		return tail, true
	}
	return strings.CutPrefix(text, ":")
}
