#if SQLite
    import RuleFixture

    /// The rules of the store in a file.
    enum RBRules {
        static let table: [Rule] = [
            Rule(
                ["RB-1"], changed: ["RB-4"], "logs are there when the file is opened again, also by a second store beside the first",
                ["rows read by the second": 1, "as they were": [true, true]]
            ) { try await FileScenarios().reopening() },
            Rule(
                changed: ["RB-4"], "of two stores on one file each sees at once what the other wrote, and one of two drives is refused",
                ["codes of the other drive": ["conflict"], "rows": 10, "seen at once": true]
            ) { try await FileScenarios().besideEachOther() },
            Rule(
                changed: ["RB-3"], "rows that are committed together are refused one by one, with advice, and leave the others alone",
                [
                    "refused": [0, 4, 8, 12, 16, 20, 24, 28, 32, 36], "without advice or to be repeated": "none",
                    "other than they should be": "none",
                ]
            ) { try await FileScenarios().refusedInAGroup() },
            Rule(
                ["RB-6"], "rows come by their numbers, and clearing removes those of one run, however alike another's name is",
                ["sequences are 0 to 119": true, "rows afterwards": 0, "neighbours that lost rows": "none"]
            ) { try await FileScenarios().order() },
            Rule(
                changed: ["RB-2"], "a row of a kind this release does not know is an error, and left alone",
                ["code": "unknown_kind", "message names the row": true, "runs": ["r"]]
            ) { try await FileScenarios().unknownKind() },
            Rule(
                changed: ["RB-5"], "what comes while a commit is under way is committed together, and each hears of its own end",
                ["committed": ["[0]", "[1, 2, 3, 4, 5]"], "refused": [0, 3]]
            ) { try await CommitScenarios().together() },
        ]
    }
#endif
