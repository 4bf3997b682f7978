package views

import (
	"context"
	"embed"
	"fmt"
	"go/format"
	"io"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"unicode"

	"github.com/a-h/templ"

	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/kind"
)

// BindingSnippet is how a mini program's server reports the openid of the person
// who typed code, to the console at base.
func BindingSnippet(base, appID, code string) string {
	fill := strings.NewReplacer("{base}", base, "{appid}", appID, "{code}", code)
	return fill.Replace(`curl -X POST '{base}/api/v1/testers/bind' \
  -H "Authorization: Bearer $MUBAN_KEY" \
  -d '{"appid":"{appid}","code":"{code}","openid":"OPENID"}'`)
}

// Curl is a shell command that posts body to a path. The token stays a placeholder: a
// command is copied into chats and tickets.
func Curl(base, path, body string) string {
	return "curl -X POST " + quote(base+path+"?access_token=ACCESS_TOKEN") + " \\\n" +
		"  -H 'Content-Type: application/json' \\\n" +
		"  -d " + quote(body)
}

// quote makes one word of s for a shell, whatever s holds.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

//go:embed snippets/*.tmpl
var snippets embed.FS

// Usage is what a program needs to send messages of a template.
type Usage struct {
	Kind                 kind.Kind
	Muban, WeChat, AppID string // the addresses without a slash at their end
	Title, TemplateID    string
	Alias                string         // "" without one
	Fields               []wechat.Field // with the values to send as their examples
	Written              wechat.Message // as it stands on the page
}

// Snippet is a short program that sends one message, or the message alone.
type Snippet struct {
	Lang      string // as in the URL
	Name      string // as people call the language
	File, Run string // what to save it as, and the command that runs it
	Code      string
}

// SnippetTabs are the tabs in their order: the message, the call that sends it, and the programs.
func SnippetTabs() []Snippet {
	return append([]Snippet{{Lang: "json", Name: "JSON", File: "request.json"}, {Lang: "curl", Name: "curl", File: "curl.sh"}},
		SnippetLangs()...)
}

// SnippetLangs are the languages of the programs.
func SnippetLangs() []Snippet {
	return []Snippet{
		{Lang: "go", Name: "Go", File: "send.go", Run: "go run send.go"},
		{Lang: "node", Name: "Node.js", File: "send.mjs", Run: "node send.mjs"},
		{Lang: "python", Name: "Python", File: "send.py", Run: "python3 send.py"},
		{Lang: "java", Name: "Java", File: "Send.java", Run: "java -Dfile.encoding=UTF-8 Send.java"},
		{Lang: "php", Name: "PHP", File: "send.php", Run: "php send.php"},
		{Lang: "sh", Name: "Shell", File: "send.sh", Run: "sh send.sh"},
	}
}

// SnippetIn is what a tab holds, the first program where lang is unknown.
// Whatever the texts of u hold, each stays one literal or one comment of it.
func (u Usage) SnippetIn(lang string) Snippet {
	s := SnippetLangs()[0]
	for _, known := range SnippetTabs() {
		if known.Lang == lang {
			s = known
		}
	}
	switch s.Lang {
	case "json":
		s.Code = text.InJSON(u.Kind.Pretty(u.Written))
	case "curl":
		s.Code = text.InJSON(Curl(u.WeChat, u.Kind.SendPath(), u.Kind.Pretty(u.Written)))
	default:
		s.Code = u.write(s)
	}
	return s
}

// filled is the template of a file, filled in. The templates are embedded and tested, so one that
// fails is a programmer's mistake and panics.
func filled(file string, data any) string {
	name := file + ".tmpl"
	t := template.Must(template.New(name).Funcs(template.FuncMap{
		"go": strconv.Quote, "js": quoteJS, "py": quotePython, "java": quoteJava, "php": quotePHP, "sh": quote,
		"comment": comment, "path": pathSegment, "body": body, "consent": consentBody,
	}).ParseFS(snippets, "snippets/ask.head.tmpl", "snippets/"+name))
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		panic(err)
	}
	return b.String()
}

// write fills the program in.
func (u Usage) write(s Snippet) string {
	text := filled(s.File, u)
	if s.Lang != "go" {
		return text
	}
	code, err := format.Source([]byte(text))
	if err != nil {
		panic(err)
	}
	return string(code)
}

// Named tells whether the values can be given by the keywords' names: an alias
// leads to the map of them, and no name stands twice or for something else.
func (u Usage) Named() bool {
	seen := map[string]bool{}
	for _, f := range u.Fields {
		if seen[f.Name] || comment(f.Name) != f.Name || f.Name == "" {
			return false
		}
		seen[f.Name] = true
	}
	return u.Alias != ""
}

// ByRight tells whether a message needs a form_id.
func (u Usage) ByRight() bool { return u.Kind.Allowance() == kind.Right }

// Member is a part of the request beside its values.
type Member struct{ Name, Value string }

// Members are where the message leads, as it stands on the page.
func (u Usage) Members() (all []Member) {
	for _, m := range []Member{{"page", u.Written.Page}, {"miniprogram_state", u.Written.State}, {"lang", u.Written.Lang}} {
		if m.Value != "" {
			all = append(all, m)
		}
	}
	return all
}

// Message is the request as the programs send it.
func (u Usage) Message() wechat.Message {
	m := wechat.Message{ToUser: "OPENID", TemplateID: u.TemplateID, FormID: "FORM_ID", Page: u.Written.Page,
		State: u.Written.State, Lang: u.Written.Lang}
	for _, f := range u.Fields {
		m.Data = append(m.Data, wechat.Datum{Key: f.Key, Value: f.Example})
	}
	return m
}

// comment is a text that no language reads as anything else: letters, digits,
// and what joins them. The rest is blank.
func comment(s string) string {
	inert := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_（）()·、，。：", r) {
			return r
		}
		return ' '
	}
	return strings.Join(strings.Fields(strings.Map(inert, s)), " ")
}

func quoteJS(s string) string {
	return quoteWith(s, "", func(r rune) string { return fmt.Sprintf(`\u{%x}`, r) })
}

func quotePython(s string) string {
	return quoteWith(s, "", func(r rune) string { return fmt.Sprintf(`\U%08x`, r) })
}

// quotePHP also keeps $ from naming a variable.
func quotePHP(s string) string {
	return quoteWith(s, "$", func(r rune) string { return fmt.Sprintf(`\u{%x}`, r) })
}

// quoteJava writes control characters in octal: Java reads \u000a as the end of
// the line, before it looks for strings.
func quoteJava(s string) string {
	return quoteWith(s, "", func(r rune) string {
		switch {
		case r < 0x80:
			return fmt.Sprintf(`\%03o`, r)
		case r > 0xFFFF:
			high, low := (r-0x10000)>>10+0xD800, (r-0x10000)&0x3FF+0xDC00
			return fmt.Sprintf(`\u%04x\u%04x`, high, low)
		}
		return fmt.Sprintf(`\u%04x`, r)
	})
}

// quoteWith makes a literal in double quotes: letters as they are, quotes,
// backslashes and what is special behind a backslash, all that cannot be seen as
// code.
func quoteWith(s, special string, code func(r rune) string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '"' || r == '\\' || strings.ContainsRune(special, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(code(r))
		}
	}
	return b.String() + `"`
}

// pathSegment is a name as a part of an address: an alias, or a template_id.
func pathSegment(s string) string { return ui.TemplateURL(s)[len("/templates/"):] }

// body is the request as a shell puts it together: what is known is one quoted
// word, between them the variables of the program.
func body(u Usage) string {
	m := u.Message()
	m.ToUser, m.FormID, m.TemplateID = "@OPENID@", "@FORM_ID@", "@TEMPLATE_ID@"
	word := quote(string(u.Kind.Body(m)))
	for _, name := range []string{"TEMPLATE_ID", "FORM_ID", "OPENID"} {
		word = strings.Replace(word, `"@`+name+`@"`, `"'"$`+name+`"'"`, 1)
	}
	return word
}

// codeParts are the strings and the comments of a program: what the eye looks for first.
var codeParts = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|(?m:(?:^|[ \t])(?://|#).*$)`)

// coloured is code with its strings and comments marked. It is written by hand, as no blank may come between.
func coloured(code string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		at := 0
		for _, part := range codeParts.FindAllStringIndex(code, -1) {
			tag := "i"
			if code[part[0]] == '"' {
				tag = "b"
			}
			b.WriteString(templ.EscapeString(code[at:part[0]]))
			b.WriteString("<" + tag + ">" + templ.EscapeString(code[part[0]:part[1]]) + "</" + tag + ">")
			at = part[1]
		}
		_, err := io.WriteString(w, b.String()+templ.EscapeString(code[at:]))
		return err
	})
}
