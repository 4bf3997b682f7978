package web

import (
	"encoding/base32"
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/pquerna/otp/totp"

	"muban/views"
	"muban/wechat"
)

const issuer = "Muban" // how an authenticator app lists it, before the name

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
