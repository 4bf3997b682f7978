package ui

import (
	"strings"
	"testing"
)

func TestWhatMatchedIsMarkedAndEverythingIsEscaped(t *testing.T) {
	for _, c := range []struct {
		text  string
		spans [][2]int
		want  string
	}{
		{"退款<通知>", [][2]int{{0, 6}}, "<mark>退款</mark>&lt;通知&gt;"},
		{"a<b>c", [][2]int{{1, 2}, {3, 4}}, "a<mark>&lt;</mark>b<mark>&gt;</mark>c"},
		{"abc", nil, "abc"},
		{"abc", [][2]int{{2, 9}, {1, 1}, {-1, 2}}, "abc"}, // of another text
		{"abc", [][2]int{{1, 2}, {0, 3}}, "a<mark>b</mark>c"},
	} {
		var got strings.Builder
		if err := Marked(c.text, c.spans).Render(t.Context(), &got); err != nil || got.String() != c.want {
			t.Errorf("%q %v: %q, %v, want %q", c.text, c.spans, got.String(), err, c.want)
		}
	}
}
