package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// object is a JSON object that keeps its order.
type object []field

type field struct {
	name  string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	for i, f := range o {
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "%s:%s", name, value)
	}
	return fmt.Appendf(nil, "{%s}", text.Bytes()), nil
}

func (o object) get(name string) any {
	for _, f := range o {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// with is the object with a field of that value, in its place where it is there.
func (o object) with(name string, value any) object {
	changed := o.without(name)
	for i, f := range o {
		if f.name == name {
			return append(append(append(object{}, changed[:i]...), field{name, value}), changed[i:]...)
		}
	}
	return append(changed, field{name, value})
}

func (o object) without(name string) object {
	kept := object{}
	for _, f := range o {
		if f.name != name {
			kept = append(kept, f)
		}
	}
	return kept
}

// programSchema is the schema of one document of a file.
func programSchema(openAPI []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(openAPI, &document); err != nil {
		return nil, err
	}
	contract, ok := plain(document.Content[0]).(object)
	if !ok {
		return nil, fmt.Errorf("the contract is no object")
	}
	m := making{schemas: contract.get("components").(object).get("schemas").(object), seen: map[string]bool{}}
	rules := m.named("Rules")
	schema := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "A program of Stempel"},
	}
	schema = append(schema, rules.with("description", "As stempel apply reads it. What is left out, or 0, switches its rule off.")...)
	schema = append(schema, field{"$defs", m.definitions})
	text, err := json.MarshalIndent(schema, "", "  ")
	return append(text, '\n'), err
}

// plain is a node as JSON has it.
func plain(node *yaml.Node) any {
	switch node.Kind {
	case yaml.MappingNode:
		o := object{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			o = append(o, field{node.Content[i].Value, plain(node.Content[i+1])})
		}
		return o
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range node.Content {
			list = append(list, plain(item))
		}
		return list
	}
	var value any
	if err := node.Decode(&value); err != nil || node.ShortTag() == "!!timestamp" {
		return node.Value
	}
	return value
}

// making collects what Rules refers to.
type making struct {
	schemas, definitions object
	seen                 map[string]bool
}

func (m *making) named(name string) object {
	schema := m.schemas.get(name).(object)
	switch name {
	case "Rules":
		schema = keyed(schema, "Names the program among those of the merchant: with another key it is another program.")
	case "RewardRule":
		properties := schema.get("properties").(object).without("id").with("stock", object{
			{"type", "integer"},
			{"minimum", 0},
			{"maximum", 9007199254740991},
			{"description", "How many there are when the reward begins to be limited. What is counted later is not changed by a file."},
			{"example", 100},
		})
		schema = keyed(schema.with("properties", properties),
			"Names the reward among those of the program: with another key it is another reward.")
	}
	return m.made(schema).(object)
}

// keyed requires the key, and says what it is in a file.
func keyed(schema object, description string) object {
	properties := schema.get("properties").(object)
	key := properties.get("key").(object).with("description", description)
	required := append([]any{"key"}, schema.get("required").([]any)...)
	return schema.with("properties", properties.with("key", key)).with("required", required)
}

// made is a schema of the contract in plain JSON Schema.
func (m *making) made(value any) any {
	switch value := value.(type) {
	case object:
		o := object{}
		for _, f := range value {
			switch name, refers := f.value.(string); {
			case f.name == "$ref" && refers:
				o = append(o, field{"$ref", m.definition(name[strings.LastIndex(name, "/")+1:])})
			case f.name == "properties":
				properties := object{}
				for _, property := range f.value.(object) { // whose names may be those of keywords
					properties = append(properties, field{property.name, m.made(property.value)})
				}
				o = append(o, field{f.name, properties})
			case f.name == "example":
				o = append(o, field{"examples", []any{f.value}})
			case strings.HasPrefix(f.name, "x-"):
			case f.name == "description" && refers:
				o = append(o, field{f.name, strings.Join(strings.Fields(name), " ")})
			default:
				o = append(o, field{f.name, m.made(f.value)})
			}
		}
		return o
	case []any:
		list := []any{}
		for _, item := range value {
			list = append(list, m.made(item))
		}
		return list
	}
	return value
}

func (m *making) definition(name string) string {
	if !m.seen[name] {
		m.seen[name] = true
		place := len(m.definitions)
		m.definitions = append(m.definitions, field{name, nil})
		m.definitions[place].value = m.named(name)
	}
	return "#/$defs/" + name
}
