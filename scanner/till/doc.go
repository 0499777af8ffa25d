// Package till is the till in a browser: the files that a cashier's tablet loads.
// They are ES modules as they stand here; nothing builds them.
//
// assets/app.js is the till, and each of its screens a module beside it. They speak
// the contract with the till's token: what a card may do is the server's to say.
// assets/words are the sentences in each language; assets/worker.js keeps all files
// for a start without network.
//
// The modules in assets/read turn what a camera, a barcode gun or an NFC reader
// gives into texts; assets/zxing decodes QR codes where the browser cannot, and is
// copied from a package by vendor/vendor.js.
//
// The modules in assets/offline let it go on without network: they check what can be
// checked with public keys, keep what was done in the browser's database, signed and
// numbered, and send it when somebody answers (mobile-contracts/offline.md). Only they
// know what a text means, and nothing of what they find is final: the server decides.
//
// It must never know how a request came in: that is api's.
package till
