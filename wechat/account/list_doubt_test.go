package account_test

import (
	"testing"

	"muban/wechat/sandbox"
)

const listPath = "/cgi-bin/wxopen/template/list"

const (
	nothing = `{"errcode":0,"errmsg":"ok","list":[]}`
	one     = `{"errcode":0,"errmsg":"ok","list":[{"template_id":"other","title":"提醒","content":"金额{{keyword1.DATA}}\n","example":"金额：1"}]}`
)

func TestFault58_OneEmptyOrShorterListIsDoubtedAndAskedAgain(t *testing.T) {
	for name, answer := range map[string]string{
		"empty":           nothing,
		"another account": one,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fill(23)
			if got := w.list(); got != 23 {
				t.Fatalf("%d of 23", got)
			}
			w.fault(sandbox.Fault{Path: listPath, Body: answer})
			if got := w.list(); got != 23 {
				t.Errorf("%d of 23 are left after one answer", got)
			}
		})
	}
}

// The second page is where a list most easily loses its end.
func TestFault58_AListWithoutItsLastPageIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(23)
	w.list()
	w.fault(sandbox.Fault{Path: listPath, Delay: 1}) // the first page comes as it is
	w.fault(sandbox.Fault{Path: listPath, Body: nothing})
	if got := w.list(); got != 23 {
		t.Errorf("%d of 23", got)
	}
}

func TestFault58_WhatWasListedBeforeARestartOrRememberedCountsToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(3)
	w.list()
	must(t, w.KeepLists(t.Context()))
	w.restart()
	w.fault(sandbox.Fault{Path: listPath, Body: nothing})
	if got := w.list(); got != 3 {
		t.Errorf("%d of 3 after a restart", got)
	}
}

func TestFault58_AListThatRepeatsIsBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.fill(3)
	w.list()
	must(t, w.elsewhere().DeleteTemplate(t.Context(), ids[1]))
	if got := w.list(); got != 2 {
		t.Errorf("%d, one of 3 was deleted elsewhere", got)
	}
	w.fault(sandbox.Fault{Path: listPath, Body: nothing, Times: 2})
	if got := w.list(); got != 0 {
		t.Errorf("%d, twice there was none", got)
	}
}

// What is listed later is no reason for doubt: every list would cost two calls.
func TestAListIsReadOnceWhereNothingIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.fill(3)
	w.list()
	w.account().Unlist(ids[0]) // as a deletion here does
	must(t, w.elsewhere().DeleteTemplate(t.Context(), ids[0]))
	before := w.sandbox.Stats()[listPath]
	w.list()
	if calls := w.sandbox.Stats()[listPath] - before; calls != 1 {
		t.Errorf("%d calls", calls)
	}
}
