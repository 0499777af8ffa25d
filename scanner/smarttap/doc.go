// Package smarttap reads what an Android phone answers to an NFC reader that asks for
// a pass of Google Wallet (Smart Tap 2.1), where the reader hands over its raw session
// instead of the redemption value in it: it holds that the merchant's reader has begun
// the session, decrypts the phone's record, and takes the value out.
//
// It is pure. It must never know what the value means, or which sessions were used
// before.
package smarttap
