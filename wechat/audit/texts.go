package audit

import (
	"embed"
	"maps"
	"strings"
)

// Message renders the finding in "zh", or in English for any other language.
// It says what was found, why it matters and what to do next.
func (f Finding) Message(lang string) string {
	if f.Verdict != nil {
		f.Args = maps.Clone(f.Args)
		f.Args["whole:why"] = f.Verdict.Message(lang)
	}
	return say(lang, f.Key, f.Args)
}

// say fills the placeholders of one sentence of the catalogue. An argument
// named noun:x is itself a word of the catalogue, and fills {x}; one named whole:x
// is a sentence, and is not shortened. {x|one|other} is the first word where x is 1, else the second.
func say(lang, key string, args map[string]string) string {
	texts := textsOf(lang)
	sentence := texts[key]
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(sentence, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		if x, forms, ok := strings.Cut(name, "|"); ok {
			one, other, _ := strings.Cut(forms, "|")
			if args[x] == "1" {
				other = one
			}
			b.WriteString(other)
		} else if whole, ok := args["whole:"+name]; ok {
			b.WriteString(whole)
		} else if word, ok := args["noun:"+name]; ok {
			b.WriteString(texts["noun."+word])
		} else {
			b.WriteString(shown(args[name]))
		}
		sentence = after
	}
}

func textsOf(lang string) map[string]string {
	if lang == "zh" {
		return textsZH
	}
	return textsEN
}

// shown shortens what a sentence quotes, so that a pasted page does not hide
// the sentence, and leaves out what cannot be shown.
func shown(s string) string {
	const most = 40
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == most {
			return b.String() + "…"
		}
		if isInvisible(r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

//go:embed texts/*.txt
var textFiles embed.FS

// textsZH and textsEN are the catalogues: the same keys and placeholders. {…} is
// what a finding names.
var (
	textsZH = readTexts("zh")
	textsEN = readTexts("en")
)

// readTexts reads a catalogue of lines "key = sentence". It is embedded, and tests
// read both, so one that cannot be read is a mistake in the program.
func readTexts(lang string) map[string]string {
	text, err := textFiles.ReadFile("texts/" + lang + ".txt")
	if err != nil {
		panic(err)
	}
	texts := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, sentence, found := strings.Cut(strings.TrimSpace(line), " = "); found {
			texts[key] = sentence
		}
	}
	return texts
}
