package wechat

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands in for every Secret that is printed, logged or marshalled.
const redacted = "[redacted]"

// Secret is an AppSecret or an access token. Both travel in query strings, so
// everything that prints one by accident must print nothing of it.
//
// fmt cannot call methods on unexported struct fields: keep a Secret in an exported
// field, or give the type that holds it a Format of its own. Not a key of a map that is
// marshalled: encoding/json writes keys as they are.
type Secret string

// Reveal returns the secret itself; the only way to get at it short of a conversion.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string               { return redacted }
func (s Secret) GoString() string             { return redacted }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format covers the verbs that pass String by, such as %x and %d.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }
