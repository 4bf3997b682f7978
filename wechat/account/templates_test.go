package account

import (
	"strings"
	"testing"
)

func TestAnAliasIsSmallLettersDigitsAndSignsBetweenThem(t *testing.T) {
	for _, good := range []string{"order-paid", "a", "7", "order.paid_v2", "a--b", strings.Repeat("a", 64)} {
		if !ValidAlias(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{
		"", "-a", "a-", ".a", "a.", "_", "..", "Order", "order paid", " a", "订单", "a/b", "a%2fb", "a\n", "é", "a:b", "a'b", strings.Repeat("a", 65),
	} {
		if ValidAlias(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}
