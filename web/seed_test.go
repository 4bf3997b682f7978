package web_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/argon2"

	"muban/store"
)

// password is everybody's.
const password = "correct horse battery"

// passwordHash is cheap to check: what a password costs is a test of its own.
var passwordHash = cheapHash(password)

func cheapHash(password string) string {
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte(password), salt, 1, 8, 1, 32)
	b64 := base64.RawStdEncoding
	return "$argon2id$v=19$m=8,t=1,p=1$" + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
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
		person := store.Person{Name: string(role), Role: role, PasswordHash: passwordHash}
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
