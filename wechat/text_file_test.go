package wechat

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

const titles = "标题,关键词\r\n取餐提醒,取餐号\r\n{\"title\":\"航班延误通知\",\"keywords\":[{\"name\":\"航班号\",\"example\":\"CA1234\"}]}\r\n"

func encoded(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	raw, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func utf16Of(text string, order binary.AppendByteOrder, mark bool) []byte {
	if mark {
		text = "\ufeff" + text
	}
	var raw []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		raw = order.AppendUint16(raw, unit)
	}
	return raw
}

func TestFault64_ATextIsReadInTheEncodingsOfChina(t *testing.T) {
	rare := "骉犇镕姓名登记提醒，喆先生\n" // 镕 and 喆 are outside of GB 2312
	for name, raw := range map[string][]byte{
		"UTF-8":                  []byte(titles),
		"UTF-8 with a mark":      []byte("\ufeff" + titles),
		"GBK":                    encoded(t, simplifiedchinese.GBK, titles),
		"GB18030":                encoded(t, simplifiedchinese.GB18030, titles),
		"UTF-16LE":               utf16Of(titles, binary.LittleEndian, true),
		"UTF-16BE":               utf16Of(titles, binary.BigEndian, true),
		"UTF-16LE without mark":  utf16Of(titles, binary.LittleEndian, false),
		"UTF-16BE without mark":  utf16Of(titles, binary.BigEndian, false),
		"ASCII before the first": encoded(t, simplifiedchinese.GBK, strings.Repeat("abc,def\n", 2000)+titles),
	} {
		text, err := DecodeText(raw)
		if err != nil || !strings.HasSuffix(text, titles) {
			t.Errorf("%s: %v, %.40q", name, err, text)
		}
	}
	if text, err := DecodeText(encoded(t, simplifiedchinese.GB18030, titles+rare)); err != nil || text != titles+rare {
		t.Errorf("rare characters: %v", err)
	}
	if text, err := DecodeText(nil); err != nil || text != "" {
		t.Errorf("an empty file: %q, %v", text, err)
	}
}

func TestFault64_WhatIsNoTextIsNamed(t *testing.T) {
	chinese := "訂單發貨通知，請查收您的包裹。會員等級變更提醒\n"
	for name, c := range map[string]struct {
		raw    []byte
		format string
	}{
		"a page":              {[]byte("<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>"), "HTML"},
		"a page with comment": {[]byte("\ufeff\n<!-- proxy -->\n<html lang=zh><head>"), "HTML"},
		"a page in GBK":       {encoded(t, simplifiedchinese.GBK, "<html><head><title>登录超时，请重新登录</title>"), "HTML"},
		"a workbook":          {[]byte("PK\x03\x04\x14\x00\x06\x00[Content_Types].xml"), "Excel"},
		"an old workbook":     {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "Excel"},
		"PDF":                 {[]byte("%PDF-1.7\n"), "PDF"},
		"gzip":                {[]byte("\x1f\x8b\x08\x00"), "gzip"},
		"Big5":                {encoded(t, traditionalchinese.Big5, chinese), "Big5"},
		"Shift_JIS":           {encoded(t, japanese.ShiftJIS, "ご注文の商品を発送しました。お届け予定日をご確認ください。\n"), "Shift_JIS"},
		"cut in a character":  {[]byte(strings.Repeat(titles, 9) + "发货")[:9*len(titles)+4], "UTF-8"},
		"zeros":               {[]byte{1, 0, 0, 0, 7, 0, 0, 0, 9}, "binary"},
		"half a unit":         {append(utf16Of(titles, binary.LittleEndian, true), 0x4e), "UTF-16"},
		"Latin":               {[]byte("titre\nexp\xe9dition de la commande\nr\xe9servation\n"), ""},
	} {
		text, err := DecodeText(c.raw)
		var bad *TextError
		if !errors.As(err, &bad) || text != "" {
			t.Errorf("%s: read as %.60q, %v", name, text, err)
			continue
		}
		if bad.Format != c.format {
			t.Errorf("%s: %q, want %q", name, bad.Format, c.format)
		}
	}
}

func TestATitleWithATagIsNoPage(t *testing.T) {
	for _, title := range []string{"<b>订单</b>发货通知", "<订单>发货通知\n<html5课程>上课提醒"} {
		if text, err := DecodeText([]byte(title)); err != nil || text != title {
			t.Errorf("%s: %v", title, err)
		}
	}
}

func TestAFileThatIsTooLargeIsNotRead(t *testing.T) {
	endless := strings.NewReader(strings.Repeat("订", MaxTextFile/3+2))
	if _, err := ReadText(endless); !errors.Is(err, ErrTextTooLarge) {
		t.Errorf("%v", err)
	}
}

func FuzzDecodeText(f *testing.F) {
	f.Add([]byte(titles))
	f.Add([]byte("\xff\xfe\x00"))
	f.Add([]byte("\xb6\xa9\xb5\xa5"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text, err := DecodeText(raw)
		if err != nil && text != "" {
			t.Errorf("text beside the error %v", err)
		}
		if err == nil && !utf8.ValidString(text) {
			t.Errorf("what was read is no text: %q", text)
		}
	})
}
