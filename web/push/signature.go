package push

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/wechat"
)

const (
	maxBody    = 64 << 10        // of a push that is signed; events have 4 KB at most
	maxUnknown = 16 << 10        // before the signature over the body is known to fit
	maxAge     = 5 * time.Minute // of a signature, either way: clocks differ
)

// fresh tells whether a push was signed just now.
func (p *Push) fresh(q url.Values) bool {
	seconds, err := strconv.ParseInt(q.Get("timestamp"), 10, 64)
	if err != nil {
		return false
	}
	age := p.Now().Unix() - seconds
	return age >= -int64(maxAge/time.Second) && age <= int64(maxAge/time.Second)
}

// fits compares a signature with that of the token and parts (消息推送, 验证消息), in a time that tells nothing of it.
func fits(signature string, token wechat.Secret, parts ...string) bool {
	return subtle.ConstantTimeCompare([]byte(signature), []byte(sign(token, parts...))) == 1
}

func sign(token wechat.Secret, parts ...string) string {
	parts = append(parts, token.Reveal())
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// open answers the message in a push that is WeChat's: in plain mode by its signature, in the others by the signature
// over what is encrypted, and by the AppID in it. What is beside it in the compatible mode is not looked at.
func (p *Push) open(r *http.Request, appID string, s store.Push) ([]byte, error) {
	q := r.URL.Query()
	if !p.fresh(q) {
		return nil, errForged
	}
	signed := fits(q.Get("signature"), s.Token, q.Get("timestamp"), q.Get("nonce"))
	if s.Mode == store.PushPlain && !signed {
		return nil, errForged
	}
	most := int64(maxUnknown)
	if signed {
		most = maxBody
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, most))
	if err != nil || s.Mode == store.PushPlain {
		return body, err
	}
	envelope, err := parse(body)
	if err != nil {
		return nil, err
	}
	sealed := envelope.text("Encrypt")
	if !fits(q.Get("msg_signature"), s.Token, q.Get("timestamp"), q.Get("nonce"), sealed) {
		return nil, errForged
	}
	return decrypt(sealed, appID, s.AESKey)
}

// padTo is the block that the message is padded to (PKCS#7; 消息加解密说明).
const padTo = 32

// decrypt opens what is encrypted: AES-256-CBC of 16 random bytes, the length of the message, the message, the AppID.
func decrypt(sealed, appID string, key wechat.Secret) ([]byte, error) {
	aesKey, err := store.PushKey(key)
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(raw) == 0 || len(raw)%aes.BlockSize != 0 {
		return nil, errForged
	}
	block, err := aes.NewCipher(aesKey)
	if err != nil {
		return nil, err
	}
	cipher.NewCBCDecrypter(block, aesKey[:aes.BlockSize]).CryptBlocks(raw, raw)
	pad := int(raw[len(raw)-1])
	if pad < 1 || pad > padTo || !bytes.HasSuffix(raw, bytes.Repeat(raw[len(raw)-1:], pad)) {
		return nil, errForged
	}
	raw = raw[:len(raw)-pad]
	if len(raw) < 20 {
		return nil, errForged
	}
	size := uint64(binary.BigEndian.Uint32(raw[16:20]))
	if raw = raw[20:]; size > uint64(len(raw)) || string(raw[size:]) != appID {
		return nil, errForged
	}
	return raw[:size], nil
}
