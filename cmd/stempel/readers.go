package main

import (
	"encoding/base64"
	"strconv"

	"stempel/passes/apple"
	"stempel/scanner"
	"stempel/scanner/smarttap"
	"stempel/scanner/vas"
)

// readerSettings is what opens what NFC readers hand over unopened.
type readerSettings struct {
	VASKeys           string `long:"vas-keys" env:"STEMPEL_VAS_KEYS" value-name:"PEM" description:"Private keys of NFC readers that ask iPhones for passes (Apple VAS) and hand over what they cannot open: one or more P-256 keys, PEM."`
	SmartTapKeys      string `long:"smarttap-keys" env:"STEMPEL_SMARTTAP_KEYS" value-name:"PEM" description:"Public keys of NFC readers that ask Android phones for passes (Google Smart Tap) and hand over raw sessions: one or more P-256 keys, PEM."`
	SmartTapCollector string `long:"smarttap-collector" env:"STEMPEL_SMARTTAP_COLLECTOR" value-name:"ID" description:"Collector id that those readers have, a number."`
}

// check reads the keys as the server will. An NFC key is one that passes are encrypted
// for, or none.
func (s *readerSettings) check(wrong *problems, nfcKey string) {
	if s.VASKeys != "" {
		keys, err := vas.ParseKeys(s.VASKeys)
		der, _ := base64.StdEncoding.DecodeString(nfcKey)
		switch {
		case err != nil:
			wrong.add("STEMPEL_VAS_KEYS", "cannot be used: %v", err)
		case nfcKey != "" && apple.CheckNFCKey(nfcKey) == nil && !keys.Opens(der):
			wrong.add("STEMPEL_VAS_KEYS", "do not have the private key of STEMPEL_APPLE_NFC_KEY, which phones encrypt for")
		}
	}
	if s.SmartTapKeys == "" && s.SmartTapCollector == "" {
		return
	}
	if _, err := smarttap.ParseKeys(s.SmartTapKeys); err != nil {
		wrong.add("STEMPEL_SMARTTAP_KEYS", "cannot be used: %v", err)
	}
	if _, ok := s.collector(); !ok {
		wrong.add("STEMPEL_SMARTTAP_COLLECTOR", "must be a number from 1 to 4294967295, as Google gave it with the keys")
	}
}

func (s *readerSettings) collector() (uint32, bool) {
	id, err := strconv.ParseUint(s.SmartTapCollector, 10, 32)
	return uint32(id), err == nil && id > 0
}

// phones is what opens them, for passes of one type. check has found it good.
func (s *readerSettings) phones(passType string) scanner.Phones {
	p := scanner.Phones{PassType: passType}
	p.VAS, _ = vas.ParseKeys(s.VASKeys)
	if collector, ok := s.collector(); ok {
		p.SmartTap = &smarttap.Reader{Collector: collector}
		p.SmartTap.Keys, _ = smarttap.ParseKeys(s.SmartTapKeys)
	}
	return p
}
