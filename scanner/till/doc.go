// Package till is the till in a browser: the files that a cashier's tablet loads.
//
// The modules in assets/read turn what a camera, a barcode gun or an NFC reader
// gives into texts; assets/zxing decodes QR codes where the browser cannot, and is
// copied from a package by vendor/vendor.js.
//
// It must never know what a text means, nor how a request came in: that is
// scanner's and api's.
package till
