package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
)

// A phone in China shows China's time, on whatever host the console runs.
func TestACardAndATimeAreBeijingsInEveryZone(t *testing.T) {
	newYork := time.FixedZone("UTC-5", -5*60*60)
	for at, want := range map[time.Time][3]string{
		time.Date(2026, 1, 4, 15, 59, 0, 0, time.UTC):  {"23:59", "1月4日", "2026-01-04 23:59"},
		time.Date(2026, 1, 4, 16, 0, 0, 0, time.UTC):   {"00:00", "1月5日", "2026-01-05 00:00"},
		time.Date(2026, 1, 4, 23, 59, 0, 0, time.UTC):  {"07:59", "1月5日", "2026-01-05 07:59"},
		time.Date(2025, 12, 31, 12, 5, 0, 0, newYork):  {"01:05", "1月1日", "2026-01-01 01:05"},
		time.Date(2026, 2, 28, 23, 30, 0, 0, time.UTC): {"07:30", "3月1日", "2026-03-01 07:30"},
	} {
		card := drawn(t, Phone(Card{Title: "取件提醒", At: at}))
		for _, shown := range []string{`<p class="chat-time">` + want[0] + `</p>`, `<p class="date">` + want[1] + `</p>`} {
			if !strings.Contains(card, shown) {
				t.Errorf("%s: no %s in %s", at, shown, card)
			}
		}
		if got := drawn(t, When(at)); !strings.Contains(got, ">"+want[2]+"</time>") {
			t.Errorf("%s: %s", at, got)
		}
	}
}

func drawn(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
