package ui

import "testing"

func TestWhatGoesBeforeAnAddress(t *testing.T) {
	both := Below{Base: "/muban", App: In("wx1", "")}
	for _, c := range []struct {
		below         Below
		address, want string
	}{
		{Below{}, "/drafts/1", "/drafts/1"},
		{Below{Base: "/muban"}, "/", "/muban/"},
		{Below{App: In("wx1", "")}, "/", "/@wx1/"},
		{both, "/drafts?state=review#x", "/muban/@wx1/drafts?state=review#x"},
		{both, "/static/1/muban.css", "/muban/static/1/muban.css"},
		{both, "/@wx2/drafts", "/muban/@wx2/drafts"},
	} {
		if got := c.below.At(c.address); got != c.want {
			t.Errorf("%+v %q: %q, want %q", c.below, c.address, got, c.want)
		}
	}
}

func TestOnAPageOnlyAddressesOfOursAreMovedAndNoScriptIsOne(t *testing.T) {
	p := &Page{Below: Below{Base: "/muban"}}
	for address, want := range map[string]string{
		"/drafts": "/muban/drafts", "#top": "#top", "?a=b": "?a=b", "https://example.com/": "https://example.com/",
		"javascript:alert(1)": "about:invalid#TemplFailedSanitizationURL",
	} {
		if got := string(p.At(address)); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
