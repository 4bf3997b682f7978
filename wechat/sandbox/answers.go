package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// weChatType says "encoding" where one expects "charset", as WeChat does.
const weChatType = "application/json; encoding=utf-8"

// status is the part that all answers share, and the whole of a refusal.
type status struct {
	Code int    `json:"errcode"`
	Msg  string `json:"errmsg"`
}

func ok() status { return status{Msg: "ok"} }

// The errcodes that the simulator answers by itself.
const (
	codeTokenRejected  = 40001
	codeTokenMalformed = 40014
	codeTokenExpired   = 42001
	codeTokenMissing   = 41001
	codeGrantType      = 40002
	codeOpenID         = 40003
	codeAppID          = 40013
	codeSecret         = 40125
	codeTemplateID     = 40037
	codeFormID         = 41028
	codeFormUsed       = 41029
	codePage           = 41030
	codePostNeeded     = 43002
	codeEmptyBody      = 44002
	codeQuota          = 45009
	codeTemplateLimit  = 45026
	codeUnsupported    = 45103
	codeRetired        = 45109
	codeExpiredAPI     = 48009
	codeFormat         = 47001
	codeArgs           = 40097
	// Of WeChat's published table of return codes.
	codeAppIDMissing  = 41002
	codeSecretMissing = 41004
	codeGetNeeded     = 43001
	codeURL           = 40066
	// Of subscribe messages.
	codeWrongVerb       = 404
	codeNoConsent       = 43101
	codeConcurrent      = 43108
	codeValue           = 47003
	codeOldRid          = 76001
	codeNoRid           = 76003
	codeNoPath          = 76021
	codeBadID           = 20002
	codeBadTID          = 200002
	codeSubscribeLimit  = 200012
	codeTID             = 200014
	codeStart           = 200016
	codeLimit           = 200017
	codeCategoryMissing = 200018
	codeCategory        = 200019
	codeKeywords        = 200020
	codeScene           = 200021
	codeSame            = 200022
)

// errmsgs are how the errmsg of a code begins, for refusals and for injected faults.
var errmsgs = map[int]string{
	-1:                 "system error",
	codeTokenRejected:  "invalid credential, access_token is invalid or not latest",
	codeTokenMalformed: "invalid access_token",
	codeTokenExpired:   "access_token expired",
	codeTokenMissing:   "access_token missing",
	codeGrantType:      "invalid grant_type",
	codeOpenID:         "invalid openid",
	codeAppID:          "invalid appid",
	codeSecret:         "invalid appsecret",
	40164:              "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist",
	40243:              "appsecret is frozen",
	codeTemplateID:     "invalid template_id",
	codeFormID:         "invalid form id",
	codeFormUsed:       "form id used count reach limit",
	codePage:           "invalid page",
	41031:              "the form id have been blocked for punishment",
	41032:              "not allow to send template message, for punishment",
	41034:              "not allow to send template message, for punishment",
	41035:              "not allow to send template message, for punishment",
	43106:              "not allow to add template, for punishment",
	codePostNeeded:     "require POST method",
	codeGetNeeded:      "require GET method",
	codeEmptyBody:      "empty post data",
	codeQuota:          "reach max api daily quota limit",
	45011:              "api freq out of limit",
	codeTemplateLimit:  "template num exceeds limit",
	codeUnsupported:    "This API has been unsupported",
	codeRetired:        "retired",
	codeExpiredAPI:     "this api is expired",
	codeFormat:         "data format error",
	codeArgs:           "invalid args",
	48001:              "api unauthorized",
	48004:              "api banned",
	codeAppIDMissing:   "appid missing",
	codeSecretMissing:  "appsecret missing",
	codeURL:            "invalid url",

	codeWrongVerb:       "HTTP method is wrong",
	20001:               "system error",
	200001:              "system error",
	codeBadID:           "invalid parameter",
	40400:               "HTTP Bad Request",
	codeNoConsent:       "user refuse to accept the msg",
	43107:               "subscribe message ability is banned",
	codeConcurrent:      "Cannot make concurrent calls to the same OpenID, please try again",
	45168:               "message contains sensitive words",
	codeValue:           "argument invalid! data.thing1.value invalid",
	codeOldRid:          "rid is expired",
	codeNoRid:           "could not find this rid",
	codeNoPath:          "cgi_path not found, please check",
	76022:               "could not use this cgi_path, no permission",
	codeBadTID:          "invalid parameter",
	200011:              "account is banned",
	codeSubscribeLimit:  "private template limit reached",
	200013:              "template is banned",
	codeTID:             "missing parameter tid",
	codeStart:           "invalid parameter start",
	codeLimit:           "invalid parameter limit",
	codeCategoryMissing: "missing parameter ids",
	codeCategory:        "invalid parameter ids",
	codeKeywords:        "invalid parameter kidList",
	codeScene:           "invalid parameter sceneDesc",
	codeSame:            "template has added already",
	200100:              "this account is not supported",
}

// refuse is the answer for an errcode. The caller holds the lock.
func (s *Server) refuse(code int) status {
	if code == 0 {
		return ok()
	}
	text, listed := errmsgs[code]
	switch now := s.now(); {
	case !listed:
		text = "error"
	case code == codeSecret && !now.Before(linksSince) && now.Before(hintsUntil):
		text += ", view more at http://t.cn/RAEkdVq"
	}
	return s.refuseWith(code, text)
}

// refuseWith is refuse with a text of its own.
func (s *Server) refuseWith(code int, text string) status {
	s.answers++
	return status{Code: code, Msg: text + tail(s.now(), s.hash("answer", s.answers), s.state.Other)}
}

// When errmsgs took another form. That the changes came on these days is assumed: the years and the months are those
// of answers that were seen.
var (
	linksSince  = time.Date(2019, 1, 1, 0, 0, 0, 0, shanghai) // a wrong secret is explained behind a link, for a year
	offlineFrom = time.Date(2020, 1, 10, 0, 0, 0, 0, shanghai)
	hintsUntil  = time.Date(2020, 1, 1, 0, 0, 0, 0, shanghai) // from then on they end in a rid
	bothFrom    = time.Date(2020, 7, 1, 0, 0, 0, 0, shanghai) // some in a hint and a rid
	bothUntil   = time.Date(2020, 9, 1, 0, 0, 0, 0, shanghai)
)

// tail is what support asks for: a hint with the time in it, or a rid that begins with it.
// Hints seen are qIVzOa06104924 and xbWplA05654114: five characters, a or A, and eight
// digits that begin with 0. That these are milliseconds and seconds is assumed.
func tail(now time.Time, random [32]byte, hints bool) string {
	letters := base64.RawURLEncoding.EncodeToString(random[:])
	hint := fmt.Sprintf(" hint: [%s%c%04d%04d]", letters[:5], "aA"[random[31]&1], now.Nanosecond()/1e6, now.Unix()%10000)
	rid := fmt.Sprintf(" rid: %08x-%x-%x", uint32(now.Unix()), random[:4], random[4:8])
	switch {
	case hints || now.Before(hintsUntil):
		return hint
	case !now.Before(bothFrom) && now.Before(bothUntil) && random[30]&1 == 1:
		return hint + rid
	}
	return rid
}

// weChatReply is an answer of WeChat's: HTTP 200 always.
func weChatReply(answer any) reply {
	return reply{status: http.StatusOK, contentType: weChatType, body: encode(answer)}
}

// encode writes v without escaping what HTML would need: WeChat does not.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // all answers are our own plain structs
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
