package pages

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-playground/form/v4"
	"github.com/go-playground/validator/v10"

	"muban/store"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat/account"
	"muban/wechat/ledger"
)

// forms decodes and validates every form of the console.
type forms struct {
	decoder  *form.Decoder
	validate *validator.Validate
}

var (
	colorForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
	saidForm  = regexp.MustCompile(`[^\s\p{Z}]`) // more than blanks, the full-width one among them
	appIDForm = regexp.MustCompile(`^wx[0-9a-z]{16}$`)
)

func newForms() *forms {
	f := &forms{decoder: form.NewDecoder(), validate: validator.New(validator.WithRequiredStructEnabled())}
	f.decoder.SetMode(form.ModeExplicit)
	f.decoder.SetMaxArraySize(500)
	f.validate.RegisterTagNameFunc(func(field reflect.StructField) string { return field.Tag.Get("form") })
	for tag, valid := range map[string]func(string) bool{
		"said": saidForm.MatchString, "color": colorForm.MatchString, "openid": ledger.IsOpenID, "appid": appIDForm.MatchString,
		"alias": account.ValidAlias, "moment": isMoment,
	} {
		err := f.validate.RegisterValidation(tag, func(l validator.FieldLevel) bool { return valid(l.Field().String()) })
		if err != nil {
			panic(err) // the tags are constants
		}
	}
	return f
}

func isMoment(text string) bool {
	_, err := readMoment(text)
	return err == nil
}

// readMoment reads a form's date and time, in Beijing.
func readMoment(text string) (time.Time, error) {
	return time.ParseInLocation(ui.MomentLayout, text, ui.Beijing)
}

// read fills target from the posted form and says what is wrong with it, field
// by field, in the visitor's language. The error is for a body that is no form
// at all or too large.
func (f *forms) read(r *http.Request, t *text.Text, target any) (ui.Problems, error) {
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, err
		}
		return nil, errors.Join(errBadRequest, err)
	}
	for _, values := range r.PostForm {
		for i, value := range values {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				return nil, errBadRequest // no browser sends it, and no text holds it
			}
			values[i] = newlines(value)
		}
	}
	return f.fill(r.PostForm, t, target), nil
}

func (f *forms) fill(values url.Values, t *text.Text, target any) ui.Problems {
	problems := ui.Problems{}
	if err := f.decoder.Decode(target, unnumbered(values)); err != nil {
		f.undecoded(err, values, t, problems)
	}
	var invalid validator.ValidationErrors
	if err := f.validate.Struct(target); errors.As(err, &invalid) {
		for _, e := range invalid {
			name := fieldID(e.Namespace())
			if _, ok := problems[name]; !ok {
				problems[name] = explain(t, e)
			}
		}
	}
	return problems
}

// unnumbered leaves out names with brackets. No form of ours has one, and the
// decoder panics where they do not match and takes seconds over thousands.
func unnumbered(values url.Values) url.Values {
	plain := make(url.Values, len(values))
	for name, list := range values {
		if !strings.ContainsAny(name, "[]") {
			plain[name] = list
		}
	}
	return plain
}

// undecoded explains values that do not fit their field's type: in our forms,
// numbers that are none.
func (f *forms) undecoded(err error, values url.Values, t *text.Text, problems ui.Problems) {
	var failed form.DecodeErrors
	if !errors.As(err, &failed) {
		problems[""] = t.T("problem.unreadable")
		return
	}
	for name := range failed {
		base, _, _ := strings.Cut(name, "[")
		problems[base] = t.T("problem.number", "Field", t.T("fieldname."+base), "Value", text.Excerpt(values.Get(base)))
	}
}

// explain puts one validation error into the visitor's language.
func explain(t *text.Text, e validator.FieldError) string {
	base, _, _ := strings.Cut(e.Field(), "[")
	id := "problem." + e.Tag()
	if e.Tag() == "max" || e.Tag() == "min" {
		switch e.Kind() {
		case reflect.Int, reflect.Int64:
			id += "_number"
		case reflect.Slice:
			id += "_items"
		}
	}
	if t.Has(id) {
		return t.T(id)
	}
	value, _ := e.Value().(string)
	return t.T(id, "Field", t.T("fieldname."+base), "Param", e.Param(), "Value", text.Excerpt(value))
}

var indexed = regexp.MustCompile(`^(\w+)\[(\d+)\]$`)

// fieldID is the id of the control that a validation error belongs to:
// "MessageForm.c[2]" is the control c-2.
func fieldID(namespace string) string {
	_, name, _ := strings.Cut(namespace, ".")
	if m := indexed.FindStringSubmatch(name); m != nil {
		return m[1] + "-" + m[2]
	}
	return name
}

// newlines undoes what HTML does to a textarea's line ends: a form submits CRLF
// for every line feed.
func newlines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// newKey makes the key of one send: the form carries it, and whatever is posted
// under it is sent once.
func newKey() string { return rand.Text() }

// appRoles reads the selects of a form, one for each app; "" is as for all apps.
func appRoles(apps []int64, roles []string) (store.AppRoles, error) {
	if len(apps) != len(roles) {
		return nil, errBadRequest
	}
	own := store.AppRoles{}
	for i, app := range apps {
		if roles[i] != "" {
			own[app] = store.Role(roles[i])
		}
	}
	return own, nil
}

// sessionNamed is the session that a form is about, by the hash of its id, or all.
func sessionNamed(r *http.Request) (one bool, hash [32]byte, err error) {
	text := r.PostFormValue("session")
	if text == "all" {
		return false, hash, nil
	}
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		return false, hash, errBadRequest
	}
	return true, [32]byte(raw), nil
}

// MaxBody bounds every posted form, in bytes.
const MaxBody = 1 << 20
