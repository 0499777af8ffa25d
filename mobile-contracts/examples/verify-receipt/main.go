// Command verify-receipt checks a receipt without asking its server, with the
// standard library alone, so that it can be read as a recipe and copied into any
// program. The keys were fetched once, from /.well-known/jwks.json, and kept.
//
//	go run ./mobile-contracts/examples/verify-receipt keys.json receipt.txt
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: verify-receipt keys.json receipt.txt")
		os.Exit(2)
	}
	stated, err := verifyFiles(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "This is not a genuine receipt:", err)
		os.Exit(1)
	}
	fmt.Printf("Genuine: entry %d of %s, %s %d, balance %d, at %s.\n",
		stated.Seq, stated.Card, stated.Kind, stated.Units, stated.Balance, stated.At)
}

func verifyFiles(keyFile, receiptFile string) (*receipt, error) {
	keys, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(receiptFile)
	if err != nil {
		return nil, err
	}
	return verify(strings.TrimSpace(string(text)), keys)
}
