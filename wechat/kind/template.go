package kind

import (
	"context"
	"strconv"
	"strings"

	"muban/wechat"
)

// Template is the kind that the documentation calls 模板消息: titles with an id such as AT0002, values of any
// text, sent once for a form and three times for a payment.
var Template Kind = template{}

type template struct{}

func (template) Name() string { return "template" }

func (template) Limits() Limits {
	return Limits{
		FewestKeywords: 1, Keywords: wechat.MaxKeywords, Templates: wechat.MaxTemplates, Page: wechat.MaxCount,
		Sends: wechat.DailyQuota,
	}
}

func (template) Send(ctx context.Context, c *wechat.Client, m wechat.Message) (msgID string, err error) {
	return "", c.Send(ctx, m)
}

func (template) SendPath() string { return wechat.SendPath }

func (template) Body(m wechat.Message) []byte {
	body, _ := m.MarshalJSON() // which has no error
	return body
}

func (template) Pretty(m wechat.Message) string { return m.Pretty() }

func (template) Foreign(m wechat.Message) string {
	switch {
	case m.State != "":
		return "miniprogram_state"
	case m.Lang != "":
		return "lang"
	}
	return ""
}

func (template) Allowance() string { return Right }

func (template) Library(c *wechat.Client) Library { return c }

func (template) List(ctx context.Context, c *wechat.Client) ([]wechat.Template, error) {
	return c.AllTemplates(ctx)
}

// Compose writes what template/list answers: the name directly before its placeholder, the example behind a
// full-width colon, a line feed after each.
func (template) Compose(keywords []wechat.Keyword) (content, example string) {
	var c, e strings.Builder
	for i, k := range keywords {
		c.WriteString(k.Name + "{{keyword" + strconv.Itoa(i+1) + ".DATA}}\n")
		e.WriteString(k.Name + "：" + k.Example + "\n")
	}
	return c.String(), e.String()
}

// maxFields bounds the work on a hostile content; a combination has up to wechat.MaxKeywords.
const maxFields = 2 * wechat.MaxKeywords

// Fields reads the lines of a template off its content and example:
//
//	购买地点{{keyword1.DATA}}\n   购买地点：TIT造舰厂\n
//
// gives {keyword1 购买地点 TIT造舰厂}. A field whose line the example lacks has no example.
func (template) Fields(t wechat.Template) []wechat.Field {
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

func (template) Lines(t wechat.Template) []Line {
	var lines []Line
	for text := range strings.Lines(t.Content) {
		fields := placeholders(text)
		for _, f := range fields {
			lines = append(lines, Line{Key: f.Key, Text: f.Name})
		}
		rest := strings.TrimSpace(text)
		if len(fields) > 0 {
			rest = strings.TrimSpace(rest[strings.LastIndex(rest, "}}")+2:])
		}
		if rest != "" {
			lines = append(lines, Line{Text: rest})
		}
		if len(lines) >= maxFields {
			break
		}
	}
	return lines
}

// placeholders finds every "name{{key.DATA}}". The name is what stands before it on its line.
func placeholders(content string) []wechat.Field {
	var fields []wechat.Field
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
			fields = append(fields, wechat.Field{Key: key, Name: nameOf(before[:open])})
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
func until(example string, next []wechat.Field) (value, rest string) {
	end := len(example)
	for _, f := range next {
		if before, _, found := cutLine(example[:end], f.Name); found {
			end = len(before)
		}
	}
	return strings.TrimSpace(example[:end]), example[end:]
}

// cutLine cuts text around the first "name：" that begins a line. The colon is full-width
// with WeChat; the half-width one is accepted.
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
