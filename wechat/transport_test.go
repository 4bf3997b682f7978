package wechat_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"muban/wechat"
)

// Fault 36: a base on this machine or a private network is refused.
func TestFault36_ABaseIsAPublicHostOverHTTPS(t *testing.T) {
	for _, base := range []string{
		wechat.DefaultBase, "https://api.weixin.qq.com/", "https://sh.api.weixin.qq.com", "https://api.q.qq.com:443/api",
		"https://8.8.8.8", "https://[2400:da00::6666]:8443", "https://192.169.0.1", "https://172.32.0.1", "https://100.128.0.1",
	} {
		if err := wechat.CheckBase(base, false); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	for _, base := range []string{
		"http://api.weixin.qq.com", "ftp://api.weixin.qq.com", "//api.weixin.qq.com", "api.weixin.qq.com", "", "https://", "https://:443", "https:api.weixin.qq.com",
		"https://u:p@api.weixin.qq.com", "https://u@api.weixin.qq.com", "https://api.weixin.qq.com?a=b", "https://api.weixin.qq.com/?", "https://api.weixin.qq.com#f", "https://api.weixin.qq.com/#",
		"https://localhost", "https://LOCALHOST.", "https://a.localhost", "https://printer.local", "https://metadata.google.internal", "https://intranet",
		"https://127.0.0.1", "https://127.255.255.255", "https://127.1", "https://2130706433", "https://0x7f.0.0.1", "https://0x7f000001", "https://017700000001", "https://0",
		"https://0.0.0.0", "https://0.1.2.3", "https://10.0.0.1", "https://172.16.0.1", "https://172.31.255.255", "https://192.168.1.1", "https://169.254.169.254",
		"https://100.100.100.200", "https://224.0.0.1", "https://255.255.255.255", "https://[::]", "https://[::1]", "https://[fe80::1]", "https://[fe80::1%25eth0]", "https://[fd00::1]",
		"https://[fec0::1]", "https://[ff02::1]", "https://[::ffff:127.0.0.1]", "https://[::ffff:10.0.0.1]", "https://[64:ff9b::7f00:1]", "https://[64:ff9b::a00:1]", "https://[2002:7f00:1::]",
		"https://api.weixin.qq.com:port", "https://api weixin", "https://[::1", "https://a\x00b.com", "https://127.0.0.1.", "https://a.b%25c.com",
	} {
		if wechat.CheckBase(base, false) == nil {
			t.Errorf("%q passes", base)
		}
	}
}

func TestFault36_APrivateBaseIsForThoseWhoAskForIt(t *testing.T) {
	for _, base := range []string{"http://127.0.0.1:9090", "https://localhost:9090/x", "http://[::1]:9090", "http://sandbox:9090"} {
		if err := wechat.CheckBase(base, true); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	for _, base := range []string{"", "http://u:p@127.0.0.1", "http://127.0.0.1/?q", "file:///etc/passwd", "http:///x", "unix:/run/x"} {
		if wechat.CheckBase(base, true) == nil {
			t.Errorf("%q passes", base)
		}
		if _, err := wechat.NewClient(wechat.Config{Base: base, Tokens: &purse{}}); err == nil && base != "" {
			t.Errorf("a client of %q", base)
		}
	}
}

func TestAWrongBaseIsNotShown(t *testing.T) {
	for _, base := range []string{"https://u:" + canary + "@h.com", "https://h.com/?" + canary, "https://h.com/%zz" + canary, canary} {
		if err := wechat.CheckBase(base, false); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%q: %v", base, err)
		}
	}
}

// Fault 36: a name that leads to this machine is refused at connect time.
func TestFault36_TheDefaultTransportDoesNotConnectToThisMachine(t *testing.T) {
	base := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	for _, base := range []string{base, strings.Replace(base, "127.0.0.1", "localhost", 1)} {
		err := send(t, base, func(c *wechat.Config) { c.Transport = nil })
		check(t, err, wechat.ErrUnreachable, false)
		_, err = wechat.FetchToken(t.Context(), wechat.Credentials{Base: base, Secret: canary})
		check(t, err, wechat.ErrUnreachable, false)
		if !strings.Contains(err.Error(), "not a public address") {
			t.Errorf("%v", err)
		}
	}
}

// privately spells addresses of this machine and of private networks in every way that leads to them.
func privately() []string {
	spelled := []string{"fc00::1", "fe80::1%lo", "2606:4700::1%1", "::", "::1"}
	for _, private := range []string{"127.0.0.1", "127.8.9.10", "10.1.2.3", "172.20.0.7", "192.168.99.1", "169.254.169.254", "100.100.100.200", "0.0.0.0"} {
		a := netip.MustParseAddr(private).As4()
		words := fmt.Sprintf("%02x%02x:%02x%02x", a[0], a[1], a[2], a[3])
		flipped := fmt.Sprintf("%02x%02x:%02x%02x", ^a[0], ^a[1], ^a[2], ^a[3])
		spelled = append(spelled,
			private, "::ffff:"+private, "::"+private, "::ffff:0:"+words,
			"64:ff9b::"+private, "64:ff9b:1::"+words, "64:ff9b:1:ffff::"+words, "2002:"+words+"::1",
			"2001:0:5ef5:79fd::"+flipped, "2001:0:"+words+"::1", "fe80::5efe:"+words, "2606:4700::5efe:"+words, "2606:4700::200:5efe:"+words,
		)
	}
	return spelled
}

func TestFault55_APrivateAddressIsRefusedInEverySpelling(t *testing.T) {
	transport := wechat.DefaultTransport().(*http.Transport)
	for _, address := range privately() {
		host := address
		if strings.Contains(address, ":") {
			host = "[" + strings.Replace(address, "%", "%25", 1) + "]"
		}
		if err := wechat.CheckBase("https://"+host, false); err == nil {
			t.Errorf("%s passes as a base", host)
		}
		connection, err := transport.DialContext(t.Context(), "tcp", net.JoinHostPort(address, "9"))
		if err == nil {
			connection.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "not a public address") && !isNoSuch(err) {
			t.Errorf("%s is dialled: %v", address, err)
		}
	}
	for _, host := range []string{
		"0177.0.0.1", "0x7F.0x0.0x0.0x1", "127.0.1", "017700000001", "0x7f000001", "3232235777", "127.0.0.1..", "127.0.0.0x1", "[::1].",
		"１２７.0.0.1", "127。0。0。1", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ", "①②⑦.0.0.1", "1.0.0.127.in-addr.arpa", "router.lan", "x.localdomain",
	} {
		if err := wechat.CheckBase("https://"+host, false); err == nil {
			t.Errorf("%s passes as a base", host)
		}
	}
	for _, host := range []string{"[2400:da00::6666]", "[64:ff9b::808:808]", "[2002:808:808::1]", "[2606:4700::5efe:808:808]", "[::ffff:8.8.8.8]", "[2620:0:2d0:200::7]"} {
		if err := wechat.CheckBase("https://"+host, false); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// isNoSuch is a machine without the address's family or zone.
func isNoSuch(err error) bool {
	return errors.Is(err, syscall.EAFNOSUPPORT) || strings.Contains(err.Error(), "no such network interface")
}

func TestAClientNeedsTokens(t *testing.T) {
	if _, err := wechat.NewClient(wechat.Config{}); err == nil || errors.Is(err, wechat.ErrToken) {
		t.Errorf("got %v", err)
	}
}
