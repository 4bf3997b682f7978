package web_test

// found holds the faults that attacks, a strange WeChat and public reports brought to light.
var found = map[int]fault{
	47: {"A stranger's wrong guesses lock somebody out, or a whole IPv6 network guesses as many addresses.", []string{
		"store.TestFault47_GuessesFromAKnownPlaceAreCountedForThemselves",
		"store.TestFault47_GuessesFromOneAddressAreBoundedWhateverTheNames",
		"store.TestFault47_GuessesThatArriveTogetherInTwoProcessesGetNoMoreTries",
		"store.TestFault47_TheShellLiftsALock",
		"web/auth.TestFault47_ANetworksGuessesWaitBehindEachOther",
		"web/auth.TestFault47_AStrangersGuessesLockNobodyOutWhoWasInBefore",
		"web/auth.TestFault47_AnIPv6NetworkIsOneGuesser",
		"web/auth.TestFault47_GuessesFromAKnownDeviceAreBoundedToo",
		"web/auth.TestFault47_TheShellLiftsALock",
		"web/auth.TestFault47_WhoIsKnownWaitsBehindNoGuesser",
	}},
	48: {"Requests from people who are not signed in fill the memory.", []string{
		"main.TestFault48_HeldPostsOfStrangersCostLittleMemory",
		"web.TestFault48_NoMoreConnectionsAreHeldThanTheLimit",
	}},
	49: {"Attacks, refusals and exports leave no trace, or a flood of them fills the disk.", []string{
		"store.TestFault49_ALockIsInTheLogAndAFloodOfThemIsNot",
		"web/auth.TestFault49_WrongGuessesAndLocksLeaveALineEach",
		"web/pages.TestFault49_AFloodOfRefusalsIsCutShort",
		"web/pages.TestFault49_ExportsAndRefusalsLeaveATrace",
	}},
	50: {"A restored backup brings back sessions, links, keys or rights that ended since it was taken.", []string{
		"store.TestFault50_APasswordThatChangedSinceOpensNothing",
		"store.TestFault50_ARestoreElsewhereHoldsWhatItCannotKnow",
		"store.TestFault50_ARestoreInPlaceBringsNothingBack",
	}},
	51: {"A restored database holds a trigger, view, table or column that is not the console's.", []string{
		"store.TestFault51_ABackupThatIsNotExactlyOursIsNotRestored",
		"store.TestFault51_VerifyLooksAndMendsNothing",
		"store/db.TestFault51_AnAlteredTableIsStillOurs",
		"store/db.TestFault51_LookingChangesNothing",
		"store/db.TestFault51_WhatIsNotOursIsNotOpened",
	}},
	52: {"A common password is accepted, or a stolen session alone ends the second factor.", []string{
		"store.TestFault52_ANewInstallationWillNeedASecondFactorOnceItIsAtWork",
		"web/auth.TestFault52_EasyPasswordsAreRefused",
		"web/pages.TestFault52_EasyPasswordsAreRefusedOnEveryPage",
		"web/pages.TestFault52_RecoveryCodesAreHashedAsPasswordsAre",
		"web/pages.TestFault52_WhatKeepsOthersOutAsksForThePasswordAgain",
	}},
	53: {"A name looks like another person's by other scripts, or by characters that nobody sees.", []string{
		"store.TestFault53_ANameThatLooksLikeAnothersIsTaken",
		"web/auth.TestFault53_NamesAreSeenAsTheyAreAndOfOneScript",
		"web/auth.TestFault53_TheShellTakesNoSuchNameAndForgesNoRow",
		"web/pages.TestFault53_NamesThatDeceiveAreRefusedOnEveryPage",
	}},
	54: {"The key of the secrets has leaked and cannot be changed.", []string{
		"store.TestFault54_AKeyThatIsRotatedWhileServingSealsNothingMore",
	}},
	55: {"A private address passes for a public one by another spelling.", []string{
		"wechat.TestFault55_APrivateAddressIsRefusedInEverySpelling",
		"wechat/alert.TestFault55_AWebhookIsHeldToTheRuleOfAnAPIBase",
	}},
	56: {"WeChat answered, the store could not take the outcome, and it is forgotten.", []string{
		"wechat/dispatch.TestFault56_AKnownOutcomeIsKeptUntilTheStoreTakesIt",
		"wechat/dispatch.TestFault56_AStopTriesOnceMoreToRecordWhatIsKept",
		"wechat/dispatch.TestFault56_AnOutcomeThatWasWrittenAllTheSameIsNotWrittenAgain",
	}},
	57: {"A change without an answer is called safe to repeat, or its late success is taken for a stranger's.", []string{
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
	}},
	58: {"One empty or short list is believed, and what is still there is marked deleted.", []string{
		"web/pages.TestFault58_AnEmptyLibraryIsNotPastItsLastTitle",
		"web/pages.TestFault58_OneEmptyListDeletesNothing",
		"wechat/account.TestFault58_AListThatRepeatsIsBelieved",
		"wechat/account.TestFault58_AListWithoutItsLastPageIsAskedAgain",
		"wechat/account.TestFault58_OneEmptyOrShorterListIsDoubtedAndAskedAgain",
		"wechat/account.TestFault58_WhatWasListedBeforeARestartOrRememberedCountsToo",
		"wechat/library.TestFault58_ALibraryThatTrulyShrankIsBelieved",
		"wechat/library.TestFault58_AWalkDoubtsAPageThatShrinks",
		"wechat/library.TestFault58_OneListThatShrinksIsNotBelieved",
	}},
	59: {"WeChat is busy, which is taken for a refusal, and what it carried out is done twice.", []string{
		"wechat/dispatch.TestFault59_ABusyWeChatLeavesASendUnknownAndItsRightHeld",
		"wechat/kind.TestFault59_ABusyWeChatLeavesAnAdditionAndADeletionOpen",
	}},
	60: {"A body's misspelt or repeated member is ignored, or its size or its dates have no bound.", []string{
		"web/api.TestFault60_ABodyIsReadStrictlyAtEveryDepth",
	}},
	61: {"A live check tells of another message than the one that would be sent.", []string{
		"web/pages.TestFault61_TheLiveCheckIsOfWhatWouldBeSent",
		"wechat/kind.TestFault61_EveryPartOfAMessageIsChecked",
	}},
	62: {"A program that only asks for tokens, and reports none, gets the same dead token each time.", []string{
		"web/api.TestFault62_AnSDKWhoseTokenWasTakenElsewhereIsHealed",
		"wechat/token.TestFault62_ADayOfRejectedTokensStaysWithinTheBudget",
		"wechat/token.TestFault62_AProbeWithoutAnAnswerChangesNothing",
		"wechat/token.TestFault62_AProgramThatOnlyAsksAgainIsGivenATokenThatWorks",
		"wechat/token.TestFault62_ATokenThatIsGoodIsProbedSeldom",
		"wechat/token.TestFault62_WhoAsksOnceInATokensLifeOrForTheFirstTimeCausesNoProbe",
	}},
	63: {"A wrong AppSecret or a retired interface is taken for an expired token, and asked again.", []string{
		"web/pages.TestFault63_AWrongAppSecretIsAlertedByEitherCodeAndNotTriedAgainSoon",
		"wechat.TestFault63_40001ForARequestForATokenIsAWrongAppSecret",
	}},
	64: {"A file in another encoding or form is half read, and what was not read counts as faultless.", []string{
		"main.TestFault64_AuditReadsWhatItIsGivenOrRefusesByName",
		"web/pages.TestFault64_AFileInGBKWithSemicolonsIsImported",
		"wechat.TestFault64_ATextIsReadInTheEncodingsOfChina",
		"wechat.TestFault64_WhatIsNoTextIsNamed",
		"wechat/account.TestFault64_AFileIsReadInTheEncodingsOfChinesePrograms",
		"wechat/account.TestFault64_CellsAreSeparatedAsSpreadsheetsAndPeopleDoIt",
		"wechat/audit.TestFault64_ALibraryIsReadAsItWasExported",
		"wechat/audit.TestFault64_ProposalsAreReadInAnyEncodingAndAsAnArray",
		"wechat/audit.TestFault64_WhatIsNoLibraryIsRefused",
	}},
	65: {"A suggestion is refused by the very check that made it.", []string{
		"wechat/audit.TestFault65_SuggestionsForComposedTitlesPass",
		"wechat/audit.TestFault65_WhatIsSuggestedPassesTheCheckThatMadeIt",
	}},
	66: {"Trouble in the store is answered as a mistake of the caller's, or in the program's own words.", []string{
		"web/pages.TestFault66_AFileIsInTheReadersLanguageAndItsTimesSayTheirZone",
		"store/db.TestFault66_AFullDiskIsNotReadyUntilThereIsRoom",
		"store/db.TestFault66_BehindALockEverybodyHasAnAnswerAtOnce",
		"web.TestFault66_ALockedDatabaseIsSaidWithinItsTimeAndWhenToAskAgain",
	}},
	67: {"A stray click destroys what others rely on.", []string{
		"web/pages.TestFault67_AResetNeedsThePermissionToDeleteAndTheNameTyped",
	}},
}
