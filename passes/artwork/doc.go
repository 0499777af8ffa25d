// Package artwork draws what is a picture on a card: the strip with its stamps
// or its bar, and a merchant's logo and icon at the sizes that wallets want. It
// reads pictures that strangers made, so each is measured before it is decoded.
//
// It must never know languages: a picture is the same for all who share a
// brand and a progress, which is what makes it worth keeping.
package artwork
