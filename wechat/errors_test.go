package wechat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"muban/wechat"
)

// meanings are the codes of WeChat's table by what they mean to us.
var meanings = map[error][]int{
	wechat.ErrBusy:          {-1, 20001, 200001},
	wechat.ErrToken:         {40001, 40014, 42001},
	wechat.ErrTokenMissing:  {41001},
	wechat.ErrGrantType:     {40002},
	wechat.ErrOpenID:        {40003},
	wechat.ErrAppID:         {40013},
	wechat.ErrAppSecret:     {40125},
	wechat.ErrIP:            {40164},
	wechat.ErrFrozen:        {40243},
	wechat.ErrArgs:          {20002, 40097, 200002, 200014, 200016, 200017, 200018, 200019},
	wechat.ErrTemplateID:    {40037},
	wechat.ErrFormID:        {41028},
	wechat.ErrFormUsed:      {41029},
	wechat.ErrPage:          {41030},
	wechat.ErrPenalty:       {41031, 41032, 41034, 41035, 43106, 43107, 200011, 200013},
	wechat.ErrMethod:        {404, 43002},
	wechat.ErrEmptyBody:     {44002},
	wechat.ErrQuota:         {45009},
	wechat.ErrFrequency:     {45011},
	wechat.ErrTemplateLimit: {45026, 200012},
	wechat.ErrRetired:       {45103, 45109, 48009},
	wechat.ErrData:          {40400, 47001},
	wechat.ErrUnauthorized:  {48001, 48004, 200100},
	wechat.ErrKeywords:      {200020},
	wechat.ErrScene:         {200021},
	wechat.ErrSame:          {200022},
	wechat.ErrConsent:       {43101},
	wechat.ErrConcurrent:    {43108},
	wechat.ErrValue:         {47003},
	wechat.ErrWords:         {45168},
	wechat.ErrRid:           {76001, 76003},
	wechat.ErrPath:          {76021, 76022},
}

func TestEveryCodeMeansOneThing(t *testing.T) {
	var all []int
	for _, codes := range meanings {
		all = append(all, codes...)
	}
	slices.Sort(all)
	if !slices.Equal(all, wechat.Codes()) {
		t.Errorf("Codes() = %v\nwant      %v", wechat.Codes(), all)
	}
	for _, code := range all {
		body := fmt.Sprintf(`{"errcode":%d,"errmsg":"what WeChat says hint: [q7LoEA0699ge30]"}`, code)
		err := newClient(t, serve(t, saying(body))).DeleteTemplate(t.Context(), "x")
		for sentinel, codes := range meanings {
			if errors.Is(err, sentinel) != slices.Contains(codes, code) {
				t.Errorf("errcode %d is %v: %v", code, sentinel, errors.Is(err, sentinel))
			}
		}
		if want := fmt.Sprintf("wechat: template/del: errcode %d: what WeChat says hint: [q7LoEA0699ge30]", code); err.Error() != want {
			t.Errorf("got %q", err)
		}
	}
}

func TestAnUnknownCodeIsToldWhole(t *testing.T) {
	msg := "something new " + strings.Repeat("x", 5000) + " rid: 5f86bdd6-15ceb0dc-3ad307da"
	err := newClient(t, serve(t, saying(`{"errcode":99999,"errmsg":"`+msg+`"}`))).DeleteTemplate(t.Context(), "x")
	var e *wechat.Error
	if !errors.As(err, &e) || e.Code != 99999 || e.Msg != msg || !strings.HasSuffix(err.Error(), msg) {
		t.Errorf("got %v", err)
	}
	for sentinel := range meanings {
		if errors.Is(err, sentinel) {
			t.Errorf("taken for %v", sentinel)
		}
	}
}

// Fault 37: newlines cannot forge log lines.
func TestAnErrmsgCannotForgeALine(t *testing.T) {
	err := &wechat.Error{Op: "send", Code: 1, Msg: "bad\r\n2026 INFO all is well\u2028\x1b[31m"}
	if strings.ContainsAny(err.Error(), "\r\n\u2028\x1b") {
		t.Errorf("%q", err.Error())
	}
}

func TestWhatIsUncertain(t *testing.T) {
	call := func(is error, status int) error {
		return &wechat.CallError{Op: "send", Err: is, Status: status}
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{io.EOF, false},
		{context.Canceled, false},
		{&wechat.Error{Code: 41029}, false},
		{&wechat.Error{Code: 40001}, false},
		{&wechat.Error{Code: -1}, true},
		{call(wechat.ErrUnreachable, 0), false},
		{call(wechat.ErrNoAnswer, 0), true},
		{call(wechat.ErrTimeout, 0), true},
		{call(wechat.ErrNotJSON, 0), true},
		{call(wechat.ErrTooLarge, 0), true},
		{call(wechat.ErrRedirect, 302), false},
		{call(wechat.ErrStatus, 404), false},
		{call(wechat.ErrStatus, 502), true},
		{call(wechat.ErrStatus, 204), true},
		{fmt.Errorf("sending: %w", call(wechat.ErrTimeout, 0)), true},
	} {
		if got := wechat.Uncertain(c.err); got != c.want {
			t.Errorf("Uncertain(%v) = %v", c.err, got)
		}
	}
}
