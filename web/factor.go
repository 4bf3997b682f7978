package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"image"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"muban/store"
	"muban/views"
	"muban/wechat"
)

const (
	issuer       = "Muban" // how an authenticator app lists it, before the name
	stepSeconds  = 30
	secretBytes  = 20 // as RFC 4226 recommends
	recoverySize = 16 // characters of five random bits
	recoveryMany = 10
)

// newSecret makes the secret of a second factor, in base32 as apps take it.
func newSecret() wechat.Secret {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return wechat.Secret(base32.StdEncoding.EncodeToString(b[:]))
}

// stepOf answers the step that code is of: the present one, the one before it or
// the one after, as clocks differ and people type slowly.
func stepOf(secret wechat.Secret, code string, now time.Time) (step int64, ok bool) {
	present := now.Unix() / stepSeconds
	for _, step := range []int64{present, present - 1, present + 1} {
		right, err := hotp.ValidateCustom(unspaced(code), uint64(step), secret.Reveal(),
			hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && right {
			return step, true
		}
	}
	return 0, false
}

// newRecovery makes recovery codes, in groups that are easy to copy by hand, and
// what the store keeps of them: with 80 random bits a fast hash is enough.
func newRecovery() (codes []string, hashes [][32]byte) {
	for range recoveryMany {
		text := rand.Text()[:recoverySize]
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		hashes = append(hashes, recoveryHash(text))
	}
	return codes, hashes
}

func recoveryHash(code string) [32]byte {
	return sha256.Sum256([]byte(strings.ToUpper(strings.ReplaceAll(unspaced(code), "-", ""))))
}

func unspaced(code string) string { return strings.Join(strings.Fields(code), "") }

// proves tells whether code is one of the person's second factor now, and uses it
// up: neither a step nor a recovery code is taken twice.
func (s *Server) proves(ctx context.Context, by store.Actor, code string) (right, recovery bool, err error) {
	factor, err := s.Store.SecondFactor(ctx, by.PersonID)
	if err == nil && factor.ConfirmedAt.IsZero() {
		err = store.ErrNotFound
	}
	if err == nil {
		if step, ok := stepOf(factor.Secret, code, s.Now()); ok {
			err = s.Store.TakeStep(ctx, by.PersonID, step)
		} else {
			recovery, err = true, s.Store.UseRecovery(ctx, by, recoveryHash(code))
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return false, false, nil
	}
	return err == nil, recovery, err
}

// The sides of the smallest and of the largest QR code, in modules.
const smallestQR, largestQR = 21, 177

// qrOf draws what an authenticator app scans.
func qrOf(name string, secret wechat.Secret) (views.QR, error) {
	raw, err := base32.StdEncoding.DecodeString(secret.Reveal())
	if err != nil {
		return views.QR{}, errors.New("web: the secret of a second factor is not base32") // err would show it
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: name, Secret: raw})
	if err != nil {
		return views.QR{}, errors.New("web: no key of the name and the secret")
	}
	for size := smallestQR; size <= largestQR; size += 4 {
		// A size that the code does not fit is an error; at the first that it does, a pixel is a module.
		if matrix, err := key.Image(size, size); err == nil {
			return views.QR{Size: size, Path: pathOf(matrix)}, nil
		}
	}
	return views.QR{}, errors.New("web: the name is too long for a QR code")
}

// pathOf draws the dark modules row by row, each run of them as one box.
func pathOf(matrix image.Image) string {
	var path strings.Builder
	size := matrix.Bounds().Dx()
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && dark(matrix, x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return path.String()
}

func dark(matrix image.Image, x, y int) bool {
	red, _, _, _ := matrix.At(x, y).RGBA()
	return red == 0
}
