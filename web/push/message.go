package push

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// The bounds of a message: events are two levels deep and hold a handful of fields.
const (
	maxDepth = 8
	maxNodes = 1000
)

// node is a field of a message, as both JSON and XML write it.
type node struct {
	name, value string
	fields      []node
}

// text is the value of the first field of this name, "" where there is none.
func (n node) text(name string) string {
	for _, f := range n.fields {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// all are the fields of this name, wherever they lie: WeChat writes the items of an event in XML below an element that
// is named for the event, in JSON without it; there one item is an object and several are an array.
func (n node) all(name string) (found []node) {
	for _, f := range n.fields {
		if f.name == name {
			found = append(found, f)
			continue
		}
		found = append(found, f.all(name)...)
	}
	return found
}

// parse reads a message of either format. The documents disagree about which comes: the first byte tells.
func parse(body []byte) (node, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 || !utf8.Valid(body) {
		return node{}, errBody
	}
	var n node
	var err error
	switch body[0] {
	case '<':
		n, err = parseXML(body)
	case '{':
		n, err = parseJSON(body)
	default:
		err = errBody
	}
	if err != nil {
		return node{}, errors.Join(errBody, err)
	}
	return n, nil
}

// reading counts what was read of one message.
type reading struct{ nodes int }

func (r *reading) another(depth int) error {
	if r.nodes++; r.nodes > maxNodes || depth > maxDepth {
		return errBody
	}
	return nil
}

func parseJSON(body []byte) (node, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	r := reading{}
	n, err := r.json(d, "", 0)
	if err != nil {
		return node{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return node{}, errBody
	}
	return n[0], nil
}

// json reads the next value, by tokens: so nothing is nested deeper than it may be. An array gives several nodes.
func (r *reading) json(d *json.Decoder, name string, depth int) ([]node, error) {
	if err := r.another(depth); err != nil {
		return nil, err
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case string:
		return []node{{name: name, value: v}}, nil
	case json.Number:
		return []node{{name: name, value: v.String()}}, nil
	case json.Delim:
		if v == '[' {
			return r.array(d, name, depth)
		}
		n := node{name: name}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			fields, err := r.json(d, key.(string), depth+1)
			if err != nil {
				return nil, err
			}
			n.fields = append(n.fields, fields...)
		}
		_, err := d.Token()
		return []node{n}, err
	}
	return nil, nil // true, false and null tell nothing here
}

func (r *reading) array(d *json.Decoder, name string, depth int) (all []node, err error) {
	for d.More() {
		items, err := r.json(d, name, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	_, err = d.Token()
	return all, err
}

func parseXML(body []byte) (node, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Entity = map[string]string{} // none but those of XML itself
	r := reading{}
	for {
		token, err := d.Token()
		if err != nil {
			return node{}, err
		}
		switch v := token.(type) {
		case xml.Directive: // a DOCTYPE, which could define entities
			return node{}, errBody
		case xml.StartElement:
			n, err := r.xml(d, v, 0)
			if err != nil {
				return node{}, err
			}
			return n, ended(d)
		}
	}
}

// ended refuses what follows the message.
func ended(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if text, ok := token.(xml.CharData); err != nil || !ok || len(bytes.TrimSpace(text)) > 0 {
			return errBody
		}
	}
}

func (r *reading) xml(d *xml.Decoder, start xml.StartElement, depth int) (node, error) {
	if err := r.another(depth); err != nil {
		return node{}, err
	}
	n := node{name: start.Name.Local}
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return node{}, err
		}
		switch v := token.(type) {
		case xml.Directive:
			return node{}, errBody
		case xml.CharData:
			text.Write(v)
		case xml.StartElement:
			field, err := r.xml(d, v, depth+1)
			if err != nil {
				return node{}, err
			}
			n.fields = append(n.fields, field)
		case xml.EndElement:
			if len(n.fields) == 0 {
				n.value = strings.TrimSpace(text.String())
			}
			return n, nil
		}
	}
}
