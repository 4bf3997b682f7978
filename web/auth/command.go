package auth

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"muban/store"
	"muban/wechat/ledger"
)

// PeopleHelp is how muban user is used.
const PeopleHelp = `muban user add NAME ROLE             administrator, operator, product_manager or qa
muban user passwd NAME               a new password; ends their sessions, and the wait after wrong guesses
muban user unlock NAME               ends the wait after too many wrong guesses at their password
muban user role NAME ROLE
muban user openid NAME APPID OPENID  where QA may send tests to; "" takes it away
muban user factor NAME off           takes the second factor away, as after a lost phone
muban user disable NAME              ends their sessions
muban user enable NAME
muban user list

Flags come before the verb. A password is read from standard input: one line of
10 to 128 characters.
`

// shell is who acts in the activity log when it is done from the command line.
var shell = store.Actor{Name: "muban user"}

// ManagePeople is muban user: words are the verb and its arguments.
func ManagePeople(ctx context.Context, st *store.Store, words []string, stdin io.Reader, stdout io.Writer) error {
	verb := strings.Join(words[:min(1, len(words))], "")
	switch {
	case verb == "list" && len(words) == 1:
		return listPeople(ctx, st, stdout)
	case verb == "add" && len(words) == 3:
		return addPerson(ctx, st, words[1], store.Role(words[2]), stdin)
	case len(words) < 2:
		return usage()
	}
	person, err := st.PersonByName(ctx, words[1])
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("nobody is called %q; muban user list shows everybody", words[1])
	}
	if err != nil {
		return err
	}
	switch {
	case verb == "passwd" && len(words) == 2:
		hash, err := readPassword(stdin, person.Name)
		if err != nil {
			return err
		}
		return st.SetPassword(ctx, shell, person.ID, hash)
	case verb == "unlock" && len(words) == 2:
		return st.Unlock(ctx, shell, person.ID)
	case verb == "role" && len(words) == 3 && isRole(words[2]):
		return st.SetRole(ctx, shell, person.ID, store.Role(words[2]))
	case verb == "openid" && len(words) == 4:
		return bindOpenID(ctx, st, person, words[2], words[3])
	case verb == "factor" && len(words) == 3 && words[2] == "off":
		return endFactorOf(ctx, st, person)
	case (verb == "disable" || verb == "enable") && len(words) == 2:
		return st.SetDisabled(ctx, shell, person.ID, verb == "disable")
	}
	return usage()
}

func listPeople(ctx context.Context, st *store.Store, stdout io.Writer) error {
	people, err := st.People(ctx)
	for _, person := range people {
		state := "enabled"
		if person.Disabled {
			state = "disabled"
		}
		fmt.Fprintf(stdout, "%s\t%s\t%s\n", oneLine(person.Name), person.Role, state)
	}
	return err
}

// oneLine is a name as a terminal and a script can take it: none forges a row, moves the cursor, or hides.
func oneLine(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && (!unicode.IsGraphic(r) || unicode.IsSpace(r)) }) {
		return strconv.QuoteToASCII(name)
	}
	return name
}

func isRole(name string) bool {
	_, ok := granted[store.Role(name)]
	return ok
}

func addPerson(ctx context.Context, st *store.Store, name string, role store.Role, stdin io.Reader) error {
	if !isRole(string(role)) {
		return fmt.Errorf("there is no role %q: use administrator, operator, product_manager or qa", role)
	}
	if err := CheckName(name); err != nil {
		return err
	}
	hash, err := readPassword(stdin, name)
	if err != nil {
		return err
	}
	_, err = st.AddPerson(ctx, shell, store.Person{Name: name, Role: role, PasswordHash: hash})
	if errors.Is(err, store.ErrTaken) {
		return fmt.Errorf("somebody is called %q already, or so that it looks the same", name)
	}
	return err
}

func bindOpenID(ctx context.Context, st *store.Store, person store.Person, appID, openID string) error {
	if openID != "" && !ledger.IsOpenID(openID) {
		return fmt.Errorf("%q is not an openid: it has 28 letters, digits, underscores or hyphens, and case matters", openID)
	}
	apps, err := st.Apps(ctx)
	if err != nil {
		return err
	}
	for _, app := range apps {
		if app.AppID == appID {
			return st.SetOpenID(ctx, shell, person.ID, app.ID, openID)
		}
	}
	return fmt.Errorf("there is no mini program %q; the console's settings list them", appID)
}

func endFactorOf(ctx context.Context, st *store.Store, person store.Person) error {
	err := st.EndSecondFactor(ctx, shell, person.ID)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%s has no second factor", person.Name)
	}
	return err
}

// readPassword reads one line and answers its hash.
func readPassword(stdin io.Reader, name string) (string, error) {
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return HashNewPassword(name, strings.TrimRight(line, "\r\n"))
}

// HashNewPassword makes the stored form of a password that somebody called name chose, and
// refuses one that CheckPasswordRules does.
func HashNewPassword(name, password string) (string, error) {
	if err := CheckPasswordRules(name, password); err != nil {
		return "", err
	}
	return HashPassword(password), nil
}

func usage() error { return errors.New("usage:\n" + strings.TrimSpace(PeopleHelp)) }
