package webtest

import (
	"context"
	"encoding/base64"
	"github.com/pquerna/otp/hotp"
	"golang.org/x/crypto/argon2"
	"log/slog"
	"muban/store"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Phone is an authenticator app, and the paper with the recovery codes.
type Phone struct {
	C        *Console
	Secret   string
	Recovery []string
}

func Credentials(name, password string) url.Values {
	return url.Values{"name": {name}, "password": {password}}
}

// Again fills in the own password, which some acts ask for again.
func Again(form url.Values) { form.Set("current", Password) }

// Password is everybody's.
const Password = "correct horse battery"

// At is the page of the person called as their role.
func (c *Console) At(role store.Role) string {
	return "/settings/people/" + strconv.FormatInt(c.Person(role).ID, 10)
}

// Code is what the app shows, ahead steps of 30 seconds from now.
func (p *Phone) Code(ahead int64) string {
	p.C.T.Helper()
	code, err := hotp.GenerateCode(p.Secret, uint64(p.C.Clock.Now().Unix()/30+ahead))
	Must(p.C.T, err)
	return code
}

// SignInAs tries to sign b in through the form on the page.
func (b *Browser) SignInAs(name, password string) *Page {
	b.T.Helper()
	return b.Submit(b.Get("/sign-in"), "button.primary", func(form url.Values) {
		form.Set("name", name)
		form.Set("password", password)
	})
}

// PasswordHash is cheap to check: what a password costs is a test of its own.
var PasswordHash = CheapHash(Password)

// Invite makes an invitation through the form and answers its link.
func (c *Console) Invite(b *Browser, name string, change func(form url.Values)) string {
	c.T.Helper()
	return b.Submit(b.Get("/settings/people"), `form[action$="/settings/people"] button`, func(form url.Values) {
		form.Set("invitee", name)
		if change != nil {
			change(form)
		}
	}).Expect(http.StatusOK, "people.link_for", "Name", name).Once()
}

// SetUp gives b a second factor through the pages.
func (c *Console) SetUp(b *Browser) *Phone {
	c.T.Helper()
	shown := b.Submit(b.Get("/settings/me/factor"), "main .primary", nil).Expect(http.StatusOK, "factor.scan")
	return c.Confirm(b, shown)
}

func CheapHash(password string) string {
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte(password), salt, 1, 8, 1, 32)
	b64 := base64.RawStdEncoding
	return "$argon2id$v=19$m=8,t=1,p=1$" + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}

func (c *Console) Confirm(b *Browser, shown *Page) *Phone {
	c.T.Helper()
	p := &Phone{C: c, Secret: strings.ReplaceAll(shown.Text("main .copyable code"), " ", "")}
	done := b.Submit(shown, "main .primary", func(form url.Values) {
		form.Set("code",
			p.Code(0))
		Again(form)
	}).Expect(http.StatusOK, "factor.codes")
	for _, el := range done.Doc.Find(".codes code").EachIter() {
		p.Recovery = append(p.Recovery, el.Text())
	}
	if len(p.Recovery) != 10 {
		c.T.Fatalf("%d recovery codes", len(p.Recovery))
	}
	c.Clock.Advance(time.Minute) // the step that confirmed it is used
	return p
}

// peopled is a store with the people in it, as files: made once, because making
// the tables is most of what a console costs.
var peopled = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "muban")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	st, err := store.Open(context.Background(), dir, store.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	for _, role := range store.Roles() {
		person := store.Person{Name: string(role), Role: role, PasswordHash: PasswordHash}
		if _, err := st.AddPerson(context.Background(), store.Actor{Name: "test"}, person); err != nil {
			return nil, err
		}
	}
	if err := st.Close(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range []string{"muban.db", "muban.key"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// Prove types a code on the page that asks for the second factor.
func (b *Browser) Prove(p *Page, code string) *Page {
	b.T.Helper()
	if !strings.Contains(p.Path, "/sign-in/code") {
		b.T.Fatalf("not asked for a code, but at %s: %s", p.Path, p.Text("main"))
	}
	return b.Submit(p, "button.primary", func(form url.Values) { form.Set("code", code) })
}

// Person is the one who is called as their role.
func (c *Console) Person(role store.Role) store.Person {
	c.T.Helper()
	p, err := c.Store.PersonByName(context.Background(), string(role))
	if err != nil {
		c.T.Fatal(err)
	}
	return p
}

// StaysHere follows the Location as a browser would read it.
func StaysHere(t *testing.T, what string, answer *Page) {
	t.Helper()
	to := answer.Header.Get("Location")
	seen := strings.NewReplacer("\t", "", "\r", "", "\n", "", `\`, "/").Replace(strings.TrimSpace(to))
	u, err := url.Parse(seen)
	if answer.Status != http.StatusSeeOther || err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(seen, "/") || strings.HasPrefix(seen, "//") {
		t.Errorf("%s: status %d to %q (%v)", what, answer.Status, to, err)
	}
	if len(answer.Header.Values("Set-Cookie")) > 2 {
		t.Errorf("%s: cookies %q", what, answer.Header.Values("Set-Cookie"))
	}
}

func TextAfter(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}
