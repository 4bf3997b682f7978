package views

import (
	"testing"

	"muban/views/text"
)

func TestEveryOutcomeThatSendsAreNarrowedToIsInWords(t *testing.T) {
	texts := text.LoadTexts()
	for _, lang := range text.Languages {
		for _, outcome := range SendOutcomes {
			if !texts.In(lang).Has("outcome." + outcome) {
				t.Errorf("%s: no outcome.%s", lang, outcome)
			}
		}
	}
}
