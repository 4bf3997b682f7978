package templates

import (
	"strings"
	"time"
)

// MaxAlias is how long an alias may be, in characters.
const MaxAlias = 64

// ValidAlias tells whether s can name a template: small letters and digits, with - _ . between them.
// Such a name needs no escaping in an address, a shell or a program.
func ValidAlias(s string) bool {
	return s != "" && len(s) <= MaxAlias && strings.Trim(s, "-_.") == s && strings.Trim(s, inAlias) == ""
}

const inAlias = "abcdefghijklmnopqrstuvwxyz0123456789-_."

// Span is a time in which an alias named a template.
type Span struct {
	Alias, TemplateID string
	From, Until       time.Time // Until is zero while it still does
	SetBy, EndedBy    string    // names of people
}
