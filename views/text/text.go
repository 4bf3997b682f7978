// Package text holds the console's sentences in both languages.
package text

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locales/*.toml
var locales embed.FS

// Languages are the tags of the catalogues, the preferred one first.
var Languages = []string{"zh", "en"}

var matcher = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// Text is one language's catalogue.
type Text struct {
	Lang string // "zh" or "en"

	localizer *i18n.Localizer
	// plain holds the messages without arguments, and filled those whose places
	// only name an argument: nearly all of a page, and go-i18n would run a
	// template for each. Plurals are left to it.
	plain  map[string]string
	filled map[string][]part
}

// part is a piece of a message: literal text, or the argument that stands there.
type part struct{ literal, name string }

// LoadTexts reads every catalogue, each when it is first asked for.
func LoadTexts() *Texts {
	t := &Texts{load: map[string]func() (*Text, error){}}
	for _, lang := range Languages {
		t.load[lang] = sync.OnceValues(func() (*Text, error) { return loadText(lang) })
	}
	return t
}

// Texts gives out the catalogues.
type Texts struct {
	load map[string]func() (*Text, error)

	mu      sync.RWMutex
	matched map[string]string // Accept-Language → language: browsers send few different ones
}

// matchedAtMost bounds the headers remembered; somebody may send odd ones.
const matchedAtMost = 256

// In is the catalogue of lang, the first language's where lang is unknown. The
// catalogues are embedded and tested, so one that does not parse is a
// programmer's mistake and panics.
func (t *Texts) In(lang string) *Text {
	load, ok := t.load[lang]
	if !ok {
		load = t.load[Languages[0]]
	}
	text, err := load()
	if err != nil {
		panic(err)
	}
	return text
}

// Match picks the language for an Accept-Language header.
func (t *Texts) Match(accept string) string {
	t.mu.RLock()
	lang, ok := t.matched[accept]
	t.mu.RUnlock()
	if ok {
		return lang
	}
	lang = match(accept)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.matched == nil || len(t.matched) >= matchedAtMost {
		t.matched = map[string]string{}
	}
	t.matched[strings.Clone(accept)] = lang
	return lang
}

func match(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return Languages[0]
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return "en"
	}
	return Languages[i]
}

func loadText(lang string) (*Text, error) {
	bundle := i18n.NewBundle(language.Chinese)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	file, err := bundle.LoadMessageFileFS(locales, "locales/"+lang+".toml")
	if err != nil {
		return nil, fmt.Errorf("the %s catalogue: %w", lang, err)
	}
	text := &Text{
		Lang: lang, localizer: i18n.NewLocalizer(bundle, lang), plain: map[string]string{}, filled: map[string][]part{},
	}
	for _, m := range file.Messages {
		switch {
		case m.One != "":
		case !strings.Contains(m.Other, "{{"):
			text.plain[m.ID] = m.Other
		default:
			text.filled[m.ID] = split(m.Other)
		}
	}
	return text, nil
}

// split cuts a message at its {{.Name}} places.
func split(message string) []part {
	var parts []part
	for message != "" {
		literal, rest, _ := strings.Cut(message, "{{.")
		name, after, _ := strings.Cut(rest, "}}")
		parts, message = append(parts, part{literal, name}), after
	}
	return parts
}

// fill puts the arguments, names and values in turn, into their places.
func fill(parts []part, args []any) string {
	b := make([]byte, 0, 128) // on the stack
	for _, p := range parts {
		b = append(b, p.literal...)
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] != p.name {
				continue
			}
			switch value := said(args[i+1]).(type) { // nearly all are one of the first two
			case string:
				b = append(b, value...)
			case int:
				b = strconv.AppendInt(b, int64(value), 10)
			default:
				b = fmt.Append(b, value)
			}
		}
	}
	return string(b)
}

// said is an argument as a sentence says it.
func said(argument any) any {
	if s, ok := argument.(string); ok {
		return Quoted(s)
	}
	return argument
}

// T is the message id, its {{.Name}} places filled from args, which are names
// and values in turn. "Count" also chooses the plural form. An unknown id shows
// itself in brackets: a test proves that there is none.
func (t *Text) T(id string, args ...any) string {
	if s, ok := t.plain[id]; ok {
		return s
	}
	if parts, ok := t.filled[id]; ok {
		return fill(parts, args)
	}
	config := &i18n.LocalizeConfig{MessageID: strings.Clone(id)} // the id itself, often put together, need not be kept
	if len(args) > 0 {
		data := make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			name := args[i].(string)
			data[name] = said(args[i+1])
			if name == "Count" {
				config.PluralCount = args[i+1]
			}
		}
		config.TemplateData = data
	}
	s, err := t.localizer.Localize(config)
	if err != nil {
		return "[" + id + "]"
	}
	return s
}

// Has tells whether the catalogue holds a message without arguments under id.
func (t *Text) Has(id string) bool {
	_, ok := t.plain[id]
	return ok
}

// HTMLLang is the value of the html element's lang attribute.
func (t *Text) HTMLLang() string {
	if t.Lang == "zh" {
		return "zh-CN"
	}
	return t.Lang
}

// Excerpt is enough of a value to recognise it.
func Excerpt(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}
