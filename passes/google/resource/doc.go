// Package resource holds the parts of the Wallet API's resources that passes are made of,
// under Google's names (Google Wallet API, REST reference: loyaltyclass, loyaltyobject).
// Google's own client has types for all of them, which reach each other and would be a
// megabyte of the program; a test holds ours to them.
//
// It must never know what a card is, nor how a resource gets to Google.
package resource
