package web_test

// fault is something that goes wrong, and the tests that prove it survived: the directory
// and the test of each, "main" for the program's own.
type fault struct {
	what  string
	tests []string
}

// proofs holds the faults that were foreseen; found holds the later ones.
var proofs = map[int][]string{
	1: {
		"web/api.TestFault01_AThousandServersAtExpiryMakeOneCallUpstream",
		"wechat/token.TestFault01_AThousandCallersAtExpiryMakeOneRequest",
		"wechat/token.TestFault01_CallersPausedBetweenLookingAndAskingMakeNoOther",
	},
	2: {
		"wechat/token.TestFault02_TheFirstCallerGivesUpAndTheOthersGetTheToken",
	},
	3: {
		"store.TestFault03_AThousandReportsToTwoProcessesMakeOneRefresh",
		"web/api.TestFault03_AThousandReportsOfOneRejectedTokenMakeOneRefresh",
		"wechat/token.TestFault03_ALateReportOfAnOlderTokenRefreshesNothing",
		"wechat/token.TestFault03_AThousandReportsOfOneTokenMakeOneRefresh",
		"wechat/token.TestFault03_ATokenKilledFromOutsideIsReplacedOnce",
	},
	4: {
		"store.TestFault04_TheBudgetIsOneForAllProcessesAndSurvivesRestarts",
		"web/api.TestFault04_AForcedRefreshOfAnSDKKeepsToItsLimits",
		"web/pages.TestFault04_ARefreshByHandIsConfirmedAndKeepsToItsFloor",
		"wechat/token.TestFault04_AClockThatWasAheadDoesNotTieTheHands",
		"wechat/token.TestFault04_ManyHandsAtOnceMakeOneRefresh",
		"wechat/token.TestFault04_RefreshesByHandHaveAFloorAndADailyBudget",
	},
	5: {
		"web/api.TestFault05_TokensRejectedOneAfterTheOtherEndInAPause",
		"wechat.TestFault05_ARejectedTokenLeadsToOneRefreshAndOneRepeat",
		"wechat/token.TestFault05_AWeChatThatRejectsEveryTokenIsAskedForFew",
		"wechat/token.TestFault05_TokensRejectedOneAfterTheOtherAreNotFetchedForEver",
	},
	6: {
		"store.TestFault06_SeveralProcessesTogetherAskNoMoreOftenThanOne",
		"web/api.TestFault06_WithoutATokenTheServerIsToldWhatWeChatSaid",
		"web/pages.TestFault06_TheTokenPageSaysWhatIsWrongAndWhichIPToAllow",
		"wechat/token.TestFault06_ARepairIsTriedAtOnceByHand",
		"wechat/token.TestFault06_AtItsExpiryTheTokenIsAskedForOnceMore",
		"wechat/token.TestFault06_WhereOnlyAPersonCanHelpTheKeeperBacksOffAndTellsWhy",
	},
	7: {
		"web/api.TestFault07_ServersSeeNoErrorDuringAnHourOf5xxAndARestart",
		"wechat/token.TestFault07_WhileARefreshFailsTheOldTokenIsServedUntilItExpires",
		"wechat/token.TestFault07_WithoutATokenAHangingWeChatIsToldInTime",
	},
	8: {
		"wechat.TestFault08_TheTokenGETHasAConnectionOfItsOwn",
		"wechat.TestFault08_TheTokenGETIsNotRepeatedOnADeadConnection",
	},
	9: {
		"main.TestFault09_AServerThatIsKilledOverARefreshIsReplacedByTheOtherWithinSeconds",
		"store.TestFault09_AKilledProcessIsReplacedWithinSeconds",
		"store.TestFault09_ALostTokenIsNoTrapForTheOthers",
		"store.TestFault09_ASlowFetchKeepsItsTurn",
		"store.TestFault09_ATurnThatIsNotNeededIsGivenUp",
		"store.TestFault09_EveryProcessTurnsToTheNewTokenBeforeTheOldOneDies",
		"store.TestFault09_HalfAnHourOfTwoProcessesOfWhichOneIsKilled",
		"store.TestFault09_InWhateverGapAProcessIsKilledTheOtherServes",
		"store.TestFault09_ProcessesThatAreDueInTheSameMomentMakeOneFetch",
		"web/api.TestFault09_AnotherProcessHandsOutTheSameToken",
		"wechat/token.TestFault09_AStoredTokenAboutToExpireIsNotTakenOver",
		"wechat/token.TestFault09_ATokenThatAnotherProcessFetchedIsTakenOver",
	},
	10: {
		"web/api.TestFault10_AnOddAnswerOfWeChatsIsNoFaultOfTheConsoles",
		"wechat/token.TestFault10_ARejectedTokenIsReplacedByAnOddOne",
		"wechat/token.TestFault10_AShortLivedTokenIsBetterThanNone",
		"wechat/token.TestFault10_OddAnswersKeepTheOldTokenAndMakeNoLoop",
	},
	11: {
		"store.TestFault11_AProcessThatStoodStillOverItsFetchTakesTheLaterToken",
		"wechat/token.TestFault11_AnOlderAnswerThatLandsLastIsIgnored",
	},
	12: {
		"wechat/token.TestFault12_ATokenOfTheFutureIsReplaced",
		"wechat/token.TestFault12_AfterTheClockWasSetBackTwoProcessesMakeOneFetch",
		"wechat/token.TestFault12_ExpiryCountsFromTheStartOfTheRequest",
		"wechat/token.TestFault12_TheClockMayBeSetByAnHourEitherWay",
	},
	13: {
		"store.TestFault13_TwentyRestartsOfTwoProcessesRefreshNothing",
		"wechat/token.TestFault13_AfterARestartAnExpiredTokenIsNotServed",
		"wechat/token.TestFault13_TwentyRestartsRefreshNothing",
	},
	14: {
		"wechat/token.TestFault14_AStoreThatCannotBeReadDoesNotStopTheService",
		"wechat/token.TestFault14_ATokenThatCannotBeStoredIsServedAndStoredLater",
		"wechat/token.TestFault14_WithoutAStoreToTakeTurnsByTheTokenIsFetchedAllTheSame",
	},
	15: {
		"wechat/token.TestFault15_AnAnswerOfTheOldCredentialsIsDropped",
		"wechat/token.TestFault15_TheOldTokenIsServedUntilTheNewCredentialsBringOne",
	},
	16: {
		"store.TestFault16_AHundredAtOnceWithOneKeyMakeOneSend",
		"web/api.TestFault16_OneKeyIsOneSendHoweverOftenItIsAskedFor",
	},
	17: {
		"store.TestFault17_AThousandRacesForOneRight",
		"store.TestFault17_TwoPeopleAndOneRight",
		"web/pages.TestFault17_OfManyAtOnceOneWinsAndTheOthersAreTold",
		"web/pages.TestFault17_TwoPeopleOneRight",
		"wechat/dispatch.TestFault17_WhoComesSecondIsToldWhoHoldsTheRight",
	},
	18: {
		"store.TestFault18_ALostAnswerHoldsTheRightUntilAPersonDecides",
		"web/api.TestFault18_ALostAnswerIsUnknownAndTheKeyRepeatsNothing",
		"web/pages.TestFault18_ALostAnswerHoldsTheRightUntilAPersonDecides",
	},
	19: {
		"store.TestFault19_SendsOfADeadProcessBecomeUnknown",
		"store.TestFault19_TheRightOfASendThatWasCutOffStaysHeld",
		"wechat/dispatch.TestFault19_KilledAnywhereNothingIsSentTwiceOrForgotten",
		"wechat/dispatch.TestFault19_KilledInEveryGapOfASend",
	},
	20: {
		"store.TestFault20_TheLastSecondOfSevenDays",
		"wechat/ledger.TestFault20_AFormSendsOnceAndAPaymentThreeTimesAtOnceOrInTurn",
		"wechat/ledger.TestFault20_TheSevenDaysEndToTheSecond",
	},
	21: {
		"store.TestFault21_41028And41029CloseTheRight",
		"web/pages.TestFault21_APaymentOfAMomentAgoIsTriedAgain",
		"web/pages.TestFault21_ARefusedFormIsClosed",
		"wechat/dispatch.TestFault21_ANewPaymentThatIsNotKnownYetIsTriedAgainUntilItIs",
		"wechat/dispatch.TestFault21_AnOldPaymentAndAFormAreTriedOnce",
		"wechat/dispatch.TestFault21_AnUnpaidPaymentIsGivenUpAfterItsFirstMinute",
	},
	22: {
		"web/api.TestFault22_WhatIsNoRightIsRefusedWithItsReason",
		"wechat/ledger.TestFault22_ThePrefixIsTakenOffAndSaidSo",
		"wechat/ledger.TestFault22_WhatIsNoRightIsRefusedAtTheDoorWithTheReason",
	},
	23: {
		"wechat/ledger.TestFault23_AnotherCaseIsAnotherOpenID",
	},
	24: {
		"wechat/kind.TestFault24_ARefusalIsToldAsItIs",
		"wechat/kind.TestFault24_ATemplateOfOtherKeywordsIsNotTakenForTheNewOne",
		"wechat/kind.TestFault24_AnAdditionWithoutAnAnswerIsLookedUp",
		"wechat/kind.TestFault24_TheOutcomeIsFoundForACallerWhoGaveUp",
	},
	25: {
		"web/pages.TestFault25_ACopyNeedsTheRoleInTheAppThatItGoesTo",
		"web/pages.TestFault25_ThePageOfPermissionsIsTheTableOfRoutes",
	},
	26: {
		"web/pages.TestFault26_APersonsOwnMiniProgramSessionBindsTheirOpenID",
		"web/pages.TestFault26_QAInOneAppSendsToTheirOwnOpenIDThere",
	},
	27: {
		"web/pages.TestFault27_AKeyOfAnotherAppIsNotFound",
		"web/pages.TestFault27_AnAddressInAnAppOneHasNoRoleInLeadsNowhere",
		"web/pages.TestFault27_AnAppWithoutARoleIsNotThere",
		"web/pages.TestFault27_AnArchivedAppIsNotThereForPagesAndKeys",
		"web/pages.TestFault27_ListsOverAllAppsLeaveOutThoseWithoutARole",
	},
	28: {
		"store.TestFault28_AChangeOfRolesInOneAppTellsTheCache",
		"web/pages.TestFault28_ARoleThatIsChangedOnThePageCountsFromTheNextRequest",
	},
	30: {
		"web/auth.TestFault30_CodesInParallelGetNoMoreTries",
		"web/auth.TestFault30_FiveWrongCodesCloseTheName",
		"web/pages.TestFault30_GuessesOnOnesOwnPageAreCounted",
	},
	32: {
		"web/auth.TestFault32_AKeyOpensItsScopeUntilItEnds",
		"web/auth.TestFault32_WhatIsNoLiveKeyOpensNothing",
		"web/pages.TestFault32_AKeyIsShownOnceAndOpensFromThenOn",
		"web/pages.TestFault32_ARevokedKeyIsDeadFromTheNextCallOn",
	},
	33: {
		"store.TestFault33_ARoleInOneAppDoesNotMakeAnAdministratorOfTheConsole",
		"web/pages.TestFault33_TheLastAdministratorStaysWhateverIsPosted",
	},
	35: {
		"web.TestFault35_CanariesInEverySecretFieldAppearNowhere",
		"web/api.TestFault35_NoKeyAndNoTokenIsEverLogged",
		"web/auth.TestFault35_AKeyIsKeptAsItsHashAlone",
		"web/pages.TestFault35_LinksCodesAndSecretsLeakNowhere",
		"wechat.TestFault35_ARedirectIsNotFollowed",
		"wechat.TestFault35_ASecretRedactsItself",
		"wechat.TestFault35_NoErrorOfAStableTokenShowsTheSecret",
		"wechat.TestFault35_NoErrorShowsASecret",
		"wechat/alert.TestFault35_ADeliveryShowsNeitherAddressNorSecret",
		"wechat/token.TestFault35_NothingOfAKeeperShowsItsToken",
	},
	36: {
		"web/pages.TestFault36_AWebhookLeadsToNoPrivateAddress",
		"wechat.TestFault36_ABaseIsAPublicHostOverHTTPS",
		"wechat.TestFault36_APrivateBaseIsForThoseWhoAskForIt",
		"wechat.TestFault36_TheDefaultTransportDoesNotConnectToThisMachine",
	},
	37: {
		"web/pages.TestFault37_ACellIsNeverAFormulaAndANumberStaysOne",
		"web/pages.TestFault37_AFileOfSendsHoldsNoFormula",
		"web/pages.TestFault37_TheExportedListIsReadBackAndHoldsNoFormula",
	},
	38: {
		"store.TestFault38_NothingAcknowledgedIsLostByKill9",
		"store/db.TestFault38_EveryConnectionIsAsItMustBe",
	},
	39: {
		"store.TestFault39_EightHundredReadThenWriteTransactionsAtOnce",
	},
	40: {
		"store.TestFault40_AFullDiskIsSaidAndLosesNothing",
	},
	41: {
		"store.TestFault41_ABackupTakenUnderLoadRestores",
	},
	42: {
		"store.TestFault42_AMissingOrWrongKeyIsRefusedByName",
		"store.TestFault42_KeysRotate",
	},
	43: {
		"store.TestFault43_EveryActAddsExactlyOneActivity",
		"store.TestFault43_WithoutItsActivityNothingIsDone",
	},
	44: {
		"store.TestFault44_ABitFlippedFileIsNamed",
		"store.TestFault44_ATruncatedFileIsNamed",
		"store.TestFault44_OnlyTheOwnerReadsTheFiles",
	},
	45: {
		"main.TestFault45_ABodyThatTricklesInIsHungUpOn",
		"main.TestFault45_AHeaderThatTricklesInIsHungUpOn",
		"main.TestFault45_DeepJSONIsRefused",
		"main.TestFault45_HugeRequestsAreRefusedAndMemoryStaysFlat",
		"main.TestFault45_WhoSaysNothingMoreIsHungUpOn",
	},
	46: {
		"main.TestFault46_AStopFinishesWhatIsUnderWayAndTakesNothingNew",
		"main.TestFault46_SIGTERMFinishesWhatIsUnderWay",
	},
	50: {
		"store.TestFault50_APasswordThatChangedSinceOpensNothing",
		"store.TestFault50_ARestoreElsewhereHoldsWhatItCannotKnow",
		"store.TestFault50_ARestoreInPlaceBringsNothingBack",
	},
	51: {
		"store.TestFault51_ABackupThatIsNotExactlyOursIsNotRestored",
		"store.TestFault51_VerifyLooksAndMendsNothing",
		"store/db.TestFault51_AnAlteredTableIsStillOurs",
		"store/db.TestFault51_LookingChangesNothing",
		"store/db.TestFault51_WhatIsNotOursIsNotOpened",
	},
	55: {
		"wechat.TestFault55_APrivateAddressIsRefusedInEverySpelling",
		"wechat/alert.TestFault55_AWebhookIsHeldToTheRuleOfAnAPIBase",
	},
	56: {
		"wechat/dispatch.TestFault56_AKnownOutcomeIsKeptUntilTheStoreTakesIt",
		"wechat/dispatch.TestFault56_AStopTriesOnceMoreToRecordWhatIsKept",
		"wechat/dispatch.TestFault56_AnOutcomeThatWasWrittenAllTheSameIsNotWrittenAgain",
	},
	57: {
		"web/pages.TestFault57_ADeletionWithoutAnAnswerIsNotKnownYetAndNotMadeTwice",
		"web/pages.TestFault57_AnAdditionThatTakesEffectLateIsThePersonsOwn",
		"web/pages.TestFault57_AnAdditionWithoutAnAnswerIsNotKnownYetAndNotMadeTwice",
		"wechat/account.TestFault57_ADeletionWithoutAnAnswerIsLookedUp",
		"wechat/account.TestFault57_AfterWeChatsOwnDeadlineWhatIsNotThereMayBeAddedAgain",
		"wechat/account.TestFault57_AnAdditionOutlivesTheProcessThatAsked",
		"wechat/account.TestFault57_AnAdditionThatWeChatCarriesOutLateIsAdopted",
		"wechat/account.TestFault57_WhileItIsNotKnownTheSameIsNotAskedForAgain",
		"wechat/kind.TestFault57_ADeletionWithoutAnAnswerIsLookedUp",
		"wechat/kind.TestFault57_OneEmptyListDoesNotProveADeletion",
	},
	58: {
		"web/pages.TestFault58_AnEmptyLibraryIsNotPastItsLastTitle",
		"web/pages.TestFault58_OneEmptyListDeletesNothing",
		"wechat/account.TestFault58_AListThatRepeatsIsBelieved",
		"wechat/account.TestFault58_AListWithoutItsLastPageIsAskedAgain",
		"wechat/account.TestFault58_OneEmptyOrShorterListIsDoubtedAndAskedAgain",
		"wechat/account.TestFault58_WhatWasListedBeforeARestartOrRememberedCountsToo",
		"wechat/library.TestFault58_ALibraryThatTrulyShrankIsBelieved",
		"wechat/library.TestFault58_OneListThatShrinksIsNotBelieved",
	},
	59: {
		"wechat/dispatch.TestFault59_ABusyWeChatLeavesASendUnknownAndItsRightHeld",
		"wechat/kind.TestFault59_ABusyWeChatLeavesAnAdditionAndADeletionOpen",
	},
	62: {
		"web/api.TestFault62_AnSDKWhoseTokenWasTakenElsewhereIsHealed",
		"wechat/token.TestFault62_ADayOfRejectedTokensStaysWithinTheBudget",
		"wechat/token.TestFault62_AProbeWithoutAnAnswerChangesNothing",
		"wechat/token.TestFault62_AProgramThatOnlyAsksAgainIsGivenATokenThatWorks",
		"wechat/token.TestFault62_ATokenThatIsGoodIsProbedSeldom",
		"wechat/token.TestFault62_WhoAsksOnceInATokensLifeOrForTheFirstTimeCausesNoProbe",
	},
	63: {
		"web/pages.TestFault63_AWrongAppSecretIsAlertedByEitherCodeAndNotTriedAgainSoon",
		"wechat.TestFault63_40001ForARequestForATokenIsAWrongAppSecret",
	},
	64: {
		"main.TestFault64_AuditReadsWhatItIsGivenOrRefusesByName",
		"web/pages.TestFault64_AFileInGBKWithSemicolonsIsImported",
		"wechat.TestFault64_ATextIsReadInTheEncodingsOfChina",
		"wechat.TestFault64_WhatIsNoTextIsNamed",
		"wechat/account.TestFault64_AFileIsReadInTheEncodingsOfChinesePrograms",
		"wechat/account.TestFault64_CellsAreSeparatedAsSpreadsheetsAndPeopleDoIt",
		"wechat/audit.TestFault64_ALibraryIsReadAsItWasExported",
		"wechat/audit.TestFault64_ProposalsAreReadInAnyEncodingAndAsAnArray",
		"wechat/audit.TestFault64_WhatIsNoLibraryIsRefused",
	},
	65: {
		"wechat/audit.TestFault65_SuggestionsForComposedTitlesPass",
		"wechat/audit.TestFault65_WhatIsSuggestedPassesTheCheckThatMadeIt",
	},
	66: {
		"store/db.TestFault66_AFullDiskIsNotReadyUntilThereIsRoom",
		"store/db.TestFault66_BehindALockEverybodyHasAnAnswerAtOnce",
	},
}
