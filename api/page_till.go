package api

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"stempel/scanner/till"
)

// The till's app is files alone: what it knows it asks by the contract, with the
// till's token, which stands in no address.
const (
	tillRoot   = "/till"
	tillIndex  = "index.html"
	tillWorker = "worker.js"
)

// tillPage sends the app's one page.
func (s *Server) tillPage(c *fiber.Ctx) error { return sendTillFile(c, tillIndex) }

// tillFile sends what it loads.
func (s *Server) tillFile(c *fiber.Ctx) error {
	name := c.Params("*")
	if name == tillIndex { // one page, one address
		return errNoPage
	}
	return sendTillFile(c, name)
}

// sendTillFile sends a file of the app, zipped to who reads that: browsers do. They ask
// each time whether it is still the same; the app's own worker does not ask at all.
func sendTillFile(c *fiber.Ctx, name string) error {
	file, ok := till.Open(name)
	if !ok {
		return errNoPage
	}
	body, tag := file.Body, file.ETag
	switch {
	case name == tillWorker:
		body, tag = tillWorkerBody(file.Plain()), `"`+till.Version()+`"`
		c.Set("Service-Worker-Allowed", tillRoot)
	case file.Zipped && readsGzip(c):
		c.Set(fiber.HeaderContentEncoding, "gzip")
	default:
		body, tag = file.Plain(), strings.Replace(tag, `"`, `"plain-`, 1)
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderContentSecurityPolicy, till.Policy)
	c.Set("Permissions-Policy", till.Permissions)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderETag, tag)
	c.Set(fiber.HeaderContentType, file.Type)
	if c.Get(fiber.HeaderIfNoneMatch) == tag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	return c.Send(body)
}

// tillWorkerBody is the app's worker behind what it keeps: all files but itself and
// licences, by their addresses.
func tillWorkerBody(worker []byte) []byte {
	addresses := []string{tillRoot}
	for _, name := range till.Names() {
		if !slices.Contains([]string{tillIndex, tillWorker}, name) && !strings.HasPrefix(name, "zxing/LICENSE") && name != "zxing/NOTICE" {
			addresses = append(addresses, tillRoot+"/"+name)
		}
	}
	files, err := json.Marshal(addresses)
	if err != nil {
		panic(err) // texts alone
	}
	var body bytes.Buffer
	body.WriteString(`const version = "` + till.Version() + `", files = `)
	body.Write(files)
	body.WriteString(";\n")
	body.Write(worker)
	return body.Bytes()
}
