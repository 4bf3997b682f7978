package auth

import (
	"errors"
	"strings"
	"testing"
)

func TestFault52_EasyPasswordsAreRefused(t *testing.T) {
	for _, password := range []string{
		"1234567890", "0987654321", "administrator", "Administrator1", "          ", "　　　　　　　　　　", "password123", "P@ssw0rd2024", "Passw0rd!!",
		"qwertyuiop", "1qaz2wsx3edc", "asdfghjkl1", "aaaaaaaaaa", "abcabcabcabc", "abcdefghij", "muban-weixin", "weixin123456", "WeChat2024!", "微信小程序模板消息", "微信小程序管理员密码",
		"woaini5201314", "woaini1314520", "zhangwei1990", "19900101abc", "20240229admin", "iloveyou123", "letmein2023", "我爱你我爱你我爱你我", "admin admin admin", "!@#$%^&*()",
		"Zhaoyun-1988", "zhaoyun zhaoyun", "ZHAOYUN12345", "5201314520", "ａｄｍｉｎ１２３４５", "summer2024!", "xyzqxyzqxyzq", "qq12345678", "test1234test",
	} {
		if err := CheckPasswordRules("zhaoyun", password); err == nil {
			t.Errorf("%q is taken", password)
		}
	}
	if err := CheckPasswordRules("赵云飞", "赵云飞赵云飞12345"); !errors.Is(err, ErrEasy) {
		t.Errorf("one's own Chinese name: %v", err)
	}
	for _, password := range []string{"short", strings.Repeat("很长", 65)} {
		if err := CheckPasswordRules("", password); err == nil || errors.Is(err, ErrEasy) {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestOtherPasswordsAreTakenWhateverTheirCharacters(t *testing.T) {
	for _, password := range []string{
		"correct horse battery", "a long password", "a new long one", "a new password", "Tr0ub4dor&3", "kX9#vq2Lp!", "床前明月光疑是地上霜", "another long sentence",
		"lorem ipsum dolor", "7Gq4zT1pLw", "k#9$!Vz@&%", "雨停了，猫也回来了。", "my cat eats at nine",
	} {
		if err := CheckPasswordRules("zhaoyun", password); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func FuzzAnyPasswordIsJudgedInNoTime(f *testing.F) {
	f.Add("zhaoyun", "P@ssw0rd2024")
	f.Fuzz(func(t *testing.T, name, password string) {
		_ = CheckPasswordRules(name, password)
		if n := pieces(name, password); n < 0 {
			t.Errorf("%d pieces", n)
		}
	})
}
