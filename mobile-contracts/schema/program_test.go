package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	contract "stempel/mobile-contracts"
)

func TestTheSchemaIsTheContracts(t *testing.T) {
	want, err := programSchema(contract.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(contract.Program(), want) {
		t.Error("program.schema.json is not what the contract makes it: go generate ./mobile-contracts")
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(contract.Program()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("program.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("program.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func document(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestTemplatesFollowTheSchema(t *testing.T) {
	schema := compiled(t)
	files, err := filepath.Glob("../../internal/templates/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document(t, text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestTheSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	const whole = "key: cafe\nname: Café\nkind: stamps\nearn: {by: units}\ncard_size: 10\ncard_reward: coffee\n" +
		"rewards: [{key: coffee, name: Coffee, limited: true, stock: 5}]\n"
	if err := schema.Validate(document(t, []byte(whole))); err != nil {
		t.Fatal(err)
	}
	for about, text := range map[string]string{
		"no key":           "name: Café\nkind: stamps\nearn: {by: units}\n",
		"a key with blank": "key: my cafe\nname: Café\nkind: stamps\nearn: {by: units}\n",
		"an unknown field": whole + "colour: red\n",
		"another type":     whole + "welcome: one\n",
		"a negative":       whole + "welcome: -1\n",
		"an unknown kind":  "key: cafe\nname: Café\nkind: miles\nearn: {by: units}\n",
		"half a policy":    whole + "policies: [{method: live}]\n",
	} {
		if schema.Validate(document(t, []byte(text))) == nil {
			t.Errorf("%s passes", about)
		}
	}
	const withID = "key: cafe\nname: Café\nkind: points\nearn: {by: units}\nrewards: [{key: a, name: A, id: reward_01h455vb4pex5vsknk084sn02q}]\n"
	if schema.Validate(document(t, []byte(withID))) == nil {
		t.Error("a reward's id passes")
	}
}
