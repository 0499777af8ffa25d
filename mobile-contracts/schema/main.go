// Command schema makes the JSON Schema of a program as a file out of the
// contract's Rules: what has an id there has a key in a file.
package main

import (
	"fmt"
	"os"

	contract "stempel/mobile-contracts"
)

func main() {
	schema, err := programSchema(contract.OpenAPI())
	if err == nil {
		err = os.WriteFile("program.schema.json", schema, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}
