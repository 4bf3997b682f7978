package text

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWhatCannotBeSeenIsMarked(t *testing.T) {
	for s, want := range map[string]string{
		"取件提醒":                    "取件提醒",
		"a\u202eb":                "a[U+202E]b",
		"\u2067x\u2069":           "[U+2067]x[U+2069]",
		"取\u200b件\ufeff":          "取[U+200B]件[U+FEFF]",
		"a\x00\x1b[31m\x7f\u0085": "a[U+0000][U+001B][31m[U+007F][U+0085]",
		"a\nb\tc\r\n":             "a\nb\tc\r\n",
		"a\u2028\u00ad\u3164":     "a\u2028[U+00AD][U+3164]",
		" \u3000":                 "[U+0020][U+3000]",
		"👩\u200d🚀 a\u200db":       "👩\u200d🚀 a[U+200D]b",
		"❤\ufe0f\u200d🔥":          "❤\ufe0f\u200d🔥",
		"\U000e0041":              "[U+E0041]",
		"":                        "",
	} {
		if got := Visible(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestWhatIsLongIsCut(t *testing.T) {
	long := strings.Repeat("标题", 901)
	if got := Short(long); utf8.RuneCountInString(got) != shortAtMost+1 || !strings.HasSuffix(got, "…") {
		t.Errorf("%q", got)
	}
	if got := Short(" a \n b "); got != "a b" {
		t.Errorf("%q", got)
	}
	if !IsShort(strings.Repeat("题", shortAtMost)) || IsShort(strings.Repeat("题", shortAtMost+1)) || IsShort("a\u202e") {
		t.Error("80 characters are short, 81 and hidden ones are not")
	}
	text := LoadTexts().In("en")
	if got := text.T("delete.title", "Title", "a\u202e"+long); !strings.Contains(got, "a[U+202E]标题") || utf8.RuneCountInString(got) > 300 {
		t.Errorf("%q", got)
	}
}

// A page is UTF-8, whatever was typed where an id belongs.
func TestTheEndsOfAnIDAreWholeCharacters(t *testing.T) {
	for id, want := range map[string]string{
		"o9f1QAApqGWpJASaqxZv": "o9f1…qxZv", "short": "short", "": "", "0123456789": "0123456789",
		"订单号在这里写了十一个字": "订单号在…十一个字", "o\u202e\u2066abc\u200bdefgh🚕🚕": "o[U+202E][U+2066]a…gh🚕🚕",
	} {
		if got := Ends(id, 4, 4); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
	if got := Ends(strings.Repeat("é", 30), 0, 8); got != "…"+strings.Repeat("é", 8) {
		t.Errorf("%q", got)
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("a\u202e\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if got := Visible(s); strings.ContainsFunc(strings.ReplaceAll(got, "\u200d", ""), hidden) {
			t.Errorf("%q: %q", s, got)
		}
	})
}

func TestATitleIsTypedAsItIsOrAsItIsSeen(t *testing.T) {
	long := strings.Repeat("很长的标题", 360)
	for _, c := range []struct {
		title, typed string
		agrees       bool
	}{
		{"取件提醒", "取件提醒", true},
		{"取件提醒", "取件提醒 ", false},
		{"取件提醒", "取件", false},
		{"取件提醒", "", false},
		{"a\u202eb", "a[U+202E]b", true},
		{"a\u202eb", "a\u202eb", true},
		{"a\u202eb", "ab", false},
		{"取\u200b件\u2066", "取[U+200B]件[U+2066]", true},
		{"取件\u00a0\u3000提醒", "取件 提醒", true},
		{"\u3000", "[U+3000]", true},
		{"取\n件", "取 件", true},
		{long, Short(long), true},
		{long, strings.TrimSuffix(Short(long), "…"), true},
		{long, "很长的标题", false},
	} {
		if got := Retyped(c.typed, c.title); got != c.agrees {
			t.Errorf("%.40q typed for %.40q: %v", c.typed, c.title, got)
		}
	}
}
