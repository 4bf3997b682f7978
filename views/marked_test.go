package views

import (
	"strings"
	"testing"
	"time"
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
		if err := marked(c.text, c.spans).Render(t.Context(), &got); err != nil || got.String() != c.want {
			t.Errorf("%q %v: %q, %v, want %q", c.text, c.spans, got.String(), err, c.want)
		}
	}
}

func TestAnAgeIsSaidInHoursForTwoDaysAndThenInDays(t *testing.T) {
	p := &Page{Text: LoadTexts().In("en")}
	for age, want := range map[time.Duration]string{
		-time.Minute: "less than an hour ago", 59 * time.Minute: "less than an hour ago", time.Hour: "1 hour ago",
		47*time.Hour + 59*time.Minute: "47 hours ago", 48 * time.Hour: "2 days ago", 240 * time.Hour: "10 days ago",
	} {
		if got := AgeOf(age).in(p); got != want {
			t.Errorf("%s: %q, want %q", age, got, want)
		}
	}
}
