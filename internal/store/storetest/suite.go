// Package storetest is the suite that every database under internal/store
// passes, and the shop that other tests post to.
package storetest

import "testing"

// Run runs the suite. Each call of fresh returns the URL of a new, empty
// database, as store.Open takes it.
func Run(t *testing.T, fresh func(testing.TB) string) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, func(testing.TB) string)
	}{
		{"migrate", testMigrate},
		{"not migrated", testNotMigrated},
		{"model", testModel},
		{"every field", testEveryField},
		{"nothing to write", testNothingToWrite},
		{"all or nothing", testAllOrNothing},
		{"cancelled", testCancelled},
		{"panic", testPanic},
		{"one nonce, two stores", testOneNonce},
		{"one request, two stores", testOneRequest},
		{"hot card", testHotCard},
		{"merge", testMerge},
		{"passes", testPasses},
		{"dirty", testDirty},
		{"dirty meanwhile", testDirtyMeanwhile},
		{"settling", testSettling},
		{"once", testOnce},
		{"once at the same time", testOnceAtTheSameTime},
		{"open card", testOpenCard},
		{"moving in", testMoveIn},
		{"moving in twice at once", testMoveInTwiceAtOnce},
		{"office", testOffice},
		{"brand", testBrand},
		{"place", testPlace},
		{"claims", testClaims},
		{"a claim is issued once", testIssueOnce},
		{"one claim, two cards, two stores", testOneClaim},
		{"withdrawing while claiming", testWithdrawOrClaim},
		{"devices", testDevices},
		{"web card", testWebCard},
		{"secrets", testSecrets},
		{"a revoked secret", testRevokedSecret},
		{"numbers of devices", testNumbers},
		{"one number each", testNumbersAtTheSameTime},
		{"program versions", testProgramVersions},
		{"drafts", testDrafts},
		{"next version", testNextVersion},
		{"archive", testArchive},
		{"unpublished", testUnpublished},
		{"stock", testStock},
		{"card changes", testCardChanges},
		{"card list", testCardList},
		{"entry list", testEntryList},
		{"voucher list", testVoucherList},
		{"reading", testReading},
		{"strangers", testStrangers},
		{"PIN", testPIN},
		{"PINs at the same time", testPINsAtTheSameTime},
		{"pairing", testPairing},
		{"pairing at the same time", testPairingAtTheSameTime},
		{"PINs on many tills", testGuesses},
		{"staff", testStaff},
		{"API keys", testKeys},
		{"keyring", testKeyring},
		{"each card", testEachCard},
		{"orphans", testOrphans},
		{"prune", testPrune},
		{"members", testMembers},
		{"merged members", testMergedMembers},
		{"erased member", testErasedMember},
		{"erased cards", testErasedCards},
		{"reseal", testReseal},
		{"reseal webhooks", testResealWebhooks},
		{"webhooks", testWebhooks},
		{"collect", testCollect},
		{"settle", testSettle},
		{"backlog", testBacklog},
		{"replay", testReplay},
		{"replay kinds", testReplayKinds},
		{"resume", testResume},
		{"backup", testBackup},
		{"backup meanwhile", testBackupMeanwhile},
		{"restore refusals", testRestoreRefusals},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, fresh)
		})
	}
}
